"""A cross-encoder puts the first passages in its own order, and changes nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
import torch
from corpora import build_index, open_retriever, write_corpus
from fakes import FakeEncoder
from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

from reportqa.errors import EncoderError
from reportqa.reranker import Reranker
from reportqa.search import Retriever

QUESTION = "新增学位多少"


def write_model(folder: Path, labels: int = 1) -> Path:
    """A cross-encoder with random weights that reads Chinese characters one by one."""
    folder.mkdir(parents=True)
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *map(chr, range(0x4E00, 0x9FA6))]
    (folder / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
    BertTokenizerFast(str(folder / "vocab.txt")).save_pretrained(folder)
    torch.manual_seed(7)
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        num_labels=labels,
        initializer_range=1.0,
    )
    BertForSequenceClassification(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def reranker(tmp_path_factory: pytest.TempPathFactory) -> Reranker:
    return Reranker(str(write_model(tmp_path_factory.mktemp("reranker") / "model")))


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Retriever]:
    folder = tmp_path_factory.mktemp("search")
    build_index(write_corpus(folder / "corpus"), folder / "index")
    retriever = open_retriever(folder / "index")
    yield retriever
    retriever.snapshot.close()


def reranked_by(reranker: Reranker, plain: Retriever) -> Retriever:
    return Retriever(plain.snapshot, FakeEncoder(), Path("index"), reranker)  # type: ignore[arg-type]


def test_the_first_passages_come_in_the_order_of_the_model(
    plain: Retriever, reranker: Reranker
) -> None:
    before = plain.search(QUESTION, 50)
    after = reranked_by(reranker, plain).search(QUESTION, 50)
    assert {hit.row for hit in after} == {hit.row for hit in before}
    assert [hit.row for hit in after] != [hit.row for hit in before]
    texts = [f"{hit.passage.metadata.label}：{hit.passage.text}" for hit in after]
    scores = reranker.scores(QUESTION, texts)
    assert all(one >= other - 1e-5 for one, other in pairwise(scores))
    assert [hit.rank for hit in after] == list(range(1, len(after) + 1))
    assert all(one.score >= other.score for one, other in pairwise(after))


def test_fewer_hits_are_the_first_of_more(plain: Retriever, reranker: Reranker) -> None:
    reranked = reranked_by(reranker, plain)
    rows = [hit.row for hit in reranked.search(QUESTION, 10)]
    assert [hit.row for hit in reranked.search(QUESTION, 3)] == rows[:3]


def test_a_reranker_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match=r"cannot load the reranker .*nothing"):
        Reranker(str(tmp_path / "nothing"))


def test_a_classifier_is_no_reranker(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="gives 3 scores a pair"):
        Reranker(str(write_model(tmp_path / "model", labels=3)))
