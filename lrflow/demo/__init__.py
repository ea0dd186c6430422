"""A real route lived day by day, with time handed in, through the same use cases as the commands."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from lrflow import nudges, settings
from lrflow.channels.drafts import DraftsChannel
from lrflow.database import Database, create
from lrflow.demo import counting, following, preparing, visiting
from lrflow.demo.case import Case, day_of, read_case
from lrflow.demo.desk import EVENING, Desk
from lrflow.errors import Misused, Unavailable
from lrflow.nudges import Mailer
from lrflow.nudges.mailers import OUTBOX
from lrflow.store import Act
from lrflow.tracks import start_programme


def live(folder: Path, say: Callable[[str], None]) -> None:
    """Live the Learning Route in Rwanda in *folder*, from an empty folder to its end, and tell it line by line.

    Nothing is sent: messages become `.eml` drafts in outbox/. The same story every time. Raises `Misused` when *folder*
    holds something already, `Unavailable` when it cannot be made.
    """
    case = read_case()
    _make(folder, case)
    database = Database(folder / settings.DATABASE)
    try:
        _live(database, folder, case, say)
    finally:
        database.close()


def _make(folder: Path, case: Case) -> None:
    """The folder with its settings and an empty database."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if next(folder.iterdir(), None) is not None:
            raise Misused(f"{folder} is not empty", remedy="lrflow demo ANOTHER-FOLDER")
    except OSError as fault:
        raise Unavailable(f"{folder} cannot be made: {fault.strerror}", remedy="lrflow demo ANOTHER-FOLDER") from None
    create(folder / settings.DATABASE)
    email = case["coordinator"]["email"]
    kept = {
        "me": email,
        "route": case["route"]["key"],
        "timezone": case["programme"]["zone"],
        "sender_name": case["coordinator"]["organisation"],
        "sender_address": email,
    }
    for name, value in kept.items():
        settings.keep(settings.load_from(folder), name, value)


def _live(database: Database, folder: Path, case: Case, say: Callable[[str], None]) -> None:
    coordinator = case["coordinator"]
    now = datetime.combine(day_of(case, "startup"), EVENING, UTC)
    who = (coordinator["name"], coordinator["email"])
    start_programme(database, case["programme"]["name"], who, Act(coordinator["email"], now, case["programme"]["zone"]))
    mailer = Mailer(DraftsChannel(folder / OUTBOX), coordinator["organisation"], coordinator["email"])
    holder = nudges.hold_sending(database, now)
    desk = Desk(database, mailer, holder, folder / OUTBOX, case, say, now)
    try:
        preparing.tell(desk, folder)
        visiting.tell(desk)
        following.tell(desk)
    finally:
        nudges.stop_sending(database, holder)
    counting.tell(desk, folder)
