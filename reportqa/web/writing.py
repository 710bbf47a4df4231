"""A reply → what a model writes of it, off the desk's thread and off the event loop.

A model takes seconds where a search takes milliseconds, so no question waits for one: the desk
answers first, and the model writes beside it, a few answers at once.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Generator
from contextlib import aclosing
from dataclasses import replace

import anyio.to_thread

from reportqa.answer import written
from reportqa.generate import LLM, write
from reportqa.records import Answer, Reply
from reportqa.web.desk import Desk

__all__ = ["Writer"]

ANSWERS_AT_ONCE = 4  # more wait for their turn; the endpoint would only queue them
MOST_WAITING = 16  # more than these are given the sentences of the reports
CROWDED = "等候模型的提问太多，以下是报告原文的摘录。"

_log = logging.getLogger(__name__)


class Writer:
    """Lets a model write the answers of replies, each sentence checked."""

    def __init__(self, llm: LLM, desk: Desk) -> None:
        """Ask this model; the desk is told how long it took."""
        self._llm, self._desk = llm, desk
        self._room = asyncio.Semaphore(ANSWERS_AT_ONCE)
        self._here = 0

    async def pieces(self, reply: Reply) -> AsyncGenerator[str | Reply, None]:
        """The words as they come, unchecked; last the reply with the checked answer, or with its
        own and a note. Nothing is written where the reply abstains."""
        if self._here >= ANSWERS_AT_ONCE + MOST_WAITING and not reply.answer.abstained:
            yield replace(reply, answer=replace(reply.answer, note=CROWDED))
            return
        began = time.perf_counter()
        writing = write(reply.question, reply.hits, reply.answer, self._llm)
        self._here += 1
        try:
            async with self._room:
                while isinstance(step := await anyio.to_thread.run_sync(_step, writing), str):
                    yield step
        finally:
            self._here -= 1
            writing.close()  # whoever asked may have gone: the model is told to stop
        if step.note:
            _log.warning("no generated answer: %s", step.note)
        seconds = time.perf_counter() - began
        self._desk.on_written(seconds)
        yield written(reply, step, seconds)

    async def whole(self, reply: Reply) -> Reply:
        """The reply with the answer that was written in the end."""
        async with aclosing(self.pieces(reply)) as pieces:
            async for piece in pieces:
                reply = piece if isinstance(piece, Reply) else reply
        return reply


def _step(writing: Generator[str, None, Answer]) -> str | Answer:
    try:
        return next(writing)
    except StopIteration as ended:
        answer: Answer = ended.value
        return answer
