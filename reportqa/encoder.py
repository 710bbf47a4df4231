"""In: texts. Out: unit vectors (float32), by the bundled or any sentence-transformers model.

The bundled model runs in OpenVINO where that is installed, every other by sentence-transformers
and torch, whose only user this is; they are imported when a model needs them, as they take
seconds. Texts are encoded in batches of near-equal length, in bfloat16 where the processor is built
for it. Nothing is cut silently: a passage the model cannot read whole is an error.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import re
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError

from reportqa.bundled_model import (
    BUNDLED_NAME,
    bundled_model_folder,
    cache_folder,
    folder_manifest,
)
from reportqa.compiled_model import CompiledModel
from reportqa.errors import EncoderError
from reportqa.records import ModelCard

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer

__all__ = ["Encoder", "open_encoder"]

BATCH_TOKENS: Final = 2048  # tokens of a batch, padding included; benchmarks/encoding.py --budgets
COUNT_TEXTS: Final = 1024  # texts tokenised at once when counting
DEFAULT_MAX_TOKENS: Final = 512  # for a model that does not say
UNLIMITED_TOKENS: Final = 1_000_000  # for a model that says infinity or 1e30
PASSAGE_KEYS: Final = ("passage", "document", "corpus")
BUNDLED_PROMPTS: Final = ("query: ", "passage: ")
BUNDLED_DIMENSION: Final = 384
BUNDLED_MAX_TOKENS: Final = 512
BUNDLED_HINT: Final = "leave --model out to use the bundled model"
E5_NAME: Final = re.compile(r"(?:^|[-_])e5(?:[-_]|$)", re.IGNORECASE)
LOAD_ERRORS: Final = (
    OSError, ValueError, KeyError, TypeError, AttributeError, RuntimeError, ImportError,
    SafetensorError,
)  # fmt: skip
# What a folder that is not quite a model makes the libraries raise, as seen; the cause is kept.


class _Engine(Protocol):
    """A model in memory, and how it encodes."""

    @property
    def backend(self) -> str:
        """In words, how passages are encoded, and why."""

    def encode(self, texts: list[str], prompt: str, exact: bool) -> NDArray[np.float32]:
        """Vectors of any length, one a text; `exact` for float32 where that is left open."""


@dataclass(frozen=True, slots=True)
class _Torch:
    """A model of sentence-transformers. In float32 a batch changes nothing that ranks."""

    model: SentenceTransformer
    bf16: bool
    backend: str

    def encode(self, texts: list[str], prompt: str, exact: bool) -> NDArray[np.float32]:
        import torch

        with torch.autocast("cpu", torch.bfloat16, enabled=self.bf16 and not exact):
            # the prompt goes in apart from the text: some models leave it out of the pooling
            vectors = self.model.encode(
                texts, prompt=prompt, batch_size=len(texts), show_progress_bar=False
            )
        return np.asarray(vectors, np.float32)


@dataclass(frozen=True, slots=True)
class _Compiled:
    """The bundled model in OpenVINO. A batch changes no bit, so questions and passages are encoded
    alike."""

    model: CompiledModel
    tokenizer: Tokenizer

    @property
    def backend(self) -> str:
        return self.model.backend

    def encode(self, texts: list[str], prompt: str, exact: bool) -> NDArray[np.float32]:
        rows = self.tokenizer.encode_batch_fast([prompt + text for text in texts])
        return self.model.vectors([_cut(row.ids, BUNDLED_MAX_TOKENS) for row in rows])


class Encoder:
    """A model. Safe to use from several threads: calls take turns, as the tokenizer must not be
    shared and torch uses all physical cores for one call (its default, left alone).

    Counting tokens needs the tokenizer alone: of the bundled model the weights are loaded, and
    torch imported, by the first text that is encoded, or by `warm_up`.
    """

    card: ModelCard
    """The model as a snapshot names it."""

    def __init__(
        self, card: ModelCard, load: Callable[[], _Engine], count: Callable[[list[str]], list[int]]
    ) -> None:
        """Made by `open_encoder`."""
        self.card = card
        self._load = load
        self._count = count
        self._lock = threading.RLock()
        self._loaded: _Engine | None = None

    @property
    def backend(self) -> str:
        """In words, how passages are encoded on this machine and why; loads the model."""
        return self._model().backend

    def warm_up(self) -> None:
        """Load the model now and encode a word, so that the first question does not wait."""
        self.encode_questions(["问"])

    def _model(self) -> _Engine:
        with self._lock:
            if self._loaded is None:
                self._loaded = self._load()
            return self._loaded

    def encode_passages(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """Unit vectors (n, dimension) in the order given; (0, dimension) for no texts.

        `progress` hears how many are done, after each batch, longest texts first. Raises
        EncoderError with the row where a text with its prompt is longer than the model reads:
        measure with `count_tokens`. Under OpenVINO a text has one vector in any batch; under torch
        it varies by 5e-6 of cosine in bfloat16, by 1e-7 a component in float32 (measured).
        """
        lengths = self.count_tokens(texts)
        for row, length in enumerate(lengths):
            if length > self.card.max_tokens:
                raise EncoderError(
                    f"text {row} of {len(texts)} ({texts[row][:20]}…) has {length} tokens with its "
                    f"prompt, {self.card.name} reads {self.card.max_tokens}: divide it first"
                )
        return self._encode(texts, lengths, self.card.passage_prompt, progress=progress)

    def encode_questions(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors (n, dimension) in the order given. A question longer than the
        model reads is cut at `card.max_tokens`; `count_tokens(texts, prompt=card.query_prompt)`
        tells which are."""
        lengths = self.count_tokens(texts, prompt=self.card.query_prompt)
        return self._encode(texts, lengths, self.card.query_prompt, exact=True)

    def count_tokens(self, texts: Sequence[str], prompt: str | None = None) -> list[int]:
        """Tokens of each text behind a prompt (the passage prompt if None), special tokens
        included: what the model would read, uncut."""
        before = self.card.passage_prompt if prompt is None else prompt
        counts: list[int] = []
        for start in range(0, len(texts), COUNT_TEXTS):
            batch = [before + text for text in texts[start : start + COUNT_TEXTS]]
            with self._lock:
                counts.extend(self._count(batch))
        return counts

    def _encode(
        self,
        texts: Sequence[str],
        lengths: Sequence[int],
        prompt: str,
        *,
        exact: bool = False,
        progress: Callable[[int], None] | None = None,
    ) -> NDArray[np.float32]:
        vectors = np.empty((len(texts), self.card.dimension), np.float32)
        if not texts:
            return vectors
        engine = self._model()
        done = 0
        for rows in _batches(lengths, self.card.max_tokens):
            with self._lock:
                vectors[rows] = engine.encode([texts[row] for row in rows], prompt, exact)
            done += len(rows)
            if progress is not None:
                progress(done)
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        bad = np.flatnonzero(~(np.isfinite(norms) & (norms > 0)).ravel())
        if len(bad):
            raise EncoderError(
                f"{self.card.name} gives no usable vector for text {bad[0]} "
                f"({texts[bad[0]][:20]}…): the model may be damaged; fetch it again, or "
                f"{BUNDLED_HINT}"
            )
        vectors /= norms
        return vectors


def open_encoder(
    model: str | None = None,
    *,
    exact: bool = False,
    download: bool = False,
    progress: Callable[[str], None] | None = None,
) -> Encoder:
    """The encoder of a model: None or `multilingual-e5-small-q4` is the bundled one, else a
    sentence-transformers folder or a name on the Hugging Face hub.

    A name is looked up in the local cache; only with `download` (the user asked for this model)
    is the hub asked for what the cache lacks. `exact` encodes passages in float32 on any
    processor. `progress` hears of the unpacking. Raises EncoderError where the model is missing,
    damaged or no embedding model.
    """
    if model is None or model == BUNDLED_NAME:
        folder = bundled_model_folder(progress)
        manifest = folder_manifest(folder)
        if manifest is None:
            raise EncoderError(f"{folder} changed while it was opened: try again")
        return _open_bundled(folder, str(manifest["fingerprint"]), exact)
    path = Path(model).expanduser()
    if path.is_dir():
        folder = path.resolve()
        if not (folder / "modules.json").is_file():
            raise EncoderError(
                f"{folder} is not a sentence-transformers folder (no modules.json, so how its "
                f"vectors are pooled is unknown): save it with SentenceTransformer.save, or "
                f"{BUNDLED_HINT}"
            )
        return _open_folder(folder, exact)
    if model.startswith((".", "/", "~")) or model.count("/") > 1 or "\\" in model or path.exists():
        raise EncoderError(f"no model folder at {model}: correct the path, or {BUNDLED_HINT}")
    return _open_name(model, exact, download)


def _open_bundled(folder: Path, contents: str, exact: bool) -> Encoder:
    """What the bundled model is like is known: nothing is loaded yet but its tokenizer."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()

    def load() -> _Engine:
        try:
            return _Compiled(CompiledModel(folder, exact=exact), tokenizer)
        except LOAD_ERRORS as error:
            without = f"; without OpenVINO: {_first_line(error)}"
        try:
            model = _load(str(folder))
        except LOAD_ERRORS as error:
            raise EncoderError(
                f"cannot load the model in {folder}: {_first_line(error)}; "
                "pip install -r requirements.txt"
            ) from error
        bf16, how = _backend(model.device.type, exact)
        return _Torch(model, bf16, how + without)

    def count(texts: list[str]) -> list[int]:
        return [len(row.ids) for row in tokenizer.encode_batch_fast(texts)]

    query, passage = BUNDLED_PROMPTS
    fingerprint = _hash("\0".join((contents, query, passage)))
    card = ModelCard(
        BUNDLED_NAME, fingerprint, BUNDLED_DIMENSION, BUNDLED_MAX_TOKENS, query, passage
    )
    return Encoder(card, load, count)


def _open_folder(folder: Path, exact: bool) -> Encoder:
    try:
        loaded = _load(str(folder))
        return _wrap(loaded, str(folder), _folder_fingerprint(folder), exact)
    except LOAD_ERRORS as error:
        raise EncoderError(
            f"cannot load the model in {folder}: {_first_line(error)}; fetch it again, or "
            f"{BUNDLED_HINT}"
        ) from error


def _open_name(name: str, exact: bool, download: bool) -> Encoder:
    """The model of that name. What the cache holds is opened as a folder: asked by name, the
    library calls out even where it is told not to."""
    for find in (_cached_folder, _fetched_folder) if download else (_cached_folder,):
        try:
            folder = find(name)
            # .../snapshots/<commit>: the commit is a hash of the contents
            return _wrap(_load(str(folder)), name, folder.name, exact)
        except LOAD_ERRORS as error:
            reason: Exception = error
    where = "in the local cache and on the hub" if download else "in the local cache"
    what_to_do = (
        "check the name and the network, pass the folder of a copy"
        if download
        else f"fetch it by python build_index.py --model {name}, pass the folder of a copy"
    )
    raise EncoderError(
        f"cannot load the model {name} (looked {where}): {_first_line(reason)}; {what_to_do}, or "
        f"{BUNDLED_HINT}"
    ) from reason


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")


def _cached_folder(name: str) -> Path:
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(name, "modules.json")
    if not isinstance(found, str):
        raise FileNotFoundError("it is not there, or is no sentence-transformers model")
    return Path(found).parent


def _fetched_folder(name: str) -> Path:
    """The folder in the hub's cache, once the library has fetched the files it wants."""
    from huggingface_hub import hf_hub_download

    found = Path(hf_hub_download(name, "modules.json"))  # a wrong name is known before torch loads
    with _quiet(bars=True):
        from sentence_transformers import SentenceTransformer

        SentenceTransformer(name, revision=found.parent.name)
    return found.parent


def _load(folder: str) -> SentenceTransformer:
    with _quiet(bars=False):
        from sentence_transformers import SentenceTransformer

        return SentenceTransformer(folder, local_files_only=True)


@contextlib.contextmanager
def _quiet(*, bars: bool) -> Iterator[None]:
    """No warnings, log lines or progress bars while a model loads; `bars` keeps those of a
    download, which may take minutes."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from transformers.utils import logging as untyped

        transformers_logging: Any = untyped

        loggers = [
            logging.getLogger(name)
            for name in ("sentence_transformers", "transformers", "huggingface_hub")
        ]
        levels = [logger.level for logger in loggers]
        shown = transformers_logging.is_progress_bar_enabled()
        try:
            for logger in loggers:
                logger.setLevel(logging.CRITICAL)
            if not bars:
                transformers_logging.disable_progress_bar()
            yield
        finally:
            for logger, level in zip(loggers, levels, strict=True):
                logger.setLevel(level)
            if shown and not bars:
                transformers_logging.enable_progress_bar()


def _wrap(model: SentenceTransformer, name: str, contents: str, exact: bool) -> Encoder:
    """The encoder around a loaded model. The dimension is that of a vector it makes, which shows
    besides that it makes one."""
    query, passage = _prompts(model.prompts, name)
    loaded = _Torch(model, *_backend(model.device.type, exact))
    probe = model.encode("a", prompt=passage, show_progress_bar=False)
    card = ModelCard(
        name=name,
        fingerprint=_hash("\0".join((contents, query, passage))),
        dimension=int(np.asarray(probe).shape[-1]),
        max_tokens=int(min(model.max_seq_length or DEFAULT_MAX_TOKENS, UNLIMITED_TOKENS)),
        query_prompt=query,
        passage_prompt=passage,
    )
    return Encoder(card, lambda: loaded, partial(_token_counts, model.tokenizer))


def _prompts(own: Mapping[str, str | None], name: str) -> tuple[str, str]:
    """The model's own prompts for a question and a passage; those of E5 for a model of that name
    that brings none (its instruct models want other ones); else none."""
    query = own.get("query") or ""
    passage = next((text for key in PASSAGE_KEYS if (text := own.get(key))), "")
    last = re.split(r"[/\\]", name)[-1]
    if not query and not passage and E5_NAME.search(last) and "instruct" not in last.lower():
        return "query: ", "passage: "
    return query, passage


def _backend(device: str, exact: bool) -> tuple[bool, str]:
    """Whether to encode passages in bfloat16, and the reason in words. It pays only where the
    processor multiplies bfloat16 itself; elsewhere it is slower than float32."""
    import torch

    if exact:
        return False, "float32 (asked for)"
    if device != "cpu":
        return False, f"float32 on {device}"
    able = torch.cpu.get_capabilities()
    for capability, word in (("amx_bf16", "AMX"), ("avx512_bf16", "AVX512-BF16")):
        if able.get(capability):
            return True, f"bfloat16 autocast ({word})"
    return False, "float32 (this processor has neither AMX nor AVX512-BF16)"


def _token_counts(tokenizer: Any, texts: list[str]) -> list[int]:
    if not callable(tokenizer):  # a static model brings a bare one, and reads no special tokens
        rows = tokenizer.encode_batch(texts, add_special_tokens=False)
        return [len(row.ids) for row in rows]
    encoded = tokenizer(
        texts,
        truncation=False,
        return_attention_mask=False,
        return_token_type_ids=False,
        verbose=False,
    )
    return [len(row) for row in encoded["input_ids"]]


def _batches(lengths: Sequence[int], longest: int) -> Iterator[list[int]]:
    """Rows in batches of at most BATCH_TOKENS tokens, each text counted as its batch's longest,
    longest first, rows of equal length in the order given."""
    order = sorted(range(len(lengths)), key=lambda row: -min(lengths[row], longest))
    start = 0
    while start < len(order):
        width = max(1, min(lengths[order[start]], longest))
        end = start + max(1, BATCH_TOKENS // width)
        yield order[start:end]
        start = end


def _cut(ids: list[int], longest: int) -> list[int]:
    """Token ids as the model reads them: a text too long loses its end, not the closing token."""
    return ids if len(ids) <= longest else [*ids[: longest - 1], ids[-1]]


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _folder_fingerprint(folder: Path) -> str:
    """SHA-256 over the names and contents of the folder's files (not hidden ones). Kept in the
    cache folder under the files' sizes and modification times, as gigabytes take seconds."""
    files = sorted(
        path
        for path in folder.rglob("*")
        if path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )
    stamps = [
        [path.relative_to(folder).as_posix(), path.stat().st_size, path.stat().st_mtime_ns]
        for path in files
    ]
    kept = cache_folder() / "fingerprints" / f"{_hash(str(folder))}.json"
    known = _read_json(kept)
    if isinstance(known, dict) and known.get("stamps") == stamps and "sha256" in known:
        return str(known["sha256"])
    listing = []
    for path in files:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        listing.append(f"{path.relative_to(folder).as_posix()} {digest}\n")
    fingerprint = _hash("".join(listing))
    with contextlib.suppress(OSError):  # a read-only cache: hashed again next time
        kept.parent.mkdir(parents=True, exist_ok=True)
        part = kept.with_suffix(f".{threading.get_native_id()}")
        part.write_text(json.dumps({"stamps": stamps, "sha256": fingerprint}), encoding="utf-8")
        part.replace(kept)
    return fingerprint


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None  # nothing kept yet, or cut: hashed anew
