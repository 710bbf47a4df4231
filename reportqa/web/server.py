"""A Site and an open socket → a running server that ends in good order.

At SIGTERM or Ctrl-C no connection is taken any more, requests under way and questions that wait are
answered and their connections closed, and only then does what stays open by its nature (an open
page listens) end.
"""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable

import uvicorn

from reportqa.web.app import Site

__all__ = ["make_config", "serve"]

SECONDS_TO_FINISH = 30  # given to running requests when the server ends
SECONDS_TO_CLOSE = 2  # then given to connections without one
LOOK_EVERY = 0.05  # seconds


def make_config(site: Site) -> uvicorn.Config:
    """How the application is served. uvicorn's own log of requests is off: it repeats addresses,
    and with them questions."""
    return uvicorn.Config(
        site.guard,
        log_config=None,
        log_level="warning",
        access_log=False,
        lifespan="on",
        timeout_graceful_shutdown=SECONDS_TO_CLOSE,
        server_header=False,
        proxy_headers=False,  # a header decides neither who asks nor how
    )


def serve(site: Site, listening: socket.socket, ready: Callable[[], None]) -> None:
    """Answer on an open socket until Ctrl-C or SIGTERM; `ready` is called once it does."""
    try:
        _Server(make_config(site), site, ready).run(sockets=[listening])
    finally:
        site.desk.close()


class _Server(uvicorn.Server):
    """Tells when it answers, and waits for running requests before it ends."""

    def __init__(self, config: uvicorn.Config, site: Site, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._site, self._ready = site, ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        until = time.monotonic() + SECONDS_TO_FINISH
        site = self._site
        site.guard.ending = True
        while (site.guard.running or site.desk.unanswered) and time.monotonic() < until:
            if self.force_exit:  # Ctrl-C a second time
                break
            await asyncio.sleep(LOOK_EVERY)
        site.guard.hang_up()
        await super().shutdown(sockets)
