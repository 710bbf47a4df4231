"""The web application on a loopback port, over an index that the fake encoder built.

`running` serves from a thread of the test; `process` from one of its own, for what only a process
can show: signals, standard output, and the page, whose library leaves sockets to the collector.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import uvicorn
from corpora import open_retriever

from reportqa.generate import LLM
from reportqa.prompt import Message
from reportqa.web.app import make_site
from reportqa.web.desk import Desk
from reportqa.web.guard import Rules
from reportqa.web.server import make_config

HERE = Path(__file__).parent
NO_RULES = Rules()
PIECES = 5  # that a slow model writes


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers, and the desk behind it."""

    url: str
    desk: Desk


@contextmanager
def running(index: Path, rules: Rules = NO_RULES, llm: LLM | None = None) -> Iterator[Running]:
    """Serve an index until the block ends."""
    desk = Desk(open_retriever(index))
    site = make_site(desk, rules, page=False, llm=llm)
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


@contextmanager
def process(index: Path, **options: object) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The same as a process of its own: its address, and the process."""
    command = [sys.executable, str(HERE / "serving.py"), str(index), json.dumps(options)]
    path = os.pathsep.join([str(HERE.parent), str(HERE), os.environ.get("PYTHONPATH", "")])
    child = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": path}
    )
    assert child.stdout
    try:
        yield child.stdout.readline().strip(), child
    finally:
        child.terminate()
        child.wait(60)
        child.stdout.close()


def write_slowly(messages: Sequence[Message]) -> Iterator[str]:
    """A model that takes its time over each piece."""
    for number in range(PIECES):
        time.sleep(0.2)
        yield f"第{number}句。"


def main(index: str, how: str) -> None:
    from reportqa.web.access import Tokens
    from reportqa.web.mcp import McpDoor
    from reportqa.web.server import serve
    from reportqa.web.telemetry import set_up_logging

    set_up_logging(as_json=True)
    desk = Desk(open_retriever(Path(index)))
    if how == "stdio":
        import anyio

        anyio.run(McpDoor(desk).run_stdio)
        return
    options = json.loads(how)
    tokens = Tokens(options["tokens"]) if "tokens" in options else None
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
        ready = partial(sys.stdout.write, f"{address}\n")
        root_path = options.get("root_path", "")
        llm = write_slowly if "slow_model" in options else None
        page = "page" in options
        site = make_site(desk, Rules(tokens), page=page, root_path=root_path, llm=llm)
        serve(site, listening, ready)


if __name__ == "__main__":
    main(*sys.argv[1:])
