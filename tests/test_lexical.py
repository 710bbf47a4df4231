"""Chinese tokens and BM25, against a reference of ten lines."""

import math
from collections import Counter
from pathlib import Path

import bm25s
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reportqa.errors import SnapshotError
from reportqa.lexical import BM25_FILES, BM25Builder, BM25Index, tokens, tokens_of_each

TEXTS = [
    "全市地区生产总值增长6.5%,城镇新增就业12万人。",
    "一般公共预算收入增长８．２％。",
    "生产生产生产总值",
    "。。。！！！",
    "新增城镇就业 12 万人,GDP growth 6.5",
]


def save(texts: list[str], folder: Path) -> None:
    """An index of the texts, on disk."""
    builder = BM25Builder()
    for text in texts:
        builder.add(text)
    builder.save(folder)


def reference(texts: list[str], question: str, k1: float = 1.5, b: float = 0.75) -> list[float]:
    """BM25 as Lucene scores it, written out."""
    rows = [Counter(tokens(text)) for text in texts]
    mean = sum(map(Counter.total, rows)) / len(rows)
    scores = [0.0] * len(rows)
    for token in tokens(question):
        df = sum(token in row for row in rows)
        idf = math.log(1 + (len(rows) - df + 0.5) / (df + 0.5))
        for i, row in enumerate(rows):
            if row[token]:
                norm = k1 * (1 - b + b * row.total() / mean)
                scores[i] += idf * row[token] / (row[token] + norm)
    return scores


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("高质量发展", ["高质", "质量", "量发", "发展"]),
        ("改 革\u3000开\n放", ["改革", "革开", "开放"]),
        ("高質量發展", ["高质", "质量", "量发", "发展"]),
        ("2024年", ["2024", "年"]),
        ("２０２４年GDP", ["2024", "年", "gdp"]),
        ("增长6.5%", ["增长", "6.5", "6.5%"]),
        ("增长６．５％", ["增长", "6.5", "6.5%"]),
        ("1,234.5亿元", ["1234.5", "亿元"]),
        ("12,345人", ["12345", "人"]),
        ("第1,2,3项", ["第", "1", "2", "3", "项"]),
        ("5G基站", ["5g", "基站"]),
        ("PM2.5浓度", ["pm", "2.5", "浓度"]),
        ("PM_{2.5}", ["pm", "2.5"]),
        ("COVID-19 and G20", ["covid", "19", "and", "g20"]),
        ("CO₂排放", ["co2", "排放"]),
        ("二○二四年", ["二〇", "〇二", "二四", "四年"]),
        ("改\u200b革", ["改革"]),
        ("在18.5%。", ["在", "18.5", "18.5%"]),
        ("完成100%", ["完成", "100", "100%"]),
        ("𠮷林", ["𠮷林"]),
        ("", []),
        ("。,!?😀 \ue000\ufffd", []),
    ],
)
def test_a_text_is_cut_into_these_tokens(text: str, expected: list[str]) -> None:
    assert tokens(text) == expected


@given(st.text())
def test_tokens_of_any_text_are_never_empty_and_hold_no_white_space(text: str) -> None:
    assert all(token and not any(c.isspace() for c in token) for token in tokens(text))


@given(st.text(alphabet="增长亿元0123456789.,%aG 。", max_size=40))
def test_white_space_around_a_text_changes_nothing(text: str) -> None:
    assert tokens(f" {text}\n") == tokens(text)


@pytest.mark.parametrize(
    "question",
    ["生产总值增长多少?", "就业", "GDP 6.5%", "生产 生产 生产", "12", "城镇新增就业12万人" * 50],
)
def test_scores_agree_with_the_reference(question: str) -> None:
    scores = BM25Index.build(TEXTS).scores(question)
    assert scores.dtype == np.float32
    assert scores.shape == (5,)
    assert scores.max() > 0
    np.testing.assert_allclose(scores, reference(TEXTS, question), rtol=2e-5)


@pytest.mark.parametrize("question", ["", "?!", "鑫", "unknown words", "\ud800"])
def test_a_question_with_no_known_token_scores_nothing(question: str) -> None:
    assert BM25Index.build(TEXTS).scores(question).tolist() == [0.0] * 5


@pytest.mark.parametrize("texts", [[], ["。"], ["。", "!!", ""]])
def test_texts_without_tokens_make_an_index_that_scores_nothing(
    texts: list[str], tmp_path: Path
) -> None:
    save(texts, tmp_path)
    index = BM25Index.load(tmp_path)
    assert len(index) == len(texts)
    assert index.scores("增长").tolist() == [0.0] * len(texts)


def test_one_passage_is_enough() -> None:
    assert BM25Index.build(["增长"]).scores("增长")[0] == pytest.approx(
        reference(["增长"], "增长")[0]
    )


@pytest.mark.parametrize("mmap", [True, False])
def test_a_saved_index_scores_as_the_one_that_was_built(mmap: bool, tmp_path: Path) -> None:
    built = BM25Index.build(TEXTS)
    save(TEXTS, tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(BM25_FILES)
    loaded = BM25Index.load(tmp_path, mmap=mmap)
    for question in ("生产总值增长", "就业12", ""):
        assert loaded.scores(question).tolist() == built.scores(question).tolist()


def test_the_same_texts_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        save(TEXTS, tmp_path / name)
    for name in BM25_FILES:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_no_saved_array_is_a_pickle(tmp_path: Path) -> None:
    save(TEXTS, tmp_path)
    for name in BM25_FILES:
        if name.endswith(".npy"):
            assert np.load(tmp_path / name, allow_pickle=False).ndim == 1


@pytest.mark.parametrize("name", BM25_FILES)
def test_a_missing_or_cut_file_is_a_clear_error(name: str, tmp_path: Path) -> None:
    save(TEXTS, tmp_path)
    whole = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(SnapshotError, match=r"run python build_index\.py"):
        BM25Index.load(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(SnapshotError, match=r"run python build_index\.py"):
        BM25Index.load(tmp_path)


def test_files_of_two_indexes_do_not_mix(tmp_path: Path) -> None:
    save(TEXTS, tmp_path / "a")
    save(TEXTS[:2], tmp_path / "b")
    (tmp_path / "b" / "vocab.index.json").replace(tmp_path / "a" / "vocab.index.json")
    with pytest.raises(SnapshotError, match="do not fit each other"):
        BM25Index.load(tmp_path / "a")


def test_building_prints_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    BM25Index.build(TEXTS).scores("增长")
    assert capfd.readouterr() == ("", "")


def test_blocks_of_passages_give_the_bytes_of_one_block(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(TEXTS, tmp_path / "one")
    monkeypatch.setattr("reportqa.lexical.BLOCK", 2)
    save(TEXTS, tmp_path / "more")
    for name in BM25_FILES:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "more" / name).read_bytes()


def test_scores_are_those_of_the_builder_of_bm25s(tmp_path: Path) -> None:
    save(TEXTS, tmp_path)
    theirs = bm25s.BM25(k1=1.5, b=0.75, method="lucene", backend="numpy")
    theirs.index([tokens(text) for text in TEXTS], show_progress=False)
    ours = BM25Index.load(tmp_path)
    for question in ("生产总值增长", "城镇就业12万人"):
        known = [token for token in tokens(question) if token in theirs.vocab_dict]
        np.testing.assert_allclose(ours.scores(question), theirs.get_scores(known), rtol=1e-5)


@given(st.lists(st.text("一臺台湾 \n0.5%gG２，\u0301\x1f", max_size=12), max_size=5))
def test_texts_have_the_same_tokens_folded_together_or_each_alone(texts: list[str]) -> None:
    assert tokens_of_each(texts) == [tokens(text) for text in texts]
