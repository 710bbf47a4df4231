"""What a report is, read from its first lines: title, region, issuer, kind, date, year.

The text is the better witness: it wins over the file's name, which only fills what the text leaves
open (我代表市人民政府 does not say which). Nothing is guessed beyond that: what neither tells is
None, and metadata.csv has the last word.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from reportqa.places import CITIES, NATION, PREFECTURES, PROVINCES

__all__ = ["KINDS", "Identity", "identify", "year_of"]

KINDS = ("政府工作报告", "计划报告", "统计公报", "党代会报告", "规划", "其他")
"""The kinds of report, as they stand in metadata and filters."""

_UNIT = "特别行政区|自治区|自治州|自治县|自治旗|地区|省|市|州|盟|区|县|旗"
_PLACE = rf"(?:(?!全国|我|全|本|各|该|中国)[一-龥]{{1,10}}?(?:{_UNIT})){{1,3}}"
_HEADS = "代?省长|代?市长|代?区长|代?县长|代?州长|代?盟长|代?旗长|(?:代理?)?主席|(?:代理?)?专员"
_FROM_HEAD = (
    re.compile(rf"(?:^|上)({_PLACE})(?:人民政府|行政公署)?\s*(?:{_HEADS})", re.M),
    re.compile(rf"代表({_PLACE})(?:第.{{1,4}}届)?(?:人民政府|政府|行署|人民委员会)"),
    re.compile(
        rf"(?:在|日|^)({_PLACE})(?:第?[一二三四五六七八九十\d]{{1,3}}届)(?:人民代表大会|人大)", re.M
    ),
    re.compile(rf"({_PLACE})统计局"),
    re.compile(
        rf"^(?:关于)?(?:\d{{4}}年)?({_PLACE})(?=.{{0,60}}(?:报告|公报|规划|纲要)\S{{0,4}}$)", re.M
    ),
)
"""Where the first lines name the place, the surest first."""

_PROVINCE_TITLE = re.compile(
    rf"^(?:\d{{4}}年)?({'|'.join(PROVINCES)})(?:省|市|自治区)?(?:\d{{4}}年)?政府工作报告", re.M
)
_LEVEL = re.compile(
    r"代表(?:全)?(省|市|区|县|州|旗|自治区|自治州|自治县)?(?:第.{1,4}届)?(?:人民政府|政府|(行署))"
)
_NATIONAL = re.compile(
    r"国务院总理|代表[^，。]{0,12}国务院|国务院向|国务院的(?:委托|决定)|中央人民政府|全國人民代表大會|全国人民代表大会"
    r"|中国共产党第.{1,4}次全国代表大会|第.{1,4}届中央委员会向大会"
)

_KIND_WORDS = (
    ("统计公报", re.compile(r"统计公报")),
    ("计划报告", re.compile(r"国民经济[和与]社会发展计划.{0,40}(?:草案|报告)|计划报告")),
    ("党代会报告", re.compile(r"中国共产党.{0,20}代表大会上的报告|党代会|党代表大会")),
    ("政府工作报告", re.compile(r"政府工作报告")),
    ("规划", re.compile(r"规划(?:纲要)?(?:$|[（(])|五年规划")),
)
_OPENING_KIND = (
    ("统计公报", re.compile(r"^.{2,20}统计局$", re.M)),
    ("政府工作报告", re.compile(r"代表.{0,24}(?:政府|国务院|行署)|政府工作")),
    ("党代会报告", re.compile(r"中国共产党第.{1,4}次.{0,8}代表大会|届中央委员会向大会")),
    ("政府工作报告", re.compile(r"国务院|人民政府.{0,2}[省市区县]长")),
)

_TITLE = re.compile(
    r"^(.{0,70}?(?:政府工作报告|统计公报|(?:的|工作)报告|规划纲要|规划|纲要|公报))"
    r"(?=$|[①-⑳（(\d—\s])"
)
_NOT_TITLE = re.compile(r"各位|同志们|来源|[。！]|^[—-]|^\d{4}年\d")
_SALUTE = re.compile(r"(?:尊敬的)?各位|同志们|现在")
_DATE = re.compile(r"((?:19|20)\d\d)[年./-]\s*(\d{1,2})[月./-]\s*(?:(\d{1,2})日?)?")
_YEAR = re.compile(r"(?<!\d)(19[4-9]\d|20\d\d)(?!\d)")
_REVIEW = re.compile(
    r"^[^。，]{0,12}(20\d\d|19[4-9]\d)年[^。，]{0,8}工作(?:的)?(?:主要)?回顾", re.M
)
_TASKS = re.compile(r"(20\d\d|19[4-9]\d)年(?:的)?(?:重点)?工作(?:安排|任务|总体|建议|的建议)")
_NO_PLACE = re.compile(
    r"经济|社会|工作|发展|计划|统计|年度|政府|正文|全文|附件|会议|文件|材料|[和的]"
)
_NUMERALS = str.maketrans("〇○零一二三四五六七八九", "000123456789")


@dataclass(frozen=True, slots=True)
class Identity:
    """What text and file name tell. `title` is as written where it names place and year, else
    composed of place, what is written (or the kind) and year: 江汉区政府工作报告（2021年）."""

    title: str
    region: str | None
    issuer: str | None
    kind: str
    date: str | None
    year: int | None


def identify(text: str, stem: str) -> Identity:
    """The identity of a report from its normalised text and its file's name without ending."""
    head = _read_head(text)
    written = _find_title(head)
    kind = _find_kind(written, head, stem)
    region = _find_region(text, head, stem)
    date = _find_date(head)
    year = _find_year(written, date, kind, text, stem)
    return Identity(
        title=_compose_title(written, region, kind, year, stem),
        region=region,
        issuer=_find_issuer(head, region, kind),
        kind=kind,
        date=date,
        year=year,
    )


def year_of(numeral: str) -> int | None:
    """The year that a text spells: 2021, ２０２１ or 二○二一; None where there is none."""
    found = _YEAR.search(_plain(numeral))
    return int(found[1]) if found else None


def _plain(text: str) -> str:
    """The text with full-width digits and the years in Chinese numerals written in digits."""
    text = unicodedata.normalize("NFKC", text)
    return re.sub(
        r"[一二][〇○零一二三四五六七八九]{3}(?=年|$)", lambda m: m[0].translate(_NUMERALS), text
    )


def _read_head(text: str) -> list[str]:
    """The first lines: those before the form of address, and three after it."""
    lines = [_plain(line[:400]) for line in text[:8000].split("\n")[:16]]
    for i, line in enumerate(lines):
        if _SALUTE.match(line):
            return lines[: i + 4]
    return lines[:3]


def _front(head: list[str]) -> list[str]:
    """The head above the form of address and the first long paragraph."""
    for i, line in enumerate(head):
        if _SALUTE.match(line) or len(line) > 90 or re.match(r"[一二三]、", line):
            return head[:i]
    return head


def _find_title(head: list[str]) -> str | None:
    """The title as written; lines of a slogan above “——在…代表大会上的报告” are joined."""
    front = _front(head)[:6]
    for i, line in enumerate(front):
        if i and re.match(r"[—-]+在.*大会上的报告$", line) and not _NOT_TITLE.search(front[0]):
            return " ".join(front[:i])
        found = _TITLE.match(line)
        if found and not _NOT_TITLE.search(line[:6]):
            return found[1]
    return None


def _find_kind(written: str | None, head: list[str], stem: str) -> str:
    for witness in (written or "", "\n".join(_front(head)), stem):
        for kind, words in _KIND_WORDS:
            if words.search(witness):
                return kind
    for kind, words in _OPENING_KIND:
        if words.search("\n".join(head)):
            return kind
    return "其他"


def _find_date(head: list[str]) -> str | None:
    """The day of delivery: a date above the form of address."""
    for line in _front(head):
        found = _DATE.search(line)
        if found and not re.match(r"添加|发布", line):
            year, month, day = found.groups()
            if 1 <= int(month) <= 12 and 1 <= int(day or 1) <= 31:
                return f"{year}-{int(month):02}" + (f"-{int(day):02}" if day else "")
    return None


def _find_year(
    written: str | None, date: str | None, kind: str, text: str, stem: str
) -> int | None:
    titled = {int(year) for year in _YEAR.findall(_plain(written or ""))}
    if len(titled) == 1:
        return titled.pop()
    if date and kind == "统计公报":  # statistics come out in the year after the one they are of
        return int(date[:4]) - 1
    if date:
        return int(date[:4])
    if titled:
        return max(titled)
    plain = _plain(text[:60000])
    review = _REVIEW.search(plain)
    named = [int(year) for year in _YEAR.findall(_plain(stem))]
    if named and not (review and min(abs(int(review[1]) - year) for year in named) > 1):
        return named[-1] if len(named) == 1 or not review else int(review[1]) + 1
    if review:
        return int(review[1]) + 1
    tasks = _TASKS.search(plain)
    return int(tasks[1]) if tasks else None


# --- region ---------------------------------------------------------------------------------------


def _find_region(text: str, head: list[str], stem: str) -> str | None:
    opening = "\n".join(head)
    found = [name for pattern in _FROM_HEAD for name in _names(pattern, opening)]
    if found:
        first = found[0]
        longer = [name for name in found if name.endswith(first)]
        return _full_name(max(longer, key=len), text)
    if title := _PROVINCE_TITLE.search("\n".join(head[:3])):
        return PROVINCES[title[1]]
    if _NATIONAL.search(opening):
        return NATION
    level = _LEVEL.search(opening)
    unit = (level[1] or ("盟" if level[2] else "")) if level else ""
    return _name_in_body(text, _place_in_stem(stem), unit)


def _names(pattern: re.Pattern[str], opening: str) -> list[str]:
    names = []
    for match in pattern.finditer(opening):
        name = re.sub(rf"^.*?(?:年|月|日|在|关于|会议上|召开的)(?=.+(?:{_UNIT}))", "", match[1])
        if not re.fullmatch(_UNIT, name):
            names.append(name)
    return names


def _full_name(name: str, text: str) -> str:
    """黔东南州 → 黔东南苗族侗族自治州; others stay as they are written."""
    short = re.sub(r"州$", "", name)
    if name.endswith("州") and short in PREFECTURES:
        return PREFECTURES[short]
    return name


def _place_in_stem(stem: str) -> str | None:
    """The part of a file's name that names a place."""
    for part in re.split(r"[\s_\-—–·.,，（）()]+", unicodedata.normalize("NFKC", stem)):
        place = re.sub(
            r"\d+年?|政府工作报告|工作报告|计划报告|统计公报|党代会(?:报告)?|规划|报告|[国省市区县州]级|国家",
            "",
            part,
        )
        if re.fullmatch(r"[一-龥]{2,12}", place) and not _NO_PLACE.search(place):
            return place
    return None


def _name_in_body(text: str, hint: str | None, unit: str) -> str | None:
    """The place whose government (of `unit`) speaks, by what the text itself calls it most."""
    if hint == NATION:
        return NATION if "国务院" in text or "我国" in text or "我國" in text else None
    if hint:
        short = re.sub(rf"(?:{_UNIT})$", "", hint) if len(hint) > 2 else hint
        if short in text:
            return _named(text, hint, short, unit)
    names = {
        "市": {city: f"{city}市" for city in CITIES},
        "州": PREFECTURES,
        "盟": PREFECTURES,
        "省": PROVINCES,
        "自治区": PROVINCES,
    }.get(unit, {})
    counts = {full: text.count(short) for short, full in names.items()}
    ranked = sorted(counts, key=lambda full: -counts[full])
    sure = ranked and counts[ranked[0]] >= 5 and counts[ranked[0]] >= 2 * counts[ranked[1]]
    return ranked[0] if sure else None


def _named(text: str, hint: str, short: str, unit: str) -> str:
    """The full name behind a file's hint: 易 + 县 is 米易县 where the text always says so."""
    if short in PREFECTURES and unit not in ("市", "区", "县"):
        return PREFECTURES[short]
    if short in PROVINCES and unit not in ("市", "区", "县"):
        return PROVINCES[short]
    if hint != short or (len(hint) == 2 and hint[-1] in "县区市旗"):
        return _grow(text, hint)
    for candidate in (unit, "市", "县", "区", "州", "盟"):
        if candidate and short + candidate in text:
            return _grow(text, short + candidate)
    return short + unit


def _grow(text: str, name: str) -> str:
    """The name with the characters before it that nearly always stand there."""
    for _ in range(3):
        before = re.findall(rf"([一-龥]){re.escape(name)}", text)
        total = text.count(name)
        if not before or total < 3:
            break
        best = max(set(before), key=lambda char: (before.count(char), char))
        if before.count(best) < 0.7 * total or best in "的是在和与对为了全我使把到让以":
            break
        name = best + name
    return name


def _find_issuer(head: list[str], region: str | None, kind: str) -> str | None:
    opening = "\n".join(head)
    if kind == "统计公报":
        found = re.search(rf"^({_PLACE}|国家)统计局", opening, re.M)
        return found[0] if found else f"{region}统计局" if region else None
    if kind == "党代会报告":
        return "中国共产党中央委员会" if region == NATION else None
    if region == NATION:
        return "国务院"
    if region is None or kind == "其他":
        return None
    return f"{region}行政公署" if region.endswith(("盟", "地区")) else f"{region}人民政府"


def _compose_title(
    written: str | None, region: str | None, kind: str, year: int | None, stem: str
) -> str:
    if not written and not (region and kind != "其他"):
        return stem
    title = written or kind
    if region and not _names_place(title, region):
        title = title if " " in title else region + title
    return title if _YEAR.search(_plain(title)) or not year else f"{title}（{year}年）"


def _names_place(title: str, region: str) -> bool:
    last = re.sub(rf"^(?:.*(?:{_UNIT}))?(.{{2,}}(?:{_UNIT}))$", r"\1", region)
    short = re.sub(rf"(?:{_UNIT})$", "", last)
    province = next((key for key, full in PROVINCES.items() if full == region), None)
    return short in title or bool(province and province in title)
