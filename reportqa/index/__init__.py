"""The snapshot on disk: written, published, opened, verified.

Read in this order: `files` names what lies in a generation and which one serves, `snapshot` opens
one with `stored` and `vectors` (the only user of faiss), `content` and `publish` write one, `reuse`
finds vectors computed before, `verify` checks every invariant on disk.
"""

from reportqa.index.content import QUANTISED_FROM, Addition
from reportqa.index.files import current_generation
from reportqa.index.publish import SnapshotWriter, rollback
from reportqa.index.reuse import embedded_hash
from reportqa.index.snapshot import BASES, Snapshot, open_snapshot
from reportqa.index.vectors import Nearest
from reportqa.index.verify import verify_snapshot

__all__ = [
    "BASES",
    "QUANTISED_FROM",
    "Addition",
    "Nearest",
    "Snapshot",
    "SnapshotWriter",
    "current_generation",
    "embedded_hash",
    "open_snapshot",
    "rollback",
    "verify_snapshot",
]
