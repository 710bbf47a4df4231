"""Bytes of a file → text, or the reason why there is none.

Knows UTF-8, UTF-16 (with a byte order mark, or clearly so) and GB18030; refuses what is binary,
what is too large and what decodes to noise.
"""

from __future__ import annotations

import re
from pathlib import Path

__all__ = ["MAX_FILE_BYTES", "UnreadableError", "check_text", "decode", "read_bytes"]

MAX_FILE_BYTES = 50_000_000
"""The longest file, and the longest line of a .jsonl file, in bytes: some 16 million characters."""

_NOISE = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ue000-\uf8ff\ufffd\ud800-\udfff]")
_FOREIGN = re.compile(r"[\ue000-\uf8ff\ufffd\ud800-\udfff]")
_BINARY = {
    b"%PDF": "a PDF",
    b"PK\x03\x04": "a Word, Excel or zip file",
    b"\xd0\xcf\x11\xe0": "an old Word or Excel file",
    b"{\\rtf": "an RTF file",
}
_NOISE_SHARE = 0.2
_SAMPLE = 100_000


class UnreadableError(Exception):
    """Why a file or document is skipped, and what to do about it."""


def read_bytes(file: Path) -> bytes:
    """The bytes of a file. Raises UnreadableError where it cannot be read or is too large."""
    try:
        if not file.is_file():
            reason = "a broken link" if file.is_symlink() and not file.exists() else "not a file"
            raise UnreadableError(f"{reason}; remove it or put the report in its place")
        if (size := file.stat().st_size) > MAX_FILE_BYTES:
            raise UnreadableError(
                f"{size:,} bytes, more than the limit of {MAX_FILE_BYTES:,}; "
                "split it, or put its documents into a .jsonl file, one a line"
            )
        return file.read_bytes()
    except OSError as error:
        raise UnreadableError(
            f"cannot be read ({error.strerror}); check that it is there and its permissions"
        ) from error


def decode(data: bytes) -> str:
    """The text of some bytes. Raises UnreadableError where it is binary or of no known encoding."""
    for start, name in _BINARY.items():
        if data.startswith(start):
            raise UnreadableError(f"{name}, not text; save it as .txt or .md in UTF-8")
    for encoding in _encodings(data):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            break
        return text.removeprefix("\ufeff")
    if b"\x00" in data:
        raise UnreadableError("binary (it has NUL bytes); save it as text in UTF-8")
    raise UnreadableError("neither UTF-8, UTF-16 nor GB18030; save it in UTF-8")


def _encodings(data: bytes) -> tuple[str, ...]:
    """The encodings to try, in order."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ("utf-16",)
    sample = data[:4096]
    if len(data) % 2 == 0 and len(sample) >= 4:
        # UTF-16 has line feeds, digits or blanks: NUL bytes, and at one parity only.
        even, odd = sample[::2].count(0), sample[1::2].count(0)
        if even + odd and min(even, odd) == 0:
            return ("utf-16-be",) if even else ("utf-16-le",)
    return ("utf-8-sig", "gb18030")


def check_text(text: str) -> str | None:
    """A warning about characters of broken fonts, if there are any.

    Raises UnreadableError where there is nothing or mostly noise: control characters, private-use
    characters, replacement characters."""
    if "\x00" in text:
        raise UnreadableError("binary (it has NUL characters); save it as text in UTF-8")
    if not text.strip():
        raise UnreadableError("there is no text in it; remove it or fill it")
    sample = text[:_SAMPLE]
    if len(_NOISE.findall(sample)) > _NOISE_SHARE * len("".join(sample.split())):
        raise UnreadableError(
            "mostly control or private-use characters: it was read in the wrong encoding or made "
            "with a font of its own; save it anew in UTF-8"
        )
    if count := len(_FOREIGN.findall(text)):
        return (
            f"{count} private-use or replacement characters (U+FFFD) from a broken font or "
            "encoding; they are kept, compare them with the source"
        )
    return None
