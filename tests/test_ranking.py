"""The two ways of ranking, by all rows and by candidates, give the same hits."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from corpora import build_index, open_retriever, write_corpus

from reportqa import ranking
from reportqa.filters import make_filters
from reportqa.records import Filters, Hit, Understanding
from reportqa.search import Retriever

PLACES = ("东山县", "西河市", "南岭县", "北湖市")
WORKS = ("公园", "学校", "医院", "桥梁", "水库", "车站", "幼儿园")
SAME = "同一句话在四篇报告里都写着，一字不差。"
QUESTIONS = (
    "新建公园多少座",
    "西河市的医院",
    "2023年建成学校几所",
    "GDP growth",
    "北湖市2024年计划新建车站",
)


def report(place: str, year: int) -> str:
    lines = [f"{year}年{place}政府工作报告", f"一、{year - 1}年工作回顾"]
    for n in range(30):
        work, next_work = WORKS[n % 7], WORKS[(n + n // 7 + 1) % 7]
        lines.append(f"第{n}项工作，全年完成{work}{n + year % 9}座，投资{n * 3}亿元。" * 4)
        lines.append(f"其中{next_work}由第{n}个乡镇负责，受益群众{n * 70}人，进展顺利。" * 4)
    return "\n".join([*lines, SAME * 12])


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    reports = {
        f"{place}-{year}.txt": report(place, year) for place in PLACES for year in (2023, 2024)
    }
    return write_corpus(tmp_path_factory.mktemp("ranking") / "corpus", reports)


@pytest.fixture(scope="module")
def exact(corpus: Path) -> Iterator[Retriever]:
    build_index(corpus, corpus.parent / "exact")
    retriever = open_retriever(corpus.parent / "exact")
    assert not retriever.snapshot.quantised
    yield retriever
    retriever.snapshot.close()


@pytest.fixture(scope="module")
def quantised(corpus: Path) -> Iterator[Retriever]:
    build_index(corpus, corpus.parent / "quantised", quantised_from=1)
    retriever = open_retriever(corpus.parent / "quantised")
    assert retriever.snapshot.quantised
    yield retriever
    retriever.snapshot.close()


def listed(hits: tuple[Hit, ...]) -> list[tuple[int, float]]:
    return [(hit.row, pytest.approx(hit.score, abs=1e-3)) for hit in hits]


@pytest.mark.parametrize("k", [1, 10, 100])
@pytest.mark.parametrize(
    "filters",
    [
        Filters(),
        make_filters(year=["2024"]),
        make_filters(region=["西河市"], about=["2023"]),
        make_filters(report=["东山县-2023"]),
    ],
)
def test_candidates_give_the_hits_of_all_rows(
    exact: Retriever, quantised: Retriever, filters: Filters, k: int
) -> None:
    for question in QUESTIONS:
        expected = exact.search(question, k, filters)
        assert expected
        found = quantised.search(question, k, filters)
        assert [hit.row for hit in found] == [hit.row for hit in expected]
        assert [h.score for h in found] == pytest.approx([h.score for h in expected], abs=1e-3)


@pytest.mark.parametrize("way", ["exact", "quantised"])
def test_many_questions_get_what_each_alone_gets(way: str, request: pytest.FixtureRequest) -> None:
    retriever: Retriever = request.getfixturevalue(way)
    questions = [f"{question}第{n}个" for n in range(20) for question in QUESTIONS]
    together = retriever.search_many(questions, 20)
    for question, hits in list(zip(questions, together, strict=True))[::9]:
        alone = retriever.search(question, 20)
        assert [hit.row for hit in hits] == [hit.row for hit in alone]
        assert [h.score for h in hits] == pytest.approx([h.score for h in alone], abs=1e-4)
        assert [hit.evidence for hit in hits] == [hit.evidence for hit in alone]


@pytest.mark.parametrize("way", ["exact", "quantised"])
def test_rows_of_equal_score_come_in_order_in_both_ways(
    way: str, request: pytest.FixtureRequest
) -> None:
    retriever: Retriever = request.getfixturevalue(way)
    hits = retriever.search(SAME, 100)
    assert all((-one.score, one.row) < (-other.score, other.row) for one, other in pairwise(hits))


@pytest.fixture
def few_candidates(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if there were far more rows than candidates."""
    for name in ("LIKELY_PASSAGES", "LIKELY_SENTENCES", "LIKELY_LEXICAL", "CANDIDATES"):
        monkeypatch.setattr(ranking, name, 4)


@pytest.mark.usefixtures("few_candidates")
def test_a_place_stated_brings_its_passages_up(exact: Retriever, quantised: Retriever) -> None:
    stated = Understanding(regions=("北湖市",))
    question = "第3个乡镇的水库"
    hits = quantised.search(question, 20, understood=stated)
    assert {hit.passage.metadata.region for hit in hits} == {"北湖市"}
    assert [h.row for h in hits] == [h.row for h in exact.search(question, 20, understood=stated)]


@pytest.mark.usefixtures("few_candidates")
def test_few_rows_allowed_are_all_scored(exact: Retriever, quantised: Retriever) -> None:
    filters = make_filters(region=["南岭县"], year=["2023"])
    expected = exact.search("受益群众", 50, filters)
    assert len(expected) > 30
    assert listed(quantised.search("受益群众", 50, filters)) == listed(expected)


@pytest.mark.usefixtures("few_candidates")
@pytest.mark.parametrize("understood", [Understanding(), Understanding(regions=("西河市",))])
def test_many_rows_allowed_are_never_left(
    quantised: Retriever, understood: Understanding, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranking, "FEW", 10)
    filters = make_filters(year=["2024"])
    for question in QUESTIONS:
        hits = quantised.search(question, 5, filters, understood)
        assert len(hits) == 5
        assert {hit.passage.metadata.year for hit in hits} == {2024}
        keys = [(-hit.score, hit.row) for hit in hits]
        assert keys == sorted(set(keys))


@pytest.mark.parametrize("way", ["exact", "quantised"])
def test_a_filter_that_matches_nothing_finds_nothing(
    way: str, request: pytest.FixtureRequest
) -> None:
    retriever: Retriever = request.getfixturevalue(way)
    assert retriever.search("公园", 5, make_filters(year=["1999"])) == ()


def test_a_sample_stands_for_all_rows(
    exact: Retriever, corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranking, "SAMPLE", 150)
    sampled = open_retriever(corpus.parent / "exact")
    for question in QUESTIONS:
        whole = {hit.row: hit.score for hit in exact.search(question, 10)}
        near = {hit.row: hit.score for hit in sampled.search(question, 10)}
        assert len(whole.keys() & near.keys()) >= 8
        both = sorted(whole.keys() & near.keys())
        difference = np.array([whole[row] - near[row] for row in both])
        assert abs(difference).max() < 1
    sampled.snapshot.close()
