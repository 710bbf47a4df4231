"""What a build says of its files, in English → the same in Chinese, for the page's visitors.

One table, whose keys are the messages of reportqa/corpus with a {field} where something is filled
in. A message that no key fits stays as it is.
"""

from __future__ import annotations

import re
from functools import cache

__all__ = ["in_page_words"]

_SYSTEM = {
    "Permission denied": "没有权限",
    "No such file or directory": "文件不存在",
    "Is a directory": "这是文件夹",
    "Input/output error": "磁盘读写出错",
    "a broken link": "链接已失效",
    "not a file": "不是文件",
    "a PDF": "PDF 文件",
    "a Word, Excel or zip file": "Word、Excel 或 zip 文件",
    "an old Word or Excel file": "旧版 Word 或 Excel 文件",
    "an RTF file": "RTF 文件",
}
"""What may be filled in and has a Chinese name."""

_MESSAGES = {
    # a file
    "{count} private-use or replacement characters (U+FFFD) from a broken font or encoding; they "
    "are kept, compare them with the source": (
        "有 {count} 个字符因字体或编码问题无法还原，已原样保留，请与原件核对"
    ),
    "{size} bytes, more than the limit of {most}; split it, or put its documents into a .jsonl "
    "file, one a line": (
        "文件有 {size} 字节，超过上限 {most} 字节：请拆分，或改存为 .jsonl，每行一篇"
    ),
    "cannot be read ({why}); check that it is there and its permissions": (
        "无法读取（{why}）：请检查文件是否存在、权限是否足够"
    ),
    "cannot be read ({why}); check that it is a file and its permissions": (
        "无法读取（{why}）：请检查是否为文件、权限是否足够"
    ),
    "{what}; remove it or put the report in its place": "{what}：请移除，或换成报告文件",
    "{what}, not text; save it as .txt or .md in UTF-8": (
        "{what}，不是文本：请另存为 UTF-8 编码的 .txt 或 .md"
    ),
    "binary (it has NUL bytes); save it as text in UTF-8": (
        "二进制文件：请另存为 UTF-8 编码的文本"
    ),
    "binary (it has NUL characters); save it as text in UTF-8": (
        "二进制文件：请另存为 UTF-8 编码的文本"
    ),
    "neither UTF-8, UTF-16 nor GB18030; save it in UTF-8": (
        "编码不是 UTF-8、UTF-16 或 GB18030：请另存为 UTF-8"
    ),
    "there is no text in it; remove it or fill it": "没有文字：请移除，或补上正文",
    "mostly control or private-use characters: it was read in the wrong encoding or made with a "
    "font of its own; save it anew in UTF-8": (
        "大部分是乱码，可能是编码有误或用了特殊字体：请重新存为 UTF-8"
    ),
    "not a report file; reports end with .md, .txt or .jsonl": (
        "不是报告文件：报告的扩展名应为 .md、.txt 或 .jsonl"
    ),
    "the name is not text in UTF-8, or has control characters; rename it": (
        "文件名含有无法识别的字符：请改名"
    ),
    "the folder cannot be read ({why}); check its permissions": (
        "文件夹无法读取（{why}）：请检查权限"
    ),
    "a folder with the ending of a report; the reports in it are read": (
        "这是文件夹，名称却带有报告的扩展名；其中的报告已照常读取"
    ),
    # a document of a .jsonl file
    "the line is longer than {most} bytes; split the document": (
        "这一行超过 {most} 字节：请拆分这篇文档"
    ),
    "not JSON ({why}); write one object a line": "不是 JSON：请每行写一个对象",
    "not an object; write {shape}": "不是 JSON 对象：请写成 {shape}",
    "no text; give the report's text under the key text": "没有正文：请在 text 一项写上报告正文",
    "text must be a string; correct the line": "text 一项应为文字：请改正这一行",
    "no id; give a string under the key _id or id": "没有编号：请在 _id 或 id 一项写上编号",
    "the id {id} is taken already; give each its own": "编号 {id} 重复：请为每篇另取编号",
    # metadata
    "no report is called {key}; correct the file or id, or remove the row": (
        "没有名为“{key}”的报告：请改正 file 或 id，或删去这一行"
    ),
    "left out from here on, not CSV ({why}); save it as CSV in UTF-8": (
        "从这一行起不是 CSV，未采用：请另存为 UTF-8 编码的 CSV"
    ),
    "left out: the first line must name the columns, one of them file or id": (
        "未采用：第一行应为列名，其中要有 file 或 id"
    ),
    "the column {name} is unknown; the columns are file, id, {names}": (
        "不认识“{name}”这一列：可用的列有 file、id、{names}"
    ),
    "the row names no report; fill in file or id": "这一行没有写明是哪篇报告：请填写 file 或 id",
    "{key} has a row already ({where}); remove one of the two": (
        "“{key}”已有一行（{where}）：请删去其中一行"
    ),
    "{name} must be a year like 2024, not {value}; what the text tells is used instead": (
        "{name} 应为年份，例如 2024，现为 {value}；已改用正文中的信息"
    ),
    "{name} must be a date like 2024-01-31, not {value}; what the text tells is used instead": (
        "{name} 应为日期，例如 2024-01-31，现为 {value}；已改用正文中的信息"
    ),
    "{name} must be one of {names}, not {value}; what the text tells is used instead": (
        "{name} 应为{names}之一，现为 {value}；已改用正文中的信息"
    ),
    "{name} must be a text, not {value}; what the text tells is used instead": (
        "{name} 应为文字，现为 {value}；已改用正文中的信息"
    ),
}

_LEFT_OUT = "left out: "
_FIELD = re.compile(r"\\\{(\w+)\\\}")


def in_page_words(message: str) -> str:
    """The message in Chinese; as it is where the table has none for it."""
    for pattern, chinese in _patterns():
        if found := pattern.fullmatch(message):
            given = {name: _SYSTEM.get(said, said) for name, said in found.groupdict().items()}
            return chinese.format(**given)
    if message.startswith(_LEFT_OUT):
        return f"未采用：{in_page_words(message.removeprefix(_LEFT_OUT))}"
    return message


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple(
        (re.compile(_FIELD.sub(r"(?P<\1>.+)", re.escape(message)), re.DOTALL), chinese)
        for message, chinese in _MESSAGES.items()
    )
