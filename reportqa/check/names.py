"""A claim's names → the first that what it cites does not write.

Names are found by their marks, without a dictionary or a model: quotation marks, Latin letters,
places of the tables, what ends as organisations, places and titles end, a list whose other items
stand in the quote, and what follows a verb that takes a name. A name is supported where its
characters, pair by pair, stand in the quote, its title or its headings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from reportqa.check.ground import Ground
from reportqa.check.reading import bigrams
from reportqa.places import CITIES, PREFECTURES, PROVINCES

__all__ = ["SURNAMES", "unsupported_name"]

_QUOTED = re.compile(r"[“「『《〈\"]([^”」』》〉\"]{1,40})[”」』》〉\"]")
_LATIN = re.compile(r"[A-Za-z][A-Za-z0-9.+-]*[A-Za-z0-9]|[A-Za-z0-9]+[A-Za-z]")
_words = str.split
_ENDINGS = _words("""
公司 集团 银行 证券 医院 大学 学院 中学 小学 幼儿园 研究院 研究所 实验室 协会 商会 学会 委员会 公园
广场 大厦 大桥 大道 立交 机场 火车站 步行街 商圈 开发区 新区 产业园 街道 水库 酒店 博物馆 图书馆
体育馆 文化馆 科技馆 纪念馆 书城 车站 电站 电厂 钢厂 博览会 控股
""")
_ENDING = re.compile("|".join(sorted(_ENDINGS, key=len, reverse=True)))
_PLACE = re.compile(r"[\u3400-\u9fff]{2}(?:[省市县区镇乡州旗村]|自治州|自治区)")
# What ends so and is no name: 全区, 城区, 超市.
_NO_PLACE = re.compile(
    r"(?:[全本该各我此城地片园社小辖老新街校景矿库禁特郊灾个两多主成院厂战疫营北东西南港湾湖农]|商务|核心"
    r"|示范|开发|试验|先行|聚集|集聚|功能|保护|经济|自贸|度假|服务|中心城|直辖|工业|住宅|生活|风景|风貌"
    r"|历史|居民|老旧|亮点|合作|试点|改造)区$|[全本该各我城都超上股门县两多夜集早入楼]市$"
    r"|[全本该各我两多强困]县$|[全本该各我两多外节邻]省$|[城乡集全各]镇$|[城下家各返回]乡$"
    r"|[农乡新各全多个进驻入中范]村$|[九各]州$|[红各国]旗$"
)
_TITLE = (
    "教授|院长|院士|区长|市长|县长|省长|书记|主任|局长|部长|总理|主席|校长|会长|先生|女士|同志"
    "|董事长|总经理"
)
SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁"
    "魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎"
    "易常武乔贺赖龚文欧阳司马诸葛严华聂齐温柳安肖韦闫陶覃"
)
"""Characters that a person's name begins with."""
_PERSON = re.compile(
    rf"([{SURNAMES}][\u3400-\u9fff]{{1,2}})(?:{_TITLE})"
    rf"|(?:{_TITLE})(?:由|为|是|:)?([{SURNAMES}][\u3400-\u9fff]{{1,2}})"
    r"(?=[，,。;；、]|担任|主持|出席|$)"
)
_TAKES_NAME = re.compile(
    r"引进|引入|入驻|携手|联合|牵手|落户于?|位于|来自|选址于?|名为|称为|叫做?|授予|获得|收购|投资方为"
)
_DOES = "共建|共同|合作|联合|签约|签订|承建|负责|牵头|主办|承办|投资|出资"
# 由 and 与 take a name where one of these follows it.
_WITH_NAME = re.compile(rf"[由与]([\u3400-\u9fff]{{2,8}}?)等?(?:{_DOES})")
_AFTER_NAME = re.compile(rf"等|{_DOES}|建设|担任|主持|举办|入驻|落户|[、，,。;；]|$")
_HAN_RUN = re.compile(r"[\u3400-\u9fff]+")
_ITEM_END = re.compile(r"等|[的是了\d]|[一二两三四五六七八九十][家个名所位座]|共|获|入选|合计")
_LIST_ITEM = re.compile(r"、|以及|和")
# Words of a telling voice that need not stand in the quote.
_TELLING = frozenset(
    _words("""
    主要 全部 共同 进一步 相关 有关 各类 多家 多个 若干 一批 其他 当地 本地 政府 企业 机构 单位
    项目 情况 方面 领域 工作 部门 国家 市级 省级 区级 县级 国内 国际 社会 群众 居民 人民 百姓 市民
    全国 全省 全市 全区 全县 以上 以下 之间 同时 并且 此外 另外 因此 所以 但是 不过 其中 包括 例如
    比如 如下 分别 合计 一共 共计 总共 水平 规模 数量 总额 总量 结果 成效 问题 原因 目标 计划 措施
    任务 重点 举措 方式 渠道 力度 速度 质量 效率 优势 特色 亮点 上述 这些 那些 这一 该项 该区
    """)
)
# Where a name cannot reach over: small words, and verbs that stand before names.
_EDGE = re.compile(
    r"包括|例如|比如|其中|另有|还有|以及|引进|引入|组建|成立|入驻|携手|[一二两三四五六七八九十]"
    r"|[该各本家所个座条的等大和与及、新多些类项批级处有建为由在到从对向是把将了设开改扩造立办驻投于给被让如]"
)
LONGEST_LEAD = 4  # characters before 大学 and the like that belong to the name
LONGEST_ITEM = 8  # characters of an item that is a name and not a clause


def unsupported_name(claim: str, ground: Ground, near: Sequence[str]) -> str | None:
    """The first name in a cleaned claim that its ground does not write; `near` are the sentences
    its figures and words stand in, which alone, with the reports' own places, support a place."""
    for name in _names(claim, ground, near):
        return name
    return None


def _names(claim: str, ground: Ground, near: Sequence[str]) -> Iterator[str]:
    said = ground.said + "|" + ground.question
    lower = said.casefold()
    for match in _QUOTED.finditer(claim):
        if match[1] not in said:
            yield match[1]
    for match in _LATIN.finditer(claim):
        if match[0].casefold() not in lower:
            yield match[0]
    yield from _places(claim, ground, near)
    yield from _people(claim, said)
    pairs = ground.pairs
    yield from _endings(claim, said, pairs)
    yield from _list_items(claim, said, pairs)
    yield from _after_verbs(claim, pairs)


@cache
def _known_places() -> re.Pattern[str]:
    full = [*PROVINCES.values(), *PREFECTURES.values(), *PREFECTURES]
    names = {*PROVINCES, *full, *CITIES}
    return re.compile("|".join(sorted(map(re.escape, names), key=len, reverse=True)))


def _places(claim: str, ground: Ground, near: Sequence[str]) -> Iterator[str]:
    here = "|".join([*near, *ground.titles])
    for match in _known_places().finditer(claim):
        if match[0] not in here:
            yield match[0]
    for match in _PLACE.finditer(claim):
        name = match[0]
        if not _NO_PLACE.search(name) and not _is_written(name, here):
            yield name


def _is_written(name: str, text: str) -> bool:
    return name in text or (name[1:] in text and name[:1] in "的在为是了从由对与和及于使让给到向")


def _people(claim: str, said: str) -> Iterator[str]:
    for match in _PERSON.finditer(claim):
        name = match[1] or match[2]
        if name not in said and name[:2] not in said:
            yield name


def _endings(claim: str, said: str, pairs: set[str]) -> Iterator[str]:
    """公司, 大学 and the like: the four characters that lead up to one must be written together."""
    for match in _ENDING.finditer(claim):
        runs = _HAN_RUN.findall(claim[max(0, match.start() - LONGEST_LEAD) : match.start()])
        if not runs or not claim[: match.start()].endswith(runs[-1]):
            continue
        lead = _EDGE.split(runs[-1])[-1]
        if len(lead) < 2 or lead in _TELLING or lead in said:  # 口袋、街心公园 has a 口袋公园
            continue
        if not bigrams(lead + match[0]) <= pairs:
            yield lead + match[0]


def _list_items(claim: str, said: str, pairs: set[str]) -> Iterator[str]:
    """Where one item of a list stands in a list of the quote, an item whose first two characters
    the quote does not write is made up."""
    for clause in re.split(r"[，,；;。:：]", claim):
        items = _LIST_ITEM.split(clause)
        heads = [_ITEM_END.split(item)[0] for item in items]
        runs = [(_HAN_RUN.findall(head) or [""])[-1] for head in heads]
        listed = [
            run for run in runs if len(run) > 1 and (f"{run}、" in said or f"、{run}" in said)
        ]
        for run in runs[1:] if listed else ():  # the first has words of the claim ahead of it
            made_up = 2 < len(run) <= LONGEST_ITEM and run not in said and run[:2] not in pairs
            if made_up or _is_foreign(run, pairs):
                yield run


def _after_verbs(claim: str, pairs: set[str]) -> Iterator[str]:
    for match in _WITH_NAME.finditer(claim):
        if _is_foreign(match[1], pairs):
            yield match[1]
    for match in _TAKES_NAME.finditer(claim):
        run = _HAN_RUN.match(claim, match.end())
        if not run:
            continue
        words = run[0]
        end = next((m.start() for m in _AFTER_NAME.finditer(words) if m.start()), len(words))
        if _is_foreign(words[:end], pairs):
            yield words[:end]


def _is_foreign(name: str, pairs: set[str]) -> bool:
    """Whether something may be a name and has nothing of what is written."""
    if not 2 <= len(name) <= LONGEST_ITEM or re.search("[的是了]", name):
        return False
    return name not in _TELLING and not bigrams(name) & pairs
