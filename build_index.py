"""Build the index from a corpus: reports in, a snapshot to search out.

Progress and problems go to standard error; the last line on standard output is a summary. Exit
code 0: done; 1: done, but a file was skipped (each is named); 2: nothing was published.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from reportqa.program import run_program
from reportqa.records import Problem


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument(
        "--corpus",
        nargs="+",
        type=Path,
        default=[Path("corpus")],
        metavar="PATH",
        help="folders and files of reports: .md, .txt, .jsonl (default corpus)",
    )
    parser.add_argument("--index", type=Path, default=Path("index"), metavar="DIR")
    parser.add_argument("--model", metavar="NAME_OR_FOLDER", help="instead of the bundled model")
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument("--verify", action="store_true", help="check the index; build nothing")
    instead.add_argument("--rollback", action="store_true", help="go back to the snapshot before")
    return parser.parse_args()


class Progress:
    """Says on standard error how far the build is; rewrites its line on a terminal."""

    def __init__(self) -> None:
        """Begin now."""
        self.began = time.monotonic()
        self.live = sys.stderr.isatty()
        self.said = 0.0

    def note(self, message: str) -> None:
        """Say a line."""
        self._clear()
        print(message, file=sys.stderr, flush=True)

    def step(self, share: float, reports: int, embedded: int) -> None:
        """Say how far; on a terminal in place, else a line every ten seconds."""
        now = time.monotonic()
        if now - self.said < (0.2 if self.live else 10.0):
            return
        self.said = now
        spent = now - self.began
        line = f"{share:4.0%}  {reports} reports read, {embedded} texts embedded"
        if share > 0:
            line += f", about {spent / share - spent:.0f} s left"
        if self.live:
            print(f"\r\033[K{line}", end="", file=sys.stderr, flush=True)
        else:
            print(line, file=sys.stderr, flush=True)

    def problem(self, problem: Problem) -> None:
        """Name a problem of the input."""
        word = "skipped" if problem.skipped else "warning"
        self.note(f"{word}: {problem.where}: {problem.message}")

    def _clear(self) -> None:
        if self.live:
            print("\r\033[K", end="", file=sys.stderr)


def verify(index: Path) -> int:
    from reportqa.index import verify_snapshot

    problems = verify_snapshot(index)
    for problem in problems:
        print(f"{problem.where}: {problem.message}", file=sys.stderr)
    print(f"{index}: {'not sound' if problems else 'sound'}")
    return 2 if problems else 0


def rollback(index: Path) -> int:
    from reportqa.index import rollback

    print(f"{index}: serving {rollback(index)} again")
    return 0


def build(arguments: argparse.Namespace) -> int:
    from reportqa.build import build

    progress = Progress()
    summary = build(
        arguments.corpus,
        arguments.index,
        arguments.model,
        on_step=progress.step,
        on_problem=progress.problem,
        on_note=progress.note,
    )
    spent = time.monotonic() - progress.began
    print(f"{summary.describe()} in {spent:.1f} s")
    return 1 if summary.skipped else 0


def main() -> int:
    arguments = parse_arguments()

    def work() -> int:
        if arguments.verify:
            return verify(arguments.index)
        if arguments.rollback:
            return rollback(arguments.index)
        return build(arguments)

    return run_program("build_index.py", work, "stopped; the snapshot before still serves")


if __name__ == "__main__":
    sys.exit(main())
