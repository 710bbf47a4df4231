"""An encoder without a model: texts that share words get like vectors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from reportqa.lexical import tokens
from reportqa.records import ModelCard

DIMENSION = 64


class FakeEncoder:
    """A text's vector is the sum of one pseudo-random vector a token, scaled to length 1."""

    backend = "fake"

    def __init__(self, name: str = "fake") -> None:
        self.card = ModelCard(name, f"{crc32(name.encode()):08x}", DIMENSION, 256, "", "")
        self.embedded: list[str] = []

    def encode_passages(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        self.embedded += texts
        if progress and texts:
            progress(len(texts))
        return self.encode_questions(texts)

    def encode_questions(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.array([self._vector(t) for t in texts], np.float32).reshape(-1, DIMENSION)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text) // 2 + 2 for text in texts]

    def _vector(self, text: str) -> NDArray[np.float64]:
        words = tokens(text) or [text]
        drawn = [
            np.random.default_rng(crc32(f"{self.card.name} {word}".encode())).standard_normal(
                DIMENSION
            )
            for word in words
        ]
        total = np.sum(drawn, axis=0)
        return np.asarray(total / np.linalg.norm(total))
