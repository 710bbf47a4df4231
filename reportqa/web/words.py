"""The words of the page, Chinese and English: one table, whose keys are the Chinese itself.

What comes from reports, and why a question was not answered, stays as it is written: Chinese.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["CHINESE", "ENGLISH", "Words", "words_of"]

ENGLISH: dict[str, str] = {
    # head and question
    "问报告": "Ask the reports",
    "用一句话提问，在政府报告里找到原句、数字和出处，逐句可以核对。": (
        "Ask in a sentence; find the sentence, the figure and the source in government reports."
    ),
    "提问": "Ask",
    "对比": "Compare",
    "指标": "Indicators",
    "批量": "Batch",
    "下载": "Download",
    "报告库": "Reports",
    "问题": "Question",
    "例如：新增就业目标是多少？": "e.g. 新增就业目标是多少？",
    "筛选（不选为不限）": "Filters (none chosen: all)",
    "年份": "Year",
    "地区": "Region",
    "类型": "Kind",
    "报告": "Report",
    "完成还是计划": "Achieved or planned",
    "不限": "Any",
    "{year} 年（{n} 篇）": "{year} ({n})",
    "{name}（{n} 篇）": "{name} ({n})",
    "{name}（{n} 段）": "{name} ({n} passages)",
    "实际完成": "Achieved",
    "计划目标": "Planned",
    "预计完成": "Estimated",
    # what was understood
    "问题理解": "Understood",
    "{years}年": "{years}",
    "{years}年报告": "report of {years}",
    "没有{places}的报告": "no report of {places}",
    "不计入：{what}": "Do not count: {what}",
    "重新计入：{what}": "Count again: {what}",
    "以下来自别处": "what follows is from elsewhere",
    "按上一个问题理解为：": "Understood after the last question as: ",
    "按原话提问": "Ask as typed",
    # answer
    "简答": "Answer",
    "生成的回答": "Generated answer",
    "生成中的回答": "Answer being generated",
    "生成": "Generated",
    "报告原文这样说": "What the reports say",
    "模型根据下列原文写成，已逐句核对": (
        "Written by a model from the text below, each sentence checked"
    ),
    "模型正在写，尚未核对": "A model is writing; not checked yet",
    "核对时删去 {n} 句": "{n} sentences removed by the check",
    "依据 {n}": "Evidence {n}",
    "看原句": "The whole sentence",
    "没有找到可以回答的依据": "The reports at hand do not answer this",
    "换一种问法试试。": "Try other words.",
    "最接近的原文": "The nearest there is",
    # evidence
    "相关段落": "Passages",
    "{n} 段，来自 {m} 篇报告，最相关的在前": "{n} from {m} reports, the best first",
    "{n} 段": "{n} passages",
    "所在章节": "Headings",
    "上文": "Text before",
    "下文": "Text after",
    "为何找到：": "Found by: ",
    "同词": "words",
    "意思相近": "meaning",
    "含数字": "figure",
    "地区相符": "region",
    "年份相符": "year",
    "复制引文": "Copy with source",
    "已复制": "Copied",
    "在报告中查看": "Open in the report",
    "在报告中查看第 {n} 段": "Open passage {n} in the report",
    "{year} 年": "{year}",
    "用时 {seconds:.2f} 秒": "{seconds:.2f} s",
    "索引 {name} · {reports:,} 篇报告，{passages:,} 个段落": (
        "Index {name} · {reports:,} reports, {passages:,} passages"
    ),
    # before a question
    "现有 {reports:,} 篇报告，{passages:,} 个段落，可直接阅读": (
        "{reports:,} reports, {passages:,} passages, all to be read here"
    ),
    "……其余 {n:,} 篇可用问题找到": "… and {n:,} more, found by asking",
    "问过的问题": "Asked before",
    "清除": "Clear",
    # what goes wrong
    "出错了": "Something went wrong",
    "服务器遇到意外问题，已记入日志，请稍后再试。": (
        "The server met an unexpected problem, which is in its log. Try again later."
    ),
    "新的索引打不开": "The new index cannot be opened",
    "下面的回答来自上一份索引。": "The answer below is from the one before.",
    "还不能提问": "This cannot be asked yet",
    "正忙": "Busy",
    "现在提问的人很多，请稍后再试。": "Many are asking now. Try again in a moment.",
    "暂时无法回答": "No answer for now",
    "索引读取出错，请稍后再试；管理员可查看日志。": (
        "The index could not be read. Try again later; the log says more."
    ),
    "请先输入问题。": "Type a question first.",
    "问题有 {n:,} 个字，最多 {most:,} 个字：请缩短后再问。": (
        "The question has {n:,} characters: ask in {most:,} or fewer."
    ),
    "问题里没有文字：请用词语或句子提问。": "The question has no words: ask with some.",
    "筛选条件无法使用：请重新选择。": "The filters cannot be used: choose again.",
}


@dataclass(frozen=True, slots=True)
class Words:
    """Says a Chinese text of the table in the visitor's language, its {fields} filled in."""

    english: bool = False

    def __call__(self, chinese: str, **fields: object) -> str:
        """The text, which must be in the table."""
        text = ENGLISH[chinese] if self.english else chinese
        return text.format(**fields) if fields else text


CHINESE = Words()


def words_of(language: str) -> Words:
    """The words for a language named in an address; Chinese for every other name."""
    return Words(english=language == "en")
