"""Every error this package raises on purpose.

ReportQAError
├── CorpusError      a file, folder or metadata row cannot be read
├── EncoderError     the embedding model is missing, damaged or does not fit
├── SnapshotError    the index is missing, damaged, of another format or of another model
│   └── BusyError    another build holds the lock
├── QuestionError    a question, a filter or k cannot be used
├── MissingExtraError  a library that only an extra brings is not installed; an ImportError, too
├── GenerationError  a language model cannot be asked, or its text cannot be used
└── AccessError      an address, a token, user or feedback file of a server cannot be used, or it
                     would be open to everybody

A message says what is wrong, where, and what to do. The root scripts print it as one line.
"""

__all__ = [
    "AccessError",
    "BusyError",
    "CorpusError",
    "EncoderError",
    "GenerationError",
    "MissingExtraError",
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
    """A question, a filter or k cannot be used. `said` is the same in Chinese, for the visitor of a
    page, where there is one."""

    def __init__(self, message: str, said: str = "") -> None:
        """The message for whoever runs the program, and what a visitor reads."""
        super().__init__(message)
        self.said = said


class MissingExtraError(ReportQAError, ImportError):
    """A library that only an extra brings is not installed."""


class GenerationError(ReportQAError):
    """A language model cannot be asked, or what it sent cannot be used. `said` is the same in a
    few words of Chinese, for the reader of the answer that is given in its place. `wait` is after
    how many seconds at least the same may go well; None: asking again is of no use."""

    def __init__(
        self, message: str, said: str = "模型没有给出可用的文字", wait: float | None = None
    ) -> None:
        """The message for whoever runs the program, and what its user reads."""
        super().__init__(message)
        self.said, self.wait = said, wait


class AccessError(ReportQAError):
    """An address, a token, user or feedback file cannot be used, or a server would be open to
    everybody unasked."""
