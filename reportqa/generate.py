"""Hits → a generated Answer whose every sentence was checked; the only user of the openai client.

In: a question, its hits, its extractive answer and an LLM, which is a function from messages to
pieces of text. Out: the pieces as they come, then the Answer. The one idea: the extractive answer
is always there first. It decides whether to answer at all, and it is given, with a note, wherever
the model fails or nothing of what it wrote stands the check.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from reportqa.check import check
from reportqa.errors import GenerationError, QuestionError
from reportqa.prompt import BUDGET, Message, prompt
from reportqa.records import Answer, Hit

if TYPE_CHECKING:
    import openai
    from openai.types.chat import ChatCompletionMessageParam

__all__ = ["LLM", "finish", "openai_llm", "write"]

LLM = Callable[[Sequence[Message]], Iterable[str]]
"""Messages → text, whole or in pieces. It raises GenerationError where it cannot."""

SECONDS = 60.0
"""A whole generation may take."""
SILENCE = 20.0
"""Seconds without a word after which an endpoint counts as dead."""
LONGEST = 8_000
"""Characters of a generated text; a model that goes on is stopped."""
PASSING = (408, 409, 500, 502, 503, 504, 529)  # HTTP: may go well the next time
LONGEST_WAIT = 600.0  # seconds, whatever an endpoint says
TOKENS = 1_200  # asked for at most
FINISHED = ("stop", "length", "eos")  # how a whole answer ends; "length" loses its last sentence

_GIVEN_INSTEAD = "以下是报告原文的摘录。"
_BROKEN_OFF, _UNREADABLE = "模型的文字中途断了", "模型发来的内容无法读取"


def write(
    question: str,
    hits: Sequence[Hit],
    extractive: Answer,
    llm: LLM,
    budget: int = BUDGET,
    *,
    count: Callable[[str], int] = len,
) -> Generator[str, None, Answer]:
    """Yield what the model writes as it comes, unchecked, and return the Answer: the checked text,
    or `extractive` with a note. Where `extractive` abstains the model is not asked."""
    if extractive.abstained or not hits:
        return extractive
    try:
        asked = prompt(question, hits, budget, count=count)
        text = yield from _collect(llm(asked.messages))
    except QuestionError as error:
        return _instead(extractive, f"提示超出长度限制（{error}）")
    except GenerationError as error:
        return _instead(extractive, error.said)
    if not text.strip():
        return _instead(extractive, "模型没有写出文字")
    checked = check(text, asked.excerpts, question)
    if checked.text is None:
        why = "模型写的没有一句通过核对" if checked.removed else "模型认为所给段落没有回答"
        return replace(_instead(extractive, why), removed=checked.removed)
    return Answer(
        checked.text, False, None, "generated", checked.citations, removed=checked.removed
    )


def finish(writing: Generator[str, None, Answer]) -> Answer:
    """The answer at the end of `write`, for who does not show what comes before."""
    while True:
        try:
            next(writing)
        except StopIteration as stopped:
            answer: Answer = stopped.value
            return answer


def openai_llm(
    model: str,
    *,
    base_url: str | None = None,
    api_key: str | None = None,
    seconds: float = SECONDS,
    silence: float = SILENCE,
    retries: int = 1,
) -> LLM:
    """An LLM behind an OpenAI-compatible endpoint: `base_url` and `api_key`, else OPENAI_BASE_URL
    and OPENAI_API_KEY. An endpoint of one's own needs no key. `retries`: how often the client
    asks again by itself. Raises GenerationError at once where
    the package is not installed or neither address nor key is given."""
    try:
        import openai
    except ImportError as error:
        raise GenerationError(
            "the package openai is not installed: pip install 'openai>=3,<4'"
        ) from error
    base_url = base_url or os.environ.get("OPENAI_BASE_URL") or None
    api_key = api_key or os.environ.get("OPENAI_API_KEY") or ("none" if base_url else None)
    if api_key is None:
        raise GenerationError(
            "no language model is named: set OPENAI_BASE_URL to an endpoint, or OPENAI_API_KEY"
        )

    def ask(messages: Sequence[Message]) -> Iterator[str]:
        begun = False
        deadline = time.monotonic() + seconds
        try:
            with openai.OpenAI(
                api_key=api_key, base_url=base_url, timeout=silence, max_retries=retries
            ) as client:
                for piece in _stream(client, model, messages, deadline):
                    begun = True
                    yield piece
        # the client's own errors, and what it lets through of data that is not what it should be
        except (openai.OpenAIError, ValueError, TypeError, AttributeError, KeyError) as error:
            raise _explain(error, model, begun) from error

    return ask


def _collect(pieces: Iterable[str]) -> Generator[str, None, str]:
    """Pass the pieces on; the whole of them in the end."""
    text: list[str] = []
    length = 0
    for piece in pieces:
        text.append(piece)
        length += len(piece)
        if length > LONGEST:
            raise GenerationError(
                f"the model wrote more than {LONGEST:,} characters", "模型写得过长，已中止"
            )
        yield piece
    return "".join(text)


def _stream(
    client: openai.OpenAI, model: str, messages: Sequence[Message], deadline: float
) -> Iterator[str]:
    ended, received = None, False
    with client.chat.completions.create(
        model=model,
        messages=cast("list[ChatCompletionMessageParam]", messages),
        stream=True,
        temperature=0,
        max_tokens=TOKENS,
    ) as stream:
        for event in stream:
            if time.monotonic() > deadline:
                raise GenerationError("the model took too long", "模型超过时限仍未写完", 0.0)
            received = True
            # the client believes what it gets: nothing here is sure to have its type
            choices = getattr(event, "choices", None)
            if not choices:
                continue
            delta = getattr(choices[0], "delta", None)
            if getattr(delta, "refusal", None):
                raise GenerationError("the model refused", "模型拒绝回答")
            piece = getattr(delta, "content", None)
            if isinstance(piece, str) and piece:
                yield piece
            ended = getattr(choices[0], "finish_reason", None) or ended
    if ended == "content_filter":
        raise GenerationError("the endpoint's filter stopped the model", "模型拒绝回答")
    if not received:
        raise GenerationError("what was sent is no stream of events", _UNREADABLE)
    if ended not in FINISHED:
        raise GenerationError("the stream broke off before its end", _BROKEN_OFF, 0.0)


def _explain(error: Exception, model: str, begun: bool) -> GenerationError:
    """The failure in one line for the log, and in a few words for the reader."""
    import openai

    status = getattr(error, "status_code", None)
    if isinstance(error, openai.APITimeoutError):
        return GenerationError(f"{model} did not answer in time", "模型没有在时限内回应", 0.0)
    if isinstance(error, openai.APIConnectionError):
        if begun:
            return GenerationError(f"{model} broke off ({error.__cause__})", _BROKEN_OFF, 0.0)
        return GenerationError(f"{model} cannot be reached ({error.__cause__})", "连不上模型", 0.0)
    if status in (401, 403):
        return GenerationError(
            f"{model} refused the key (HTTP {status}): check OPENAI_API_KEY",
            "模型端点不接受密钥",
        )
    if status == 429:
        busy = "模型端点过忙或额度用尽"
        return GenerationError(f"{model} is busy (HTTP 429)", busy, _wait_told(error))
    if status is not None:
        wait = _wait_told(error) if status in PASSING else None
        said = f"模型端点出错（{status}）"
        return GenerationError(f"{model} answered with HTTP {status}", said, wait)
    return GenerationError(f"{model} sent what cannot be read ({error!r})", _UNREADABLE)


def _wait_told(error: Exception) -> float:
    """The seconds of a Retry-After header; 0 where there is none, or a date in its place."""
    response = getattr(error, "response", None)
    told = response.headers.get("retry-after", "") if response is not None else ""
    try:
        return min(max(0.0, float(told)), LONGEST_WAIT)
    except ValueError:
        return 0.0


def _instead(extractive: Answer, why: str) -> Answer:
    return replace(extractive, note=f"{why}，{_GIVEN_INSTEAD}")
