"""Closes the network for the Python process that imports it: only this machine can be reached.

Comes in: nothing, importing is enough. Goes out: `attempts`, what was tried all the same.
The error is no OSError, so that no library takes it for bad weather and carries on offline.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable
from typing import Any

__all__ = ["NetworkClosedError", "attempts"]

attempts: list[str] = []
"""Hosts that were asked for, kept because a thread or a library may swallow the error."""


class NetworkClosedError(RuntimeError):
    """A test, or a program it started, reached for the network."""


def _is_here(host: object) -> bool:
    if isinstance(host, bytes):
        host = host.decode()
    if host is None or host in ("", "localhost", socket.gethostname()):
        return True
    try:
        address = ipaddress.ip_address(str(host).partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _refuse(host: object) -> None:
    attempts.append(str(host))
    raise NetworkClosedError(f"the network is closed in tests, and {host!r} was asked for")


def _guard_lookup(name: str) -> None:
    real: Callable[..., Any] = getattr(socket, name)

    def guarded(host: object, *args: Any, **kwargs: Any) -> Any:
        if not _is_here(host):
            _refuse(host)
        return real(host, *args, **kwargs)

    setattr(socket, name, guarded)


def _guard_method(name: str) -> None:
    real: Callable[..., Any] = getattr(socket.socket, name)

    def guarded(self: socket.socket, *args: Any) -> Any:
        address = args[-1]  # connect(address), sendto(data[, flags], address)
        if self.family != getattr(socket, "AF_UNIX", None) and not _is_here(address[0]):
            _refuse(address[0])
        return real(self, *args)

    setattr(socket.socket, name, guarded)


for _name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex"):
    _guard_lookup(_name)
for _name in ("connect", "connect_ex", "sendto"):
    _guard_method(_name)
