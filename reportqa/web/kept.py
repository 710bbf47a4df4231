"""Generated replies that were shown → the same for an hour, under names nobody can guess.

A generated answer cannot be asked for again: it would be another. So the very reply that a visitor
was shown waits here, in memory, until it is taken away, too old or one of too many.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from reportqa.records import Reply

__all__ = ["KEPT_SECONDS", "Kept"]

KEPT_SECONDS = 3_600
"""How long a reply, an upload and the files made of it are kept."""
MOST_KEPT = 1_000  # replies of all visitors, some 50 KB each
NAME_BYTES = 16  # drawn at random


class Kept:
    """Replies by name. May be shared between threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Nothing is kept yet; the clock gives seconds."""
        self._clock = clock
        self._lock = threading.Lock()
        self._replies: OrderedDict[str, tuple[float, Reply]] = OrderedDict()

    def keep(self, reply: Reply) -> str:
        """The name under which the reply is found for an hour."""
        name = secrets.token_urlsafe(NAME_BYTES)
        with self._lock:
            self._forget_old()
            self._replies[name] = (self._clock(), reply)
            if len(self._replies) > MOST_KEPT:
                self._replies.popitem(last=False)
        return name

    def reply(self, name: str) -> Reply | None:
        """The reply of that name; None where there is none, or none any more."""
        with self._lock:
            self._forget_old()
            kept = self._replies.get(name)
        return kept[1] if kept else None

    def _forget_old(self) -> None:
        oldest = self._clock() - KEPT_SECONDS
        while self._replies and next(iter(self._replies.values()))[0] < oldest:
            self._replies.popitem(last=False)
