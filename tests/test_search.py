"""Search finds, ranks and filters as promised, checked against plain numpy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from corpora import REPORTS, build_index, open_retriever, write_corpus
from fakes import FakeEncoder

from reportqa.agreement import (
    BASIS_AGREES,
    KIND_AGREES,
    REGION_AGREES,
    REPORT_YEAR_AGREES,
    YEAR_AGREES,
    YEAR_IS_FAR,
    Agreement,
)
from reportqa.errors import QuestionError, SnapshotError
from reportqa.filters import make_filters
from reportqa.ranking import WEIGHTS
from reportqa.records import Filters, Passage, Understanding
from reportqa.search import Retriever, Serving


@pytest.fixture(scope="module")
def retriever(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Retriever]:
    folder = tmp_path_factory.mktemp("search")
    build_index(write_corpus(folder / "corpus"), folder / "index")
    retriever = open_retriever(folder / "index")
    yield retriever
    retriever.snapshot.close()


def brute_force(retriever: Retriever, question: str) -> list[tuple[float, int]]:
    """Every searchable passage by (−score, row), from the definition of the score."""
    snapshot, encoder = retriever.snapshot, FakeEncoder()
    vector = encoder.encode_questions([question])[0]
    rows = np.flatnonzero(snapshot.passage_searchable)
    views = []
    whole = snapshot.passage_vectors(np.arange(snapshot.n_passages)) @ vector
    parts = snapshot.sentence_vectors(np.arange(snapshot.n_sentences)) @ vector
    best = [max(parts[snapshot.sentence_passage == row]) for row in rows]
    words = snapshot.bm25.scores(question)
    for view in (whole[rows], np.array(best), words[rows]):
        views.append((view - view.mean()) / max(view.std(), 1e-6))
    fused = sum(weight * view for weight, view in zip(WEIGHTS, views, strict=True))
    basis = retriever.understand(question).basis
    agrees = [basis is not None and snapshot.passage(int(row)).basis == basis for row in rows]
    fused = fused + BASIS_AGREES * np.array(agrees)
    return sorted((-float(score), int(row)) for score, row in zip(fused, rows, strict=True))


@pytest.mark.parametrize("question", ["地区生产总值完成多少", "养老服务中心", "公交线路"])
def test_passages_are_ranked_by_brute_force_and_shown_by_their_best_sentence(
    retriever: Retriever, question: str
) -> None:
    expected = brute_force(retriever, question)
    serving = Serving(retriever.snapshot)
    vectors = FakeEncoder().encode_questions([question])
    asked = serving.asked([question], vectors, [retriever.understand(question)])
    ((rows, scores),) = serving.ranking.best(asked, 5, None)
    assert rows.tolist() == [row for _, row in expected[:5]]
    assert scores.tolist() == pytest.approx([-s for s, _ in expected[:5]], abs=1e-3)
    hits = retriever.search(question, 5)
    assert [hit.score for hit in hits] == [hit.ranked[0].score for hit in hits]
    for hit in hits:
        assert [one.score for one in hit.ranked] == sorted(
            (one.score for one in hit.ranked), reverse=True
        )


def test_the_passage_with_the_words_of_the_question_comes_first(retriever: Retriever) -> None:
    first = retriever.search("计划建成养老服务中心几个")[0]
    assert "养老服务中心4个" in first.passage.text
    assert first.passage.metadata.id == "东山县-2024"
    assert "养老服务中心4个" in first.passage.quote(first.evidence[0])


def test_hits_are_ranked_sorted_and_never_padded_or_repeated(retriever: Retriever) -> None:
    hits = retriever.search("项目", 1000)
    searchable = int(retriever.snapshot.passage_searchable.sum())
    assert len(hits) == searchable
    assert len({hit.row for hit in hits}) == searchable
    assert [hit.rank for hit in hits] == list(range(1, searchable + 1))
    keys = [(-hit.score, hit.row) for hit in hits]
    assert keys == sorted(keys)


def test_the_same_build_gives_the_same_order_every_time(
    retriever: Retriever, tmp_path: Path
) -> None:
    build_index(write_corpus(tmp_path / "corpus"), tmp_path / "index")
    again = open_retriever(tmp_path / "index")
    for question in ("增长目标", "改造老旧小区", "GDP"):
        one, two = retriever.search(question), again.search(question)
        assert [(h.row, h.score) for h in one] == [(h.row, h.score) for h in two]
    again.snapshot.close()


def test_many_questions_get_what_each_alone_gets(retriever: Retriever) -> None:
    questions = ["粮食总产量", "新增学位", "空气质量", "GDP growth"]
    together = retriever.search_many(questions, 4)
    alone = [retriever.search(question, 4) for question in questions]
    assert [[h.row for h in hits] for hits in together] == [[h.row for h in hits] for hits in alone]
    assert retriever.search_many([]) == []


def test_lots_of_questions_get_what_each_alone_gets(retriever: Retriever) -> None:
    """More than are ranked together, comparisons with their sides among them."""
    asked = [
        "粮食总产量",
        "东山县和西河市的地区生产总值哪个高？",
        "新增学位",
        "2023年和2024年的目标",
    ]
    questions = asked * 40
    alone = {question: retriever.search(question, 4) for question in asked}
    for question, hits in zip(questions, retriever.search_many(questions, 4), strict=True):
        assert hits == alone[question]


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Retriever]:
    """Reports of two places, years and kinds."""
    folder = tmp_path_factory.mktemp("mixed")
    bulletin = """东山县2021年国民经济和社会发展统计公报
东山县统计局
一、综合
全年地区生产总值286.4亿元，比上年增长7.9%。
二、人口和就业
年末常住人口31.2万人，城镇新增就业3050人。
"""
    write_corpus(folder / "corpus", {**REPORTS, "东山县-2021.txt": bulletin})
    build_index(folder / "corpus", folder / "index")
    retriever = open_retriever(folder / "index")
    yield retriever
    retriever.snapshot.close()


@pytest.mark.parametrize(
    ("filters", "lets_through"),
    [
        (make_filters(year=["2021"]), lambda p: p.metadata.year == 2021),
        (make_filters(year=["2022-2024"]), lambda p: p.metadata.year == 2024),
        (make_filters(about=["2023"]), lambda p: 2023 in p.about),
        (make_filters(region=["东山"]), lambda p: p.metadata.region == "东山县"),
        (make_filters(kind=["统计公报"]), lambda p: p.metadata.kind == "统计公报"),
        (make_filters(basis="plan"), lambda p: p.basis == "plan"),
        (make_filters(report=["西河市-2024"]), lambda p: p.metadata.id == "西河市-2024"),
        (
            make_filters(region=["东山"], kind=["政府工作报告"], basis="actual"),
            lambda p: p.metadata.id == "东山县-2024" and p.basis == "actual",
        ),
    ],
)
def test_every_hit_satisfies_the_filters(
    mixed: Retriever, filters: Filters, lets_through: Callable[[Passage], bool]
) -> None:
    rows = np.flatnonzero(mixed.snapshot.passage_searchable).tolist()
    passing = [row for row in rows if lets_through(mixed.snapshot.passage(row))]
    assert 0 < len(passing) < len(rows)
    hits = mixed.search("地区生产总值增长", 50, filters)
    assert sorted(hit.row for hit in hits) == passing


def test_a_filter_that_matches_nothing_returns_nothing(retriever: Retriever) -> None:
    assert retriever.search("地区生产总值", 10, make_filters(region=["山东"])) == ()
    assert retriever.search("地区生产总值", 10, make_filters(year=["1999"])) == ()


def test_a_filtered_search_keeps_the_order_of_the_whole(retriever: Retriever) -> None:
    whole = retriever.search("增长", 100)
    part = retriever.search("增长", 100, make_filters(report=["东山县-2024"]))
    expected = [hit.row for hit in whole if hit.passage.metadata.id == "东山县-2024"]
    assert [hit.row for hit in part] == expected


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("", "empty"),
        (" \n　", "empty"),
        ("？！……", "no words"),
        ("🎉🎉", "no words"),
        ("__", "no words"),
        ("就业\ud800", "not valid Unicode"),
        ("长" * 100_000, "100,000 characters"),
    ],
)
def test_a_question_that_cannot_be_asked_says_why(
    retriever: Retriever, question: str, said: str
) -> None:
    with pytest.raises(QuestionError, match=said):
        retriever.search(question)


@pytest.mark.parametrize("k", [0, -1, 10_000])
def test_k_out_of_range_is_an_error(retriever: Retriever, k: int) -> None:
    with pytest.raises(QuestionError, match=f"k is {k}: ask for 1 to 1000"):
        retriever.search("就业", k)


def test_a_bare_heading_is_never_a_hit(retriever: Retriever) -> None:
    hits = retriever.search("一、2023年工作回顾", 1000)
    assert all(hit.passage.end > hit.passage.section.body for hit in hits)


def test_what_the_question_states_decides_between_like_passages(retriever: Retriever) -> None:
    for place, report in (("东山县", "东山县-2024"), ("西河市", "西河市-2024")):
        first = retriever.search(f"{place}地区生产总值完成多少亿元")[0].passage
        assert first.metadata.id == report
        assert first.basis == "actual"
    planned = retriever.search("东山县地区生产总值增长目标是多少")[0].passage
    assert (planned.metadata.id, planned.basis) == ("东山县-2024", "plan")


def test_what_was_understood_can_be_switched_off(retriever: Retriever) -> None:
    question = "2023年东山县项目完成多少"
    understood = retriever.understand(question)
    read = (understood.years, understood.regions, understood.missing, understood.basis)
    assert read == ((2023,), ("东山县",), (), "actual")
    agreement = Agreement(retriever.snapshot)
    assert not agreement.gain(Understanding()).any()
    for row, gain in enumerate(agreement.gain(understood)):
        passage = retriever.snapshot.passage(row)
        expected = REGION_AGREES * (passage.metadata.region == "东山县")
        expected += YEAR_AGREES * (2023 in passage.about)
        expected += BASIS_AGREES * (passage.basis == "actual")
        assert gain == pytest.approx(expected, abs=1e-4)
    plain = retriever.search(question, 100, understood=Understanding())
    stated = retriever.search(question, 100, understood=understood)
    assert {hit.row for hit in plain} == {hit.row for hit in stated}
    assert stated[0].passage.metadata.region == "东山县"


def test_a_report_far_from_the_year_stated_comes_later(tmp_path: Path) -> None:
    old = REPORTS["东山县-2024.txt"].replace("2024", "2014").replace("2023", "2013")
    corpus = write_corpus(tmp_path / "corpus", {**REPORTS, "东山县-2014.txt": old})
    build_index(corpus, tmp_path / "index")
    with_both = open_retriever(tmp_path / "index")
    for year, report in ((2013, "东山县-2014"), (2023, "东山县-2024")):
        assert with_both.search(f"东山县{year}年新增学位多少")[0].passage.metadata.id == report
    with_both.snapshot.close()


def test_a_heading_is_no_evidence(retriever: Retriever) -> None:
    hit = retriever.search("民生福祉持续改善")[0]
    assert hit.passage.section.headings[-1].endswith("民生福祉持续改善")
    assert hit.evidence
    assert all(span.end > hit.passage.section.body for span in hit.evidence)


def test_a_deleted_report_stops_answering_with_the_next_snapshot(tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path / "corpus")
    build_index(corpus, tmp_path / "index")
    retriever = open_retriever(tmp_path / "index")
    assert "西河北站" in retriever.search("西河北站建成投用")[0].passage.text
    (corpus / "西河市-2024.md").unlink()
    build_index(corpus, tmp_path / "index")
    assert retriever.refresh()
    assert not retriever.refresh()
    assert all("西河" not in hit.passage.text for hit in retriever.search("西河北站建成投用", 100))
    retriever.snapshot.close()


def test_a_changed_sentence_answers_with_its_new_text(tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path / "corpus")
    encoder = FakeEncoder()
    build_index(corpus, tmp_path / "index", encoder)
    changed = REPORTS["东山县-2024.txt"].replace("新建公办幼儿园5所", "新建公办幼儿园9所")
    (corpus / "东山县-2024.txt").write_text(changed, encoding="utf-8")
    encoder.embedded.clear()
    summary = build_index(corpus, tmp_path / "index", encoder)
    assert summary.embedded == len(encoder.embedded) == 2  # the passage and the sentence
    retriever = open_retriever(tmp_path / "index")
    texts = [hit.passage.text for hit in retriever.search("新建公办幼儿园几所", 100)]
    assert "幼儿园9所" in texts[0]
    assert not any("幼儿园5所" in text for text in texts)
    retriever.snapshot.close()


def test_refresh_keeps_the_old_snapshot_where_the_new_one_is_damaged(tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path / "corpus")
    build_index(corpus, tmp_path / "index")
    retriever = open_retriever(tmp_path / "index")
    (corpus / "西河市-2024.md").unlink()
    summary = build_index(corpus, tmp_path / "index")
    with (summary.folder / "texts.utf8").open("ab") as file:
        file.write(b"x")
    with pytest.raises(SnapshotError):
        retriever.refresh()
    assert "西河北站" in retriever.search("西河北站建成投用")[0].passage.text
    retriever.snapshot.close()


def test_hits_of_equal_score_come_in_the_order_of_their_rows(tmp_path: Path) -> None:
    text = REPORTS["东山县-2024.txt"]
    corpus = write_corpus(tmp_path / "corpus", {f"{n}.txt": text for n in range(4)})
    build_index(corpus, tmp_path / "index")
    hits = open_retriever(tmp_path / "index").search("计划建成养老服务中心几个", 30)
    pairs = list(pairwise(hits))
    assert sum(one.score == other.score for one, other in pairs) >= 3
    assert all((-one.score, one.row) < (-other.score, other.row) for one, other in pairs)


def test_of_more_equals_than_are_looked_at_the_first_rows_are_taken(tmp_path: Path) -> None:
    text = REPORTS["东山县-2024.txt"]
    corpus = write_corpus(tmp_path / "corpus", {f"{n:02}.txt": text for n in range(30)})
    build_index(corpus, tmp_path / "index")
    for k in (1, 2):
        hits = open_retriever(tmp_path / "index").search("计划建成养老服务中心几个", k)
        assert [hit.passage.metadata.id for hit in hits] == ["00"] * k


def test_the_report_a_question_names_by_year_and_kind_gains(retriever: Retriever) -> None:
    named = Understanding(report_years=(2024,), kinds=("政府工作报告",))
    for row, gain in enumerate(Agreement(retriever.snapshot).gain(named)):
        metadata = retriever.snapshot.passage(row).metadata
        expected = REPORT_YEAR_AGREES * (metadata.year == 2024)
        expected += KIND_AGREES * (metadata.kind == "政府工作报告")
        expected -= YEAR_IS_FAR * (metadata.year is not None and abs(metadata.year - 2024) > 1)
        assert gain == pytest.approx(expected, abs=1e-4)


def test_where_no_year_is_stated_what_is_long_past_comes_last(tmp_path: Path) -> None:
    old = REPORTS["东山县-2024.txt"].replace("2024年", "1994年").replace("2023年", "1993年")
    reports = {"1.txt": old, "2.txt": REPORTS["东山县-2024.txt"]}
    build_index(write_corpus(tmp_path / "corpus", reports), tmp_path / "index")
    retriever = open_retriever(tmp_path / "index")
    for year, expected in (("", 2024), ("1993年", 1994), ("2023年", 2024)):
        first = retriever.search(f"{year}东山县地区生产总值完成多少亿元")[0].passage
        assert first.metadata.year == expected
    gains = Agreement(retriever.snapshot).gain(Understanding())
    assert set(gains.tolist()) == {0.0, -2.0}


def test_of_a_comparison_each_side_comes_first(retriever: Retriever) -> None:
    hits = retriever.search("东山县和西河市2023年地区生产总值相比，谁更高？", 2)
    assert {hit.passage.metadata.region for hit in hits} == {"东山县", "西河市"}
    assert all("地区生产总值完成" in hit.passage.text for hit in hits)


SLOGAN = (
    "坚持稳中求进工作总基调，完整准确全面贯彻新发展理念，加快构建新发展格局，着力推动高质量发展，"
    "统筹发展和安全，增进民生福祉，保持社会稳定，为全面推进中国式现代化作出新的更大贡献。"
)


def test_a_slogan_in_many_reports_does_not_crowd_out_the_rest(tmp_path: Path) -> None:
    places = [f"{first}{second}县" for first in "东西南北中" for second in "山河湖岭川"]
    reports = {f"{place}-2024.txt": f"2024年{place}政府工作报告\n{SLOGAN}" for place in places}
    reports["云州市-2024.txt"] = (
        "2024年云州市政府工作报告\n发展理念：先修学校，再修公园，后修桥梁。"
    )
    build_index(write_corpus(tmp_path / "corpus", reports), tmp_path / "index")
    retriever = open_retriever(tmp_path / "index")
    open_question = retriever.search("坚持稳中求进，贯彻新发展理念", 100)
    named = retriever.search("南湖县坚持稳中求进，贯彻新发展理念", 100)
    holding = [SLOGAN in hit.passage.text for hit in open_question]
    assert holding[0]
    assert sum(holding[:20]) == 1
    assert sum(holding) == len(places)
    assert {hit.row for hit in open_question} == {hit.row for hit in named}
    assert SLOGAN in named[0].passage.text
    assert named[0].passage.metadata.region == "南湖县"
    for hits in (open_question, named):
        assert all(one.score >= other.score for one, other in pairwise(hits))
    retriever.snapshot.close()


def test_what_contradicts_place_and_year_comes_after_what_does_not(tmp_path: Path) -> None:
    other = REPORTS["东山县-2024.txt"].replace("东山", "北岭")
    corpus = write_corpus(tmp_path / "corpus", {**REPORTS, "北岭县-2024.txt": other})
    build_index(corpus, tmp_path / "index")
    retriever = open_retriever(tmp_path / "index")
    hits = [hit.passage for hit in retriever.search("东山县2023年新增学位多少", 20)]
    fits = [
        passage.metadata.region == "东山县" and (not passage.about or 2023 in passage.about)
        for passage in hits
    ]
    assert any(fits)
    assert not all(fits)
    assert fits == sorted(fits, reverse=True)
    retriever.snapshot.close()
