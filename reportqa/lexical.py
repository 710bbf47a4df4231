"""Texts → Chinese tokens → BM25 scores; the only user of bm25s and of OpenCC.

Han text is cut into overlapping pairs of characters, which needs no dictionary and misses no word;
numbers and Latin words stay whole. An index is built from texts one at a time, whose tokens wait on
the disk, and lies there as plain arrays and JSON: nothing is pickled, and opened it is only mapped.
"""

from __future__ import annotations

import json
import logging
import re
import tempfile
import unicodedata
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from operator import add
from pathlib import Path

import bm25s
import numpy as np
import opencc
from numpy.typing import NDArray

from reportqa.errors import SnapshotError

__all__ = [
    "BM25_FILES",
    "BM25Builder",
    "BM25Index",
    "fold",
    "simplify",
    "tokens",
    "tokens_of_each",
    "traditionalise",
]

K1 = 1.5  # saturation of a term's frequency; bm25s' own default
B = 0.75  # how much a passage's length counts; bm25s' own default
BLOCK = 8_192  # passages whose tokens are in memory at once

BM25_FILES = (
    "data.csc.index.npy",
    "indices.csc.index.npy",
    "indptr.csc.index.npy",
    "vocab.index.json",
    "params.index.json",
)
"""The files of a saved index, by the names bm25s gives them."""

HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
TOKEN = re.compile(
    rf"""
      (?P<han>[{HAN}](?:\s*[{HAN}])*)
    | (?P<number>
        \d+(?:,\d{{3}})*(?:\.\d+)+ %?     # 6.5  6.5%  1,234.5
      | \d+(?:,\d{{3}})*(?![^\W_{HAN}]) %?  # 2024  1,234  12%, but 5g is a word
      )
    | (?P<word>
        [^\W\d_{HAN}]+(?=\d+\.\d)         # the pm of pm2.5
      | [^\W_{HAN}]+                      # gdp  5g  g20
      )
    """,
    re.VERBOSE,
)
CIRCLE, ZERO = "○", "〇"  # the first stands for the second in years (二○二四)
BETWEEN = "\x1f"  # stands between texts that are folded together: it joins with nothing
NOTHING = ("\u200b", "\u200c", "\u200d", "\ufeff")  # zero-width characters

logging.getLogger("bm25s").setLevel(logging.WARNING)  # it opens at DEBUG


def fold(text: str) -> str:
    """The text as it is compared: full width to half width, compatibility forms to plain ones
    (NFKC), lower case, traditional characters to simplified ones."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace(CIRCLE, ZERO)
    for character in NOTHING:
        folded = folded.replace(character, "")
    return simplify(folded)


def simplify(text: str) -> str:
    """Traditional characters to simplified ones, by OpenCC's tables of phrases and characters;
    lone surrogates to question marks."""
    return _convert("t2s", text)


def traditionalise(text: str) -> str:
    """Simplified characters to traditional ones, as `simplify` the other way round; where one
    character stands for several, the phrase decides."""
    return _convert("s2t", text)


def _convert(way: str, text: str) -> str:
    return str(_converter(way).convert(text.encode("utf-8", "replace").decode("utf-8")))


@cache
def _converter(way: str) -> opencc.OpenCC:
    return opencc.OpenCC(way)


def tokens(text: str) -> list[str]:
    """The tokens of a text in order, repeats kept: pairs of neighbouring Han characters (white
    space between them ignored), a lone Han character, words, numbers without thousands commas.
    `6.5%` gives `6.5` and `6.5%`, so that a question without the sign still meets it."""
    return _tokens_of_folded(fold(text))


def tokens_of_each(texts: Sequence[str]) -> list[list[str]]:
    """`tokens` of each text; they are folded together, which takes half the time."""
    folded = fold(BETWEEN.join(texts)).split(BETWEEN)
    if len(folded) != len(texts):  # one of them holds it
        return list(map(tokens, texts))
    return list(map(_tokens_of_folded, folded))


def _tokens_of_folded(text: str) -> list[str]:
    found: list[str] = []
    for match in TOKEN.finditer(text):
        run = match.group()
        if match.lastgroup == "han":
            han = "".join(run.split())
            found += map(add, han, han[1:]) if len(han) > 1 else [han]
        elif match.lastgroup == "number":
            number = run.replace(",", "")
            found.append(number.rstrip("%"))
            if number.endswith("%"):
                found.append(number)
        else:
            found.append(run)
    return found


class BM25Builder:
    """Takes the texts of passages one at a time, in row order, and writes an index as bm25s reads
    it. bm25s' own builder holds every token several times over in memory; this one holds the
    vocabulary, and of the tokens a block at a time."""

    def __init__(self, folder: Path | None = None) -> None:
        """Nothing added yet. The tokens wait in a nameless file of the folder."""
        self._vocabulary: defaultdict[str, int] = defaultdict()
        self._vocabulary.default_factory = self._vocabulary.__len__  # the next free number
        self._lengths = array("i")
        self._waiting = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115, open until `save`

    def add(self, text: str) -> None:
        """Take the text of the next passage. Raises OSError where the disk refuses."""
        ids = array("i", list(map(self._vocabulary.__getitem__, tokens(text))))
        self._lengths.append(len(ids))
        ids.tofile(self._waiting)

    def close(self) -> None:
        """Let the tokens go; twice does no harm."""
        self._waiting.close()

    def save(self, folder: Path) -> None:
        """Write BM25_FILES into the folder and let the tokens go. Raises OSError where that
        fails."""
        with self._waiting:
            self._save(folder)

    def _save(self, folder: Path) -> None:
        lengths = np.array(self._lengths, np.int64)
        frequency = np.zeros(len(self._vocabulary), np.int64)  # passages that hold a token
        for _, ids, _ in self._blocks(lengths):
            frequency += np.bincount(ids, minlength=len(frequency))
        ends = np.concatenate(([0], np.cumsum(frequency)))
        self._save_frame(folder, len(lengths))
        np.save(folder / BM25_FILES[2], ends)
        shape = (int(ends[-1]),)
        if not shape[0]:  # nothing to map
            np.save(folder / BM25_FILES[0], np.zeros(0, np.float32))
            np.save(folder / BM25_FILES[1], np.zeros(0, np.int32))
            return
        scores = np.lib.format.open_memmap(folder / BM25_FILES[0], "w+", np.float32, shape)
        rows = np.lib.format.open_memmap(folder / BM25_FILES[1], "w+", np.int32, shape)
        rarity = np.log(1 + (len(lengths) - frequency + 0.5) / (frequency + 0.5))
        fullness = K1 * (1 - B + B * lengths / lengths.mean())
        free = ends[:-1].copy()  # where the next passage of each token goes
        for row, ids, counts in self._blocks(lengths):
            order = np.argsort(ids, kind="stable")
            row, ids, counts = row[order], ids[order], counts[order]
            here = np.bincount(ids, minlength=len(frequency))
            starts = np.cumsum(here) - here
            place = free[ids] + np.arange(len(ids)) - starts[ids]
            scores[place] = rarity[ids] * (counts / (counts + fullness[row]))
            rows[place] = row
            free += here
        scores.flush()
        rows.flush()

    def _blocks(
        self, lengths: NDArray[np.int64]
    ) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]]:
        """Passage, token and how often it occurs there, a block of passages at a time."""
        self._waiting.seek(0)
        size = max(1, len(self._vocabulary))
        for start in range(0, len(lengths), BLOCK):
            block = lengths[start : start + BLOCK]
            packed = self._waiting.read(int(block.sum()) * 4)
            ids = np.frombuffer(packed, np.int32).astype(np.int64)
            keys = np.repeat(np.arange(start, start + len(block)), block) * size + ids
            different, counts = np.unique(keys, return_counts=True)
            yield different // size, different % size, counts

    def _save_frame(self, folder: Path, count: int) -> None:
        """The vocabulary and parameters, by bm25s itself, with no scores yet."""
        frame = bm25s.BM25(k1=K1, b=B, method="lucene", backend="numpy")
        frame.vocab_dict = dict(self._vocabulary)
        frame.nonoccurrence_array = None
        nothing = np.zeros(0, np.float32)
        frame.scores = {"data": nothing, "indices": nothing, "indptr": nothing, "num_docs": count}
        folder.mkdir(parents=True, exist_ok=True)
        frame.save(folder, allow_pickle=False, show_progress=False)


class BM25Index:
    """BM25 (Lucene's variant, Kamphuis et al. 2020) over the passages of a snapshot, by row."""

    def __init__(self, retriever: bm25s.BM25) -> None:
        """Use `load` or `build`."""
        self._retriever = retriever

    @classmethod
    def build(cls, texts: Iterable[str]) -> BM25Index:
        """An index over the texts, read one at a time, in memory."""
        with tempfile.TemporaryDirectory() as folder:
            builder = BM25Builder()
            for text in texts:
                builder.add(text)
            builder.save(Path(folder))
            return cls.load(Path(folder), mmap=False)

    @classmethod
    def load(cls, folder: Path, *, mmap: bool = True) -> BM25Index:
        """The index saved in a folder, its arrays mapped into memory rather than read. Raises
        SnapshotError where a file is missing, damaged or does not fit the others."""
        try:
            retriever = bm25s.BM25.load(folder, mmap=mmap, allow_pickle=False, show_progress=False)
            scores = retriever.scores
            for name in ("data", "indices", "indptr"):
                scores[name] = np.asarray(scores[name])  # plain views: memmap slices are slow
            fits = (
                len(scores["indptr"]) == len(retriever.vocab_dict) + 1
                and len(scores["data"]) == len(scores["indices"]) == scores["indptr"][-1]
                and scores["indices"].max(initial=-1) < scores["num_docs"]
            )
        except (OSError, ValueError, TypeError, KeyError, json.JSONDecodeError) as error:
            raise SnapshotError(
                f"{folder} does not hold a BM25 index ({error}): run python build_index.py"
            ) from error
        if not fits:
            raise SnapshotError(
                f"the BM25 files in {folder} do not fit each other: run python build_index.py"
            )
        return cls(retriever)

    def __len__(self) -> int:
        """The number of passages."""
        return int(self._retriever.scores["num_docs"])

    @property
    def held(self) -> Mapping[str, int]:
        """How many passages hold each token."""
        return _Held(self._retriever.vocab_dict, self._retriever.scores["indptr"])

    def scores(self, question: str) -> NDArray[np.float32]:
        """The score of every passage, by row; 0 where no token of the question occurs. A token
        counts as often as the question says it; tokens no passage holds count nothing."""
        total = np.zeros(len(self), np.float32)
        vocabulary: dict[str, int] = self._retriever.vocab_dict
        by_count: dict[int, list[int]] = {}
        for token, count in Counter(tokens(question)).items():
            if token in vocabulary:
                by_count.setdefault(count, []).append(vocabulary[token])
        for count, ids in by_count.items():
            total += np.float32(count) * self._retriever.get_scores_from_ids(ids)
        return total


class _Held(Mapping[str, int]):
    """Token → how many passages hold it, read from where each token's passages begin."""

    def __init__(self, vocabulary: Mapping[str, int], starts: NDArray[np.int64]) -> None:
        self._vocabulary, self._starts = vocabulary, starts

    def __getitem__(self, token: str) -> int:
        at = self._vocabulary[token]
        return int(self._starts[at + 1] - self._starts[at])

    def __contains__(self, token: object) -> bool:
        return token in self._vocabulary

    def __iter__(self) -> Iterator[str]:
        return iter(self._vocabulary)

    def __len__(self) -> int:
        return len(self._vocabulary)
