"""Places by their everyday names, and never one for another."""

from __future__ import annotations

import pytest

from reportqa.places import region_matches


@pytest.mark.parametrize(
    ("region", "wanted"),
    [
        ("武汉市江汉区", "武汉市江汉区"),
        ("武汉市江汉区", "武汉"),
        ("武汉市江汉区", "江汉"),
        ("武汉市江汉区", "江汉区"),
        ("湖北省武汉市江汉区", "武汉市江汉区"),
        ("武汉市江汉区", "湖北"),
        ("山西省", "山西"),
        ("吉林省", "吉林"),
        ("吉林市", "吉林"),
        ("广西壮族自治区", "广西"),
        ("凉山彝族自治州", "凉山"),
        ("全国", "全国"),
        ("西藏", "西藏"),
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
