"""The reports as a LlamaIndex retriever: a question in, `NodeWithScore`s out, best first.

A node's text is the passage, character for character; its metadata is the citation, of which an
LLM is shown what names the source. Needs the extra `llama-index`. Asynchronous calls search in a
thread, so that the event loop goes on.
"""

from __future__ import annotations

import asyncio

from reportqa.integrations.asking import FilterLike, hits_json, missing_extra
from reportqa.search import Retriever

try:
    from llama_index.core.callbacks import CallbackManager
    from llama_index.core.retrievers import BaseRetriever
    from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode
except ImportError as error:
    raise missing_extra("llama-index-core", "llama-index-core>=0.14,<0.15") from error

__all__ = ["ReportRetriever"]

SHOWN_TO_LLM = frozenset({"title", "headings", "year", "basis"})


class ReportRetriever(BaseRetriever):
    """`ReportRetriever(Retriever.open("index"), k=5).retrieve("2024年新增就业多少人？")`."""

    def __init__(
        self,
        retriever: Retriever,
        k: int = 10,
        filters: FilterLike = None,
        callback_manager: CallbackManager | None = None,
    ) -> None:
        """`filters` hold for every question."""
        super().__init__(callback_manager)
        self.retriever = retriever
        self.k = k
        self.filters = filters

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        question = query_bundle.query_str
        return [
            NodeWithScore(
                node=TextNode(
                    id_=citation["passage_id"],
                    text=text,
                    metadata=citation,
                    start_char_idx=citation["start"],
                    end_char_idx=citation["end"],
                    excluded_llm_metadata_keys=sorted(citation.keys() - SHOWN_TO_LLM),
                    excluded_embed_metadata_keys=sorted(citation.keys() - SHOWN_TO_LLM),
                ),
                score=citation["score"],
            )
            for text, citation in hits_json(self.retriever, question, self.k, self.filters)
        ]

    async def _aretrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return await asyncio.to_thread(self._retrieve, query_bundle)
