"""A number with a unit → whether it only looks like a quantity: a date, a name, a slogan."""

from __future__ import annotations

import re

from reportqa.figures.units import COUNTERS

__all__ = ["is_no_quantity"]

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
    r"阅读圈|经营|营业|运营|互达|通达|可达|直达|到达|不间断|圈|级|一体|数(?!量|据)|一统|高铁圈|达|过境|免签)"
)
_THRESHOLD = re.compile(
    r"\s?(?:及?以上|及?以下|以内|级)?的?(?:规模|骨干|龙头|民营|外来|招商|重大|重点|工业|产业|大型|优质|亿元|新|在建|制造业|"
    r"先进|储备|农业|战新|科技)*"
    r"(?:先进制造业集群|产业集群|项目|企业|老年人|老人|高龄|行政村|自然村|陡坡|耕地|人群|燃煤|锅炉|学生|孩子|常住人口|部分|接电|用电|及以上|"
    r"园区|集群|产业|楼宇|税收楼|纳税|儿童|婴幼儿|[村镇]|县(?!城)|乡(?!村振)|失能|女性|妇女|居民|群众|劳动|人口)"
)
_LARGE = re.compile(r"(?:级|以上)?的?[一-龥]{0,6}(?:项目|企业|集群|园区|产业)")
_POPULOUS = re.compile(r"人口的[县市镇村]|人口的?[县市镇村]")
"""Around a number: 人口 | 20 万以上 | 的县."""
_THRESHOLD_UNIT = re.compile(r"[元岁户度]$|千伏安$|蒸吨$|美元$|周岁$")
_SLOGAN = re.compile(
    r"(?:方面|层面|坚持|确立|维护|结合|毫不动摇|意识|自信|文明|关键|代表|全面|统筹|务必|必须|"
    r"一律|积极性|大局|底线|水平|市场|资源|基本原则|基本国策|环节|阶段|维度|百年|转变|角度|不动摇|"
    r"着力|更加|新(?:的)?(?:阶段|突破)|一百年|走在|翻番|规定|现代化|大山|大?文章|倍增|到位|提升行动|"
    r"面向|经济结构|历史性课题|政治标准|纲要|正义要求|公报|联合公报|体制并存|孩子|腿|一批|目标(?=加以|[，。])|主张|原则|方针|准则|战略|大事(?!实事)|硬仗|改革(?![^，。；]{0,6}(?:试点|案例|事项|成果|举措|任务))|"
    r"行动(?!计划)|最严|补贴|不同|基本(?:准则|原则)|(?:工作|措施|举措|任务|问题|关系|部分)(?:[：:]|。一是))"
)
"""What is counted by a name and not by a number: 八项主张, 六场硬仗."""
_ANNOUNCED = re.compile(r"(?:(?:以|如)下|下[列述面]|上述)的?$")
"""以下 | 三项工作: what is enumerated next."""
_LASTING = ("连续", "历时", "为期", "过去", "最近", "今后", "未来", "前", "近", "头")
_IDIOM_BEFORE = re.compile(
    r"(?:[小大老统唯万同另如之独单专逐一某每这那哪几数]|不|一心|三|更上|铁人)$"
)


def is_no_quantity(text: str, match: re.Match[str]) -> bool:
    """A date, an ordinal, a name, a threshold: what only looks like a quantity."""
    begin = match.end("before") if match["before"] else match.start()
    before, end = text[max(0, begin - 4) : begin], match.end()
    if match["low"] is None:
        return _no_measure(text, match, end)
    if _NOT_BEFORE.search(before) and not match["before"]:
        return True
    unit, low = match["unit"] or "", match["low"]
    if before.endswith("每") and unit not in COUNTERS:  # 收购价每 50 公斤提高 7 元
        return True
    han = not low.lstrip("+-")[0].isdigit()
    if not unit and not match["scale"]:
        return han or bool(_NOT_AFTER.match(text, end)) or bool(match["after"])
    if han and _no_count(text, match, before, low, unit):
        return True
    if unit and unit not in COUNTERS:
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
        return bool(
            _POPULOUS.search(text[max(0, match.start() - 2) : match.start()] + text[end : end + 2])
        )
    if unit.endswith("户") and not match["after"]:
        return False
    return bool(_THRESHOLD.match(text, at))


def _no_measure(text: str, match: re.Match[str], end: int) -> bool:
    """A fraction of time (四分之一 | 世纪), a bare scale that names a size (超百亿 | 项目)."""
    if match["bare"] is None:
        return match["whole"] is not None and text.startswith("世纪", end)
    return bool(_NOT_AFTER.match(text, end)) or bool(_THRESHOLD.match(text, end))


def _is_aside(text: str, before: str, end: int, unit: str) -> bool:
    """Whether what follows a unit or precedes its number makes it a rank, a time, a size."""
    if unit == "位" and re.search(r"(?:强[市县区]?|排名|[居列])$", before):
        return True
    if unit == "天" and text.startswith("时间", end):
        return True
    if unit == "个" and text.startswith(
        ("月", "季度", "方面", "字上", "五年计划"), end
    ):  # 五个多月, 8 个方面
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
    if unit in ("批", "批次") and text[end : end + 1].isdigit():  # 两批 21 件
        return True
    if low == "二" and unit == "元" and not match["scale"]:  # 二元结构
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
    if (
        _ANNOUNCED.search(before)
        or _IDIOM_BEFORE.search(before)
        or (unit == "次" and before.endswith("届"))
    ):
        return True
    return bool(_SLOGAN.match(text, end))
