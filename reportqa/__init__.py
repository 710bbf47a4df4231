"""Ask Chinese government reports a question; get passages with citations that can be checked.

from pathlib import Path
from reportqa import Retriever, ask, build

build([Path("corpus")], Path("index"))
retriever = Retriever.open("index")
for hit in retriever.search("2024年新增就业多少人？", k=5):
    print(hit.passage.id, hit.passage.text)
print(ask(retriever, "2024年新增就业多少人？").answer.text)
"""

__version__ = "0.1.0"

from reportqa.answer import answer, ask
from reportqa.build import build
from reportqa.errors import ReportQAError
from reportqa.figures import find_figures
from reportqa.filters import make_filters
from reportqa.generate import openai_llm
from reportqa.prompt import prompt
from reportqa.search import Retriever

__all__ = [
    "ReportQAError",
    "Retriever",
    "__version__",
    "answer",
    "ask",
    "build",
    "find_figures",
    "make_filters",
    "openai_llm",
    "prompt",
]
