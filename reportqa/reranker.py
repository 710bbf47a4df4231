"""A question and passages → how well each answers it, by a cross-encoder that reads both at once.

Optional: a model that reads question and passage together knows more of the two than their vectors
do, and takes a model run for each pair. Beside `encoder` the only user of sentence-transformers.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from reportqa.errors import EncoderError
from reportqa.records import Hit

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

__all__ = ["RERANKED", "Reranker"]

RERANKED = 50
"""Hits put in the order of the model."""

PAIRS_AT_ONCE = 16


class Reranker:
    """Scores passages for a question. Safe to share between threads, which take turns."""

    def __init__(self, name: str) -> None:
        """Load a model by its name on the hub or its folder. EncoderError where that fails."""
        self.name = name
        self._model = _load(name)
        self._lock = threading.Lock()

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """One score a text, higher for a better answer; scores of two questions do not compare."""
        pairs = [(question, text) for text in texts]
        with self._lock:
            found = self._model.predict(pairs, batch_size=PAIRS_AT_ONCE, show_progress_bar=False)
        return [float(score) for score in found]

    def rerank(self, question: str, hits: Sequence[Hit]) -> tuple[Hit, ...]:
        """The hits with the first RERANKED in the order of the model. Their scores become the
        model's, raised by as much for all as puts them above the others."""
        first, rest = hits[:RERANKED], hits[RERANKED:]
        if not first:
            return ()
        scores = self.scores(question, [_text(hit) for hit in first])
        lift = rest[0].score + 1.0 - min(scores) if rest else 0.0
        order = sorted(range(len(first)), key=lambda at: (-scores[at], first[at].row))
        reranked = (
            replace(first[at], rank=rank, score=scores[at] + lift)
            for rank, at in enumerate(order, 1)
        )
        return (*reranked, *rest)


def _text(hit: Hit) -> str:
    """What the model reads of a passage: its report's label and itself."""
    return f"{hit.passage.metadata.label}：{hit.passage.text}"


def _load(name: str) -> CrossEncoder:
    try:
        from sentence_transformers import CrossEncoder

        model: CrossEncoder = CrossEncoder(name)
    except (OSError, ValueError, ImportError, RuntimeError, KeyError) as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")
        raise EncoderError(
            f"cannot load the reranker {name}: {reason}; check the name and the network, pass the "
            "folder of a copy, or leave --reranker out"
        ) from error
    if model.num_labels != 1:
        raise EncoderError(
            f"{name} gives {model.num_labels} scores a pair: choose a reranker, which gives one"
        )
    return model
