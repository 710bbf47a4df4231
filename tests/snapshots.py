"""Small reports and fake vectors for the tests of the snapshot."""

import hashlib
import os
import resource
import signal
from collections.abc import Sequence
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from reportqa.errors import SnapshotError
from reportqa.figures import extract_figures
from reportqa.index.content import Addition
from reportqa.index.publish import SnapshotWriter
from reportqa.index.reuse import embedded_hash
from reportqa.records import Cut, Mark, Metadata, ModelCard, Passage, Problem, Report, Section, Span

DIMENSION = 8
CARD = ModelCard("fake-model", "f" * 64, DIMENSION, 128, "query: ", "passage: ")
TEXTS = {
    "甲市2024": "# 甲市\n一、成绩\n生产总值增长6.5%。就业增加𠮷12万人。\n财政平稳。",
    "乙县2025": "乙县报告\n一、目标\n力争增长6%左右。财政平稳。",
}


def vector(text: str) -> NDArray[np.float32]:
    """A unit vector that is a function of the text."""
    seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
    drawn = np.random.default_rng(seed).standard_normal(DIMENSION)
    return (drawn / np.linalg.norm(drawn)).astype(np.float32)


def vectors(texts: Sequence[str]) -> NDArray[np.float32]:
    """Their vectors, (n, DIMENSION)."""
    return np.array([vector(t) for t in texts], np.float32).reshape(len(texts), DIMENSION)


def parts(
    report_id: str, text: str, *, title: str = "政府工作报告"
) -> tuple[Report, tuple[Section, ...], tuple[Passage, ...]]:
    """A report: its first line a section, the rest another; a passage a line, a sentence a 。"""
    metadata = Metadata(report_id, title, None, None, "政府工作报告", None, 2024, f"{report_id}.md")
    report = Report(metadata, text, (Mark(0, 1, "bold", 0),), (Cut(2, "第 1 页"),))
    first = text.find("\n") + 1 or len(text)
    sections = [Section(0, first, 0, (), "title", (), None)] if text else []
    if first < len(text):
        sections.append(
            Section(
                first,
                len(text),
                min(first + 5, len(text)),
                ("一、成绩",),
                "body",
                (2023, 2024),
                "actual",
            )
        )
    passages: list[Passage] = []
    for section in sections:
        at = section.start
        for line in text[section.start : section.end].splitlines(keepends=True):
            spans, start = [], at
            for piece in line.replace("。", "。\0").split("\0"):
                if piece:
                    spans.append(Span(start, start + len(piece)))
                    start += len(piece)
            end = at + len(line)
            passages.append(
                Passage(
                    metadata,
                    section,
                    at,
                    end,
                    line,
                    tuple(spans),
                    section.about,
                    section.basis,
                )
            )
            at = end
    return report, tuple(sections), tuple(passages)


def add(writer: SnapshotWriter, report_id: str, text: str, *, title: str = "政府工作报告") -> int:
    """Add a report as a build would; returns how many texts had to be embedded."""
    report, sections, passages = parts(report_id, text, title=title)
    passage_texts = [p.text for p in passages]
    sentence_texts = [p.quote(span) for p in passages for span in p.sentences]
    embedded = 0
    found = []
    for texts in (passage_texts, sentence_texts):
        known, known_vectors = writer.known_vectors([embedded_hash(t) for t in texts])
        fresh = [t for t, is_known in zip(texts, known, strict=True) if not is_known]
        known_vectors[~known] = vectors(fresh)
        embedded += len(fresh)
        found.append(known_vectors)
    addition = Addition(
        report,
        sections,
        passages,
        found[0],
        found[1],
        [embedded_hash(t) for t in passage_texts],
        [embedded_hash(t) for t in sentence_texts],
        [title + t for t in passage_texts],
        [extract_figures(p) for p in passages],
    )
    writer.add(addition)
    return embedded


def build(
    index_dir: Path,
    texts: dict[str, str] | None = None,
    *,
    card: ModelCard = CARD,
    problems: Sequence[Problem] = (),
) -> Path:
    """A snapshot of the texts, published; returns its folder."""
    with SnapshotWriter(index_dir, card) as writer:
        for report_id, text in (TEXTS if texts is None else texts).items():
            add(writer, report_id, text)
        return writer.publish(problems)


def version_texts(version: int) -> dict[str, str]:
    """Two reports that say which version they are of."""
    body = "".join(f"第{i}条第{version}版。\n" for i in range(30)).strip()
    return {"甲": f"甲市\n{body}", "乙": f"乙县\n{body}"}


def build_for_ever(index_dir: Path, first: int, ready: Connection) -> None:
    """Publish version after version until killed."""
    ready.send("started")
    for version in count(first):
        build(index_dir, version_texts(version))


def build_until_killed_midway(index_dir: Path) -> None:
    """Add a report, put one more vector by, begin a second report, and die."""
    with SnapshotWriter(index_dir, CARD) as writer:
        add(writer, "甲市2024", TEXTS["甲市2024"])
        writer.remember([embedded_hash("put by")], vectors(["put by"]))
        os.kill(os.getpid(), signal.SIGKILL)


def build_with_little_room(index_dir: Path, limit: int, result: Connection) -> None:
    """Build while no file may grow beyond `limit` bytes; send what happened."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    try:
        result.send(build(index_dir, version_texts(2)).name)
    except SnapshotError as error:
        result.send(str(error))
