"""The mail account that the settings of this computer describe, and how to get its password when it is needed."""

import ssl
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Literal, cast

from lrflow.channels.smtp import SmtpAccess
from lrflow.errors import Unavailable
from lrflow.settings import Settings

PORTS = {"tls": "465", "starttls": "587"}


def account_of(settings: Settings) -> SmtpAccess:
    """Where letters are handed in, and by whom. Raises `Unavailable` or `Misused` for what cannot be meant."""
    security = settings.get("smtp_security") or "starttls"
    port = settings.get("smtp_port") or PORTS.get(security, "25")
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
