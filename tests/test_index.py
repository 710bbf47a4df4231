"""A snapshot gives back what was put in; its search agrees with numpy brute force."""

import dataclasses
import hashlib
import json
import shutil
from itertools import pairwise
from operator import mul
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import pytest
from numpy.typing import NDArray
from snapshots import CARD, DIMENSION, TEXTS, add, build, parts, vector, vectors

from reportqa.errors import QuestionError, SnapshotError
from reportqa.index import BASES, Addition, Snapshot, current_generation, open_snapshot
from reportqa.index.files import SnapshotFiles, generations
from reportqa.index.publish import SnapshotWriter, rollback
from reportqa.index.reuse import embedded_hash
from reportqa.index.snapshot import open_generation
from reportqa.index.vectors import (
    QuantisedIndex,
    VectorIndex,
    score_rows,
    write_quantised,
    write_vectors,
)
from reportqa.index.verify import verify_snapshot
from reportqa.lexical import BM25Index
from reportqa.records import Problem, Span


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index that is only read."""
    index_dir = tmp_path_factory.mktemp("built")
    build(index_dir)
    return index_dir


@pytest.fixture
def snapshot(built: Path) -> Snapshot:
    return open_snapshot(built)


@pytest.fixture
def index_dir(built: Path, tmp_path: Path) -> Path:
    """A copy of it, to do what one likes with."""
    return Path(shutil.copytree(built, tmp_path / "index"))


# What was put in comes back


def test_reports_sections_and_passages_come_back_as_they_were(snapshot: Snapshot) -> None:
    assert [metadata.id for metadata in snapshot.reports] == list(TEXTS)
    for report_id, text in TEXTS.items():
        report, sections, passages = parts(report_id, text)
        assert snapshot.report(report_id) == report
        assert snapshot.sections(report_id) == sections
        rows = snapshot.passages_of(report_id)
        assert tuple(snapshot.passage(row) for row in rows) == passages


def test_offsets_count_code_points_beyond_the_basic_plane(snapshot: Snapshot) -> None:
    passage = snapshot.passage(2)
    assert passage.text == "生产总值增长6.5%。就业增加𠮷12万人。\n"
    assert passage.quote(passage.sentences[1]) == "就业增加𠮷12万人。"
    assert snapshot.report("甲市2024").text[passage.start : passage.end] == passage.text


def test_rows_number_passages_and_sentences_over_all_reports(snapshot: Snapshot) -> None:
    assert (snapshot.n_passages, snapshot.n_sentences) == (7, 10)
    assert snapshot.passage_report.tolist() == [0, 0, 0, 0, 1, 1, 1]
    assert list(snapshot.passages_of("乙县2025")) == [4, 5, 6]
    assert snapshot.first_sentence.tolist() == [0, 1, 2, 5, 6, 7, 8, 10]
    assert snapshot.sentence_passage.tolist() == [0, 1, 2, 2, 2, 3, 4, 5, 6, 6]
    assert [BASES[code] for code in snapshot.passage_basis] == [
        *(None, "actual", "actual", "actual"),
        *(None, "actual", "actual"),
    ]
    years = snapshot.about[snapshot.first_about[1] : snapshot.first_about[2]]
    assert years.tolist() == [2023, 2024]
    starts, ends = snapshot.sentence_start[6:8].tolist(), snapshot.sentence_end[6:8].tolist()
    spans = [*snapshot.passage(4).sentences, *snapshot.passage(5).sentences]
    assert list(map(Span, starts, ends)) == spans
    assert snapshot.passage_start[4] == 0
    assert snapshot.passage_end[6] == len(TEXTS["乙县2025"])


def test_a_snapshot_says_what_it_is(tmp_path: Path) -> None:
    problem = Problem("bad.md", "is not text: remove it", skipped=True)
    folder = build(tmp_path, problems=[problem])
    snapshot = open_snapshot(tmp_path, card=CARD)
    assert snapshot.generation == folder.name == current_generation(tmp_path)
    assert snapshot.card == CARD
    assert snapshot.problems == (problem,)
    assert snapshot.previous is None
    assert folder.name.startswith(snapshot.created[:19].replace("-", "").replace(":", "") + "Z-")


def test_the_vectors_are_those_of_the_texts(snapshot: Snapshot) -> None:
    rows = np.array([6, 0])
    expected = vectors([snapshot.passage(6).text, snapshot.passage(0).text])
    assert snapshot.passage_vectors(rows).tolist() == expected.tolist()
    assert snapshot.sentence_vectors(slice(2, 3)).tolist() == [
        vector("生产总值增长6.5%。").tolist()
    ]


def test_bm25_knows_the_lexical_texts_of_passages(snapshot: Snapshot) -> None:
    passages = [snapshot.passage(row) for row in range(7)]
    expected = BM25Index.build([p.metadata.title + p.text for p in passages])
    assert snapshot.bm25.scores("生产总值").argmax() == 2
    for question in ("财政增长", "政府工作报告"):
        scores = snapshot.bm25.scores(question)
        np.testing.assert_array_equal(scores, expected.scores(question))


def test_an_unknown_report_is_the_asker_s_error(snapshot: Snapshot) -> None:
    with pytest.raises(QuestionError, match=r"no report '丙' .* 2 ids"):
        snapshot.report("丙")


@pytest.mark.parametrize("row", [-1, 7])
def test_a_row_beyond_the_passages_is_an_error(row: int, snapshot: Snapshot) -> None:
    with pytest.raises(IndexError, match="not in 0:7"):
        snapshot.passage(row)


def test_a_closed_snapshot_reads_no_more(snapshot: Snapshot) -> None:
    with snapshot:
        pass
    with pytest.raises(SnapshotError, match="cannot be read"):
        snapshot.passage(0)


@pytest.mark.parametrize("texts", [{}, {"空": ""}, {"一": "。"}], ids=["none", "empty", "one"])
def test_a_snapshot_of_next_to_nothing_opens_and_finds_nothing_wrong(
    texts: dict[str, str], tmp_path: Path
) -> None:
    build(tmp_path, texts)
    snapshot = open_snapshot(tmp_path)
    assert len(snapshot.reports) == len(texts)
    assert verify_snapshot(tmp_path) == []
    for scores in (snapshot.passage_scores, snapshot.best_sentence_scores):
        assert scores(vectors(["问"])).shape == (1, snapshot.n_passages)
        assert scores(vectors(["问"] * 5)).shape == (5, snapshot.n_passages)
    assert snapshot.bm25.scores("问").shape == (snapshot.n_passages,)


# Search


def plain_scores(
    matrix: NDArray[np.float32], questions: NDArray[np.float32]
) -> NDArray[np.float64]:
    """Scores summed one number after the other, as no library does."""
    return np.array(
        [[sum(map(mul, row.tolist(), q.tolist())) for row in matrix] for q in questions]
    )


@pytest.mark.parametrize("n", [1, 3, 4, 9])
def test_every_row_is_scored_for_one_question_or_many(n: int, tmp_path: Path) -> None:
    matrix = vectors([str(i) for i in range(700)])
    write_vectors(tmp_path / "v.faiss", [matrix[:150], matrix[150:]], DIMENSION)
    index = VectorIndex(tmp_path / "v.faiss", 700, DIMENSION)
    questions = vectors([f"问{i}" for i in range(n)])
    expected = plain_scores(matrix, questions)
    np.testing.assert_allclose(index.best_scores(questions, None), expected, atol=1e-6)
    firsts = np.concatenate((np.arange(0, 600, 2), [650, 699, 700]))
    runs = [expected[:, a:b].max(axis=1) for a, b in pairwise(firsts)]
    np.testing.assert_allclose(index.best_scores(questions, firsts), np.transpose(runs), atol=1e-6)


def test_a_question_scores_the_same_alone_and_among_a_hundred(tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    matrix = random.standard_normal((3000, 384)).astype(np.float32)
    matrix /= np.linalg.norm(matrix, axis=1, keepdims=True)
    matrix[1500:] = matrix[:1500]  # every score comes twice
    write_vectors(tmp_path / "v.faiss", [matrix], 384)
    index = VectorIndex(tmp_path / "v.faiss", 3000, 384)
    questions = matrix[:100] + matrix[100:200] / 2
    scores = index.scores(questions)
    assert (scores[:, :1500] == scores[:, 1500:]).all()
    assert scores[9].tolist() == index.scores(questions[9:10])[0].tolist()
    rows = random.permutation(3000)[:77]
    assert score_rows(index.vectors(rows), questions[9]).tolist() == scores[9][rows].tolist()


@pytest.mark.parametrize(
    ("n", "shares"), [(1, [(0, 192), (192, 448), (448, 701)]), (3, [(0, 701)])]
)
def test_a_lone_question_is_scored_on_several_cores_to_the_same_bits(
    n: int, shares: list[tuple[int, int]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reportqa.index.vectors.CACHED", 64)
    matrix = vectors([str(i) for i in range(701)])
    write_vectors(tmp_path / "v.faiss", [matrix], DIMENSION)
    index = VectorIndex(tmp_path / "v.faiss", 701, DIMENSION)
    expected = index.scores(matrix[:n])
    handed_out: list[tuple[int, int]] = []
    score_part = VectorIndex._score_part

    def noted(self: VectorIndex, questions: Any, scores: Any, first: int, last: int) -> None:
        handed_out.append((first, last))
        score_part(self, questions, scores, first, last)

    monkeypatch.setattr(VectorIndex, "_score_part", noted)
    monkeypatch.setattr("reportqa.index.vectors.LEAST_PART", 3)
    monkeypatch.setattr("reportqa.index.vectors._cores", lambda: 4)
    assert index.scores(matrix[:n]).tolist() == expected.tolist()
    assert sorted(handed_out) == shares


def test_vectors_lie_as_faiss_writes_them(tmp_path: Path) -> None:
    matrix = vectors([str(i) for i in range(40)])
    write_vectors(tmp_path / "ours", [matrix[:7], matrix[7:]], DIMENSION)
    index = faiss.IndexFlatIP(DIMENSION)
    index.add(matrix)
    faiss.write_index(index, str(tmp_path / "theirs"))
    assert (tmp_path / "ours").read_bytes() == (tmp_path / "theirs").read_bytes()


def test_pages_given_back_are_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reportqa.index.vectors.MAPPED", 3)
    matrix = vectors([str(i) for i in range(40)])
    write_vectors(tmp_path / "v.faiss", [matrix], DIMENSION)
    index = VectorIndex(tmp_path / "v.faiss", 40, DIMENSION)
    for rows in ([1, 2], [39, 0], [5], list(range(40))):
        assert index.vectors(np.array(rows)).tolist() == matrix[rows].tolist()


def test_a_quantised_index_names_what_is_near_the_same_in_every_build(tmp_path: Path) -> None:
    random = np.random.default_rng(5)
    matrix = random.standard_normal((2000, 32)).astype(np.float32)
    matrix /= np.linalg.norm(matrix, axis=1, keepdims=True)
    write_vectors(tmp_path / "v.faiss", [matrix], 32)
    flat = VectorIndex(tmp_path / "v.faiss", 2000, 32)
    for name in ("a", "b"):
        write_quantised(tmp_path / name, flat)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    index = QuantisedIndex(tmp_path / "a", 2000, 32)
    near = index.likely(matrix[:50], 20)
    assert all(row in found.rows for row, found in enumerate(near))
    allowed = np.zeros(2000, np.bool_)
    allowed[::7] = True
    for found in index.likely(matrix[:50], 400, allowed):
        assert 0 < len(found.rows) <= 286
        assert allowed[found.rows].all()
        assert len(found.scores) == len(found.rows)
    with pytest.raises(SnapshotError, match="holds 2000 vectors of 32"):
        QuantisedIndex(tmp_path / "a", 2001, 32)
    with pytest.raises(SnapshotError, match="in a IndexFlatIP"):
        QuantisedIndex(tmp_path / "v.faiss", 2000, 32)


def test_scores_of_a_snapshot_are_those_of_its_vectors(snapshot: Snapshot) -> None:
    questions = vectors(["a", "b"])
    whole, parts = snapshot.passage_vectors(slice(None)), snapshot.sentence_vectors(slice(None))
    scores = snapshot.passage_scores(questions)
    np.testing.assert_allclose(scores, questions @ whole.T, atol=1e-6)
    best = snapshot.best_sentence_scores(questions)
    own = [parts[snapshot.sentence_passage == row] for row in range(7)]
    expected = [(sentences @ questions[1]).max() for sentences in own]
    np.testing.assert_allclose(best[1], expected, atol=1e-6)
    rows = np.array([6, 2])
    assert snapshot.passage_scores_of(rows, questions[0]).tolist() == scores[0][rows].tolist()
    assert snapshot.best_sentence_scores_of(rows, questions[1]).tolist() == best[1][rows].tolist()
    assert snapshot.best_sentence_scores_of(rows[:0], questions[1]).tolist() == []


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (np.ones((1, 5), np.float32), r"shape \(1, 5\), the snapshot's of dimension 8: ask with"),
        (np.ones(DIMENSION, np.float32), r"shape \(8,\)"),
        (np.full((1, DIMENSION), np.nan, np.float32), "not finite: check the embedding model"),
    ],
)
def test_a_vector_that_does_not_fit_is_a_clear_error(
    asked: NDArray[np.float32], message: str, snapshot: Snapshot
) -> None:
    with pytest.raises(SnapshotError, match=message):
        snapshot.best_sentence_scores(asked)
    with pytest.raises(SnapshotError, match=message):
        snapshot.passage_scores(asked)


# Generations


def test_a_new_snapshot_replaces_the_old_and_names_it(tmp_path: Path) -> None:
    first = build(tmp_path)
    second = build(tmp_path, {"丙": "丙镇"})
    assert first.name < second.name
    assert open_snapshot(tmp_path).previous == first.name
    assert [metadata.id for metadata in open_snapshot(tmp_path).reports] == ["丙"]


def test_a_build_of_the_same_keeps_the_snapshot_that_serves(tmp_path: Path) -> None:
    assert build(tmp_path) == build(tmp_path)
    assert len(generations(tmp_path)) == 1
    assert build(tmp_path, problems=[Problem("a", "b", True)]).name != generations(tmp_path)[0]


def test_the_last_three_that_served_are_kept(tmp_path: Path) -> None:
    names = [build(tmp_path, {"丙": f"第{i}版"}).name for i in range(5)]
    assert generations(tmp_path) == names[2:]
    assert sorted(path.name for path in tmp_path.iterdir()) == [*names[2:], "CURRENT", "LOCK"]


def test_rollback_returns_to_what_served_before_one_step_at_a_time(tmp_path: Path) -> None:
    names = [build(tmp_path, {"丙": f"第{i}版"}).name for i in range(3)]
    assert rollback(tmp_path) == names[1] == current_generation(tmp_path)
    assert rollback(tmp_path) == names[0]
    assert open_snapshot(tmp_path).report("丙").text == "第0版"
    with pytest.raises(
        SnapshotError, match=r"no whole generation before .* run python build_index"
    ):
        rollback(tmp_path)
    assert current_generation(tmp_path) == names[0]


def test_after_a_rollback_a_build_follows_the_good_one_and_drops_the_bad(tmp_path: Path) -> None:
    good, bad = (build(tmp_path, {"丙": text}).name for text in ("good", "bad"))
    rollback(tmp_path)
    mended = build(tmp_path, {"丙": "mended"}).name
    assert generations(tmp_path) == [good, mended]
    assert mended > bad
    assert rollback(tmp_path) == good


def test_rollback_passes_over_a_damaged_generation(tmp_path: Path) -> None:
    names = [build(tmp_path, {"丙": f"第{i}版"}).name for i in range(3)]
    SnapshotFiles.of(tmp_path / names[1]).texts.unlink()
    assert rollback(tmp_path) == names[0]


def test_rollback_without_an_index_says_so(tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match=r"no index at .*nowhere: run python build_index\.py"):
        rollback(tmp_path / "nowhere")


def test_any_kept_generation_opens_by_name(tmp_path: Path) -> None:
    first = build(tmp_path, {"丙": "old"}).name
    build(tmp_path, {"丙": "new"})
    assert open_generation(tmp_path, first).report("丙").text == "old"


# Models


def test_another_model_is_refused_by_both_names_and_the_mending_command(index_dir: Path) -> None:
    other = dataclasses.replace(CARD, name="other", fingerprint="e" * 64, dimension=16)
    with pytest.raises(
        SnapshotError,
        match=r"model fake-model \(f{12}, dimension 8\), not with other \(e{12}, dimension 16\): "
        r"run python build_index\.py --model other",
    ):
        open_snapshot(index_dir, card=other)


def test_the_same_model_under_another_name_is_welcome(index_dir: Path) -> None:
    open_snapshot(index_dir, card=dataclasses.replace(CARD, name="/elsewhere/fake-model"))


# Vectors computed before


def embedded_by(index_dir: Path, texts: dict[str, str], **change: str) -> int:
    with SnapshotWriter(index_dir, dataclasses.replace(CARD, **change)) as writer:
        count = sum(add(writer, report_id, text) for report_id, text in texts.items())
        writer.publish()
        return count


def test_what_was_embedded_is_never_embedded_again(tmp_path: Path) -> None:
    assert embedded_by(tmp_path, TEXTS) == 17
    assert embedded_by(tmp_path, TEXTS) == 0
    assert embedded_by(tmp_path, {"new name": TEXTS["甲市2024"]}) == 0
    assert embedded_by(tmp_path, TEXTS | {"丙": "丙镇\n新的一句。"}) == 4  # 2 passages, 2 sentences
    matrix = open_snapshot(tmp_path).passage_vectors(slice(None))
    assert matrix[7].tolist() == vector("丙镇\n").tolist()


def test_older_generations_are_looked_up_too(tmp_path: Path) -> None:
    embedded_by(tmp_path, TEXTS)
    embedded_by(tmp_path, {"丙": "丙镇"})
    assert embedded_by(tmp_path, TEXTS) == 0


def test_vectors_of_another_model_are_not_taken(tmp_path: Path) -> None:
    embedded_by(tmp_path, TEXTS)
    assert embedded_by(tmp_path, TEXTS, fingerprint="0" * 64) == 17


def test_vectors_of_a_damaged_generation_are_not_taken(tmp_path: Path) -> None:
    embedded_by(tmp_path, TEXTS)
    path = SnapshotFiles.of(tmp_path / current_generation(tmp_path)).passage_vectors
    path.write_bytes(path.read_bytes()[:-4] + b"\0\0\0\0")
    assert embedded_by(tmp_path, TEXTS) == 17
    assert verify_snapshot(tmp_path) == []


def test_texts_no_one_knows_come_back_as_not_found(tmp_path: Path) -> None:
    build(tmp_path)
    with SnapshotWriter(tmp_path, CARD) as writer:
        hashes = [embedded_hash(text) for text in ("unknown", "财政平稳。", "")]
        found, known = writer.known_vectors(hashes)
        assert found.tolist() == [False, True, False]
        assert known.tolist() == [[0] * 8, vector("财政平稳。").tolist(), [0] * 8]
        assert writer.known_vectors([])[0].shape == (0,)


# What a writer refuses


def test_a_report_that_does_not_fit_is_refused_and_the_others_are_published(
    tmp_path: Path,
) -> None:
    report, sections, passages = parts("甲", "甲市\n一、目标\n增长。平稳。")
    own = vectors([p.text for p in passages])
    inner = vectors([p.quote(s) for p in passages for s in p.sentences])
    hashes, inner_hashes = [b"x" * 16] * len(own), [b"y" * 16] * len(inner)
    texts = ["t"] * len(own)
    good = Addition(report, sections, passages, own, inner, hashes, inner_hashes, texts)
    moved = dataclasses.replace(passages[1], start=passages[1].start + 1)
    altered = dataclasses.replace(passages[1], text="一、目的\n")
    cut = dataclasses.replace(passages[2], sentences=passages[2].sentences[:1])
    years = dataclasses.replace(passages[2], about=(2024, 2023))
    stranger = dataclasses.replace(
        passages[0], metadata=dataclasses.replace(report.metadata, id="乙")
    )
    faults: list[tuple[str, dict[str, Any]]] = [
        ("sections of the report do not tile", {"sections": sections[:1]}),
        ("passages of section 3–14 do not tile", {"passages": passages[:2]}),
        ("do not tile", {"passages": (passages[0], moved, passages[2])}),
        ("is not the text at its offsets", {"passages": (passages[0], altered, passages[2])}),
        ("not in the order", {"passages": (passages[1], passages[0], passages[2])}),
        ("sentences of passage 甲#8-14 do not tile", {"passages": (*passages[:2], cut)}),
        ("years of passage 甲#8-14 do not ascend", {"passages": (*passages[:2], years)}),
        ("metadata of another report", {"passages": (stranger, *passages[1:])}),
        (
            "3 passages come with vectors float32 (2, 8), not float32 (3, 8)",
            {"passage_vectors": own[:2]},
        ),
        ("vectors float64 (3, 8)", {"passage_vectors": own.astype(np.float64)}),
        ("vector 0 has length 2, not 1", {"passage_vectors": own * 2}),
        ("vector 0 has length nan, not 1", {"sentence_vectors": inner * np.float32("nan")}),
        ("3 passages come with 2 hashes", {"passage_hashes": hashes[:2]}),
        (
            "a hash has 32 bytes, not 16: use embedded_hash",
            {"sentence_hashes": [b"z" * 32] * len(inner)},
        ),
        ("3 passages come with 2 texts", {"lexical_texts": texts[:2]}),
    ]
    with SnapshotWriter(tmp_path, CARD) as writer:
        for message, change in faults:
            with pytest.raises(SnapshotError) as caught:
                writer.add(dataclasses.replace(good, **change))
            assert message in str(caught.value)
        unit, one = vectors(["x"]), [b"x" * 16]
        with pytest.raises(SnapshotError, match="not valid Unicode"):
            writer.add(Addition(*parts("丁", "丁\ud800"), unit, unit, one, one, [""]))
        writer.add(good)
        with pytest.raises(SnapshotError, match=r"two reports have the id '甲' \(甲\.md and"):
            writer.add(good)
        writer.publish()
    assert verify_snapshot(tmp_path) == []
    assert open_snapshot(tmp_path).report("甲") == report


# Verification beyond checksums


def tamper(folder: Path, name: str, change: dict[str, tuple[int, int]]) -> Path:
    """Change fields of rows of an array, and every checksum so that nobody sees it."""
    path = folder / name
    array = np.load(path)
    for field, (row, value) in change.items():
        (array[field] if field else array)[row] = value
    np.save(path, array)
    return reseal(folder)


def reseal(folder: Path) -> Path:
    """Make the checksums of a folder right again."""
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    for name, noted in manifest["files"].items():
        content = (folder / name).read_bytes()
        noted.update(bytes=len(content), sha256=hashlib.sha256(content).hexdigest())
    packed = json.dumps(manifest).encode()
    (folder / "manifest.json").write_bytes(packed)
    name = folder.name[:-8] + hashlib.sha256(packed).hexdigest()[:8]
    sealed = folder.rename(folder.parent / name)
    (folder.parent / "CURRENT").write_text(name + "\n")
    return sealed


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("passages.npy", {"start": (2, 9)}, "do not tile"),
        ("passages.npy", {"end": (2, 30)}, "do not tile"),
        ("passages.npy", {"byte_end": (2, 74)}, "is not the text at its offsets"),
        ("passages.npy", {"byte_end": (2, 61)}, "cannot be read"),
        ("passages.npy", {"section": (2, 0)}, "do not tile"),
        ("passages.npy", {"section": (2, 99)}, "IndexError"),
        ("passages.npy", {"report": (2, 5)}, "the reports of passages do not ascend"),
        ("passages.npy", {"basis": (2, 3)}, "the basis of a passage"),
        ("passages.npy", {"first_sentence": (3, 4)}, "do not point at each other"),
        ("passages.npy", {"first_about": (3, 99)}, "the first years of passages do not ascend"),
        ("sentences.npy", {"start": (3, 1)}, "sentences of passage 甲市2024#10-32 do not tile"),
        ("sentences.npy", {"passage": (3, 3)}, "do not ascend"),
        ("about.npy", {"": (0, 2050)}, "years of passage 甲市2024#5-10 do not ascend"),
    ],
)
def test_verification_sees_what_checksums_do_not(
    name: str, change: dict[str, tuple[int, int]], message: str, index_dir: Path
) -> None:
    folder = tamper(index_dir / current_generation(index_dir), name, change)
    problems = verify_snapshot(index_dir)
    assert message in " ".join(problem.message for problem in problems)
    assert {problem.where for problem in problems} == {str(folder)}


def test_verification_sees_a_vector_that_is_not_of_length_one(index_dir: Path) -> None:
    folder = index_dir / current_generation(index_dir)
    matrix = open_snapshot(index_dir).sentence_vectors(slice(None))
    matrix[4] *= 3
    write_vectors(folder / "sentences.faiss", [matrix], DIMENSION)
    reseal(folder)
    (problem,) = verify_snapshot(index_dir)
    assert "vector 4 has length 3, not 1" in problem.message


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("reports.jsonl", b'{"metadata": {}}\n', r"reports\.jsonl, line 1, is damaged"),
        ("reports.jsonl", b"", "holds 0 reports, not 2"),
        ("about.npy", b"", r"about\.npy is damaged"),
        ("passages.faiss", b"IxFI", r"passages\.faiss cannot be read"),
        ("bm25/vocab.index.json", b"{}", "do not fit each other"),
    ],
)
def test_files_that_do_not_fit_each_other_are_a_clear_error(
    name: str, content: bytes, message: str, index_dir: Path
) -> None:
    folder = index_dir / current_generation(index_dir)
    (folder / name).write_bytes(content)
    reseal(folder)
    with pytest.raises(SnapshotError, match=message):
        open_snapshot(index_dir)
    assert len(verify_snapshot(index_dir)) == 1


def test_vectors_of_another_count_or_dimension_do_not_open(tmp_path: Path) -> None:
    write_vectors(tmp_path / "v.faiss", [vectors(["a", "b"])], DIMENSION)
    with pytest.raises(SnapshotError, match="holds 2 vectors of 8 in a IndexFlatIP, not 3 of 8"):
        VectorIndex(tmp_path / "v.faiss", 3, DIMENSION)
    with pytest.raises(SnapshotError, match="not 2 of 16"):
        VectorIndex(tmp_path / "v.faiss", 2, 16)
