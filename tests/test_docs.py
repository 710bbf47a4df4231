"""Holds the documents to the code: commands that run, links that lead somewhere, files that exist,
two READMEs that say the same, decisions in their form."""

from __future__ import annotations

import ast
import functools
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import reportqa

ROOT = Path(__file__).parents[1]
READMES = ("README.md", "README.zh-CN.md")
READING_ORDER = {
    "README.md": "## Files, in reading order",
    "README.zh-CN.md": "## 文件（按阅读顺序）",
}
NOT_OURS = {".venv", "build", "dist", "index", "node_modules"}
DOCUMENTS = sorted(
    path.relative_to(ROOT).as_posix()
    for path in [*ROOT.glob("*.md"), *ROOT.glob("*/**/*.md")]
    if path.relative_to(ROOT).parts[0] not in NOT_OURS
    and (path.parent != ROOT / "corpus" or path.name == "README.md")  # a report is data
    and ROOT / "tests" / "data" not in path.parents
)

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)|<(?:img|a)\b[^>]*?\b(?:src|href)=\"([^\"]+)\"")
NUMBER = re.compile(r"(?<![\w.])\d*\.?\d+(?:,\d{3})*%?")


def read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def blocks(text: str, *languages: str) -> list[str]:
    return [body for language, body in FENCE.findall(text) if language in languages]


def commands(text: str) -> list[list[str]]:
    """Every command of the shell blocks, as words, without comments and `$`."""
    lines = "".join(blocks(text, "bash", "sh", "console")).replace("\\\n", " ").splitlines()
    found = [shlex.split(line.removeprefix("$ "), comments=True) for line in lines]
    return [words for words in found if words]


def script_calls(name: str) -> list[list[str]]:
    """Commands that start a Python file, from that file on."""
    return [
        words[place:]
        for words in commands(read(name))
        for place in range(len(words))
        if words[place].endswith(".py") and place and words[place - 1].endswith("python")
    ]


@functools.cache
def help_of(script: str) -> str:
    done = subprocess.run(
        [sys.executable, script, "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=20,  # help waits for no model
        check=False,
    )
    assert done.returncode == 0, f"python {script} --help: {done.stderr}"
    return done.stdout


def headings(text: str) -> list[str]:
    outside = FENCE.sub("", text)
    return re.findall(r"^#+ +(.+?) *$", outside, re.MULTILINE)


def anchor(heading: str) -> str:
    """The fragment that GitHub gives to a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def anchors(file: Path) -> set[str]:
    return {anchor(heading) for heading in headings(file.read_text("utf-8"))}


def section(text: str, heading: str) -> str:
    _, found, rest = text.partition(heading + "\n")
    assert found, f"no heading {heading!r}"
    return rest.partition("\n## ")[0]


def table_numbers(text: str) -> list[list[str]]:
    rows = [line for line in FENCE.sub("", text).splitlines() if line.startswith("|")]
    return [numbers for row in rows if (numbers := NUMBER.findall(row))]


@pytest.mark.parametrize("name", READMES)
def test_a_readme_opens_with_the_two_commands(name: str) -> None:
    first = FENCE.search(read(name))
    assert first
    assert commands(first.group(0)) == [["make", "serve"], ["make", "test"]]


@pytest.mark.parametrize("name", READMES)
def test_commands_of_a_readme_use_options_that_exist(name: str) -> None:
    calls = script_calls(name)
    assert calls
    for script, *words in calls:
        known = set(re.findall(r"(?<![\w-])--?[a-zA-Z][\w-]*", help_of(script)))
        options = {word.partition("=")[0] for word in words if re.match(r"--?[a-zA-Z]", word)}
        assert options <= known, f"{name}: {script} has no {sorted(options - known)}"


@pytest.mark.parametrize("name", READMES)
def test_python_in_a_readme_imports_public_names(name: str) -> None:
    imported = {
        alias.name
        for block in blocks(read(name), "python")
        for found in ast.walk(ast.parse(block))
        if isinstance(found, ast.ImportFrom) and found.module == "reportqa"
        for alias in found.names
    }
    assert imported <= set(reportqa.__all__)


@pytest.mark.parametrize("name", READMES)
def test_the_reading_order_names_files_that_exist_and_every_module(name: str) -> None:
    rows = section(read(name), READING_ORDER[name])
    named = re.findall(r"`([\w./-]+(?:\.\w+|/))`", rows)
    assert [path for path in named if not (ROOT / path).exists()] == []
    modules = {f"reportqa/{path.name}" for path in (ROOT / "reportqa").glob("[!_]*.py")}
    assert modules - set(named) == set()


def test_both_readmes_give_the_same_numbers_and_commands() -> None:
    english, chinese = (read(name) for name in READMES)
    assert table_numbers(english) == table_numbers(chinese)

    def shape(text: str) -> list[list[str]]:
        return [[word for word in words if word.isascii()] for words in commands(text)]

    assert shape(english) == shape(chinese)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_lead_to_files_and_headings_that_exist(name: str) -> None:
    broken = []
    for target in ("".join(pair) for pair in LINK.findall(FENCE.sub("", read(name)))):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, fragment = target.partition("#")
        file = (ROOT / name).parent / path if path else ROOT / name
        if not file.exists() or (fragment and fragment not in anchors(file)):
            broken.append(target)
    assert broken == []


def test_the_design_points_to_tests_that_exist() -> None:
    pointers = re.findall(r"`(tests/test_\w+\.py)(?:::(test_\w+))?`", read("docs/design.md"))
    assert pointers
    missing = [
        f"{path}::{test}" if test else path
        for path, test in pointers
        if not (ROOT / path).exists() or (test and f"def {test}(" not in read(path))
    ]
    assert missing == []


def test_decisions_are_numbered_and_in_their_form() -> None:
    parts = re.split(r"^## ", read("docs/decisions.md"), flags=re.MULTILINE)[1:]
    assert [int(part.partition(".")[0]) for part in parts] == list(range(1, len(parts) + 1))
    for part in parts:
        lines = [line for line in part.splitlines() if line.strip()]
        assert 8 <= len(lines) <= 12, f"{lines[0]}: {len(lines)} lines"
        labels = re.findall(r"^\*\*(\w+)\.\*\*", part, re.MULTILINE)
        assert labels == ["Context", "Decision", "Consequence"], lines[0]


def test_the_changelog_begins_with_what_is_in_this_version() -> None:
    first = headings(read("CHANGELOG.md"))[1]
    assert first.split(" - ")[0] == f"[{reportqa.__version__}]"


def test_the_glossary_has_each_word_once_with_its_chinese() -> None:
    rows = re.findall(r"^\| ([a-z ]+) \| (\S+) \| (.+) \|$", read("docs/glossary.md"), re.MULTILINE)
    words = [word for word, _, _ in rows]
    assert len(words) == len(set(words))
    assert {word: chinese for word, chinese, _ in rows} | {
        "report": "报告",
        "section": "章节",
        "passage": "段落",
        "evidence": "依据",
        "citation": "引用",
    } == {word: chinese for word, chinese, _ in rows}


# The readers above, on text made for them.


def test_a_command_is_read_over_continued_lines_and_without_its_comment() -> None:
    text = '```bash\n$ python query.py "问题" \\\n    -k 10  # ten\n\nmake serve\n```\n'
    assert commands(text) == [["python", "query.py", "问题", "-k", "10"], ["make", "serve"]]


def test_numbers_are_read_from_table_rows_only() -> None:
    text = "12 and\n| R@5 | .85 | 1,200 | 93% |\n|---|---|\n```\n| 7 |\n```\n"
    assert table_numbers(text) == [["5", ".85", "1,200", "93%"]]


def test_an_anchor_is_the_one_github_gives() -> None:
    assert anchor("Files, in reading order") == "files-in-reading-order"
    assert anchor("文件（按阅读顺序）") == "文件按阅读顺序"
