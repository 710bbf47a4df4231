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
    "依据不足时": "Where evidence is thin",
    "严格": "Strict: rather refuse",
    "一般": "Normal",
    "宽松": "Lenient: rather answer",
    "{year} 年（{n:,} 篇）": "{year} ({n:,})",
    "{name}（{n:,} 篇）": "{name} ({n:,})",
    "{name}（{n:,} 段）": "{name} ({n:,} passages)",
    "实际完成": "Achieved",
    "计划目标": "Planned",
    "预计完成": "Estimated",
    # what was understood
    "问题理解": "Understood",
    "{years}年": "{years}",
    "{years}年报告": "report of {years}",
    "没有{places}的报告": "no report of {places}",
    "不计入：{what}": "Do not count: {what}",
    "按“{question}”查找": "Searched as “{question}”",
    "重新计入：{what}": "Count again: {what}",
    "以下来自别处": "what follows is from elsewhere",
    "按上一个问题理解为：": "Understood after the last question as: ",
    "按原话提问": "Ask as typed",
    "英文问题按这些词查找：{words}。答非所问时，请改用中文提问。": (
        "The reports are in Chinese; looked for: {words}. Where the answer does not fit, ask in "
        "Chinese."
    ),
    "报告是中文，英文问题只能按大意查找。答非所问时，请改用中文提问。": (
        "The reports are in Chinese and were searched by meaning alone. Where the answer does not "
        "fit, ask in Chinese."
    ),
    "要看各地高低，请到“指标”页：": "To see which place is first, compare the figures: ",
    "{year} 年 {n:,} 个地区的“{indicator}”": "“{indicator}” of {n:,} places, {year}",
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
    "{n} 段": "{n} found",
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
    # tables and charts
    "：": ": ",
    "。": ".",
    "、": ", ",
    "例如：{question}": "e.g. {question}",
    "所述年份": "Year spoken of",
    "原句": "Sentence",
    "出处": "Source",
    "数值": "Figure",
    "性质": "Sense",
    "段落": "Passages",
    "没有依据": "Nothing found",
    "数值原文": "As written",
    "上限": "Up to",
    "单位": "Unit",
    "增减": "Rise or fall",
    "相对于": "Against",
    "起始年": "First year",
    "截止年": "Last year",
    "对比项": "Compared",
    "依据句": "Sentences",
    "没有依据的原因": "Why nothing was found",
    "完成或计划": "Achieved or planned",
    "标题路径": "Headings",
    "报告编号": "Report id",
    "起": "Start",
    "止": "End",
    "未说明": "not said",
    "未知地区": "unknown region",
    "{n} 项{gaps}": "{n} compared{gaps}",
    "，{n} 项没有依据": ", {n} without an answer",
    "“{question}”：{counted}": "“{question}”: {counted}",
    "“{indicator}”的数值：{n:,} 个{cut}，指标名称最相近的在前": (
        "Figures of “{indicator}”: {n:,}{cut}, nearest names first"
    ),
    "，列出前 {n} 个": ", the first {n} listed",
    "，列出前 {n} 篇": ", the first {n} listed",
    "{n:,} 篇报告{more}": "{n:,} reports{more}",
    "{name}（{kind}，{unit}）": "{name} ({kind}, {unit})",
    "数量": "amount",
    "增幅": "change",
    "无单位": "no unit",
    "图中是数值最多的 {shown} 个地区，另有 {left} 个：可用地区筛选。": (
        "Drawn are the {shown} regions with most figures; {left} more can be chosen by region. "
    ),
    "每个点通向报告里的原句。": "Each point leads to its sentence in the report.",
    "{region} {year} 年{sense} {figure}（《{title}》）": (
        "{region} {year} {sense} {figure} (《{title}》)"
    ),
    "实际或预计完成": "Achieved or estimated",
    "{year} 年{name}（{kind}，{unit}）": "{name}, {year} ({kind}, {unit})",
    "另有 {n:,} 个地区，见下表。": "{n:,} more places are in the table below.",
    "只列报告里写明的数值，口径可能不同；点数值看原句。": (
        "Only what reports state, which may be measured differently; each figure leads to its "
        "sentence."
    ),
    # comparing
    "比较的问题": "Question to compare",
    "按什么比较": "Compare by",
    "比较哪些（最多 {most} 项；不选则比较段落或报告最多的 {usual} 项）": (
        "Which (at most {most}; none chosen: the {usual} with most passages or reports)"
    ),
    "{year} 年（{n:,} 段）": "{year} ({n:,} passages)",
    "还不能对比": "This cannot be compared yet",
    "索引里没有可以比较的报告。": "The index has no reports that could be compared.",
    # figures
    "地区（不选为全部）": "Region (none chosen: all)",
    "所述年份（不选为全部）": "Year spoken of (none chosen: all)",
    "查数值": "Find figures",
    "还不能查": "This cannot be looked up yet",
    "请写出指标的名称，至少两个字，例如“{name}”。": (
        "Write the name of an indicator in Chinese, two characters or more, such as “{name}”."
    ),
    "没有找到": "Nothing found",
    "报告里没有找到“{name}”的数值：换一个说法，或放宽筛选。": (
        "The reports hold no figure of “{name}”: use other words, or fewer filters."
    ),
    # files of questions
    "问题清单": "File of questions",
    "每个问题附几个段落": "Passages with each question",
    "开始回答": "Answer them",
    "{name}-回答": "{name}-answers",
    "下载回答": "Download the answers",
    "上传一份问题清单（{kinds}，不超过 {size} MB、{most:,} 个问题）：文本每行一问；"
    "表格要有“问题”或 question 一列。回答连同依据可按多种格式下载。": (
        "Upload a file of questions ({kinds}; at most {size} MB and {most:,} questions): text with "
        "one question a line, or a table with a column named question or 问题. The answers and "
        "their evidence can be downloaded in several formats."
    ),
    "选择问题清单，或拖放到这里": "Choose a file of questions, or drop it here",
    "这份文件不能上传": "This file cannot be uploaded",
    "文件超过 {size} MB，服务器不收：请拆成几份再上传，或用 query.py 在本机回答。": (
        "It is larger than {size} MB, which the server does not take: split it, or answer it on "
        "your own machine with query.py."
    ),
    "问题清单只能是 {kinds} 文件：请另存为其中一种再上传（.xls 请另存为 .xlsx）。": (
        "Questions are read from {kinds} files: save it as one of these and upload it again (an "
        ".xls file as .xlsx)."
    ),
    "文件是空的，里面没有问题：请写上问题，保存后再上传。": (
        "It is empty and holds no question: write some, save it and upload it again."
    ),
    "读到 {n:,} 个问题{failed}。": "{n:,} questions read{failed}.",
    "，{n:,} 行不能提问": ", {n:,} rows cannot be asked",
    "还没有文件": "No file yet",
    "请先上传一份问题清单。": "Upload a file of questions first.",
    "这份文件不能回答": "This file cannot be answered",
    "正在读取……（前面有别的文件时要排队）": "Reading … (other files may come first)",
    "进度": "Progress",
    "已回答 {done:,} / {total:,}": "{done:,} of {total:,} answered",
    "已回答 {n:,} 个问题{failed}。": "{n:,} questions answered{failed}. ",
    "文件保留 {n} 小时。": "The files are kept for {n} hour(s).",
    "不能提问的行": "Rows that cannot be asked",
    # reports at hand
    "筛选报告": "Find reports",
    "标题、地区、年份或类型里的字词": "Words of title, region, year or kind",
    "快照": "Snapshot",
    "建成时间": "Built",
    "{n:,} 篇": "{n:,}",
    "{passages:,} 个，{sentences:,} 句": "{passages:,} with {sentences:,} sentences",
    "向量模型": "Embedding model",
    "{name}（{n} 维）": "{name} ({n} dimensions)",
    "上次建索引没有发现问题。": "The last build found no problems.",
    "（已跳过）": " (skipped)",
    "上次建索引发现 {n} 个问题": "The last build found {n} problems",
    "{time:%m月%d日 %H:%M:%S} 已换用新的索引 {name}。": (
        "A new index was taken up on {time:%d %B at %H:%M:%S}: {name}. "
    ),
    "有一份更新的索引打不开，仍在使用上一份；管理员可查看日志。": (
        "A newer index cannot be opened and the one before goes on serving; the log says more."
    ),
    # what goes wrong
    "这份由模型写成的回答不再保留（只保留一小时，服务器重启后也不再有）：请回到页面重新提问。": (
        "This answer, which a model wrote, is no longer kept (for an hour, and not beyond a "
        "restart of the server): go back to the page and ask again."
    ),
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
