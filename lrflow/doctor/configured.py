"""Look at the settings of this computer: readable, meant, and enough to send by; the mail server is called last."""

import os
import shlex
import shutil
import sys
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, cast

from lrflow import clock, settings
from lrflow.doctor.found import Found, told
from lrflow.errors import LrflowError
from lrflow.settings import KNOWN, Settings

SECURITIES = ("starttls", "tls", "none")
SET = "lrflow settings set"


def read_settings(home: Path) -> tuple[Settings, list[Found]]:
    """The settings of *home*, and what is wrong with their file; a broken one gives empty settings."""
    try:
        found = settings.load_from(home)
    except LrflowError as fault:
        return Settings(home, {}), [told(fault)]
    return found, list(_strange(found.values))


def _strange(values: Mapping[str, Any]) -> Iterator[Found]:
    for name, value in values.items():
        if name not in KNOWN:
            near = get_close_matches(name, KNOWN, n=1)
            says = f"{settings.FILE} has a line that nothing reads: {name}"
            yield Found("note", says, (f"{SET} {near[0]}=..." if near else f"take the line {name} = ... out",))
        elif isinstance(value, bool | list | dict):
            says = f"{settings.FILE}: {name} is no text, so it cannot be meant"
            yield Found("fault", says, (f"{SET} {name}=...",))


def look_at_settings(current: Settings) -> Iterator[Found]:
    """Zone, the address messages come from, and the mail server, which is called when the settings can be meant."""
    yield from _zone(current)
    if current.get("smtp_host"):
        yield from _mail(current)
    else:
        lonely = [name for name in KNOWN if name.startswith("smtp_") and current.get(name)]
        if lonely:
            says = f"{', '.join(lonely)} is set, but no smtp_host: messages become drafts in outbox/"
            yield Found("note", says, (f"{SET} smtp_host=mail.example.org",))
        else:
            yield Found("ok", "no mail server is set: messages become drafts in outbox/")


def _zone(current: Settings) -> Iterator[Found]:
    try:
        clock.zone_of(current.get("timezone") or "UTC")
    except LrflowError as fault:
        yield Found("fault", f"timezone: {fault.message}", (f"{SET} timezone=Africa/Kigali",))


def _mail(current: Settings) -> Iterator[Found]:
    wrong = [*_sender(current), *_way(current), *_password(current), *_rate(current)]
    yield from wrong
    if all(each.level != "fault" for each in wrong):
        from lrflow.doctor.mail import look_at_connection

        yield from look_at_connection(current)


def _sender(current: Settings) -> Iterator[Found]:
    from lrflow.channels.letters import ascii_address

    written = current.get("sender_address")
    if not written:
        says = f"a mail server is set, but no sender_address: messages come from {current.get('me') or 'nobody'}"
        yield Found("note" if current.get("me") else "fault", says, (f"{SET} sender_address=NAME@DOMAIN",))
    try:
        ascii_address(written or current.get("me") or "@")
    except LrflowError as fault:
        says = f"messages come from no address that mail servers take: {fault.message}"
        yield Found("fault", says, (f"{SET} sender_address=NAME@DOMAIN",))


def _way(current: Settings) -> Iterator[Found]:
    from lrflow.channels.smtp import SmtpAccess

    port, security = current.get("smtp_port"), current.get("smtp_security") or "starttls"
    if port and not (port.isdigit() and 0 < int(port) < 65536):
        yield Found("fault", f"smtp_port is no port: {port!r}", (f"{SET} smtp_port=587",))
    trusted = current.get("smtp_ca_file")
    if trusted and not Path(trusted).is_file():
        yield Found("fault", f"smtp_ca_file: there is no file {trusted}", (f"{SET} smtp_ca_file=PATH",))
    try:
        SmtpAccess(current.get("smtp_host"), 25, cast(Literal["starttls", "tls", "none"], security))
    except LrflowError as fault:
        near = get_close_matches(security, SECURITIES, n=1) or ["starttls"]
        yield Found("fault", fault.message, (f"{SET} smtp_security={'starttls' if security == 'none' else near[0]}",))


def _rate(current: Settings) -> Iterator[Found]:
    try:
        settings.check("smtp_rate", current.get("smtp_rate") or None)
    except LrflowError as fault:
        yield Found("fault", fault.message, fault.remedy)


def _password(current: Settings) -> Iterator[Found]:
    user, file, command = (current.get(f"smtp_{name}") for name in ("user", "password_file", "password_command"))
    if user and not file and not command:
        yield Found("fault", f"no password is known for {user}", (f"{SET} smtp_password_file=PATH",))
    if not user and (file or command):
        yield Found("note", "a password is named, but no smtp_user: nobody logs in", (f"{SET} smtp_user=...",))
    if file and command:
        says = "smtp_password_file and smtp_password_command are both set: the file is used"
        yield Found("note", says, ("lrflow settings unset smtp_password_command",))
    if command and not file and not shutil.which((shlex.split(command) or [""])[0]):
        says = f"smtp_password_command: there is no program {command.split()[0]}"
        yield Found("fault", says, (f'{SET} smtp_password_command="..."',))
    if file:
        yield from _secret(Path(file))


def _secret(path: Path) -> Iterator[Found]:
    if not path.is_file():
        says = f"smtp_password_file: there is no file {path}"
        yield Found("fault", says, (f"{SET} smtp_password_file=PATH",))
        return
    if path.stat().st_size == 0:
        yield Found("fault", f"smtp_password_file {path} is empty", (f"{SET} smtp_password_file=PATH",))
    if not path.is_absolute():
        says = f"smtp_password_file {path} is found from this folder only"
        yield Found("note", says, (f'{SET} smtp_password_file="{path.absolute()}"',))
    if sys.platform != "win32" and path.stat().st_mode & 0o077:
        says = f"other users of this computer can read smtp_password_file {path}"
        yield Found("fault", says, (f"chmod 600 '{path}'",))


def look_at_clock() -> Iterator[Found]:
    """Whether the time is handed in, so that nothing real is sent. Raises `Misused` when it cannot be read."""
    if clock.is_handed_in():
        handed = os.environ.get("LRFLOW_NOW", "").strip()
        clock.read_instant(handed, "UTC")
        undo = "set LRFLOW_NOW=" if sys.platform == "win32" else "unset LRFLOW_NOW"
        yield Found("note", f"LRFLOW_NOW={handed} hands in the time: a rehearsal, no real mail is sent", (undo,))
