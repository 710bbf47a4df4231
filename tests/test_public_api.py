"""Pins the few names that other programs import from reportqa: a change here is a change for them
and goes into CHANGELOG.md."""

from __future__ import annotations

import subprocess
import sys

import reportqa

PUBLIC = [
    "ReportQAError",
    "Retriever",
    "__version__",
    "answer",
    "ask",
    "build",
    "find_figures",
    "make_filters",
    "openai_llm",
    "prompt",
]

SLOW = {"gradio", "httpx", "openai", "sentence_transformers", "torch", "transformers"}


def test_the_public_names_are_these() -> None:
    assert sorted(reportqa.__all__) == sorted(PUBLIC)


def test_every_public_name_is_there_and_documented() -> None:
    for name in set(PUBLIC) - {"__version__"}:
        assert getattr(reportqa, name).__doc__, name


def test_importing_the_package_loads_nothing_slow() -> None:
    program = "import reportqa, sys; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert set(done.stdout.split()) & SLOW == set()
