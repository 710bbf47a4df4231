"""What is known of a running server: metrics for Prometheus, and one log line a request.

A line names the route and never the address asked for, so that neither a token nor a question gets
into a log by way of it. Questions are logged by `note_question` alone, unless they are private.
"""

from __future__ import annotations

import json
import logging
from collections.abc import MutableMapping, Sequence
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from reportqa import __version__
from reportqa.web.desk import Desk, Served

__all__ = [
    "METRICS_TYPE",
    "REQUEST_ID",
    "JsonLines",
    "Metrics",
    "log_question",
    "log_request",
    "log_written",
    "note_question",
    "set_up_logging",
]

METRICS_TYPE = CONTENT_TYPE_LATEST
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
STAGE_SECONDS = (0.0005, 0.001, 0.0025, *SECONDS, 30, 60)
WRITTEN = "written"
REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="-")
"""Of the request under way; tasks and threads that it starts have it, too."""

_log = logging.getLogger(__name__)
_requests = logging.getLogger("reportqa.requests")


class Metrics:
    """Counts of one application, in a registry of its own."""

    def __init__(self, desk: Desk) -> None:
        """Begin to count what this desk serves."""
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        Info("reportqa_build", "What runs", registry=registry).info({"version": __version__})
        labels = ["route", "method", "status"]
        self._requests = Counter(
            "reportqa_requests", "Requests answered", labels, registry=registry
        )
        self._seconds = Histogram(
            "reportqa_request_seconds", "Until answered", ["route"], buckets=SECONDS,
            registry=registry,
        )  # fmt: skip
        self._stages = Histogram(
            "reportqa_question_seconds", "A question's time by stage: waited, then with its batch "
            "understood, encoded, searched, answered; written by a model", ["stage"],
            buckets=STAGE_SECONDS, registry=registry,
        )  # fmt: skip
        self._questions = Counter("reportqa_questions", "Questions answered", registry=registry)
        self._together = Histogram(
            "reportqa_batch_questions", "Questions answered together",
            buckets=(1, 2, 4, 8, 16, 32), registry=registry,
        )  # fmt: skip
        for name, what, read in (
            ("questions_waiting", "Questions not answered yet", lambda: desk.unanswered),
            ("reports", "Reports in the snapshot", lambda: len(desk.snapshot.reports)),
            ("passages", "Passages in the snapshot", lambda: desk.snapshot.n_passages),
            ("snapshot_created_timestamp_seconds", "When the snapshot was built, in Unix time",
             lambda: datetime.fromisoformat(desk.snapshot.created).timestamp()),
            ("snapshot_trouble", "1: the newest snapshot cannot be opened",
             lambda: int(desk.trouble is not None)),
        ):  # fmt: skip
            Gauge(f"reportqa_{name}", what, registry=registry).set_function(read)
        desk.on_batch, desk.on_written = self._count_batch, self._count_written

    def count_request(self, route: str, method: str, status: int, seconds: float) -> None:
        """One request was answered."""
        self._requests.labels(route, method, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def text(self) -> bytes:
        """All counts in the form that Prometheus reads."""
        return generate_latest(self._registry)

    def _count_batch(self, batch: Sequence[Served]) -> None:
        self._questions.inc(len(batch))
        self._together.observe(len(batch))
        for served in batch:
            for stage, seconds in _stages(served).items():
                if stage != WRITTEN:  # comes after the batch
                    self._stages.labels(stage).observe(seconds)

    def _count_written(self, seconds: float) -> None:
        self._stages.labels(WRITTEN).observe(seconds)


def _stages(served: Served) -> dict[str, float]:
    """The seconds of a question by stage, in their order."""
    return {"waited": served.waited, **asdict(served.reply.timings)}


@dataclass(frozen=True, slots=True)
class Noted:
    """A question answered within a request, and the door it came in by."""

    door: str
    served: Served


def note_question(scope: MutableMapping[str, Any], door: str, served: Served) -> None:
    """Keep a question with its request, to be logged with it."""
    scope.setdefault("state", {}).setdefault("questions", []).append(Noted(door, served))


def log_question(door: str, served: Served, *, private: bool) -> None:
    """One line on a question: its length, its stages, and itself unless it is private."""
    reply = served.reply
    facts: dict[str, Any] = {
        "request_id": REQUEST_ID.get(),
        "door": door,
        "characters": len(reply.question),
        "hits": len(reply.hits),
        **{f"{stage}_ms": _ms(seconds) for stage, seconds in _stages(served).items()},
        "together": served.together,
        "snapshot": served.snapshot.generation,
    }
    if not private:
        facts["question"] = reply.question
    _requests.info("question", extra={"facts": facts})


def log_request(
    scope: MutableMapping[str, Any], route: str, status: int, seconds: float, *, private: bool
) -> None:
    """One line on a request, after those of its questions."""
    for noted in scope.get("state", {}).get("questions", ()):
        log_question(noted.door, noted.served, private=private)
    facts = {
        "request_id": REQUEST_ID.get(),
        "route": route,
        "method": scope["method"],
        "status": status,
        "ms": _ms(seconds),
    }
    _requests.info("request", extra={"facts": facts})


def log_written(door: str, seconds: float) -> None:
    """One line on an answer that a model wrote after its question was logged."""
    facts = {"request_id": REQUEST_ID.get(), "door": door, "written_ms": _ms(seconds)}
    _requests.info("written", extra={"facts": facts})


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, logger, message, and the facts of a request."""

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record; a trace is in it as text."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "facts", {}),
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def set_up_logging(*, as_json: bool) -> None:
    """Log to standard error: warnings as text, or everything of requests as JSON lines."""
    handler = logging.StreamHandler()
    text = logging.Formatter("%(asctime)s %(levelname)s %(message)s")
    handler.setFormatter(JsonLines() if as_json else text)
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    if as_json:
        logging.getLogger("reportqa").setLevel(logging.INFO)
