"""Everyday words are known by the words of reports, and count where sentences are weighed."""

from __future__ import annotations

from pathlib import Path

import pytest
from corpora import build_index, open_retriever, write_corpus

from reportqa.everyday import _TABLE, BEGINNING, in_report_words


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("上班路上总堵车", "就业 交通拥堵"),
        ("夜市和地摊", "夜间经济"),
        ("種樹種了多少", "造林 绿化"),
        ("gdp目标", "地区生产总值 经济增长"),
        ("地区生产总值（GDP）增速", ""),
        ("建成多少个充电桩", ""),
        ("How high is the GDP?", "地区生产总值"),
        ("今年的总体要求", ""),
        ("楼没盖完，房本也没有", "不动产登记"),
        ("烂尾楼交了几成", "保交房 保交楼"),
        ("老手藝傳給誰", "非物质文化遗产"),
        ("丢了工作，学费谁出", "失业 再就业 学生资助 助学"),
    ],
)
def test_reports_say_it_otherwise(question: str, words: str) -> None:
    assert in_report_words(question) == words


def test_every_everyday_word_is_found_alone_and_brings_something() -> None:
    lines = [line.split(" : ") for line in _TABLE.strip().splitlines()]
    said = [word for words, _ in lines for word in words.split(", ")]
    assert min(map(len, said)) >= BEGINNING
    assert [word for word in said if not in_report_words(word)] == []


def test_of_two_passages_the_one_that_says_it_in_the_words_of_reports_gains(
    tmp_path: Path,
) -> None:
    report = (
        "2024年东山县政府工作报告\n"
        "一、民生\n升级改造农贸市场，增加摊位。\n"
        "二、文化\n升级改造文化广场，增加座位。"
    )
    build_index(write_corpus(tmp_path / "corpus", {"a.txt": report}), tmp_path / "index")
    retriever = open_retriever(tmp_path / "index")
    scores = {}
    for question in ("买菜的地方改造了吗", "某某的地方改造了吗"):
        hits = retriever.search(question, 10)
        market, square = (
            next(hit.score for hit in hits if place in hit.passage.text)
            for place in ("农贸市场", "文化广场")
        )
        scores[question] = market - square
    assert scores["买菜的地方改造了吗"] > scores["某某的地方改造了吗"] + 1
    retriever.snapshot.close()
