"""Look over the programme and this computer: doctor."""

from typing import TYPE_CHECKING

import click

from lrflow.commands.door import Door, tell, verb

if TYPE_CHECKING:
    from datetime import datetime

SIGNS = {"ok": "✓", "note": "!", "fault": "✗"}
FAULTY = 7


@verb("doctor")
def doctor(door: Door) -> int:
    """Look over the programme and this computer.

    Database, folder, settings, time zones, holidays, addresses that bounce, who sends, what is held, rules that
    cannot speak: what is not right, and what to type. It changes nothing; it calls the mail server of your settings,
    logs in and hangs up, without a mail. Exit 7 when something is to be put right.

    \b
    lrflow doctor               look at everything
    lrflow messages check       whether every reader's language has its texts
    """
    from lrflow.doctor import examine
    from lrflow.settings import find_home

    home = find_home()
    found = examine(home, _now())
    lines = [line for each in found for line in (f"  {SIGNS[each.level]} {each.what}", *_remedies(each.remedy))]
    faults, notes = (sum(1 for each in found if each.level == level) for level in ("fault", "note"))
    data = [{"level": each.level, "what": each.what, "remedy": list(each.remedy)} for each in found]
    head = f"lrflow doctor looked at {home}"
    tell(
        door,
        "doctor",
        {"home": str(home), "faults": faults, "notes": notes, "found": data},
        [head, *lines, _end(faults, notes)],
    )
    return FAULTY if faults else 0


def _now() -> "datetime | None":
    from lrflow import clock
    from lrflow.errors import LrflowError

    try:
        return clock.now()
    except LrflowError:
        return None


def _remedies(remedy: tuple[str, ...]) -> list[str]:
    return [f"      -> {each}" for each in remedy]


def _end(faults: int, notes: int) -> str:
    aside = f"; {notes} note{'' if notes == 1 else 's'}" if notes else ""
    if faults:
        return f"{faults} thing{'' if faults == 1 else 's'} to put right{aside}. Then: lrflow doctor"
    return f"Nothing to put right{aside}. Next: lrflow status"


COMMANDS: tuple[click.Command, ...] = (doctor,)
