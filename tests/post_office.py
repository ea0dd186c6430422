"""A real mail server on this machine that counts what it takes, refuses what it is told to, and can kill a sender."""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from socket import create_connection
from typing import Any, Literal

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from lrflow.channels.rates import read_rate
from lrflow.channels.smtp import SmtpAccess, SmtpChannel
from lrflow.nudges import Mailer

Security = Literal["starttls", "tls", "none"]
DIES, SLEEPS = "dies", "sleeps"  # answers that are none: the server hangs up, or says nothing any more


class Post:
    """What the server has taken, and how it behaves."""

    def __init__(self) -> None:
        self.port = 0
        self.taken: list[EmailMessage] = []
        self.refusal = ""  # the answer to RCPT, when not 250
        self.answers: dict[tuple[str, str], list[str]] = {}  # by phase and reader (* for any): each is given once
        self.asked: list[tuple[str, str]] = []  # phase and reader, as they came
        self.holds = False  # whether it keeps the answer to DATA to itself
        self.kills: tuple[str, int] = ("", 0)  # at which phase, at which time, it kills the victim
        self.victim = 0

    @property
    def counted(self) -> Counter[str]:
        """How often each message was taken, by Message-ID and reader."""
        return Counter(f"{letter['Message-ID']} {letter['To']}" for letter in self.taken)

    @property
    def readers(self) -> list[str]:
        """The addresses of what was taken, in order."""
        return [letter["To"].addresses[0].addr_spec for letter in self.taken]

    def answer(self, phase: str, reader: str, *answers: str) -> None:
        """Give *answers* at *phase* to letters for *reader* (the part before @, * for any), each once, in this order.

        The last one stays, unless it is 250.
        """
        self.answers[phase, reader] = list(answers)

    async def _answer(self, phase: str, address: str, server: SMTP) -> str:
        """What was ordered for this phase and reader, empty for none."""
        name = address.partition("@")[0]
        self.asked.append((phase, name))
        ordered = self.answers.get((phase, name)) or self.answers.get((phase, "*")) or [""]
        answer = ordered.pop(0) if len(ordered) > 1 else ordered[0]
        if answer == DIES:
            server.transport.abort()
        if answer == SLEEPS:
            await asyncio.Event().wait()
        return "" if answer.startswith("250") else answer

    def _meet(self, phase: str) -> bool:
        """Kill the victim, if this is where; whether it was. `LOST` is a letter that came and is not taken."""
        word, number = self.kills
        if phase != word or not self.victim:
            return False
        self.kills = (word, number - 1)
        if number == 0:
            os.kill(self.victim, signal.SIGKILL)
        return number == 0

    async def handle_MAIL(self, server, session, envelope, address, options):
        self._meet("MAIL")
        if refusal := await self._answer("MAIL", "*", server):
            return refusal
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        self._meet("RCPT")
        if refusal := await self._answer("RCPT", address, server) or self.refusal:
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_RSET(self, server, session, envelope):
        self._meet("RSET")
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        refusal = await self._answer("DATA", envelope.rcpt_tos[0], server)
        if refusal not in ("", DIES):
            return refusal
        if self._meet("LOST"):
            return "451 its sender is gone"
        self.taken.append(message_from_bytes(envelope.content, policy=policy.default))
        self._meet("DATA")
        while self.holds:
            await asyncio.sleep(0.01)
        return "250 taken"


class Server(Controller):
    """An aiosmtpd server on a free port of 127.0.0.1."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        create_connection((self.hostname, self.port), 5).close()


@contextmanager
def open_post(**options: Any) -> Iterator[Post]:
    """The server, open; *options* are aiosmtpd's: certificates, who may log in."""
    post = Post()
    server = Server(post, hostname="127.0.0.1", port=0, **options)
    server.start()
    post.port = server.port
    try:
        yield post
    finally:
        server.stop()


def mailing(port: int, security: Security = "none", *, rate: str = "", **access: Any) -> Mailer:
    """A mailer that hands letters to the server on *port*."""
    channel = SmtpChannel(SmtpAccess("127.0.0.1", port, security, **{"timeout_seconds": 10, **access}))
    return Mailer(channel, "SUN CSN", "route@example.org", read_rate(rate))
