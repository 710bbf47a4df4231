"""Who may ask: tokens from a file, compared in constant time, and the names the server goes by.

A program sends `Authorization: Bearer TOKEN`. A browser asks its user and sends the token as the
password of HTTP Basic, under any user name, so that page, REST and MCP are kept by one rule.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import ipaddress
import logging
import os
import re
import stat
from collections.abc import Iterable
from pathlib import Path

from reportqa.errors import AccessError

__all__ = [
    "CHALLENGE",
    "Tokens",
    "is_loopback",
    "named_loopback",
    "read_tokens",
    "warn_of_rights",
]

SHORTEST_TOKEN = 16
"""Characters."""
CHALLENGE = 'Bearer realm="reportqa", Basic realm="reportqa", charset="UTF-8"'

_log = logging.getLogger(__name__)
_TOKEN = re.compile(r"[\x21-\x7e]+")


class Tokens:
    """The tokens that let in, as digests: the tokens themselves are not kept."""

    def __init__(self, tokens: Iterable[str]) -> None:
        """Let these tokens in."""
        self._digests = tuple(_digest(token.encode()) for token in tokens)

    def let_in(self, authorization: str | None) -> bool:
        """Whether an Authorization header carries one of the tokens. Takes as long for a token
        that is nearly right as for one that is all wrong."""
        given = _digest(_credential(authorization))
        # every digest is compared: stopping at the first would tell which it was
        return any([hmac.compare_digest(given, known) for known in self._digests])


def read_tokens(path: Path) -> Tokens:
    """One token a line, blank lines and those beginning with # aside. AccessError where the file
    cannot be read, holds none, or holds one that is short or not ASCII."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise AccessError(f"{path}: the tokens cannot be read ({error})") from error
    tokens = []
    for number, line in enumerate(map(str.strip, lines), 1):
        if not line or line.startswith("#"):
            continue
        if len(line) < SHORTEST_TOKEN or not _TOKEN.fullmatch(line):
            raise AccessError(  # the token is not repeated: this ends up in logs
                f"{path}:{number}: a token has {SHORTEST_TOKEN} or more printable ASCII characters "
                "and no blanks: make one with `openssl rand -hex 24`"
            )
        tokens.append(line)
    if not tokens:
        raise AccessError(f"{path}: holds no token: write one a line")
    return Tokens(tokens)


def warn_of_rights(path: Path) -> None:
    """Say in the log that a file of secrets is open to every user of this machine, where it is."""
    if os.name == "posix" and path.stat().st_mode & stat.S_IRWXO:
        _log.warning("%s is open to every user of this machine: chmod 600 %s", path, path)


def is_loopback(host: str) -> bool:
    """Whether a server that listens on this host is reached from this machine alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def named_loopback(host_header: str) -> bool:
    """Whether a Host header names this machine. A page of another site that had its own name
    pointed here would send that name."""
    name = re.sub(r":\d+$", "", host_header.strip())
    return is_loopback(name.lower())


def _credential(authorization: str | None) -> bytes:
    """What a Bearer or Basic header offers as the token; empty where it offers nothing."""
    scheme, _, value = (authorization or "").strip().partition(" ")
    if scheme.lower() == "bearer":
        return value.strip().encode("utf-8", "replace")
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value.strip(), validate=True).partition(b":")[2]
        except binascii.Error:
            return b""
    return b""


def _digest(credential: bytes) -> bytes:
    return hashlib.sha256(credential).digest()
