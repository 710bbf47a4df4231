"""What is read off the first lines of a report, and what its file's name adds."""

from __future__ import annotations

import pytest

from reportqa.corpus.identity import Identity, identify, year_of

BODY = "一、2023年工作回顾\n一年来，全市经济平稳运行，质量不断提高。"


def test_a_district_report_tells_everything() -> None:
    text = (
        "政府工作报告\n——2021年12月15日在乙区第十六届人民代表大会第一次会议上\n"
        "甲州市乙区人民政府代区长 叶某\n各位代表：\n现在，我代表乙区人民政府报告工作。"
    )
    assert identify(text, "x") == Identity(
        title="甲州市乙区政府工作报告（2021年）",
        region="甲州市乙区",
        issuer="甲州市乙区人民政府",
        kind="政府工作报告",
        date="2021-12-15",
        year=2021,
    )


def test_a_title_with_place_and_year_stays_as_written() -> None:
    text = "2025年新疆政府工作报告\n来源：某日报\n各位代表：\n我代表自治区人民政府报告工作。"
    found = identify(text, "x")
    assert (found.title, found.region, found.year) == (
        "2025年新疆政府工作报告",
        "新疆维吾尔自治区",
        2025,
    )


def test_a_plan_report_of_two_years_is_of_the_later() -> None:
    title = "关于乙区2024年国民经济和社会发展计划执行情况与2025年国民经济和社会发展计划草案的报告"
    found = identify(f"{title}\n各位代表：\n受区人民政府委托，提请审议。", "x")
    assert (found.title, found.kind, found.year, found.region) == (title, "计划报告", 2025, "乙区")


def test_statistics_are_of_the_year_before_they_come_out() -> None:
    found = identify("黔东南州统计局\n2024年5月7日\n2023年，全州经济平稳。", "bulletin")
    assert (found.kind, found.year, found.region, found.issuer) == (
        "统计公报",
        2023,
        "黔东南苗族侗族自治州",
        "黔东南州统计局",
    )


def test_a_slogan_over_two_lines_is_the_title_of_a_congress_report() -> None:
    text = (
        "奋发图强建设现代化\n夺取新的胜利\n——在中国共产党第十九次全国代表大会上的报告\n"
        "（2017年10月18日）\n同志们："
    )
    found = identify(text, "x")
    assert found.title == "奋发图强建设现代化 夺取新的胜利（2017年）"
    assert (found.kind, found.region, found.date) == ("党代会报告", "全国", "2017-10-18")


def test_the_text_wins_over_the_name_of_the_file() -> None:
    text = (
        "政府工作报告\n——2023年1月5日在米易县第十五届人民代表大会上\n"
        "各位代表：\n我代表县人民政府报告。"
    )
    found = identify(text, "县级_易县_2019_政府工作报告")
    assert (found.region, found.year) == ("米易县", 2023)


def test_the_name_of_the_file_says_which_city() -> None:
    text = f"各位代表：\n现在，我代表市人民政府报告工作。\n{BODY}吉林市的发展，吉林市的明天。"
    found = identify(text, "市级_吉林_2024_政府工作报告")
    assert (found.region, found.year, found.title) == (
        "吉林市",
        2024,
        "吉林市政府工作报告（2024年）",
    )


def test_a_hint_grows_to_the_name_the_text_always_uses() -> None:
    text = f"各位代表：\n现在，我代表县人民政府报告工作。\n{BODY}" + "建设米易县，服务米易县。" * 3
    assert identify(text, "易县_2024").region == "米易县"


def test_without_a_name_the_city_spoken_of_most_is_meant() -> None:
    text = f"各位代表：\n现在，我代表市人民政府报告工作。\n{BODY}" + "三亚发展，" * 6
    found = identify(text, "report")
    assert (found.region, found.year) == ("三亚市", 2024)


def test_a_place_that_nothing_tells_is_none() -> None:
    text = f"各位代表：\n现在，我代表市人民政府报告工作。\n{BODY}" + "创建示范城市，" * 9
    assert identify(text, "report").region is None


def test_a_file_of_something_else_keeps_its_name() -> None:
    assert identify("今天天气很好。", "notes") == Identity("notes", None, None, "其他", None, None)


@pytest.mark.parametrize(
    ("spelled", "year"),
    [
        ("2021年", 2021),
        ("２０２１", 2021),
        ("一九五五年", 1955),
        ("二○二一", 2021),
        ("12021", None),
    ],
)
def test_years_are_read_in_any_writing(spelled: str, year: int | None) -> None:
    assert year_of(spelled) == year
