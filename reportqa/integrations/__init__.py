"""The reports behind other libraries' interfaces: `langchain`, `llama_index`, `haystack`, each
importable with its extra, and `openai_tools`, which needs none.

Nothing is imported here, so that one interface asks for one library.
"""

__all__: list[str] = []
