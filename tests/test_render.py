"""One formatter: the terminal says what the JSON says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from corpora import build_index, open_retriever, write_corpus

from reportqa.answer import ask
from reportqa.records import Answer, Citation, Metadata, Removed, Reply, Understanding
from reportqa.render import (
    citation_text,
    format_source,
    reply_json,
    reply_text,
    understood_text,
)

METADATA = Metadata("r", "某县报告", "某县", None, "其他", None, 2024, "r.txt")


def test_a_source_names_title_headings_and_basis() -> None:
    assert format_source(METADATA, ("一、回顾", "（一）经济"), "actual") == (
        "《某县报告》 › 一、回顾 › （一）经济（实际完成）"
    )
    assert format_source(METADATA, ()) == "《某县报告》"


def test_the_json_of_a_hit_holds_the_contract(tmp_path: Path) -> None:
    build_index(write_corpus(tmp_path / "corpus"), tmp_path / "index")
    retriever = open_retriever(tmp_path / "index")
    found = reply_json(ask(retriever, "城镇新增就业目标", 2))
    (one, two) = found["hits"]
    assert list(one) == [
        "rank", "score", "passage_id", "report_id", "title", "year", "region", "kind", "headings",
        "about", "basis", "start", "end", "text", "evidence",
    ]  # fmt: skip
    assert (one["rank"], two["rank"]) == (1, 2)
    assert one["report_id"] == "东山县-2024"
    assert one["basis"] == "plan"
    text = retriever.snapshot.report(one["report_id"]).text
    assert text[one["start"] : one["end"]] == one["text"]
    for span in one["evidence"]:
        assert text[span["start"] : span["end"]] == span["text"]
    retriever.snapshot.close()


def test_the_terminal_shows_answer_sources_and_passages(tmp_path: Path) -> None:
    build_index(write_corpus(tmp_path / "corpus"), tmp_path / "index")
    retriever = open_retriever(tmp_path / "index")
    said = reply_text(ask(retriever, "粮食总产量达到多少", 3))
    assert said.startswith("粮食总产量达到212万吨")
    assert "[1] 《" in said
    assert "相关段落（3）：" in said
    retriever.snapshot.close()


def test_what_a_model_wrote_is_marked_and_what_was_removed_is_listed() -> None:
    citation = Citation(2, METADATA, ("一、回顾",), 3, 8, "灯塔9座。")
    removed = (Removed("灯塔99座[2]。", "figure", "引用的原文没有“99座”"),)
    answer = Answer("有灯塔9座[2]。", False, None, "generated", (citation,), None, removed)
    reply = Reply("1", "灯塔呢？", (), answer, 0.0, rewritten="某县灯塔几座？")
    assert reply_text(reply).split("\n") == [
        "〔按上一个问题理解为：某县灯塔几座？〕",
        "〔模型生成，已逐句核对，删去 1 句〕",
        "有灯塔9座[2]。",
        "  [2] 《某县报告》 › 一、回顾",
        "      灯塔9座。",
        "  删去：灯塔99座[2]。（引用的原文没有“99座”）",
    ]
    found = reply_json(reply)
    assert found["rewritten"] == "某县灯塔几座？"
    assert found["answer"]["note"] is None
    assert found["answer"]["removed"] == [
        {"sentence": "灯塔99座[2]。", "kind": "figure", "reason": "引用的原文没有“99座”"}
    ]


def test_an_answer_given_instead_of_a_generated_one_says_so() -> None:
    answer = Answer("灯塔9座。[1]", False, None, "extractive", (), "连不上模型，以下是摘录。")
    assert reply_text(Reply("1", "?", (), answer, 0.0)).startswith(
        "〔连不上模型，以下是摘录〕\n灯塔"
    )


def test_an_abstention_says_why() -> None:
    reply = Reply("1", "?", (), Answer(None, True, "没有这个地区的报告", "extractive", ()), 0.0)
    assert reply_text(reply) == "（未作回答）没有这个地区的报告"


def test_what_was_understood_is_one_line() -> None:
    read = Understanding(
        years=(2020, 2021, 2022),
        regions=("某县",),
        basis="actual",
        kinds=("统计公报",),
        report_years=(2023,),
        asked="figure",
        unit="家",
    )
    assert understood_text(read) == "2020–2022年、2023年报告、统计公报、某县、实际完成"
    said = reply_json(
        Reply("1", "?", (), Answer(None, True, None, "extractive", ()), 0.0, understood=read)
    )
    assert said["understood"] == {
        "years": [2020, 2021, 2022],
        "regions": ["某县"],
        "missing": [],
        "basis": "actual",
        "kinds": ["统计公报"],
        "report_years": [2023],
        "asked": "figure",
        "unit": "家",
        "topic": [],
        "language": None,
        "spelt": None,
    }
    assert understood_text(Understanding(spelt="全县的目标")) == "按“全县的目标”查找"


# Citations in a standard form

DATED = Metadata(
    "d", "2024年东山县政府工作报告", "东山县", "东山县人民政府", "政府工作报告",
    "2024-01-05", 2024, "d.txt",
)  # fmt: skip
QUOTE = "落实“双减”，\n新建幼儿园5所。"


def cite(metadata: Metadata, *headings: str) -> Citation:
    return Citation(1, metadata, headings, 0, len(QUOTE), QUOTE)


@pytest.mark.parametrize(
    ("citation", "written"),
    [
        (
            cite(DATED, "一、2023年工作回顾", "（二）民生"),
            "东山县人民政府. 2024年东山县政府工作报告[R]. (2024-01-05): "
            "一、2023年工作回顾, （二）民生.",
        ),
        (cite(DATED), "东山县人民政府. 2024年东山县政府工作报告[R]. (2024-01-05)."),
        (
            cite(replace(DATED, date="2024-01")),
            "东山县人民政府. 2024年东山县政府工作报告[R]. (2024-01).",
        ),
        (cite(replace(DATED, date="2024")), "东山县人民政府. 2024年东山县政府工作报告[R]. 2024."),
        (cite(METADATA, "一、回顾"), "某县报告[R]. [2024]: 一、回顾."),
        (cite(replace(METADATA, year=None), "一、回顾"), "某县报告[R]: 一、回顾."),
        (cite(replace(METADATA, year=None)), "某县报告[R]."),
    ],
)  # fmt: skip
def test_a_reference_by_the_standard_leaves_out_what_is_unknown(
    citation: Citation, written: str
) -> None:
    assert citation_text(citation, "gbt7714") == written


@pytest.mark.parametrize(
    ("citation", "written"),
    [
        (
            cite(DATED, "一、2023年工作回顾", "（二）民生"),
            "“落实‘双减’， 新建幼儿园5所。”（东山县人民政府：《2024年东山县政府工作报告》，"
            "2024年1月5日，一、2023年工作回顾 › （二）民生）",
        ),
        (cite(METADATA), "“落实‘双减’， 新建幼儿园5所。”（《某县报告》）"),
        (
            cite(replace(METADATA, date="2024-10")),
            "“落实‘双减’， 新建幼儿园5所。”（《某县报告》，2024年10月）",
        ),
    ],
)
def test_a_plain_citation_quotes_and_names_its_source(citation: Citation, written: str) -> None:
    assert citation_text(citation) == written


def test_a_hit_is_cited_by_its_best_sentence(tmp_path: Path) -> None:
    build_index(write_corpus(tmp_path / "corpus"), tmp_path / "index")
    retriever = open_retriever(tmp_path / "index")
    hit = ask(retriever, "粮食总产量达到多少", 1).hits[0]
    assert citation_text(hit) == (
        "“粮食总产量达到212万吨，连续八年稳定增长。”（西河市人民政府：《西河市2024年政府工作报告》，"
        "一、2023年工作回顾）"
    )
    assert citation_text(hit, "gbt7714") == (
        "西河市人民政府. 西河市2024年政府工作报告[R]. [2024]: 一、2023年工作回顾."
    )
    retriever.snapshot.close()
