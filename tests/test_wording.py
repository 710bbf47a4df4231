"""Questions as they are compared: without courtesies, in the characters of the reports."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from corpora import REPORTS, build_index, open_retriever, write_corpus

from reportqa.wording import in_script, is_traditional, without_courtesies


@pytest.mark.parametrize(
    ("question", "left"),
    [
        ("请问一下，江汉区2024年新增就业多少人，谢谢", "江汉区2024年新增就业多少人？"),
        ("請問新增就業多少？謝謝您！", "新增就業多少？"),
        ("你好，我想知道今年的目标是什么", "今年的目标是什么"),
        ("麻烦帮我查一下财政收入", "财政收入"),
        ("Could you tell me the growth target? Thank you.", "the growth target?"),
        ("请问堵车该怎么办呢？谢谢", "堵车？"),
        ("沒有工作怎麼辦", "沒有工作？"),
        ("怎么办", "怎么办"),
        ("身份证怎么办理", "身份证怎么办理"),
        ("谢谢", "谢谢"),
        ("感谢信是谁写的", "感谢信是谁写的"),
        ("报告最后为什么说“谢谢大家”", "报告最后为什么说“谢谢大家”"),
        ("Thanksgiving sales", "Thanksgiving sales"),
        ("新增就业多少人？", "新增就业多少人？"),
    ],
)
def test_polite_words_around_a_question_are_left_out(question: str, left: str) -> None:
    assert without_courtesies(question) == left


def test_the_script_is_that_of_most_characters() -> None:
    assert is_traditional(["江漢區新增就業一點八萬人", "GDP"])
    assert not is_traditional(["江汉区新增就业一点八万人，一處舊廠房" + "改造为公园" * 9])
    assert not is_traditional(["GDP 2024", ""])
    assert not is_traditional([])


def test_a_question_is_put_into_the_script_of_the_reports() -> None:
    assert in_script("江漢區新增就業", traditional=False) == "江汉区新增就业"
    assert in_script("发展头发护理", traditional=True) == "發展頭髮護理"


def test_a_question_has_the_same_hits_in_both_scripts_and_with_courtesies(tmp_path: Path) -> None:
    build_index(write_corpus(tmp_path / "corpus", REPORTS), tmp_path / "index")
    retriever = open_retriever(tmp_path / "index")
    plain, traditional, polite = (
        "东山县新建学校多少所？", "東山縣新建學校多少所？", "您好，请问东山县新建学校多少所？谢谢！"
    )  # fmt: skip
    vectors = retriever.encode([plain, traditional, polite])
    assert np.array_equal(vectors[0], vectors[1])
    assert np.array_equal(vectors[0], vectors[2])
    found = retriever.search_many([plain, traditional, polite], 10)
    assert found[0] == found[1] == found[2]
    retriever.snapshot.close()


def test_a_question_is_asked_in_traditional_characters_of_traditional_reports(
    tmp_path: Path,
) -> None:
    report = "2024年東山縣政府工作報告\n新建學校三所，發展養老服務，環境質量優良，居民收入增長。"
    build_index(write_corpus(tmp_path / "corpus", {"a.txt": report}), tmp_path / "index")
    retriever = open_retriever(tmp_path / "index")
    simplified, traditional = retriever.encode(["发展养老服务", "發展養老服務"])
    assert np.array_equal(simplified, traditional)
    retriever.snapshot.close()
