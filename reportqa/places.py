"""Names of places: the tables of provinces and prefectures, and what a region is also called.

Counties and districts are listed in `counties`; which of all these a question names is read by
`gazetteer`.
"""

from __future__ import annotations

import re

from reportqa.counties import COUNTIES

__all__ = [
    "ABBREVIATIONS",
    "CITIES",
    "COUNTY_PROVINCES",
    "NATION",
    "PREFECTURES",
    "PROVINCES",
    "place_names",
    "places_around",
    "province_of",
    "region_matches",
    "short_name",
]

NATION = "全国"
"""The region of a report on the whole country."""

_UNIT = r"(?:特别行政区|自治区|自治州|自治县|自治旗|地区|新区|省|市|区|县|旗|盟|州)"
# The 州 of 福州市 and 贵州省 and the 市 of 沙市区 end no place.
_PLACE = re.compile(rf".+?{_UNIT}(?!省|市|区|县|新区)|.+$")
_PEOPLES = (
    "壮|回|维吾尔|土家|哈萨克|柯尔克孜|蒙古|朝鲜|苗|侗|布依|彝|藏|羌|哈尼|傣|白|景颇|傈僳|满|畲|瑶|"
    "黎|各|仡佬|仫佬|毛南|佤|拉祜|布朗|纳西|普米|独龙|怒|土|撒拉|东乡|保安|裕固|锡伯|塔吉克|达斡尔|"
    "鄂温克|鄂伦春|水"
)
_SUFFIX = re.compile(rf"(?:(?<=..)(?:(?:{_PEOPLES})族?)+(?=自治))?{_UNIT}$")

_PROVINCES = """
北京市 天津市 上海市 重庆市 河北省 山西省 辽宁省 吉林省 黑龙江省 江苏省 浙江省 安徽省 福建省
江西省 山东省 河南省 湖北省 湖南省 广东省 海南省 四川省 贵州省 云南省 陕西省 甘肃省 青海省
台湾省 内蒙古自治区 广西壮族自治区 西藏自治区 宁夏回族自治区 新疆维吾尔自治区 香港特别行政区
澳门特别行政区
"""

_PREFECTURES = """
吉林 延边=延边朝鲜族自治州
湖北 恩施=恩施土家族苗族自治州
湖南 湘西=湘西土家族苗族自治州
四川 阿坝=阿坝藏族羌族自治州 甘孜=甘孜藏族自治州 凉山=凉山彝族自治州
贵州 黔西南=黔西南布依族苗族自治州 黔东南=黔东南苗族侗族自治州
  黔南=黔南布依族苗族自治州
云南 楚雄=楚雄彝族自治州 红河=红河哈尼族彝族自治州 文山=文山壮族苗族自治州
  西双版纳=西双版纳傣族自治州 大理=大理白族自治州 德宏=德宏傣族景颇族自治州
  怒江=怒江傈僳族自治州 迪庆=迪庆藏族自治州
甘肃 临夏=临夏回族自治州 甘南=甘南藏族自治州
青海 海北=海北藏族自治州 黄南=黄南藏族自治州 海南=海南藏族自治州 果洛=果洛藏族自治州
  玉树=玉树藏族自治州 海西=海西蒙古族藏族自治州
新疆 昌吉=昌吉回族自治州 博尔塔拉=博尔塔拉蒙古自治州 巴音郭楞=巴音郭楞蒙古自治州
  克孜勒苏=克孜勒苏柯尔克孜自治州 伊犁=伊犁哈萨克自治州 阿克苏=阿克苏地区
  喀什=喀什地区 和田=和田地区 塔城=塔城地区 阿勒泰=阿勒泰地区
黑龙江 大兴安岭=大兴安岭地区
西藏 阿里=阿里地区
内蒙古 兴安=兴安盟 锡林郭勒=锡林郭勒盟 阿拉善=阿拉善盟
"""

_CITIES = """
河北 石家庄 唐山 秦皇岛 邯郸 邢台 保定 张家口 承德 沧州 廊坊 衡水
山西 太原 大同 阳泉 长治 晋城 朔州 晋中 运城 忻州 临汾 吕梁
内蒙古 呼和浩特 包头 乌海 赤峰 通辽 鄂尔多斯 呼伦贝尔 巴彦淖尔 乌兰察布
辽宁 沈阳 大连 鞍山 抚顺 本溪 丹东 锦州 营口 阜新 辽阳 盘锦 铁岭 朝阳
  葫芦岛
吉林 长春 吉林 四平 辽源 通化 白山 松原 白城
黑龙江 哈尔滨 齐齐哈尔 鸡西 鹤岗 双鸭山 大庆 伊春 佳木斯 七台河 牡丹江 黑河
  绥化
江苏 南京 无锡 徐州 常州 苏州 南通 连云港 淮安 盐城 扬州 镇江 泰州 宿迁
浙江 杭州 宁波 温州 嘉兴 湖州 绍兴 金华 衢州 舟山 台州 丽水
安徽 合肥 芜湖 蚌埠 淮南 马鞍山 淮北 铜陵 安庆 黄山 滁州 阜阳 宿州 六安
  亳州 池州 宣城
福建 福州 厦门 莆田 三明 泉州 漳州 南平 龙岩 宁德
江西 南昌 景德镇 萍乡 九江 新余 鹰潭 赣州 吉安 宜春 抚州 上饶
山东 济南 青岛 淄博 枣庄 东营 烟台 潍坊 济宁 泰安 威海 日照 临沂 德州 聊城
  滨州 菏泽
河南 郑州 开封 洛阳 平顶山 安阳 鹤壁 新乡 焦作 濮阳 许昌 漯河 三门峡 南阳
  商丘 信阳 周口 驻马店 济源
湖北 武汉 黄石 十堰 宜昌 襄阳 鄂州 荆门 孝感 荆州 黄冈 咸宁 随州 仙桃 潜江
  天门
湖南 长沙 株洲 湘潭 衡阳 邵阳 岳阳 常德 张家界 益阳 郴州 永州 怀化 娄底
广东 广州 韶关 深圳 珠海 汕头 佛山 江门 湛江 茂名 肇庆 惠州 梅州 汕尾 河源
  阳江 清远 东莞 中山 潮州 揭阳 云浮
广西 南宁 柳州 桂林 梧州 北海 防城港 钦州 贵港 玉林 百色 贺州 河池 来宾
  崇左
海南 海口 三亚 三沙 儋州
四川 成都 自贡 攀枝花 泸州 德阳 绵阳 广元 遂宁 内江 乐山 南充 眉山 宜宾
  广安 达州 雅安 巴中 资阳
贵州 贵阳 六盘水 遵义 安顺 毕节 铜仁
云南 昆明 曲靖 玉溪 保山 昭通 丽江 普洱 临沧
西藏 拉萨 日喀则 昌都 林芝 山南 那曲
陕西 西安 铜川 宝鸡 咸阳 渭南 延安 汉中 榆林 安康 商洛
甘肃 兰州 嘉峪关 金昌 白银 天水 武威 张掖 平凉 酒泉 庆阳 定西 陇南
青海 西宁 海东
宁夏 银川 石嘴山 吴忠 固原 中卫
新疆 乌鲁木齐 克拉玛依 吐鲁番 哈密
"""

PROVINCES = {
    name[: 3 if name.startswith(("内蒙古", "黑龙江")) else 2]: name for name in _PROVINCES.split()
}
"""Everyday name → full name: 新疆 → 新疆维吾尔自治区."""

_ABBREVIATIONS = """
冀河北 晋山西 辽辽宁 沪上海 浙浙江 皖安徽 闽福建 赣江西 鲁山东 豫河南 鄂湖北 湘湖南 粤广东 桂广西
琼海南 渝重庆 川四川 黔贵州 滇云南 藏西藏 陕陕西 陇甘肃
"""
ABBREVIATIONS = {entry[0]: entry[1:] for entry in _ABBREVIATIONS.split()}
"""Character → the province it stands for: 鄂 → 湖北; without those that are words (新, 青)."""


def _by_province(table: str) -> dict[str, str]:
    """Entry → province; a line that is not indented begins with its province."""
    found: dict[str, str] = {}
    province = ""
    for line in table.strip().splitlines():
        entries = line.split()
        if not line.startswith(" "):
            province = entries.pop(0)
        found |= dict.fromkeys(entries, province)
    return found


PREFECTURES = {
    short: full for short, _, full in (entry.partition("=") for entry in _by_province(_PREFECTURES))
}
"""Prefectures that are not cities: 凉山 → 凉山彝族自治州."""

CITIES = tuple(_by_province(_CITIES))
"""Cities under a province, without 市."""

_PROVINCE_OF = {
    **{f"{city}市": province for city, province in _by_province(_CITIES).items()},
    **{entry.partition("=")[2]: province for entry, province in _by_province(_PREFECTURES).items()},
}

_PREFECTURES_IN = {
    entry.partition("=")[0]: province
    for table in (_CITIES, _PREFECTURES)
    for entry, province in _by_province(table).items()
}
_COUNTIES_OF = [
    (province, frozenset(names))
    for province, *names in map(str.split, COUNTIES.replace("\n  ", " ").strip().splitlines())
]

COUNTY_PROVINCES = {
    county: frozenset(province for province, names in _COUNTIES_OF if county in names)
    for county in sorted({name for _, names in _COUNTIES_OF for name in names})
}
"""County or district → the provinces (everyday names) that have one: 鼓楼区 is in three."""


def short_name(place: str) -> str:
    """A place without its unit: 江汉区 → 江汉, 广西壮族自治区 → 广西; 西藏 stays 西藏."""
    return _SUFFIX.sub("", place) or place


def place_names(region: str) -> frozenset[str]:
    """What a region may be called, two characters at least: 武汉市江汉区 is also called 江汉区 and
    江汉. Where it lies is told by `places_around`."""
    places = _PLACE.findall(region)
    tails = {"".join(places[i:]) for i in range(len(places))}
    names = {region, *tails, short_name(places[-1])}
    return frozenset(name for name in names if len(name) > 1)


def places_around(region: str) -> frozenset[str]:
    """The places a region lies in, by every name: 武汉市江汉区 in 武汉市, 武汉, 湖北省 and 湖北."""
    places = _PLACE.findall(region)
    around = {*places[:-1], *map(short_name, places[:-1])}
    for place in places:
        if province := _PROVINCE_OF.get(place):
            around |= {province, PROVINCES[province]}
    return frozenset(around - place_names(region))


def province_of(place: str) -> str | None:
    """The everyday name of the province that a province or prefecture is or lies in."""
    short = short_name(place)
    if short in PROVINCES and place in (short, PROVINCES[short]):
        return short
    return _PREFECTURES_IN.get(short) or (short if short in PROVINCES else None)


def region_matches(region: str | None, wanted: str) -> bool:
    """Whether a report's region is, or lies in, the place asked for: 武汉市江汉区 is in 武汉 and is
    江汉; 山西省 is not 山东; 吉林 is the province and the city, 吉林市 the city alone."""
    if region is None:
        return False
    return wanted == region or wanted in place_names(region) | places_around(region)
