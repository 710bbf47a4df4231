"""Bytes of a file → text, or the reason why there is none.

Knows UTF-8, UTF-16 (with a byte order mark, or clearly so) and GB18030; refuses what is binary,
what is too large and what decodes to noise.
"""

from __future__ import annotations

import re
from pathlib import Path

__all__ = [
    "MAX_FILE_BYTES",
    "UnreadableError",
    "check_text",
    "decode",
    "read_bytes",
    "require_file",
]

MAX_FILE_BYTES = 50_000_000
"""The longest file, and the longest line of a .jsonl file, in bytes: some 16 million characters."""

_NOISE = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ue000-\uf8ff\ufffd\ud800-\udfff]")
_FOREIGN = re.compile(r"[\ue000-\uf8ff\ufffd\ud800-\udfff]")
_USUAL = re.compile(r"[\t\r\n\x20-\x7e\u2010-\u2030\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
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


def require_file(file: Path) -> None:
    """Raises UnreadableError where a path is no file that could be read."""
    if not file.is_file():
        reason = "a broken link" if file.is_symlink() and not file.exists() else "not a file"
        raise UnreadableError(f"{reason}; remove it or put the report in its place")


def read_bytes(file: Path) -> bytes:
    """The bytes of a file. Raises UnreadableError where it cannot be read or is too large."""
    try:
        require_file(file)
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
    text = _decode_known(data)
    if text is None:
        if b"\x00" in data:
            raise UnreadableError("binary (it has NUL bytes); save it as text in UTF-8")
        raise UnreadableError("neither UTF-8, UTF-16 nor GB18030; save it in UTF-8")
    return text.removeprefix("\ufeff")


def _decode_known(data: bytes) -> str | None:
    """The text in the one encoding that fits, a few bad bytes replaced; None where none does."""
    if encoding := _utf16(data):
        tries = [(encoding, "strict")]
    elif b"\x00" in data:
        return None
    else:
        tries = [("utf-8", "strict"), ("utf-8", "replace"), ("gb18030", "strict")]
        tries.append(("gb18030", "replace"))
    for encoding, errors in tries:
        try:
            text = data.decode(encoding, errors)
        except UnicodeDecodeError:
            continue
        if errors == "strict" or _is_slightly_damaged(text):
            return text
    return None


def _is_slightly_damaged(text: str) -> bool:
    """Whether the bytes that did not fit the encoding are few beside those that did."""
    return 50 * text.count("\ufffd") < sum("\u4e00" <= char <= "\u9fff" for char in text)


def _utf16(data: bytes) -> str | None:
    """The kind of UTF-16 the bytes are in: by their mark, or because they hold NUL bytes (line
    feeds, digits and blanks do, and 一) and make sense in one byte order."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    sample = data[: _SAMPLE // 2 * 2]
    if len(data) % 2 or b"\x00" not in sample:
        return None
    sense = {
        encoding: _share_usual(sample.decode(encoding, "replace"))
        for encoding in ("utf-16-le", "utf-16-be")
    }
    best = max(sense, key=lambda encoding: sense[encoding])
    if _is_utf8(sample) and sample.count(0) < 0.4 * len(sample):
        return None  # letters two by two make Chinese characters: NUL bytes in UTF-8, not UTF-16
    return best if sense[best] > 0.95 else None


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _share_usual(text: str) -> float:
    """The share of characters that Chinese reports are made of."""
    return len(_USUAL.findall(text)) / max(1, len(text))


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
