"""Gold questions + hits → how good the retrieval is. Two formats: this project's own, and BEIR.

Own format, one JSON object a line: `id, question, lang, type, evidence [{doc, quote}], answers,
note`. A quote is found when one hit of its report holds it whole, white space and ** aside. All
quotes of a question are needed, unless its note says 证据任一即可 (then any one suffices). A
question without evidence cannot be answered from the reports and counts for abstention alone.
"""

from __future__ import annotations

import csv
import json
import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from reportqa.errors import QuestionError
from reportqa.records import Reply

__all__ = ["read_beir", "read_gold", "score_beir", "score_gold"]

DEPTHS = (1, 3, 5, 10)
ANY_QUOTE = "证据任一即可"


def read_gold(path: Path) -> list[dict[str, Any]]:
    """Gold questions; QuestionError with the line where one is not as the format says."""
    questions = []
    for number, row in _json_lines(path):
        if not isinstance(row, dict) or not {"id", "question", "evidence"} <= row.keys():
            raise QuestionError(f"{path}:{number}: needs id, question and evidence")
        questions.append(row)
    if not questions:
        raise QuestionError(f"{path} holds no question: write one JSON object a line")
    return questions


def score_gold(gold: Sequence[Mapping[str, Any]], replies: Iterable[Reply]) -> dict[str, Any]:
    """Recall at 1, 3, 5, 10, mean reciprocal rank of the first quote (10 deep), share of first
    hits from a report that is no evidence; over all, by type and by language; then the ids missed
    in the first five."""
    by_id = {reply.id: reply for reply in replies}
    scored = {
        row["id"]: (row, _score_one(row, by_id[row["id"]])) for row in gold if row["evidence"]
    }
    groups: dict[str, dict[str, list[dict[str, float]]]] = {
        "type": defaultdict(list),
        "lang": defaultdict(list),
    }
    for row, figures in scored.values():
        for field, group in groups.items():
            group[str(row.get(field))].append(figures)
    return {
        "questions": len(gold),
        "all": _means([figures for _, figures in scored.values()]),
        **{
            f"by_{field}": {name: _means(rows) for name, rows in sorted(group.items())}
            for field, group in groups.items()
        },
        "missed@5": [i for i, (_, figures) in scored.items() if not figures["recall@5"]],
    }


def read_beir(folder: Path) -> tuple[dict[str, str], dict[str, dict[str, int]]]:
    """Queries and relevance judgements of a BEIR folder: {query: text}, {query: {doc: grade}}."""
    for name in ("corpus.jsonl", "queries.jsonl", "qrels/test.tsv"):
        if not (folder / name).is_file():
            raise QuestionError(
                f"{folder / name} is missing: a BEIR folder holds corpus.jsonl, "
                "queries.jsonl and qrels/test.tsv"
            )
    queries = {
        str(row["_id"]): str(row["text"]) for _, row in _json_lines(folder / "queries.jsonl")
    }
    judged: dict[str, dict[str, int]] = defaultdict(dict)
    with (folder / "qrels" / "test.tsv").open(encoding="utf-8", newline="") as lines:
        for row in csv.reader(lines, delimiter="\t"):
            if row and row[-1].lstrip("-").isdigit():
                judged[row[0]][row[-2]] = int(row[-1])
    return {i: text for i, text in queries.items() if i in judged}, dict(judged)


def score_beir(
    judged: Mapping[str, Mapping[str, int]], ranked: Mapping[str, Sequence[str]]
) -> dict[str, float]:
    """nDCG@10 (linear gain, as trec_eval has it), recall@10 and mean reciprocal rank @10 of ranked
    documents, each document at most once; a query without an answer counts as zero."""
    rows = []
    for query, grades in judged.items():
        found = [grades.get(report, 0) for report in ranked.get(query, ())][:10]
        best = sorted(grades.values(), reverse=True)[:10]
        first = next((place for place, grade in enumerate(found, 1) if grade > 0), math.inf)
        relevant = sum(grade > 0 for grade in grades.values())
        rows.append(
            {
                "ndcg@10": _gain(found) / _gain(best) if _gain(best) else 0.0,
                "recall@10": sum(grade > 0 for grade in found) / max(1, relevant),
                "mrr@10": 1 / first,
            }
        )
    return _means(rows)


def _gain(grades: Sequence[int]) -> float:
    return sum(grade / math.log2(place + 1) for place, grade in enumerate(grades, 1) if grade > 0)


def _score_one(row: Mapping[str, Any], reply: Reply) -> dict[str, float]:
    texts = [(hit.passage.metadata.id, _bare(hit.passage.text)) for hit in reply.hits]
    places = [_place(_bare(item["quote"]), item.get("doc"), texts) for item in row["evidence"]]
    whole = min(places) if ANY_QUOTE in (row.get("note") or "") else max(places)
    first = min(places)
    figures = {f"recall@{k}": float(whole <= k) for k in DEPTHS}
    figures["mrr@10"] = 1 / first if first <= 10 else 0.0
    if texts:
        right = {item.get("doc") for item in row["evidence"]}
        figures["wrong_report@1"] = float(texts[0][0] not in right)
    return figures


def _place(quote: str, where: str | None, texts: Sequence[tuple[str, str]]) -> float:
    for place, (report, text) in enumerate(texts, 1):
        if quote in text and where in (None, report):
            return place
    return math.inf


def _bare(text: str) -> str:
    return re.sub(r"\s+", "", text).replace("**", "")


def _means(rows: Sequence[Mapping[str, float]]) -> dict[str, float]:
    names = dict.fromkeys(name for row in rows for name in row)
    means = {
        name: round(sum(v := [row[name] for row in rows if name in row]) / len(v), 4)
        for name in names
    }
    return {"n": len(rows), **means}


def _json_lines(path: Path) -> Iterator[tuple[int, Any]]:
    try:
        with path.open(encoding="utf-8-sig") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield number, json.loads(line)
    except (OSError, UnicodeDecodeError) as error:
        raise QuestionError(f"{path} cannot be read: {error}") from error
    except json.JSONDecodeError as error:
        raise QuestionError(f"{path}:{number}: not JSON: {error.msg}") from error
