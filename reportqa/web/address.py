"""What the page's address holds: question, filters, what is not to count → the address, and back.

The page shows what follows from its address and nothing else, so that a link is all it takes to
ask again, with one thing changed or none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol
from urllib.parse import parse_qsl, urlencode

from reportqa.doubt import CAUTIONS, Caution
from reportqa.filters import make_filters
from reportqa.question import PARTS
from reportqa.records import Filters
from reportqa.render import BASIS_WORDS

__all__ = ["Address", "parse_address", "read_address", "read_filters"]

_LISTS = {"year": "years", "region": "regions", "kind": "kinds", "report": "reports", "off": "off"}


class Parameters(Protocol):
    """The parameters of an address, as Starlette gives them."""

    def getlist(self, key: str) -> list[str]:
        """All values of a parameter."""
        ...


@dataclass(frozen=True, slots=True)
class Address:
    """What is asked. `after` is the question that a follow-up follows; `off` names what was
    understood of the question and is not to count (PARTS); `caution` is how readily an answer is
    refused."""

    question: str = ""
    years: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    basis: str = ""
    reports: tuple[str, ...] = ()
    after: str = ""
    off: tuple[str, ...] = ()
    caution: Caution = "normal"

    @property
    def filtered(self) -> bool:
        """Whether a filter is set."""
        lists = self.years or self.regions or self.kinds or self.reports
        return bool(lists or self.basis or self.caution != "normal")

    @property
    def filters(self) -> Filters:
        """What every passage must satisfy; QuestionError where a filter cannot be read."""
        return read_filters(_Pairs(parse_qsl(self.url.partition("?")[2])))

    @property
    def url(self) -> str:
        """The address that asks this again."""
        pairs = [("q", self.question)]
        for name, field in _LISTS.items():
            pairs += [(name, value) for value in getattr(self, field)]
        pairs += [("basis", self.basis)] if self.basis else []
        pairs += [("caution", self.caution)] if self.caution != "normal" else []
        pairs += [("after", self.after)] if self.after else []
        return "/?" + urlencode(pairs)

    def toggled(self, part: str) -> Address:
        """The same with this part of what was understood switched off, or on again."""
        if part in self.off:
            return replace(self, off=tuple(name for name in self.off if name != part))
        return replace(self, off=(*self.off, part))


def read_address(parameters: Parameters) -> Address:
    """What an address asks; what it holds besides is left aside."""

    def first(name: str) -> str:
        return next(iter(parameters.getlist(name)), "")

    basis = first("basis")
    lists = {field: tuple(parameters.getlist(name)) for name, field in _LISTS.items()}
    lists["off"] = tuple(part for part in PARTS if part in lists["off"])
    return Address(
        question=first("q"),
        basis=basis if basis in BASIS_WORDS else "",
        after=first("after"),
        caution=next((one for one in CAUTIONS if one == first("caution")), "normal"),
        **lists,
    )


def read_filters(parameters: Parameters) -> Filters:
    """The filters in an address, of one view or another; QuestionError where one cannot be
    read."""
    given = {name: parameters.getlist(name) for name in ("year", "about", "region", "kind")}
    basis = next(iter(parameters.getlist("basis")), None)
    return make_filters(**given, report=parameters.getlist("report"), basis=basis)


def parse_address(query: str) -> Address:
    """The same from the text behind the question mark."""
    return read_address(_Pairs(parse_qsl(query.lstrip("?"))))


class _Pairs:
    def __init__(self, pairs: Sequence[tuple[str, str]]) -> None:
        self._pairs = pairs

    def getlist(self, key: str) -> list[str]:
        return [value for name, value in self._pairs if name == key]
