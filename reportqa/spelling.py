"""A question with a wrong character → the same with the one of the same sound that reports write.

Who types by sound picks a wrong character of the right sound: 木标 for 目标, 宝定 for 保定. A
character is taken for wrong where no report holds it beside either neighbour, and is replaced where
one of the same sound makes pairs that reports hold; one a question at most, and none where nothing
fits. What is shown and quoted keeps the asker's own characters.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from reportqa.lexical import simplify
from reportqa.places import short_name

__all__ = ["Speller"]

# The 3,755 common characters of GB 2312 stand in the order of their sound; these are the first of
# each syllable. The tables of pypinyin take longer to load than a question to be answered.
_FIRST_OF_SYLLABLE = (
    "啊埃鞍肮凹芭白斑邦苞杯奔崩逼鞭标鳖彬兵玻捕擦猜餐苍操厕层插拆搀昌超车郴撑吃充抽初揣川疮吹春"
    "戳疵聪凑粗蹿摧村磋搭呆耽当刀德蹬堤颠碉跌丁丢东兜都端堆墩掇蛾恩而发藩坊菲芬丰佛否夫噶该干冈"
    "篙哥给根耕工钩辜刮乖棺光瑰辊锅哈骸酣夯壕呵嘿痕哼轰喉呼花槐欢荒灰荤豁击嘉歼僵蕉揭巾荆炯揪鞠"
    "捐撅均喀开刊康考坷肯坑空抠枯夸块宽匡亏坤括垃莱蓝琅捞勒雷棱厘俩联粮撩列琳玲溜龙楼芦驴峦掠抡"
    "萝妈埋瞒芒猫么玫门萌眯棉苗蔑民明谬摸谋拇拿氖南囊挠呢馁嫩能妮蔫娘鸟捏您柠牛脓奴女暖虐挪哦欧"
    "啪拍攀乓抛呸喷砰坯篇飘撇拼乒坡扑期掐牵枪橇切钦青琼秋趋圈缺裙然瓤饶惹壬扔日戎揉茹软蕊闰若撒"
    "腮三桑搔瑟森僧莎筛珊墒梢奢砷声师收蔬刷摔栓霜谁吮说斯松搜苏酸虽孙蓑塌胎坍汤掏特藤梯天挑贴厅"
    "通偷凸湍推吞拖挖歪豌汪威瘟嗡挝巫昔瞎掀相萧楔薪星兄休墟轩靴勋压焉殃邀椰一茵英哟拥幽迂鸳曰耘"
    "匝栽咱赃遭责贼怎增扎摘瞻樟招遮珍蒸芝中舟珠抓拽专桩椎谆捉兹鬃邹租钻嘴尊昨"
)
_COMMON_ROWS, _CELLS = range(0xB0, 0xD8), range(0xA1, 0xFF)
# Words that stand beside anything: what is next to one is not held against a character.
_ANYWHERE = "的了吗呢吧么呀啊几哪谁什怎啥是在有和与或及把给让被也都就还得着"
# With these, words that are never taken for wrong.
_NEVER_WRONG = frozenset(
    _ANYWHERE
    + "一二三四五六七八九十两多少大小高低些差共约为向于由所以因但如若等会可要才又再很更最不"
    "没从这那其各每某该此里上下中外前后来去到时候何之得地只且却并能样话个意思"
)
# A pair with one of these is no word by which to judge.
_NO_WORD = frozenset("的了为是在和与或及吗呢能会要可一二三四五六七八九十两几多少")
_KEPT = 1_024  # questions whose mending is remembered
_HELD = 2  # passages that hold one of the new pairs at least
# How often two characters stand together, of all that stands beside either; twice that where
# there is one pair to judge by.
_COHERENT = 0.02
_MISSPELT_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d[粘念]")
_CODES = 0x10000  # of the characters that can be put right
_HAN = re.compile(r"[\u4e00-\u9fff]{2,}")


class Speller:
    """Mends questions by the pairs of characters that reports hold. Safe to share between
    threads."""

    def __init__(self, held: Mapping[str, int], names: Iterable[str]) -> None:
        """`held` tells how many passages hold a token; `names` are places that reports are of."""
        self._held = held
        self._remembered = lru_cache(maxsize=_KEPT)(self._put_right)
        self._names = {short for name in names if len(short := short_name(name)[-2:]) == 2}

    def mend(self, question: str) -> str:
        """The question with its one wrong character replaced; itself where none is found."""
        return self._remembered(question)

    def _put_right(self, question: str) -> str:
        text = simplify(question)
        if len(text) != len(question):
            return question
        found = max(self._proposals(text), default=None)
        if found is None:
            return question
        _, back, character = found
        return question[:-back] + character + question[len(question) - back + 1 :]

    def _proposals(self, text: str) -> Iterator[tuple[float, int, str]]:
        """What may be put right: how well it fits, the place counted from the end, what to put
        there."""
        for year in _MISSPELT_YEAR.finditer(text):
            yield math.inf, len(text) - year.end() + 1, "年"
        for run in _HAN.finditer(text):
            for at in range(*run.span()):
                if text[at] in _NEVER_WRONG:
                    continue
                before = text[at - 1] if at > run.start() else ""
                after = text[at + 1] if at + 1 < run.end() else ""
                before, after = (c if c not in _ANYWHERE else "" for c in (before, after))
                old = _pairs(before, text[at], after)
                if all(pair in self._held for pair in old):
                    continue
                for other in _of_the_same_sound(text[at]):
                    fit = self._fit(old, _pairs(before, other, after))
                    if fit:
                        yield fit, len(text) - at, other

    def _fit(self, old: list[str], new: list[str]) -> float:
        """How well new pairs stand for old ones; 0 where they do not."""
        held = self._held
        if any(pair in self._names and was not in held for was, pair in zip(old, new, strict=True)):
            return math.inf
        if any(pair in held for pair in old) or not all(pair in held for pair in new):
            return 0.0
        counts = [held[pair] for pair in new]
        if max(counts) < _HELD:
            return 0.0
        words = [pair for pair in new if _NO_WORD.isdisjoint(pair)]
        if max(map(self._coherence, words), default=0.0) < _COHERENT * (3 - len(new)):
            return 0.0
        return sum(math.log1p(count) for count in counts) / len(counts)

    def _coherence(self, pair: str) -> float:
        """What share of all that follows the first character the second is, and the other way
        round, in the geometric mean: high for words, low for what happens to stand together."""
        followed, preceded = self._neighbours
        return self._held[pair] / math.sqrt(followed[ord(pair[0])] * preceded[ord(pair[1])])

    @cached_property
    def _neighbours(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """For each character, by its code, how many passages hold what follows it and what
        precedes it, added up."""
        pairs = [token for token in self._held if len(token) == 2]
        codes = np.array(pairs, "U2").view(np.uint32).reshape(-1, 2)
        counts = np.fromiter(map(self._held.__getitem__, pairs), np.float64, len(pairs))
        first, second = (codes % _CODES).T  # rarer characters share a code: they are never asked of
        return (
            np.bincount(first, weights=counts, minlength=_CODES).astype(np.float64),
            np.bincount(second, weights=counts, minlength=_CODES).astype(np.float64),
        )


def _pairs(before: str, character: str, after: str) -> list[str]:
    return [pair for pair in (before + character, character + after) if len(pair) == 2]


def _of_the_same_sound(character: str) -> list[str]:
    syllable_of, characters_of = _sounds()
    syllable = syllable_of.get(character)
    return [] if syllable is None else [c for c in characters_of[syllable] if c != character]


@cache
def _sounds() -> tuple[dict[str, int], dict[int, list[str]]]:
    """The syllable of each common character, and the characters of each syllable."""
    starts = [character.encode("gb2312") for character in _FIRST_OF_SYLLABLE]
    syllable_of: dict[str, int] = {}
    characters_of: dict[int, list[str]] = defaultdict(list)
    for code in (bytes((row, cell)) for row in _COMMON_ROWS for cell in _CELLS):
        if character := code.decode("gb2312", "ignore"):
            syllable_of[character] = syllable = bisect_right(starts, code)
            characters_of[syllable].append(character)
    return syllable_of, characters_of
