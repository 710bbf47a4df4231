"""Every error this package raises on purpose.

ReportQAError
├── CorpusError      a file, folder or metadata row cannot be read
├── EncoderError     the embedding model is missing, damaged or does not fit
├── SnapshotError    the index is missing, damaged, of another format or of another model
│   └── BusyError    another build holds the lock
├── QuestionError    a question, a filter or k cannot be used
└── AccessError      the tokens of a server cannot be read, or it would be open to everybody

A message says what is wrong, where, and what to do. The root scripts print it as one line.
"""

__all__ = [
    "AccessError",
    "BusyError",
    "CorpusError",
    "EncoderError",
    "QuestionError",
    "ReportQAError",
    "SnapshotError",
]


class ReportQAError(Exception):
    """Base of all errors raised on purpose."""


class CorpusError(ReportQAError):
    """A report file, a corpus folder or metadata.csv cannot be read."""


class EncoderError(ReportQAError):
    """The embedding model is missing, damaged or does not fit."""


class SnapshotError(ReportQAError):
    """The index on disk is missing, damaged, of another format or of another model."""


class BusyError(SnapshotError):
    """Another build is writing to the same index."""


class QuestionError(ReportQAError):
    """A question, a filter or k cannot be used."""


class AccessError(ReportQAError):
    """The tokens cannot be read, or a server would be open to everybody unasked."""
