"""Files to take away: what is on the page, whole, by address alone, and nothing else."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote, unquote

import docx
import openpyxl
import pytest
from corpora import REPORTS, build_index, open_retriever, write_corpus
from fastapi import FastAPI
from fastapi.testclient import TestClient

from reportqa.answer import ask
from reportqa.records import Removed
from reportqa.web.desk import Desk
from reportqa.web.exports import ANSWER_FORMATS, downloads_html, make_exports
from reportqa.web.kept import KEPT_SECONDS, Kept
from reportqa.web.problems import add_problems

FORMULA = '=HYPERLINK("http://x","改造老旧小区多少个")'
QUESTION = "改造老旧小区多少个？"
REMOVED = Removed("没有依据的话。", "uncited", "没有引用")


@pytest.fixture(scope="module")
def kept() -> Kept:
    return Kept()


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory, kept: Kept) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("exports")
    build_index(write_corpus(folder / "corpus", REPORTS), folder / "index")
    desk = Desk(open_retriever(folder / "index"))
    app = FastAPI()
    add_problems(app)
    app.state.desk = desk
    app.include_router(make_exports(desk, kept))
    yield TestClient(app)
    desk.close()
    desk.snapshot.close()


def fetch(client: TestClient, what: str, **asked: object) -> bytes:
    answer = client.get(f"/export/{what}", params=asked)  # type: ignore[arg-type]
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-disposition"].startswith("attachment; ")
    return answer.content


def test_an_answer_is_taken_away_in_every_format(client: TestClient) -> None:
    markdown = fetch(client, "answer.md", q=QUESTION).decode()
    assert markdown.startswith("# 问答\n")
    assert "改造老旧小区23个" in markdown
    assert "《2024年东山县政府工作报告》" in markdown
    word = docx.Document(io.BytesIO(fetch(client, "answer.docx", q=QUESTION)))
    assert any("改造老旧小区23个" in paragraph.text for paragraph in word.paragraphs)
    rows = list(
        csv.reader(io.StringIO(fetch(client, "answer.csv", q=QUESTION).decode("utf-8-sig")))
    )
    assert rows[0][:5] == ["编号", "问题", "回答", "引用", "出处 1"]
    assert rows[1][1] == QUESTION
    assert "改造老旧小区23个" in rows[1][2]
    book = openpyxl.load_workbook(io.BytesIO(fetch(client, "answer.xlsx", q=QUESTION)))
    assert "改造老旧小区23个" in book["回答"]["C2"].value
    record = json.loads(fetch(client, "answer.json", q=QUESTION))
    assert record["question"] == QUESTION
    assert "改造老旧小区23个" in record["answer"]["citations"][0]["quote"]


@pytest.mark.parametrize(
    ("what", "asked", "chinese", "english"),
    [
        ("answer", {"q": QUESTION}, "编号,问题", "id,question"),
        ("compare", {"q": QUESTION, "by": "region", "of": "东山县"}, "对比项,", "Compared,"),
        ("figures", {"indicator": "地区生产总值"}, "指标,数值原文", "Indicators,As written"),
    ],
)
def test_a_table_is_headed_in_the_language_of_its_page(
    client: TestClient, what: str, asked: dict[str, str], chinese: str, english: str
) -> None:
    said = fetch(client, f"{what}.csv", **asked).decode("utf-8-sig")
    assert said.startswith(chinese)
    said = fetch(client, f"{what}.csv", **asked, lang="en").decode("utf-8-sig")
    assert said.startswith(english)


def test_an_answer_that_stands_alone_has_no_number(client: TestClient) -> None:
    assert "编号" not in fetch(client, "answer.md", q=QUESTION).decode()
    word = docx.Document(io.BytesIO(fetch(client, "answer.docx", q=QUESTION)))
    assert not any("编号" in paragraph.text for paragraph in word.paragraphs)


def test_the_filters_of_the_address_hold(client: TestClient) -> None:
    asked = {"q": "地区生产总值", "region": "西河市", "basis": "plan"}
    record = json.loads(fetch(client, "answer.json", **asked))
    assert {(hit["region"], hit["basis"]) for hit in record["hits"]} == {("西河市", "plan")}


def test_how_readily_is_refused_goes_with_the_address(client: TestClient) -> None:
    asked = {"q": "东山县改造老旧小区为什么停了？"}
    assert json.loads(fetch(client, "answer.json", **asked))["answer"]["abstained"]
    bold = json.loads(fetch(client, "answer.json", **asked, caution="low"))
    assert not bold["answer"]["abstained"]


def test_a_follow_up_is_asked_as_the_page_asks_it(client: TestClient) -> None:
    before = "2023年东山县地区生产总值是多少？"
    record = json.loads(fetch(client, "answer.json", q="那西河市呢？", after=before))
    assert record["hits"][0]["region"] == "西河市"
    assert record["question"] == "那西河市呢？"
    assert record["rewritten"] == "2023年西河市地区生产总值是多少？"


def test_no_cell_is_a_formula(client: TestClient) -> None:
    text = fetch(client, "answer.csv", q=FORMULA).decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(text)))[1][1] == "'" + FORMULA
    book = openpyxl.load_workbook(io.BytesIO(fetch(client, "answer.xlsx", q=FORMULA)))
    cell = book["回答"]["B2"]
    assert (cell.value, cell.data_type) == (FORMULA, "s")
    asked = {"q": QUESTION, "by": "region", "of": ["=1+1", "东山县"]}
    rows = list(csv.reader(io.StringIO(fetch(client, "compare.csv", **asked).decode("utf-8-sig"))))
    assert [row[0] for row in rows[1:]] == ["'=1+1", "东山县"]


def test_a_comparison_is_taken_away_with_its_gaps(client: TestClient) -> None:
    asked = {"q": QUESTION, "by": "region", "of": ["东山县", "西河市"]}
    book = openpyxl.load_workbook(io.BytesIO(fetch(client, "compare.xlsx", **asked)))
    rows = list(book["对比"].iter_rows(values_only=True))
    assert rows[0][:3] == ("对比项", "依据句", "没有依据的原因")
    assert "改造老旧小区23个" in str(rows[1][1])
    assert rows[2][1] is None
    assert rows[2][2] == "报告没有提到“改造老旧小区”"


def test_the_name_of_the_file_holds_nothing_but_words(client: TestClient) -> None:
    answer = client.get("/export/answer.md", params={"q": '小区\r\nX: y"; ../../\u202eabc'})
    name = answer.headers["content-disposition"].rpartition("''")[2]
    assert unquote(name) == "小区-X-y-abc.md"


@pytest.mark.parametrize(
    "path",
    [
        "answer.py?q=a", "answer.trec?q=a", "answer.md", "../pyproject.toml", "answer.md%2f..%2f",
        "..%2f..%2fetc%2fpasswd", "compare.csv?q=a&by=nothing&of=b", "compare.docx?q=a&by=year",
    ],
)  # fmt: skip
def test_nothing_else_has_an_address(client: TestClient, path: str) -> None:
    assert client.get(f"/export/{path}").status_code in (404, 422)


def test_what_cannot_be_asked_is_a_problem_that_says_so(client: TestClient) -> None:
    for asked in ({"q": "？？"}, {"q": QUESTION, "basis": "neither"}, {"q": QUESTION, "year": "x"}):
        answer = client.get("/export/answer.md", params=asked)
        assert answer.status_code == 422
        assert answer.json()["detail"]


WRITTEN = "老旧小区一共改造了23个[1]。"


def test_what_a_model_wrote_is_taken_away_as_it_was_shown_and_marked(
    client: TestClient, kept: Kept
) -> None:
    retriever = client.app.state.desk.retriever  # type: ignore[attr-defined]
    reply = ask(retriever, QUESTION)
    said = replace(reply.answer, text=WRITTEN, mode="generated", removed=(REMOVED,))
    name = kept.keep(replace(reply, answer=said))
    marked = "由模型生成，已逐句核对，删去 1 句"
    asked = {"q": QUESTION, "kept": name}
    markdown = fetch(client, "answer.md", **asked).decode()
    assert "老旧小区一共改造了23个" in markdown
    assert marked in markdown
    word = docx.Document(io.BytesIO(fetch(client, "answer.docx", **asked)))
    texts = [paragraph.text for paragraph in word.paragraphs]
    assert WRITTEN in texts
    assert f"注：{marked}" in texts
    rows = list(csv.reader(io.StringIO(fetch(client, "answer.csv", **asked).decode("utf-8-sig"))))
    assert rows[1][2] == f"{WRITTEN}\n注：{marked}"
    book = openpyxl.load_workbook(io.BytesIO(fetch(client, "answer.xlsx", **asked)))
    assert marked in str(book["回答"]["C2"].value)
    record = json.loads(fetch(client, "answer.json", **asked))
    assert (record["answer"]["mode"], record["answer"]["text"]) == ("generated", WRITTEN)
    assert record["hits"]
    plain = fetch(client, "answer.md", q=QUESTION).decode()
    assert "由模型生成" not in plain


def test_what_is_no_longer_kept_is_a_sentence_that_says_so(client: TestClient) -> None:
    for lang, said in (("", "请回到页面重新提问"), ("en", "go back to the page and ask again")):
        asked = {"q": QUESTION, "kept": "none", "lang": lang}
        answer = client.get("/export/answer.md", params=asked)
        assert answer.status_code == 410
        assert said in answer.text


def test_a_reply_is_kept_for_an_hour_under_a_name_nobody_can_guess(client: TestClient) -> None:
    now = [0.0]
    kept = Kept(lambda: now[0])
    reply = ask(client.app.state.desk.retriever, QUESTION)  # type: ignore[attr-defined]
    names = {kept.keep(reply) for _ in range(50)}
    assert len(names) == 50
    assert min(map(len, names)) >= 22
    now[0] = KEPT_SECONDS - 1
    later = kept.keep(reply)
    assert [kept.reply(name) for name in names] == [reply] * 50
    now[0] = KEPT_SECONDS + 1
    assert [kept.reply(name) for name in names] == [None] * 50
    assert kept.reply(later) is reply


def test_no_more_replies_are_kept_than_there_is_room_for(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reportqa.web.kept.MOST_KEPT", 3)
    kept = Kept()
    reply = ask(client.app.state.desk.retriever, QUESTION)  # type: ignore[attr-defined]
    names = [kept.keep(reply) for _ in range(5)]
    assert [kept.reply(name) is reply for name in names] == [False, False, True, True, True]


def test_a_table_is_named_in_the_language_of_the_visitor(client: TestClient) -> None:
    asked = {"q": QUESTION, "by": "region", "of": ["东山县"]}
    for lang, name in (("", "对比"), ("en", "Compare")):
        answer = client.get("/export/compare.xlsx", params={**asked, "lang": lang})
        assert openpyxl.load_workbook(io.BytesIO(answer.content)).sheetnames == [name]
        assert f"''{quote(name)}-" in answer.headers["content-disposition"]
    found = client.get("/export/figures.xlsx", params={"indicator": "地区生产总值", "lang": "en"})
    assert openpyxl.load_workbook(io.BytesIO(found.content)).sheetnames == ["Figure"]


def test_nothing_stays_behind(
    client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    for ending in ANSWER_FORMATS:
        fetch(client, f"answer.{ending}", q=QUESTION)
    assert list(tmp_path.iterdir()) == []


def test_links_to_files_carry_the_question_and_no_markup() -> None:
    question = 'a"><script>&b'
    markup = downloads_html("answer", [("q", question), ("year", "2024")])
    assert "<script>" not in markup
    assert f"export/answer.docx?q={quote(question, safe='')}&amp;year=2024" in markup
