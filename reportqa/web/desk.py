"""Questions from many threads → two workers, each of which answers those that wait together.

The encoder takes one call at a time and is far cheaper a question in batches, so questions that
arrive while others are encoded wait for the next batch: no delay is added, and a batch grows with
the load. While one worker encodes, the other ranks. Workers also take up new snapshots, between
two batches, so that no question is answered from two of them.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime

from reportqa.answer import ask_many
from reportqa.doubt import Caution
from reportqa.errors import ReportQAError, SnapshotError
from reportqa.index import Snapshot
from reportqa.overlap import AT_ONCE
from reportqa.records import NO_FILTERS, Filters, Reply
from reportqa.search import Retriever

__all__ = ["Asked", "BusyDeskError", "Desk", "Served"]

TOGETHER = 64  # questions answered in one batch at most
LOOK_EVERY = 5.0  # seconds without a question after which a newer snapshot is looked for
MOST_WAITING = 512  # questions; more are refused, so that nobody waits for minutes

_log = logging.getLogger(__name__)


class BusyDeskError(ReportQAError):
    """More questions wait than can be answered soon, or the server is ending."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it was handed in. Where `answered` is false, hits are all that is wanted, and
    `caution` counts for nothing; `off` names what is understood of the question and is not to
    count."""

    question: str
    k: int = 10
    filters: Filters = NO_FILTERS
    id: str = "1"
    answered: bool = True
    caution: Caution = "normal"
    off: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Served:
    """A reply with the snapshot it is of, the seconds it waited, and the number of questions in
    its batch."""

    reply: Reply
    snapshot: Snapshot
    waited: float
    together: int


@dataclass(frozen=True, slots=True)
class _Ticket:
    asked: Asked
    since: float
    pinned: Retriever | None = None  # asked in place of the newest
    future: Future[Served] = field(default_factory=Future)


class Desk:
    """Takes questions from any thread or event loop. Its threads start with the first one."""

    def __init__(self, retriever: Retriever) -> None:
        """Ask this retriever, which nobody else may refresh."""
        self.retriever = retriever
        self.taken_up: datetime | None = None  # when the snapshot replaced another, while running
        self.trouble: str | None = None  # why the newest snapshot could not be taken up
        self.on_batch: Callable[[Sequence[Served]], None] | None = None  # told of each batch
        # told how long a model wrote
        self.on_written: Callable[[float], None] = lambda seconds: None
        self._waiting: deque[_Ticket] = deque()
        self._wake = threading.Condition()
        self._turn = threading.Lock()  # to take a batch and encode it
        self._threads: list[threading.Thread] = []
        self._working = 0
        self._closed = False

    @property
    def snapshot(self) -> Snapshot:
        """The snapshot that the next batch reads, unless a newer one is taken up before."""
        return self.retriever.snapshot

    @property
    def unanswered(self) -> int:
        """How many questions wait or are being answered."""
        return len(self._waiting) + self._working

    @property
    def open(self) -> bool:
        """Whether questions are taken."""
        return not self._closed

    def submit(self, asked: Asked, pinned: Retriever | None = None) -> Future[Served]:
        """Hand in a question; it is answered from the newest snapshot, or from that of `pinned`.
        QuestionError at once where it cannot be asked; BusyDeskError where too many wait."""
        self.retriever.check(asked.question, asked.k)
        ticket = _Ticket(asked, time.perf_counter(), pinned)
        with self._wake:
            if self._closed:
                raise BusyDeskError("the server is ending: ask again in a moment")
            if len(self._waiting) >= MOST_WAITING:
                raise BusyDeskError(f"{MOST_WAITING} questions wait already: ask again later")
            self._waiting.append(ticket)
            self._start()
            self._wake.notify()
        return ticket.future

    def start(self) -> None:
        """Begin to look for newer snapshots, which the first question does otherwise."""
        with self._wake:
            if not self._closed:
                self._start()

    def _start(self) -> None:
        while len(self._threads) < AT_ONCE:
            thread = threading.Thread(target=self._work, name="desk", daemon=True)
            self._threads.append(thread)
            thread.start()

    def ask(self, asked: Asked) -> Served:
        """Hand in a question and wait for its reply."""
        return self.submit(asked).result()

    async def ask_soon(self, asked: Asked) -> Served:
        """Hand in a question and await its reply; the event loop goes on meanwhile."""
        return await asyncio.wrap_future(self.submit(asked))

    async def ask_all(self, asked: Sequence[Asked]) -> AsyncIterator[list[Served]]:
        """Answer a list from one snapshot, a batch at a time and each as it is done, so that others
        who ask meanwhile are let in between."""
        for one in asked:
            self.retriever.check(one.question, one.k)
        await asyncio.to_thread(self.refresh)
        pinned = self.retriever.pinned()
        begun: deque[list[Future[Served]]] = deque()
        for start in range(0, len(asked), TOGETHER):
            begun.append([self.submit(one, pinned) for one in asked[start : start + TOGETHER]])
            if len(begun) > AT_ONCE:  # one waits, so that no worker does
                yield await asyncio.gather(*map(asyncio.wrap_future, begun.popleft()))
        for group in begun:
            yield await asyncio.gather(*map(asyncio.wrap_future, group))

    def newest(self) -> Snapshot:
        """The snapshot for who reads without asking, a newer one taken up first. It may have to be
        opened: not for the event loop."""
        self.refresh()
        return self.snapshot

    def refresh(self) -> None:
        """Take up a newer snapshot where there is one; where it cannot be opened, `trouble` says
        why and the one before goes on serving."""
        try:
            if self.retriever.refresh():
                self.taken_up = datetime.now().astimezone()
                _log.info("took up snapshot %s", self.retriever.snapshot.generation)
            self.trouble = None
        except SnapshotError as error:
            if str(error) != self.trouble:
                _log.warning("the new snapshot cannot be opened: %s", error)
            self.trouble = str(error)

    def close(self) -> None:
        """Take no more questions, answer those that wait, end the threads."""
        with self._wake:
            self._closed = True
            self._wake.notify_all()
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        while True:
            with ExitStack() as turn:  # meanwhile the next batch grows
                turn.enter_context(self._turn)
                with self._wake:
                    if not self._waiting and not self._closed:
                        self._wake.wait(LOOK_EVERY)
                    if not self._waiting and self._closed:
                        return
                    together = min(TOGETHER, len(self._waiting))
                    batch = [self._waiting.popleft() for _ in range(together)]
                    self._working += len(batch)
                try:
                    self._answer(batch, turn.close)
                finally:
                    with self._wake:
                        self._working -= len(batch)

    def _answer(self, batch: Sequence[_Ticket], encoded: Callable[[], None]) -> None:
        """Answer a batch: those alike in all but the question go through the model together, and
        `encoded` is called once the first of these have. An empty batch only takes up a newer
        snapshot."""
        with _HandingOn(batch):
            self.refresh()
        newest = self.retriever.pinned()
        groups: dict[tuple[int, Filters, bool, Caution, Retriever], list[_Ticket]] = {}
        for ticket in batch:
            if not ticket.future.done() and ticket.future.set_running_or_notify_cancel():
                asked, retriever = ticket.asked, ticket.pinned or newest
                key = (asked.k, asked.filters, asked.answered, asked.caution, retriever)
                groups.setdefault(key, []).append(ticket)
        for (*_, retriever), tickets in groups.items():
            with _HandingOn(tickets):
                began = time.perf_counter()
                replies = _replies(retriever, [ticket.asked for ticket in tickets], encoded)
                snapshot = retriever.snapshot
                served = [
                    Served(reply, snapshot, began - ticket.since, len(tickets))
                    for ticket, reply in zip(tickets, replies, strict=True)
                ]
                if self.on_batch:
                    self.on_batch(served)
                for ticket, one in zip(tickets, served, strict=True):
                    ticket.future.set_result(one)


def _replies(
    retriever: Retriever, asked: Sequence[Asked], encoded: Callable[[], None]
) -> list[Reply]:
    """The replies to questions alike in all but their words, ids and what is not to count."""
    alike = asked[0]
    return ask_many(
        retriever,
        [one.question.strip() for one in asked],
        alike.k,
        alike.filters,
        ids=[one.id for one in asked],
        caution=alike.caution,
        off=[one.off for one in asked],
        answered=alike.answered,
        encoded=encoded,
    )


class _HandingOn:
    """Raises whatever fails within to those who wait for it, and not in the worker: the next
    batch has its own chance."""

    def __init__(self, tickets: Sequence[_Ticket]) -> None:
        self._tickets = tickets

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if error is not None:
            if not self._tickets:
                _log.error("a newer snapshot could not be looked for: %r", error)
            for ticket in self._tickets:
                if not ticket.future.done():
                    ticket.future.set_exception(error)
        return isinstance(error, Exception)
