"""The settings of this computer: one flat TOML file, where each value came from, and no secret in it."""

import os
import re
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lrflow.clock import zone_of
from lrflow.errors import Misused, NotFound, Unavailable

FILE = "lrflow.toml"
DATABASE = "lrflow.db"
KNOWN: Mapping[str, str] = {
    "me": "your e-mail address: who acts when nothing else is said",
    "route": "the current route (lrflow use)",
    "route_on": "the day it was chosen",
    "timezone": "the zone in which days are meant",
    "sender_name": "the name messages come from",
    "sender_address": "the address messages come from",
    "smtp_host": "the mail server; without one, messages become drafts in outbox/",
    "smtp_port": "its port",
    "smtp_security": "starttls, tls, or none (this machine only)",
    "smtp_user": "the login",
    "smtp_password_file": "a file that holds the password and nothing else",
    "smtp_password_command": "a program that prints the password",
    "smtp_ca_file": "the certificate authority of a private mail server",
    "smtp_rate": "how many messages the mail server takes: 20/min 400/day",
}
# Read here too, so that what cannot be meant is refused before mail is due.
RATE = re.compile(r"(?:(?P<min>[1-9][0-9]{0,6}) ?/ ?min)?(?:(?:^|\s*,\s*|\s+)(?P<day>[1-9][0-9]{0,6}) ?/ ?day)?")
RATES = 'lrflow settings set smtp_rate="20/min 400/day"'
_NUMBERS = frozenset({"smtp_port"})
_SECRET = re.compile(r"pass|secret|token", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Settings:
    """The home folder of a programme and its settings. A variable LRFLOW_NAME in the environment wins over the file."""

    home: Path
    values: Mapping[str, Any]

    def get(self, name: str) -> str:
        """The value in force; empty when it is not set."""
        return os.environ.get(f"LRFLOW_{name.upper()}") or str(self.values.get(name, ""))

    def source(self, name: str) -> str:
        """Where the value in force came from."""
        if os.environ.get(f"LRFLOW_{name.upper()}"):
            return f"LRFLOW_{name.upper()}"
        return str(self.home / FILE) if name in self.values else "not set"

    @property
    def database(self) -> Path:
        """The database file."""
        return self.home / DATABASE


def find_home() -> Path:
    """Where the programme is: LRFLOW_HOME, else the nearest folder upwards with lrflow.toml, else the user's place."""
    if named := os.environ.get("LRFLOW_HOME"):
        return Path(named)
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / FILE).is_file():
            return folder
    return default_home()


def default_home() -> Path:
    """The place for a programme when none is named."""
    from platformdirs import user_data_path

    return user_data_path("lrflow", appauthor=False)


def load() -> Settings:
    """The settings in force. A broken file is `Unavailable`, with its line."""
    return load_from(find_home())


def load_from(home: Path) -> Settings:
    """The settings of the programme in *home*; none yet gives empty ones."""
    path = home / FILE
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        values = {}
    except tomllib.TOMLDecodeError as fault:
        raise Unavailable(f"{path} cannot be read: {fault}", remedy="mend the line, or delete the file") from None
    except (OSError, UnicodeDecodeError) as fault:
        raise Unavailable(f"{path} cannot be read: {fault}", remedy="mend the file, or delete it") from None
    return Settings(home, values)


def keep(settings: Settings, name: str, value: str | None) -> None:
    """Set *name* (None removes it) in the file, whole or not at all. Unknown names and secrets are refused."""
    check(name, value)
    values = {key: each for key, each in settings.values.items() if key != name}
    if value is not None:
        values[name] = int(value) if name in _NUMBERS and value.isdigit() else value
    _write(settings.home / FILE, values)


def check(name: str, value: str | None) -> None:
    """Refuse a *name* that is no setting, a secret, and a *value* that cannot be meant."""
    if name not in KNOWN:
        from difflib import get_close_matches

        near = [f"did you mean {each}?" for each in get_close_matches(name, KNOWN, n=1)]
        if _SECRET.search(name):
            near = ["a password is never kept here: name a file with smtp_password_file"]
        raise NotFound(f"there is no setting {name!r}", problems=near, remedy="lrflow settings show")
    if value is not None and name in _NUMBERS and not value.isdigit():
        raise Misused(f"{name} is a number, not {value!r}", remedy=f"lrflow settings set {name}=587")
    if value is not None and name == "timezone":
        zone_of(value)
    if value is not None and name == "smtp_rate" and not (value.strip() and RATE.fullmatch(value.strip())):
        raise Misused(f"not a rate of sending: {value!r}", remedy=RATES)


def _write(path: Path, values: Mapping[str, Any]) -> None:
    lines = [f"{name} = {_toml(value)}" for name, value in sorted(values.items())]
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_text("\n".join(["# lrflow settings show", *lines, ""]), encoding="utf-8")
        temporary.replace(path)
    except OSError as fault:
        with suppress(OSError):  # a folder that takes no file lets none go either
            temporary.unlink(missing_ok=True)
        raise Unavailable(
            f"{path} cannot be written: {fault.strerror}", remedy="check the folder's permissions"
        ) from None


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    text = str(value)
    if any(ord(sign) < 32 for sign in text):
        raise Misused("a setting cannot hold line breaks or control characters")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
