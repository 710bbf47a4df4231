"""A small corpus for tests, written for them: two places, two years, achieved and planned."""

from __future__ import annotations

from pathlib import Path

from fakes import FakeEncoder

from reportqa.build import Summary, build
from reportqa.index import QUANTISED_FROM
from reportqa.search import Retriever

REPORTS = {
    "东山县-2024.txt": """2024年东山县政府工作报告
——2024年1月10日在东山县第十七届人民代表大会第三次会议上
东山县人民政府县长 林青

各位代表：
现在，我代表县人民政府向大会报告工作，请予审议。

一、2023年工作回顾
过去一年，全县地区生产总值完成321.5亿元，增长6.1%；一般公共预算收入完成18.7亿元。
（一）项目建设全面提速。全年开工重点项目86个，竣工42个，完成投资97亿元。
（二）民生福祉持续改善。新建公办幼儿园5所，新增学位1350个，改造老旧小区23个。

二、2024年工作安排
今年经济社会发展的主要预期目标是：
——地区生产总值增长6.5%左右；
——一般公共预算收入增长5%；
——城镇新增就业3200人以上。
（一）推进产业升级。新引进亿元以上项目30个，力争高新技术企业突破120家。
（二）办好民生实事。计划建成养老服务中心4个，改造农村公路60公里。
""",
    "西河市-2024.md": """# 西河市2024年政府工作报告

西河市人民政府市长 周远

各位代表：

## 一、2023年工作回顾

全市地区生产总值完成1580亿元，增长5.4%。粮食总产量达到212万吨，连续八年稳定增长。

**交通枢纽加快建设。**西河北站建成投用，城区新增公交线路11条，打通断头路7条。

## 二、2024年重点任务

**做强先进制造业。**力争新能源汽车产量突破15万辆，规模以上工业增加值增长7%。

**守护绿水青山。**确保空气质量优良天数比例达到86%以上，新增城市绿地120公顷。
""",
}


def write_corpus(folder: Path, reports: dict[str, str] | None = None) -> Path:
    """The reports as files of a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in (REPORTS if reports is None else reports).items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def build_index(
    corpus: Path,
    index: Path,
    encoder: FakeEncoder | None = None,
    quantised_from: int = QUANTISED_FROM,
) -> Summary:
    """A snapshot of a corpus, by the fake encoder."""
    encoder = encoder or FakeEncoder()
    return build([corpus], index, encoder=encoder, quantised_from=quantised_from)  # type: ignore[arg-type]


def open_retriever(index: Path, encoder: FakeEncoder | None = None) -> Retriever:
    """A Retriever over an index that the fake encoder built."""
    from reportqa.index import open_snapshot

    encoder = encoder or FakeEncoder()
    return Retriever(open_snapshot(index, card=encoder.card), encoder, index)  # type: ignore[arg-type]
