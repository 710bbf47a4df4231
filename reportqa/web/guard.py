"""Stands before every route: who may ask, how much and how often, under which id, in which headers.

One ASGI layer around page, reader, REST and MCP, so that no door can be forgotten. Refusals are
problem+json. Streams pass through unbuffered.
"""

from __future__ import annotations

import asyncio
import re
import time
import uuid
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import anyio.to_thread
from starlette.datastructures import Headers, MutableHeaders

from reportqa.web.access import CHALLENGE, Tokens, named_loopback
from reportqa.web.problems import problem
from reportqa.web.telemetry import REQUEST_ID, Metrics, log_request
from reportqa.web.users import Users

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["LARGEST_UPLOAD", "OPEN_PATHS", "Guard", "Rate", "Rules"]

KIBIBYTE = 1024
LARGEST_BODY = 256 * KIBIBYTE
LARGEST_UPLOAD = 2 * 1024 * KIBIBYTE
LARGER_BODIES = {
    "/api/batch": 8 * 1024 * KIBIBYTE,  # a thousand questions of the greatest length
    "/gradio_api/upload": LARGEST_UPLOAD + 64 * KIBIBYTE,  # a file of questions, with its envelope
}
PASSWORDS_A_SECOND = 2.0  # tried by one client; those known to be right are not counted
CLIENTS_KEPT = 4_096  # addresses whose rate is remembered

OPEN_PATHS = frozenset({"/healthz", "/readyz"})  # probes carry no token and learn nothing
LONG_STREAMS = ("/gradio_api/heartbeat", "/gradio_api/queue/data")  # last as long as a page is open

READER_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
# Gradio builds its page with inline styles and scripts and compiles templates in the browser.
PAGE_POLICY = (
    "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"

_GIVEN_ID = re.compile(r"[\w.-]{1,64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Rules:
    """What is asked of whoever asks: one of the `tokens` or `users`; where both are None, everybody
    is let in. `loopback_names` refuses
    a Host that is not this machine; `rate` is requests a second for one client, 0 without end."""

    tokens: Tokens | None = None
    users: Users | None = None
    loopback_names: bool = False
    rate: float = 0.0
    private: bool = False


class Rate:
    """A bucket a client: `rate` requests a second, twice as many at once."""

    def __init__(self, rate: float) -> None:
        """Allow so many requests a second."""
        self._rate, self._room = rate, max(1.0, 2 * rate)
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, client: str, now: float) -> float:
        """Seconds until this client may ask again; 0 where it may now, which is counted."""
        left, then = self._left.pop(client, (self._room, now))
        left = min(self._room, left + (now - then) * self._rate)
        allowed = left >= 1
        self._left[client] = (left - 1 if allowed else left, now)
        if len(self._left) > CLIENTS_KEPT:
            self._left.popitem(last=False)
        return 0.0 if allowed else (1 - left) / self._rate


class _TooLargeError(Exception):
    """The body grew past its limit while it was read."""


class Guard:
    """The layer. `running` counts requests under way, streams of open pages aside. Once it is
    `ending`, each answer closes its connection: a client that goes on asking by the same one would
    keep the server from its end."""

    def __init__(self, app: ASGIApp, rules: Rules, metrics: Metrics, root_path: str = "") -> None:
        """Stand before this application, which a proxy serves under `root_path`."""
        self._root_path = root_path
        self._app, self._rules, self._metrics = app, rules, metrics
        self._rate = Rate(rules.rate) if rules.rate else None
        self._tries = Rate(PASSWORDS_A_SECOND)
        self._hung_up = asyncio.Event()
        self.running, self.ending = 0, False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer or refuse one request."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":  # nothing here speaks WebSocket
            await send({"type": "websocket.close", "code": 1008})
            return
        if _path(scope).startswith(LONG_STREAMS):
            await self._answer_long(scope, receive, send)
            return
        self.running += 1
        try:
            await self._answer(scope, receive, send)
        finally:
            self.running -= 1

    def hang_up(self) -> None:
        """End the streams of open pages: they are told that their page has gone."""
        self._hung_up.set()

    async def _answer_long(self, scope: Scope, receive: Receive, send: Send) -> None:
        open_end = False

        async def receive_or_hang_up() -> Message:
            coming = asyncio.ensure_future(receive())
            ending = asyncio.ensure_future(self._hung_up.wait())
            try:
                await asyncio.wait((coming, ending), return_when=asyncio.FIRST_COMPLETED)
                return coming.result() if coming.done() else {"type": "http.disconnect"}
            finally:
                coming.cancel()
                ending.cancel()

        async def send_on(message: Message) -> None:
            nonlocal open_end
            open_end = message["type"] == "http.response.start" or message.get("more_body", False)
            await send(message)

        await self._answer(scope, receive_or_hang_up, send_on)
        if open_end and self._hung_up.is_set():  # the route has left it in the middle
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._root_path:
            scope["root_path"] = self._root_path
        headers = Headers(scope=scope)
        given = headers.get("x-request-id", "")
        name = given if _GIVEN_ID.fullmatch(given) else uuid.uuid4().hex
        scope.setdefault("state", {})["request_id"] = name
        REQUEST_ID.set(name)
        began, status = time.perf_counter(), 500
        limit = LARGER_BODIES.get(_path(scope), LARGEST_BODY)
        read, started, too_large = 0, False, False

        async def receive_limited() -> Message:
            nonlocal read, too_large
            message = await receive()
            read += len(message.get("body", b""))
            if read > limit:  # it did not say its length beforehand
                too_large = True
                raise _TooLargeError
            return message

        async def send_with_headers(message: Message) -> None:
            if too_large and not started:
                return  # whatever the route made of a body cut short
            await send_named(message)

        async def send_named(message: Message) -> None:
            nonlocal status, started
            if message["type"] == "http.response.start":
                status, started = message["status"], True
                _add_headers(MutableHeaders(scope=message), _path(scope), name, self.ending)
            await send(message)

        try:
            refusal = await self._refuse(scope, headers, limit)
            if refusal is None:
                await self._app(scope, receive_limited, send_with_headers)
            else:
                await refusal(scope, receive, send_named)
        except _TooLargeError:
            if started:
                raise
        finally:
            if too_large and not started:
                await _too_large(scope, limit)(scope, receive, send_named)
            seconds = time.perf_counter() - began
            route = _route(scope)
            self._metrics.count_request(route, _method(scope), status, seconds)
            log_request(scope, route, status, seconds, private=self._rules.private)

    async def _refuse(self, scope: Scope, headers: Headers, limit: int) -> ASGIApp | None:
        """The answer to a request that is not let in; None where it is."""
        path, rules = _path(scope), self._rules
        if rules.loopback_names and not named_loopback(headers.get("host", "")):
            detail = "this server answers to the names of its own machine only: serve.py --open"
            return problem(421, detail, scope)
        if path in OPEN_PATHS:
            return None
        if stopped := await self._stop_stranger(scope, headers.get("authorization")):
            return stopped
        if self._rate and (scope["method"] == "POST" or path.startswith(("/api/", "/export/"))):
            wait = self._rate.wait(_client(scope), time.monotonic())
            if wait:
                retry = {"Retry-After": str(int(wait) + 1)}
                return problem(429, "too many requests: ask more slowly", scope, headers=retry)
        length = headers.get("content-length", "0")
        if not length.isdecimal() or len(length) > 12 or int(length) > limit:
            return _too_large(scope, limit)
        return None

    async def _stop_stranger(self, scope: Scope, given: str | None) -> ASGIApp | None:
        """The answer to who is not known by token or user; None where he is, or need not be."""
        tokens, users = self._rules.tokens, self._rules.users
        if tokens is None and users is None:
            return None
        if tokens is not None and tokens.let_in(given):
            return None
        if users is not None and (given or "")[:6].lower() == "basic ":
            if users.remembers(given):
                return None
            if wait := self._tries.wait(_client(scope), time.monotonic()):
                retry = {"Retry-After": str(int(wait) + 1)}
                return problem(429, "too many passwords: try more slowly", scope, headers=retry)
            if await anyio.to_thread.run_sync(users.let_in, given):
                return None
        detail = (
            "a user and a password are needed"
            if tokens is None
            else "a token is needed: send Authorization: Bearer TOKEN"
        )
        return problem(401, detail, scope, headers={"WWW-Authenticate": CHALLENGE})


def _client(scope: Scope) -> str:
    return str(scope["client"][0]) if scope.get("client") else "-"


def _too_large(scope: Scope, limit: int) -> ASGIApp:
    detail = f"the request is larger than {limit // KIBIBYTE} KiB: send less at once"
    return problem(413, detail, scope)


def _add_headers(headers: MutableHeaders, path: str, name: str, last: bool) -> None:
    """The headers that keep the browser to this server, and the request's id. `last`: nothing more
    is answered on this connection."""
    if last:
        headers["Connection"] = "close"
    if path.startswith("/report/"):
        policy = READER_POLICY
    elif path.startswith(("/api/", "/export/", "/mcp", "/healthz", "/readyz", "/metrics")):
        policy = DATA_POLICY
        headers.setdefault("Cache-Control", "no-store")
    else:
        policy = PAGE_POLICY
    headers["Content-Security-Policy"] = policy
    headers["Referrer-Policy"] = "no-referrer"
    headers["X-Content-Type-Options"] = "nosniff"
    headers["X-Frame-Options"] = "DENY"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["X-Request-ID"] = name


def _path(scope: Scope) -> str:
    """The path within the application, whether or not a proxy left its own part of it in."""
    path, root = str(scope["path"]), str(scope.get("root_path", ""))
    return path[len(root) :] if root and path.startswith(root + "/") else path


def _route(scope: Scope) -> str:
    """The template of the route that answered; one name for all that has none."""
    route = getattr(scope.get("route"), "path", None)
    path = _path(scope)
    if route:
        return str(route)
    return "/mcp" if path == "/mcp" else "page" if path in ("", "/") else "other"


def _method(scope: Scope) -> str:
    known = ("GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH")
    return scope["method"] if scope["method"] in known else "other"
