"""Replies of a lot → the same with what a model wrote, several at once, at the endpoint's pace.

A model behind an endpoint is slow, refuses to be asked too often, and fails now and then. So some
jobs ask at once, a bucket that they share keeps to a number of requests a minute, and what may go
well the next time is asked again, after as long as the endpoint says or ever longer.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

from reportqa.answer import written
from reportqa.errors import GenerationError
from reportqa.generate import LLM, LONGEST, finish, write
from reportqa.prompt import Message
from reportqa.records import Reply

__all__ = ["Writers"]

TRIES = 5  # of one answer
FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0  # seconds before an answer is tried again


class Writers:
    """Writes the answers of replies, `jobs` at once, with at most `rate` requests a minute (0: no
    limit). A context manager: when it is left, what is being written is given up."""

    def __init__(self, llm: LLM, jobs: int, rate: float = 0.0) -> None:
        """Ask this model."""
        self._llm = llm
        self._between = 60 / rate if rate else 0.0
        self._next = 0.0  # when a request may go out
        self._turn = threading.Lock()
        self._gave_up = False  # the last answer, after all its tries: the next gets one
        self._stopped = threading.Event()
        self._pool = ThreadPoolExecutor(jobs, "writer")

    def write_all(self, replies: Sequence[Reply]) -> list[Reply]:
        """The replies with generated answers, in their order; with a note why, where none came."""
        return list(self._pool.map(self._written, replies))

    def __enter__(self) -> Writers:
        """The writers themselves."""
        return self

    def __exit__(self, *_: object) -> None:
        """Whoever waits or writes stops."""
        self._stopped.set()
        self._pool.shutdown(cancel_futures=True)

    def _written(self, reply: Reply) -> Reply:
        began = time.monotonic()
        answer = finish(write(reply.question, reply.hits, reply.answer, self._asked_again))
        return written(reply, answer, time.monotonic() - began)

    def _asked_again(self, messages: Sequence[Message]) -> Iterable[str]:
        """An LLM for `write`: the text in one piece, since half of one may be followed by another
        try."""
        wait, left = FIRST_WAIT, 1 if self._gave_up else TRIES
        while True:
            self._await_turn()
            try:
                text = self._whole(messages)
            except GenerationError as error:
                left -= 1
                if error.wait is None or self._stopped.is_set():
                    raise
                if not left:
                    self._gave_up = True
                    raise
                # not all at once again: somewhere between half and all of the wait
                pause = max(error.wait, wait * random.uniform(0.5, 1))
                with self._turn:  # what is too much for one is too much for all
                    self._next = max(self._next, time.monotonic() + pause)
                wait = min(2 * wait, LONGEST_WAIT)
            else:
                self._gave_up = False
                return text

    def _whole(self, messages: Sequence[Message]) -> list[str]:
        pieces: list[str] = []
        length = 0
        for piece in self._llm(messages):
            pieces.append(piece)
            length += len(piece)
            if length > LONGEST:  # `write` says what is wrong with it
                break
            self._check_stopped()
        return pieces

    def _await_turn(self) -> None:
        with self._turn:
            now = time.monotonic()
            turn = max(now, self._next)
            self._next = turn + self._between
        self._stopped.wait(turn - now)
        self._check_stopped()

    def _check_stopped(self) -> None:
        if self._stopped.is_set():
            raise GenerationError("the run was stopped", "运行已中止")
