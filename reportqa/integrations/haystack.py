"""The reports as a Haystack component: a query in, `Document`s out, best first.

A document's content is the passage, character for character; its meta is the citation. A pipeline
is saved with the index folder, not with what is open. Needs the extra `haystack`. Asynchronous
runs search in a thread, so that the event loop goes on.
"""

from __future__ import annotations

import asyncio
import threading
from typing import Any

from reportqa.integrations.asking import hits_json, missing_extra
from reportqa.search import Retriever

try:
    from haystack import Document, component, default_to_dict
except ImportError as error:
    raise missing_extra("haystack-ai", "haystack-ai>=3.0,<4") from error

__all__ = ["ReportRetriever"]


@component
class ReportRetriever:
    """`ReportRetriever(index="index", top_k=5).run(query="2024年新增就业多少人？")["documents"]`.
    `top_k` is what the rest of this library calls `k`; Haystack's own parts pass it by that name.
    """

    def __init__(
        self,
        index: str = "index",
        model: str | None = None,
        top_k: int = 10,
        filters: dict[str, Any] | None = None,
        retriever: Retriever | None = None,
    ) -> None:
        """`retriever`, where it is given, is asked, and `index` is what a saved pipeline opens.
        `filters` are as in {"year": [2024], "region": "江汉区"}."""
        self.index = index
        self.model = model
        self.top_k = top_k
        self.filters = filters
        self._retriever = retriever
        self._opening = threading.Lock()

    def warm_up(self) -> None:
        """Open the index, once. Raises SnapshotError or EncoderError where it cannot be opened."""
        self._open()

    def to_dict(self) -> dict[str, Any]:
        """What a saved pipeline holds."""
        return default_to_dict(
            self, index=self.index, model=self.model, top_k=self.top_k, filters=self.filters
        )

    @component.output_types(documents=list[Document])
    def run(
        self, query: str, filters: dict[str, Any] | None = None, top_k: int | None = None
    ) -> dict[str, list[Document]]:
        """The passages found; `filters` and `top_k` stand in for those of the component."""
        filters = self.filters if filters is None else filters
        top_k = self.top_k if top_k is None else top_k
        hits = hits_json(self._open(), query, top_k, filters)
        return {
            "documents": [
                Document(
                    id=citation["passage_id"],
                    content=text,
                    meta=citation,
                    score=citation["score"],
                )
                for text, citation in hits
            ]
        }

    @component.output_types(documents=list[Document])
    async def run_async(
        self, query: str, filters: dict[str, Any] | None = None, top_k: int | None = None
    ) -> dict[str, list[Document]]:
        """`run` in a thread."""
        return await asyncio.to_thread(self.run, query, filters, top_k)

    def _open(self) -> Retriever:
        with self._opening:
            if self._retriever is None:
                self._retriever = Retriever.open(self.index, self.model)
            return self._retriever
