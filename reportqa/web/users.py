"""Users from a file: names with their passwords' hashes, and what makes such a line.

A line is `name:salt:hash`, hash and salt in hexadecimal, by scrypt. To try a password costs memory
and time by intent, so one is tried at a time, a client may try few, and a password that was right
is known again by a keyed digest.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import secrets
import stat
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from reportqa.errors import AccessError

__all__ = ["SHORTEST_PASSWORD", "Hashed", "Users", "read_users", "save_user", "user_line"]

SHORTEST_PASSWORD = 10
"""Characters."""
_COST = {"n": 2**14, "r": 8, "p": 1}  # 16 MiB and some 50 ms a try
_SALT = 16  # bytes
_ANEW = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
KNOWN = 1_024  # right passwords remembered


@dataclass(frozen=True, slots=True)
class Hashed:
    """A password by salt and digest."""

    salt: bytes
    digest: bytes

    @classmethod
    def of(cls, password: str, salt: bytes) -> Hashed:
        """The hash of a password."""
        return cls(salt, hashlib.scrypt(password.encode("utf-8", "replace"), salt=salt, **_COST))


class Users:
    """Who may ask by name and password. Safe to share between threads."""

    def __init__(self, users: Mapping[str, Hashed]) -> None:
        """Let these in."""
        self._users = dict(users)
        self._nobody = Hashed(os.urandom(_SALT), os.urandom(64))
        self._key = os.urandom(32)
        self._known: set[bytes] = set()
        self._one = threading.Lock()

    def remembers(self, authorization: str | None) -> bool:
        """Whether these very credentials were right before."""
        return self._mark(authorization or "") in self._known

    def let_in(self, authorization: str | None) -> bool:
        """Whether a Basic header carries a user and the password. It takes as long for a name that
        is not known as for one that is, and blocks for as long."""
        if (given := _basic(authorization)) is None:
            return False
        name, password = given
        with self._one:
            if self.remembers(authorization):
                return True
            hashed = self._users.get(name, self._nobody)
            right = hmac.compare_digest(Hashed.of(password, hashed.salt).digest, hashed.digest)
            if right and len(self._known) < KNOWN:
                self._known.add(self._mark(authorization or ""))
        return right

    def _mark(self, authorization: str) -> bytes:
        return hmac.digest(self._key, authorization.encode("utf-8", "replace"), "sha256")


def user_line(name: str, password: str) -> str:
    """The line of a user. AccessError where the name or the password will not do."""
    if not name or ":" in name or not name.isprintable() or name != name.strip():
        raise AccessError(f"user {name!r}: a name has no colon and no blanks around it")
    if name.startswith("#"):
        raise AccessError(f"user {name!r}: a line that begins with # is a remark")
    if len(password) < SHORTEST_PASSWORD:
        raise AccessError(f"the password is short: {SHORTEST_PASSWORD} characters or more")
    hashed = Hashed.of(password, secrets.token_bytes(_SALT))
    return f"{name}:{hashed.salt.hex()}:{hashed.digest.hex()}"


def save_user(path: Path, name: str, password: str) -> bool:
    """Put a user into the file, which nobody else may read, or give one who is there the new
    password: whether there was one. The file is whole at every moment. AccessError where the name
    or the password will not do, or the file cannot be written."""
    path = Path(os.path.realpath(path))  # a link stays, what it points to is written
    part = path.with_name(path.name + ".part")
    line = user_line(name, password)
    try:
        before = path.read_text("utf-8").splitlines() if path.exists() else []
        others = [kept for kept in before if kept.strip().partition(":")[0] != name]
        with os.fdopen(os.open(part, _ANEW, 0o600), "w", encoding="utf-8") as file:
            if path.exists() and os.name == "posix":
                _keep_owner(file.fileno(), path.stat())
            file.write("\n".join([*others, line, ""]))
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except (OSError, UnicodeDecodeError) as error:
        part.unlink(missing_ok=True)
        raise AccessError(f"{path} cannot be written ({error})") from error
    return len(others) < len(before)


def _keep_owner(file: int, before: os.stat_result) -> None:
    """Let the server, who may be another user, read the file as before; everybody may not."""
    with suppress(PermissionError):
        os.fchown(file, before.st_uid, before.st_gid)
    os.fchmod(file, before.st_mode & ~stat.S_IRWXO)


def read_users(path: Path) -> Users:
    """One user a line, blank lines and those beginning with # aside. AccessError where the file
    cannot be read, holds none, or holds a line that is none of `user_line`."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise AccessError(f"{path}: the users cannot be read ({error})") from error
    users: dict[str, Hashed] = {}
    for number, line in enumerate(map(str.strip, lines), 1):
        if not line or line.startswith("#"):
            continue
        name, *rest = line.split(":")
        try:
            salt, digest = map(bytes.fromhex, rest)
        except ValueError as error:
            raise AccessError(  # the line is not repeated: it may hold a password
                f"{path}:{number}: is not name:salt:hash: add users by "
                f"`python serve.py --user-file {path} --add-user NAME`"
            ) from error
        if name in users:
            raise AccessError(f"{path}:{number}: the user {name} stands there twice: take one away")
        users[name] = Hashed(salt, digest)
    if not users:
        raise AccessError(
            f"{path}: holds no user: `python serve.py --user-file {path} --add-user NAME` adds one"
        )
    return Users(users)


def _basic(authorization: str | None) -> tuple[str, str] | None:
    """Name and password of a Basic header."""
    scheme, _, value = (authorization or "").strip().partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, colon, password = base64.b64decode(value.strip(), validate=True).partition(b":")
        return (name.decode(), password.decode()) if colon else None
    except (binascii.Error, UnicodeDecodeError):
        return None
