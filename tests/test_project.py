"""The project around the library: the Makefile's promises, and the closed network of the tests."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import closed_network
import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).parents[1]
TARGETS = {
    "help",
    "serve",
    "build",
    "test",
    "test-quick",
    "lint",
    "format",
    "evaluate",
    "browser",
    "image",
    "bundle",
    "bundle-test",
    "clean",
}


def make(*arguments: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    # A make above this one must not lend its flags.
    env = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(
        ["make", *arguments], cwd=folder, env=env, capture_output=True, text=True, check=False
    )


def test_make_alone_lists_every_target() -> None:
    lines = make().stdout.splitlines()
    assert {line.split()[1] for line in lines if line.startswith("make ")} == TARGETS


def test_serve_builds_first_and_hands_on_what_it_was_told() -> None:
    done = make("-n", "serve", "CORPUS=other texts", "INDEX=there", "HOST=0.0.0.0", "PORT=8000")
    assert done.stdout.splitlines()[-2:] == [
        '.venv/bin/python build_index.py --corpus "other texts" --index "there" || test $? -eq 1',
        '.venv/bin/python serve.py --index "there" --host "0.0.0.0" --port "8000"',
    ]


def test_test_runs_lint_format_types_and_all_tests() -> None:
    commands = make("-n", "test").stdout.splitlines()
    assert commands[-5:] == [
        ".venv/bin/python -m ruff check .",
        ".venv/bin/python -m ruff format --check .",
        ".venv/bin/python -m mypy",
        "tests/install_browser.sh",
        ".venv/bin/python -m pytest",
    ]


def test_continuous_integration_tests_and_then_runs_the_bundle_with_the_network_closed() -> None:
    last = (ROOT / ".ci" / "run").read_text("utf-8").splitlines()[-1]
    assert last == "exec make test bundle-test"
    commands = make("-n", "bundle-test").stdout.splitlines()
    assert commands[-2:] == [
        "deploy/bundle.sh .venv/bin/python dist/reportqa-bundle.tar ",
        "deploy/try_bundle.sh dist/reportqa-bundle.tar python3",
    ]
    tried = (ROOT / "deploy" / "try_bundle.sh").read_text("utf-8")
    assert "unshare --map-root-user --net" in tried


def test_an_old_python_is_named_with_the_remedy(tmp_path: Path) -> None:
    for name in ("Makefile", "requirements.txt"):
        shutil.copy(ROOT / name, tmp_path)
    done = make("build", "PYTHON=false", folder=tmp_path)
    assert done.returncode == 2
    assert "Python 3.11 or later is needed; name one: make serve PYTHON=" in done.stdout
    assert not (tmp_path / ".venv").exists()


def test_clean_keeps_the_reports_and_removes_the_snapshots(tmp_path: Path) -> None:
    for name in ("corpus/报告.md", "index/README.md", "index/CURRENT", "index/1/texts.bin"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    shutil.copy(ROOT / "Makefile", tmp_path)
    assert make("clean", folder=tmp_path).returncode == 0
    left = {str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*") if p.is_file()}
    assert left == {"Makefile", "corpus/报告.md", "index/README.md"}


@pytest.mark.parametrize(
    "name",
    [
        ".ci/run",
        "tests/install_browser.sh",
        "deploy/bundle.sh",
        "deploy/install.sh",
        "deploy/start.sh",
        "deploy/try_bundle.sh",
    ],
)
def test_scripts_are_executable_and_parse(name: str) -> None:
    assert os.access(ROOT / name, os.X_OK)
    subprocess.run(["bash", "-n", ROOT / name], check=True)


def test_the_network_is_closed_to_tests() -> None:
    with pytest.raises(closed_network.NetworkClosedError, match=r"example\.org"):
        socket.create_connection(("example.org", 443))
    with socket.socket() as unnamed, pytest.raises(closed_network.NetworkClosedError):
        unnamed.connect(("192.0.2.1", 443))
    assert closed_network.attempts == ["example.org", "192.0.2.1"]
    closed_network.attempts.clear()


def test_the_network_is_closed_to_programs_that_tests_start() -> None:
    program = "import urllib.request as r; r.urlopen('http://192.0.2.1/')"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "NetworkClosedError: the network is closed in tests, and '192.0.2.1'" in done.stderr


def test_this_machine_can_be_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        socket.create_connection(("localhost", port), timeout=5).close()


@pytest.mark.browser
def test_the_browser_draws_chinese_and_reaches_no_other_machine(browser: Browser) -> None:
    from playwright.sync_api import Error

    page = browser.new_page()
    page.set_content("<b>汉</b><i>\U0010fffd</i>")
    drawn = page.evaluate(
        """() => ['b', 'i'].map(name => {
            const canvas = document.createElement('canvas').getContext('2d');
            canvas.font = '40px sans-serif';
            canvas.fillText(document.querySelector(name).textContent, 0, 45);
            return canvas.canvas.toDataURL();
        })"""
    )
    assert drawn[0] != drawn[1]  # a character with no glyph is drawn as a box, like any other
    with pytest.raises(Error, match="ERR_NAME_NOT_RESOLVED"):
        page.goto("http://example.org/")
    page.close()
