"""Reading files of every kind, good and bad."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

import reportqa.corpus
import reportqa.corpus.textfile
from reportqa.corpus import read_corpus
from reportqa.errors import CorpusError
from reportqa.records import Problem, Report

TEXT = "2024年某县政府工作报告\n各位代表：\n全县经济平稳运行，生产总值增长5%。\n"


def read(*paths: Path) -> tuple[dict[str, Report], list[Problem]]:
    items = list(read_corpus(paths))
    reports = [item for item in items if isinstance(item, Report)]
    problems = [item for item in items if isinstance(item, Problem)]
    assert len({report.id for report in reports}) == len(reports)
    return {report.id: report for report in reports}, problems


def write(path: Path, text: str = TEXT, encoding: str = "utf-8") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode(encoding))
    return path


def test_the_shipped_corpus_is_read_without_a_problem() -> None:
    folder = Path(__file__).parent.parent / "corpus"
    reports, problems = read(folder)
    assert problems == []
    assert [(r.metadata.region, r.metadata.kind, r.metadata.year) for r in reports.values()] == [
        ("武汉市江汉区", "政府工作报告", 2021),
        ("武汉市江汉区", "计划报告", 2025),
    ]


def test_folders_are_read_in_order_without_readme_and_hidden_files(tmp_path: Path) -> None:
    for name in ("b.TXT", "a.md", "sub/c.txt", "README.md", "readme.TXT", "README.zh-CN.md"):
        write(tmp_path / name)
    for name in (".hidden.md", "x.pdf"):
        write(tmp_path / name)
    reports, problems = read(tmp_path)
    assert list(reports) == ["a", "b", "c"]
    assert reports["a"].text == TEXT.strip()
    assert problems == []


def test_stems_that_collide_are_told_apart_by_their_folders(tmp_path: Path) -> None:
    for name in ("x/r.txt", "y/r.txt", "y/r.md", "x-r.md", "z.md"):
        write(tmp_path / name)
    reports, _ = read(tmp_path)
    assert sorted(reports) == ["x-r", "x-r-txt", "y-r", "y-r-txt", "z"]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"]
)
def test_every_encoding_gives_the_same_text(tmp_path: Path, encoding: str) -> None:
    reports, problems = read(write(tmp_path / "r.txt", TEXT, encoding))
    assert reports["r"].text == TEXT.strip()
    assert problems == []


def test_a_damaged_byte_does_not_turn_utf8_into_another_encoding(tmp_path: Path) -> None:
    file = tmp_path / "r.txt"
    file.write_bytes((TEXT * 5).encode()[:-3])
    reports, problems = read(file)
    assert "全县经济平稳运行" in reports["r"].text
    assert [p.skipped for p in problems] == [False]


def bad_files(folder: Path) -> None:
    (folder / "empty.txt").write_bytes(b"")
    (folder / "blank.txt").write_bytes(b" \n\xef\xbb\xbf\n")
    (folder / "nul.txt").write_bytes(b"abc\x00def\x00\x00\x01")
    (folder / "pdf.txt").write_bytes(b"%PDF-1.7 ...")
    (folder / "noise.txt").write_text("\ue000\ue001\ue002甲" * 50, encoding="utf-8")
    (folder / "latin.txt").write_bytes(b"\xe9t\xe9 \xff\xfe\xfd" * 20)
    (folder / "dangling.md").symlink_to(folder / "nowhere")
    (folder / "loop.md").symlink_to(folder / "loop.md")


def test_files_that_cannot_be_read_are_named_and_the_others_go_on(tmp_path: Path) -> None:
    bad_files(tmp_path)
    write(tmp_path / "good.txt")
    reports, problems = read(tmp_path)
    assert list(reports) == ["good"]
    said = {Path(p.where).name: p.message for p in problems if p.skipped}
    assert {name: message.split(";")[0] for name, message in said.items()} == {
        "blank.txt": "there is no text in it",
        "dangling.md": "a broken link",
        "empty.txt": "there is no text in it",
        "latin.txt": "neither UTF-8, UTF-16 nor GB18030",
        "loop.md": "a broken link",
        "noise.txt": "mostly control or private-use characters: it was read in the wrong encoding "
        "or made with a font of its own",
        "nul.txt": "binary (it has NUL bytes)",
        "pdf.txt": "a PDF, not text",
    }


@pytest.mark.parametrize("name", [b"\xcd\xf5.txt", b"a\nb.md", b"\xff/r.txt"])
def test_a_name_that_can_be_no_id_is_told_and_the_others_go_on(tmp_path: Path, name: bytes) -> None:
    write(tmp_path / os.fsdecode(name))
    write(tmp_path / "good.txt")
    reports, problems = read(tmp_path)
    assert list(reports) == ["good"]
    assert [problem.message for problem in problems if problem.skipped] == [
        "the name is not text in UTF-8, or has control characters; rename it"
    ]
    assert problems[0].where.isprintable()


def test_a_file_reached_by_two_paths_is_read_once(tmp_path: Path) -> None:
    write(tmp_path / "corpus" / "r.md")
    (tmp_path / "link").symlink_to(tmp_path / "corpus")
    corpus = tmp_path / "corpus"
    reports, _ = read(corpus, corpus / ".." / "corpus" / "r.md", tmp_path / "link")
    assert list(reports) == ["r"]


def test_a_folder_named_like_a_report_is_told_and_read(tmp_path: Path) -> None:
    write(tmp_path / "x.txt" / "r.md")
    reports, problems = read(tmp_path)
    assert list(reports) == ["r"]
    assert [(Path(p.where).name, p.skipped) for p in problems] == [("x.txt", False)]


def test_folders_that_link_to_themselves_are_read_once(tmp_path: Path) -> None:
    write(tmp_path / "r.md")
    (tmp_path / "again").symlink_to(tmp_path)
    assert list(read(tmp_path)[0]) == ["r"]


def test_a_file_too_large_is_told_with_size_and_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reportqa.corpus.textfile, "MAX_FILE_BYTES", 200)
    write(tmp_path / "big.txt", TEXT * 10)
    write(tmp_path / "good.txt")
    _, problems = read(tmp_path)
    assert len(problems) == 1
    assert "more than the limit of 200; split it" in problems[0].message


def test_a_broken_font_is_a_warning_and_its_characters_stay(tmp_path: Path) -> None:
    reports, problems = read(write(tmp_path / "r.txt", TEXT + "增长\ufffd和\ue123。"))
    assert reports["r"].text.endswith("增长\ufffd和\ue123。")
    assert [(p.skipped, p.message[:9]) for p in problems] == [(False, "2 private")]


def test_a_named_file_of_another_kind_is_a_problem(tmp_path: Path) -> None:
    good = write(tmp_path / "good.txt")
    _, problems = read(good, write(tmp_path / "r.docx"))
    assert [p.message for p in problems] == [
        "not a report file; reports end with .md, .txt or .jsonl"
    ]


def test_a_missing_path_and_an_empty_corpus_are_errors(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="does not exist"):
        list(read_corpus([tmp_path / "nothing"]))
    with pytest.raises(CorpusError, match="no report in"):
        list(read_corpus([tmp_path]))


def jsonl(path: Path, *lines: object) -> Path:
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    return write(path, "\n".join(texts) + "\n")


def test_documents_of_a_jsonl_file_are_reports(tmp_path: Path) -> None:
    given = {"region": "某市", "kind": "统计公报", "year": 2020, "date": "2021-03"}
    file = jsonl(tmp_path / "c.jsonl", {"_id": "d1", "title": "题", "text": TEXT, **given}, "")
    reports, problems = read(file)
    metadata = reports["d1"].metadata
    assert (metadata.title, metadata.region, metadata.kind) == ("题", "某市", "统计公报")
    assert (metadata.year, metadata.date, metadata.source) == (2020, "2021-03", f"{file}:1")
    assert problems == []


def test_bad_lines_of_a_jsonl_file_are_named_and_the_others_go_on(tmp_path: Path) -> None:
    file = jsonl(
        tmp_path / "c.jsonl",
        {"id": 7, "text": TEXT},
        "{nonsense",
        "[1]",
        {"text": TEXT},
        {"_id": "a"},
        {"_id": "b", "text": 5},
        {"_id": "7", "text": TEXT},
        {"_id": "c", "text": " "},
        {"_id": "d", "text": TEXT, "year": "soon"},
        {"_id": "e", "text": TEXT + "\ud800"},
    )
    reports, problems = read(file)
    assert list(reports) == ["7", "d", "e"]
    said = [(int(p.where.rpartition(":")[2]), p.skipped, p.message[:12]) for p in problems]
    assert said == [
        (2, True, "not JSON (Ex"),
        (3, True, "not an objec"),
        (4, True, "no id; give "),
        (5, True, "no text; giv"),
        (6, True, "text must be"),
        (7, True, "the id 7 is "),
        (8, True, "there is no "),
        (9, False, "year must be"),
        (10, False, "1 private-us"),
    ]
    assert reports["d"].metadata.year == 2024
    reports["e"].text.encode()


def test_a_jsonl_file_is_streamed(tmp_path: Path) -> None:
    file = jsonl(tmp_path / "c.jsonl", *({"_id": f"d{i}", "text": TEXT} for i in range(3)))
    items = read_corpus([file])
    assert isinstance(first := next(items), Report)
    assert first.id == "d0"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_metadata_overrides_one_column_at_a_time(tmp_path: Path, encoding: str) -> None:
    write(tmp_path / "r.txt")
    write(tmp_path / "sub/s.txt")
    write(
        tmp_path / "metadata.csv",
        "file,title,region,year,date\nr.txt,新题,某市某区,,2024年1月5日\nsub/s.txt,,,2019,\n",
        encoding,
    )
    reports, problems = read(tmp_path)
    first, second = reports["r"].metadata, reports["s"].metadata
    assert (first.title, first.region, first.year) == ("新题", "某市某区", 2024)
    assert (first.date, first.kind) == ("2024-01-05", "政府工作报告")
    assert (second.title, second.year) == ("2024年某县政府工作报告", 2019)
    assert problems == []


def test_what_is_wrong_with_metadata_is_named_by_its_line(tmp_path: Path) -> None:
    write(tmp_path / "r.txt")
    rows = ["id,year,date,kind,colour", "r,twenty,2024-13-01,诗,red", "r,2020,,,", ",2020,,,"]
    file = write(tmp_path / "metadata.csv", "\n".join([*rows, "gone,2020,,,"]))
    reports, problems = read(tmp_path)
    assert reports["r"].metadata.year == 2024
    assert not any(p.skipped for p in problems)
    assert [(p.where, p.message.split(",")[0].split(";")[0]) for p in problems] == [
        (f"{file}:1", "the column colour is unknown"),
        (
            f"{file}:2",
            "kind must be one of 政府工作报告、计划报告、统计公报、党代会报告、规划、其他",
        ),
        (f"{file}:2", "date must be a date like 2024-01-31"),
        (f"{file}:2", "year must be a year like 2024"),
        (f"{file}:3", f"r has a row already ({file}:2)"),
        (f"{file}:4", "the row names no report"),
        (f"{file}:5", "no report is called gone"),
    ]


def test_metadata_without_a_header_is_left_out(tmp_path: Path) -> None:
    write(tmp_path / "r.txt")
    write(tmp_path / "metadata.csv", "r.txt,2020\n")
    reports, problems = read(tmp_path)
    assert reports["r"].metadata.year == 2024
    assert "one of them file or id" in problems[0].message


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_a_mark_is_read_where_the_character_one_has_a_nul_byte(
    tmp_path: Path, encoding: str
) -> None:
    text = f"{TEXT}一、工作回顾\n第一，完善制度。\n"
    reports, problems = read(write(tmp_path / "一.txt", text, encoding))
    assert (problems, reports["一"].text) == ([], text.strip())


def test_letters_with_nul_bytes_are_binary_and_not_utf16(tmp_path: Path) -> None:
    file = tmp_path / "letters.txt"
    file.write_bytes(b"ordinary English letters of a report " * 40 + b"\x00\x00")
    with pytest.raises(CorpusError, match="could be read: mend what was skipped"):
        read(file)


def test_a_number_too_long_for_python_skips_its_line_only(tmp_path: Path) -> None:
    lines = ['{"_id": ' + "9" * 5000 + ', "text": "甲"}', '{"_id": "b", "text": "乙的报告。"}']
    reports, problems = read(write(tmp_path / "d.jsonl", "\n".join(lines)))
    assert (list(reports), [problem.skipped for problem in problems]) == (["b"], [True])


def test_metadata_loses_characters_that_nobody_sees(tmp_path: Path) -> None:
    write(tmp_path / "a.md")
    write(tmp_path / "metadata.csv", "file,title\na.md,\x1b[31m某县\u202e报告\u200b\n")
    reports, problems = read(tmp_path)
    assert (reports["a"].metadata.title, problems) == ("[31m某县报告", [])
