"""The file that a shell reads when it starts, and the marked lines of ours in it."""

import codecs
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from lrflow.commands.completions import SHELLS
from lrflow.errors import Misused, Unavailable

BEGIN = "# >>> lrflow completion >>>"
END = "# <<< lrflow completion <<<"
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_ZSH_FIRST = "(( $+functions[compdef] )) || { autoload -Uz compinit && compinit }\n"


def shell_in_use(environment: Mapping[str, str]) -> str:
    """The shell that runs here, as far as *environment* tells; `Misused` asks for its name."""
    named = Path(environment.get("SHELL", "")).name.removesuffix(".exe")
    if named in SHELLS:
        return named
    if named == "pwsh" or (not named and "PSModulePath" in environment):
        return "powershell"
    says = f"{named} is a shell that lrflow cannot complete in" if named else "which shell do you use?"
    raise Misused(says, remedy=[f"lrflow completion install {each}" for each in SHELLS])


def profile_of(shell: str, environment: Mapping[str, str], home: Path) -> Path:
    """The file that *shell* reads when it starts, in the person's *home*."""
    config = Path(environment.get("XDG_CONFIG_HOME") or home / ".config")
    if shell == "bash":
        return home / (".bash_profile" if sys.platform == "darwin" else ".bashrc")
    if shell == "zsh":
        return Path(environment.get("ZDOTDIR") or home) / ".zshrc"
    if shell == "fish":
        return config / "fish" / "completions" / "lrflow.fish"
    return _powershell_folder(environment, config) / "Microsoft.PowerShell_profile.ps1"


def _powershell_folder(environment: Mapping[str, str], config: Path) -> Path:
    if sys.platform != "win32":
        return config / "powershell"
    from platformdirs import user_documents_path  # the Documents folder may have been moved, often to OneDrive

    # PowerShell 7 names its own folder of modules first; Windows PowerShell 5 knows nothing of it.
    is_new = "\\PowerShell\\7" in environment.get("PSModulePath", "")
    return user_documents_path() / ("PowerShell" if is_new else "WindowsPowerShell")


def block(shell: str, script: str) -> str:
    """The marked lines for *shell* around its *script*."""
    before = _ZSH_FIRST if shell == "zsh" else ""
    return f"{BEGIN}\n# Written by: lrflow completion install {shell}\n{before}{script.strip()}\n{END}\n"


def with_block(text: str, lines: str) -> str:
    """*text* with our marked *lines* in the place of those it has, or after its end; the rest is left as it is.

    Raises `Misused` when the marks in *text* do not belong together.
    """
    ending = "\r\n" if "\r\n" in text else "\n"
    lines = lines.replace("\n", ending)
    if BEGIN not in text and END not in text:
        gap = "" if not text else ending if text.endswith("\n") else ending * 2
        return f"{text}{gap}{lines}"
    before, begins, rest = text.partition(BEGIN)
    _, ends, after = rest.partition(END)
    if not begins or not ends:
        raise Misused(f"{BEGIN} and {END} must both be there, in this order: take out what is left of them by hand")
    return f"{before}{lines}{after.removeprefix(ending)}"


def read(path: Path) -> tuple[str, str]:
    """The text of the profile at *path* and how it is written; nothing yet is empty text."""
    try:
        content = path.read_bytes()
        encoding = next((name for mark, name in _MARKS if content.startswith(mark)), "utf-8")
        return content.decode(encoding, "surrogateescape"), encoding
    except FileNotFoundError:
        return "", "utf-8"
    except (OSError, UnicodeError) as fault:
        raise Unavailable(f"{path} cannot be read: {fault}", remedy="lrflow completion show") from None


def write(path: Path, text: str, encoding: str) -> None:
    """Put *text* into the profile at *path*, whole or not at all; a link stays a link, rights stay as they are."""
    from shutil import copymode

    real = path.resolve()
    aside = real.with_name(f".{real.name}.{os.getpid()}")
    try:
        real.parent.mkdir(parents=True, exist_ok=True)
        aside.write_bytes(text.encode(encoding, "surrogateescape"))
        if real.exists():
            copymode(real, aside)
        aside.replace(real)
    except OSError as fault:
        aside.unlink(missing_ok=True)
        raise Unavailable(f"{path} cannot be written: {fault.strerror}", remedy="lrflow completion show") from None
