"""A question and the best sentences → why it is none that reports answer, or None where it may be.

People also ask a box for what no report of a government tells: how one gets a permit, a telephone
number, today's weather, the price of a ticket, another country's figures, a poem. By its words such
a question is near many sentences; what it asks for must itself stand in one of them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from reportqa.evidence import plain_words
from reportqa.fitting import NAMED, likeness, words
from reportqa.records import Evidence, Hit, Understanding

__all__ = ["find_beside"]

HALF = 0.5  # share of the object's words that must stand with the deed

_DEED = (
    r"办理|申请|申领|补办|补领|领取|报名|预约|挂号|缴费|缴纳|投诉|举报|注册|登记|注销|激活|续签|换证|报销|"
    r"提取|落户|迁户口|上户口|购买|买到|租到|退票|退税|查询|联系|修(?=[？?]|$)|玩(?=[？?]|$)"
)
_ASKING = (
    r"怎么样?|怎样|如何|咋|哪里|哪儿|哪个(?:部门|窗口|单位)|什么(?:地方|材料|手续|证件|流程)|"
    r"哪些(?:材料|手续|证件)|流程|步骤|多久"
)
_SERVICE = re.compile(
    rf"(?:{_ASKING})[^，。；]{{0,6}}?(?P<before>{_DEED})|(?P<after>{_DEED})[^，。；]{{0,12}}?(?:{_ASKING})"
)
_ENGLISH_SERVICE = re.compile(
    r"\b(?:how|where|when) (?:do|can|could|should|would|to) ?(?:i|we|you|one)?\b.{0,24}?"
    r"\b(?:apply|register|get|obtain|renew|book|buy|pay|claim|report|contact|find|rent)\b",
    re.I,
)
_DETAIL = re.compile(
    r"电话|手机号|邮编|邮政编码|邮箱|网址|官网|公众号|微信号|营业时间|上班时间|办公时间|开放时间|"
    r"几点[开关上下]|几点钟|门票|票价|车票|机票|挂号费|天气|下雨|下雪|气温|汇率|股票|股价|彩票|限行|密码|"
    r"\b(?:phone number|telephone|postcode|zip code|opening hours|exchange rate|weather|"
    r"ticket price|stock price)\b",
    re.I,
)
_TODAY = re.compile(r"今天|明天|后天|昨天|今晚|\b(?:today|tomorrow|tonight|yesterday)\b", re.I)
_TASK = re.compile(
    r"^(?:请|麻烦|能不能|可以)?(?:你|您)?(?:帮我|给我|替我|为我|帮忙)?(?:再)?"
    r"(?:写|起草|翻译|画|作|编|讲|唱|背诵|生成|推荐)(?:一下|[一几]?[个首份篇段封张点则]|下面|这|我)|"
    r"^(?:please )?(?:write|translate|draw|compose|recommend)\b",
    re.I,
)
_MONEY = r"(?:多少钱|几块钱?|几元)"
_PRICE = re.compile(
    r"(?:[票房油菜肉药电水气]价|价格|房租|租金)(?:是|为|要|有|现在|大概|大约|到底)*(?:多少|几|多高|什么)(?!个?百分)|"
    rf"什么价|怎么卖|(?:卖(?![了出])|租(?!金|赁)|票|住一[晚夜天])[^，]{{0,8}}?{_MONEY}|[涨降]到{_MONEY}|"
    rf"{_MONEY}(?:一|每)|[一每](?:斤|公斤|平米?|平方米?|张|个月|晚|次|套|股|盒|瓶|年)[要交收卖]?{_MONEY}"
)
_SINGLE_PRICE = re.compile(r"元(?:[／/每].+)?|块|角|分")
_COUNTRIES = (
    "美国|英国|法国|德国|俄罗斯|日本|韩国|朝鲜|印度尼西亚|印尼|印度|越南|泰国|马来西亚|新加坡|菲律宾|缅甸|"
    "老挝|柬埔寨|巴基斯坦|哈萨克斯坦|蒙古国|澳大利亚|新西兰|加拿大|墨西哥|巴西|阿根廷|埃及|南非|尼日利亚|"
    "沙特|伊朗|土耳其|乌克兰|波兰|意大利|西班牙|葡萄牙|荷兰|瑞士|瑞典|欧盟"
)
_ENGLISH_COUNTRIES = (
    "United States|America|Britain|United Kingdom|France|Germany|Russia|Japan|Korea|India|"
    "Indonesia|Vietnam|Thailand|Malaysia|Singapore|Philippines|Myanmar|Pakistan|Kazakhstan|Australia|Canada|"
    "Mexico|Brazil|Argentina|Egypt|South Africa|Nigeria|Iran|Turkey|Ukraine|Poland|Italy|Spain"
)
# A country as the subject: at the beginning or before a year, 的, or what is measured of it.
_COUNTRY = re.compile(
    rf"(?:^|[，,和与、比])({_COUNTRIES})(?=的|\d{{4}}年|[今去前明]年|GDP|经济|人口|失业|[？?])|"
    rf"\b({_ENGLISH_COUNTRIES})(?:'s\b|\W*$| in \d{{4}})"
)
_QUOTED = re.compile(r"[“「『\"][^”」』\"]*[”」』\"]")


def find_beside(
    question: str, understood: Understanding, read: Sequence[tuple[Hit, Evidence]]
) -> str | None:
    """Why the question is beside what the reports tell. `read` are its best sentences."""
    asked = _QUOTED.sub("　", question)
    said = [hit.passage.quote(evidence.span) for hit, evidence in read]
    if _TASK.search(asked):
        return "这不是报告能回答的问题"
    if _ENGLISH_SERVICE.search(asked):
        return "报告没有说怎样办理这件事"
    if (service := _SERVICE.search(asked)) and not _does(understood, service, said):
        return f"报告没有说怎样{service['before'] or service['after']}"
    for pattern, reason in ((_DETAIL, "报告没有提到“{}”"), (_TODAY, "报告不说“{}”的情况")):
        if (found := pattern.search(asked)) and not any(found[0] in one for one in said):
            return reason.format(found[0])
    if country := _COUNTRY.search(asked):
        name = country[1] or country[2]
        if not any(name in one for one in said):
            return f"报告没有提到“{name}”"
    if _PRICE.search(asked) and not _is_priced(understood, read):
        return "报告没有给出所问的价格"
    return None


def _does(understood: Understanding, service: re.Match[str], said: Sequence[str]) -> bool:
    """Whether a sentence tells of the deed with what it is done to."""
    deed = service["before"] or service["after"]
    object_words = words(*(part.replace(deed, "　") for part in understood.topic))
    return any(
        deed in one
        and (
            not object_words
            or len(object_words & set(plain_words(one))) >= HALF * len(object_words)
        )
        for one in said
    )


def _is_priced(understood: Understanding, read: Sequence[tuple[Hit, Evidence]]) -> bool:
    """Whether a figure in single yuan is of what is asked for."""
    figures = [figure for _, evidence in read for figure in evidence.figures]
    return any(
        _SINGLE_PRICE.fullmatch(figure.unit) and likeness(figure, understood) >= NAMED
        for figure in figures
    )
