"""A claim and the ground it stands on → what is wrong with it, or nothing.

Each rule is a function that answers with a kind and a reason in Chinese. They run in an order: what
must not be said at all, figures, years, names, sense, negation. Rules see marks, not meaning.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from reportqa.check.ground import INJECTED, Counted, Ground, Sentence, count_figures
from reportqa.check.names import unsupported_name
from reportqa.check.reading import (
    Figure,
    bigrams,
    clauses,
    content,
    direction,
    read_figures,
    read_statement_years,
)
from reportqa.records import Fault

__all__ = ["Found", "Verdict", "judge"]

Verdict = tuple[Fault, str]
"""What is wrong, as a kind and as a reason in Chinese."""

SHORT_CLAIM = 8  # Han characters of a claim that leaves its subject to the one before it
LEAST_SHARED = 0.3  # of a claim's pairs of characters that what it cites has to write
LEAST_NAMED = 4  # Han characters of a subject that has to be akin to what is counted
LEAST_TOLD_APART = 3  # and of one that can be told from another by a single character: 净资产
CLEARLY = 2  # times as many shared pairs make another figure's words the better fit

_PLAN = re.compile(
    r"目标|计划|力争|争取|预期|预计|拟|将(?!军|士|领|其)|规划|安排|打算|确保|要求|提出|未来|今后|到20\d\d年|"
    r"有望|准备|着力|推进|加快|不少于|以上|左右|以内"
)
_PLAN_ONLY = re.compile(
    r"计划(?!执行|完成)|力争|争取|(?:预期|发展|主要|的)?目标(?!任务)|拟|将(?:要|会)?(?=[新建完达实增改引])"
    r"|打算|确保"
)
_DONE = re.compile(
    r"(?:完成|实现|达到|建成|突破|新增|增长|引进|改造|培育|下降|提升|竣工|投用)了|已[经于]|已(?=[完实达建突新增引改培成全])|超额|圆满|顺利完成|"
    r"提前完成|实际(?:完成|达到|增长|新增)|成功"
)
_DONE_WEAK = re.compile(r"完成(?!目标|任务)|实现|达到了?|建成")
_NOT = re.compile(
    r"未(?!来)|没有?|无(?!人机|党派|障碍|线|缝|偿|锡|论|疑)|尚未|并非|难以|停止|取消|禁止|杜绝|避免"
    r"|不(?!少于|低于|断|仅|但|超过|动产|同|只|小于|止|足以|到)"
)
_FILLER = re.compile(r"^(?:再|有|能|会|曾|被|是|出现|得到|了)+")
_REACHED = re.compile(r"(?:达到|完成|实现|超过|超额)[^，,。;；]{0,8}(?:目标|任务)")
_GAP = re.compile(r"距离|差距|未完成|未达|低于预期|没有完成")
_LESS = re.compile(r"(?<!不)(?:低于|少于|小于|慢于)|不及|不如")
_MORE = re.compile(r"(?<!不)(?:高于|多于|大于|快于)")
_APART = re.compile(r"相差|差额|之差|[少多高低快慢]|增加|减少|回落|提高|合计|共")
_ABOVE = re.compile(r"(?:(?<!不)超过?|突破|(?<!不)多于|(?<!不)高于|逾|不少于|不低于|至少)约?$")
_BELOW = re.compile(r"(?:不到|不足|(?<!不)低于|(?<!不)少于|未达|不超过|不高于|至多)约?$")
_SPLIT = re.compile(r"[，,；;。:：！!？?]")
_RELATIVE_YEAR = re.compile(r"今年|(?<![比较])(?:去年|上年|前年)|明年|本年")
_PERIOD = re.compile(r"五年|十[一二三四五]五|三年|累计|去年|上年|以来|近年")


@dataclass(frozen=True, slots=True)
class Found:
    """Where a figure of a claim, or the whole claim (`said` None), stands: the sentences that hold
    it, best first, with the figure as it counts there."""

    said: Counted | None
    places: tuple[tuple[Sentence, Counted | None], ...]


def judge(claim: str, before: str, ground: Ground) -> tuple[Verdict | None, list[Found]]:
    """What is wrong with a cleaned claim, and where it stands. `before` is what the same statement
    says ahead of it, with what introduces it."""
    if INJECTED.search(claim):
        return ("injection", "含有链接，或对读者、对模型的指令"), []
    fault, found = _figures(claim, before, ground)
    if fault is None and not found and not read_figures(claim):
        fault, found = _whole(claim, ground)
        if fault is not None and before and len(_han(content(claim))) <= SHORT_CLAIM:
            fault, found = _whole(before + "|" + claim, ground)
    rules = (_years, _names, _sense, _negation)
    for rule in rules:
        fault = fault or rule(claim, before, ground, found)
    return fault, found


def _figures(claim: str, before: str, ground: Ground) -> tuple[Verdict | None, list[Found]]:
    """Every figure stands in a cited sentence, beside the words it is given with."""
    every = [(s, c) for s in ground.sentences for c in s.counted]
    said = count_figures(claim)
    found: list[Found] = []
    for counted in said:
        same = [(s, c) for s, c in every if _equal(counted.figure, c.figure)]
        text = claim[counted.figure.start : counted.figure.end]
        if not same:
            if _derived(counted.figure, claim, before, ground) or _listed(counted.figure, claim):
                continue
            if any(counted.figure.amount == c.figure.amount for _, c in every):
                return ("figure", f"“{text}”的单位与引用的原文不同"), found
            return ("figure", f"引用的原文没有“{text}”"), found
        best = _fitting(counted, claim, before, ground.question, same, every)
        if not best:
            return ("figure", f"“{text}”在引用的原文里说的是另一项"), found
        if fault := _comparator(counted, best):
            return fault, found
        found.append(Found(counted, tuple(best)))
    return _comparison(claim, before), found


def _equal(one: Figure, other: Figure) -> bool:
    return one.amount == other.amount and (one.kind == other.kind or not (one.kind and other.kind))


def _fitting(
    said: Counted,
    claim: str,
    before: str,
    question: str,
    same: Sequence[tuple[Sentence, Counted]],
    every: Sequence[tuple[Sentence, Counted]],
) -> list[tuple[Sentence, Counted]]:
    """Of the figures equal to the one said, those whose words fit best; none where the words fit a
    different figure of the same kind clearly better. The nearest words that tell anything decide:
    its own, those ahead of it, those of the question."""
    clause = _SPLIT.split(said.before)[-1]
    copied = [(s, c) for s, c in same if _SPLIT.split(c.before)[-1] == clause]
    if copied and bigrams(clause):
        return copied
    others = [(s, c) for s, c in every if not _equal(said.figure, c.figure)]
    others = [(s, c) for s, c in others if c.figure.kind == same[0][1].figure.kind]
    texts = (said.subject, content(before + "|" + said.before), content(question))
    for text in texts:
        wanted = bigrams(text)
        own = [len(wanted & bigrams(c.subject)) for _, c in same]
        rival = max((len(wanted & bigrams(c.subject)) for _, c in others), default=0)
        if not (max(own) or rival):
            continue
        rivals = [c for _, c in others]
        if rival > CLEARLY * max(own) or _named(text, rivals, [c for _, c in same]):
            return []
        return [place for place, fits in zip(same, own, strict=True) if fits == max(own)]
    words = _han(said.subject)
    near = [(s, c) for s, c in same if _akin(words, s.text)]
    return near or ([] if len(words) >= LEAST_NAMED else list(same))


def _akin(words: str, text: str) -> bool:
    """Whether a third of the characters of a subject stand in a sentence: 供应土地 for 供地."""
    return 3 * sum(char in text for char in words) >= len(words) > 0


def _named(text: str, rivals: Sequence[Counted], own: Sequence[Counted]) -> bool:
    """Whether a subject is word for word, or at least in all of its pairs, that of another figure
    and not of its own: 二三级医院床位数 is not 三级医院床位数."""
    wanted, words = bigrams(text), _han(text)
    if len(words) < LEAST_TOLD_APART:
        return False
    exact = any(_han(c.subject) == words for c in rivals)
    if exact and not any(_han(c.subject) == words for c in own):
        return True
    whole = any(wanted <= bigrams(c.subject) for c in rivals)
    return whole and not any(wanted <= bigrams(c.subject) for c in own)


def _han(text: str) -> str:
    return re.sub(r"[^\u3400-\u9fff]", "", text)


def _derived(figure: Figure, claim: str, before: str, ground: Ground) -> bool:
    """Whether it is the exact difference or sum of two figures that are said too and stand in the
    excerpts."""
    if not _APART.search(claim):
        return False
    kinds = {figure.kind, "%"} if figure.kind == "百分点" else {figure.kind}
    known = [c.figure for s in ground.sentences for c in s.counted]
    said = {
        f.amount
        for f in read_figures(before + "|" + claim)
        if f.kind in kinds and any(_equal(f, k) for k in known)
    }
    return any(figure.amount in (abs(a - b), a + b) for a, b in combinations(sorted(said), 2))


def _listed(figure: Figure, claim: str) -> bool:
    """Whether it counts the items that the claim itself lists: 甲、乙和丙三家."""
    ahead = re.split(r"[，,；;：:]", claim[: figure.start])[-1]
    after = re.split(r"[。；;]", claim[figure.end :])[0]
    return figure.kind == "个" and any(
        len(re.split(r"、|和|与|以及", text)) == figure.amount for text in (ahead, after)
    )


def _comparator(said: Counted, places: Sequence[tuple[Sentence, Counted]]) -> Verdict | None:
    """Above is not told as below."""
    ours = said.clause.split("|")[0]
    for above, below in ((_ABOVE, _BELOW), (_BELOW, _ABOVE)):
        if above.search(ours) and all(below.search(c.clause.split("|")[0]) for _, c in places):
            return ("figure", "与原文的“超过”“不到”相反")
    return None


def _comparison(claim: str, before: str) -> Verdict | None:
    """低于 and 高于 between two figures of one kind that are both said hold."""
    text = before + "|" + claim
    figures = read_figures(text)
    for word, sign in ((_LESS, -1), (_MORE, 1)):
        for match in word.finditer(text):
            ahead = [f for f in figures if f.end <= match.start()]
            after = [f for f in figures if f.start >= match.end()]
            near = after and not _SPLIT.search(text[match.end() : after[0].start])
            if ahead and near and ahead[-1].kind == after[0].kind and after[0].kind:
                apart = ahead[-1].amount - after[0].amount
                if apart * sign <= 0:
                    return ("figure", f"“{match[0]}”与数字不符")
    return None


def _whole(claim: str, ground: Ground) -> tuple[Verdict | None, list[Found]]:
    """A claim without figures: the cited sentences that share most with it; enough must."""
    wanted = bigrams(content(claim))
    if not wanted:
        return None, [Found(None, tuple((s, None) for s in ground.sentences[:1]))]
    shared = [(len(wanted & bigrams(s.text)), s) for s in ground.sentences]
    most = max((n for n, _ in shared), default=0)
    held = wanted & ground.pairs
    if most == 0 or len(held) < LEAST_SHARED * len(wanted):
        return ("citation", "引用的原文没有这样说"), []
    near = [s for n, s in sorted(shared, key=lambda pair: -pair[0]) if 5 * n >= 3 * most]
    return None, [Found(None, tuple((s, None) for s in near))]


def _years(claim: str, before: str, ground: Ground, found: Sequence[Found]) -> Verdict | None:
    """A year is one that the sentence names, or else one its passage is about."""
    spoken, base = read_statement_years(claim)
    for place in found:
        allowed = [_allowed_years(s) for s, _ in place.places]
        for year in sorted(_years_of(claim, place, spoken)):
            if not any(year in years for years, _ in allowed):
                return ("year", f"引用的原文说的不是{year}年")
        compared = [named or years for years, named in allowed]
        for year in sorted(base):
            if not any(year in years for years in compared):
                return ("year", f"引用的原文没有与{year}年比较")
    if found and (match := _RELATIVE_YEAR.search(claim)) and match[0] not in ground.said:
        return ("year", f"“{match[0]}”不知是哪一年")
    return _asked_year(claim, before, ground, found)


def _years_of(claim: str, place: Found, spoken: set[int]) -> set[int]:
    """The years a figure is given for: the last named ahead of it, else all of the claim."""
    if place.said is None or len(spoken) < 2:
        return spoken
    ahead = claim[: place.said.figure.start]
    named, _ = read_statement_years(ahead)
    last = {int(y) for y in re.findall(r"(?:19|20)\d\d", ahead)[-1:]}
    return (last & named) or named or spoken


def _allowed_years(sentence: Sentence) -> tuple[set[int], set[int]]:
    """The years a sentence may be told of, and those it compares with."""
    passage = sentence.excerpt.passage
    spoken, base = read_statement_years(sentence.text)
    if spoken:
        return spoken, base
    if passage.about:
        return set(passage.about), base
    year = passage.metadata.year
    return ({year, year - 1} if year else set()), base


def _asked_year(claim: str, before: str, ground: Ground, found: Sequence[Found]) -> Verdict | None:
    """A figure told without a year is not one of another year than the question asks for."""
    asked, _ = read_statement_years(ground.question)
    told, _ = read_statement_years(before + "|" + claim)
    if not asked or told or _PERIOD.search(before + claim):
        return None
    for place in found:
        if place.said is None:
            continue
        years = [_allowed_years(s)[0] for s, _ in place.places]
        if years and all(years) and not any(asked & y for y in years):
            return ("year", f"没有说年份，而引用的原文说的不是{min(asked)}年")
    return None


def _names(claim: str, before: str, ground: Ground, found: Sequence[Found]) -> Verdict | None:
    near = [s.text for place in found for s, _ in place.places]
    name = unsupported_name(claim, ground, near)
    return ("name", f"引用的原文没有“{name}”") if name else None


def _sense(claim: str, before: str, ground: Ground, found: Sequence[Found]) -> Verdict | None:
    """Planned is not told as achieved, nor the other way round. Where all of a claim is reported,
    a word of plan anywhere in it is wrong; else only beside the figure."""
    reported = all(_sentence_sense(s) == "actual" for place in found for s, _ in place.places)
    for place in found:
        clause = _clause_of(claim, place)
        senses = {_sentence_sense(s) for s, _ in place.places}
        if senses == {"plan"}:
            context = "|".join((before, claim, ground.question))
            if place.said is not None and not _PLAN.search(context):
                return ("basis", "原文说的是计划目标，没有说明")
            weak = (
                place.said and _DONE_WEAK.search(clause) and not _PLAN.search(before + "|" + claim)
            )
            if _DONE.search(clause) or weak:
                return ("basis", "原文说的是计划目标，不是已经完成")
        if senses == {"actual"} and (match := _PLAN_ONLY.search(claim if reported else clause)):
            written = any(match[0] in s.text or "目标" in s.text for s, _ in place.places)
            if not written:
                return ("basis", "原文说的是完成情况，不是计划目标")
    return None


def _clause_of(claim: str, place: Found) -> str:
    if place.said is None:
        return claim
    at = place.said.figure.start
    return next((claim[a:b] for a, b in clauses(claim) if a <= at < b), claim)


def _sentence_sense(sentence: Sentence) -> str | None:
    text = sentence.text
    year = sentence.excerpt.passage.metadata.year
    if re.search(r"力争|确保|争取|预期目标|拟|计划(?:建|新|完成|改|引)", text) or any(
        year is not None and int(by) >= year for by in re.findall(r"到(20\d\d)年", text)
    ):
        return "plan"
    if re.search(r"预计(?:完成|增长|达|实现|可)|累计|已经|获评|入选", text):
        return "actual"
    return sentence.basis


def _negation(claim: str, before: str, ground: Ground, found: Sequence[Found]) -> Verdict | None:
    """What is denied is not affirmed, what rose did not fall."""
    for place in found:
        faults = [_flipped(claim, place, s, c) for s, c in place.places]
        if faults and all(faults):
            return ("negation", faults[0] or "")
    return None


def _flipped(claim: str, place: Found, sentence: Sentence, counted: Counted | None) -> str | None:
    if place.said is not None and counted is not None:
        one, other = _way(place.said), _way(counted)
        if one * other == -1:
            return "增减与原文相反"
    if _REACHED.search(claim) and not _NOT.search(claim) and _GAP.search(sentence.text):
        return "原文说的是没有完成"
    for text, against, reason in (
        (sentence.text, claim, "原文说的是没有"),
        (claim, sentence.text, "原文没有否定"),
    ):
        for denied in _denied(text):
            if denied in against and not _is_denied(denied, against):
                return reason
    return None


def _way(counted: Counted) -> int:
    """Up or down, as the words of its clause say, else those ahead of it."""
    own = counted.clause.split("|")[0]
    return direction(own) or direction(re.split(r"[。；;]", counted.before)[-1][-12:])


def _denied(text: str) -> Iterator[str]:
    """The two characters that each negation of a text denies."""
    for match in _NOT.finditer(text):
        rest = text[match.end() : match.end() + 10]
        rest = _FILLER.sub("", rest)
        if re.match(r"[\u3400-\u9fff]{2}", rest):
            yield rest[:2]


def _is_denied(word: str, text: str) -> bool:
    """Whether a place of a word has a negation ahead of it in its clause."""
    for match in re.finditer(re.escape(word), text):
        ahead = re.split(r"[，,；;。:：]", text[: match.start()])[-1]
        if _NOT.search(ahead + text[match.start()]):
            return True
    return False
