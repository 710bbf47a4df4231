"""Sentences are weighed against each other: words, headings, figures, closeness."""

from __future__ import annotations

from dataclasses import replace

from reportqa.evidence import (
    ReadPassage,
    figure_fit,
    plain_words,
    rank_evidence,
    same_unit,
    settle_figures,
)
from reportqa.figures import extract_figures
from reportqa.records import (
    NOTHING_STATED,
    Evidence,
    Metadata,
    Passage,
    Section,
    Span,
    Understanding,
)

METADATA = Metadata(
    "r", "东山县2024年政府工作报告", "东山县", None, "政府工作报告", None, 2024, "r.txt"
)
SENTENCES = ("新建学校5所。", "改造老旧小区23个。", "老旧小区电梯加装有序推进。")


def passage(*sentences: str, headings: tuple[str, ...] = ()) -> Passage:
    """A passage of these sentences under these headings."""
    spans, end = [], 0
    for sentence in sentences:
        spans.append(Span(end, end + len(sentence)))
        end += len(sentence)
    section = Section(0, end, 0, headings, "body", (2023,), "actual")
    return Passage(METADATA, section, 0, end, "".join(sentences), tuple(spans), (2023,), "actual")


def read(one: Passage) -> ReadPassage:
    return ReadPassage.of(one, extract_figures(one))


def test_the_sentence_with_the_words_and_the_figure_comes_first() -> None:
    one = passage(*SENTENCES)
    stated = Understanding(asked="figure", unit="个")
    (ranked,) = rank_evidence("改造老旧小区多少个", stated, [read(one)], [0.0], [0.0], [[0.8] * 3])
    assert one.quote(ranked[0].span) == "改造老旧小区23个。"
    assert [figure.text for figure in ranked[0].figures] == ["23个"]


def test_closeness_decides_where_no_word_is_shared() -> None:
    one = passage(*SENTENCES)
    (ranked,) = rank_evidence(
        "spielen", NOTHING_STATED, [read(one)], [0.0], [0.0], [[0.8, 0.7, 0.9]]
    )
    assert one.quote(ranked[0].span) == "老旧小区电梯加装有序推进。"


def test_words_of_the_headings_count_for_the_sentences_under_them() -> None:
    under, beside = (passage("有序推进各项工作。", headings=(h,)) for h in ("电梯加装", "道路"))
    scores = [[0.8], [0.8]]
    first, second = rank_evidence(
        "电梯加装怎么样",
        NOTHING_STATED,
        [read(under), read(beside)],
        [0.0, 0.0],
        [0.0, 0.0],
        scores,
    )
    assert first[0].score > second[0].score


def test_a_figure_of_the_other_sense_loses() -> None:
    one = passage("到2025年底，计划改造老旧小区30个。", "2023年改造老旧小区23个。")
    stated = Understanding(basis="actual", asked="figure", unit="个")
    (ranked,) = rank_evidence(
        "实际改造老旧小区多少个", stated, [read(one)], [0.0], [0.0], [[0.8, 0.8]]
    )
    assert one.quote(ranked[0].span) == "2023年改造老旧小区23个。"


def test_a_passage_that_is_all_heading_has_no_sentences_and_the_others_keep_theirs() -> None:
    heading = Section(0, 6, 6, ("一、综合实力",), "body", (), None)
    bare = Passage(METADATA, heading, 0, 6, "一、综合实力", (Span(0, 6),), (), None)
    both = [read(bare), read(passage(*SENTENCES))]
    none, ranked = rank_evidence(
        "老旧小区", NOTHING_STATED, both, [1.0, 0.0], [0.0, 0.0], [[0.9], [0.8] * 3]
    )
    assert none == ()
    assert len(ranked) == len(SENTENCES)


def test_no_passages_give_no_evidence() -> None:
    assert rank_evidence("就业", NOTHING_STATED, [], [], [], []) == []


def test_abbreviations_are_written_out() -> None:
    assert set(plain_words("地区生产总值")) <= set(plain_words("GDP增速"))


def test_units_are_the_same_with_and_without_their_scale() -> None:
    assert same_unit("元", "亿元")
    assert same_unit("%", "个百分点") is False
    assert same_unit("%", "％")
    assert not same_unit("万平方米", "家")


def test_people_and_firms_may_be_told_in_another_counter_or_scale() -> None:
    assert same_unit("万人", "名")
    assert same_unit("万人", "万名")
    assert same_unit("家", "户")
    assert not same_unit("人", "户")
    assert not same_unit("亿元", "元")


def test_the_figure_of_the_year_asked_for_fits_best() -> None:
    one = passage("2022年新建学校4所，2023年新建学校5所。")
    stated = Understanding(years=(2023,), asked="figure", unit="所")
    fitting = max(extract_figures(one), key=lambda f: figure_fit("新建学校多少所", f, stated))
    assert fitting.text == "5所"


def settled(
    sentence: str, about: tuple[int, ...], asked: tuple[int, ...]
) -> list[tuple[str, object]]:
    one = replace(passage(sentence), about=about)
    figures = tuple(
        replace(
            figure, years=(about[0], about[0]) if "年" in sentence[:8] else (about[0], about[-1])
        )
        for figure in extract_figures(one)
    )
    evidence = Evidence(one.sentences[0], 0.0, figures)
    kept = settle_figures(one, evidence, Understanding(years=asked)).figures
    return [(figure.text, figure.years) for figure in kept]


def test_a_year_that_is_only_measured_against_is_not_the_figures_own() -> None:
    about = (2015, 2016, 2017, 2018, 2019, 2020)
    assert settled("从2015年的87亿元增长到118亿元，年均增长5%。", about, ()) == [
        ("87亿元", (2015, 2015)),
        ("118亿元", (2016, 2020)),
        ("5%", (2016, 2020)),
    ]
    assert settled("2015年生产总值完成87亿元。", about, ()) == [("87亿元", (2015, 2015))]


def test_a_year_since_which_nothing_like_it_was_seen_is_not_the_figures_own() -> None:
    sentence = "1958年有气象记录以来最重的旱灾，受灾面积34万亩。"
    assert settled(f"遭遇{sentence}", (1958, 2023), ()) == [("34万亩", (2023, 2023))]
    assert settled("1958年受灾面积34万亩。", (1958, 2023), ()) == [("34万亩", (1958, 1958))]


def test_a_sum_over_years_tells_nothing_of_their_last_alone() -> None:
    about = (2017, 2018, 2019, 2020, 2021)
    sentence = "累计完成生产总值6650亿元，市场主体突破10万户。"
    assert [text for text, _ in settled(sentence, about, (2021,))] == ["突破10万户"]
    assert len(settled(sentence, about, about)) == 2
    assert len(settled(sentence, about, (2020,))) == 2  # kept, to say of which years it is
