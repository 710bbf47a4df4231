"""Where a snapshot lies on disk, and how its files are named, checked and made to last.

index/CURRENT names the generation that serves. A generation's name ends in the first digits of the
checksum of its manifest, and the manifest holds the checksum of every other file: from the name
down, nothing can be altered unseen. Reading gigabytes at every opening would take longer than
anything else, so opening checks large files by a sample; building and verifying read them whole.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from reportqa.errors import SnapshotError
from reportqa.lexical import BM25_FILES
from reportqa.records import ModelCard, Problem

__all__ = [
    "FORMAT",
    "MEND",
    "REUSABLE",
    "Manifest",
    "SnapshotFiles",
    "check_files",
    "current_generation",
    "generation_folder",
    "generations",
    "note_file",
    "pack_manifest",
    "point_at",
    "read_manifest",
    "reading",
    "sample_sha256_of",
    "sha256_of",
    "sync",
    "sync_folder",
    "writing",
]

FORMAT = 2
"""The version of everything below; a change means that indexes are to be rebuilt."""
REUSABLE = (1, FORMAT)
"""Formats whose vectors and hashes lie as they do now: a build takes them up."""

MEND = "run python build_index.py, or python build_index.py --rollback"
CURRENT = "CURRENT"
GENERATION = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{8}")
LONGEST_POINTER = 200  # bytes; a CURRENT beyond this is not ours
LARGE = 128 << 20  # bytes; larger files are opened on the word of a sample
PIECES, PIECE = 64, 64 << 10  # of a sample, evenly spaced, with both ends; and bytes of a piece


@dataclass(frozen=True, slots=True)
class SnapshotFiles:
    """The paths of one snapshot; the only place that names them."""

    folder: Path
    manifest: Path
    reports: Path
    """A line of JSON a report: metadata and where its text and outline lie, in bytes."""
    outlines: Path
    """A line of JSON a report: sections, marks and cuts; read on demand."""
    texts: Path
    """All normalised texts in UTF-8, one after the other; read on demand."""
    figures: Path
    """A line of JSON a passage that has figures; read on demand."""
    figure_bytes: Path
    """Where in `figures` the line of each passage begins; its line may be empty."""
    passages: Path
    about: Path
    sentences: Path
    passage_hashes: Path
    sentence_hashes: Path
    passage_vectors: Path
    sentence_vectors: Path
    passage_quantised: Path
    """The two quantised indexes are there where the manifest says so."""
    sentence_quantised: Path
    bm25: Path

    @classmethod
    def of(cls, folder: Path) -> SnapshotFiles:
        """The paths of the snapshot in a folder, which need not exist yet."""
        return cls(
            folder=folder,
            manifest=folder / "manifest.json",
            reports=folder / "reports.jsonl",
            outlines=folder / "outlines.jsonl",
            texts=folder / "texts.utf8",
            figures=folder / "figures.jsonl",
            figure_bytes=folder / "figure_bytes.npy",
            passages=folder / "passages.npy",
            about=folder / "about.npy",
            sentences=folder / "sentences.npy",
            passage_hashes=folder / "passage_hashes.npy",
            sentence_hashes=folder / "sentence_hashes.npy",
            passage_vectors=folder / "passages.faiss",
            sentence_vectors=folder / "sentences.faiss",
            passage_quantised=folder / "passages.quantised.faiss",
            sentence_quantised=folder / "sentences.quantised.faiss",
            bm25=folder / "bm25",
        )

    def content(self, quantised: bool) -> list[Path]:
        """Every file but the manifest."""
        left_out = {"folder", "manifest", "bm25"}
        if not quantised:
            left_out |= {"passage_quantised", "sentence_quantised"}
        names = [f.name for f in fields(self) if f.name not in left_out]
        return [getattr(self, name) for name in names] + [self.bm25 / n for n in BM25_FILES]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a snapshot says of itself. `previous` is the generation that served before it;
    `content` is the same for two snapshots that hold the same."""

    format: int
    created: str
    previous: str | None
    card: ModelCard
    reports: int
    passages: int
    sentences: int
    quantised: bool
    problems: tuple[Problem, ...]
    content: str
    files: dict[str, dict[str, Any]]


def pack_manifest(manifest: Manifest) -> bytes:
    """The bytes of manifest.json."""
    values = asdict(manifest)
    for problem in values["problems"]:
        if not problem["said"]:
            del problem["said"]  # versions before this field read the manifest, too
    packed = json.dumps(values, ensure_ascii=False, indent=1)
    return packed.encode("utf-8", "replace") + b"\n"  # a problem may be of a name that is no text


def read_manifest(
    files: SnapshotFiles, generation: str | None, formats: Collection[int] = (FORMAT,)
) -> Manifest:
    """The manifest of a snapshot, checked against the generation's name where one is given.
    Raises SnapshotError where it is missing, damaged or of none of the formats."""
    with reading(files.manifest):
        packed = files.manifest.read_bytes()
    try:
        values = json.loads(packed)
        version = values["format"]
    except (ValueError, TypeError, KeyError) as error:
        raise SnapshotError(f"{files.manifest} is damaged ({error}): {MEND}") from error
    if version not in formats:
        raise SnapshotError(
            f"{files.folder} is of format {version}, this version of reportqa reads {FORMAT}: "
            "run python build_index.py to build it anew"
        )
    if generation and hashlib.sha256(packed).hexdigest()[:8] != generation[-8:]:
        raise SnapshotError(f"{files.manifest} is damaged (its checksum differs): {MEND}")
    try:
        values["card"] = ModelCard(**values["card"])
        values["problems"] = tuple(Problem(**problem) for problem in values["problems"])
        values["files"] = {
            name: {
                "bytes": int(noted["bytes"]),
                "sha256": str(noted["sha256"]),
                "sample": str(noted.get("sample", "")),  # not in format 1
            }
            for name, noted in values["files"].items()
        }
        values.setdefault("quantised", False)
        return Manifest(**values)
    except (TypeError, KeyError, ValueError, AttributeError) as error:
        raise SnapshotError(f"{files.manifest} is damaged ({error}): {MEND}") from error


def note_file(path: Path) -> dict[str, Any]:
    """What a manifest says of a file."""
    return {
        "bytes": path.stat().st_size,
        "sha256": sha256_of(path),
        "sample": sample_sha256_of(path),
    }


def check_files(files: SnapshotFiles, manifest: Manifest, *, whole: bool = True) -> Iterator[str]:
    """What is wrong with the files of a snapshot: missing, cut short or altered. Where they need
    not be read whole, a sample of each large one is."""
    for path in files.content(manifest.quantised):
        name = path.relative_to(files.folder).as_posix()
        noted = manifest.files.get(name)
        if noted is None:
            yield f"{files.manifest} is damaged (it does not name {name}): {MEND}"
            continue
        try:
            size = path.stat().st_size
            if size != noted["bytes"]:
                yield f"{path} is damaged ({size} bytes, not {noted['bytes']}): {MEND}"
            elif (
                sha256_of(path) != noted["sha256"]
                if whole or size <= LARGE
                else sample_sha256_of(path) != noted["sample"]
            ):
                yield f"{path} is damaged (sha256 differs): {MEND}"
        except FileNotFoundError:
            yield f"{path} is missing: {MEND}"
        except OSError as error:
            yield f"{path} cannot be read ({error.strerror or error}): {MEND}"


def sha256_of(path: Path) -> str:
    """The checksum of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sample_sha256_of(path: Path) -> str:
    """The checksum of evenly spaced pieces of a file, of all of it where it is small."""
    size = path.stat().st_size
    if size <= PIECES * PIECE:
        return sha256_of(path)
    checksum = hashlib.sha256()
    with path.open("rb") as file:
        for piece in range(PIECES):
            file.seek((size - PIECE) * piece // (PIECES - 1))
            checksum.update(file.read(PIECE))
    return checksum.hexdigest()


def generations(index_dir: Path) -> list[str]:
    """The names of the generations that lie in an index, oldest first, serving or not."""
    with reading(index_dir):
        return sorted(
            path.name
            for path in index_dir.iterdir()
            if GENERATION.fullmatch(path.name) and path.is_dir()
        )


def generation_folder(index_dir: Path, generation: str) -> Path:
    """The folder of a generation. Raises SnapshotError where it is gone."""
    folder = index_dir / generation
    if not folder.is_dir():
        raise SnapshotError(f"{index_dir / CURRENT} names {generation}, which is missing: {MEND}")
    return folder


def current_generation(index_dir: Path) -> str:
    """The name of the generation that serves: one small read, so that a server can ask before
    every question. Raises SnapshotError where there is none."""
    pointer = index_dir / CURRENT
    try:
        with pointer.open("rb") as file:
            name = file.read(LONGEST_POINTER).decode("ascii", "replace").strip()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise SnapshotError(f"no index at {index_dir}: run python build_index.py") from error
    except OSError as error:
        raise SnapshotError(
            f"{pointer} cannot be read ({error.strerror}): make it readable or {MEND}"
        ) from error
    if not GENERATION.fullmatch(name):
        raise SnapshotError(
            f"{pointer} is damaged (it says {name[:40]!r}, not a generation): "
            "run python build_index.py"
        )
    return name


def point_at(index_dir: Path, generation: str) -> None:
    """Make a generation the one that serves, all at once: a reader sees this one or the last."""
    pointer = index_dir / CURRENT
    fresh = index_dir / f"{CURRENT}.new"
    with writing(pointer):
        with fresh.open("w", encoding="ascii") as file:
            file.write(generation + "\n")
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(pointer)
        sync_folder(index_dir)


def sync(path: Path) -> None:
    """Bring a file to the disk itself."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Bring a folder's names to the disk itself, where the system can (Windows cannot)."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def writing(where: Path) -> Iterator[None]:
    """Turn what the disk says while something is written into a SnapshotError."""
    try:
        yield
    except OSError as error:
        raise SnapshotError(
            f"cannot write {error.filename or where} ({error.strerror or error}): free some space "
            "or mend the permissions and run python build_index.py again; "
            "the last good snapshot still serves"
        ) from error


@contextmanager
def reading(where: Path) -> Iterator[None]:
    """Turn what the disk says while something is read into a SnapshotError."""
    try:
        yield
    except FileNotFoundError as error:
        raise SnapshotError(f"{where} is missing: {MEND}") from error
    except OSError as error:
        raise SnapshotError(
            f"{where} cannot be read ({error.strerror or error}): {MEND}"
        ) from error
