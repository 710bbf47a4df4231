"""Work on several things at once, handed out in their order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final, TypeVar

__all__ = ["AT_ONCE", "in_order"]

AT_ONCE: Final = 2
"""One lot is encoded, which needs no Python, while the one before is ranked, which needs little
else."""

T = TypeVar("T")
R = TypeVar("R")


def in_order(work: Callable[[T], R], items: Iterable[T], at_once: int = AT_ONCE) -> Iterator[R]:
    """`map(work, items)` by `at_once` threads, which run no further ahead than that. What fails is
    raised where its result would have come; the items after it are not begun any more."""
    items = iter(items)
    with ThreadPoolExecutor(at_once, thread_name_prefix="overlap") as pool:
        begun: deque[Future[R]] = deque()
        try:
            for item in items:
                begun.append(pool.submit(work, item))
                if len(begun) >= at_once:
                    yield begun.popleft().result()
            while begun:
                yield begun.popleft().result()
        finally:
            for future in begun:
                future.cancel()
