"""The ends of a root script."""

from __future__ import annotations

import argparse

import pytest

from reportqa.errors import QuestionError
from reportqa.program import run_program, text_argument


def test_an_error_raised_on_purpose_is_one_line_and_2(capfd: pytest.CaptureFixture[str]) -> None:
    def work() -> int:
        raise QuestionError("the question is empty: type one")

    assert run_program("query.py", work) == 2
    assert capfd.readouterr().err == "query.py: the question is empty: type one\n"


def test_an_interruption_is_one_line_and_2(capfd: pytest.CaptureFixture[str]) -> None:
    def work() -> int:
        raise KeyboardInterrupt

    assert run_program("build_index.py", work, "stopped; the rest stands") == 2
    assert capfd.readouterr().err == "build_index.py: stopped; the rest stands\n"


def test_an_error_that_nobody_foresaw_is_not_hidden() -> None:
    def work() -> int:
        raise FileNotFoundError(2, "No such file", "/nowhere")

    with pytest.raises(FileNotFoundError):
        run_program("query.py", work)


def test_the_bytes_of_an_argument_under_a_c_locale_are_read_as_utf8() -> None:
    given = "就业".encode().decode("ascii", "surrogateescape")
    assert text_argument(given) == "就业"
    assert text_argument("就业") == "就业"


def test_an_argument_that_is_no_text_is_refused() -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="is not text in UTF-8"):
        text_argument("就业\udcff")
