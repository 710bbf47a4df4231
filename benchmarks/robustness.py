"""What is still found when questions are written otherwise: sloppily, misspelt, in other script.

    python benchmarks/robustness.py QUESTIONS.jsonl@INDEX ... [--losses]

In: sets of questions with quotes (question_sets.py); those with Chinese are used. Out: a table in
Markdown, a row for each way of writing: of how many questions it changes recall at 5 as they were
and changed, the ids won and lost counted, and p of the paired randomisation test. Every change is
the same each time.
"""

from __future__ import annotations

import argparse
import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from difflib import SequenceMatcher
from functools import cache, partial
from typing import Any

import opencc
from question_sets import QuestionSet, mean, read_sets

from reportqa.evaluation import compare
from reportqa.places import short_name

HAN = re.compile(r"[\u3400-\u9fff]")
LEAST_WORD = 2  # Chinese characters of a word taken from the evidence
MOST_WORDS = 2

PARTICLES = re.compile(r"[了吗呢吧啊呀嘛么]|(?<!目)的(?!士)|[？?，,。！!“”\"]")
SPOKEN = "请问一下，{}，谢谢"

# What an input method or a hurried hand puts instead: of the same sound, or of much the same shape.
TYPO_TABLE = """
业叶 就旧 增曾 目木 标表 年粘 实时 完玩 成城 生声 产铲 总种 值直 投头 资姿 工公 农浓 村存 城成
市是 区曲 县线 收受 入人 企启 新心 建健 设社 计记 划化 教较 育玉 医衣 院园 养样 老考 住注 房防
交郊 通同 路露 水永 气汽 环还 境竟 保宝 护互 绿录 园圆 科课 技计 创闯 数树 平评 台抬 项向 服付
务物 经径 济挤 财材 政正 税睡 外歪 贸冒 消销 费废 商伤 民名 安按 全权 会汇 发法 展站 改该 革格
重中 点店 第弟 多夕 少小 地低 口囗 食时 粮量 林木 电店 能态 文问 化华 旅族 游由 街接 道到 社设
治制 理里 信言 用甬 放方 管官 支只 持待 制致 度渡 高搞 质制 量良 基其 础出 体休 系糸
"""
TYPOS = {right: wrong for right, wrong in TYPO_TABLE.split()}


def without_particles(question: str, row: Mapping[str, Any], one: QuestionSet) -> str:
    """No particles, no punctuation."""
    return PARTICLES.sub("", question)


def spoken(question: str, row: Mapping[str, Any], one: QuestionSet) -> str:
    """With the words of courtesy around it."""
    return SPOKEN.format(question.rstrip("？?。"))


def misspelt(question: str, row: Mapping[str, Any], one: QuestionSet, nth: int = 0) -> str:
    """With one wrong character, at a place drawn by the question's own sum, or at the nth after
    it, if there are as many."""
    places = [at for at, character in enumerate(question) if character in TYPOS]
    if len(places) <= nth:
        return question
    at = places[(zlib.crc32(question.encode()) + nth) % len(places)]
    return question[:at] + TYPOS[question[at]] + question[at + 1 :]


def traditional(question: str, row: Mapping[str, Any], one: QuestionSet) -> str:
    """In traditional characters."""
    return str(_converter().convert(question))


def few_words(question: str, row: Mapping[str, Any], one: QuestionSet) -> str:
    """Of the stretches that question and evidence share the two that fewest passages hold, behind
    the place and year that the question states. A question that needs two places has no such."""
    if len(row["evidence"]) > 1:
        return question
    quote = re.sub(r"\s+|\*\*", "", row["evidence"][0]["quote"])
    matcher = SequenceMatcher(None, question, quote, autojunk=False)
    shared = {
        question[block.a : block.a + block.size]: block.a
        for block in matcher.get_matching_blocks()
        if len(HAN.findall(question[block.a : block.a + block.size])) >= LEAST_WORD
    }
    words = sorted(shared, key=lambda word: (_frequency(word, one), shared[word]))[:MOST_WORDS]
    if not words:
        return question
    stated = one.serving.reader.read(question)
    years = [f"{year}年" for year in stated.report_years or stated.years[:1]]
    return " ".join([*map(short_name, stated.regions), *years, *sorted(words, key=shared.get)])


def _frequency(word: str, one: QuestionSet) -> int:
    return int((one.serving.snapshot.bm25.scores(word) > 0).sum())


@cache
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("s2t")


WAYS: dict[str, Callable[[str, Mapping[str, Any], QuestionSet], str]] = {
    "no particles, no punctuation": without_particles,
    "courtesies around it": spoken,
    "one wrong character": misspelt,
    "one at another place": partial(misspelt, nth=1),
    "one at a third place": partial(misspelt, nth=2),
    "traditional characters": traditional,
    "one or two words of the evidence": few_words,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("sets", nargs="+", metavar="QUESTIONS.jsonl@INDEX")
    parser.add_argument("--losses", action="store_true", help="show each question lost")
    arguments = parser.parse_args()
    print("| set | written | questions | as it was | so | won | lost | p |")
    print("|---|---|---|---|---|---|---|---|")
    for one in read_sets(arguments.sets):
        before = one.figures(one.search(one.understood()))
        for name, write in WAYS.items():
            written = {
                row["id"]: write(row["question"], row, one)
                for row in one.gold
                if HAN.search(row["question"])
            }
            written = {id: text for id, text in written.items() if text != one.questions[id]}
            if not written:
                continue
            vectors = one.retriever.encode(list(written.values()))
            changed = replace(one, questions=written, vectors=vectors)
            found = changed.figures(changed.search(changed.understood()))
            after = {id: found[id] for id in written}
            same = {id: before[id] for id in written}
            versus = compare(after, same, [one.main])
            print(
                f"| {one.name} | {name} | {len(written)} | {mean(same, one.main):.3f} | "
                f"{mean(after, one.main):.3f} | {len(versus['won'])} | {len(versus['lost'])} | "
                f"{versus[one.main]['p']:.2f} |",
                flush=True,
            )
            for id in versus["lost"] if arguments.losses else ():
                print(f"    {id} {one.questions[id]} → {written[id]}")


if __name__ == "__main__":
    main()
