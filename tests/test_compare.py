"""One question over places, years and reports: what each says, verbatim, or why it does not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from corpora import REPORTS, build_index, open_retriever, write_corpus

from reportqa.compare import COMPARISON_WIDTHS, MOST_COMPARED, compare, comparison_rows
from reportqa.errors import QuestionError
from reportqa.filters import make_filters
from reportqa.search import Retriever

GDP = "地区生产总值完成多少亿元？"


@pytest.fixture(scope="module")
def retriever(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Retriever]:
    folder = tmp_path_factory.mktemp("compare")
    build_index(write_corpus(folder / "corpus", REPORTS), folder / "index")
    retriever = open_retriever(folder / "index")
    yield retriever
    retriever.snapshot.close()


def test_each_place_answers_from_its_own_report(retriever: Retriever) -> None:
    found = compare(retriever, GDP, "region", ["西河市", "东山县"])
    assert [column.label for column in found.columns] == ["西河市", "东山县"]
    quotes = [column.citation.quote for column in found.columns if column.citation]
    assert "1580亿元" in quotes[0]
    assert "321.5亿元" in quotes[1]
    assert found.gaps == 0
    for column in found.columns:
        assert column.citation is not None
        text = retriever.snapshot.report(column.citation.metadata.id).text
        assert text[column.citation.start : column.citation.end] == column.citation.quote


def test_a_place_named_in_the_question_does_not_bind_the_columns(retriever: Retriever) -> None:
    found = compare(retriever, "东山县" + GDP, "region", ["西河市"])
    assert found.columns[0].citation is not None
    assert found.columns[0].citation.metadata.region == "西河市"
    assert found.gaps == 0


def test_a_year_is_the_one_spoken_of_whatever_the_question_says(retriever: Retriever) -> None:
    found = compare(
        retriever, "2023年地区生产总值增长多少？", "year", ["2023", "2024"],
        make_filters(region=["东山县"]),
    )  # fmt: skip
    done, planned = (column.citation for column in found.columns)
    assert done is not None
    assert planned is not None
    assert "6.1%" in done.quote
    assert "6.5%" in planned.quote
    assert [column.label for column in found.columns] == ["2023 年", "2024 年"]


def test_a_gap_is_stated_and_not_filled(retriever: Retriever) -> None:
    found = compare(retriever, "粮食总产量是多少万吨？", "region", ["西河市", "东山县", "南湖区"])
    full, empty, missing = found.columns
    assert full.gap is None
    assert empty.gap == "报告没有提到“粮食总产量”"
    assert missing.citation is None
    assert missing.gap is not None
    assert missing.gap.startswith("没有这个地区的报告")
    assert found.gaps == 2
    rows = comparison_rows(found)
    assert [row[1] is None for row in rows] == [False, True, True]


def test_a_year_nobody_speaks_of_is_a_gap(retriever: Retriever) -> None:
    [column] = compare(retriever, GDP, "year", ["1999"]).columns
    assert (column.citation, column.gap) == (None, "没有段落说到这一年")


def test_reports_are_named_by_their_titles(retriever: Retriever) -> None:
    ids = [metadata.id for metadata in retriever.snapshot.reports]
    found = compare(retriever, GDP, "report", [*ids, *ids, "nothing"])
    assert [column.label for column in found.columns] == [
        *[metadata.title for metadata in retriever.snapshot.reports],
        "nothing",
    ]
    assert found.columns[-1].gap == "索引里没有这份报告"


def test_a_column_gets_what_the_question_alone_gets(retriever: Retriever) -> None:
    [column] = compare(retriever, GDP, "region", ["东山县"]).columns
    hit = retriever.search(GDP, filters=make_filters(region=["东山县"]))[0]
    assert column.hit is not None
    assert column.hit.passage.id == hit.passage.id


@pytest.mark.parametrize(
    ("question", "values", "said"),
    [
        ("  ", ["东山县"], "empty"),
        (GDP, [], "choose 1 to 40"),
        (GDP, [str(n) for n in range(MOST_COMPARED + 1)], "choose 1 to 40"),
    ],
)
def test_what_cannot_be_compared_is_said(
    retriever: Retriever, question: str, values: list[str], said: str
) -> None:
    with pytest.raises(QuestionError, match=said):
        compare(retriever, question, "region", values)


def test_a_row_has_a_cell_for_each_heading(retriever: Retriever, tmp_path: Path) -> None:
    rows = comparison_rows(compare(retriever, GDP, "region", ["东山县", "南湖区"]))
    assert {len(row) for row in rows} == {len(COMPARISON_WIDTHS)}
