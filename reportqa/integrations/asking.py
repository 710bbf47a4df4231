"""A framework's question, k and filters → hits as the JSON every interface gives.

The one idea: an integration only wraps these objects, so that all of them carry the same citation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reportqa.answer import ask
from reportqa.errors import MissingExtraError, QuestionError
from reportqa.filters import make_filters
from reportqa.records import NO_FILTERS, Filters
from reportqa.render import reply_json
from reportqa.search import Retriever

__all__ = ["FILTER_FIELDS", "FilterLike", "ask_json", "hits_json", "missing_extra", "read_filters"]

FILTER_FIELDS = ("year", "about", "region", "kind", "basis", "report")
"""What a filter may ask of, in the words of `make_filters` and the command line."""

FilterLike = Filters | Mapping[str, Any] | None
"""Filters, or a mapping such as {"year": [2024, "2021-2023"], "region": "江汉区"}."""


def read_filters(filters: FilterLike) -> Filters:
    """Filters of what a caller gave; QuestionError names the field that cannot be read."""
    if filters is None:
        return NO_FILTERS
    if isinstance(filters, Filters):
        return filters
    unknown = [str(name) for name in filters if name not in FILTER_FIELDS]
    if unknown:
        raise QuestionError(
            f"filter {unknown[0]!r} is not known: use {', '.join(FILTER_FIELDS)}, "
            'as in {"year": "2024"}'
        )
    given = {name: _texts(name, value) for name, value in filters.items() if value is not None}
    basis = given.pop("basis", [])
    if len(basis) > 1:
        raise QuestionError("filter 'basis' takes one of actual and plan")
    return make_filters(**given, basis=basis[0] if basis else None)


def ask_json(retriever: Retriever, question: str, k: int, filters: FilterLike) -> dict[str, Any]:
    """The JSON object of one answer, as `query.py` writes it."""
    return reply_json(ask(retriever, question, k, read_filters(filters)))


def hits_json(
    retriever: Retriever, question: str, k: int, filters: FilterLike
) -> list[tuple[str, dict[str, Any]]]:
    """The text of each hit with its citation: all else that the JSON says of the hit."""
    hits = ask_json(retriever, question, k, filters)["hits"]
    return [(hit["text"], {name: hit[name] for name in hit if name != "text"}) for hit in hits]


def missing_extra(module: str, requirement: str) -> MissingExtraError:
    """The error of an integration whose library is not installed."""
    return MissingExtraError(
        f"the package {module} is not installed, and this integration is for it: "
        f"pip install '{requirement}'"
    )


def _texts(name: str, value: object) -> list[str]:
    """One value or a list of them, as texts."""
    values = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
    if not all(isinstance(one, str | int) and not isinstance(one, bool) for one in values):
        raise QuestionError(f"filter {name!r} is {value!r}: give a text, a year, or a list of them")
    return [str(one) for one in values]
