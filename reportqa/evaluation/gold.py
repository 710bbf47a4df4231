"""Gold questions + replies → how good the retrieval is.

One JSON object a line: `id, question, lang, type, evidence [{doc, quote}], answers, note`. A quote
is found when one hit of its report holds it whole, white space and ** aside. All quotes of a
question are needed, unless its note says 证据任一即可 (then any one suffices); of `answers` any one
suffices, unless it says 答案须全部列出. A question without evidence cannot be answered from the
reports and counts for abstention alone.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from reportqa.errors import QuestionError
from reportqa.evaluation.runs import RunHit, RunReply, json_lines, replies_by_id
from reportqa.evaluation.statistics import RESAMPLES, SEED, Figures, mean_table
from reportqa.records import Reply

__all__ = [
    "GOLD_COMPARED",
    "figures_of_gold",
    "list_losses",
    "read_gold",
    "score_gold",
]

GOLD_COMPARED = ("recall@5", "mrr@10")
"""What two runs are compared by; the first also says which questions were won and lost."""

DEPTHS = (1, 3, 5, 10)
BUDGETS = (600, 1200, 2400)  # characters a reader, or a language model's prompt, has room for
CAME = 3  # hits listed with a loss
ANY_QUOTE = "证据任一即可"
ALL_ANSWERS = "答案须全部列出"


def read_gold(path: Path) -> list[dict[str, Any]]:
    """Gold questions, ids as strings; QuestionError with the line where one is not as the format
    says or has the id of an earlier one."""
    questions = {}
    for number, row in json_lines(path):
        if fault := _fault(row):
            raise QuestionError(f"{path}:{number}: {fault}")
        if row.get("verdict") == "down":
            continue  # a visitor's “no”: it says that an answer is wrong and not which is right
        id = str(row["id"])
        if id in questions:
            raise QuestionError(f"{path}:{number}: id {id} stands on an earlier line too")
        questions[id] = {**row, "id": id}
    if not questions:
        raise QuestionError(f"{path} holds no question: write one JSON object a line")
    return list(questions.values())


def _fault(row: Any) -> str | None:
    """What keeps a line from being a gold question, or None."""
    if not isinstance(row, dict) or not {"id", "question", "evidence"} <= row.keys():
        return "needs id, question and evidence"
    if not isinstance(row["question"], str) or not isinstance(row.get("note"), str | None):
        return "question and note must be texts"
    if not isinstance(row["evidence"], list):
        return "evidence must be a list, empty where nothing answers the question"
    for item in row["evidence"]:
        quote = item.get("quote") if isinstance(item, dict) else None
        if not isinstance(quote, str) or not _bare(quote):
            return "each evidence needs a quote"
    answers = row.get("answers") or []
    if not isinstance(answers, list) or not all(isinstance(answer, str) for answer in answers):
        return "answers must be a list of texts"
    return None


def score_gold(
    gold: Sequence[Mapping[str, Any]], replies: Iterable[Reply | RunReply]
) -> dict[str, Any]:
    """Each figure's mean and 95 % bootstrap interval, over all, by type and by language; how often
    the answer was abstained; the seconds a question took; then the ids missed in the first five."""
    run = replies_by_id(replies)
    figures = figures_of_gold(gold, run.values())
    groups: dict[str, dict[str, list[dict[str, float]]]] = {
        "type": defaultdict(list),
        "lang": defaultdict(list),
    }
    for row in gold:
        for field, group in groups.items():
            if row["id"] in figures:
                group[str(row.get(field))].append(figures[row["id"]])
    return {
        "questions": len(gold),
        "without_reply": sum(row["id"] not in run for row in gold),
        "bootstrap": {"resamples": RESAMPLES, "seed": SEED},
        "all": mean_table(list(figures.values())),
        **{
            f"by_{field}": {name: mean_table(rows) for name, rows in sorted(group.items())}
            for field, group in groups.items()
        },
        **_abstention(gold, run),
        **_times(run.values()),
        "missed@5": [id for id, row in figures.items() if not row["recall@5"]],
    }


def figures_of_gold(
    gold: Sequence[Mapping[str, Any]], replies: Iterable[Reply | RunReply]
) -> Figures:
    """The figures of each question that has evidence; one without a reply found nothing.

    recall@k: all quotes within the first k hits. recall@Bchars: all within the first B characters
    of the hits' texts one after the other, counted as quotes are compared. mrr@10: 1 / rank of the
    first quote. ndcg@10: quotes are the relevant items, those that share a hit taking successive
    places. wrong_report@1: the first hit is of a report that is no evidence. answer_holds: one of
    `answers` is contained in the answer, or all where the note says so; a refusal holds none.
    answer_chars: its length, where there is one."""
    run = replies_by_id(replies)
    return {
        row["id"]: _figures(row, run[row["id"]].hits if row["id"] in run else ())
        | _answer_figures(row, run.get(row["id"]))
        for row in gold
        if row["evidence"]
    }


def list_losses(
    gold: Sequence[Mapping[str, Any]], replies: Iterable[Reply | RunReply]
) -> list[dict[str, Any]]:
    """Of each question missed in the first five: what was wanted, with the rank at which each quote
    came (None: not at all), and the first three hits that came instead."""
    run = replies_by_id(replies)
    figures = figures_of_gold(gold, run.values())
    losses = []
    for row in gold:
        if row["id"] not in figures or figures[row["id"]]["recall@5"]:
            continue
        hits = run[row["id"]].hits if row["id"] in run else ()
        places = _places(row, _texts(hits))
        losses.append(
            {
                "id": row["id"],
                "question": row["question"],
                "wanted": [
                    {
                        "report": item.get("doc"),
                        "quote": item["quote"],
                        "rank": None if place == math.inf else place,
                    }
                    for item, place in zip(row["evidence"], places, strict=True)
                ],
                "came": [
                    {
                        "report": hit.report,
                        "headings": list(hit.headings),
                        "sentence": hit.sentence,
                    }
                    for hit in hits[:CAME]
                ],
            }
        )
    return losses


Texts = Sequence[tuple[str | None, str]]


def _texts(hits: Sequence[RunHit]) -> Texts:
    """Report and text of each hit, as quotes are compared."""
    return [(hit.report, _bare(hit.text)) for hit in hits]


def _figures(row: Mapping[str, Any], hits: Sequence[RunHit]) -> dict[str, float]:
    texts = _texts(hits)
    places = _places(row, texts)
    whole, first = _complete(row, places), min(places)
    figures = {f"recall@{k}": float(whole <= k) for k in DEPTHS}
    for budget in BUDGETS:
        within = _complete(row, _places(row, _cut(texts, budget)))
        figures[f"recall@{budget}chars"] = float(within < math.inf)
    figures["mrr@10"] = 1 / first if first <= 10 else 0.0
    figures["ndcg@10"] = _quote_gain([first] if _any_suffices(row) else places)
    right = {item.get("doc") for item in row["evidence"]}
    if texts and texts[0][0] is not None and None not in right:
        figures["wrong_report@1"] = float(texts[0][0] not in right)
    return figures


def _answer_figures(row: Mapping[str, Any], reply: RunReply | None) -> dict[str, float]:
    if not row.get("answers") or reply is None or reply.abstained is None:
        return {}
    if reply.text is None:
        return {"answer_holds": 0.0}
    text = _bare(reply.text)
    wanted = [_bare(answer) in text for answer in row["answers"]]
    holds = all(wanted) if ALL_ANSWERS in (row.get("note") or "") else any(wanted)
    return {"answer_holds": float(holds), "answer_chars": float(len(text))}


def _places(row: Mapping[str, Any], texts: Texts) -> list[float]:
    """The rank of the first hit that holds each quote, infinite where none does."""
    return [_place(_bare(item["quote"]), item.get("doc"), texts) for item in row["evidence"]]


def _place(quote: str, where: str | None, texts: Texts) -> float:
    for place, (report, text) in enumerate(texts, 1):
        if quote in text and (where is None or report is None or where == report):
            return place
    return math.inf


def _complete(row: Mapping[str, Any], places: Sequence[float]) -> float:
    """The rank by which the evidence is complete."""
    return min(places) if _any_suffices(row) else max(places)


def _any_suffices(row: Mapping[str, Any]) -> bool:
    return ANY_QUOTE in (row.get("note") or "")


def _cut(texts: Texts, budget: int) -> Texts:
    kept = []
    for report, text in texts:
        kept.append((report, text[:budget]))
        budget = max(0, budget - len(text))
    return kept


def _quote_gain(places: Sequence[float]) -> float:
    """The nDCG at 10 with each quote a relevant item. Two quotes of one hit take its place and the
    next, or a hit that holds both would be worth more than the best ranking of them singly."""
    gain, taken = 0.0, 0.0
    for place in sorted(places):
        taken = max(place, taken + 1)
        gain += 1 / math.log2(taken + 1) if taken <= 10 else 0.0
    return gain / sum(1 / math.log2(place + 1) for place in range(1, 1 + min(10, len(places))))


def _bare(text: str) -> str:
    return re.sub(r"\s+", "", text).replace("**", "")


def _abstention(
    gold: Sequence[Mapping[str, Any]], run: Mapping[str, RunReply]
) -> dict[str, dict[str, float]]:
    """Questions without evidence and how many of them were abstained from, questions with evidence
    and how many were refused, and what follows: precision and recall of abstaining, where they
    mean something; nothing where no reply says."""
    said = {id: reply.abstained for id, reply in run.items() if reply.abstained is not None}
    hopeless = [said[row["id"]] for row in gold if row["id"] in said and not row["evidence"]]
    answerable = [said[row["id"]] for row in gold if row["id"] in said and row["evidence"]]
    right, wrong = sum(hopeless), sum(answerable)
    counts: dict[str, float] = {
        "unanswerable": len(hopeless),
        "abstained": right,
        "answerable": len(answerable),
        "refused": wrong,
    }
    if right + wrong:
        counts["precision"] = round(right / (right + wrong), 4)
    if hopeless:
        counts["recall"] = round(right / len(hopeless), 4)
    return {"abstention": counts} if said else {}


def _times(run: Iterable[RunReply]) -> dict[str, dict[str, float]]:
    seconds = [reply.seconds for reply in run if reply.seconds is not None]
    if not seconds:
        return {}
    p50, p95 = np.percentile(seconds, (50, 95)) * 1000
    return {"milliseconds_a_question": {"p50": round(float(p50), 1), "p95": round(float(p95), 1)}}
