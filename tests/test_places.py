"""Places by their everyday names, and never one for another."""

from __future__ import annotations

import pytest

from reportqa.places import COUNTY_PROVINCES, province_of, region_matches, short_name


@pytest.mark.parametrize(
    ("region", "wanted"),
    [
        ("武汉市江汉区", "武汉市江汉区"),
        ("武汉市江汉区", "武汉"),
        ("武汉市江汉区", "江汉"),
        ("武汉市江汉区", "江汉区"),
        ("湖北省武汉市江汉区", "武汉市江汉区"),
        ("武汉市江汉区", "湖北"),
        ("福州市鼓楼区", "鼓楼区"),
        ("荆州市沙市区", "沙市"),
        ("北京市通州区", "通州"),
        ("山西省", "山西"),
        ("吉林省", "吉林"),
        ("吉林市", "吉林"),
        ("广西壮族自治区", "广西"),
        ("凉山彝族自治州", "凉山"),
        ("全国", "全国"),
        ("西藏", "西藏"),
        ("贵州省", "贵州"),
    ],
)
def test_a_region_matches_its_names_and_the_places_it_lies_in(region: str, wanted: str) -> None:
    assert region_matches(region, wanted)


@pytest.mark.parametrize(
    ("region", "wanted"),
    [
        ("山西省", "山东"),
        ("山西省", "西"),
        ("吉林省", "吉林市"),
        ("海南省", "南"),
        ("武汉市江汉区", "江"),
        ("武汉市江汉区", "汉阳"),
        (None, "武汉"),
    ],
)
def test_a_region_does_not_match_another_place(region: str | None, wanted: str) -> None:
    assert not region_matches(region, wanted)


@pytest.mark.parametrize(
    ("place", "short"),
    [
        ("恩施土家族苗族自治州", "恩施"),
        ("长阳土家族自治县", "长阳"),
        ("内蒙古自治区", "内蒙古"),
        ("广西壮族自治区", "广西"),
        ("伊犁哈萨克自治州", "伊犁"),
        ("江汉区", "江汉"),
        ("易县", "易"),
        ("西藏", "西藏"),
    ],
)
def test_a_short_name_has_neither_unit_nor_peoples(place: str, short: str) -> None:
    assert short_name(place) == short


def test_counties_are_known_with_their_provinces() -> None:
    assert COUNTY_PROVINCES["硚口区"] == {"湖北"}
    assert COUNTY_PROVINCES["鼓楼区"] == {"江苏", "福建", "河南"}
    assert COUNTY_PROVINCES["清苑区"] == {"河北"}
    assert not {"市辖区", "城区", "郊区", "老城区", "新城区"} & COUNTY_PROVINCES.keys()
    assert len(COUNTY_PROVINCES) > 2_800


def test_a_province_is_found_from_what_lies_in_it() -> None:
    assert province_of("武汉市") == "湖北"
    assert province_of("凉山彝族自治州") == "四川"
    assert province_of("广西壮族自治区") == "广西"
    assert province_of("硚口区") is None
