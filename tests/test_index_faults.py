"""Whatever happens to an index, it is a clear error, and the last good snapshot serves."""

import hashlib
import json
import multiprocessing
import os
import random
import resource
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import snapshots
from filelock import FileLock
from snapshots import CARD, TEXTS, add, build, vectors, version_texts

import reportqa.index.publish
from reportqa.errors import BusyError, SnapshotError
from reportqa.index import current_generation, open_snapshot
from reportqa.index.files import generations
from reportqa.index.publish import SnapshotWriter, rollback
from reportqa.index.reuse import RowLog, embedded_hash, read_log
from reportqa.index.snapshot import open_generation
from reportqa.index.verify import verify_snapshot
from reportqa.lexical import BM25_FILES

FILES = [
    "manifest.json",
    "reports.jsonl",
    "outlines.jsonl",
    "texts.utf8",
    "figures.jsonl",
    "figure_bytes.npy",
    "passages.npy",
    "about.npy",
    "sentences.npy",
    "passage_hashes.npy",
    "sentence_hashes.npy",
    "passages.faiss",
    "sentences.faiss",
    *(f"bm25/{name}" for name in BM25_FILES),
]

# A server of processes that has the library loaded: a child starts at once and can be killed.
processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(["reportqa.index.publish"])


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of two generations that is only read."""
    index_dir = tmp_path_factory.mktemp("built")
    build(index_dir, {"甲": "旧"})
    build(index_dir)
    return index_dir


@pytest.fixture
def index_dir(built: Path, tmp_path: Path) -> Path:
    """A copy of it, to do what one likes with."""
    return Path(shutil.copytree(built, tmp_path / "index"))


# Damage


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def lengthened(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\0")


def flipped_first(path: Path) -> None:
    flip(path, 0)


def flipped_in_the_middle(path: Path) -> None:
    flip(path, path.stat().st_size // 2)


def flipped_last(path: Path) -> None:
    flip(path, path.stat().st_size - 1)


def flip(path: Path, place: int) -> None:
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)


def removed(path: Path) -> None:
    path.unlink()


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


DAMAGES = [
    cut_short,
    emptied,
    lengthened,
    flipped_first,
    flipped_in_the_middle,
    flipped_last,
    removed,
    a_folder,
]


def test_the_files_tried_are_all_there_are(built: Path) -> None:
    folder = built / current_generation(built)
    found = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    assert found == set(FILES)


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", FILES)
def test_any_damage_to_any_file_is_named_with_the_commands_that_mend_it(
    name: str, damage: Callable[[Path], None], index_dir: Path
) -> None:
    path = index_dir / current_generation(index_dir) / name
    damage(path)
    with pytest.raises(SnapshotError) as caught:
        open_snapshot(index_dir)
    assert str(path if name != "manifest.json" else path.parent) in str(caught.value)
    assert "run python build_index.py" in str(caught.value)
    assert str(caught.value) in [problem.message for problem in verify_snapshot(index_dir)]


def test_too_few_files_to_be_opened_are_a_clear_error_at_any_file(built: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    free = os.dup(0)
    os.close(free)
    said = []
    for most in range(free, soft):  # files open above the first free number need no more room
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        try:
            open_snapshot(built).close()
        except SnapshotError as error:
            said.append(str(error))
        else:
            break
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    else:
        pytest.fail("the snapshot does not open at all")
    assert len(said) > 5
    assert all("Too many open files" in one for one in said)


@pytest.mark.parametrize("name", ["manifest.json", "texts.utf8"])
def test_a_rollback_mends_a_damaged_snapshot(name: str, index_dir: Path) -> None:
    removed(index_dir / current_generation(index_dir) / name)
    rollback(index_dir)
    assert open_snapshot(index_dir).report("甲").text == "旧"


@pytest.mark.parametrize("damage", [cut_short, flipped_in_the_middle, removed])
@pytest.mark.parametrize("name", ["manifest.json", "passages.faiss", "passage_hashes.npy"])
def test_a_build_mends_a_damaged_snapshot_and_keeps_the_good_one_before_it(
    name: str, damage: Callable[[Path], None], index_dir: Path
) -> None:
    old = generations(index_dir)[0]
    damage(index_dir / current_generation(index_dir) / name)
    build(index_dir)
    assert verify_snapshot(index_dir) == []
    assert open_snapshot(index_dir).previous == old
    assert rollback(index_dir) == old


@pytest.mark.parametrize(
    ("pointer", "message"),
    [
        (b"", "CURRENT is damaged"),
        (b"../../etc", "CURRENT is damaged"),
        (b"/etc", "CURRENT is damaged"),
        (b"20261122T001500Z-1a2b3c4d/../..", "CURRENT is damaged"),
        (b"\xff\xfe\x00", "CURRENT is damaged"),
        (b"x" * 1_000_000, "CURRENT is damaged"),
        (b"20261122T001500Z-1a2b3c4d\n", "names 20261122T001500Z-1a2b3c4d, which is missing"),
    ],
)
def test_a_pointer_to_nothing_is_a_clear_error_that_a_build_or_a_rollback_mends(
    pointer: bytes, message: str, index_dir: Path
) -> None:
    whole = current_generation(index_dir)
    (index_dir / "CURRENT").write_bytes(pointer)
    with pytest.raises(SnapshotError, match=message) as caught:
        open_snapshot(index_dir)
    assert "run python build_index.py" in str(caught.value)
    assert message in verify_snapshot(index_dir)[0].message
    assert rollback(index_dir) == whole
    (index_dir / "CURRENT").write_bytes(pointer)
    build(index_dir)
    assert verify_snapshot(index_dir) == []


def test_no_index_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "a file").touch()
    for folder in (tmp_path, tmp_path / "nowhere", tmp_path / "a file"):
        with pytest.raises(SnapshotError, match=r"^no index at .*: run python build_index\.py$"):
            open_snapshot(folder)


def test_an_index_cannot_be_built_into_a_file(tmp_path: Path) -> None:
    (tmp_path / "index").touch()
    with pytest.raises(SnapshotError, match=r"cannot write .*index \(File exists\)"):
        build(tmp_path / "index")


def test_another_format_is_refused_with_both_versions(index_dir: Path) -> None:
    manifest = index_dir / current_generation(index_dir) / "manifest.json"
    manifest.write_bytes(manifest.read_bytes().replace(b'"format": 2', b'"format": 7'))
    with pytest.raises(SnapshotError, match=r"of format 7, .* reads 2: run python build_index\.py"):
        open_snapshot(index_dir)


def test_nothing_in_a_snapshot_is_pickled(built: Path) -> None:
    for path in (built / current_generation(built)).rglob("*.npy"):
        assert not np.load(path, allow_pickle=False).dtype.hasobject


# Readers and writers at once


def test_a_reader_keeps_its_generation_after_it_was_replaced_and_removed(index_dir: Path) -> None:
    reader = open_snapshot(index_dir)
    for version in range(4):
        build(index_dir, {"甲": f"第{version}版"})
    assert reader.generation not in generations(index_dir)
    assert reader.generation != current_generation(index_dir)
    assert reader.report("甲市2024").text == TEXTS["甲市2024"]
    assert reader.passage(6).text == "力争增长6%左右。财政平稳。"
    assert reader.best_sentence_scores(vectors(["问"])).shape == (1, 7)
    assert reader.bm25.scores("生产总值").argmax() == 2


def test_a_reader_opens_a_whole_snapshot_whenever_it_looks_while_builds_go_on(
    tmp_path: Path,
) -> None:
    build(tmp_path, version_texts(0))
    here, there = processes.Pipe()
    child = processes.Process(
        target=snapshots.build_for_ever, args=(tmp_path, 1, there), daemon=True
    )
    child.start()
    assert here.recv() == "started"
    seen = set()
    deadline = time.monotonic() + 10
    while len(seen) < 8 and time.monotonic() < deadline:
        with open_snapshot(tmp_path) as snapshot:
            seen.add(snapshot.generation)
            first, second = (snapshot.report(report_id).text for report_id in ("甲", "乙"))
            assert first[2:] == second[2:]
    child.kill()
    child.join(30)
    here.close()
    there.close()
    assert len(seen) == 8


def test_a_second_build_fails_at_once_and_names_the_first(index_dir: Path) -> None:
    with SnapshotWriter(index_dir, CARD) as first:
        started = time.monotonic()
        message = rf"another build is running \(pid {os.getpid()}, since 20.* UTC\)"
        with pytest.raises(BusyError, match=message):
            build(index_dir)
        with pytest.raises(BusyError, match=message):
            rollback(index_dir)
        assert time.monotonic() - started < 20
        add(first, "甲", "甲市")
        first.publish()
    build(index_dir, {"乙": "乙县"})
    assert not (index_dir / "LOCK.owner").exists()


def test_a_build_may_wait_for_another(index_dir: Path) -> None:
    with (
        SnapshotWriter(index_dir, CARD),
        pytest.raises(BusyError),
        SnapshotWriter(index_dir, CARD, wait=0.2),
    ):
        pass


def test_the_lock_of_another_process_is_respected(index_dir: Path) -> None:
    with FileLock(index_dir / "LOCK"), pytest.raises(BusyError, match="pid unknown"):
        build(index_dir)


def test_a_build_left_without_publishing_leaves_nothing_behind(index_dir: Path) -> None:
    before = sorted(path.name for path in index_dir.iterdir())
    with SnapshotWriter(index_dir, CARD) as writer:
        add(writer, "甲", "甲市")
    assert sorted(path.name for path in index_dir.iterdir()) == before


# Killed builds


def embedded_by(index_dir: Path) -> int:
    with SnapshotWriter(index_dir, CARD) as writer:
        count = sum(add(writer, report_id, text) for report_id, text in TEXTS.items())
        count += (~writer.known_vectors([embedded_hash("put by")])[0]).sum()
        writer.publish()
        return int(count)


def kill_a_build_midway(index_dir: Path) -> None:
    child = processes.Process(target=snapshots.build_until_killed_midway, args=(index_dir,))
    child.start()
    child.join(30)
    assert child.exitcode == -9


def test_a_killed_build_leaves_its_vectors_to_the_next(tmp_path: Path) -> None:
    kill_a_build_midway(tmp_path)
    kill_a_build_midway(tmp_path)
    kill_a_build_midway(tmp_path)
    kill_a_build_midway(tmp_path)
    with SnapshotWriter(tmp_path, CARD):
        assert len(list(tmp_path.glob(".building-*"))) == 3  # two leftovers and this one
    assert embedded_by(tmp_path) == 6  # of 17 texts and one more: new ones of the second report
    assert list(tmp_path.glob(".building-*")) == []
    assert verify_snapshot(tmp_path) == []


def test_a_build_that_fails_leaves_its_vectors_to_the_next(tmp_path: Path) -> None:
    writer = SnapshotWriter(tmp_path, CARD).__enter__()
    add(writer, "甲市2024", TEXTS["甲市2024"])
    writer.remember([embedded_hash("put by")], vectors(["put by"]))
    writer.__exit__(RuntimeError, RuntimeError(), None)
    assert embedded_by(tmp_path) == 6


def test_torn_altered_and_foreign_rows_of_a_log_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "rows"
    log = RowLog(path, CARD)
    texts = [f"第{i}句" for i in range(9)]
    log.append([embedded_hash(text) for text in texts[:5]], vectors(texts[:5]))
    log.append([embedded_hash(text) for text in texts[5:]], vectors(texts[5:]))
    log.close()
    row = path.stat().st_size // 9
    content = bytearray(path.read_bytes())
    content[1 * row + 3] ^= 1  # a hash
    content[3 * row + 18] ^= 1  # a checksum
    content[4 * row + 40] ^= 1  # a vector
    path.write_bytes(content[: 8 * row + 30])
    hashes, sound = read_log(path, CARD)
    kept = [texts[i] for i in (0, 2, 5, 6, 7)]
    assert hashes.tolist() == [embedded_hash(text) for text in kept]
    assert sound.tolist() == [0, 2, 5, 6, 7]
    path.write_bytes(b"\0" * 3 * row)
    assert len(read_log(path, CARD)[0]) == 0
    path.write_bytes(b"")
    assert len(read_log(path, CARD)[0]) == 0


def test_a_build_killed_at_twenty_random_moments_leaves_a_whole_snapshot(tmp_path: Path) -> None:
    moments = random.Random(20261122)
    build(tmp_path, version_texts(0))
    version = 0
    for kill in range(20):
        here, there = processes.Pipe()
        child = processes.Process(
            target=snapshots.build_for_ever, args=(tmp_path, version + 1, there), daemon=True
        )
        child.start()
        assert here.recv() == "started"
        time.sleep(moments.uniform(0, 0.3))
        child.kill()
        child.join(30)
        assert child.exitcode == -9
        here.close()
        there.close()

        snapshot = open_snapshot(tmp_path, card=CARD)
        served = int(snapshot.report("甲").text.split("第0条第")[1].split("版")[0])
        assert served >= version
        version = served
        for report_id, text in version_texts(version).items():
            assert snapshot.report(report_id).text == text
        assert verify_snapshot(tmp_path) == []
        if kill % 5 == 0:
            version += 1
            build(tmp_path, version_texts(version))
            assert open_snapshot(tmp_path).report("乙").text == version_texts(version)["乙"]
    assert version > 0
    build(tmp_path, version_texts(version + 1))
    assert len(generations(tmp_path)) <= 3
    assert list(tmp_path.glob(".building-*")) == []


def test_a_build_killed_between_naming_and_pointing_is_followed_by_a_whole_one(
    index_dir: Path,
) -> None:
    served = current_generation(index_dir)
    build(index_dir, {"丙": "never served"})
    (index_dir / "CURRENT").write_text(served + "\n")
    assert open_snapshot(index_dir).generation == served
    build(index_dir, {"丙": "served"})
    assert open_snapshot(index_dir).previous == served
    assert len(generations(index_dir)) == 3


# No room


@pytest.mark.parametrize("limit", [0, 30, 400, 1500, 3000, 6000])
def test_without_room_the_last_snapshot_serves_and_nothing_is_left(
    limit: int, index_dir: Path
) -> None:
    before = sorted(path.name for path in index_dir.iterdir())
    served = current_generation(index_dir)
    here, there = processes.Pipe()
    child = processes.Process(
        target=snapshots.build_with_little_room, args=(index_dir, limit, there)
    )
    child.start()
    message = here.recv()
    child.join(30)
    assert child.exitcode == 0
    assert message.startswith("cannot write ")
    assert "free some space" in message
    assert "the last good snapshot still serves" in message
    assert sorted(path.name for path in index_dir.iterdir()) == before
    assert current_generation(index_dir) == served
    assert verify_snapshot(index_dir) == []
    build(index_dir, version_texts(2))
    assert open_generation(index_dir, served).report("乙县2025").text == TEXTS["乙县2025"]


def test_the_pointer_moves_only_after_the_new_snapshot_was_verified(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(tmp_path, {"甲": "旧"})
    before = current_generation(tmp_path)
    monkeypatch.setattr(reportqa.index.publish, "faults_of", lambda folder, name: ["it is torn"])
    with pytest.raises(SnapshotError, match="is not published: it is torn"):
        build(tmp_path, {"甲": "新"})
    assert current_generation(tmp_path) == before
    assert verify_snapshot(tmp_path) == []


def test_the_pointer_is_replaced_and_never_written_in_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(tmp_path, {"甲": "旧"})
    before = current_generation(tmp_path)

    def refuse(path: Path, target: Path) -> Path:
        raise OSError(30, "Read-only file system", str(target))

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(SnapshotError, match="Read-only file system"):
        build(tmp_path, {"甲": "新"})
    assert current_generation(tmp_path) == before


@pytest.mark.parametrize("files", [[], {"texts.utf8": 1}, {"texts.utf8": {"bytes": "x"}}, None])
def test_a_manifest_whose_files_are_of_another_shape_is_damaged(
    tmp_path: Path, files: object
) -> None:
    generation = build(tmp_path, {"甲": "旧"}).name
    manifest = tmp_path / generation / "manifest.json"
    packed = json.dumps({**json.loads(manifest.read_bytes()), "files": files}).encode()
    manifest.write_bytes(packed)
    forged = generation[:-8] + hashlib.sha256(packed).hexdigest()[:8]
    (tmp_path / generation).rename(tmp_path / forged)
    (tmp_path / "CURRENT").write_text(forged)
    with pytest.raises(SnapshotError, match=r"manifest\.json is damaged"):
        open_snapshot(tmp_path)
    build(tmp_path, {"甲": "新"})
    assert verify_snapshot(tmp_path) == []


def test_vectors_of_the_format_before_are_not_computed_again(index_dir: Path) -> None:
    old = index_dir / current_generation(index_dir)
    values = json.loads((old / "manifest.json").read_text("utf-8"))
    del values["quantised"]
    values["format"] = 1
    for noted in values["files"].values():
        del noted["sample"]
    packed = json.dumps(values).encode()
    (old / "manifest.json").write_bytes(packed)
    name = f"{old.name[:-8]}{hashlib.sha256(packed).hexdigest()[:8]}"
    old.rename(index_dir / name)
    (index_dir / "CURRENT").write_text(name, "ascii")
    with pytest.raises(SnapshotError, match="of format 1"):
        open_snapshot(index_dir)
    with SnapshotWriter(index_dir, CARD) as writer:
        assert [add(writer, report_id, text) for report_id, text in TEXTS.items()] == [0, 0]


def test_a_large_file_is_opened_on_the_word_of_a_sample_and_verified_whole(
    index_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reportqa.index.files.LARGE", 100)
    monkeypatch.setattr("reportqa.index.files.PIECES", 2)
    monkeypatch.setattr("reportqa.index.files.PIECE", 40)
    build(index_dir, version_texts(1))
    path = index_dir / current_generation(index_dir) / "sentences.faiss"
    whole = path.read_bytes()
    for at, seen in ((20, True), (len(whole) // 2, False), (len(whole) - 20, True)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        if seen:
            with pytest.raises(SnapshotError, match=r"sentences\.faiss is damaged"):
                open_snapshot(index_dir)
        else:
            open_snapshot(index_dir).close()
        assert "sentences.faiss is damaged" in verify_snapshot(index_dir)[0].message
    path.write_bytes(whole[:-1])
    with pytest.raises(SnapshotError, match="bytes, not"):
        open_snapshot(index_dir)
