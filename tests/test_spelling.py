"""Wrong characters of the right sound or shape are put right where the reports leave no doubt."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from corpora import build_index, open_retriever, write_corpus

from reportqa.lexical import tokens
from reportqa.question import forget
from reportqa.records import Understanding
from reportqa.spelling import Speller

TEXTS = [
    "全县今年的主要目标是地区生产总值增长百分之六",
    "各镇的目标：改造老旧小区，新建养老院",
    "保障就业岗位，支持中小企业，新增就业岗位",
    "企业就业稳定，财政收入增长",
    "建成污水处理厂，城市空气质量好转",
    "空气质量达到二级标准的有三百天",
    "能提的能提",
    "能提的要提",
]
HELD = Counter(token for text in TEXTS for token in set(tokens(text)))
SPELLER = Speller(HELD, ["保定市", "聊城市", "福建省"])


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("全县的木标是多少", "全县的目标是多少"),
        ("2024年新增旧业岗位", "2024年新增就业岗位"),
        ("空汽质量怎么样", "空气质量怎么样"),
        ("宝定多少老人", "保定多少老人"),
        ("聊成打多少粮", "聊城打多少粮"),
        ("福健的报告", "福建的报告"),
        ("2024粘的目标", "2024年的目标"),
        ("2024念增长多少", "2024年增长多少"),
        ("全縣的木標", "全縣的目標"),
    ],
)
def test_a_wrong_character_of_the_same_sound_is_put_right(written: str, meant: str) -> None:
    assert SPELLER.mend(written) == meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("全县的自标是多少", "全县的目标是多少"),
        ("城市空气质重怎么样", "城市空气质量怎么样"),
        ("中小全业怎么样", "中小企业怎么样"),
        ("保定市的空氣質重", "保定市的空氣質量"),
    ],
)
def test_a_wrong_character_of_much_the_same_shape_is_put_right(written: str, meant: str) -> None:
    assert SPELLER.mend(written) == meant


def test_one_pair_alone_must_be_of_characters_that_belong_together() -> None:
    others = {"标准": 40, "同志": 80}
    assert Speller({"标志": 4, **others}, []).mend("标值是多少") == "标值是多少"
    assert Speller({"标志": 9, **others}, []).mend("标值是多少") == "标志是多少"


@pytest.mark.parametrize(
    "question",
    [
        "全县的目标是多少",
        "哪些企业招人",  # unknown words, and nothing of their sound fits
        "种了几户果树",
        "木",
        "GDP of the county",
        "2024",
        "",
        "几个月里一共修了多少公里",
        "娃能踢的场子",  # 能提, which reports hold, is no word
    ],
)
def test_what_may_be_meant_as_it_stands_is_left(question: str) -> None:
    assert SPELLER.mend(question) == question


def test_without_reports_nothing_is_put_right() -> None:
    assert Speller({}, []).mend("全县的木标") == "全县的木标"


def test_a_place_is_found_by_a_name_of_the_same_sound(tmp_path: Path) -> None:
    report = "2024年{}政府工作报告\n一、目标\n粮食产量{}亿斤。发展{}，建设{}。\n"
    corpus = {
        f"{name}-2024.txt": report.format(name, 9, name, name) for name in ("聊城市", "伊春市")
    }
    build_index(write_corpus(tmp_path / "corpus", corpus), tmp_path / "index")
    retriever = open_retriever(tmp_path / "index")
    assert retriever.understand("聊成的粮食产量").regions == ("聊城市",)
    assert retriever.search("聊成的粮食产量", 1)[0].passage.metadata.region == "聊城市"
    spelt = retriever.understand("聊成的粮食产量")
    assert spelt.spelt == "聊城的粮食产量"
    assert retriever.understand("聊城的粮食产量").spelt is None
    as_written = Understanding(topic=("粮食产量",))
    vectors = retriever.encode(["聊成的粮食产量"] * 2, [spelt, as_written])
    assert not np.array_equal(*vectors)
    assert np.array_equal(vectors[0], retriever.encode(["聊城的粮食产量"])[0])
    assert forget(spelt, ["spelling"]).spelt is None
    # a place that no report is of is not taken for one of the same sound
    assert retriever.understand("宜春的粮食产量").regions == ()
    assert retriever.understand("宜春的粮食产量").missing == ("宜春",)
    retriever.snapshot.close()
