"""The pipeline as a whole, with a fake encoder: nothing embedded twice, nothing lost."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import pytest
from corpora import REPORTS, build_index, open_retriever, write_corpus
from fakes import FakeEncoder
from numpy.typing import NDArray

from reportqa.build import build
from reportqa.corpus.normalise import comparable
from reportqa.errors import CorpusError, SnapshotError
from reportqa.index import open_snapshot, verify_snapshot
from reportqa.passages import passage_input, sentence_inputs
from reportqa.records import Problem

SHIPPED = Path(__file__).parents[1] / "corpus"


def test_a_second_build_embeds_nothing_and_keeps_the_snapshot(tmp_path: Path) -> None:
    corpus, index = write_corpus(tmp_path / "corpus"), tmp_path / "index"
    first = build_index(corpus, index)
    second = build_index(corpus, index)
    assert first.embedded > 20
    assert (second.embedded, second.reused) == (0, first.embedded)
    assert second.folder == first.folder


def test_a_renamed_report_is_not_embedded_again(tmp_path: Path) -> None:
    corpus, index = write_corpus(tmp_path / "corpus"), tmp_path / "index"
    build_index(corpus, index)
    (corpus / "东山县-2024.txt").rename(corpus / "renamed.txt")
    summary = build_index(corpus, index)
    assert summary.embedded == 0
    with open_snapshot(index) as snapshot:
        assert {m.id for m in snapshot.reports} == {"renamed", "西河市-2024"}


def test_a_new_report_is_embedded_alone(tmp_path: Path) -> None:
    reports = dict(REPORTS)
    new = reports.pop("西河市-2024.md")
    corpus, index = write_corpus(tmp_path / "corpus", reports), tmp_path / "index"
    build_index(corpus, index)
    (corpus / "西河市-2024.md").write_text(new, encoding="utf-8")
    encoder = FakeEncoder()
    build_index(corpus, index, encoder)
    assert encoder.embedded
    assert all("西河" in text for text in encoder.embedded)


def test_another_model_embeds_everything_anew(tmp_path: Path) -> None:
    corpus, index = write_corpus(tmp_path / "corpus"), tmp_path / "index"
    first = build_index(corpus, index)
    other = FakeEncoder("other")
    assert build_index(corpus, index, other).embedded == first.embedded
    with pytest.raises(SnapshotError, match=r"fake.*other|other.*fake"):
        open_retriever(index, FakeEncoder())


def test_a_file_that_cannot_be_read_is_named_and_the_rest_is_built(tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path / "corpus")
    (corpus / "broken.txt").write_bytes(b"\x00\x01\x02\xff" * 500)
    (corpus / "empty.md").write_text("", encoding="utf-8")
    heard: list[Problem] = []
    encoder = FakeEncoder()
    summary = build([corpus], tmp_path / "index", encoder=encoder, on_problem=heard.append)  # type: ignore[arg-type]
    assert summary.skipped == 2
    assert summary.reports == 2
    assert {Path(problem.where).name for problem in heard} == {"broken.txt", "empty.md"}
    with open_snapshot(tmp_path / "index") as snapshot:
        assert [p for p in snapshot.problems if p.skipped] == heard
    assert "2 reports, 2 skipped" in summary.describe()


def test_names_that_are_no_text_do_not_stop_a_build(tmp_path: Path) -> None:
    corpus, index = write_corpus(tmp_path / "corpus"), tmp_path / "index"
    folder = corpus / os.fsdecode(b"\xcd\xf5.txt")
    folder.mkdir()
    (folder / "r.md").write_text("2024年北海市政府工作报告\n", "utf-8")
    (folder / "metadata.csv").write_text("name\n", "utf-8")
    summary = build_index(corpus, index)
    assert (summary.reports, summary.skipped) == (2, 1)
    with open_snapshot(index) as snapshot:
        said = [problem.where.encode() for problem in snapshot.problems]
        assert len(said) == 3
    assert verify_snapshot(index) == []


def test_an_emptied_corpus_is_an_error_and_the_last_snapshot_serves(tmp_path: Path) -> None:
    corpus, index = write_corpus(tmp_path / "corpus"), tmp_path / "index"
    folder = build_index(corpus, index).folder
    shutil.rmtree(corpus)
    with pytest.raises(CorpusError, match="corpus"):
        build_index(corpus, index)
    corpus.mkdir()
    with pytest.raises(CorpusError, match="no report in"):
        build_index(corpus, index)
    with open_snapshot(index) as snapshot:
        assert snapshot.generation == folder.name


def test_the_built_snapshot_holds_every_invariant_on_disk(tmp_path: Path) -> None:
    build_index(SHIPPED, tmp_path / "index")
    assert verify_snapshot(tmp_path / "index") == []


def test_every_passage_and_sentence_of_the_shipped_reports_is_in_its_file(tmp_path: Path) -> None:
    build_index(SHIPPED, tmp_path / "index")
    with open_snapshot(tmp_path / "index") as snapshot:
        originals = {
            m.id: comparable((SHIPPED / f"{m.id}.md").read_text("utf-8")) for m in snapshot.reports
        }
        for row in range(snapshot.n_passages):
            passage = snapshot.passage(row)
            original = originals[passage.metadata.id]
            assert comparable(passage.text) in original
            assert all(comparable(passage.quote(s)) in original for s in passage.sentences)


def test_what_is_embedded_carries_place_and_year_and_fits_the_model(tmp_path: Path) -> None:
    encoder = FakeEncoder()
    build_index(SHIPPED, tmp_path / "index", encoder)
    with open_snapshot(tmp_path / "index") as snapshot:
        for row in range(snapshot.n_passages):
            passage = snapshot.passage(row)
            texts = [passage_input(passage), *sentence_inputs(passage)]
            assert max(encoder.count_tokens(texts)) <= encoder.card.max_tokens
            assert all("江汉区" in text.split("\n")[0] for text in texts)


def test_a_build_says_how_it_encodes_only_where_it_does(tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path / "corpus")
    for expected in (["model fake", "encoding in fake"], ["model fake"]):
        notes: list[str] = []
        encoder = FakeEncoder()
        build([corpus], tmp_path / "index", encoder=encoder, on_note=notes.append)  # type: ignore[arg-type]
        assert notes == expected


def test_progress_reaches_the_end(tmp_path: Path) -> None:
    shares: list[float] = []
    build(
        [write_corpus(tmp_path / "corpus")],
        tmp_path / "index",
        encoder=FakeEncoder(),  # type: ignore[arg-type]
        on_step=lambda share, reports, embedded: shares.append(share),
    )
    assert shares
    assert shares == sorted(shares)
    assert 0.8 <= shares[-1] <= 1.0


def test_a_build_stopped_within_one_report_keeps_what_it_embedded(tmp_path: Path) -> None:
    corpus, index = tmp_path / "corpus", tmp_path / "index"
    corpus.mkdir()
    lines = [f"第{n}个镇新建公园{n}座。" for n in range(400)]
    (corpus / "long.txt").write_text("\n".join(lines), "utf-8")

    class Stopped(FakeEncoder):
        def encode_passages(
            self, texts: Sequence[str], progress: Callable[[int], None] | None = None
        ) -> NDArray[np.float32]:
            if len(self.embedded) >= 200:
                raise KeyboardInterrupt
            return super().encode_passages(texts, progress)

    stopped, again = Stopped(), FakeEncoder()
    with pytest.raises(KeyboardInterrupt):
        build([corpus], index, encoder=stopped)
    build([corpus], index, encoder=again)
    assert len(stopped.embedded) >= 200
    assert set(stopped.embedded) & set(again.embedded) == set()


def build_and_die(corpus: Path, index: Path, after: int, counted: Connection) -> None:
    """Build until so many texts are embedded; then the process kills itself."""

    class Dying(FakeEncoder):
        def encode_passages(
            self, texts: Sequence[str], progress: Callable[[int], None] | None = None
        ) -> NDArray[np.float32]:
            if len(self.embedded) >= after:
                counted.send(len(self.embedded))
                os.kill(os.getpid(), signal.SIGKILL)
            return super().encode_passages(texts, progress)

    build([corpus], index, encoder=Dying())


@pytest.mark.parametrize("after", [200, 1_500])
def test_a_killed_build_is_not_paid_for_twice(after: int, tmp_path: Path) -> None:
    """Killed within its first lot of texts, or within its second."""
    corpus, index = tmp_path / "corpus", tmp_path / "index"
    corpus.mkdir()
    for name in "abc":
        lines = [f"第{n}个镇新建公园{n}座，由{name}负责。" for n in range(600)]
        (corpus / f"{name}.txt").write_text("\n".join(lines), "utf-8")
    receiver, sender = multiprocessing.Pipe(duplex=False)
    with receiver, sender:
        process = multiprocessing.get_context("spawn").Process(
            target=build_and_die, args=(corpus, index, after, sender)
        )
        process.start()
        process.join()
        assert process.exitcode == -signal.SIGKILL
        embedded = receiver.recv()
    again = build_index(corpus, index)
    whole = build_index(corpus, tmp_path / "other")
    assert embedded >= after
    assert again.embedded == whole.embedded - embedded
    assert again.embedded > 0
    assert list(index.glob(".building-*")) == []


def test_a_wrong_path_is_known_before_a_model_is_loaded(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="does not exist"):
        build([tmp_path / "none"], tmp_path / "index", model="./no-such-model")
