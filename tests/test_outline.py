"""Who asks for the tasks of a year gets the report's own list of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from corpora import build_index, open_retriever, write_corpus

from reportqa.answer import ask
from reportqa.search import Retriever

TASKS = ["（一）扩大内需，稳住增长", "（二）创新驱动，培育动能", "（三）改善民生，织密保障"]
YEARS = ["（一）经济跨上台阶", "（二）城乡换了面貌", "（三）百姓得到实惠"]
DONE = ["（一）项目建设提速", "（二）营商环境优化", "（三）民生支出增加"]
SPAN = "二、今后五年工作安排（2024—2028年）"
PLAN = "三、2024年重点工作"


def section(top: str, headings: list[str], text: str) -> str:
    return "\n".join([top, *(f"{heading}\n{text}" for heading in headings)])


REPORT = "\n\n".join(
    [
        "2024年南山县政府工作报告",
        section("一、2023年工作回顾", DONE, "全年完成投资30亿元，建成道路5条。群众收入增长了6%。"),
        section(SPAN, YEARS, "到2028年，力争财政收入达到50亿元。"),
        section(PLAN, TASKS, "2024年，力争新建学校3所，确保粮食产量达到5万吨以上。"),
        section("四、加强政府自身建设", ["（一）依法", "（二）务实", "（三）清廉"], "要转变作风。"),
    ]
)
OTHER = """2024年北海县政府工作报告

一、2024年重点工作
力争新建学校9所。确保粮食产量达到9万吨以上。
"""


@pytest.fixture(scope="module")
def retriever(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Retriever]:
    folder = tmp_path_factory.mktemp("outline")
    corpus = {"南山县-2024.txt": REPORT, "北海县-2024.txt": OTHER}
    build_index(write_corpus(folder / "corpus", corpus), folder / "index")
    retriever = open_retriever(folder / "index")
    yield retriever
    retriever.snapshot.close()


@pytest.mark.parametrize(
    ("question", "headings"),
    [
        ("南山县2024年重点工作有哪些？", TASKS),
        ("2024年南山县要抓好哪些工作", TASKS),
        ("南山县2024年的主要任务是什么", TASKS),
        ("南山县2023年做了哪些工作？", DONE),
    ],
)
def test_the_tasks_of_a_year_are_the_headings_of_that_part(
    retriever: Retriever, question: str, headings: list[str]
) -> None:
    answer = ask(retriever, question).answer
    assert answer.text == "\n".join(f"{one}[{n}]" for n, one in enumerate(headings, 1))
    report = retriever.snapshot.report(answer.citations[0].metadata.id)
    for citation in answer.citations:
        assert report.text[citation.start : citation.end] == citation.quote


@pytest.mark.parametrize(
    "question",
    [
        "南山县2024年民生方面的重点工作有哪些",  # not all of them
        "北海县2024年重点工作有哪些",  # no headings there
        "2024年重点工作有哪些",  # of which place?
        "南山县2031年重点工作有哪些",
    ],
)
def test_anything_else_is_left_to_the_sentences(retriever: Retriever, question: str) -> None:
    text = ask(retriever, question).answer.text or ""
    assert not any(heading in text for heading in (*TASKS, *YEARS, *DONE))
