"""The server of llm_server.py as a running process, for a `with`."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where it answers."""

    root: str

    @property
    def base_url(self) -> str:
        return f"{self.root}/v1"

    def asked(self) -> list[dict[str, Any]]:
        """Every request so far."""
        with urlopen(f"{self.root}/requests") as answer:
            found: list[dict[str, Any]] = json.load(answer)
        return found


@contextmanager
def running_endpoint() -> Iterator[Endpoint]:
    program = str(Path(__file__).parent / "llm_server.py")
    with subprocess.Popen([sys.executable, program], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield Endpoint(server.stdout.readline().strip())
        finally:
            server.kill()
