"""The reports as a LangChain retriever: a question in, `Document`s out, best first.

A document's text is the passage, character for character; its metadata is the citation. Needs the
extra `langchain`. Asynchronous calls search in a thread, so that the event loop goes on.
"""

from __future__ import annotations

import asyncio

from pydantic import SkipValidation

from reportqa.integrations.asking import FilterLike, hits_json, missing_extra
from reportqa.search import Retriever

try:
    from langchain_core.callbacks import (
        AsyncCallbackManagerForRetrieverRun,
        CallbackManagerForRetrieverRun,
    )
    from langchain_core.documents import Document
    from langchain_core.retrievers import BaseRetriever
except ImportError as error:
    raise missing_extra("langchain-core", "langchain-core>=1.0,<2") from error

__all__ = ["ReportRetriever"]


class ReportRetriever(BaseRetriever):
    """`ReportRetriever(retriever=Retriever.open("index"), k=5).invoke("2024年新增就业多少人？")`.
    `k` and `filters` may be given for one call, too: `invoke(question, k=3, filters=…)`."""

    retriever: Retriever
    k: int = 10
    filters: SkipValidation[FilterLike] = None  # or a mapping is read as what it is not

    def _get_relevant_documents(
        self,
        query: str,
        *,
        run_manager: CallbackManagerForRetrieverRun,
        k: int | None = None,
        filters: FilterLike = None,
    ) -> list[Document]:
        return self._documents(query, k, filters)

    async def _aget_relevant_documents(
        self,
        query: str,
        *,
        run_manager: AsyncCallbackManagerForRetrieverRun,
        k: int | None = None,
        filters: FilterLike = None,
    ) -> list[Document]:
        return await asyncio.to_thread(self._documents, query, k, filters)

    def _documents(self, question: str, k: int | None, filters: FilterLike) -> list[Document]:
        k = self.k if k is None else k
        filters = self.filters if filters is None else filters
        return [
            Document(page_content=text, id=citation["passage_id"], metadata=citation)
            for text, citation in hits_json(self.retriever, question, k, filters)
        ]
