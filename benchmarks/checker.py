"""How many made-up bad generations the check catches, and how many faithful ones it passes.

    python benchmarks/checker.py [--losses]

In: tests/data/generated, where generations are written by hand over short passages of the shipped
reports and made-up ones. The rules were tuned on the first set; the second was written afterwards.
Out: the shares of both, by kind. A bad one is caught where the check removes its bad sentence.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from generations import SETS, Generation, is_right, read_generations  # noqa: E402


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--losses", action="store_true", help="print what went wrong")
    arguments = parser.parse_args()
    for name in SETS:
        for what in ("bad", "faithful"):
            generations = read_generations(name, what)
            lost = [g for g in generations if not is_right(g)]
            right = len(generations) - len(lost)
            share = right / len(generations)
            told = "caught" if what == "bad" else "passed"
            print(
                f"{name} {what}: {right} of {len(generations)} {told} ({share:.3f}) {by_kind(lost)}"
            )
            for generation in lost if arguments.losses else ():
                print(f"  {generation.id} {generation.kind}: {generation.text}")
                print(f"    {[(r.kind, r.reason, r.sentence) for r in generation.checked.removed]}")


def by_kind(lost: list[Generation]) -> str:
    counts = Counter(generation.kind for generation in lost if generation.kind)
    return ", ".join(f"{kind} {n}" for kind, n in sorted(counts.items()))


if __name__ == "__main__":
    main()
