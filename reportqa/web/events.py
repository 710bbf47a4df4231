"""How the page's events reach the server.

An event in Gradio's queue gets its reply over one stream for the whole page, which closes when no
event is left; an event that joins while it closes is never answered (seen with Enter pressed just
as the page had opened). So only what takes long goes through the queue: a model that writes, a
file of questions, a comparison. Everything else is one request with one reply.
"""

from __future__ import annotations

from typing import Any, Final

__all__ = ["DIRECT", "QUEUED"]

QUEUED: Final[dict[str, Any]] = {"api_visibility": "private"}
"""An event that waits in a queue, whose `concurrency_id` it names."""

DIRECT: Final[dict[str, Any]] = {"api_visibility": "private", "queue": False}
"""An event that is one request; many questions at once wait at the desk."""
