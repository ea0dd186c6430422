"""Through which channel messages leave, and in whose name: drafts until a mail server is set."""

import ssl
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from lrflow import clock
from lrflow.channels import Channel
from lrflow.channels.drafts import DraftsChannel
from lrflow.channels.letters import ascii_address
from lrflow.channels.smtp import SmtpAccess, SmtpChannel
from lrflow.errors import Misused, Unavailable
from lrflow.settings import Settings

OUTBOX = "outbox"


@dataclass(frozen=True, slots=True)
class Mailer:
    """A channel, and the name and address that messages come from."""

    channel: Channel
    name: str
    address: str

    @property
    def domain(self) -> str:
        """The domain that Message-IDs bear."""
        return self.address.rpartition("@")[2] or "lrflow.invalid"


def mailer_of(settings: Settings) -> Mailer:
    """The mailer that the settings describe. A handed-in time never reaches a real channel: `Unavailable`."""
    written = settings.get("sender_address") or settings.get("me")
    name = settings.get("sender_name") or written
    try:
        address = ascii_address(written)
    except Misused as fault:  # found out later, it would fail every message for good
        says = f"messages come from no address that mail servers take: {fault.message}"
        raise Unavailable(says, remedy="lrflow settings set sender_address=NAME@DOMAIN") from None
    if not settings.get("smtp_host"):
        return Mailer(DraftsChannel(settings.home / OUTBOX), name, address)
    if clock.is_handed_in():
        raise Unavailable("the time is handed in by LRFLOW_NOW: no real mail is sent", remedy="unset LRFLOW_NOW")
    return Mailer(SmtpChannel(_access(settings)), name, address)


def _access(settings: Settings) -> SmtpAccess:
    security = settings.get("smtp_security") or "starttls"
    port = settings.get("smtp_port") or {"tls": "465", "starttls": "587"}.get(security, "25")
    user = settings.get("smtp_user") or None
    return SmtpAccess(
        host=settings.get("smtp_host"),
        port=int(port),
        security=cast(Literal["starttls", "tls", "none"], security),
        user=user,
        password=_password(settings) if user else None,
        trust=_trust(settings.get("smtp_ca_file")),
    )


def _trust(path: str) -> ssl.SSLContext | None:
    if not path:
        return None
    try:
        return ssl.create_default_context(cafile=path)
    except (OSError, ssl.SSLError) as fault:
        raise Unavailable(f"smtp_ca_file {path} cannot be used: {fault}") from None


def _password(settings: Settings) -> Callable[[], str]:
    """How to get the password when it is needed: from a file or a program, never from the settings."""
    file, command = settings.get("smtp_password_file"), settings.get("smtp_password_command")
    if not file and not command:
        remedy = "lrflow settings set smtp_password_file=PATH"
        raise Unavailable(f"no password is known for {settings.get('smtp_user')}", remedy=remedy)
    return lambda: _from_file(Path(file)) if file else _from_program(command)


def _from_file(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").rstrip("\r\n")
    except OSError as fault:
        raise Unavailable(f"smtp_password_file {path} cannot be read: {fault.strerror}") from None


def _from_program(command: str) -> str:
    import shlex

    try:
        done = subprocess.run(shlex.split(command), capture_output=True, text=True, timeout=30, check=True)
    except (OSError, subprocess.SubprocessError):
        raise Unavailable("smtp_password_command gave no password", remedy="run it by hand and look") from None
    return done.stdout.rstrip("\r\n")
