"""Serve the page, the REST interface and MCP, on this machine or for others on its network.

Exit code 0: ended by Ctrl-C or a signal; 2: it could not start.
"""

from __future__ import annotations

import argparse
import getpass
import math
import os
import signal
import socket
import sys
import webbrowser
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from reportqa.errors import AccessError
from reportqa.program import run_program

if TYPE_CHECKING:
    from reportqa.generate import LLM
    from reportqa.web.desk import Desk
    from reportqa.web.feedback import FeedbackFile
    from reportqa.web.guard import Rules

WARM_UP = "去年完成了什么？"  # asked once, so that the first visitor does not wait for the model
REQUESTS_A_SECOND = 100.0  # for one client


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--index", default="index", type=Path, metavar="DIR")
    parser.add_argument("--host", default="127.0.0.1", help="0.0.0.0 opens it to the network")
    parser.add_argument("--port", default=7860, type=int, help="0 takes any free one")
    parser.add_argument(
        "--model", metavar="NAME_OR_FOLDER", help="the model the index was built with"
    )
    parser.add_argument(
        "--reranker",
        metavar="NAME_OR_FOLDER",
        help="a cross-encoder that puts the first fifty passages in its own order",
    )
    parser.add_argument(
        "--llm",
        metavar="MODEL",
        help="let a model write the answers, each sentence checked: any endpoint like OpenAI's, "
        "named by OPENAI_BASE_URL and OPENAI_API_KEY",
    )
    parser.add_argument("--open-browser", action="store_true", help="open the page when ready")
    parser.add_argument("--api-only", action="store_true", help="REST and MCP, no page")
    parser.add_argument(
        "--mcp-stdio", action="store_true", help="MCP on standard input and output, no server"
    )
    parser.add_argument(
        "--feedback",
        type=Path,
        metavar="FILE.jsonl",
        help="ask visitors whether answers are right and append what they say to this file, in "
        "the format of evaluate.py",
    )
    access = parser.add_argument_group("access")
    access.add_argument(
        "--token-file", type=Path, metavar="FILE", help="whoever asks sends one of its lines"
    )
    access.add_argument(
        "--user-file", type=Path, metavar="FILE", help="whoever asks is one of its users"
    )
    access.add_argument(
        "--add-user",
        metavar="NAME",
        help="add a user to --user-file, or change the password; it is read from the terminal or a "
        "pipe; no server",
    )
    access.add_argument(
        "--open", action="store_true", help="whoever reaches the address may ask, without a token"
    )
    access.add_argument(
        "--rate",
        type=float,
        default=REQUESTS_A_SECOND,
        metavar="N",
        help="requests a second for one client (default %(default)g; 0: no limit)",
    )
    access.add_argument(
        "--root-path", default="", metavar="/PATH", help="where a reverse proxy puts the server"
    )
    log = parser.add_argument_group("log")
    log.add_argument("--log-json", action="store_true", help="a JSON line a request, on stderr")
    log.add_argument("--private", action="store_true", help="no question gets into the log")
    return parser.parse_args()


def listen(host: str, port: int) -> socket.socket:
    """A socket bound to the address, so that a taken port is known before anything is loaded."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=256)
    except (OSError, OverflowError) as error:
        raise AccessError(
            f"cannot listen on {host} port {port} ({error}): choose another with --port"
        ) from error


def address_of(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def rules_of(arguments: argparse.Namespace) -> Rules:
    """Who may ask. AccessError where everybody could, and nobody said that this is meant."""
    from reportqa.web.access import is_loopback, read_tokens, warn_of_rights
    from reportqa.web.guard import Rules
    from reportqa.web.users import read_users

    kept = arguments.token_file or arguments.user_file
    local = is_loopback(arguments.host)
    if arguments.open and kept:
        raise AccessError("--open lets everybody in, --token-file and --user-file do not: give one")
    if not (local or arguments.open or kept):
        raise AccessError(
            f"{arguments.host} can be reached from other machines: name who may ask by "
            "--token-file FILE or --user-file FILE, or let everybody in by --open"
        )
    root = arguments.root_path
    if root and (not root.startswith("/") or root.endswith("/")):
        raise AccessError(f"--root-path {root} is no path: write it as /reports")
    if not 0 <= arguments.rate < math.inf:
        raise AccessError(f"--rate {arguments.rate} is no rate: write it as 5, or 0 for no limit")
    tokens = read_tokens(arguments.token_file) if arguments.token_file else None
    users = read_users(arguments.user_file) if arguments.user_file else None
    for secret in filter(None, (arguments.token_file, arguments.user_file)):
        warn_of_rights(secret)
    named = local and not (arguments.open or kept)
    return Rules(tokens, users, named, arguments.rate, arguments.private)


def add_user(arguments: argparse.Namespace) -> None:
    """A user more in the file of users, or a new password for one."""
    from reportqa.web.users import save_user

    if arguments.user_file is None:
        raise AccessError("--add-user wants the file it adds to: --user-file FILE")
    if sys.stdin.isatty():
        password = getpass.getpass("password: ")
        if getpass.getpass("again: ") != password:
            raise AccessError("the two passwords differ: nothing was changed")
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    known = save_user(arguments.user_file, arguments.add_user, password)
    what = ": new password" if known else ""
    print(f"serve.py: {arguments.add_user} → {arguments.user_file}{what}", file=sys.stderr)


def open_desk(arguments: argparse.Namespace) -> Desk:
    from reportqa.search import Retriever
    from reportqa.web.desk import Asked, Desk

    desk = Desk(Retriever.open(arguments.index, arguments.model, arguments.reranker))
    desk.ask(Asked(WARM_UP))
    return desk


def start(
    arguments: argparse.Namespace, rules: Rules, llm: LLM | None, listening: socket.socket
) -> None:
    """Load everything, then answer until Ctrl-C or SIGTERM."""
    desk = open_desk(arguments)

    from reportqa.web.app import make_site
    from reportqa.web.server import serve

    address = address_of(listening)

    def ready() -> None:
        with suppress(BrokenPipeError):  # who started it reads no more: it serves all the same
            print(f"问报告 is ready: {address} (Ctrl-C ends it)", flush=True)
        if arguments.open_browser:
            webbrowser.open(address)

    page = not arguments.api_only
    root = arguments.root_path
    feedback = open_feedback(arguments.feedback)
    site = make_site(desk, rules, page=page, root_path=root, llm=llm, feedback=feedback)
    serve(site, listening, ready)


def open_llm(model: str | None) -> LLM | None:
    """What writes the answers, where a model is named."""
    if model is None:
        return None
    from reportqa.generate import openai_llm

    return openai_llm(model)


def open_feedback(path: Path | None) -> FeedbackFile | None:
    """Where visitors' verdicts go, where a file is named."""
    if path is None:
        return None
    from reportqa.web.feedback import FeedbackFile

    return FeedbackFile(path)


def talk_mcp(arguments: argparse.Namespace) -> None:
    """Answer MCP on standard input and output until the input ends."""
    import anyio

    from reportqa.web.mcp import McpDoor

    anyio.run(McpDoor(open_desk(arguments), private=arguments.private).run_stdio)


def work(arguments: argparse.Namespace) -> int:
    """What the arguments ask for; the exit code."""
    from reportqa.web.telemetry import set_up_logging

    set_up_logging(as_json=arguments.log_json)
    try:
        if arguments.add_user is not None:
            add_user(arguments)
        elif arguments.mcp_stdio:
            talk_mcp(arguments)
        else:
            rules, llm = rules_of(arguments), open_llm(arguments.llm)
            with listen(arguments.host, arguments.port) as listening:
                start(arguments, rules, llm, listening)
    except KeyboardInterrupt:
        print("serve.py: ended", file=sys.stderr)
    return 0


def main() -> int:
    arguments = parse_arguments()
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends as Ctrl-C does
    return run_program("serve.py", lambda: work(arguments))


if __name__ == "__main__":
    sys.exit(main())
