"""Open the page that asks the index, for people, on this machine or for others on its network.

Exit code 0: ended by Ctrl-C or a signal; 2: it could not start.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import socket
import sys
import webbrowser
from pathlib import Path

from reportqa.errors import ReportQAError

WARM_UP = "去年完成了什么？"  # asked once, so that the first visitor does not wait for the model


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--index", default="index", type=Path, metavar="DIR")
    parser.add_argument("--host", default="127.0.0.1", help="0.0.0.0 opens it to the network")
    parser.add_argument("--port", default=7860, type=int, help="0 takes any free one")
    parser.add_argument(
        "--model", metavar="NAME_OR_FOLDER", help="the model the index was built with"
    )
    parser.add_argument(
        "--llm",
        metavar="MODEL",
        help="let a model write the answers, each sentence checked: any endpoint like OpenAI's, "
        "named by OPENAI_BASE_URL and OPENAI_API_KEY",
    )
    parser.add_argument("--open-browser", action="store_true", help="open the page when ready")
    return parser.parse_args()


def listen(host: str, port: int) -> socket.socket:
    """A socket bound to the address, so that a taken port is known before anything is loaded."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=256)


def address_of(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def start(arguments: argparse.Namespace, listening: socket.socket) -> None:
    """Load everything, then answer until Ctrl-C or SIGTERM."""
    from reportqa.answer import ask
    from reportqa.search import Retriever

    llm = None
    if arguments.llm:
        from reportqa.generate import openai_llm

        llm = openai_llm(arguments.llm)
    retriever = Retriever.open(arguments.index, arguments.model)
    ask(retriever, WARM_UP)

    from reportqa.web.app import make_app, serve

    address = address_of(listening)

    def ready() -> None:
        print(f"问报告 is ready: {address} (Ctrl-C ends it)", flush=True)
        if arguments.open_browser:
            webbrowser.open(address)

    serve(make_app(retriever, llm), listening, ready)


def main() -> int:
    arguments = parse_arguments()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends as Ctrl-C does
    try:
        listening = listen(arguments.host, arguments.port)
    except (OSError, OverflowError) as error:
        print(
            f"serve.py: cannot listen on {arguments.host} port {arguments.port} ({error}): "
            "choose another with --port",
            file=sys.stderr,
        )
        return 2
    with listening:
        try:
            start(arguments, listening)
        except ReportQAError as error:
            print(f"serve.py: {error}", file=sys.stderr)
            return 2
        except KeyboardInterrupt:
            print("serve.py: ended", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
