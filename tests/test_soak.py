"""A server under load while its index is rebuilt: the ten minutes of benchmarks/soak.py, cut down
to three builds."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def soak() -> ModuleType:
    import sys

    path = ROOT / "benchmarks" / "soak.py"
    spec = importlib.util.spec_from_file_location("soak", path)
    assert spec
    assert spec.loader
    module = sys.modules["soak"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.model
def test_no_request_fails_or_mixes_snapshots_while_the_index_is_rebuilt(
    soak: ModuleType, tmp_path: Path
) -> None:
    seen = soak.run(tmp_path, [], seconds=25, every=4, clients=4)
    assert (seen.failed, seen.mixed) == ([], [])
    assert seen.builds >= 2
    assert len(seen.snapshots) >= 2  # a new snapshot was taken up under load
    assert seen.requests >= 20
