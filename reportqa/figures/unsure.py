"""What a number was read to be a figure of → whether the shape of the words makes that a guess.

A clause is misread in few ways: its words name nothing, the one they speak of stands elsewhere,
they are a whole clause, the noun behind the number ran on into its predicate, they belong to
another number, or a list shares them undivided. Each way shows in the words; where it does, about
half of the indicators or more are wrong (benchmarks/README.md, section Figures, has the counts).
Such a figure keeps its number, year and basis and names no indicator.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from reportqa.figures.grammar import (
    DOUBTFUL,
    DOWN,
    HAN,
    LEVEL,
    NAMES,
    NOUN_ENDS,
    ONLY_VERBS,
    PAIRED,
    UP,
)
from reportqa.figures.nouns import LONGEST_BEHIND
from reportqa.figures.quantities import Quantity
from reportqa.records import Span

__all__ = ["is_unsure"]

MOST_ALIKE = 2
"""Numbers of one list that may be of the very same words: 城乡居民收入分别增长 4%、6%."""
LONGEST_SUBJECT = 7
"""Characters of a noun behind a number that may be the subject of a clause with no verb seen."""

_STOPS = "，,。；;：:！!？?\n"
_YEARS = re.compile(r"[\d〇○零一二三四五六七八九十年和至到、比与“”]+五?")
_CHANGE = re.compile(rf"(?:{UP}|{DOWN})(?:幅度?|速度)?")
_TRADE = re.compile(r"(?:进|进出|出)口$")
_BARE_VERB = re.compile(r"(?:先|再|又|在|争|新|拟)[建引发增办]行?|[一-龥]{2}[好到了]")
_DEED = re.compile(r"(?:完成|实现)了?$")
"""Before a verb that is the name of a deed: 完成 | 签约 | 300 户."""
_NOUN_VERB = re.compile(r"投资|贷款|就业|融资|消费|出口|治理$|服务")

_OUTPUT = re.compile(r"(?:年|总|全年|平均|每亩|亩均|单位面积|年平均)*(?:产[量值]|总产|收入)")
_SHARE = re.compile(r"(?:只|仅|已经?|还|也|就|都|约|共|大约)*占(?![地用])")
_HEADLESS = re.compile(r"的(?:还|将|共|就|已经?|约|大约|计划)*(?:有|达到?|为|是)?\s*$")

_ADJUNCT = re.compile(
    r"等(?![级外效])|考虑|扣除|剔除|按照|根据|如果|即使|只要|随着|以[前后来]|"
    r"在(?![校建线岗册职库编读训籍途谈产售宜])(?!.*(?:[率额量值数重例比]|方面|收入|支出|水平|设施)$)"
)
_SO_FAR = re.compile(r"(?:已经|初步|基本上|仍|正在|还|又|也|先后)(?!建)")
_ALREADY = re.compile(r"已经(?!连续)[^的]{3,}$")
_FINITE = re.compile(
    r"把(?![握关手])|均(?=超过|达|[高低优]于|实现)|就(?:可以|能|要|会)|还?应[该当]|如果|只要|一旦|"
    r"它们|即使|[只仅]有|不应|不能|不会|要[在按]"
)
_TWO_DEEDS = re.compile(r"[^、]{3,}、(?:获|争取|实施|参加|开展|举办|引进|打造|培育|成立)[^、]{2,}$")

_RUN_ON = re.compile(
    r"上榜|加紧|(?:转移|下放|拓展|发展|扩大)到|担任|购买|都[能要会]|引起|因[^素果地]|将[于在]|"
    r"有望|(?:可以|因此|而)$"
)
_OWNS = re.compile(r"[一-龥](?<![式型性同级新大小要办区度])的(?!问题)[一-龥]")
"""In a noun that owns another: 三十个 | 农户的收入; not an adjective's 的: 新式的, 不同的."""
_OPENING = re.compile(rf"(?:^|[{_STOPS}])(?:其中|全[国省市区县州]|首批|已?有)*$")
_THINGS = re.compile(r"(?:企业|厂|高炉|项目|工程|集群|建设|部门|机构|学校|医院)$")
"""What a list of nouns ends in, which has no predicate: 十座炼焦炉，二十个轻工业企业."""
_PIVOT = re.compile(r"(?:支持|扶持|引导|帮助|组织|指导|鼓励|力促)$")
_COVERB = re.compile(r"[为向给让使](?:全[国省市区县州]|最后|[一-龥]{1,2}[市县区])?$")
_PEOPLE_END = re.compile(r"(?:[人生员户民者]|群众|家庭|企业)$")

_MONEY = re.compile(r"(?:投资|资金|收入|支出|产值|利润|税收|余额|贷款|存款|增加值|营收|融资)$")
_OF_MONEY = re.compile(r"[元币镑]$|美金$|卢布$|元[/／人户亩]")
_OF_PARTS = re.compile(r"(?:[百千万亿]*|%|‰|‱|成|倍|个?百分点|个?千分点|个基?点)")
_MEASURE = re.compile(r"(?:额|规模|[^效频功税利]率|价格?|面积|税|产值|投资|收入)(?:过|超)?$|标准$")
_EVENTS = re.compile(r"[次轮期批]$")
_SHARE_OF_NEXT = re.compile(r"占(?![比地])[^，。；的]{2,8}(?<![比重例])$")
_BOUND = re.compile(r"以[上下内]$")
_LASTING = re.compile(r"小时$|分钟$")
_CHANGES = "内缩降增提压减延升"
"""How what becomes of a time begins: 由 18 小时 | 缩短到 5 小时."""
_BOUNDED = re.compile(r"[元岁分]$|^人$")


@dataclass(frozen=True, slots=True)
class _Told:
    """A number with the words it was read to be of, in one part or more, the last of them before
    or `behind` the number. `alike` numbers of its list have these very words, this one among them.
    `lead` is what stands before the words, `before` what stands before the number, `link` what
    parts it from the words before it, `next` the character behind it, `following` the one behind
    its words where these come last; numbers are `#` in the last two."""

    words: str
    parts: tuple[str, ...]
    behind: bool
    quantity: Quantity
    alike: int
    lead: str
    before: str
    link: str
    next: str
    following: str

    @property
    def alone(self) -> bool:
        """Whether all that the number is of is one phrase before it."""
        return len(self.parts) == 1 and not self.behind


def is_unsure(
    read: str, masked: str, quantity: Quantity, spans: Sequence[Span], alike: int = 1
) -> bool:
    """Whether what a quantity was read to be of is no better than a guess. `read` is the text,
    `masked` the same with all quantities as `#`; `alike` numbers of its list are of these spans."""
    if not spans:
        return False
    parts = tuple(re.sub(r"\s", "", read[span.start : span.end]) for span in spans)
    behind = spans[-1].start >= quantity.end
    end = spans[-1].end if behind else quantity.end
    told = _Told(
        words="".join(parts),
        parts=parts,
        behind=behind,
        quantity=quantity,
        alike=alike,
        lead=read[max(0, spans[0].start - 4) : spans[0].start],
        before=read[max(0, quantity.start - 6) : quantity.start],
        link="" if behind else read[spans[-1].end : quantity.start],
        next=masked[quantity.end : quantity.end + 1],
        following=masked[end : end + 1],
    )
    return any(shape(told) for shape in _SHAPES)


def _names_nothing(told: _Told) -> bool:
    """Words that are no name by themselves: years (一九八三和一九八四两年合计), a change (增长),
    a verb without its object (建成农田 3 万亩、在建 2 万亩), a level without its noun (国家级
    示范村 2 个、省级 35 个), one quotation mark without the other."""
    words = told.words
    if DOUBTFUL.match(words) or _YEARS.fullmatch(words) or _CHANGE.fullmatch(words):
        return True
    if words.count("“") != words.count("”"):
        return True
    if told.behind:
        return False
    if told.alone and (PAIRED.fullmatch(words) or LEVEL.fullmatch(words)):
        return not _TRADE.match(words)
    if _NOUN_VERB.search(words) or NOUN_ENDS.search(words) or _DEED.search(told.lead):
        return False
    return bool(_BARE_VERB.fullmatch(words) or ONLY_VERBS.fullmatch(words.removeprefix("基本")))


def _leaves_its_owner_out(told: _Told) -> bool:
    """What stands elsewhere, a clause or a sentence before, is what the number is of: 产值 of whom,
    支出三十亿元，只占全部经费的 5%, 分布在沿海的 | 有 20 个."""
    if not told.alone:
        return False
    owned = _OUTPUT.fullmatch(told.words) or _SHARE.match(told.words)
    return bool(owned or (told.quantity.counts and _HEADLESS.match(told.link)))


def _is_clause(told: _Told) -> bool:
    """A circumstance (考虑价格因素), words with a finite verb in them (把文件, 初步改良了), or two
    deeds, of which the number is of the last (参加亚运会、开展赛事 50 场)."""
    if _FINITE.search(told.words):
        return True
    done = _SO_FAR.match(told.words) or _ALREADY.search(told.words)
    if told.alone and done and not NAMES.search(told.words):
        return True
    if len(told.parts) == 1 and _ADJUNCT.match(told.words):
        return True
    return not told.behind and _TWO_DEEDS.match(told.words) is not None


def _runs_on(told: _Told) -> bool:
    """A noun behind a number that goes on: it fills the clause that its number opens and so has its
    predicate in it (，80 个 | 行政村建有服务站。), a verb or a preposition before the number makes
    it the subject of more (扶持 20 个 | 乡村发展特色产业), it owns what follows (30 户 |
    农民的收入), it was cut off for its length."""
    if not told.behind:
        return False
    noun = told.parts[-1]
    if _RUN_ON.search(noun) or len(noun) >= LONGEST_BEHIND:
        return True
    lone = len(told.parts) == 1
    if _PEOPLE_END.search(noun):
        return False
    if lone and told.quantity.counts and _OWNS.search(noun):
        return True
    if len(noun) <= LONGEST_SUBJECT:
        return False
    ends = told.following == "" or told.following in _STOPS
    if lone and ends and _OPENING.search(told.before) and not _THINGS.search(noun):
        return True
    verb = not lone and _PIVOT.search(told.parts[0])
    return bool(verb or _COVERB.search(told.before))


def _is_of_another(told: _Told) -> bool:
    """Words of another number, or a number that says which and not how many: money in units of
    none (总投资 8 亿元的 20 万千瓦…), things whose noun was cut short at a measure (30 户 |
    交易额过亿元) or at digits (6 座 | 500千伏变电站), a share of what comes (团结占人口 90% 的 |
    群众), a bound or a time (35 岁以下 | 大学生, 24 小时 | 书房)."""
    quantity, last = told.quantity, told.parts[-1]
    if told.behind:
        cut = quantity.counts and not _EVENTS.search(quantity.unit) and _MEASURE.search(last)
        if cut and not (last.endswith("标准") and told.following != "#"):
            return True
    else:
        plain = _OF_PARTS.fullmatch(quantity.unit) or _OF_MONEY.search(quantity.unit)
        if _MONEY.search(last) and not plain:
            return True
        if quantity.counts and (told.next.isdigit() or told.next in ("过", "超")):
            return True
    if told.alone and _SHARE_OF_NEXT.search(told.words) and HAN.match(told.next):
        return True
    bound = _BOUND.search(quantity.comparator_words) and _BOUNDED.search(quantity.unit)
    lasting = _LASTING.search(quantity.unit) and told.next not in _CHANGES
    return bool(bound or lasting) and HAN.match(told.next) is not None and told.next != "的"


def _is_undivided(told: _Told) -> bool:
    """Words that a list of numbers shares and that were not divided among them."""
    return told.alike > MOST_ALIKE


_SHAPES: tuple[Callable[[_Told], bool], ...] = (
    _names_nothing,
    _leaves_its_owner_out,
    _is_clause,
    _runs_on,
    _is_of_another,
    _is_undivided,
)
