"""What a build says of its files, in the page's Chinese."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from reportqa.corpus import metadata, reading, textfile
from reportqa.corpus.metadata import clean_fields
from reportqa.web.troubles import in_page_words

SENTENCE = re.compile(r"[a-z]{3,} [a-z]{2,}")


def templates(source: str) -> Iterator[str]:
    """The messages that stand in some code, 7 filled in: what is wrong; what to do."""
    tree = ast.parse(source)
    said = {id(child) for node in ast.walk(tree) if isinstance(node, ast.Expr | ast.JoinedStr)
            for child in ast.iter_child_nodes(node)}  # fmt: skip
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = [v.value if isinstance(v, ast.Constant) else "7" for v in node.values]
            text = "".join(map(str, parts))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = "" if id(node) in said else node.value
        else:
            continue
        if "; " in text or text.startswith("left out: "):
            yield text


MESSAGES = [
    message
    for module in (reading, textfile, metadata)
    for message in templates(Path(module.__file__).read_text("utf-8"))
    if message != "left out: 7"  # another message stands behind it
]


def test_the_messages_are_found_in_the_code() -> None:
    assert len(MESSAGES) > 20


@pytest.mark.parametrize("message", MESSAGES)
def test_every_message_of_a_build_has_its_chinese(message: str) -> None:
    filled = message.replace("7 7, not 7", "year must be a year like 2024, not 7")
    said = in_page_words(filled)
    assert not SENTENCE.search(said), said


def test_every_complaint_about_metadata_has_its_chinese() -> None:
    wrong = {"year": "去年", "date": "昨天", "kind": "小说", "title": 7, "region": 7}
    _, complaints = clean_fields(wrong)
    assert len(complaints) == 5
    for complaint in complaints:
        assert "已改用正文中的信息" in in_page_words(complaint)


def test_what_is_filled_in_stays_and_is_named_in_chinese_where_it_can_be() -> None:
    assert in_page_words("left out: cannot be read (Permission denied); check that it is there "
                         "and its permissions") == (
        "未采用：无法读取（没有权限）：请检查文件是否存在、权限是否足够"
    )  # fmt: skip
    assert in_page_words("the id 甲{0} is taken already; give each its own") == (
        "编号 甲{0} 重复：请为每篇另取编号"
    )


def test_an_unknown_message_stays_as_it_is() -> None:
    assert in_page_words("the moon is in the way") == "the moon is in the way"
