"""A passage's text → its quantities: numbers with comparator and unit, where each stands.

The one idea: a number is a quantity only by what stands after it. A unit, a scale (万, 亿), a
percentage, a fraction or a multiple makes one; dates, ordinals, numbered headings, document
numbers, names (“十四五”, 5G, “15分钟生活圈”) and thresholds that only say which things are counted
(500万元以上项目) make none. Rankings (全市第一) are ordinals, hence none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import zip_longest

from reportqa.figures.numerals import ARABIC, HAN, number_value, plain
from reportqa.records import Comparator

__all__ = ["Quantity", "find_quantities"]


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its unit in a text: `start`:`end` with comparator and unit, the number itself
    from `number`. `counts` where the unit only counts things that are named beside it."""

    start: int
    end: int
    number: int
    value: float
    high: float | None
    unit: str
    comparator: Comparator
    comparator_words: str
    counts: bool


# Units that measure, and those that count things named beside them. Longest first in the pattern.
_MEASURES = (
    "元 美元 港元 港币 欧元 英镑 日元 卢布 人民币 美金 % ‰ 个百分点 百分点 个点 个基点 个千分点 "
    "平方公里 平方千米 "
    "平方米 平米 平方 立方米 立方公尺 立方 公里 千米 海里 厘米 毫米 微米 纳米 米 公顷 亩 "
    "吨标准煤 吨标煤 标准煤 吨公里 人公里 "
    "吨 公斤 千克 市斤 斤 担 克 毫克 微克 升 毫升 千瓦时 千瓦小时 瓦时 千瓦 兆瓦时 兆瓦 吉瓦时 "
    "吉瓦 千伏安时 千伏安 千伏 兆伏安 兆 度 马力 "
    "蒸吨 标准箱 标箱 个标箱 TEU GB TB PB P Mbps Gbps EFLOPS PFLOPS 倍 天 小时 分钟 秒 个小时 "
    "个工作日 工作日 "
    "个月 个学时 学时 个课时 岁 摄氏度 分贝 立方英尺 桶 分 公尺 平方公尺 市尺 尺 锭 步 字节 石 "
    "匹马力 公担 市亩 华里 里"
)
_COUNTERS = (
    "人次 人 名 位 户次 户 家次 家 个 项次 项 件次 件 条次 条 座 所 处 栋 幢 套 头只 台套 台次 "
    "台件 台 辆次 辆 艘次 艘 架次 架 部 批次 批 "
    "份 张 次 场次 场 期 支 只 头 匹 棵 株 盏 枚 块 片 间 宗 起 例 单 组 对 门 种 类 款 册 卷 本 "
    "篇 幅 列 "
    "趟 班次 班 孔 眼 口 颗 尾 羽 笔 票 箱 把 根 艇 团 队 面 车次 人（次） 个（项） 余种 顶 枝 "
    "首 集 堂 桩 层 "
    "亩次 人份 轮 家（次） 户（次） 人天"
)
_RATE = (
    r"(?:[/／]|每)(?:平方公里|平方米|立方米|公里|米|人次|人|户|亩|吨|公斤|斤|年|月|日|天|小时|升|"
    r"万人|千人|万元|亿元|件|辆|度|千瓦时|公顷|头|个)"
)
# Words that begin with a unit and are none: 10亿人口, 5万个体工商户, 3部门.
_LONGER_WORDS = {
    "人": "[口均才员民大类工物力数身家群们体生事社文流居机防选士]", "户": "[籍外]",
    "家": "[庭禽畜]", "个": "(?:体工|体户|人所得|性化)", "场": "[所馆景]", "条": "款",
    "部": "[门委队分级长位]", "座": "谈", "位": "[于居列移数]", "名": "[单牌录称]",
    "支": "[持付撑]", "口": "[岸径]", "批": "[准复量]", "班": "级", "门": "[类店诊]", "亩": "均",
    "吨": "位", "元": "[器素宇旦]", "度": "[假过夏]", "天": "[然津]", "里": "程",
    "分": "[别之析布类级公期步批散支享段店行局院校为成配]", "步": "行", "升": "[级至到学值温]",
    "克": "[服难]", "担": "[保任当]", "面": "[积向对临]", "团": "[队结]", "队": "伍",
    "层": "[级面]", "集": "[中群团聚成约体]", "本": "[级科土地]", "列": "[入车]",
    "期": "[货间末]", "对": "[外接标]",
    "例": "[会行]", "个点": "位",
    "起": "[来草步]", "单": "[位元独项]", "组": "织", "间": "接", "处": "[理置]",
    "头": "部", "项": "目",
    "台": "[湾账胞商资]", "所": "[有得属]", "把": "[握关]", "首": "[先次创]",
    "株": "洲", "轮": "[胎船毂流动值换岗]", "P": "[A-Za-z]",
    "片": "区", "栋": "梁", "次": "[产数贷]", "石": "[油化材]", "堂": "食", "顶": "[层尖]",
}  # fmt: skip


def _unit_pattern(unit: str) -> str:
    longer = _LONGER_WORDS.get(unit)
    return re.escape(unit) + (f"(?!{longer})" if longer else "")


_UNITS = sorted({*_MEASURES.split(), *_COUNTERS.split()}, key=lambda unit: (-len(unit), unit))
_UNIT = "|".join(map(_unit_pattern, _UNITS))
_COUNTER_SET = frozenset(_COUNTERS.split())

_SCALE = (
    r"(?:个\s?亿(?!元以上|元级|级)|万\s?[多余]?[万亿]|"
    r"[十百千]?\s?万|[十百千]?\s?亿|千(?![伏瓦米克升])|百)"
)
_MORE = r"(?:多|余|几)"
_BEFORE = (
    r"(?:尚未|没有|未能?)(?:达到|突破|超过|迈过)|不少于|不低于|不小于|不下于|至少|起码|不超过|不高于|不大于|不突破|最多|至多|超过了|超过|"
    r"高于|大于|多于|突破了|突破|达到或超过|"
    r"低于|少于|小于|不足|不到|未达|接近于|接近|将近|大约|大概|约为|(?<![签节契合条履违集])约|(?<![附最邻临亲贴逼])近|"
    r"逾|(?<![超通经不度])过(?=\s?[\d千百])|(?<!高)(?<!赶)超"
)
_AFTER = r"及以上|以上|或以上|左右|上下|以内|之内|及以下|以下|之多|[多余](?!出)"
_DASH = r"(?:[—–\-~～]{1,2}|至|到)"

_NUMBER = rf"(?:{ARABIC}|{HAN})"
_PERCENT_OF = r"(?:百|千|万)分之"
_QUANTITY = re.compile(
    rf"""(?P<before>(?:{_BEFORE})\s*)?
    (?:(?P<per>{_PERCENT_OF})\s*(?P<per_low>{_NUMBER})
           (?:\s*{_DASH}\s*(?:{_PERCENT_OF})?\s*(?P<per_high>{_NUMBER}))?(?P<per_more>{_MORE})?
      |(?P<whole>{HAN})分之(?P<part>{HAN})(?P<part_more>{_MORE})?
      |翻(?:了|上)?(?P<turns>[一两二三四五1-5])?(?:番|倍)
      |(?P<tenths>[一二两三四五六七八九])成(?P<tenths_more>[多半])?
         (?=以上|左右|以下|的|[，。；、）)]|为|来自)
      |(?P<low>(?<!\d)[+-](?=\d){ARABIC}|{_NUMBER})
         (?:\s*{_SCALE}?\s?(?:{_UNIT})?\s*{_DASH}\s*(?P<high>{_NUMBER}))?
         \s?(?P<more>{_MORE})?\s?(?P<scale>{_SCALE})?\s?(?P<more_late>{_MORE})?
         \s?(?P<unit>(?:{_UNIT})(?:{_RATE})?)?
      |(?:(?<=[近上逾超过约])|(?<=突破)|(?<=[一-龥]达)|(?<=突破了)|(?<=超过了)|(?<=推出)|(?<=完成)|(?<=稳定在))
         (?P<bare>[十百千](?=[万亿]|{_UNIT})|(?=万亿))
         (?P<bare_scale>万亿|[万亿])?(?P<bare_unit>{_UNIT})?
    )
    (?P<after>\s?(?:{_AFTER}))?""",
    re.VERBOSE,
)

_COMPARATORS: tuple[tuple[str, Comparator], ...] = (
    ("不少于|不低于|不小于|不下于|至少|起码|及以上|以上|或以上|达到或超过", "at_least"),
    ("不超过|不高于|不大于|不突破|最多|至多|以内|之内|及以下|以下", "at_most"),
    ("低于|少于|小于|不足|不到|未|没有", "under"),
    ("超过|高于|大于|多于|突破|逾|超|过|多|余|几|之多|半", "over"),
    ("接近|将近|大约|大概|约|近|左右|上下", "about"),
)
_COMPARATOR_PATTERNS = tuple((re.compile(words), name) for words, name in _COMPARATORS)


def find_quantities(text: str) -> list[Quantity]:
    """The quantities of a text, in order; none overlaps another."""
    read = plain(text)
    quoted = [match.span() for match in _SHORT_QUOTE.finditer(read)]
    found: list[Quantity] = []
    bare: list[Quantity] = []
    for match in _QUANTITY.finditer(read):
        if _is_no_quantity(read, match) or any(a <= match.start() < b for a, b in quoted):
            continue
        if match["turns"] and read.rfind("“", 0, match.start()) > read.rfind("”", 0, match.start()):
            continue  # a slogan
        quantity = _quantity(match)
        if quantity is None:
            continue
        if not quantity.unit and match["turns"] is None and match["part"] is None:
            bare.append(quantity)
            continue
        found.extend(_sharing(read, bare, quantity))
        bare = []
        found.append(quantity)
    found = sorted(found + _bare_levels(read, bare), key=lambda q: q.start)
    pairs = zip_longest(found, found[1:])
    return [_with_unit_of(read, quantity, after) for quantity, after in pairs if quantity]


def _with_unit_of(text: str, quantity: Quantity, after: Quantity | None) -> Quantity:
    """A number that leaves a part of its unit to the next: 6.4 个和 8.9 个百分点."""
    if after is None or quantity.unit == after.unit or not after.unit.startswith(quantity.unit):
        return quantity
    if quantity.unit not in ("个", "万", "亿") or not _TWO.fullmatch(
        text, quantity.end, after.start
    ):
        return quantity
    return replace(quantity, unit=after.unit, counts=after.counts)


_SHORT_QUOTE = re.compile(r"[“‘\"「『《][^”’\"」』》\n]{1,14}[”’\"」』》]")
_LIST_GAP = re.compile(r"\s*(?:、|和|及|与|以及|，)\s*")
_TWO = re.compile(r"\s*[、和]\s*")
_TOGETHER = re.compile(r"分别|各")


def _sharing(text: str, bare: list[Quantity], last: Quantity) -> Iterator[Quantity]:
    """Numbers of a list that leave their unit to its last: 完成 x、y、z 亿元."""
    chain: list[Quantity] = []
    at = last.start
    for quantity in reversed(bare):
        if not _LIST_GAP.fullmatch(text, quantity.end, at):
            break
        chain.append(replace(quantity, unit=last.unit, counts=last.counts))
        at = quantity.start
    if chain and _TOGETHER.search(text, max(0, at - 40), at):
        yield from reversed(chain)


_BARE_SUBJECT = re.compile(
    r"(?:指数|系数|得分|比例|容积率|总分|密度|综合指数)[^，。；\n]{0,8}?(?:达到?|为|是|降至|降到|"
    r"升至|控制在)?\s*$"
)


def _bare_levels(text: str, bare: list[Quantity]) -> list[Quantity]:
    """Numbers without a unit that an index or a coefficient takes."""
    return [q for q in bare if _BARE_SUBJECT.search(text, max(0, q.start - 20), q.start)]


def _quantity(match: re.Match[str]) -> Quantity | None:
    """What a match says; None where its numeral is none (二三级)."""
    words = [match["before"] or "", match["after"] or ""]
    start, end = match.span()
    end -= len(match[0]) - len(match[0].rstrip())
    high: float | None = None
    comparator: Comparator | None = None
    unit, number = "", start + len(words[0])
    value: float | None
    if match["per"]:
        value, high = number_value(match["per_low"]), _optional(match["per_high"])
        unit = {"百": "%", "千": "‰", "万": "‱"}[match["per"][0]]
        words[1] = (match["per_more"] or "") + words[1]
    elif match["part"]:
        whole, part = number_value(match["whole"]), number_value(match["part"])
        value = None if not whole or part is None else part / whole
        words[1] = (match["part_more"] or "") + words[1]
    elif match["tenths"]:
        value, unit = number_value(match["tenths"]), "成"
        words[1] = (match["tenths_more"] or "") + words[1]
    elif match["bare"] is not None:
        value = {"十": 10.0, "百": 100.0, "千": 1000.0, "": 1.0}[match["bare"]]
        unit = (match["bare_scale"] or "") + (match["bare_unit"] or "")
        words[0] = "超" if not words[0] else words[0]
    elif match["low"] is None:
        turns = match["turns"]
        value, unit = 2.0 ** (_optional(turns) or 1), "倍"
        comparator = "multiple"
        words[0] = match[0].strip()
    else:
        sign = -1 if match["low"][0] == "-" else 1
        scale, low = match["scale"] or "", match["low"].lstrip("+-")
        if "亿" in low and scale:  # 六百零三亿五千万元: one number, not a number of 万元
            scale, low = "", low + scale
        value, high = number_value(low), _optional(match["high"])
        value = None if value is None else sign * value
        unit = re.sub(r"\s|^个(?=亿)|[多余](?=亿)", "", scale + (match["unit"] or ""))
        inside = "多" if re.search(r"[多余]", scale) else ""  # 4 万多亿元
        words[1] = (match["more"] or "") + inside + (match["more_late"] or "") + words[1]
    if value is None:
        return None
    told = "".join(word.strip() for word in words)
    counts = not re.sub("[十百千万亿]", "", unit) or _counter(unit) in _COUNTER_SET
    return Quantity(
        start, end, number, value, high, unit, comparator or _comparator(told), told, counts
    )


def _counter(unit: str) -> str:
    """The unit without its scale: 户 of 万户."""
    return unit.lstrip("十百千万亿")


def _optional(written: str | None) -> float | None:
    return None if written is None else number_value(written)


def _comparator(words: str) -> Comparator:
    for pattern, name in _COMPARATOR_PATTERNS:
        if words and pattern.search(words):
            return name
    return "none"


# --- what is no quantity ------------------------------------------------------------------------

_NOT_BEFORE = re.compile(
    r"(?:[A-Za-z]$|(?:第|[_+\\#/〔\[{]|\d\.?|[·•]|[零〇]|初|农历|PM_?\{?|星期|周|×|"
    r"(?<![年目之此日提当以])前))\s?$"
)
_NOT_AFTER = re.compile(
    r"\s?(?:[A-Za-z+_}·]|年|月(?!均)|日(?!均)|号|世纪|季度|级|星|线|型|届|[:：]\d|"
    r"[.、．]\s?[一-龥]{30})"
)
_OF_A_SIZE = re.compile(r"\s?[级型]")
_EVENT = re.compile(
    r"\s?(?:次|届|中)(?:全体)?(?:会议|全会|党代会|代表大会|常委会|常务会|集体学习|普查|产业|革命|"
    r"创业)|次[会全]"
)
_CALLED = re.compile(
    r"(?:便民|生活圈|养老|医疗圈|健身圈|文化圈|通勤|交通圈|经济圈|都市圈|出行圈|开放|营业|值守|在线|品质|服务圈|"
    r"阅读圈|经营|营业|运营|互达|通达|可达|直达|到达|不间断|圈|级|一体|数(?!量|据)|一统|高铁圈|达)"
)
_THRESHOLD = re.compile(
    r"\s?(?:及?以上|及?以下|以内|级)?的?(?:规模|骨干|龙头|民营|外来|招商|重大|重点|工业|产业|大型|优质|亿元|新|在建|制造业|"
    r"先进|储备|农业|战新|科技)*"
    r"(?:先进制造业集群|产业集群|项目|企业|老年人|老人|高龄|行政村|自然村|陡坡|耕地|人群|燃煤|锅炉|学生|孩子|常住人口|及以上|"
    r"园区|集群|产业|楼宇|税收楼|纳税|儿童|婴幼儿|[村县镇乡]|失能|女性|妇女|居民|群众|劳动|人口)"
)
_LARGE = re.compile(r"(?:级|以上)?的?[一-龥]{0,6}(?:项目|企业|集群|园区|产业)")
_POPULOUS = re.compile(r"人口的[县市镇村]|人口的?[县市镇村]")
"""Around a number: 人口 | 20 万以上 | 的县."""
_THRESHOLD_UNIT = re.compile(r"[元岁户度]$|蒸吨$|美元$|周岁$")
_SLOGAN = re.compile(
    r"(?:方面|层面|坚持|确立|维护|结合|毫不动摇|意识|自信|文明|关键|代表|全面|统筹|务必|必须|"
    r"一律|积极性|大局|底线|水平|市场|资源|基本原则|基本国策|环节|阶段|维度|百年|转变|角度|不动摇|"
    r"着力|更加|新(?:的)?(?:阶段|突破)|一百年|走在|翻番|规定|现代化|大山|大?文章|倍增|到位|提升行动|"
    r"面向)"
)
_LASTING = ("连续", "历时", "为期", "过去", "最近", "今后", "未来", "前", "近", "头")
_IDIOM_BEFORE = re.compile(
    r"(?:[小大老统唯万同另如之独单专逐一某每这那哪几数]|不|一心|三|更上|铁人)$"
)


def _is_no_quantity(text: str, match: re.Match[str]) -> bool:
    """A date, an ordinal, a name, a threshold: what only looks like a quantity."""
    begin = match.end("before") if match["before"] else match.start()
    before, end = text[max(0, begin - 4) : begin], match.end()
    if match["low"] is None:
        return match["bare"] is not None and (
            bool(_NOT_AFTER.match(text, end)) or bool(_THRESHOLD.match(text, end))
        )
    if _NOT_BEFORE.search(before) and not match["before"]:
        return True
    unit, low = match["unit"] or "", match["low"]
    if before.endswith("每") and unit not in _COUNTER_SET:  # 收购价每 50 公斤提高 7 元
        return True
    han = not low.lstrip("+-")[0].isdigit()
    if not unit and not match["scale"]:
        return han or bool(_NOT_AFTER.match(text, end)) or bool(match["after"])
    if han and _no_count(text, match, before, low, unit):
        return True
    if unit and unit not in _COUNTER_SET:
        called = _OF_A_SIZE.match(text, end) is not None
    else:
        called = not unit and _NOT_AFTER.match(text, end) is not None
    if called:
        return True
    if _is_aside(text, before, end, unit):
        return True
    at = match.end("unit") if unit else end
    if not unit and "亿" in (match["scale"] or "") and _LARGE.match(text, end):
        return True  # 过 10 亿 | 项目
    if not _THRESHOLD_UNIT.search(unit):
        return bool(_POPULOUS.search(text[max(0, begin - 2) : begin] + text[end : end + 2]))
    if unit.endswith("户") and not match["after"]:
        return False
    return bool(_THRESHOLD.match(text, at))


def _is_aside(text: str, before: str, end: int, unit: str) -> bool:
    """Whether what follows a unit or precedes its number makes it a rank, a time, a size."""
    if unit == "位" and re.search(r"(?:强[市县区]?|排名|[居列])$", before):
        return True
    if unit == "天" and text.startswith("时间", end):
        return True
    if unit == "条" and before.endswith("新"):  # 民间投资新36条
        return True
    if unit in ("个月", "天") and before.endswith(_LASTING):
        return True
    if unit in ("分钟", "小时", "米", "公里", "位") and _CALLED.match(text, end):
        return True
    if unit == "千伏" and re.match(r"[一-龥]", text[end : end + 1]):  # 500 千伏变电站
        return True
    return unit == "位" and text.startswith(("至第", "到第"), end)  # 提升 5 位至第 24 位


def _no_count(text: str, match: re.Match[str], before: str, low: str, unit: str) -> bool:
    """A Chinese numeral that counts nothing: 一个, 二期, 三个方面, 十六届四次会议."""
    end = match.end()
    if low == "一" and not match["scale"] and unit not in ("倍", "个百分点"):
        return True
    if low == "二" and unit == "次":  # 二次供水: who counts says 两次
        return True
    if low == "八" and unit == "所" and text.startswith(("港", "高"), end):  # a place
        return True
    if _EVENT.match(text, match.end("low")) or unit in (
        "期",
        "枝",
        "把",
        "集",
        "桩",
        "石",
        "部",
        "门",
        "类",
        "分",
        "步",
        "里",
        "队",
        "层",
        "面",
    ):
        return True
    if _IDIOM_BEFORE.search(before) or (unit == "次" and before.endswith("届")):
        return True
    return bool(_SLOGAN.match(text, end))
