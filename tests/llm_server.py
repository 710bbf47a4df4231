"""An OpenAI-compatible server for tests, a process of its own: `python tests/llm_server.py`.

It prints its address and serves until it is killed. The model's name says what it does: `say:TEXT`
streams the text, `slow:TEXT` waits for seconds first, `drip:` never ends, `break:TEXT` hangs up in
mid-answer, `cut:TEXT` ends without saying so, `garble:TEXT` sends what is no JSON, `odd:TEXT` JSON
of another shape, `refuse:` refuses, `filter:TEXT` is filtered, `flood:TEXT` repeats it for ever,
`later:TEXT` is too busy for the same question twice, `empty:` says nothing, `html:` answers with a
page, `http429:` with that status. GET /requests gives what was asked so far.
"""

from __future__ import annotations

import json
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PIECE = 7  # characters sent at once
SLOW = 5.0  # seconds
asked: list[dict[str, Any]] = []


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.reply(200, asked if self.path == "/requests" else {"data": []})

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        asked.append({"request": request, "key": self.headers.get("Authorization")})
        mode, _, text = request["model"].partition(":")
        if mode.startswith("http"):
            self.reply(int(mode[4:]), {"error": {"message": "no", "type": "no"}})
        elif mode == "later" and len([one for one in asked if one["request"] == request]) < 3:
            self.reply(429, {"error": {"message": "busy", "type": "busy"}}, retry_after="0.2")
        elif mode == "html":
            self.reply(200, "<html>login</html>", "text/html")
        else:
            if mode == "slow":
                time.sleep(SLOW)
            self.stream(mode, text)

    def reply(
        self, status: int, value: Any, kind: str = "application/json", retry_after: str = ""
    ) -> None:
        body = (value if isinstance(value, str) else json.dumps(value)).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if retry_after:
            self.send_header("Retry-After", retry_after)
        self.end_headers()
        self.wfile.write(body)

    def stream(self, mode: str, text: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        pieces = [text[i : i + PIECE] for i in range(0, len(text), PIECE)]
        if mode in ("break", "cut", "garble", "odd"):
            pieces = pieces[: len(pieces) // 2]
        if mode == "refuse":
            self.event({"refusal": "I can't help with that."})
            pieces = []
        for piece in pieces:
            self.event({"content": piece})
            time.sleep(0.01)
        while mode in ("drip", "flood"):
            self.event({"content": text if mode == "flood" else "。"})
            time.sleep(0 if mode == "flood" else 0.05)
        if mode == "garble":
            self.line('data: {"choices": [{"delta": {"cont\n\n')
        elif mode == "odd":
            self.line('data: {"choices": [{"delta": {"content": {"a": 1}}}]}\n\n')
            self.line('data: {"choices": 3}\n\n')
            self.line("data: [1, 2]\n\n")
        elif mode == "break":
            self.close_connection = True
            return  # without the last, empty piece of a chunked body
        elif mode != "cut":
            self.event({}, "content_filter" if mode == "filter" else "stop")
            self.line("data: [DONE]\n\n")
        self.wfile.write(b"0\r\n\r\n")

    def event(self, delta: dict[str, str], ended: str | None = None) -> None:
        choice = {"index": 0, "delta": delta, "finish_reason": ended}
        value = {
            "id": "1",
            "object": "chat.completion.chunk",
            "created": 0,
            "model": "m",
            "choices": [choice],
        }
        self.line(f"data: {json.dumps(value)}\n\n")

    def line(self, text: str) -> None:
        body = text.encode()
        self.wfile.write(f"{len(body):x}\r\n".encode() + body + b"\r\n")
        self.wfile.flush()

    def log_message(self, *_: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A client that hangs up is what some tests do."""


if __name__ == "__main__":
    server = Server(("127.0.0.1", 0), Handler)
    sys.stdout.write(f"http://127.0.0.1:{server.server_port}\n")
    sys.stdout.flush()
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        sys.exit(0)
