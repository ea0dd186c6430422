"""Tell the service manager that started this process how it fares: sd_notify, a datagram at a time."""

import os
import socket
from collections.abc import Mapping
from contextlib import suppress

from lrflow.clock import monotonic


class Manager:
    """The service manager, if one listens. Telling it is never waited for, and a manager that is gone harms nothing."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        self._address = _address(environment.get("NOTIFY_SOCKET", ""))
        self.watches_every = _watchdog_seconds(environment)
        self._told = monotonic()

    def ready(self, status: str) -> None:
        """The start is over: what is due is being sent."""
        self._tell("READY=1", f"STATUS={_line(status)}")

    def status(self, words: str) -> None:
        """What it is doing, in a line for people."""
        self._tell(f"STATUS={_line(words)}")

    def stopping(self) -> None:
        """The end has begun, on purpose."""
        self._tell("STOPPING=1")

    def alive(self) -> None:
        """The work gets on: said twice in the time after which the manager loses patience, if it watches at all."""
        if self.watches_every and monotonic() - self._told >= self.watches_every / 2:
            self._told = monotonic()
            self._tell("WATCHDOG=1")

    def _tell(self, *words: str) -> None:
        if not self._address:
            return
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sending:
            sending.setblocking(False)  # a manager that does not read must not hold up the sending
            sending.sendto("\n".join(words).encode("utf-8", "replace"), self._address)


def _address(named: str) -> bytes:
    """The socket's address; empty when there is none, or when this computer knows no such sockets."""
    if named[:1] not in ("/", "@") or not hasattr(socket, "AF_UNIX"):
        return b""
    name = os.fsencode(named)
    return b"\0" + name[1:] if named.startswith("@") else name


def _watchdog_seconds(environment: Mapping[str, str]) -> float:
    """After how long a silence the manager ends this process; 0 when it does not watch, or watches another one."""
    if environment.get("WATCHDOG_PID", "") not in ("", str(os.getpid())):
        return 0.0
    microseconds = environment.get("WATCHDOG_USEC", "")
    return int(microseconds) / 1_000_000 if microseconds.isdecimal() and microseconds.isascii() else 0.0


def _line(text: str) -> str:
    return " ".join(text.split())
