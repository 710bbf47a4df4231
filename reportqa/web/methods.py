"""How the server's own addresses are asked: HEAD wherever GET is answered, and a refusal that says
so where an address is asked by another method or does not exist.

Without the refusal, what fits no route goes on to the page, which has the root, and comes back as
an address nobody knows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["HeadAsGet", "Refusal"]

PROGRAMS = "/api/"  # below it nothing is the page's
STREAMS = "/gradio_api/"  # the page's own, some of which have no end


class HeadAsGet:
    """An application whose routes need not know of HEAD: it is answered as GET is, without the
    body."""

    def __init__(self, app: ASGIApp) -> None:
        """Stand before this application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on a request."""
        head = scope["type"] == "http" and scope["method"] == "HEAD"
        if not head or _within(scope).startswith(STREAMS):
            await self._app(scope, receive, send)
            return

        async def send_head(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        asked = {**scope, "method": "GET"}
        try:
            await self._app(asked, receive, send_head)
        finally:
            if "route" in asked:
                scope["route"] = asked["route"]


class Refusal(BaseRoute):
    """The last of an application's own routes: an address of theirs asked by a method that it does
    not answer is 405 with those that it does, and one below /api/ that is none of theirs 404."""

    def __init__(self, app: FastAPI) -> None:
        """Refuse what fits none of the routes that this application has so far."""
        self._own = tuple(app.router.routes)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether it is for this route to refuse."""
        if scope["type"] == "http":
            for route in self._own:
                match, found = route.matches(scope)
                if match is Match.PARTIAL:
                    return Match.FULL, {**found, "half": (route, found)}
            if _within(scope).startswith(PROGRAMS):
                return Match.FULL, {}
        return Match.NONE, {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse."""
        if "half" not in scope:
            raise HTTPException(404)
        route, found = scope.pop("half")
        scope.update(found)
        await route.handle(scope, receive, send)


def _within(scope: Scope) -> str:
    """The path within the application."""
    path, root = str(scope["path"]), str(scope.get("root_path", ""))
    return path.removeprefix(root) if root and path.startswith(root + "/") else path
