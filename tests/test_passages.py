"""Passages and sentences tile what they divide, and none is longer than the model reads."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reportqa.passages import passage_input, sentence_inputs, split_passages, split_sentences
from reportqa.records import Metadata, Passage, Report, Section

METADATA = Metadata("r", "某县政府工作报告", "某县", None, "政府工作报告", None, 2024, "r.txt")
CHARACTERS = st.text(
    st.sampled_from("甲乙丙丁一二。；，！：\n（）”“1 .-%a🙂"), min_size=1, max_size=900
)


def count_characters(texts: Sequence[str]) -> list[int]:
    return [len(text) for text in texts]


def section_of(text: str, body: int = 0, headings: tuple[str, ...] = ()) -> Section:
    return Section(0, len(text), body, headings, "body", (), None)


def split(
    text: str, body: int = 0, headings: tuple[str, ...] = (), longest: int = 480
) -> list[Passage]:
    report = Report(METADATA, text)
    return list(
        split_passages(report, [section_of(text, body, headings)], count_characters, longest)
    )


def assert_tiles(passages: Sequence[Passage], text: str) -> None:
    assert "".join(p.text for p in passages) == text
    assert passages[0].start == 0
    assert passages[-1].end == len(text)
    assert all(a.end == b.start for a, b in pairwise(passages))
    for passage in passages:
        assert passage.text == text[passage.start : passage.end]
        assert "".join(map(passage.quote, passage.sentences)) == passage.text
        assert all(span.start < span.end for span in passage.sentences)


@given(CHARACTERS)
def test_passages_tile_a_section_and_sentences_tile_a_passage(text: str) -> None:
    assert_tiles(split(text), text)


@given(CHARACTERS, st.integers(min_value=60, max_value=200))
def test_no_passage_is_longer_than_the_model_reads(text: str, longest: int) -> None:
    passages = split(text, longest=longest)
    assert_tiles(passages, text)
    assert all(len(passage_input(p)) <= longest for p in passages)


@given(CHARACTERS)
def test_sentences_tile_any_text(text: str) -> None:
    spans = split_sentences(text, 7)
    assert spans[0].start == 7
    assert spans[-1].end == 7 + len(text)
    assert all(a.end == b.start for a, b in pairwise(spans))


def test_a_closing_quote_stays_with_its_sentence() -> None:
    text = "他说：“完成了。”增长6.5%；总量1.2万亿元。"
    assert [text[s.start : s.end] for s in split_sentences(text)] == [
        "他说：“完成了。”",
        "增长6.5%；",
        "总量1.2万亿元。",
    ]


def test_a_decimal_point_ends_no_sentence_but_an_english_stop_does() -> None:
    text = "It grew by 6.5 percent. The rest fell."
    assert [text[s.start : s.end] for s in split_sentences(text)] == [
        "It grew by 6.5 percent. ",
        "The rest fell.",
    ]


def test_a_paragraph_of_usual_length_is_one_passage() -> None:
    text = "甲" * 150 + "。\n" + "乙" * 160 + "。\n" + "丙" * 170 + "。"
    assert [p.text.strip() for p in split(text)] == text.split("\n")


def test_a_long_paragraph_is_split_at_sentence_ends_into_like_parts() -> None:
    text = "".join(f"第{n:02d}项工作已经全面完成并且取得了很好的成效。" for n in range(40))
    passages = split(text, longest=480)
    assert all(p.text.endswith("。") for p in passages)
    lengths = [len(p.text) for p in passages]
    assert max(lengths) <= 360
    assert min(lengths) >= 0.7 * max(lengths)


def test_short_paragraphs_join_up_to_the_usual_length() -> None:
    text = "\n".join(f"这是第{n}行，一行一句，都很短。" for n in range(30))
    lengths = [len(p.text) for p in split(text)]
    assert max(lengths) <= 200
    assert sum(length > 150 for length in lengths) >= len(lengths) - 1


def test_a_list_stays_whole_with_the_line_that_introduces_it() -> None:
    before = "综述" * 60 + "。\n"
    listing = "主要预期目标：\n" + "\n".join(f"- 第{n}项指标增长{n}%以上；" for n in range(1, 9))
    after = "\n" + "措施" * 60 + "。"
    passages = split(before + listing + after)
    assert [p.text.strip() for p in passages][1] == listing


def test_the_heading_is_read_with_the_first_paragraph() -> None:
    heading = "（一）狠抓项目建设\n"
    text = heading + "甲" * 100 + "。\n" + "乙" * 100 + "。"
    first, second = split(text, body=len(heading), headings=("（一）狠抓项目建设",))
    assert first.text.startswith(heading)
    assert second.text.startswith("乙")


def test_context_is_embedded_but_never_quoted() -> None:
    text = "地区生产总值增长6.5%。"
    (passage,) = split(text, headings=("一、回顾", "（一）经济"))
    assert passage_input(passage) == f"某县政府工作报告\n一、回顾\n（一）经济\n{text}"
    assert sentence_inputs(passage) == [f"某县2024年政府工作报告：{text}"]
    assert passage.text == text


def test_context_too_long_for_its_share_gives_up_outer_headings_first() -> None:
    headings = tuple(f"{n}、" + "很长的标题" * 11 for n in "一二三")
    (passage,) = split("正文。", headings=headings)
    context = passage_input(passage).splitlines()
    assert context[0] == "某县政府工作报告"
    assert context[-2].startswith("三、")
    assert not any(line.startswith("一、") for line in context)


def test_a_bare_heading_and_a_contents_page_are_not_searchable() -> None:
    heading = "一、工作回顾\n"
    (bare,) = split(heading, body=len(heading), headings=("一、工作回顾",))
    assert not bare.searchable
    (passage,) = split(
        heading + "全年各项工作完成。", body=len(heading), headings=("一、工作回顾",)
    )
    assert passage.searchable
    (salutation,) = split("各位代表：\n")
    assert not salutation.searchable


@pytest.mark.parametrize("text", ["无标点" * 20_000, "，" * 20_000, "🙂" * 5_000])
def test_a_huge_line_without_a_sentence_end_is_split_all_the_same(text: str) -> None:
    passages = split(text)
    assert_tiles(passages, text)
    assert all(len(p.text) <= 360 for p in passages)
