"""Ask the index a question, or a file of questions.

Answers go to standard output or to a file, progress and problems to standard error. Exit code 0:
done; 1: some question failed; 2: nothing could be done.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from reportqa.program import run_program, text_argument
from reportqa.records import Filters, Problem

if TYPE_CHECKING:
    from reportqa.batch import Progress
    from reportqa.generate import LLM
    from reportqa.search import Retriever

QUESTION_FILES = (".txt", ".csv", ".tsv", ".xlsx", ".xls", ".jsonl")  # .xls to say what to do


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument(
        "question",
        nargs="?",
        type=text_argument,
        help="a question, a .txt, .csv, .tsv, .xlsx or .jsonl file of them, or -",
    )
    parser.add_argument(
        "--figures",
        type=text_argument,
        metavar="INDICATOR",
        help="list the figures of an indicator (地区生产总值) in place of asking a question",
    )
    parser.add_argument(
        "-o",
        "--output",
        type=text_argument,
        metavar="OUT",
        help="write to OUT (.jsonl, .csv, .tsv, .xlsx, .docx, .md or .trec)",
    )
    parser.add_argument(
        "--fresh",
        action="store_true",
        help="start over, where an interrupted run of the same command would go on",
    )
    parser.add_argument(
        "-k", type=int, default=10, help="passages, or figures, at most (default 10)"
    )
    parser.add_argument("--index", default="index", type=Path, metavar="DIR")
    parser.add_argument(
        "--model", metavar="NAME_OR_FOLDER", help="the model the index was built with"
    )
    parser.add_argument(
        "--caution",
        choices=("low", "normal", "high"),
        default="normal",
        help="how readily to say that the reports do not answer (default normal)",
    )
    parser.add_argument(
        "--reranker",
        metavar="NAME_OR_FOLDER",
        help="a cross-encoder that puts the first fifty passages in its own order",
    )
    parser.add_argument(
        "--llm",
        metavar="MODEL",
        help="let a model write the answer, each sentence checked: any endpoint like OpenAI's, "
        "named by OPENAI_BASE_URL and OPENAI_API_KEY",
    )
    parser.add_argument(
        "--jobs",
        type=counted,
        default=4,
        metavar="N",
        help="answers of a file that the model of --llm writes at once (default %(default)s)",
    )
    parser.add_argument(
        "--llm-rate",
        type=counted,
        metavar="N",
        help="times a minute that model is asked at most (default: no limit)",
    )
    filters = parser.add_argument_group("filters, each may be given several times")
    for name, metavar, meaning in (
        ("--year", "YEAR", "the report's: 2024, 2021-2025"),
        ("--about", "YEAR", "spoken of"),
        ("--region", "REGION", "湖北, 江汉区 …"),
        ("--kind", "KIND", "政府工作报告, 计划报告 …"),
        ("--report", "ID", "as the answers name it"),
    ):
        filters.add_argument(
            name, action="append", default=[], type=text_argument, metavar=metavar, help=meaning
        )
    filters.add_argument("--basis", choices=["actual", "plan"], help="achieved or planned")
    arguments = parser.parse_args()
    if (arguments.question is None) == (arguments.figures is None):
        parser.error("give a question, or --figures INDICATOR")
    return arguments


def counted(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number from 1 on")
    return int(text)


def is_file_of_questions(text: str) -> bool:
    return text == "-" or Path(text).suffix.lower() in QUESTION_FILES


def ask_file(
    retriever: Retriever, arguments: argparse.Namespace, filters: Filters, llm: LLM | None
) -> int:
    """Ask every question of the file; how many failed, each named on standard error."""
    from reportqa.batch import run_batch

    output = None if arguments.output == "-" else arguments.output
    teller = Teller()
    try:
        tally = run_batch(
            retriever,
            arguments.question,
            output,
            arguments.k,
            filters,
            fresh=arguments.fresh,
            caution=arguments.caution,
            llm=llm,
            llm_name=arguments.llm,
            jobs=arguments.jobs,
            llm_rate=arguments.llm_rate or 0,
            on_problem=teller.tell_problem,
            on_progress=teller.tell_progress,
        )
    finally:
        teller.clear()
    before = f", {tally.resumed} of them by the run before" if tally.resumed else ""
    where = f" → {output}" if output else ""
    print(f"{tally.rows} questions asked{before}, {tally.failed} failed{where}", file=sys.stderr)
    if tally.unwritten:
        print(
            f"{tally.unwritten} not answered by the model: the note of each says why",
            file=sys.stderr,
        )
    return tally.failed


class Teller:
    """Says on standard error how far a run is: on a terminal in one line, rewritten at most once
    a second; in a log by a line a minute."""

    def __init__(self) -> None:
        """Nothing is said yet."""
        self.on_terminal = sys.stderr.isatty()
        self.every = 1.0 if self.on_terminal else 60.0  # seconds
        self.told = time.monotonic()
        self.shown = False

    def tell_progress(self, progress: Progress) -> None:
        """How far it is, unless that was said just now."""
        if progress.done == progress.resumed:  # a run goes on: said once, and at once
            print(f"going on after {progress}", file=sys.stderr)
        elif time.monotonic() - self.told >= self.every:
            self.told = time.monotonic()
            self.shown = self.on_terminal
            start, end = ("\r\033[K", "") if self.on_terminal else ("", "\n")
            print(f"{start}{progress}", end=end, file=sys.stderr, flush=True)

    def tell_problem(self, problem: Problem) -> None:
        """A row that failed, and why."""
        self.clear()
        print(f"{problem.where}: {problem.message}", file=sys.stderr)

    def clear(self) -> None:
        """Take the line about progress away."""
        if self.shown:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
            self.shown = False


def ask_all(arguments: argparse.Namespace) -> int:
    """Ask what the arguments say; the exit code."""
    from reportqa.answer import ask
    from reportqa.filters import make_filters
    from reportqa.render import reply_text
    from reportqa.search import Retriever

    filters = make_filters(
        year=arguments.year,
        about=arguments.about,
        region=arguments.region,
        kind=arguments.kind,
        basis=arguments.basis,
        report=arguments.report,
    )
    if arguments.figures is not None:
        return list_figures(arguments, filters)
    from_file = is_file_of_questions(arguments.question)
    llm = None
    if arguments.llm:
        from reportqa.generate import openai_llm

        retries = 0 if from_file else 1  # a run over a file asks again at its own pace
        llm = openai_llm(arguments.llm, retries=retries)
    retriever = Retriever.open(arguments.index, arguments.model, arguments.reranker)
    k = arguments.k
    if from_file:
        return 1 if ask_file(retriever, arguments, filters, llm) else 0
    reply = ask(retriever, arguments.question, k, filters, caution=arguments.caution, llm=llm)
    if arguments.output and arguments.output != "-":
        from reportqa.batch import open_output

        with open_output(arguments.output) as write:
            write(reply)
    else:
        print(reply_text(reply))
    return 0


def list_figures(arguments: argparse.Namespace, filters: Filters) -> int:
    """Print or write the figures of an indicator; the exit code. No model is needed."""
    from reportqa.figures import find_figures, write_figures
    from reportqa.filters import describe_choices
    from reportqa.index import open_snapshot
    from reportqa.render import figures_text

    with open_snapshot(arguments.index) as snapshot:
        hits = find_figures(snapshot, arguments.figures, filters, arguments.k)
        choices = describe_choices(snapshot.reports)
    if arguments.output:
        write_figures(arguments.output, hits)
        print(f"{len(hits)} figures → {arguments.output}", file=sys.stderr)
    elif hits:
        print(figures_text(hits))
    else:
        print(f"没有找到“{arguments.figures}”的数值。{choices}")
    return 0


def main() -> int:
    arguments = parse_arguments()
    resumable = arguments.output and arguments.question and is_file_of_questions(arguments.question)
    stopped = "stopped; the same command goes on from here" if resumable else "stopped"
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends like Ctrl-C
    return run_program("query.py", lambda: ask_all(arguments), stopped)


if __name__ == "__main__":
    sys.exit(main())
