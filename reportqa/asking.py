"""What a question wants to be told: a figure (in which unit), a name, a definition, a list …

In: a question in simplified characters. Out: `asked`, its unit, and the spans of its question
words. The one idea: an ordered table of patterns; the first that is found decides, so that what
is particular (哪两家, 是什么的简称, 比…高多少) stands before what is general (哪家, 什么, 多少).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from reportqa.records import Asked, Language

__all__ = ["QUESTION_WORDS", "read_asked", "read_language", "read_unit"]

_COUNTER = (
    "个百分点|人次|平方公里|平方千米|平方米|立方米|公里|千米|公顷|公斤|千克|千瓦时|千瓦|兆瓦|"
    "美元|欧元|港元|分钟|小时|标箱|车次|架次|批次|床位|张床|亩|吨|斤|米|元|块|人|户|家|个|名|位|"
    "条|项|场次|场|所|座|次|处|套|栋|幢|只|头|辆|批|件|例|台|回|间|对|起|股|天|年|岁|倍|款|种|"
    "类|门|支|艘|架|株|棵|宗|笔|期|届|篇|部|册|张|枚|片|块|口|度|村|里"
)
_SCALE = "(?:十|百|千|万亿|亿|万)?"
_NUMBERS = "两二三四五六七八九十几\\d"
_END = r"[？?。！!\s呢啊呀撒嘛么]*$"

# The first row that is found decides.
_CHINESE: tuple[tuple[Asked, str], ...] = (
    ("reason", r"为什么|为何|为啥|何故|缘何|怎么会|原因|点解"),
    (
        "definition",
        r"什么是|什么叫(?!名)|何谓|何为|啥是|啥叫|[”」』制度法式]是怎么回事|怎[么样]理解|如何理解|(?:是|有|叫做?)?(?:什么|啥)(?:意思|含义)|的(?:含义|定义)|"
        r"指(?:的?是)?(?:什么|啥|哪)|(?:什么|啥)的?(?:简称|缩写|全称)|(?:简称|缩写|全称)是|"
        r"(?:什么|怎)样的?(?:一[个种项只类套家])|一[个种项只类套家](?:什么|怎)样的|"
        r"(?:干|做)什么的|[”」』\"]是(?:些|个|一[个种])?(?:什么|啥)|"
        rf"^(?!.*[{_NUMBERS}](?:项|个|类|种|大|条))[^，,。；：、年]{{2,12}}(?<![标率额量数度])是(?:什么|啥|乜){_END}",
    ),
    (
        "comparison",
        r"相比|对比|比一[比下]|^比较|比较(?:一下)?$|差多少|差距?(?:是|有)多|相差|高出|多出|低了?多少个百分点|差别|区别|不同|"
        r"(?:谁|哪).{0,25}?(?:更[^新]|最[高低多少快慢大小])|更[高低多少快慢大小][^，]{0,4}还是|"
        r"(?:谁|哪(?:一?[个家边年]|[省市区县州]))[^，]{0,25}?(?<!多)(?:[高低快慢大小]|多(?!少)|(?<!多)少)(?:一?些|一?点)?(?:呢|呀|啊)?[？?]?$|"
        r"[高低多少快慢大小]了?还是|(?:怎么|如何|有何|有什么|什么)变化?|变化|"
        r"(?<![同环占])比(?![重例率较赛])(?!(?:上一?年|去年)[^，]{0,6}(?:增|下降|提高))[^，]{1,25}?"
        r"(?:高|低|多|少|快|慢|大|小|增加|增长|减少|下降|提高)(?:了|出)?(?:多少|几|百分之几)|"
        r"从.{2,20}目标.{0,12}(?:增加|减少|提高)(?:了)?(?:多少|几)|各(?:自|是|为|有|.{1,3})?(?:多少|几)",
    ),
    (
        "time",
        r"哪一?(?:年|天|日|个?月|季度|时)|何时|何年|几时|几月|几号(?!线|楼|院|门|馆|厅|码)|(?:什么|啥)时(?:候|间)|"
        r"多久以?后|什么日子",
    ),
    (
        "list",
        rf"哪些|[哪边][{_NUMBERS}]+(?![年月])|分别|有(?:什么|啥|哪些)(?:新?的?)(?:措施|举措|任务|项目|内容|要求|安排|打算|政策|办法|动作)|"
        rf"包[括含](?:什么|谁|哪)|[{_NUMBERS}]+[个项类种大条][^，。]{{0,10}}是(?:什么|啥){_END}|列举|列出",
    ),
    (
        "figure",
        r"多少|几多|百分之几|(?<![十好近前这去哪])几(?=" + _SCALE + f"(?:{_COUNTER}|成|%))|"
        r"多(?:大|高|长|远|久|重|快|宽|深|厚)|第几|(?:什么|啥)(?:范围|水平|程度|价)|"
        r"(?:增速|增幅|增长率|涨幅|占比|比重|比例|增长目标|率目标|控制线|[率额量值])(?:目标)?"
        rf"(?:(?:是|为)(?:什么|啥)|(?:怎么样|如何|怎样))?{_END}",
    ),
    (
        "name",
        r"谁|叫(?:什么|啥|咩|乜)|哪|边个|何人|何处|何地|(?:什么|啥)"
        rf"(?!样|是|的|{_END}|[，,、。])(?=[\u3400-\u9fff])",
    ),
    (
        "yes_no",
        r"(?:[吗嘛]|(?<![什怎那这多])么)(?=[？?，,。]|$)|是否|能否|可否|会否|有无|有没有|"
        r"(.)不\1|没有?[？?，,]|没有?$|咩\?*$",
    ),
)

_ENGLISH: tuple[tuple[Asked, str], ...] = (
    ("reason", r"\bwhy\b|\bwhat (?:is|was|were|are) the reasons?\b|\bhow come\b"),
    (
        "definition",
        r"\b(?:stands?|short) for\b|\bmeant by\b|\bwhat (?:does|do|did)\b.*\b(?:mean|refer to)\b|"
        r"\bdefin(?:e|ition)\b|^what(?:'s| is| are) (?:an? )?['\"“‘][^'\"”’]+['\"”’]\W*$|"
        r"^what(?:'s| is) an? ",
    ),
    (
        "comparison",
        r"\bcompar|\bdifferen(?:ce|t)\b|\bversus\b|\bvs\b|\bchanged?\b.*\b(?:between|from|since)\b|"
        r"\b(?:more|less|fewer|higher|lower|larger|smaller|faster|slower|greater|better)\b"
        r".*\bthan (?!\d)|"
        r"\b(?:which|who|whose)\b.*\b(?:more|higher|lower|larger|faster|slower|greater|most|fastest)\b",
    ),
    ("time", r"\bwhen\b(?=.*\?|$)|\b(?:what|which) (?:year|date|day|month|quarter|time)\b"),
    (
        "list",
        r"\b(?:which|what) (?:two|three|four|five|six|seven|eight|nine|ten)\b|"
        r"\b(?:which|what) (?!was\b|does\b|has\b)[a-z]*(?:[^s'iu\W]s)\b(?! (?:of|the)\b.*\bshare)|"
        r"\bwhat are the\b|^(?:list|name) |\bwhat .*\bmeasures\b",
    ),
    (
        "figure",
        r"\bhow (?:many|much|large|big|high|long|far|fast|old|tall|wide)\b|"
        r"\b(?:what|which)\b.*\b(?:share|percent(?:age)?|proportion|rate|number|amount|area|"
        r"range|level|total|target|growth|gdp|ratio|price|rent|size|population|revenue|income|"
        r"profit|output|value|volume|length|cost|sum)\b",
    ),
    ("name", r"\b(?:who|whom|whose|which|where|what (?!did|does|do|happened)\w+)\b"),
    (
        "yes_no",
        r"(?:^|[.?!:;,]\s*)(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|"
        r"should|must)\b",
    ),
)

_CHINESE_RULES, _ENGLISH_RULES = (
    [(asked, re.compile(pattern, re.IGNORECASE)) for asked, pattern in table]
    for table in (_CHINESE, _ENGLISH)
)

_PERCENT = re.compile(
    r"百分之几|几成|多少成|(?:增速|增幅|增长率|增长目标|占比|比重|比例|份额|涨幅|降幅|率)"
    rf"(?:目标|指标|预期|控制线)?[^，。]{{0,8}}?(?:(?:是|为|到|达|有)?(?:多少|几多|多大|多高|什么){_END}|{_END})|"
    rf"(?:增长|上涨|下降|增)了?(?:多少|几多){_END}|[^，]增长{_END}|(?:占|比).{{0,16}}几成|"
    r"\bpercent|\b(?:what|which) (?:share|proportion)|\bgrowth rate\b|\brate of growth\b",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    rf"(?:多少|几多|(?<![十好近前这去哪])几)({_SCALE}(?:{_COUNTER})(?!口碑|钱)|(?:万亿|亿|万)(?![\u3400-\u9fff])|[块毛]?钱)"
)

QUESTION_WORDS = re.compile(
    rf"(?:一共|总共|一年|合计|大概|大约)?(?:是|有|为|到|达到?|了|定为|定在|定到)*"
    rf"(?:多少|几多|百分之几|几成|(?<![十好近前这去])几)(?:[块毛]?钱|{_SCALE}(?:{_COUNTER}))?|"
    r"(?:是|有|为)?(?:什么|啥)(?:意思|含义|时候|时间|名字|范围|水平|样的?)?|"
    r"(?:具体|分别|各)?(?:是|有|由|在|为|叫|指的?是?|包括|包含)*哪"
    rf"(?:一?(?:年|天|个月)|里|儿|些|[{_NUMBERS}]*(?:{_COUNTER}|大)?)|"
    r"(?:叫做?|指的?是?|由|包括|主要)*(?:是|有|由|叫)?(?:什么|谁|咩|乜|啥)(?:名字)?|"
    r"为什么|为何|为啥|怎么样|怎样|怎么|如何|何时|何地|是否|能否|可否|会否|有无|有没有|是不是|"
    r"会不会|能不能|多(?:大|高|长|远|久|重|快)|分别|相比|请问|请|[吗呢啊呀]|"
    r"\b(?:how (?:many|much|large|high|long|far)|by how much|what|which|who|whom|whose|when|where|"
    r"why|does|did|do|is|are|was|were|has|have|had|the|an?|of|in|for|to|by|on|at|and|"
    r"according|mean|stand)\b",
    re.IGNORECASE,
)
"""The words that ask, with the counter a figure is asked in: what a question is not about."""

_EACH = re.compile(r"多少|几|百分之")
_BESIDE = re.compile(r"[省市县区州]?[和与及跟同、][\s]*")
_YEARS = re.compile(r"\d{4}年?度?[和与及跟、]\d{4}年|\d{4}年.*(?:多少|几).*\d{4}年.*(?:多少|几)")
_INDICATOR = re.compile(  # the name of a figure alone, of a year
    r"\d{4}年(?!.*[，,、 ])[^。]{0,16}"
    rf"(?:GDP|[总产]值|增加值|收入|支出|人口|规模|新增就业|投资|[率额量])(?:目标|情况|数据)?{_END}"
)
_OF_PLACE = re.compile(  # the name of a figure alone, of a place
    r"\s*(?:的|现在|目前|今年|去年)*[^，,、 。的]{0,8}"
    rf"(?:面积|人口|GDP|生产总值|产量|财政收入|人均收入){_END}"
)
_TOGETHER = re.compile(r"累计|合计|总共|一共|之间|合作|协作|交界|[签共]|来往|往返")
_HAN = re.compile(r"[\u3400-\u9fff]")
_LATIN = re.compile(r"[A-Za-z]{2,}")


def read_asked(text: str, places: Sequence[tuple[int, int]] = ()) -> Asked | None:
    """What is asked for; None for keywords and for what is open (如何, how). One figure of several
    of the `places` (their spans), or of several years, that stand side by side is a comparison."""
    rules = _CHINESE_RULES if _HAN.search(text) else _ENGLISH_RULES
    asked = next((asked for asked, pattern in rules if pattern.search(text)), None)
    figures = asked == "figure" or (asked == "list" and _EACH.search(text))
    if (figures or asked is None) and not _TOGETHER.search(text):
        pairs = pairwise(places)
        beside = any(_BESIDE.fullmatch(text[end:start]) for (_, end), (start, _) in pairs)
        if beside or (figures and _YEARS.search(text)):
            return "comparison"
    named = asked is None and places and _OF_PLACE.fullmatch(text, places[-1][1])
    return "figure" if named or (asked is None and _INDICATOR.search(text)) else asked


def read_unit(text: str, asked: Asked | None) -> str | None:
    """The unit of the figure asked for, with its scale (万人, 亿元, 家), or % or 百分点."""
    if asked not in ("figure", "comparison"):
        return None
    if counted := _COUNTED.search(text):
        unit = counted[1]
        return {"个百分点": "百分点"}.get(unit, "元" if unit.endswith("钱") else unit)
    return "%" if _PERCENT.search(text) else None


def read_language(text: str) -> Language | None:
    """Chinese where Latin words are the lesser part beside it, English where there is no Chinese,
    None where both weigh alike or neither is there."""
    han, latin = len(_HAN.findall(text)), len(_LATIN.findall(text))
    if not han:
        return "en" if latin else None
    return "zh" if han > 2 * latin else None


_SENSE_WORDS = re.compile(
    r"(?:增长|增速|预期|控制|主要|发展)?(?:目标)值?|计划|预期|打算|力争|争取|安排|准备|拟|将要|预计|"
    r"实际上?|实绩|完成|最后|实现|提出|提到|报告(?:中|里|说|举了)?|政府工作报告|工作报告|期间|时期|"
    r"收官之年|老?百姓(?!大舞台)的?|咱们?(?:这里|这儿)?|\b(?:plan(?:ned)?|target(?:ed)?|aim(?:ed)?|expect(?:ed)?|achieved|actual(?:ly)?|"
    r"report|district|county|province|city|period|five-year|over|past|during|between|as|it|been|than|"
    r"this|that|there|with|from|any|much|many|mean by)\b",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"(?:[“「『\"‘]|(?<!\w)')([^”」』\"’']{1,30})[”」』\"’']")
_TERM = (
    re.compile(r"(?:什么是|何谓|何为|啥是|什么叫|啥叫)([^，。？?！!]{1,30})"),
    re.compile(r"([A-Za-z0-9+－—-]{2,})(?:具体)?(?:是|指)"),
    re.compile(
        r"(?:^|[的，,中里　])([^的，,。　]{2,20}?)(?:具体|各|分别)?"
        r"(?:是?(?:干|做)(?:什么|啥)的|是(?:什么|啥|一[个种项只]|怎样|怎么)|指的?是?(?:什么|啥|哪)|(?:是)?(?:什么|啥)意思|的(?:含义|意思))"
    ),
    re.compile(
        r"\b(?:does|do|did) (?:the (?:term|phrase) )?(.+?) (?:mean|stand for|refer to)\b", re.I
    ),
    re.compile(r"^what(?:'s| is| are) (?:an? |the )?(.+?)\W*$", re.I),
    re.compile(r"\bdefin(?:e|ition of) (?:the )?(.+?)\W*$", re.I),
)
_STRETCH = re.compile(r"[^　，。？！、；：,.?!;:“”\"「」『』（）()《》]+")
_LEADING = re.compile(
    r"(?:全[国省市县区]的?|区里|['’]s |"
    r"(?:在|和(?![平谐])|与|跟|及|把|被|从|由|将|按|让|的|了|里))+(?=.{2})"
)
_TRAILING = re.compile(
    r"(?<=..)(?:之年|[的了在和与跟及把被从到至由将为按以让给中里是有要会能占还就都也个])+$"
)
_BESIDE_TERM = re.compile(
    r"(?<=..)(?:到底|究竟|主要|[的了呢啊呀吗])+$"
)  # a term may end in 能, 会, 和
SHORTEST_STRETCH = 2  # characters


def read_topic(rest: str, written: str, asked: Asked | None) -> tuple[str, ...]:
    """What a question is about: the stretches of `written` that are left when places and years,
    blank in `rest`, and the words that ask or tell the sense are left out; of a definition, the
    term."""
    if asked == "definition" and (terms := _terms(rest, written)):
        return terms
    for pattern in (QUESTION_WORDS, _SENSE_WORDS):
        rest = pattern.sub(lambda match: "　" * len(match[0]), rest)
    stretches: list[str] = []
    for piece in _STRETCH.finditer(rest):
        start, end = _trim(rest, piece.start(), piece.end())
        if end - start >= SHORTEST_STRETCH:
            stretches.append(written[start:end])
    return tuple(dict.fromkeys(stretches))


def _terms(rest: str, written: str) -> tuple[str, ...]:
    """The terms whose meaning is asked for: those in quotation marks, else the one by its place."""
    if quoted := [written[m.start(1) : m.end(1)] for m in _QUOTED.finditer(rest)]:
        return tuple(dict.fromkeys(quoted))
    for pattern in _TERM:
        if found := pattern.search(rest):
            start, end = _trim(rest, found.start(1), found.end(1), _BESIDE_TERM)
            if end > start:
                return (written[start:end],)
    return ()


def _trim(text: str, start: int, end: int, behind: re.Pattern[str] = _TRAILING) -> tuple[int, int]:
    """The stretch without blanks and particles at its ends, those `behind` it at its right."""
    piece = text[start:end]
    kept = piece.strip()
    if leading := _LEADING.match(kept):
        kept = kept[leading.end() :]
    if trailing := behind.search(kept):
        kept = kept[: trailing.start()]
    kept = kept.strip()
    start += piece.find(kept)
    return start, start + len(kept)
