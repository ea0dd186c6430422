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

from aiosmtpd.controller import Controller

from lrflow.channels.smtp import SmtpAccess, SmtpChannel
from lrflow.nudges import Mailer


class Post:
    """What the server has taken, and how it behaves."""

    def __init__(self) -> None:
        self.port = 0
        self.taken: list[EmailMessage] = []
        self.refusal = ""  # the answer to RCPT, when not 250
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

    def _meet(self, phase: str) -> None:
        word, number = self.kills
        if phase == word and self.victim:
            self.kills = (word, number - 1)
            if number == 0:
                os.kill(self.victim, signal.SIGKILL)

    async def handle_MAIL(self, server, session, envelope, address, options):
        self._meet("MAIL")
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        self._meet("RCPT")
        if self.refusal:
            return self.refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_RSET(self, server, session, envelope):
        self._meet("RSET")
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
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
def open_post() -> Iterator[Post]:
    """The server, open."""
    post = Post()
    server = Server(post, hostname="127.0.0.1", port=0)
    server.start()
    post.port = server.port
    try:
        yield post
    finally:
        server.stop()


def mailing(port: int) -> Mailer:
    """A mailer that hands letters to the server on *port*."""
    channel = SmtpChannel(SmtpAccess("127.0.0.1", port, "none", timeout_seconds=10))
    return Mailer(channel, "SUN CSN", "route@example.org")
