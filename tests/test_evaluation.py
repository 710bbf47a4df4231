"""The metrics, by hand-computed examples."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from reportqa.errors import QuestionError
from reportqa.evaluation import read_beir, read_gold, score_beir, score_gold
from reportqa.records import Answer, Hit, Metadata, Passage, Reply, Section

NO_ANSWER = Answer(None, True, None, "extractive", ())


def hit(rank: int, report: str, text: str) -> Hit:
    metadata = Metadata(report, report, None, None, "其他", None, None, report)
    section = Section(0, len(text), 0, (), "body", (), None)
    passage = Passage(metadata, section, 0, len(text), text, (), (), None)
    return Hit(rank, 1 / rank, rank, passage, ())


def reply(id: str, *found: tuple[str, str]) -> Reply:
    hits = tuple(hit(rank, report, text) for rank, (report, text) in enumerate(found, 1))
    return Reply(id, "?", hits, NO_ANSWER, 0.0)


def gold(id: str, *quotes: tuple[str, str], note: str = "", lang: str = "zh") -> dict[str, object]:
    evidence = [{"doc": doc, "quote": quote} for doc, quote in quotes]
    return {
        "id": id,
        "question": "?",
        "lang": lang,
        "type": "t",
        "evidence": evidence,
        "note": note,
    }


def test_all_quotes_are_needed_and_only_from_their_own_report() -> None:
    questions = [gold("q", ("A", "甲甲"), ("B", "乙乙"))]
    found = reply("q", ("A", "**甲 甲**"), ("A", "乙乙"), ("B", "乙\n乙"))
    assert score_gold(questions, [found])["all"] == {
        "n": 1,
        "recall@1": 0.0,
        "recall@3": 1.0,
        "recall@5": 1.0,
        "recall@10": 1.0,
        "mrr@10": 1.0,
        "wrong_report@1": 0.0,
    }


def test_any_quote_suffices_where_the_note_says_so() -> None:
    questions = [gold("q", ("A", "甲甲"), ("B", "乙乙"), note="证据任一即可")]
    scores = score_gold(questions, [reply("q", ("C", "丙"), ("B", "乙乙"))])
    assert scores["all"]["recall@3"] == 1.0
    assert scores["all"]["mrr@10"] == 0.5
    assert scores["all"]["wrong_report@1"] == 1.0


def test_a_missed_question_is_listed_and_counts_in_its_group() -> None:
    questions = [gold("hit", ("A", "甲")), gold("miss", ("A", "乙"), lang="en")]
    scores = score_gold(questions, [reply("hit", ("A", "甲")), reply("miss", ("A", "丙"))])
    assert scores["missed@5"] == ["miss"]
    assert scores["by_lang"]["en"]["recall@5"] == 0.0
    assert scores["by_lang"]["zh"]["recall@5"] == 1.0
    assert scores["all"]["recall@5"] == 0.5


def test_a_question_nothing_answers_counts_in_no_recall() -> None:
    scores = score_gold([gold("none"), gold("q", ("A", "甲"))], [reply("none"), reply("q")])
    assert scores["questions"] == 2
    assert scores["all"]["n"] == 1


def test_ndcg_is_that_of_trec_eval() -> None:
    judged = {"q": {"a": 2, "b": 1}, "lost": {"c": 1}}
    scores = score_beir(judged, {"q": ["x", "a", "b"]})
    gain = 2 / math.log2(3) + 1 / math.log2(4)
    best = 2 + 1 / math.log2(3)
    assert scores == {
        "n": 2,
        "ndcg@10": round(gain / best / 2, 4),
        "recall@10": 0.5,
        "mrr@10": 0.25,
    }


def test_a_bad_line_of_gold_is_named(tmp_path: Path) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text('{"id": 1, "question": "?", "evidence": []}\n{"id": 2}\n', encoding="utf-8")
    with pytest.raises(QuestionError, match=r"gold.jsonl:2: needs id, question and evidence"):
        read_gold(path)
    path.write_text("not json", encoding="utf-8")
    with pytest.raises(QuestionError, match=r"gold.jsonl:1: not JSON"):
        read_gold(path)


def test_a_beir_folder_is_read_with_and_without_a_header(tmp_path: Path) -> None:
    (tmp_path / "qrels").mkdir()
    (tmp_path / "corpus.jsonl").write_text("", encoding="utf-8")
    (tmp_path / "qrels" / "test.tsv").write_text(
        "query-id\tcorpus-id\tscore\nq1\td1\t1\nq1\td2\t0\n", encoding="utf-8"
    )
    rows = [{"_id": "q1", "text": "一"}, {"_id": "q2", "text": "二"}]
    (tmp_path / "queries.jsonl").write_text(
        "\n".join(map(json.dumps, rows)) + "\n", encoding="utf-8"
    )
    assert read_beir(tmp_path) == ({"q1": "一"}, {"q1": {"d1": 1, "d2": 0}})
    (tmp_path / "corpus.jsonl").unlink()
    with pytest.raises(QuestionError, match=r"corpus.jsonl is missing"):
        read_beir(tmp_path)
