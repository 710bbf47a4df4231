"""The Python of the READMEs, run block after block as a reader would, over the shipped reports."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PYTHON = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def python_of(name: str) -> list[str]:
    return PYTHON.findall((ROOT / name).read_text("utf-8"))


def test_both_readmes_show_the_same_python() -> None:
    def code(name: str) -> list[str]:
        return [re.sub(r"  # .*", "", block) for block in python_of(name)]

    assert code("README.md") == code("README.zh-CN.md")


@pytest.mark.model
def test_the_python_of_the_readme_runs_and_answers(
    shipped_index: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(shipped_index.parent)
    capsys.readouterr()
    said: list[str] = []
    names: dict[str, object] = {}
    for block in python_of("README.md"):
        exec(compile(block, "README.md", "exec", dont_inherit=True), names)
        said.append(capsys.readouterr().out)
    sync, asynchronous, langchain, tools, prompted = said
    assert "1740亿元" in sync
    assert "#" in sync  # passages by their ids
    assert "就业" in asynchronous
    assert "['" in langchain  # the heading path
    assert "[1]" in prompted
    assert tools.startswith('{"passages": [{"number": 1, ')
