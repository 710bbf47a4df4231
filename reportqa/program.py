"""What every root script does alike: arguments as text, and each way to end as one line with its
exit code. In: the script's own work. Out: 0, 1 or 2, and never a traceback for what a user did.
"""

from __future__ import annotations

import argparse
import errno
import os
import sys
from collections.abc import Callable

from reportqa.errors import ReportQAError

__all__ = ["run_program", "text_argument"]

_OUTPUT_FAULTS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


def run_program(name: str, work: Callable[[], int], stopped: str = "stopped") -> int:
    """The exit code of `work`; 2 for a ReportQAError, for Ctrl-C (said as `stopped`) and for an
    output that takes no more; 0 where its reader has gone (`query.py … | head`)."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:  # None where a caller closed it
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        code = work()
        if sys.stdout is not None:
            sys.stdout.flush()
    except ReportQAError as error:
        return _end(name, str(error))
    except KeyboardInterrupt:
        return _end(name, stopped)
    except BrokenPipeError:
        _forget_output()
        return 0
    except OSError as error:
        if error.errno not in _OUTPUT_FAULTS or error.filename is not None:
            raise
        _forget_output()
        return _end(name, f"cannot write the output ({error.strerror}): make room and try again")
    return code


def text_argument(given: str) -> str:
    """An argument as text, for argparse; UTF-8 that a plain C locale could not read is read."""
    try:
        given.encode()
    except UnicodeEncodeError:
        try:
            return os.fsencode(given).decode()
        except UnicodeError:
            raise argparse.ArgumentTypeError(f"{given!a} is not text in UTF-8") from None
    return given


def _end(name: str, message: str) -> int:
    sys.stderr.write(f"{name}: {message}\n")
    return 2


def _forget_output() -> None:
    """Send what is left in the buffer nowhere, or Python complains of it at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
