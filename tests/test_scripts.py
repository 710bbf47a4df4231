"""The root scripts as a user runs them: arguments, output, exit codes, clear lines for errors."""

from __future__ import annotations

import contextlib
import csv
import importlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from argparse import ArgumentTypeError
from pathlib import Path

import httpx
import pytest
from endpoints import running_endpoint

from query import counted

ROOT = Path(__file__).parents[1]


def run(script: str, *arguments: object, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / script), *map(str, arguments)],
        capture_output=True,
        text=True,
        input=stdin,
        check=False,
        timeout=300,
    )


@pytest.fixture(scope="module")
def index(shipped_index: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scripts") / "index"
    return shutil.copytree(shipped_index, folder)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ("query.py", "问题", "--index", "/nowhere"),
            "no index at /nowhere: run python build_index.py",
        ),
        (("evaluate.py", "/nowhere.jsonl"), "/nowhere.jsonl cannot be read"),
        (("evaluate.py", "--beir", "/nowhere"), "corpus.jsonl is missing"),
        (("query.py", "问题", "--year", "next"), "year 'next' is not a year"),
        (("build_index.py", "--corpus", "/nowhere", "--index", "{tmp}"), "/nowhere"),
        (("build_index.py", "--rollback", "--index", "/nowhere"), "/nowhere"),
        (("build_index.py", "--model", "./none", "--index", "{tmp}"), "no model folder at ./none"),
        (
            ("build_index.py", "--model", "someone/some-model", "--index", "{tmp}"),
            "cannot load the model someone/some-model (looked in the local cache and on the hub)",
        ),
    ],
)
def test_what_cannot_be_done_is_one_line_and_exit_code_2(
    tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    ended = run(*(argument.replace("{tmp}", str(tmp_path / "index")) for argument in arguments))
    assert ended.returncode == 2
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr
    assert len(ended.stderr.strip().splitlines()) <= 2
    assert ended.stdout == ""


def test_a_model_without_an_address_is_one_line_and_exit_code_2(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    for arguments in (("query.py", "问题"), ("serve.py", "--port", "0")):
        ended = run(*arguments, "--llm", "m")
        assert ended.returncode == 2
        assert ended.stderr.strip().splitlines() == [
            f"{arguments[0]}: no language model is named: "
            "set OPENAI_BASE_URL to an endpoint, or OPENAI_API_KEY"
        ]


@pytest.mark.model
def test_a_generated_answer_is_checked_and_a_dead_model_costs_no_answer(
    index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    question = "2024年江汉区地区生产总值预计完成多少？"
    said = "say:2024年江汉区地区生产总值预计完成1740亿元[1]。服务业增加值预计完成1560亿元[1]。"
    with running_endpoint() as endpoint:
        monkeypatch.setenv("OPENAI_BASE_URL", endpoint.base_url)
        ended = run("query.py", question, "--index", index, "-k", 3, "--llm", said)
    assert (ended.returncode, ended.stderr) == (0, "")
    lines = ended.stdout.splitlines()
    assert "〔模型生成，已逐句核对，删去 1 句〕" in lines
    assert "2024年江汉区地区生产总值预计完成1740亿元[1]。" in lines
    assert any(line.startswith("  删去：服务业增加值预计完成1560亿元[1]。") for line in lines)
    questions = tmp_path / "questions.txt"
    questions.write_text(f"{question}\n那2025年的目标呢？\n", encoding="utf-8")
    ended = run("query.py", questions, "--index", index, "--llm", said)  # nobody answers any more
    first, second = (json.loads(line) for line in ended.stdout.splitlines())
    assert ended.returncode == 0
    assert first["answer"]["note"] == "连不上模型，以下是报告原文的摘录。"
    assert (first["answer"]["mode"], first["answer"]["removed"]) == ("extractive", [])
    assert "1740亿元" in first["answer"]["text"]
    assert second["rewritten"] is None


def test_verifying_what_is_not_there_says_so(tmp_path: Path) -> None:
    ended = run("build_index.py", "--verify", "--index", tmp_path)
    assert (ended.returncode, ended.stdout) == (2, f"{tmp_path}: not sound\n")
    assert "no index at" in ended.stderr


@pytest.mark.model
def test_a_question_gets_an_answer_a_person_can_read(index: Path) -> None:
    ended = run("query.py", "2024年江汉区地区生产总值预计完成多少？", "--index", index, "-k", 3)
    assert ended.returncode == 0, ended.stderr
    assert "1740亿元" in ended.stdout
    assert "相关段落（3）" in ended.stdout
    assert ended.stderr == ""


@pytest.mark.model
def test_the_filters_of_the_command_line_hold(index: Path) -> None:
    ended = run(
        "query.py", "-", "--index", index, "--year", "2025", "--basis", "plan", "--region", "江汉",
        stdin="地区生产总值增长多少\n",
    )  # fmt: skip
    hits = json.loads(ended.stdout)["hits"]
    assert hits
    assert {(hit["year"], hit["basis"]) for hit in hits} == {(2025, "plan")}
    ended = run("query.py", "生产总值", "--index", index, "--region", "山东")
    assert ended.returncode == 0
    assert "没有段落符合筛选条件" in ended.stdout
    assert "江汉区" in ended.stdout


@pytest.mark.model
def test_a_file_of_questions_gives_a_file_of_answers(index: Path, tmp_path: Path) -> None:
    questions = tmp_path / "q.csv"
    questions.write_text("id,question\na,新增就业目标是多少\nb,\nc,？！\n", encoding="gb18030")
    out = tmp_path / "a.jsonl"
    ended = run("query.py", questions, "-o", out, "--index", index, "-k", 2)
    assert ended.returncode == 1
    assert f"{questions}:3: the row has no question" in ended.stderr
    assert f"{questions}:4: the question '？！' has no words" in ended.stderr
    assert "Traceback" not in ended.stderr
    (row,) = map(json.loads, out.read_text("utf-8").splitlines())
    assert (row["id"], len(row["hits"])) == ("a", 2)


@pytest.mark.model
def test_a_batch_is_killed_stopped_and_gone_on_with(index: Path, tmp_path: Path) -> None:
    questions, out = tmp_path / "q.tsv", tmp_path / "a.csv"
    lines = [f"{n}\t第{n}项民生实事完成多少？\t部门{n}\n" for n in range(260)]
    questions.write_text("id\tquestion\t部门\n" + "".join(lines), encoding="utf-16")
    command = [sys.executable, ROOT / "query.py", questions, "-o", out, "--index", index, "-k", "2"]
    for sent, code in ((signal.SIGKILL, -signal.SIGKILL), (signal.SIGTERM, 2)):
        size = out.stat().st_size if out.exists() else 0
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as running:
            while not out.exists() or out.stat().st_size <= size:
                assert running.poll() is None
                time.sleep(0.02)
            running.send_signal(sent)
            said = running.stderr.read() if running.stderr else ""
        assert running.returncode == code
        if sent != signal.SIGKILL:
            assert said.endswith("query.py: stopped; the same command goes on from here\n")
    changed = run("query.py", questions, "-o", out, "--index", index, "-k", 3)
    assert changed.returncode == 2
    assert "changed (k was 2 and is 3): add --fresh to start over" in changed.stderr
    ended = run("query.py", questions, "-o", out, "--index", index, "-k", 2)
    assert ended.returncode == 0
    before = ended.stderr.splitlines()[0]
    assert before.startswith("going on after ")
    assert " of 260 questions" in before
    assert f" of them by the run before, 0 failed → {out}" in ended.stderr
    with out.open(encoding="utf-8-sig", newline="") as file:
        rows = [row[:3] for row in csv.reader(file)]
    assert rows[1:] == [[str(n), f"第{n}项民生实事完成多少？", f"部门{n}"] for n in range(260)]
    assert {path.name for path in tmp_path.iterdir()} == {"q.tsv", "a.csv"}


@pytest.mark.model
def test_a_terminal_sees_one_line_of_progress(index: Path, tmp_path: Path) -> None:
    questions = tmp_path / "q.txt"
    questions.write_text("".join(f"第{n}项完成多少？\n" for n in range(640)), "utf-8")
    ours, theirs = os.openpty()
    command = [sys.executable, ROOT / "query.py", questions, "-o", tmp_path / "a.trec"]
    with subprocess.Popen([*command, "--index", index, "-k", "1"], stderr=theirs) as running:
        os.close(theirs)
        said = b""
        while piece := read_terminal(ours):
            said += piece
    os.close(ours)
    assert running.returncode == 0
    first, *_, last = said.decode().split("\r\x1b[K")
    assert first == ""
    assert " of 640 questions, " in said.decode()
    assert " left" in said.decode()
    assert last == f"640 questions asked, 0 failed → {tmp_path / 'a.trec'}\r\n"


def read_terminal(terminal: int) -> bytes:
    """What came; nothing where the other side has closed."""
    try:
        return os.read(terminal, 65_536)
    except OSError:
        return b""


@pytest.mark.model
def test_a_second_build_changes_nothing_and_verifies(index: Path) -> None:
    again = run("build_index.py", "--corpus", ROOT / "corpus", "--index", index)
    assert again.returncode == 0
    assert " 0 texts embedded" in again.stdout
    sound = run("build_index.py", "--verify", "--index", index)
    assert (sound.returncode, sound.stdout) == (0, f"{index}: sound\n")


@pytest.mark.model
def test_a_skipped_file_makes_exit_code_1(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "good.txt").write_text(
        "某县政府工作报告\n一、回顾\n全县增长6.1%。\n", encoding="utf-8"
    )
    (corpus / "bad.txt").write_bytes(b"\x00\xff\x00\x01" * 100)
    ended = run("build_index.py", "--corpus", corpus, "--index", tmp_path / "index")
    assert ended.returncode == 1
    assert "skipped: " in ended.stderr
    assert "bad.txt" in ended.stderr
    assert "1 reports, 1 skipped" in ended.stdout


@pytest.mark.model
def test_gold_questions_are_scored(index: Path, tmp_path: Path) -> None:
    gold = tmp_path / "gold.jsonl"
    report = "jianghan-2024-plan-report"
    rows = [
        {
            "id": "1", "question": "地区生产总值预计完成多少", "lang": "zh", "type": "figure",
            "evidence": [{"doc": report, "quote": "地区生产总值预计完成 1740 亿元"}],
        },
        {"id": "2", "question": "火星上有多少人", "lang": "zh", "type": "none", "evidence": []},
    ]  # fmt: skip
    gold.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")
    saved = tmp_path / "run.jsonl"
    ended = run("evaluate.py", gold, "--index", index, "--save", saved)
    metrics = json.loads(ended.stdout)
    assert metrics["questions"] == 2
    assert metrics["all"]["n"] == 1
    assert metrics["all"]["recall@5"] == 1.0
    again = run("evaluate.py", gold, "--run", saved)
    assert (again.stdout, again.stderr) == (ended.stdout, "")


def test_saved_runs_are_compared_without_an_index(tmp_path: Path) -> None:
    gold, good, bad = (tmp_path / f"{name}.jsonl" for name in ("gold", "good", "bad"))
    evidence = [{"doc": "A", "quote": "黄鹤楼"}]
    questions = [{"id": i, "question": f"问{i}", "evidence": evidence} for i in "12"]
    hits = {"good": [{"report_id": "A", "text": "黄鹤楼"}], "bad": [{"text": "西湖。"}]}
    gold.write_text("\n".join(map(json.dumps, questions)), "utf-8")
    good.write_text("\n".join(json.dumps({"id": i, "hits": hits["good"]}) for i in "12"), "utf-8")
    bad.write_text(json.dumps({"id": "1", "hits": hits["bad"]}), "utf-8")
    ended = run("evaluate.py", gold, "--run", bad, "--versus", good, "--losses")
    metrics = json.loads(ended.stdout)
    assert ended.stderr == f"{bad}: no reply to 1 questions; they count as missed\n"
    assert metrics["versus"]["recall@5"]["difference"] == -1.0
    assert metrics["versus"]["lost"] == ["1", "2"]
    assert metrics["losses"][0] == {
        "id": "1",
        "question": "问1",
        "wanted": [{"report": "A", "quote": "黄鹤楼", "rank": None}],
        "came": [{"report": None, "headings": [], "sentence": "西湖。"}],
    }
    bad.write_text('{"id": "3", "hits": []}', "utf-8")
    ended = run("evaluate.py", gold, "--run", bad)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "replies to none of the questions" in ended.stderr


@pytest.mark.model
def test_a_beir_folder_is_built_and_scored(tmp_path: Path) -> None:
    (tmp_path / "qrels").mkdir()
    documents = [("d1", "西湖", "西湖在杭州。"), ("d2", "黄鹤楼", "黄鹤楼在武汉的蛇山上。")]
    documents.append(("d3", "空", " "))
    (tmp_path / "corpus.jsonl").write_text(
        "\n".join(json.dumps({"_id": i, "title": t, "text": x}) for i, t, x in documents), "utf-8"
    )
    (tmp_path / "queries.jsonl").write_text('{"_id": "q", "text": "黃鶴樓在哪裡"}\n', "utf-8")
    (tmp_path / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq\td2\t1\n", "utf-8")
    saved = tmp_path / "run.jsonl"
    ended = run("evaluate.py", "--beir", tmp_path, "--save", saved)
    assert f"skipped: {tmp_path / 'corpus.jsonl'}:3: there is no text in it" in ended.stderr
    scores = json.loads(ended.stdout)
    assert [scores[name] for name in ("n", "ndcg@10", "recall@10", "mrr@10")] == [1, 1.0, 1.0, 1.0]
    again = run("evaluate.py", "--beir", tmp_path, "--run", saved, "--versus", saved)
    versus = json.loads(again.stdout)["versus"]
    assert (versus["ndcg@10"]["difference"], versus["won"], versus["lost"]) == (0.0, [], [])
    ended = run("evaluate.py", "--beir", tmp_path, "--simplified", "--most", 1, "--save", saved)
    asked = json.loads(saved.read_text("utf-8"))["question"]
    assert (json.loads(ended.stdout)["ndcg@10"], asked) == (1.0, "黄鹤楼在哪里")


def test_a_long_measurement_says_how_far_it_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.syspath_prepend(str(ROOT))
    evaluate = importlib.import_module("evaluate")
    seconds = iter([0.0, 4.0, 11.0, 11.0, 12.0])
    monkeypatch.setattr(evaluate.time, "monotonic", lambda: next(seconds))
    say = evaluate.Progress()
    for done in (1, 2, 3):
        say(f"{done} of 3 questions asked")
    assert capsys.readouterr().err == "2 of 3 questions asked\n"


@pytest.mark.model
def test_a_reader_that_leaves_early_causes_no_complaint(index: Path) -> None:
    command = [sys.executable, str(ROOT / "query.py"), "-", "--index", str(index)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, text=True, **pipes) as running:  # type: ignore[call-overload]
        running.stdout.close()
        running.stdin.write("就业？\n")
        running.stdin.close()
        assert running.stderr.read() == ""
    assert running.returncode == 0


@pytest.mark.model
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_an_output_that_takes_no_more_is_one_line(index: Path) -> None:
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, str(ROOT / "query.py"), "就业？", "--index", str(index)]
        ended = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert ended.returncode == 2
    assert ended.stderr == (
        "query.py: cannot write the output (No space left on device): make room and try again\n"
    )


@pytest.mark.model
@pytest.mark.parametrize(("questions", "k"), [("😀\n", 10), ("就业？\n", 0)])
def test_where_no_question_can_be_asked_the_output_before_still_stands(
    index: Path, tmp_path: Path, questions: str, k: int
) -> None:
    out = tmp_path / "out.jsonl"
    out.write_text("before")
    ended = run("query.py", "-", "--index", index, "-k", k, "-o", out, stdin=questions)
    assert (ended.returncode, out.read_text()) == (2, "before")


def test_a_count_that_is_none_is_refused_in_words() -> None:
    assert counted("8") == 8
    for text in ("0", "-1", "two", "1.5", ""):
        with pytest.raises(ArgumentTypeError, match=f"^{text} is not a whole number from 1 on$"):
            counted(text)


@pytest.mark.model
def test_a_server_starts_where_its_output_is_ascii_and_nobody_reads_it(index: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "serve.py", "--index", index, "--port", str(port), "--api-only"]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout
        assert server.stderr
        server.stdout.close()
        until = time.monotonic() + 120
        ready = False
        while not ready and server.poll() is None and time.monotonic() < until:
            time.sleep(0.2)
            with contextlib.suppress(httpx.TransportError):
                ready = httpx.get(f"http://127.0.0.1:{port}/readyz").is_success
        server.terminate()
        assert (ready, server.stderr.read(), server.wait(60)) == (True, "serve.py: ended\n", 0)
