"""What every test gets: a closed network, repeatable examples, a browser where it asks for one.

The model's unpacked folder is the user's own cache, so that it is unpacked once on a machine and
not once a run; a test that damages a cache makes its own.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import closed_network
import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).parents[1]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PROXIES = ("http_proxy", "https_proxy", "all_proxy")

# Derandomised, so that a check fails for everybody or for nobody; `--hypothesis-profile=explore`
# looks further.
settings.register_profile("check", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None, max_examples=2_000)


def pytest_configure(config: pytest.Config) -> None:
    """Close the network for the programs that tests start, too."""
    settings.load_profile(config.getoption("--hypothesis-profile", None) or "check")
    for name in PROXIES:  # a proxy on this machine would be a way out
        os.environ.pop(name, None)
        os.environ.pop(name.upper(), None)
    before = os.environ.get("PYTHONPATH")
    here = str(Path(__file__).parent / "closed_network")
    os.environ["PYTHONPATH"] = here if not before else here + os.pathsep + before


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The quick tests first, then those with the model, then those with a browser."""

    def weight(item: pytest.Item) -> int:
        names = {mark.name for mark in item.iter_markers()}
        return 2 * ("browser" in names) + ("model" in names)

    items.sort(key=weight)


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    """Fail the test that reached for the network, even where something swallowed the error."""
    closed_network.attempts.clear()
    yield
    tried = closed_network.attempts.copy()
    closed_network.attempts.clear()
    assert not tried, f"the network was asked for: {tried}"


@pytest.fixture(scope="session")
def shipped_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The index of the two shipped reports by the embedded model, built once: to be read only.
    What writes takes a copy, in which a build embeds nothing again."""
    index = tmp_path_factory.mktemp("shipped") / "index"
    command = [sys.executable, "build_index.py", "--index", str(index)]
    built = subprocess.run(
        command, cwd=ROOT, check=False, capture_output=True, text=True, timeout=600
    )
    assert built.returncode == 0, built.stderr
    (summary,) = built.stdout.splitlines()
    assert "2 reports" in summary
    return index


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium that reaches this machine only."""
    from playwright.sync_api import sync_playwright

    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    assert program, "no Chromium here: run `make browser`, or `make test-quick` for the rest"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=program,
            args=[
                "--no-sandbox",  # root in a container has none
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
            ],
        )
        yield started
        started.close()
