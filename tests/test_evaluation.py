"""The metrics, by hand-computed examples."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from reportqa.errors import QuestionError
from reportqa.evaluation import (
    GOLD_COMPARED,
    Figures,
    RunHit,
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
from reportqa.evaluation.statistics import mean_table
from reportqa.records import (
    Answer,
    Hit,
    Metadata,
    Passage,
    Reply,
    Section,
    Span,
    Understanding,
)
from reportqa.render import reply_json

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
    assert figures_of_gold(questions, [found])["q"] == {
        "recall@1": 0.0,
        "recall@3": 1.0,
        "recall@5": 1.0,
        "recall@10": 1.0,
        "recall@600chars": 1.0,
        "recall@1200chars": 1.0,
        "recall@2400chars": 1.0,
        "mrr@10": 1.0,
        "ndcg@10": pytest.approx((1 + 1 / math.log2(4)) / (1 + 1 / math.log2(3))),
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


def test_a_question_without_a_reply_counts_as_missed() -> None:
    questions = [gold("q", ("A", "甲")), gold("lost", ("A", "乙"))]
    scores = score_gold(questions, [reply("q", ("A", "甲"))])
    assert (scores["without_reply"], scores["missed@5"]) == (1, ["lost"])
    assert scores["all"]["recall@10"] == 0.5
    assert scores["all"]["wrong_report@1"] == 0.0  # of the one question that got a hit


def test_a_budget_cuts_the_text_off_without_counting_white_space_and_bold() -> None:
    questions = [gold("q", ("A", "甲乙丙丁"))]

    def within(*found: tuple[str, str]) -> list[float]:
        figures = figures_of_gold(questions, [reply("q", *found)])["q"]
        return [figures[f"recall@{budget}chars"] for budget in (600, 1200, 2400)]

    assert within(("A", "** \n" + "文" * 596 + "甲乙丙丁")) == [1.0, 1.0, 1.0]
    assert within(("A", "文" * 597 + "甲乙丙丁")) == [0.0, 1.0, 1.0]
    assert within(("A", "文" * 1000), ("B", "文" * 197), ("A", "甲乙丙丁")) == [0.0, 0.0, 1.0]
    assert within(("A", "文" * 2400), ("A", "甲乙丙丁")) == [0.0, 0.0, 0.0]


def test_two_quotes_in_one_hit_are_worth_as_much_as_in_the_first_two() -> None:
    questions = [gold("q", ("A", "甲"), ("A", "乙"))]

    def ndcg(*texts: str) -> float:
        found = reply("q", *(("A", text) for text in texts))
        return figures_of_gold(questions, [found])["q"]["ndcg@10"]

    best = 1 + 1 / math.log2(3)
    assert ndcg("甲乙") == ndcg("甲", "乙") == ndcg("乙", "甲") == pytest.approx(1)
    assert ndcg("丙", "甲乙") == pytest.approx((1 / math.log2(3) + 1 / math.log2(4)) / best)
    assert ndcg("甲") == pytest.approx(1 / best)
    assert ndcg("丙") == 0


def test_without_named_reports_the_wrong_one_cannot_be_told() -> None:
    unnamed = {**gold("q"), "evidence": [{"quote": "甲"}]}
    figures = figures_of_gold([unnamed], [reply("q", ("A", "甲"))])["q"]
    assert figures["recall@1"] == 1.0
    assert "wrong_report@1" not in figures
    nameless = RunReply("q", (RunHit(None, "甲", (), "甲"),), None, None)
    figures = figures_of_gold([gold("q", ("A", "甲"))], [nameless])["q"]
    assert figures["recall@1"] == 1.0
    assert "wrong_report@1" not in figures


def test_abstentions_are_counted_apart_for_what_can_be_answered_and_what_cannot() -> None:
    questions = [gold("a", ("A", "甲")), gold("b", ("A", "乙")), gold("none"), gold("silent")]
    said = {"a": True, "b": False, "none": True, "silent": None}
    run = [RunReply(id, (), abstained, None) for id, abstained in said.items()]
    scores = score_gold(questions, run)
    assert scores["abstention"] == {
        "unanswerable": 1,
        "abstained": 1,
        "answerable": 2,
        "refused": 1,
        "precision": 0.5,
        "recall": 1.0,
    }
    assert "abstention" not in score_gold(questions, run[-1:])


@pytest.mark.parametrize(
    ("note", "text", "figures"),
    [
        (None, "增长 6%（甲）[1]", {"answer_holds": 1.0, "answer_chars": 10.0}),
        ("答案须全部列出", "增长6%", {"answer_holds": 0.0, "answer_chars": 4.0}),
        ("答案须全部列出", "增长6%，7户", {"answer_holds": 1.0, "answer_chars": 7.0}),
        (None, None, {"answer_holds": 0.0}),
    ],
)
def test_an_answer_holds_what_is_wanted_or_does_not(
    note: str | None, text: str | None, figures: dict[str, float]
) -> None:
    question = {**gold("a", ("A", "甲")), "answers": ["6%", "7户"], "note": note}
    reply = RunReply("a", (), text is None, None, text)
    found = figures_of_gold([question], [reply])["a"]
    assert {name: found[name] for name in found if name.startswith("answer")} == figures


def test_a_loss_shows_what_was_wanted_and_what_came() -> None:
    questions = [gold("won", ("A", "甲")), gold("lost", ("A", "甲"), ("B", "乙"))]
    metadata = hit(1, "A", "").passage.metadata
    section = Section(0, 9, 0, ("一、回顾", "（一）经济"), "body", (), None)
    passage = Passage(metadata, section, 100, 108, "前一句。后一句。", (), (), None)
    first = Hit(1, 1.0, 1, passage, (Span(104, 108), Span(100, 104)))
    others = tuple(hit(rank, "C", "丙" * 200) for rank in (2, 3, 4, 5))
    hits = (first, *others, hit(6, "A", "甲"))
    replies = [reply("won", ("A", "甲")), Reply("lost", "?", hits, NO_ANSWER, 0.0)]
    other = {"report": "C", "headings": [], "sentence": "丙" * 100}
    assert list_losses(questions, replies) == [
        {
            "id": "lost",
            "question": "?",
            "wanted": [
                {"report": "A", "quote": "甲", "rank": 6},
                {"report": "B", "quote": "乙", "rank": None},
            ],
            "came": [
                {
                    "report": "A",
                    "headings": ["一、回顾", "（一）经济"],
                    "sentence": "后一句。",
                },
                other,
                other,
            ],
        }
    ]


def test_a_saved_run_measures_as_the_replies_it_was_saved_from(tmp_path: Path) -> None:
    questions = [gold("1", ("A", "甲")), gold("2", ("B", "乙"))]
    replies = [reply("1", ("B", "甲"), ("A", "甲")), reply("2", ("B", "乙" * 150))]
    path = tmp_path / "run.jsonl"
    path.write_text("\n".join(json.dumps(reply_json(reply)) for reply in replies), "utf-8")
    run = read_run(path)
    assert run == [run_reply(reply) for reply in replies]
    assert score_gold(questions, run) == score_gold(questions, replies)
    assert rank_reports(run) == {"1": ["B", "A"], "2": ["B"]}


def test_a_run_of_another_system_needs_little_and_is_put_in_order(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    path.write_text('{"id": 1, "hits": [{"rank": 2, "text": "b"}, {"rank": 1, "text": "a"}]}\n')
    first, second = RunHit(None, "a", (), "a"), RunHit(None, "b", (), "b")
    assert read_run(path) == [RunReply("1", (first, second), None, None)]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"id": "1"}', "run.jsonl:1: needs id and hits"),
        ('{"id": "1", "hits": [{"report_id": "A"}]}', "run.jsonl:1: each hit needs text"),
        ('{"id": "1", "hits": [{"text": "a", "rank": "x"}]}', "rank 'x' is not a whole number"),
        (
            '{"id": "1", "hits": []}\n{"id": 1, "hits": []}',
            "run.jsonl:2: id 1 stands on",
        ),
        ('{"id": "1", "hits": [{"text": "a", "evidence": "b"}]}', "evidence of a hit is a list"),
        ('{"id": "1", "hits": [{"text": "a", "headings": 3}]}', "headings of a hit is a list"),
        ('{"id": "1", "hits": [{"text": "a", "report_id": 3}]}', "report_id is a text"),
        ('{"id": "1", "hits": [], "seconds": "fast"}', "seconds 'fast' is not a number"),
        ('{"id": %s}' % ("1" * 5_000), "run.jsonl:1: not JSON: Exceeds the limit"),
        ("[" * 100_000, "run.jsonl:1: not JSON: maximum recursion"),
        ("", "holds no reply"),
    ],
)
def test_a_bad_line_of_a_run_is_named(tmp_path: Path, line: str, said: str) -> None:
    path = tmp_path / "run.jsonl"
    path.write_text(line, "utf-8")
    with pytest.raises(QuestionError, match=said):
        read_run(path)


def test_the_interval_of_a_share_is_that_of_the_binomial_distribution() -> None:
    # Of 50 draws with p = 1/2, P(X ≤ 17) = 0.016 and P(X ≤ 18) = 0.032: 18 cuts off 2.5 %.
    table = mean_table([{"recall@5": float(n % 2)} for n in range(50)])
    assert table == {"n": 50, "recall@5": 0.5, "ci95": {"recall@5": [0.36, 0.64]}}


def test_the_interval_of_a_figure_that_some_questions_lack_is_over_those_that_have_it() -> None:
    share = [{"wrong": float(n % 2)} for n in range(50)]
    low, high = mean_table(share + [{}] * 50)["ci95"]["wrong"]
    assert low == pytest.approx(0.36, abs=0.02)
    assert high == pytest.approx(0.64, abs=0.02)
    assert mean_table([{"wrong": 1.0}, {}])["ci95"] == {"wrong": [1.0, 1.0]}
    assert mean_table([]) == {"n": 0, "ci95": {}}


def versus(differences: list[float]) -> tuple[Figures, Figures]:
    """Two runs whose figures differ by these."""
    one = {str(n): dict.fromkeys(GOLD_COMPARED, 0.5 + d) for n, d in enumerate(differences)}
    two = {str(n): dict.fromkeys(GOLD_COMPARED, 0.5) for n in range(len(differences))}
    return one, two


@pytest.mark.parametrize(
    ("won", "lost", "exact"),
    [
        (5, 0, 2 / 2**5),  # all one way or all the other
        (10, 2, 2 * (1 + 12 + 66) / 2**12),  # two of twelve or fewer against
        (3, 3, 1.0),
        (0, 0, 1.0),
    ],
)
def test_p_is_that_of_the_exact_randomisation_test(won: int, lost: int, exact: float) -> None:
    one, two = versus([0.5] * won + [-0.5] * lost + [0.0] * 20)
    assert compare(one, two, GOLD_COMPARED)["recall@5"]["p"] == pytest.approx(exact, abs=0.01)


def test_two_runs_are_compared_question_by_question() -> None:
    one, two = versus([0.25] * 40)  # the same gain everywhere: nothing left to chance
    compared = compare(one, two, GOLD_COMPARED)
    assert compared["n"] == 40
    assert compared["mrr@10"] == {
        "this": 0.75,
        "other": 0.5,
        "difference": 0.25,
        "ci95": [0.25, 0.25],
        "p": 0.0001,
    }
    one, two = versus([0.5, 0.0, -0.5])
    assert {name: compare(one, two, GOLD_COMPARED)[name] for name in ("won", "lost")} == {
        "won": ["0"],
        "lost": ["2"],
    }


def test_beir_figures_are_those_of_trec_eval() -> None:
    judged = {
        "two": {"a": 2, "b": 1, "z": 0},
        "late": {"c": 1},
        "deep": {f"d{i}": 1 for i in range(12)},
        "lost": {"e": 1},
    }
    ranked = {
        "two": ["x", "a", "z", "b"],
        "late": [*(f"n{i}" for i in range(9)), "c"],
        "deep": [*(f"d{i}" for i in range(0, 12, 2)), "y", *(f"d{i}" for i in range(1, 12, 2))],
    }
    # What ir-measures 0.4.3 says to the same (nDCG@10, R@10, RR@10).
    expected = {
        "two": (0.6433224083306327, 1.0, 0.5),
        "late": (0.2890648263178879, 1.0, 0.1),
        "deep": (0.9266360779006401, 0.75, 1.0),
        "lost": (0.0, 0.0, 0.0),
    }
    figures = figures_of_beir(judged, ranked)
    assert figures == {
        query: {
            "ndcg@10": pytest.approx(ndcg),
            "recall@10": pytest.approx(recall),
            "mrr@10": pytest.approx(mrr),
        }
        for query, (ndcg, recall, mrr) in expected.items()
    }
    scores = score_beir(judged, ranked)
    assert [scores[name] for name in ("n", "ndcg@10", "recall@10", "mrr@10")] == [
        4,
        0.4648,
        0.6875,
        0.4,
    ]
    assert scores["ci95"]["recall@10"][0] < 0.6875 < scores["ci95"]["recall@10"][1]


def test_a_bad_line_of_gold_is_named(tmp_path: Path) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text('{"id": 1, "question": "?", "evidence": []}\n{"id": 2}\n', encoding="utf-8")
    with pytest.raises(QuestionError, match=r"gold.jsonl:2: needs id, question and evidence"):
        read_gold(path)
    path.write_text("not json", encoding="utf-8")
    with pytest.raises(QuestionError, match=r"gold.jsonl:1: not JSON"):
        read_gold(path)
    path.write_text('{"id": 1, "question": "?", "evidence": [{"doc": "A"}]}\n', encoding="utf-8")
    with pytest.raises(QuestionError, match=r"gold.jsonl:1: each evidence needs a quote"):
        read_gold(path)
    path.write_text('{"id": 1, "question": "?", "evidence": []}\n' * 2, encoding="utf-8")
    with pytest.raises(QuestionError, match=r"gold.jsonl:2: id 1 stands on an earlier line too"):
        read_gold(path)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"question": None}, "question a text"),
        ({"id": [1]}, "id is a text or a whole number"),
        ({"evidence": None}, "evidence is a list"),
        ({"evidence": "text"}, "evidence is a list"),
        ({"evidence": [{"quote": 7}]}, "each evidence needs a quote"),
        ({"evidence": [{"quote": "a", "doc": 5}]}, "doc is the id of a report"),
        ({"answers": "text"}, "answers is a list of texts"),
        ({"answers": [1]}, "answers is a list of texts"),
        ({"note": 3}, "note is a text"),
    ],
)
def test_a_field_of_gold_that_is_of_another_kind_is_named(
    tmp_path: Path, changed: dict[str, object], said: str
) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text(json.dumps({"id": 1, "question": "?", "evidence": [], **changed}), "utf-8")
    with pytest.raises(QuestionError, match=rf"gold.jsonl:1: .*{said}"):
        read_gold(path)


def test_a_bad_beir_folder_is_named_and_a_part_of_a_good_one_drawn(tmp_path: Path) -> None:
    (tmp_path / "qrels").mkdir()
    (tmp_path / "corpus.jsonl").write_text("", encoding="utf-8")
    queries, judged = tmp_path / "queries.jsonl", tmp_path / "qrels" / "test.tsv"
    judged.write_text("".join(f"q{i}\td{i}\t1\n" for i in range(9)), encoding="utf-8")
    for line in ("[1]", '{"_id": "q1"}'):
        queries.write_text(line, encoding="utf-8")
        with pytest.raises(QuestionError, match=r"queries.jsonl:1: needs _id and text"):
            read_beir(tmp_path)
    rows = [json.dumps({"_id": f"q{i}", "text": str(i)}) for i in range(9)]
    queries.write_text("\n".join(rows), encoding="utf-8")
    texts, grades = read_beir(tmp_path, 4)
    assert (len(texts), list(texts)) == (4, list(grades))
    assert (texts, grades) == read_beir(tmp_path, 4)
    assert len(read_beir(tmp_path, 20)[0]) == 9
    judged.write_text("q1\td1\n", encoding="utf-8")
    with pytest.raises(QuestionError, match="judges none of the queries"):
        read_beir(tmp_path)
    judged.write_bytes(b"\xff\xff")
    with pytest.raises(QuestionError, match=r"test.tsv cannot be read"):
        read_beir(tmp_path)


@pytest.mark.parametrize(
    ("queries", "judgements", "said"),
    [
        ('{"id": 1, "text": "一"}', b"q\td\t1\n", "queries.jsonl:1: needs _id and text"),
        ('{"_id": "q", "text": "一"}', b"q\td\t1\nq\te\t1.0\n", "test.tsv:2: needs query, doc"),
        ('{"_id": "q", "text": "一"}', b"q\td\t1\nq\n", "test.tsv:2: needs query, document"),
        ('{"_id": "q", "text": "一"}', b"q\t\xb0\t1\n", "test.tsv cannot be read"),
        ('{"_id": "q", "text": "一"}', b"other\td\t1\n", "test.tsv judges none"),
    ],
)
def test_a_bad_line_of_a_beir_folder_is_named(
    tmp_path: Path, queries: str, judgements: bytes, said: str
) -> None:
    (tmp_path / "qrels").mkdir()
    (tmp_path / "corpus.jsonl").touch()
    (tmp_path / "queries.jsonl").write_text(queries, "utf-8")
    (tmp_path / "qrels" / "test.tsv").write_bytes(judgements)
    with pytest.raises(QuestionError, match=said):
        read_beir(tmp_path)


def test_questions_that_nothing_answers_compare_as_none() -> None:
    assert compare({}, {}, GOLD_COMPARED) == {"n": 0, "won": [], "lost": []}


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


def said(text: str, region: str = "东山县", **stated: object) -> RunReply:
    read = Understanding(**stated)  # type: ignore[arg-type]
    return RunReply("q", (), False, None, text, {1: region, 2: region}, read)


@pytest.mark.parametrize(
    ("question", "reply", "fields"),
    [
        ("东山县", said("产值3亿元[1]", "西河市", regions=("东山县",)), ["region"]),
        ("东山县", said("产值3亿元[1]", regions=("东山县",)), []),
        ("2021年", said("产值3亿元（东山县，2019年）[1]", years=(2021,)), ["year"]),
        ("2021年", said("2019年产值3亿元[1]", years=(2021,)), ["year"]),
        ("2021年", said("产值3亿元（东山县，2017–2021年，实际）[1]", years=(2021,)), []),
        ("2021年", said("累计产值3亿元（东山县，2017–2021年）[1]", years=(2021,)), ["year"]),
        ("2021年", said("产值3亿元[1]", years=(2021,)), []),
        ("2023年", said("自1958年有记录以来最重的旱灾[1]", years=(2023,)), []),
        ("目标", said("产值3亿元（东山县，实际）[1]", basis="plan"), ["basis"]),
        ("目标", said("产值3亿元（东山县，计划）[1]", basis="plan"), []),
        ("实际", said("预计产值3亿元[1]", basis="actual"), []),
        (
            "2021年目标和2022年实绩相比",
            said(
                "2021年：产值3亿元（东山县，计划）[1]\n2022年：产值4亿元（东山县，2020年，计划）[2]",
                years=(2021, 2022),
                asked="comparison",
            ),
            ["year", "basis"],
        ),
    ],
)
def test_what_contradicts_the_question_is_listed(
    question: str, reply: RunReply, fields: list[str]
) -> None:
    found = list_contradictions([{"id": "q", "question": question, "evidence": []}], [reply])
    assert [one["field"] for one in found] == fields
    assert all(one["id"] == "q" and one["line"] in (reply.text or "") for one in found)


def test_a_saved_run_is_held_to_what_it_understood(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    row = {
        "id": "q",
        "hits": [{"report_id": "r", "text": "产值3亿元", "region": "西河市"}],
        "answer": {
            "text": "产值3亿元（西河市，2019年）[1]",
            "citations": [{"number": 1, "report_id": "r"}],
        },
        "understood": {"regions": ["东山县"], "years": [2021], "basis": None},
    }
    path.write_text(json.dumps(row, ensure_ascii=False), "utf-8")
    gold_row = {"id": "q", "question": "东山县2021年产值", "evidence": []}
    found = list_contradictions([gold_row], read_run(path))
    assert [one["field"] for one in found] == ["region", "year"]
