"""Ask the index a question, or a file of questions.

Answers go to standard output or to a file, progress and problems to standard error. Exit code 0:
done; 1: some question failed; 2: nothing could be done.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from reportqa.errors import QuestionError
from reportqa.program import run_program, text_argument
from reportqa.records import Filters, Problem, Reply

if TYPE_CHECKING:
    from reportqa.batch import Asked
    from reportqa.generate import LLM
    from reportqa.search import Retriever

TOGETHER = 64  # questions encoded and searched at once


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument(
        "question", type=text_argument, help="a question, a .txt, .csv or .jsonl file of them, or -"
    )
    parser.add_argument("-o", "--output", metavar="OUT", help="write to OUT (.jsonl or .csv)")
    parser.add_argument("-k", type=int, default=10, help="passages per question (default 10)")
    parser.add_argument("--index", default="index", type=Path, metavar="DIR")
    parser.add_argument(
        "--model", metavar="NAME_OR_FOLDER", help="the model the index was built with"
    )
    parser.add_argument(
        "--llm",
        metavar="MODEL",
        help="let a model write the answer, each sentence checked: any endpoint like OpenAI's, "
        "named by OPENAI_BASE_URL and OPENAI_API_KEY",
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
    return parser.parse_args()


def is_file_of_questions(text: str) -> bool:
    return text == "-" or (Path(text).suffix.lower() in (".txt", ".csv", ".jsonl", ".xlsx"))


def ask_file(
    retriever: Retriever,
    source: str,
    output: str | None,
    k: int,
    filters: Filters,
    llm: LLM | None,
) -> int:
    """Every question of the file; the number that failed, each named on standard error. Where all
    failed, QuestionError, and what stood at `output` before still stands."""
    from reportqa.batch import open_output, read_questions

    failed = done = 0
    retriever.check("k", k)  # a k that cannot be is said once, not of every question
    with open_output(output) as write:
        held: list[Asked] = []
        for item in read_questions(source):
            if isinstance(item, Problem):
                done, failed = done + 1, failed + 1
                print(f"{item.where}: {item.message}", file=sys.stderr)
                continue
            held.append(item)
            if len(held) == TOGETHER:
                failed += ask_together(retriever, held, k, filters, llm, write)
                done, held = done + len(held), []
                say_progress(done)
        failed += ask_together(retriever, held, k, filters, llm, write)
        done += len(held)
        if done == failed:
            raise QuestionError(
                f"{source} holds no question that can be asked: write one a line, "
                "or one a row under the heading question"
            )
    where = f" → {output}" if output else ""
    say_progress(None)
    print(f"{done} questions asked, {failed} failed{where}", file=sys.stderr)
    return failed


def say_progress(done: int | None) -> None:
    """Rewrite a line on a terminal; a log gets none. None clears it."""
    if sys.stderr.isatty():
        said = "" if done is None else f"{done} questions asked"
        print(f"\r\033[K{said}", end="", file=sys.stderr, flush=True)


def ask_together(
    retriever: Retriever,
    asked: Sequence[Asked],
    k: int,
    filters: Filters,
    llm: LLM | None,
    write: Callable[[Reply], None],
) -> int:
    """Ask a batch and write its replies in order; what cannot be asked is named and counted."""
    from reportqa.answer import ask_many

    usable: list[Asked] = []
    for item in asked:
        try:
            retriever.check(item.question, k)
            usable.append(item)
        except QuestionError as error:
            print(f"{item.where}: {error}", file=sys.stderr)
    questions = [item.question for item in usable]
    ids = [item.id for item in usable]
    for reply in ask_many(retriever, questions, k, filters, ids=ids, llm=llm):
        write(reply)
    return len(asked) - len(usable)


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
    llm = None
    if arguments.llm:
        from reportqa.generate import openai_llm

        llm = openai_llm(arguments.llm)
    retriever = Retriever.open(arguments.index, arguments.model)
    k = arguments.k
    if is_file_of_questions(arguments.question):
        failed = ask_file(retriever, arguments.question, arguments.output, k, filters, llm)
        return 1 if failed else 0
    reply = ask(retriever, arguments.question, k, filters, llm=llm)
    if arguments.output:
        from reportqa.batch import open_output

        with open_output(arguments.output) as write:
            write(reply)
    else:
        print(reply_text(reply))
    return 0


def main() -> int:
    arguments = parse_arguments()
    return run_program("query.py", lambda: ask_all(arguments))


if __name__ == "__main__":
    sys.exit(main())
