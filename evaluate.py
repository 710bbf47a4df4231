"""Measure the retrieval on questions whose answers are known; prints one JSON object of metrics.

python evaluate.py GOLD.jsonl [--index DIR]      questions in this project's own format
python evaluate.py --beir FOLDER [--index DIR]   a BEIR folder; its index is built first

Add --save RUN.jsonl to keep the replies; --run RUN.jsonl measures a saved run and asks nothing,
--versus RUN.jsonl compares with one, --losses shows what came instead of what was wanted;
--simplified asks in simplified characters what is written in traditional ones. What a long run has
done so far goes to standard error.
`contradictions` lists the lines of answers that are of a place, of years or of a sense (achieved or
planned) that their question rules out.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from reportqa.errors import QuestionError
from reportqa.evaluation import (
    BEIR_COMPARED,
    GOLD_COMPARED,
    RunReply,
    compare,
    figures_of_beir,
    figures_of_gold,
    list_contradictions,
    list_losses,
    rank_reports,
    read_beir,
    read_gold,
    read_run,
    run_reply,
    score_beir,
    score_gold,
)
from reportqa.program import run_program

if TYPE_CHECKING:
    from reportqa.records import Problem, Reply
    from reportqa.search import Retriever

GOLD_DEPTH = 10  # passages a question
BEIR_DEPTH = 60  # passages retrieved to rank ten documents
BEIR_RANKED = 10
BEIR_TOGETHER = 64  # queries encoded and searched at once; gold questions go singly, to be timed
EVERY = 10.0  # seconds between two lines that say how far it is; on a terminal one
WIDTH = 100  # columns; what fits into one line of output is written in one


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("gold", nargs="?", type=Path, metavar="GOLD.jsonl")
    what.add_argument("--beir", type=Path, metavar="FOLDER")
    parser.add_argument(
        "--index", type=Path, metavar="DIR", help="default: index, or a new one for --beir"
    )
    parser.add_argument("--model", metavar="NAME_OR_FOLDER", help="instead of the bundled model")
    parser.add_argument(
        "--simplified", action="store_true", help="convert the questions from traditional to it"
    )
    parser.add_argument("--most", type=int, metavar="N", help="ask N queries of --beir, drawn")
    run = parser.add_mutually_exclusive_group()
    run.add_argument("--save", type=Path, metavar="RUN.jsonl", help="write the replies there")
    run.add_argument("--run", type=Path, metavar="RUN.jsonl", help="measure these; no index needed")
    parser.add_argument(
        "--versus", type=Path, metavar="RUN.jsonl", help="compare with these by paired tests"
    )
    parser.add_argument(
        "--losses", action="store_true", help="list each question missed in the first five"
    )
    arguments = parser.parse_args()
    if arguments.run and (arguments.index or arguments.model or arguments.simplified):
        parser.error(
            "--run measures what was saved: --index, --model and --simplified do not go with it"
        )
    if arguments.save and arguments.save.suffix.lower() != ".jsonl":
        parser.error(f"--save {arguments.save}: a run is a .jsonl file")
    if arguments.losses and arguments.beir:
        parser.error("--losses needs questions with quotes: it does not go with --beir")
    if arguments.most is not None and (arguments.most < 1 or not arguments.beir):
        parser.error("--most is a number of queries, from 1 on, and goes with --beir")
    return arguments


def evaluate_gold(arguments: argparse.Namespace) -> dict[str, Any]:
    gold = read_gold(arguments.gold)
    questions = {row["id"]: row["question"] for row in gold}
    others = read_replies(arguments.versus, questions, "text") if arguments.versus else None
    if arguments.run:
        run = read_replies(arguments.run, questions, "text")
    else:
        from reportqa.search import Retriever

        retriever = Retriever.open(arguments.index or Path("index"), arguments.model)
        texts = written(questions, arguments.simplified)
        run = take_down(ask_all(retriever, texts, GOLD_DEPTH, 1), arguments.save)
    metrics = score_gold(gold, run)
    metrics["contradictions"] = list_contradictions(gold, run)
    if others is not None:
        figures, other_figures = figures_of_gold(gold, run), figures_of_gold(gold, others)
        metrics["versus"] = compare(figures, other_figures, GOLD_COMPARED)
    if arguments.losses:
        metrics["losses"] = list_losses(gold, run)
    return metrics


def evaluate_beir(arguments: argparse.Namespace) -> dict[str, Any]:
    queries, judged = read_beir(arguments.beir, arguments.most)
    others = read_replies(arguments.versus, queries, "report_id") if arguments.versus else None
    saved: Path | None = arguments.run
    run = read_replies(saved, queries, "report_id") if saved else ask_beir(queries, arguments)
    ranked = rank_reports(run)
    metrics = score_beir(judged, ranked)
    if others is not None:
        figures = figures_of_beir(judged, ranked)
        other_figures = figures_of_beir(judged, rank_reports(others))
        metrics["versus"] = compare(figures, other_figures, BEIR_COMPARED)
    return metrics


def ask_beir(queries: Mapping[str, str], arguments: argparse.Namespace) -> list[RunReply]:
    from reportqa.build import build
    from reportqa.search import Retriever

    with tempfile.TemporaryDirectory() as scratch:
        index = arguments.index or Path(scratch) / "index"
        say = Progress()
        build(
            [arguments.beir / "corpus.jsonl"],
            index,
            arguments.model,
            on_problem=tell,
            on_step=lambda share, reports, embedded: say(f"{share:.0%} of the documents embedded"),
        )
        retriever = Retriever.open(index, arguments.model)
        texts = written(queries, arguments.simplified)
        replies = ask_all(retriever, texts, BEIR_DEPTH, BEIR_TOGETHER)
        return take_down(map(first_of_each_report, replies), arguments.save)


def written(questions: Mapping[str, str], simplified: bool) -> Mapping[str, str]:
    """The questions as they are asked."""
    from reportqa.lexical import simplify

    return {id: simplify(text) for id, text in questions.items()} if simplified else questions


class Progress:
    """Says on standard error how far a long step is: a line every EVERY seconds, on a terminal
    one a second."""

    def __init__(self) -> None:
        """Begin now."""
        self.every = 1.0 if sys.stderr.isatty() else EVERY
        self.told = time.monotonic()

    def __call__(self, line: str) -> None:
        """Say the line, unless one was said just now."""
        if time.monotonic() - self.told >= self.every:
            self.told = time.monotonic()
            print(line, file=sys.stderr, flush=True)


def tell(problem: Problem) -> None:
    """Name on standard error what is wrong with a document; one left out is found by no query."""
    word = "skipped" if problem.skipped else "warning"
    print(f"{word}: {problem.where}: {problem.message}", file=sys.stderr)


def ask_all(
    retriever: Retriever, questions: Mapping[str, str], k: int, together: int
) -> Iterator[Reply]:
    """The replies to all questions that can be asked; the others are named on standard error."""
    from reportqa.answer import ask_many

    say = Progress()
    usable: list[tuple[str, str]] = []
    for id, text in questions.items():
        try:
            usable.append((id, retriever.check(text)))
        except QuestionError as error:
            print(f"question {id}: {error}; it counts as missed", file=sys.stderr)
    for start in range(0, len(usable), together):
        ids, texts = zip(*usable[start : start + together], strict=True)
        yield from ask_many(retriever, texts, k, ids=ids)
        say(f"{min(start + together, len(usable)):,} of {len(usable):,} questions asked")


def take_down(replies: Iterable[Reply], save: Path | None) -> list[RunReply]:
    """What measuring needs of the replies; they are written to `save` as they come."""
    from reportqa.batch import open_output

    run = []
    with open_output(str(save)) if save else nullcontext(lambda reply: None) as write:
        for reply in replies:
            write(reply)
            run.append(run_reply(reply))
    return run


def read_replies(
    path: Path, questions: Mapping[str, str], needed: Literal["text", "report_id"]
) -> list[RunReply]:
    """A saved run; QuestionError where it is of other questions."""
    run = read_run(path, needed)
    lacking = len(questions.keys() - {reply.id for reply in run})
    if lacking == len(questions):
        raise QuestionError(f"{path} replies to none of the questions: name a run of the same file")
    if lacking:
        print(f"{path}: no reply to {lacking} questions; they count as missed", file=sys.stderr)
    return run


def first_of_each_report(reply: Reply) -> Reply:
    """The best hit of each of the first reports: all that ranking reports needs."""
    best = {hit.passage.metadata.id: hit for hit in reversed(reply.hits)}
    hits = sorted(best.values(), key=lambda hit: hit.rank)[:BEIR_RANKED]
    return replace(reply, hits=tuple(hits))


def format_metrics(value: Any, margin: str = "") -> str:
    """JSON with what fits into one line in one line."""
    line = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict | list) or (margin and len(margin + line) <= WIDTH):
        return line
    inner = margin + " "
    if isinstance(value, dict):
        opening, closing = "{", "}"
        parts = [f"{json.dumps(key, ensure_ascii=False)}: " for key in value]
        parts = [
            key + format_metrics(item, inner)
            for key, item in zip(parts, value.values(), strict=True)
        ]
    else:
        opening, closing = "[", "]"
        parts = [format_metrics(item, inner) for item in value]
    return opening + ",".join(f"\n{inner}{part}" for part in parts) + f"\n{margin}{closing}"


def measure(arguments: argparse.Namespace) -> int:
    metrics = evaluate_beir(arguments) if arguments.beir else evaluate_gold(arguments)
    print(format_metrics(metrics))
    return 0


def main() -> int:
    arguments = parse_arguments()
    return run_program("evaluate.py", lambda: measure(arguments))


if __name__ == "__main__":
    sys.exit(main())
