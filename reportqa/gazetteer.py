"""Which places a question names: the regions of reports at hand, and those no report is of.

In: a question in simplified characters or English. Out: `NamedPlaces`. The one idea: every name
is looked up at every position, the longest first; what stands before and after it tells a place
from a word (公安, 长寿), from part of a name (武汉大学) and from the wider place that only says
where the narrower lies (湖北十堰).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from itertools import pairwise

from reportqa.places import (
    ABBREVIATIONS,
    CITIES,
    COUNTY_PROVINCES,
    NATION,
    PREFECTURES,
    PROVINCES,
    place_names,
    places_around,
    province_of,
    short_name,
)

__all__ = ["Gazetteer", "NamedPlaces"]

_NATIONAL_NAMES = (NATION, "我国", "中国", "国务院", "中央财政")
# 国家 as who acts or what grows, where no place is named; in 国家级, 国家公园 it is no place.
_COUNTRY_ACTS = re.compile(
    r"(?:国家|中央|总理)(?:是|又|都|当时|那时)?(?:怎么|如何|[说讲看想花拿]|要求|打算|准备(?!金)|提出|承认|"
    r"决定|规定|允许|鼓励|预计|力争|安排|计划(?!单列|生育)|要(?![求素闻点职])|[对给让把])"
    r"|国家(?:层面|的?(?:GDP|国内生产总值|经济(?:增长|增速|总量)|财政(?:收入|赤字)|赤字率))",
    re.IGNORECASE,
)

# Left out before names are looked up: praise (全国第一), and words that are written like places.
_NO_PLACES = re.compile(
    r"全国(?=第|首|前|最|唯一|百强|示范|文明|先进|优秀|重点|知名|十|领先|道德模范|劳动模范)|"
    r"朝阳(?=产业|行业|企业|服务业)|和平(?=时期|年代|发展|共处|统一|与发展)|西湖龙井|东方明珠|"
    r"长治久安|三明治|大理石|中山装|中山[大路陵]|阿里(?=云|巴巴)|公安(?=机关|部|厅|局)|平安建设"
)

# Everyday words that are also the short name of a county: they name it with its unit only, or
# where it is plainly spoken of.
_WORDS_TABLE = """
平安 和平 朝阳 公安 合作 富裕 互助 同心 友好 前进 新建 长寿 共和 通道 大方 开化
永安 长安 太平 解放 红旗 新华 东方 南山 西湖 中山 向阳 新乐 大通 民和 兴安 集安
安康 白银 保安 正定 建设 大同 开平 平和 清河 江口 河口 湖口 港口 高台 开江 通海
宁静 江山 海港 城关 城东 城西 城南 城北 南开 中原 中方 桥东 桥西 振兴 文化 铁东
铁西 工农 团结 新城 文明 大兴 光明 宝山 金山 东山 西山 青山 天山 昆山 高新 兴国
安全 宜居 安乡 沿河 沿滩 治多 平原 内黄 原平 康平 隆化 海上 立山 千山 龙门 会同
会理 会泽 高明 经开 普通 通城 通山 高要 大关 大理 文山 山南 山阳 南县 南城 北安
永和 永平 中国
"""
_WORDS = frozenset(_WORDS_TABLE.split())

# In 江汉区域 and 武汉市场 the unit belongs to the next word.
_NO_UNIT = re.compile(r"区[域划别块间]|市[场值盈]|县级|旗[帜舰]")
# 沿海城市, 新增城区, 南部山区: names that such words end in count at the beginning of a word alone.
_LIKE_WORDS = re.compile(r"(?:城[市区]|山区|湖区|林区|乡市)$|^.[县市]$")
_BEGINS = re.compile(
    r"(?:^|[^\u3400-\u9fff]|[年月日的在和与跟及对从到比问末底初于里间期内后，为请让])$"
)
_ORGANISATION = re.compile(
    r"大学|学院|医院|中学|小学|证券|交易所|银行|日报|晚报|卫视|电视台|航空|海关|机场|出版社|"
    r"时间|合作组织|亚运会|冬?奥运?会|世博会|大运会|平原|盆地|高原"
)

# What follows a place that is asked about; in 上海证券交易所 the place is part of a name.
_YEAR = r"(?:\d{2,4}年|[一二][〇零九]..年|[今去明前]年|[“\"]?十[一二三四五]五|近.年|过去.年|上半年)"
_SUBJECT = re.compile(rf"省|市|自治区|的|{_YEAR}|和|与|、|比|[？?]?$")
_FIGURES = (
    r"GDP|地区生产|生产总值|国内生产|固定资产|财政|一般公共|粮食|社会消费|社零|外贸|进出口|规模以上|"
    r"规上|常住人口|人均|城镇|农村|居民|新增|新建|完成|实现|经济"
)
_SPOKEN_OF = re.compile(
    rf"{_SUBJECT.pattern}|{_FIGURES}|有|哪|谁|要|把|对|在|全[省市州区县]|人(?!民)|打算|计划|实际|为什么|"
    r"怎么|如何|是|将|最|首|第一|工业|农业|服务业|旅游|空气|蓝天|城市|市场主体|一[共年]",
    re.IGNORECASE,
)
_MEASURED = re.compile(r"产量|总产|面积|总量|增速|储量")  # 新疆棉花产量 is a figure of 新疆
_PLAINLY = re.compile(rf"的?(?:{_YEAR}|{_FIGURES})|(?:和|与|、|比|跟)", re.IGNORECASE)
_OPENING = re.compile(
    r"^(?:请问|在|按|据|根据|那么?|目前|关于|和|与|、|比)*[\s“”\"（]*"
    rf"(?:{_YEAR}[底末初”\"]*(?:期间|时期|以来)?)*[，,、\s]*在?$"
)
_BESIDE = re.compile(r"[和与跟同、比]$")
_COMPARED = re.compile(r"谁|哪|相比|的GDP|[？?]?$|\d{4}年")
_STREET = re.compile(r"[中东西南北]?(?:路(?![网灯面桥段政口])|街(?![道区面])|大道|大桥|广场)")
_LINE = re.compile(r"[省市区县州]?(?:到|至|往|飞|直飞|—|－|-|～)")
# 与武昌区交界, 对口支援…: the other place is not what is asked about.
_PARTNER = re.compile(r"交界|接壤|毗邻|协作|合作|共建|签|支援|帮扶|援助|结对")

# English names that are not the pinyin of the Chinese ones.
_ENGLISH = {
    "全国": "china",
    "西藏": "tibet",
    "内蒙古": "inner mongolia",
    "陕西": "shaanxi",
    "哈尔滨": "harbin",
    "乌鲁木齐": "urumqi",
    "拉萨": "lhasa",
    "呼和浩特": "hohhot",
    "香港": "hong kong",
    "澳门": "macau",
    "重庆": "chongqing",
    "厦门": "xiamen",
    "六安": "luan",
    "蚌埠": "bengbu",
    "长子": "zhangzi",
}
_FIRST_SYLLABLES = {"长": "chang", "朝": "chao"}  # in names of places, but for 长子
_WORD = re.compile(r"[A-Za-z]+")
_ENGLISH_UNIT = re.compile(
    r" (District|County|City|Province|Prefecture|Banner|Municipality)\b", re.IGNORECASE
)
_ENGLISH_ORGANISATION = re.compile(r" (?:University|College|Hospital|Stock|Bank|Airlines?)\b")
_ENGLISH_OF = re.compile(r"\b(?:of|in|for) $", re.IGNORECASE)
_UNITS = {
    "district": "区",
    "county": "县",
    "city": "市",
    "province": "省",
    "prefecture": "州",
    "banner": "旗",
    "municipality": "市",
}
_HAN = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class NamedPlaces:
    """`spans` are where places stand in the question, whether reports are of them or not."""

    regions: frozenset[str]
    missing: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class _Mention:
    start: int
    end: int
    name: str


@cache
def _listed() -> dict[str, int]:
    """Every listed name → 1 for a province, 2 for a prefecture, 3 for a county, 4 for the short
    name of a county."""
    names: dict[str, int] = {}
    for county in COUNTY_PROVINCES:
        short = short_name(county)
        names.setdefault(county, 3)
        if len(short) > 1 and short != county:
            names.setdefault(short, 4)
            if "自治" in county:
                names.setdefault(short + county[-1], 3)
    for short, full in PREFECTURES.items():
        names[short + ("州" if full.endswith("州") else "盟")] = 2
    for city in (*PREFECTURES, *PREFECTURES.values(), *CITIES, *(f"{c}市" for c in CITIES)):
        names[city] = 2
    for name, full in PROVINCES.items():
        names[name] = names[full] = 1
    return names | dict.fromkeys(ABBREVIATIONS, 1)


@cache
def _by_first_syllable() -> dict[str, list[str]]:
    """Listed names with their unit, by each reading of their first character."""
    found: dict[str, list[str]] = {}
    for name, level in _listed().items():
        short = short_name(name)
        if level == 4 or short == name or "自治" in name[2:]:
            continue
        special = _ENGLISH.get(short, "")[:2]
        for syllable in {*_readings(name[0]), *([special] if special else [])}:
            found.setdefault(syllable, []).append(name)
    return found


@cache
def _readings(character: str) -> frozenset[str]:
    from pypinyin import Style, pinyin

    return frozenset(pinyin(character, style=Style.NORMAL, heteronym=True)[0])


@lru_cache(maxsize=4096)
def _named_in_english(word: str, unit: str) -> tuple[str, ...]:
    """The listed places of a name: ("qiaokou", "区") → 硚口区, ("sichuan", "") → 四川省. Without a
    unit, the province of that name, else prefectures."""
    starts = _by_first_syllable()
    candidates = {name for end in range(1, 7) for name in starts.get(word[:end], ())}
    found = sorted(
        name
        for name in candidates
        if (name[-1] == unit if unit else _listed()[name] < 3)
        and (short := short_name(name))
        and (short in _ENGLISH or word.endswith(tuple(_readings(short[-1]))))
        and _english(short) == word
    )
    provinces = [name for name in found if _listed()[name] == 1]
    return tuple(provinces or found)


def _english(short: str) -> str:
    if short in _ENGLISH:
        return _ENGLISH[short]
    from pypinyin import lazy_pinyin  # the tables take longer to load than all of this

    first = _FIRST_SYLLABLES.get(short[0])
    return "".join([first, *lazy_pinyin(short[1:])] if first else lazy_pinyin(short))


class Gazetteer:
    """Looks up the places of questions among the regions of reports. Safe to share."""

    def __init__(self, regions: Iterable[str]) -> None:
        """Learn how the regions are called and what they lie in."""
        self._own: dict[str, set[str]] = {}  # name → the regions called so
        self._inside: dict[str, set[str]] = {}  # name → the regions that lie there
        self._regions = frozenset(regions)
        for region in self._regions:
            own = _names_of(region) | set(_NATIONAL_NAMES if region == NATION else ())
            for names, known in ((own, self._own), (places_around(region), self._inside)):
                short_too = [one for one, name in ABBREVIATIONS.items() if name in names]
                for name in (*names, *short_too):
                    known.setdefault(name, set()).add(region)
        self._level = {**dict.fromkeys([*self._own, *self._inside], 3), **_listed()}
        self._level |= {name: min(3, self._level[name]) for name in self._own}
        self._level |= dict.fromkeys(_NATIONAL_NAMES, 0)
        self._lengths: dict[str, list[int]] = {}
        for first, length in sorted({(name[0], len(name)) for name in self._level}, reverse=True):
            self._lengths.setdefault(first, []).append(length)

    @cached_property
    def _english(self) -> dict[str, set[str]]:
        """English name → the regions called so; made by the first English question."""
        found: dict[str, set[str]] = {}
        for region in self._regions:
            short = min(place_names(region), key=len, default=region)
            short = short_name(short) if short == region else short
            found.setdefault(_english(short), set()).add(region)
        return found

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the regions."""
        return tuple(sorted(self._own))

    def read(self, text: str) -> NamedPlaces:
        """The places of a question. Where a place is named, the whole country only says how it
        stands there."""
        if not _HAN.search(text):
            return self._read_english(text)
        text = _NO_PLACES.sub(lambda match: "　" * len(match[0]), text)
        mentions = list(self._find(text))
        chains = list(self._chains(text, mentions))
        named = set().union(*(self._consistent(chain) for chain in chains))
        regions, missing = set(named), []
        ends = _ends_of_lines(text, mentions)
        for chain in chains:
            last = chain[-1]
            if last in ends and last.name not in self._own:
                continue
            inside = self._inside.get(last.name, set())
            if last.name in self._own:
                if not self._consistent(chain):
                    missing.append(text[chain[0].start : last.end])
            elif inside:
                regions |= inside
                if _SUBJECT.match(text, last.end) and not named & inside:
                    missing.append(last.name)
            elif self._asked_about(text, last, alone=not named):
                missing.append(last.name)
        if NATION in self._own and not chains and _COUNTRY_ACTS.search(text):
            regions.add(NATION)
        spans = tuple((one.start, one.end) for one in mentions)
        return NamedPlaces(_local(regions), tuple(dict.fromkeys(missing)), spans)

    def _find(self, text: str) -> Iterator[_Mention]:
        """The names in a text, from left to right, the longest at each place."""
        at, last_end = 0, -1
        while at < len(text):
            for length in self._lengths.get(text[at], ()):
                end = at + length
                name = text[at:end]
                if name in self._level and self._is_place(text, at, name, at == last_end):
                    yield _Mention(at, end, name)
                    at = last_end = end
                    break
            else:
                at += 1

    def _is_place(self, text: str, start: int, name: str, after_place: bool) -> bool:
        end, before, own = start + len(name), text[:start], name in self._own
        if _NO_UNIT.match(text, end - 1):
            return False
        if _LIKE_WORDS.search(name) and not (after_place or _BEGINS.search(before)):
            return False
        short = short_name(name) == name
        if short and _ORGANISATION.match(text, end):
            return False
        if (not own or self._level[name] < 3) and short and _STREET.match(text, end):
            return False  # 重庆路 is a street of any city, 江汉路 most likely one of 江汉
        if len(name) == 1 or (name in _NATIONAL_NAMES and not own):
            return _spoken_of_plainly(text, start, end, after_place)
        if short and name in _WORDS:
            return own and _spoken_of_plainly(text, start, end, after_place)
        if self._level[name] == 4 and not own:
            return _spoken_of_plainly(text, start, end, after_place)
        return True

    def _chains(self, text: str, mentions: list[_Mention]) -> Iterator[list[_Mention]]:
        """Runs of names that stand together, each narrower than the one before: 湖北 + 十堰."""
        chain: list[_Mention] = []
        for one in mentions:
            if chain:
                before = chain[-1]
                apart = text[before.end : one.start].strip("省市州的")
                if apart or self._level[one.name] <= self._level[before.name]:
                    yield chain
                    chain = []
            chain.append(one)
        if chain:
            yield chain

    def _consistent(self, chain: list[_Mention]) -> set[str]:
        """The regions called as a chain ends, without those known to lie elsewhere."""
        wider = [one.name for one in chain[:-1] if one.name not in _NATIONAL_NAMES]
        regions = self._own.get(chain[-1].name, set())
        return {region for region in regions if all(_may_lie_in(region, name) for name in wider)}

    def _asked_about(self, text: str, one: _Mention, alone: bool) -> bool:
        """Whether a place that no report is of is what the question asks about. `alone`: it names
        no region of a report."""
        if self._level[one.name] == 0:
            return alone
        if _BESIDE.search(text[: one.start]) and _COMPARED.match(text, one.end):
            return True
        if self._level[one.name] > 2:
            return not _PARTNER.search(text[max(0, one.start - 6) : one.end + 8])
        if _SUBJECT.match(text, one.end):
            return True
        if short_name(one.name) != one.name:
            return alone
        opens = alone and _OPENING.search(text[: one.start])
        spoken_of = _SPOKEN_OF.match(text, one.end)
        measured = self._level[one.name] == 1 and _MEASURED.search(text, one.end)
        return bool(opens and (spoken_of or measured))

    def _read_english(self, text: str) -> NamedPlaces:
        regions: set[str] = set()
        within: set[str] = set()
        wider: list[str] = []
        missing: list[str] = []
        words = list(_WORD.finditer(text))
        spans: list[tuple[int, int]] = []
        for first, second in pairwise([*words, None]):
            assert first is not None
            pair = f"{first[0]} {second[0]}".lower() if second else ""
            one = pair if pair in self._english or pair in _ENGLISH.values() else first[0].lower()
            last = second if one == pair and second else first
            unit = _ENGLISH_UNIT.match(text, last.end())
            known = self._english.get(one, set())
            if _ENGLISH_ORGANISATION.match(text, last.end()):
                continue
            if unit and known:
                ending = _UNITS[unit[1].lower()]
                of_unit = {region for region in known if region.endswith(ending)}
                known = of_unit or (set() if _named_in_english(one, ending) else known)
            of_it = _ENGLISH_OF.search(text, 0, first.start()) or text[last.end() :].startswith(
                "'s"
            )
            if known:
                regions |= known
            elif first[0][0].isupper():
                names = _named_in_english(one, _UNITS[unit[1].lower()] if unit else "")
                inside = set().union(*(self._inside.get(name, set()) for name in names))
                if inside:
                    within |= inside
                    wider += [names[0]] if of_it else []
                elif names:
                    said = text[first.start() : unit.end() if unit else last.end()]
                    missing.append(names[0] if len(names) == 1 else said)
                else:
                    continue
            else:
                continue
            spans.append((first.start(), unit.end() if unit else last.end()))
        if not regions & within:
            missing += wider
        found = _local(regions | within)
        return NamedPlaces(found, tuple(dict.fromkeys(missing)), tuple(spans))


def _ends_of_lines(text: str, mentions: Sequence[_Mention]) -> set[_Mention]:
    """Where a line of transport begins and ends (西宁到兰州的高铁): it is what is asked about."""
    return {
        end
        for one, other in pairwise(mentions)
        for end in (one, other)
        if _LINE.fullmatch(text[one.end : other.start])
    }


def _names_of(region: str) -> frozenset[str]:
    """As `place_names`, with 黔南州 for 黔南布依族苗族自治州."""
    names = place_names(region)
    if "自治" in region and region[-1] in "州县旗":
        return names | {short_name(region) + region[-1]}
    return names


def _spoken_of_plainly(text: str, start: int, end: int, after_place: bool) -> bool:
    """Whether a short name stands where only the subject does: 武昌2024年…, 江汉和武昌谁…"""
    before = text[:start]
    if _BESIDE.search(before) and len(before) > 1 and _COMPARED.match(text, end):
        return True
    opens = after_place or _OPENING.search(before)
    return bool(opens and (_PLAINLY.match(text, end) or not text[end:].strip("？?")))


def _may_lie_in(region: str, wider: str) -> bool:
    """False where the region is known to lie elsewhere: 南京市鼓楼区 is not in 福州."""
    around = places_around(region)
    if wider in around or wider in place_names(region):
        return True
    if around:
        return False
    provinces = COUNTY_PROVINCES.get(region)
    return provinces is None or province_of(wider) in (None, *provinces)


def _local(regions: set[str]) -> frozenset[str]:
    """Where a place is named, the whole country only says how it stands there."""
    return frozenset(regions - {NATION} if len(regions) > 1 else regions)
