"""The web application on a loopback port, over an index that the fake encoder built.

`running` serves from a thread of the test; `python tests/serving.py INDEX [stdio]` is a process of
its own, which prints its address, for what only a process can show: signals and standard output.
"""

from __future__ import annotations

import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import uvicorn
from corpora import open_retriever

from reportqa.web.app import make_site
from reportqa.web.desk import Desk
from reportqa.web.guard import Rules
from reportqa.web.server import make_config

NO_RULES = Rules()


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers, and the desk behind it."""

    url: str
    desk: Desk


@contextmanager
def running(
    index: Path, rules: Rules = NO_RULES, *, page: bool = False, root_path: str = ""
) -> Iterator[Running]:
    """Serve an index until the block ends."""
    desk = Desk(open_retriever(index))
    site = make_site(desk, rules, page=page, root_path=root_path)
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(make_config(site))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    while not server.started:
        time.sleep(0.02)
    try:
        yield Running(f"http://127.0.0.1:{listening.getsockname()[1]}", desk)
    finally:
        server.should_exit = True
        thread.join(20)
        listening.close()
        desk.close()
        desk.snapshot.close()


def main(index: str, how: str = "http") -> None:
    from reportqa.web.mcp import McpDoor
    from reportqa.web.server import serve
    from reportqa.web.telemetry import set_up_logging

    set_up_logging(as_json=True)
    desk = Desk(open_retriever(Path(index)))
    if how == "stdio":
        import anyio

        anyio.run(McpDoor(desk).run_stdio)
        return
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        ready = partial(sys.stdout.write, f"{address}\n")
        sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
        serve(make_site(desk, page=False), listening, ready)


if __name__ == "__main__":
    main(*sys.argv[1:])
