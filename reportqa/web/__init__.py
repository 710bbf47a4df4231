"""The web page: a Gradio page to ask on and a reader for whole reports, on one local server."""

__all__: list[str] = []
