"""Work on several things at once, handed out in their order."""

from __future__ import annotations

import threading

import pytest

from reportqa.overlap import in_order


def test_results_come_in_order_and_two_are_worked_on_at_once() -> None:
    together = threading.Barrier(2)

    def work(n: int) -> int:
        together.wait(10)  # broken, and so an error, if one were alone
        return n * n

    assert list(in_order(work, range(6))) == [0, 1, 4, 9, 16, 25]


def test_it_runs_no_further_ahead_than_it_says() -> None:
    taken: list[int] = []

    def items() -> object:
        for n in range(10):
            taken.append(n)
            yield n

    results = in_order(str, items(), at_once=2)  # type: ignore[arg-type]
    assert [next(results), next(results)] == ["0", "1"]
    assert taken == [0, 1, 2]
    results.close()  # type: ignore[attr-defined]
    assert taken == [0, 1, 2]


def test_what_fails_is_raised_in_its_place() -> None:
    done: list[int] = []

    def work(n: int) -> int:
        if n == 1:
            raise ValueError("the second")
        done.append(n)
        return n

    results = in_order(work, range(100))
    assert next(results) == 0
    with pytest.raises(ValueError, match="the second"):
        next(results)
    assert max(done) <= 2
