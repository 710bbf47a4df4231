"""Text in; out come the years it speaks of and whether it reports or plans (`about`, `basis`).

The one idea: headings decide, sentences refine. “2024年执行情况” settles everything under it; a
sentence overrules its heading only with a year and a verb of its own, and where the signs are weak
the answer is None, because a wrong “achieved” is worse than none.

Relative words are read from two years: `anchor`, the year of delivery (今年), and `reviewed`, the
last year looked back on (过去五年 ends with it): the year before the anchor in a report of January,
the anchor itself in a report of December and in a statistical communiqué.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from reportqa.records import Basis

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reportqa.records import Metadata, Section

__all__ = [
    "COMMUNIQUE",
    "delivery_year",
    "heading_scope",
    "passage_scope",
    "read_basis",
    "read_part_basis",
    "read_years",
    "reviewed_year",
    "subject_years",
]

FIRST_YEAR, LAST_YEAR = 1900, 2099
"""Numbers outside are not taken for years."""

COMMUNIQUE = "统计公报"
"""The kind that reports the year in its title and plans nothing."""

MAX_SPAN = 20
"""A longer range of years (1949—1999年) is spoken of as a whole: only its ends are kept."""

LATE_MONTH = 10
"""A report delivered in this month or later looks back on the year it is delivered in."""

_DIGITS = str.maketrans(
    "０１２３４５６７８９〇○◯Ｏ零一二三四五六七八九", "01234567890000" + "0123456789"[0:10]
)
_FULLWIDTH = str.maketrans("０１２３４５６７８９", "0123456789")

_DASH = r"\s*(?:[—–－\-~～]{1,2}|至|到)\s*"
_WESTERN = r"(?<![\d.．])((?:19|20)\d\d)"
_RANGE = re.compile(
    _WESTERN + r"\s*年?" + _DASH + r"((?:19|20)\d\d)(?:\s*(?:年|学年)|(?=\s*[）)]))"
)
_YEAR = re.compile(_WESTERN + r"\s*(?:年|学年)")
_BARE = re.compile(
    r"(?:\b(?:in|of|for|by|since|from|until|to|and|during)\s+|^)((?:19[4-9]|20[0-6])\d)(?![\d.,%])"
    r"(?=\s*(?:$|[a-z?,;)]|政府|报告|计划|工作|统计|全年))",
    re.IGNORECASE,
)
_HAN = r"(?<![一二三四五六七八九十百])([一二][九〇○◯Ｏ零0][〇○◯Ｏ零0一二三四五六七八九]{2})"
_HAN_RANGE = re.compile(
    _HAN + r"\s*年?" + _DASH + _HAN.replace(r"(?<![一二三四五六七八九十百])", "") + r"\s*年"
)
_HAN_YEAR = re.compile(_HAN + r"\s*年")

_ORDINALS = {
    "一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10,
    "十一": 11, "十二": 12, "十三": 13, "十四": 14, "十五": 15, "十六": 16, "十七": 17,
}  # fmt: skip
_PERIOD = re.compile(
    r"[“\"「『‘]\s*(十[一二三四五六七]?|[一二三四五六七八九])五\s*[”\"」』’](?!普法)"
    r"|(?<![一二三四五六七八九十])(十[一二三四五六七]|[一二三四五六七八九十])五"
    r"(?=时期|期间|规划|计划|以来|末|开局|收官)"
    r"|第\s*(十[一二三四五六七]?|[一二三四五六七八九])\s*个五年(?:规划|计划)"
)
_PERIOD_AS_SUBJECT = re.compile(r"\s*(?:时期|期间|以来|[五5]年|末)")

_SPAN_WORDS = {"两": 2, "三": 3, "3": 3, "四": 4, "4": 4, "五": 5, "5": 5, "十": 10, "10": 10}
_PAST_SPAN = re.compile(
    r"(?:过去[一1]年[和及、](?:过去)?|过去|这|近|刚刚过去的|本届政府)的?\s*(三|四|五|十|3|4|5|10)\s*年(?![一二三四五六七八九十\d])"
    r"|(?<![\d一二三四五六七八九十第的])(两|三|四|五|十|3|4|5|10)\s*年(?:来|以来|间)(?!首次|首个|新高|新低|最|第一)"
)
_NEXT_SPAN = re.compile(r"(?:今后|未来|下)的?\s*(三|四|五|十|3|4|5|10)\s*年")
_LAST_YEAR = re.compile(r"(?:刚刚)?过去的?\s*[一1]\s*年|(?<![\d一二三四五六七八九十])[一1]\s*年来")
_RELATIVE = (
    (re.compile(r"今年(?!度?比)|本年(?!度?比)"), 0),
    (re.compile(r"去年|上一?年(?!级)"), -1),
    (re.compile(r"明年|下一年(?!级)"), 1),
    (re.compile(r"前年"), -2),
    (re.compile(r"后年(?![来])"), 2),
)
_COMPARISON = re.compile(
    r"(?:比|较|同|与|由|从|相当于|以|是|为)\s*(?:上一?年|去年|前年|(?:19|20)\d\d\s*年|[一二][九〇○零0][^年]{2}年)"
    r"(?:同期|末|底|初|的)?[^，。；]{0,6}?(?=相比|持平|相当|大体|基本|提高|增|上升|下降|减|翻|高|低|多|少|快|扩|为基|的?\s*[\d一二三四五六七八九十.]+\s*[%％倍个])"
    r"|(?:比|较)\s*(?:上一?年|去年)|占(?:本|当|全|上)年"
    r"|(?:恢复|回升|回落|达|回|降|升)[到至]\s*(?:上一?年|去年|(?:19|20)\d\d\s*年)(?:同期|末|底)?的?(?=水平|规模|同期)"
    r"|(?:比|较)\s*[“\"]?[一二三四五六七八九十]{1,2}五[”\"]?(?:时期|期间|末|计划)?(?=[^，。；]{0,6}[增提上下减翻高低多少])"
)
_FAR = re.compile(r"2035\s*年|20[345]0\s*年(?=前|全面|基本)|本世纪中叶")


def _digits(han: str) -> int:
    return int(han.translate(_DIGITS))


def _explicit(text: str, longest: int = 200) -> set[int]:
    found = {int(match[1]) for match in _BARE.finditer(text)}
    if "年" not in text:
        return found
    for pattern, number in ((_RANGE, int), (_HAN_RANGE, _digits)):
        for match in pattern.finditer(text):
            first, last = number(match[1]), number(match[2])
            found.update(range(first, last + 1) if 0 <= last - first <= longest else (first, last))
    found.update(int(match[1]) for match in _YEAR.finditer(text))
    found.update(_digits(match[1]) for match in _HAN_YEAR.finditer(text))
    return found


def _plan_years(number: int) -> range:
    """The years of the n-th five-year plan; the third began three years late, in 1966."""
    first = 1953 + 5 * (number - 1) if number < 3 else 1966 + 5 * (number - 3)
    return range(first, first + 5)


def _periods(text: str, subject_only: bool) -> set[int]:
    found: set[int] = set()
    for match in _PERIOD.finditer(text):
        if subject_only and not _PERIOD_AS_SUBJECT.match(text, match.end()):
            continue
        ordinal = match[1] or match[2] or match[3]
        found.update(_plan_years(_ORDINALS[ordinal]))
    return found


def _relative(text: str, anchor: int, reviewed: int) -> set[int]:
    found = {anchor + shift for pattern, shift in _RELATIVE if pattern.search(text)}
    for match in _PAST_SPAN.finditer(text):
        span = _SPAN_WORDS[match[1] or match[2]]
        found.update(range(reviewed - span + 1, reviewed + 1))
    for match in _NEXT_SPAN.finditer(text):
        found.update(range(reviewed + 1, reviewed + 1 + _SPAN_WORDS[match[1]]))
    if _LAST_YEAR.search(text):
        found.add(reviewed)
    return found


def _sorted(years: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted(year for year in years if FIRST_YEAR <= year <= LAST_YEAR))


def read_years(text: str, anchor: int | None, *, reviewed: int | None = None) -> tuple[int, ...]:
    """All years named in a text, ascending: explicit, ranges expanded, five-year plans, and
    relative words where `anchor` is known. `reviewed` is anchor − 1 unless given."""
    text = text.translate(_FULLWIDTH)
    years = _explicit(text) | _periods(text, subject_only=False)
    if anchor is not None:
        years |= _relative(text, anchor, anchor - 1 if reviewed is None else reviewed)
    return _sorted(years)


def subject_years(text: str, anchor: int | None, reviewed: int | None) -> tuple[int, ...]:
    """The years a text speaks of, without those it only compares with (比2020年增长) or points to
    from afar (2035年), and without a five-year plan that is merely named (“十四五”规划收官之年)."""
    text = _FAR.sub("", _COMPARISON.sub("", text.translate(_FULLWIDTH)))
    years = _explicit(text, MAX_SPAN) | _periods(text, subject_only=True)
    if anchor is not None:
        years |= _relative(text, anchor, anchor - 1 if reviewed is None else reviewed)
    return _sorted(years)


def delivery_year(metadata: Metadata) -> int | None:
    """The year that 今年 means: that of the date where it is near the report's, else `year`."""
    if metadata.date is None or metadata.kind == COMMUNIQUE:
        return metadata.year
    dated = int(metadata.date[:4])
    if metadata.year is None or abs(dated - metadata.year) <= 1:
        return dated
    return metadata.year


def reviewed_year(metadata: Metadata) -> int | None:
    """The last year the report looks back on."""
    year = delivery_year(metadata)
    if year is None or metadata.kind == COMMUNIQUE:
        return year
    late = metadata.date is not None and int(metadata.date[5:7] or 0) >= LATE_MONTH
    return year if late else year - 1


# --- actual or plan ---------------------------------------------------------------------------

_ACTUAL_HEADING = re.compile(
    r"^(?!.*(?:推[进动]|促进|加快|着力|努力|力争|确保|争取|在[^，]{2,20}上|实现|坚持|聚焦|更大|[要再]))"
    r".*取得(?:新|显著|明显|积极|重大|历史性|决定性)*(?:成[效就绩]|进展|突破|胜利)$|"
    r"回顾|决算$|执行情况|完成情况|执行结果|的(?:主要|巨大|伟大)?成就|取得.{0,6}成就的|工作总结|"
    r"(?:过去|刚刚过去|这)的?.{0,2}[一五三四]年|(?<!今后)(?<!未来)(?<!下)[一五三四]年来(?!的目标)|工作成效|主要工作成绩"
)
_PLAN_HEADING = re.compile(
    r"(?:工作|总体|任务|计划的?|目标)安排|重点(?:工作|任务)|目标任务|主要(?:工作)?任务|主要目标|预期目标|总体(?:要求|思路|部署|安排)|"
    r"工作(?:建议|打算|部署|计划|重点|思路|总体要求)|(?:今后|未来|下).{0,2}[五三一十]年|计划草案|奋斗目标|指导思想|"
    r"展望|远景|(?:主要|政府)工作$|(?:任务|目标)和(?:重点|措施|工作)|(?:努力)?方向|的目标$"
)
_PAST_OPENING = re.compile(
    r"(?:各位代表[，！,!]\s*)?(?:刚刚)?过去的?.{0,2}[一三五]年|[—–\-]*[一五]年来|去年，"
)
_YEARS_WORK = re.compile(r"\d年.{0,8}(?:工作|情况)$")
_PROBLEMS = re.compile(
    r"清醒|(?:困难|矛盾|问题|短板|不足|差距|风险)(?:和|与|、)(?:困难|挑战|问题|不足|短板|矛盾)|存在.{0,10}(?:不足|问题|困难|差距)"
)

_ACTUAL_CUE = re.compile(
    r"预计(?:全年)?(?:完成|增长|实现|达到|突破|可)|累计|同比|(?:比|较)上一?年|(?:比|较)去年|年均增长|超额完成|"
    r"(?:完成|实现|取得|获得|建成|达到|增加|增长|提高|下降|超过|打造|解决|开展|制定|召开|出台|创造|开工)了|"
    r"荣获|获评|获批|入选|居全[国省市区]|做了|作出了|发挥了|取得.{0,12}成[绩就效果]|位居|位列|圆满|成功(?:举办|创建|入选|获|承办)|顺利(?:完成|通过|实施)|"
    r"已(?:经|建成|完成|有|达)|有力有效|全面完成|连续.{1,3}年|(?:达|至|为|完成|实现)\s*\d[\d.,]*\s*(?:亿|万|%|％|个|家|户|人)|"
    r"持续(?:攀升|向好|改善|提升|优化|增强)[，。]|明显(?:改善|提升|提高|增强|好转)|初步|"
    r"增长(?:了)?百分之|(?:去年|一年来|五年来|过去[一五]年)"
)
_PLAN_CUE = re.compile(
    r"力争|确保|争取|(?:预期|发展|年度|奋斗|主要)目标|将(?!军|士|领|相|近|来的?事|.{0,6}作为)|拟(?:定|于|安排)|计划(?:完成|投资|新|实施|建|安排|增|达|生产|到)|"
    r"(?:^|[，。；：、])(?:要|必须|应当|必需|须)|(?:我们|政府|各级.{0,8}|同时|[都还也又一二三四五六七八九])要(?![求素闻点])|"
    r"(?:增长|提高|下降|达到|控制在|保持在|新增|实现|建成|完成|不低于|培育|改造)[^，。；]{0,12}?(?:左右|以上|以内)|"
    r"今年底前|年底前|年内(?:完成|建成|开工)|明年|今后|下一步|到20\d\d年|"
    r"(?:^|[，。；])(?:加快|加强|推进|推动|深化|强化|完善|优化|健全|落实|实施|支持|鼓励|引导|抓好|抓紧|做好|做强|做优|继续|进一步|大力|"
    r"全面|积极|坚决|切实|扎实|着力|统筹|严格|深入|持续|启动|建立|培育|构建|打造|聚焦|用好|办好|壮大|拓展|开展|建设|提升|坚持|巩固|谋划|发展|提高|改造|促进)"
)
_STRONG_PLAN = re.compile(
    r"力争|确保|预期目标|将(?!军|士|领|相|近|来的?事|.{0,6}作为)|争取|左右|以上|年底前|年内|今后|明年|下一步|(?:^|[，。；：、])要|必须|"
    r"拟(?:定|于|安排)|计划(?:完成|投资|新|实施|建|安排|增|达|生产|到)"
)
_SENTENCE_END = re.compile(r"(?<=[。！？!?；\n])")
MARGIN = 3
"""One side needs this many times the signs of the other."""


SHARE = 0.34
"""The winning side needs this share of all sentences."""

PART_SENTENCES, PART_MARGIN, PART_SHARE = 10, 4, 0.6
"""The same for a whole part, and the least number of its sentences with signs: what it decides,
many inherit."""


def _count(text: str) -> tuple[int, int, int, int]:
    """Sentences that report, that plan, that plan beyond doubt, and all of them. Verbs alone
    (推进, 加快) do not tell a plan from a report."""
    actual = plan = strong = total = 0
    for sentence in _SENTENCE_END.split(text.translate(_FULLWIDTH)):
        if len(sentence) < 2:
            continue
        done, surely = bool(_ACTUAL_CUE.search(sentence)), bool(_STRONG_PLAN.search(sentence))
        due = surely or bool(_PLAN_CUE.search(sentence))
        total += 1
        actual += done and not surely
        plan += surely or (due and not done)
        strong += surely and not done
    return actual, plan, strong, total


def read_basis(text: str) -> Basis | None:
    """Whether the sentences of a text report or plan; None unless the signs are clear."""
    actual, plan, strong, total = _count(text)
    if _PAST_OPENING.match(text) and strong <= actual:
        return "actual"
    if max(actual, plan) < SHARE * total:
        return None
    if actual >= 2 and actual >= MARGIN * plan:
        return "actual"
    if strong and plan >= 2 and plan >= MARGIN * actual:
        return "plan"
    if actual == 1 and plan == 0:
        return "actual"
    return "plan" if strong == 1 and plan == 1 and actual == 0 else None


def _leaning(text: str, basis: Basis | None) -> Basis | None:
    """The given basis if all signs in a text that does not tell by itself point to it."""
    actual, plan, _, _ = _count(text)
    ours, theirs = (actual, plan) if basis == "actual" else (plan, actual)
    return basis if ours and not theirs else None


def read_part_basis(text: str) -> Basis | None:
    """The same for a whole part of a report, more strictly: all its sections inherit it."""
    actual, plan, strong, total = _count(text)
    if max(actual, plan) < PART_SHARE * total or actual + plan < PART_SENTENCES:
        return None
    if actual >= PART_MARGIN * (plan or 1):
        return "actual"
    return "plan" if strong >= 2 and plan >= PART_MARGIN * (actual or 1) else None


def _heading_basis(heading: str, anchor: int | None, reviewed: int | None) -> Basis | None:
    actual, plan = _ACTUAL_HEADING.search(heading), _PLAN_HEADING.search(heading)
    said = read_years(heading, None)
    if _YEARS_WORK.search(heading) and reviewed is not None and said and said[-1] <= reviewed:
        return "actual"  # 关于2014年政府工作
    if actual and plan and plan[0] not in ("政府工作", "主要工作"):  # 过去五年的政府工作
        return None
    if actual:
        return "actual"
    if plan:
        return "plan"
    years = read_years(heading, anchor, reviewed=reviewed)
    if reviewed is None or not years:
        return None
    if years[0] > reviewed:
        return "plan"
    return "actual" if _YEARS_WORK.search(heading) and years[-1] <= reviewed else None


@lru_cache(maxsize=1024)
def heading_scope(
    headings: tuple[str, ...], anchor: int | None, reviewed: int | None = None
) -> tuple[tuple[int, ...], Basis | None]:
    """The years a heading path names (relative words count where no year is given), and the basis
    of its highest heading that tells one."""
    if reviewed is None and anchor is not None:
        reviewed = anchor - 1
    basis: Basis | None = None
    for heading in headings:
        basis = basis or _heading_basis(heading, anchor, reviewed)
    said = {year for heading in headings for year in read_years(heading, None)}
    meant = {y for heading in headings for y in read_years(heading, anchor, reviewed=reviewed)}
    return _sorted(said or meant), basis


def passage_scope(
    section: Section, text: str, anchor: int | None, *, reviewed: int | None = None
) -> tuple[tuple[int, ...], Basis | None]:
    """The scope of a piece of a section: the years of its headings united with those the text
    itself speaks of; the basis of its headings, unless the text overrules it by naming only years
    of the other side with clear signs, or is a confession of problems, which is neither."""
    if section.role not in ("body", "closing"):
        return subject_years(text, None, None), None
    if reviewed is None and anchor is not None:
        reviewed = anchor - 1
    years, basis = heading_scope(section.headings, anchor, reviewed)
    own = subject_years(text, anchor, reviewed)
    about = _sorted({*years, *own})
    if not years and len(section.about) == 1:
        about = _sorted({*own, *section.about})
    if _PROBLEMS.search(text[:80]):
        return about, None
    told = read_basis(text)
    if basis is None:
        return about, told if section.basis in (None, told) else _leaning(text, section.basis)
    if told not in (None, basis) and reviewed is not None and own:
        other_side = own[0] > reviewed if told == "plan" else own[-1] <= reviewed
        return about, told if other_side else basis
    return about, basis
