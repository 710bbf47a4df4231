"""Figures of passages: what is one, what it is a figure of, and how it is found again."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from corpora import build_index, write_corpus
from hypothesis import given
from hypothesis import strategies as st

from reportqa.corpus import read_corpus
from reportqa.errors import QuestionError
from reportqa.figures import extract_figures, find_figures, indicator_score, write_figures
from reportqa.figures.numerals import number_value
from reportqa.figures.quantities import find_quantities
from reportqa.filters import make_filters
from reportqa.index import Snapshot, open_snapshot
from reportqa.passages import split_passages, split_sentences
from reportqa.records import Figure, Metadata, Passage, Problem, Section
from reportqa.sections import split_sections

METADATA = Metadata("r", "政府工作报告", "某县", None, "政府工作报告", "2025-01-08", 2025, "r.md")
SHIPPED = Path(__file__).parents[1] / "corpus"


def figures(text: str, heading: str = "一、2024年工作回顾") -> tuple[Figure, ...]:
    """The figures of a text that stands under a heading of a report of January 2025."""
    section = Section(0, len(text), 0, (heading,), "body", (), None)
    passage = Passage(METADATA, section, 0, len(text), text, split_sentences(text), (), None)
    return extract_figures(passage)


def named(text: str, heading: str = "一、2024年工作回顾") -> list[tuple[str, str]]:
    return [(figure.indicator, figure.text) for figure in figures(text, heading)]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1,234.5", 1234.5),
        ("6，256", 6256),
        ("0. 06", 0.06),
        ("一百二十", 120),
        ("两千三百五十", 2350),
        ("十五", 15),
        ("一万二千", 12000),
        ("六百零三亿五千万", 60_350_000_000),
        ("三点五", 3.5),
        ("一百零五", 105),
        ("二三", None),
    ],
)
def test_a_number_has_its_value(written: str, value: float | None) -> None:
    assert number_value(written) == value


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("完成投资97亿元", ("97亿元", 97, None, "亿元", "none")),
        ("预计完成 1740 亿元", ("1740 亿元", 1740, None, "亿元", "none")),
        ("增长6%左右", ("6%左右", 6, None, "%", "about")),
        ("增长４．５％", ("４．５％", 4.5, None, "%", "none")),
        ("增长百分之三十三", ("百分之三十三", 33, None, "%", "none")),
        ("增长5%—6%", ("5%—6%", 5, 6, "%", "none")),
        ("建成2到3个", ("2到3个", 2, 3, "个", "none")),
        ("引进5-8家", ("5-8家", 5, 8, "家", "none")),
        ("突破15万辆", ("突破15万辆", 15, None, "万辆", "over")),
        ("培育不少于50个", ("不少于50个", 50, None, "个", "at_least")),
        ("控制在5.5%以内", ("5.5%以内", 5.5, None, "%", "at_most")),
        ("用时不足3小时", ("不足3小时", 3, None, "小时", "under")),
        ("惠及3200余人", ("3200余人", 3200, None, "人", "over")),
        ("惠及10多万人", ("10多万人", 10, None, "万人", "over")),
        ("登记3.5万余户", ("3.5万余户", 3.5, None, "万户", "over")),
        ("发展两千多家", ("两千多家", 2000, None, "家", "over")),
        ("占三分之一以上", ("三分之一以上", 1 / 3, None, "", "at_least")),
        ("占比八成以上", ("八成以上", 8, None, "成", "at_least")),
        ("实现翻番", ("翻番", 2, None, "倍", "multiple")),
        ("产值翻两番", ("翻两番", 4, None, "倍", "multiple")),
        ("增长1.5倍", ("1.5倍", 1.5, None, "倍", "none")),
        ("产值突破千亿元大关", ("突破千亿元", 1000, None, "亿元", "over")),
        ("提高0.5个百分点", ("0.5个百分点", 0.5, None, "个百分点", "none")),
        ("浓度降至35微克/立方米", ("35微克/立方米", 35, None, "微克/立方米", "none")),
        ("利润增长-2.3%", ("-2.3%", -2.3, None, "%", "none")),
        ("全国有10亿人口", ("10亿", 10, None, "亿", "none")),
        ("尚未突破千亿元", ("尚未突破千亿元", 1000, None, "亿元", "under")),
        ("蓄电池1193千伏安时", ("1193千伏安时", 1193, None, "千伏安时", "none")),
        ("安置202户重点企业", ("202户", 202, None, "户", "none")),
        ("出口增长19·5％", ("19·5％", 19.5, None, "%", "none")),
        ("机构精简１／４", ("１／４", 0.25, None, "", "none")),
        ("产量占全国近1/3", ("近1/3", 1 / 3, None, "", "about")),
        ("收储土地近万亩", ("近万亩", 1, None, "万亩", "about")),
        ("普及率126.5部/百人", ("126.5部/百人", 126.5, None, "部/百人", "none")),
        ("拖拉机778标准台", ("778标准台", 778, None, "标准台", "none")),
        ("偿还三亿九千万新卢布", ("三亿九千万新卢布", 390_000_000, None, "新卢布", "none")),
        ("有一亿二千万农户", ("一亿二千万", 120_000_000, None, "", "none")),
        ("办好十件大事实事", ("十件", 10, None, "件", "none")),
    ],
)
def test_a_quantity_is_read_with_its_comparator_and_unit(
    text: str, read: tuple[str, float, float | None, str, str]
) -> None:
    (found,) = find_quantities(text)
    words = text[found.start : found.end]
    assert (words, found.value, found.high, found.unit, found.comparator) == read


@pytest.mark.parametrize(
    "text",
    [
        "2024年3月5日，“十四五”规划，党的二十大",
        "第十六届人大四次会议、二十届三中全会",
        "一带一路、四上企业、三农工作、二三级医院",
        "江政〔2024〕5号，107国道，地铁12号线",
        "5G网络、4A级景区、PM2.5、6.0版",
        "打造“15分钟生活圈”和“1+8”都市圈",
        "居全省第3位、排名第一、全国前10名",
        "建成一个中心，抓好三个方面，落实八项规定",
        "培育亿元以上项目和500万元以上项目",
        "60岁以上老人、百亿级产业集群、10万吨级码头",
        "新中国成立75周年，连续6个月增长",
        "第3个、首批、一批",
        "坚持四项基本原则，利用两个市场、两种资源，统筹两个大局",
        "二次供水设施、铁人三项、八所港、2×66万千瓦机组",
        "在人口20万以上的县，民间投资新36条，年销售收入500万元以上的规模企业，集体经济10万元以上村，落地过50亿项目",
        "明确“一年打基础、三年大变样、五年翻一番”目标",
        "和平共处五项原则、八项主张，打好六场硬仗，深化九项改革，办好两件大事",
        "坚持迈开两条腿、遵守三个公报，新旧两种体制并存，240小时过境免签",
        "连续12个季度增长，城乡二元经济结构，围绕两个历史性课题，这是四十条纲要",
        "推出8个方面措施，在八个字上下功夫，再经过三个五年计划",
        "抓好以下三项工作，历时五个多月，1/2号机组，“9·18”活动，上万种产品",
    ],
)
def test_dates_ordinals_names_and_thresholds_are_no_figures(text: str) -> None:
    assert find_quantities(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "地区生产总值预计完成1740亿元，增长6.5%。",
            [("地区生产总值", "1740亿元"), ("地区生产总值", "6.5%")],
        ),
        (
            "商业、工业、服务业分别预计完成12、30和45亿元。",
            [("商业", "12"), ("工业", "30"), ("服务业", "45亿元")],
        ),
        (
            "固定资产投资、外贸进出口分别增长6.5%、6.7%。",
            [("固定资产投资", "6.5%"), ("外贸进出口", "6.7%")],
        ),
        (
            "城镇和农村居民人均可支配收入分别增长5%和6%。",
            [("城镇居民人均可支配收入", "5%"), ("农村居民人均可支配收入", "6%")],
        ),
        (
            "粮食、油料、蔬菜产量分别达118万吨、33万吨、165万吨。",
            [("粮食产量", "118万吨"), ("油料产量", "33万吨"), ("蔬菜产量", "165万吨")],
        ),
        (
            "接待游客1200万人次，实现旅游收入100亿元，分别增长12%、15%。",
            [
                ("接待游客", "1200万人次"),
                ("旅游收入", "100亿元"),
                ("接待游客", "12%"),
                ("旅游收入", "15%"),
            ],
        ),
        (
            "新建公办幼儿园5所，新增学位1350个。",
            [("新建公办幼儿园", "5所"), ("新增学位", "1350个")],
        ),
        ("引进86家企业。", [("引进企业", "86家")]),
        ("长江国投等6家企业获奖。", [("企业", "6家")]),
        ("完成120个老旧小区改造。", [("老旧小区改造", "120个")]),
        (
            "群众满意率从46%提高到98.1%。",
            [("群众满意率", "46%"), ("群众满意率", "98.1%")],
        ),
        (
            "高新技术企业净增22家，总数达100家。",
            [("高新技术企业净增", "22家"), ("高新技术企业净增总数", "100家")],
        ),
        ("三级医院床位数达1200张。", [("三级医院床位数", "1200张")]),
        ("二三级医院床位数达2900张。", [("二三级医院床位数", "2900张")]),
        (
            "主要目标是：\n——地区生产总值增长6%以上；\n——城镇新增就业3200人。",
            [("地区生产总值", "6%以上"), ("城镇新增就业", "3200人")],
        ),
        (
            "研发经费，从509亿元增加到1161亿元。",
            [("研发经费", "509亿元"), ("研发经费", "1161亿元")],
        ),
    ],
)
def test_an_indicator_is_the_subject_of_its_figure(
    text: str, expected: list[tuple[str, str]]
) -> None:
    assert named(text) == expected


@pytest.mark.parametrize(
    ("text", "kind", "direction", "against"),
    [
        ("工业产值达到30亿元。", "level", None, ""),
        ("工业产值增长6%。", "change", "up", ""),
        ("工业产值同比下降3.2%。", "change", "down", "同比"),
        ("工业产值年均增长7%。", "change", "up", "年均"),
        ("工业产值比上年末增加5亿元。", "change", "up", "比上年末"),
        ("工业产值较2016年增长40%。", "change", "up", "较2016年"),
        ("工业产值提高到30亿元。", "level", None, ""),
        ("工业产值翻番。", "change", "up", ""),
        ("城镇新增就业2.5万人。", "level", None, ""),
        ("工业产值增速达到6%。", "change", "up", ""),
    ],
)
def test_a_change_is_told_from_a_level(
    text: str, kind: str, direction: str | None, against: str
) -> None:
    (figure,) = figures(text)
    assert (figure.kind, figure.direction, figure.against) == (kind, direction, against)


@pytest.mark.parametrize(
    ("text", "heading", "years", "basis"),
    [
        ("税收完成18亿元。", "一、2024年工作回顾", (2024, 2024), "achieved"),
        ("税收预计完成18亿元。", "一、2024年工作回顾", (2024, 2024), "estimated"),
        ("税收增长5%。", "二、2025年主要目标", (2025, 2025), "planned"),
        ("税收由2023年的10亿元增加到18亿元。", "一、2024年工作回顾", (2023, 2023), "achieved"),
        ("到2030年，税收达到30亿元。", "二、2025年主要目标", (2030, 2030), "planned"),
        ("2021年以来，税收累计完成70亿元。", "一、2024年工作回顾", (2021, 2021), "achieved"),
        ("税收预计增长6%。", "二、2025年主要目标", (2025, 2025), "planned"),
        ("税收恢复到2019年水平，完成18亿元。", "一、2024年工作回顾", (2024, 2024), "achieved"),
        (
            "即将过去的2024年，我们攻坚克难。税收完成18亿元。",
            "一、过去五年工作回顾",
            (2024, 2024),
            "achieved",
        ),
        ("税收增速6年来首次居前，税收增长5%。", "一、2024年工作回顾", (2024, 2024), "achieved"),
        ("两年来，税收累计完成70亿元。", "二、2025年主要任务", (2023, 2024), "achieved"),
        ("税收由上年的10亿元增加到18亿元。", "一、2024年工作回顾", (2023, 2023), "achieved"),
        ("补助标准由240元提高到280元。", "二、2025年主要目标", (2024, 2024), "achieved"),
        ("税收比“六五”期间增长72%。", "一、2024年工作回顾", (2024, 2024), "achieved"),
        ("税收完成18亿元。", "一、关于2024年政府工作", (2024, 2024), "achieved"),
        ("税收由10亿元增加到18亿元。", "一、过去五年工作回顾", (2019, 2019), "achieved"),
        (
            "2024年与2018年相比，税收由10亿元增加到18亿元。",
            "一、过去五年工作回顾",
            (2018, 2018),
            "achieved",
        ),
        ("坚持为14亿人民谋福祉。", "二、2025年主要任务", (2024, 2024), "achieved"),
        ("税收占当年收入的18%。", "一、2024年财政决算", (2024, 2024), "achieved"),
        ("2024年税收比年度计划增加2亿元。", "四、财政收支", (2024, 2024), "achieved"),
        ("2024年税收完成18亿元。企业达到30家。", "四、财政收支", (2024, 2024), "achieved"),
        ("14亿人民的力量不可阻挡。", "四、人民生活", None, "achieved"),
        ("占世界人口18%的国家能够发展。", "二、2025年主要任务", (2024, 2024), "achieved"),
        ("2025年上半年税收增长5%。", "一、2024年工作回顾", (2025, 2025), "achieved"),
        ("2025年税收预计增长5%。", "一、2024年工作回顾", (2025, 2025), "estimated"),
        ("力争2025年税收增长5%。", "一、2024年工作回顾", (2025, 2025), "planned"),
        ("两千三百万台湾同胞是手足。", "四、祖国统一", None, "achieved"),
        ("税收要在2024年基数上增长5%。", "四、财政收支", (2025, 2025), "planned"),
        ("税收要比2024年增长5%。", "四、财政收支", (2025, 2025), "planned"),
        ("将2万元资金纳入预算。", "一、2024年工作回顾", (2024, 2024), "achieved"),
        ("机关从40个减少到29个，面貌有了变化。", "四、机构改革", None, "achieved"),
        ("机关可以减少11个。", "四、机构改革", None, None),
        ("五年计划草案规定，税收平均每年增长5%。", "四、财政收支", (2025, 2025), "planned"),
        ("入社农户已经占全部农户的90%。", "二、2025年主要任务", (2024, 2024), "achieved"),
        ("我们关停了窑厂30座。", "二、2025年主要任务", (2024, 2024), "achieved"),
        ("全县共有78个建设项目。", "二、2025年主要任务", (2025, 2025), "planned"),
        ("为了把人口控制在12万人，要加强管理。", "二、2025年主要任务", (2025, 2025), "planned"),
        ("我们减轻了税收18亿元。", "四、机构改革", None, "achieved"),
        ("实现税收比2020年翻一番。", "三、全面建成小康社会的目标", (2025, 2025), "planned"),
        ("主要目标是，税收达到18亿元。", "四、财政收支", (2025, 2025), "planned"),
        ("国家已经组织了57户企业，今年要扩大。", "二、2025年主要任务", (2024, 2024), "achieved"),
        ("税收要比2022年的10亿元增长2倍。", "二、2025年主要任务", (2022, 2022), "achieved"),
        ("税收将提高，仍高于2019年税收的18亿元。", "二、2025年主要任务", (2019, 2019), "achieved"),
    ],
)
def test_year_and_basis_come_from_the_nearest_words_that_tell(
    text: str, heading: str, years: tuple[int, int], basis: str
) -> None:
    figure = figures(text, heading)[0]
    assert (figure.years, figure.basis) == (years, basis)


def test_what_is_said_to_be_built_holds_for_all_that_semicolons_join() -> None:
    text = "已建成的主要有：加固堤防60公里；新增公路20公里。今年新增公路30公里。"
    found = figures(text, "二、2025年主要任务")
    assert [figure.basis for figure in found] == ["achieved", "achieved", "planned"]


def test_a_rate_against_a_year_is_not_of_that_year() -> None:
    found = figures("税收要比2022年的10亿元增长2倍。", "二、2025年主要任务")
    assert [(figure.years, figure.basis) for figure in found] == [
        ((2022, 2022), "achieved"),
        ((2025, 2025), "planned"),
    ]


def test_a_section_that_plans_in_the_main_may_look_back() -> None:
    text = "过去一年，政府作风持续改进。认真办理代表建议52件，力争办结率98%。"
    section = Section(0, len(text), 0, ("三、加强政府自身建设",), "body", (2024,), "plan")
    passage = Passage(METADATA, section, 0, len(text), text, split_sentences(text), (), None)
    assert [(figure.basis, figure.years) for figure in extract_figures(passage)] == [
        ("achieved", (2024, 2024)),
        ("planned", (2025, 2025)),
    ]


def test_a_term_explained_plans_nothing_by_its_name() -> None:
    text = "“一二三”工作思路：“二”即项目、园区2个重点。"
    section = Section(0, len(text), 0, ("名词解释", "“一二三”工作思路"), "notes", (), None)
    passage = Passage(METADATA, section, 0, len(text), text, split_sentences(text), (), None)
    assert [figure.basis for figure in extract_figures(passage)] == [None]


def test_an_amount_has_the_scale_multiplied_in() -> None:
    assert [figure.amount for figure in figures("税收18亿元，游客2.5万人，企业30家。")] == [
        1.8e9,
        25_000.0,
        30.0,
    ]


@given(
    st.text(
        alphabet="税收入增长达到1２.5%亿元万人个、，。；和分别约以上—三十百 \n“”（）", max_size=80
    )
)
def test_any_text_is_read_without_a_gap_between_offsets_and_words(text: str) -> None:
    for figure in figures(text):
        assert text[figure.start : figure.end] == figure.text
        words = "".join(text[span.start : span.end] for span in figure.indicator_spans)
        assert "".join(words.split()) == figure.indicator
        assert figure.sentence.start <= figure.start < figure.end <= figure.sentence.end


def test_figures_of_the_shipped_reports_are_the_text_at_their_offsets() -> None:
    count = 0
    for report in read_corpus([SHIPPED]):
        assert not isinstance(report, Problem)
        sections = split_sections(report)
        for passage in split_passages(report, sections, lambda t: [0] * len(t), 512):
            for figure in extract_figures(passage):
                assert report.text[figure.start : figure.end] == figure.text
                words = [report.text[span.start : span.end] for span in figure.indicator_spans]
                assert "".join("".join(words).split()) == figure.indicator
                assert figure.sentence in passage.sentences
                count += 1
    assert count > 300


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    folder = tmp_path_factory.mktemp("figures")
    build_index(write_corpus(folder / "corpus"), folder / "index")
    return open_snapshot(folder / "index")


def test_a_snapshot_gives_back_the_figures_that_were_read(snapshot: Snapshot) -> None:
    for row in range(snapshot.n_passages):
        assert snapshot.figures_of(row) == extract_figures(snapshot.passage(row))
    assert sum(len(snapshot.figures_of(row)) for row in range(snapshot.n_passages)) == 25


def test_the_same_words_come_first_and_the_newest_of_equals(snapshot: Snapshot) -> None:
    found = find_figures(snapshot, "地区生产总值")
    assert [(h.figure.text, h.figure.years, h.figure.basis) for h in found] == [
        ("6.5%左右", (2024, 2024), "planned"),
        ("321.5亿元", (2023, 2023), "achieved"),
        ("6.1%", (2023, 2023), "achieved"),
        ("1580亿元", (2023, 2023), "achieved"),
        ("5.4%", (2023, 2023), "achieved"),
    ]
    assert [hit.rank for hit in found] == [1, 2, 3, 4, 5]


def test_filters_of_basis_and_year_are_those_of_the_figure(snapshot: Snapshot) -> None:
    planned = find_figures(snapshot, "地区生产总值", make_filters(basis="plan"))
    assert [hit.figure.text for hit in planned] == ["6.5%左右"]
    about = find_figures(snapshot, "地区生产总值", make_filters(about=["2023"], region=["西河市"]))
    assert [hit.figure.text for hit in about] == ["1580亿元", "5.4%"]
    assert find_figures(snapshot, "地区生产总值", make_filters(year=["1999"])) == ()


def test_another_level_of_hospital_is_another_indicator() -> None:
    assert indicator_score("三级医院床位数", "三级医院床位数") == 1.0
    assert indicator_score("三级医院床位数", "全市三级医院床位数") > 0.5
    assert indicator_score("三级医院床位数", "二三级医院床位数") <= 0.5
    assert indicator_score("公共财政预算收入", "非公共财政预算收入") <= 0.5
    assert indicator_score("三级医院床位数", "粮食产量") == 0.0


@pytest.mark.parametrize(("indicator", "k"), [(" ", 5), ("税", 5), ("税收", 0)])
def test_what_cannot_be_asked_for_is_refused(snapshot: Snapshot, indicator: str, k: int) -> None:
    with pytest.raises(QuestionError):
        find_figures(snapshot, indicator, k=k)


def test_figures_are_written_as_a_table_or_as_lines(snapshot: Snapshot, tmp_path: Path) -> None:
    hits = find_figures(snapshot, "地区生产总值", k=2)
    write_figures(str(tmp_path / "out.csv"), hits)
    write_figures(str(tmp_path / "out.jsonl"), hits)
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [
        (r["indicator"], r["figure"], r["value"], r["last_year"], r["basis"]) for r in rows
    ] == [
        ("地区生产总值", "6.5%左右", "6.5", "2024", "planned"),
        ("地区生产总值", "321.5亿元", "321.5", "2023", "achieved"),
    ]
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text("utf-8").splitlines()]
    assert [line["sentence"] for line in lines] == [
        "——地区生产总值增长6.5%左右；",
        "过去一年，全县地区生产总值完成321.5亿元，增长6.1%；",
    ]
    with pytest.raises(QuestionError, match=r"\.csv or \.jsonl"):
        write_figures(str(tmp_path / "out.docx"), hits)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (
            "交通、水利分别完成投资2500亿元、800亿元。",
            [("交通投资", "2500亿元"), ("水利投资", "800亿元")],
        ),
        (
            "规上工业增加值增长8.3%，高于全国2.5个百分点。",
            [("规上工业增加值", "8.3%"), ("规上工业增加值", "2.5个百分点")],
        ),
        ("煤炭消费比重下降2个百分点。", [("煤炭消费比重", "2个百分点")]),
        ("实际使用外资1263亿美元。", [("实际使用外资", "1263亿美元")]),
        ("完成签约2090户。", [("签约", "2090户")]),
        (
            "第一、二产业贡献率分别为22%、78%。",
            [("第一产业贡献率", "22%"), ("二产业贡献率", "78%")],
        ),
        ("新增存款4万多亿元。", [("新增存款", "4万多亿元")]),
        (
            "财政收入完成195亿元，是2005年的1.4倍。",
            [("财政收入", "195亿元"), ("财政收入", "1.4倍")],
        ),
        (
            "出口企业32家、占全区总数的86.5%，累计达到52家。",
            [("出口企业", "32家"), ("出口企业占全区总数", "86.5%"), ("出口企业", "52家")],
        ),
        (
            "用于经济建设方面的支出，共占本年支出的46.9%。",
            [("用于经济建设方面的支出占本年支出", "46.9%")],
        ),
        (
            "我国高等学校的学生，已经由二十万人增加到四十万人。",
            [("我国高等学校的学生", "二十万人"), ("我国高等学校的学生", "四十万人")],
        ),
        ("建设中联公司20万吨铅冶炼项目。", [("建设中联公司铅冶炼项目", "20万吨")]),
        ("推进58个投资10亿元以上的重大项目。", [("推进投资10亿元以上的重大项目", "58个")]),
        (
            "城镇人均居住面积增加到8.7平方米，农村增加到22平方米。",
            [("城镇人均居住面积", "8.7平方米"), ("农村人均居住面积", "22平方米")],
        ),
        (
            "单位用水量、能耗、碳排放量分别下降23%、15%、18%。",
            [("单位用水量", "23%"), ("能耗", "15%"), ("碳排放量", "18%")],
        ),
        (
            "工业增加值、进出口总额占比分别为23%、45%。",
            [("工业增加值占比", "23%"), ("进出口总额占比", "45%")],
        ),
        ("18个市直部门和新闻出版等3个领域。", [("市直部门", "18个"), ("领域", "3个")]),
        (
            "实施亿元项目20个，货物进出口增长8.6%，突破40亿元并居首位。",
            [("实施亿元项目", "20个"), ("货物进出口", "8.6%"), ("货物进出口", "突破40亿元")],
        ),
        ("國內商業額等於一九五〇年的一點八倍。", [("國內商業額", "一點八倍")]),
        ("提高企业退休人员基本养老金，人均增加168元。", [("企业退休人员基本养老金人均", "168元")]),
        (
            "小麦、稻谷最低收购价分别提高7元和16元。",
            [("小麦最低收购价", "7元"), ("稻谷最低收购价", "16元")],
        ),
        (
            "投资增长48%、连续21个月保持30%以上的增速。",
            [("投资", "48%"), ("投资", "30%以上")],
        ),
        ("实施引优育强工程、新增贸易主体500家以上。", [("新增贸易主体", "500家以上")]),
        (
            "扶持39个欠发达县域，签订8个自由贸易协定。",
            [("扶持欠发达县域", "39个"), ("签订自由贸易协定", "8个")],
        ),
        ("选择1万个左右的行政村进行整治。", [("选择行政村", "1万个左右")]),
        (
            "六个工业部的产品成本下降3%。",
            [("工业部", "六个"), ("产品成本", "3%")],
        ),
        ("2024年度实现脱贫495户。", [("脱贫", "495户")]),
        (
            "将制造业现行16%的税率降至13%。",
            [("制造业现行税率", "16%"), ("制造业现行税率", "13%")],
        ),
        ("对我们这样一个拥有14亿人口的国家。", [("人口", "14亿")]),
        ("坚持将76%的财力用于民生。", [("坚持财力", "76%")]),
        ("14万困难群众圆了梦。", [("困难群众", "14万")]),
        (
            "新建8个国家级、36个省级重点专科。",
            [("新建国家级重点专科", "8个"), ("省级重点专科", "36个")],
        ),
        ("发放补助2万元；投资3万元，完成了大楼建设。", [("发放补助", "2万元"), ("投资", "3万元")]),
        ("实施项目20个，完成投资3万元。", [("实施项目", "20个"), ("实施项目投资", "3万元")]),
        ("全市8个县（市、区）生产总值增速较快。", [("县（市、区）", "8个")]),
        ("13个省级开发区是主战场。", [("省级开发区", "13个")]),
        ("企业34家，高新企业认定12家。", [("企业", "34家"), ("高新企业认定", "12家")]),
        ("实现高职扩招100万人目标。", [("高职扩招", "100万人")]),
        ("设立10亿元科技成果转化基金。", [("设立科技成果转化基金", "10亿元")]),
        ("让14亿人民的饭碗端牢。", [("人民", "14亿")]),
        ("人才总量达260人，12人入选国家名单。", [("人才总量", "260人"), ("入选国家名单", "12人")]),
        ("建成222个村（社区）养老驿站。", [("建成村（社区）养老驿站", "222个")]),
        ("启动投资10.5亿元的乡村振兴项目。", [("启动投资乡村振兴项目", "10.5亿元")]),
        ("新增4个服务业扩大开放试点。", [("新增服务业扩大开放试点", "4个")]),
        ("坚决守住18亿亩耕地红线。", [("坚决守住耕地红线", "18亿亩")]),
        ("融资平台数量一律削减10%。", [("融资平台数量", "10%")]),
        (
            "农民的纯收入，全国平均每人达到355元，增长5%。",
            [("农民的纯收入平均每人", "355元"), ("农民的纯收入平均每人", "5%")],
        ),
        (
            "积累所占的比重，在调整初期由36.5%降低到28.5%。",
            [("积累所占的比重", "36.5%"), ("积累所占的比重", "28.5%")],
        ),
        (
            "工业产值突破5亿元，在每年增长7%的基础上，增长9%。",
            [("工业产值", "突破5亿元"), ("工业产值", "7%"), ("工业产值", "9%")],
        ),
        (
            "国控、省控断面水质优良率分别为93%、95%。",
            [("国控断面水质优良率", "93%"), ("省控断面水质优良率", "95%")],
        ),
        (
            "医保和公共卫生人均财政补助标准分别提高30元和5元。",
            [("医保人均财政补助标准", "30元"), ("公共卫生人均财政补助标准", "5元")],
        ),
        (
            "工业投资完成65亿元，超过年度计划4.1%。",
            [("工业投资", "65亿元"), ("工业投资", "4.1%")],
        ),
        ("经济增长预期目标为5%左右。", [("经济增长", "5%左右")]),
        ("税收比二〇〇〇年翻一番。", [("税收", "翻一番")]),
        ("治理13个高频共性难题。", [("治理高频共性难题", "13个")]),
        ("开工的有800个限额以上的企业。", [("开工限额以上的企业", "800个")]),
        ("支持2个民族乡办好庆祝活动。", [("支持民族乡", "2个")]),
        ("环二环80公里绿道贯通。", [("环二环绿道", "80公里")]),
        (
            "铁路货运量，由于不合理运输的减少，只增长5%。",
            [("铁路货运量", "5%")],
        ),
        (
            "实施总投资8亿元的“四好农村路”工程。",
            [("实施总投资“四好农村路”工程", "8亿元")],
        ),
        (
            "新增创新企业备案11家，保有量达67家。",
            [("新增创新企业备案", "11家"), ("新增创新企业备案保有量", "67家")],
        ),
        (
            "新建农田4万亩、改造提升5万亩、累计建成9万亩。",
            [("新建农田", "4万亩"), ("农田改造提升", "5万亩"), ("农田建成", "9万亩")],
        ),
        (
            "新建开通基站2300个、完成率达120%。",
            [("新建开通基站", "2300个"), ("新建开通基站完成率", "120%")],
        ),
    ],
)
def test_a_subject_is_read_from_around_its_number(text: str, read: list[tuple[str, str]]) -> None:
    assert named(text) == read


def test_an_indicator_behind_a_full_stop_is_not_guessed() -> None:
    assert named("农村卫生厕所普及率达70%。健全收运体系，力争覆盖率达95%。")[1] == ("", "95%")


def test_words_no_indicator_is_made_of_are_not_given_as_one() -> None:
    assert [name for name, _ in named("这种增加以5%为限，其5%为税，了3%。")] == ["", "", ""]
    assert [name for name, _ in named("这一年增加5亿元，有了很大增加5%。")] == ["", ""]


def test_a_multiple_is_of_its_own_year_and_not_of_the_one_it_is_taken_of() -> None:
    found = figures("2024年税收完成195亿元，是2005年的1.4倍。")
    assert [figure.years for figure in found] == [(2024, 2024), (2024, 2024)]


def test_an_indicator_of_higher_hospitals_is_not_that_of_lower_ones() -> None:
    assert indicator_score("三级医院床位数", "二三级医院床位数") < indicator_score(
        "二三级医院床位数", "二三级医院床位数"
    )
    assert indicator_score("三级医院床位数", "二三级医院床位数") <= 0.5
