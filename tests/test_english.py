"""An English question gets the Chinese words for its terms, and finds passages by them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from corpora import build_index, open_retriever, write_corpus

from reportqa.english import in_chinese
from reportqa.search import Serving


@pytest.mark.parametrize(
    ("question", "chinese"),
    [
        ("By how much did GDP grow?", "地区生产总值 国内生产总值 增长"),
        ("How many kindergartens and nursing homes?", "幼儿园 养老"),
        ("fixed-asset investment", "固定资产投资"),
        ("Were general public budget revenues higher?", "一般公共预算收入"),
        ("new urban jobs", "城镇新增就业"),
        ("Which firms went public?", "企业 上市"),
        ("households resettled away from landslides", "户 搬迁 安置 地质灾害"),
        ("broad money and local government debt", "广义货币 M2 地方政府债务"),
        ("office buildings and urban rail", "写字楼 楼宇 轨道交通"),
        ("elevators renovated in old residential communities", "电梯 改造 老旧小区"),
    ],
)
def test_terms_of_the_field_become_the_words_of_reports(question: str, chinese: str) -> None:
    assert in_chinese(question) == chinese


def test_the_longest_term_wins_and_each_word_comes_once() -> None:
    assert in_chinese("high-speed railway") == "高铁"
    assert in_chinese("railways and the railway") == "铁路"


def test_a_word_is_not_taken_for_another_with_its_stem() -> None:
    assert in_chinese("parks") == "公园"
    assert in_chinese("parking") == "停车 泊位 停车场"


def test_a_question_with_chinese_or_without_known_terms_gets_nothing() -> None:
    assert in_chinese("GDP增长多少") == ""
    assert in_chinese("Who is he?") == ""


def test_an_english_question_is_matched_by_the_words_of_passages(tmp_path: Path) -> None:
    build_index(write_corpus(tmp_path / "corpus"), tmp_path / "index")
    retriever = open_retriever(tmp_path / "index")
    serving = Serving(retriever.snapshot)
    question = "How many kindergartens were built?"
    (views,) = serving.views([question], retriever.encode([question]))
    best = int(serving.rows[np.argmax(views[2])])
    assert "幼儿园" in retriever.snapshot.passage(best).text
    (unknown,) = serving.views(["Who is he?"], retriever.encode(["Who is he?"]))
    assert len(unknown) == 2
    retriever.snapshot.close()
