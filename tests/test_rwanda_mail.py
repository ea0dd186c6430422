"""The follow-up of Rwanda 2016 as people got it: which message on which day, in which country, and after an outage."""

import os
import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from processes import rows
from programme import Programme
from rwanda import YEAR, final_plans

from lrflow import nudges, store
from lrflow.channels.drafts import DraftsChannel
from lrflow.clock import from_us
from lrflow.database import Database
from lrflow.nudges import Mailer

pytestmark = pytest.mark.timeout(300)
VISIT_ENDS, AWARDED = "2016-11-05", "2017-01-31"
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def evening(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The programme on the evening of the last day of the visit: follow-up has begun, messages may leave."""
    folder = tmp_path_factory.mktemp("rwanda-mail")
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("LRFLOW_")]:
            patch.delenv(name)
        programme = Programme(folder / "csn")
        for day in YEAR:
            if day.on > VISIT_ENDS:
                break
            for line in day.lines:
                programme.do(line, now=day.on)
            if day.move:
                programme.do(day.move, now=day.on)
        live = programme.run("nudge go-live --yes", now=f"{VISIT_ENDS}T20:00")
        assert live.code == 0 or "is live since" in live.err
    yield folder / "csn"


@pytest.fixture
def csn(evening: Path, tmp_path: Path) -> Programme:
    shutil.copytree(evening, tmp_path / "csn")
    return Programme(tmp_path / "csn", now=VISIT_ENDS)


class Sender:
    """Ticks of a daemon whose drafts are sent by hand and confirmed the same hour."""

    def __init__(self, csn: Programme) -> None:
        self.csn, self.database = csn, Database(csn.home / "lrflow.db")
        self.mailer = Mailer(DraftsChannel(csn.home / "outbox"), "SUN CSN", "route@example.org")

    def tick(self, now: datetime) -> Counter[str]:
        nudges.let_leave(self.database, now)
        holder = nudges.hold_sending(self.database, now)
        ended = nudges.tick(self.database, self.mailer, holder, lambda: now).ended
        nudges.stop_sending(self.database, holder)
        if ended["drafted"]:
            self.csn.do("nudge confirm all", now=f"{now:%Y-%m-%dT%H:%M}+00:00")
        return ended

    def live(self, until: str) -> None:
        """A tick every hour of the mornings, from Addis Ababa to London, on which something is due, up to *until*."""
        now = datetime.combine(date.fromisoformat(self.csn.now[:10]), time(22), UTC)
        while now.date().isoformat() <= until:
            self.tick(now)
            with self.database.begin() as unit:
                due = store.next_due(unit)
            now = max(self._morning(now), from_us(due).replace(minute=0) if due else now + timedelta(days=7))
        self.csn.now = until

    def _morning(self, now: datetime) -> datetime:
        """The next hour between five and eleven (UTC)."""
        tomorrow = datetime.combine(now.date() + timedelta(days=1), time(5), UTC)
        return now + HOUR if 5 <= now.hour < 11 else tomorrow


SAID = """
    SELECT nudge.rule, nudge.subject, nudge.role, person.id AS person, person.name, message.local_on, nudge.zone,
        organisation.country
    FROM nudge JOIN message ON message.id = nudge.message_id JOIN person ON person.id = nudge.person
    LEFT JOIN organisation ON organisation.id = person.organisation WHERE nudge.state = 'sent'
"""
CODE = "SELECT organisation.country FROM delegation JOIN organisation ON organisation.id = delegation.organisation"


def told(csn: Programme, rule: str, month: str = "") -> dict[str, set[str]]:
    """Day -> the countries in which *rule* was said on it (of the check-ins of *month*)."""
    with closing(sqlite3.connect(csn.home / "lrflow.db")) as connection:
        homes = dict(connection.execute(f"{CODE.replace('SELECT', 'SELECT delegation.key,')}").fetchall())
        plans = dict(connection.execute("SELECT key, delegation FROM plan").fetchall())
    found: dict[str, set[str]] = {}
    for row in rows(csn.home, SAID):
        if row["rule"] == rule and (not month or row["subject"].endswith(f".{month}")) and row["role"] != "coordinator":
            subject = row["subject"]
            home = plans.get(subject) or (f"D{subject[1:].partition('.')[0]}" if subject[0] == "Q" else subject)
            found.setdefault(row["local_on"], set()).add(homes[home])
    return found


NINE = {"ET", "KE", "MW", "NG", "RW", "SL", "TZ", "UG", "ZW"}
FEAST = {"KE", "NG", "SL", "TZ"}  # Monday 12 December 2016 was a holiday there
# The visit ended on Saturday 5 November, final plans were due on Wednesday the 30th, three of them were awarded on
# Tuesday 31 January. Nobody answers anything, so that every rule speaks.
TABLE = {
    ("survey", ""): {"2016-11-07": NINE},
    ("share-learning", ""): {"2016-11-14": NINE},
    ("final-plan-soon", ""): {"2016-11-23": NINE},
    ("final-plan-overdue", ""): {"2016-12-05": NINE},
    ("check-in", "1"): {"2016-12-05": NINE},
    ("check-in-again", "1"): {"2016-12-12": NINE - FEAST, "2016-12-13": FEAST},
    ("check-in", "3"): {"2017-02-06": NINE},
    ("award-start", ""): {"2017-03-02": {"SL", "TZ"}, "2017-03-03": {"ET"}},
    ("award-start-late", ""): {"2017-04-03": {"ET", "SL", "TZ"}},
    ("check-in", "6"): {"2017-05-05": NINE - {"ET"}, "2017-05-08": {"ET"}},
}


@pytest.mark.requirement("A1", "F3", "S2", "S3", "S11", "S12")
def test_each_message_of_the_follow_up_left_at_nine_on_the_working_day_of_the_table(csn):
    sender = Sender(csn)

    sender.live("2017-01-31")
    for line in final_plans():
        csn.do(line.replace("2016-11-29", "2017-01-30"), now=AWARDED)
    csn.do(f'mark A1 A5 A6 awarded award="5000 USD" awarded_on={AWARDED}', now=AWARDED)
    sender.live("2017-05-10")

    assert {name: told(csn, *name) for name in TABLE} == TABLE
    per_day = Counter(
        (row["person"], row["local_on"]) for row in rows(csn.home, "SELECT person, local_on FROM message")
    )
    assert set(per_day.values()) == {1}
    for row in rows(csn.home, "SELECT due_us, zone FROM nudge WHERE state = 'sent'"):
        due = from_us(row["due_us"]).astimezone(ZoneInfo(row["zone"]))
        assert due.time() == time(9)


@pytest.mark.requirement("C2")
def test_after_an_outage_of_a_fortnight_each_person_gets_one_message(csn):
    sender = Sender(csn)

    ended = sender.tick(
        datetime(2016, 11, 18, 12, tzinfo=UTC)
    )  # surveys since the 7th, sharing since the 14th, digests
    again = sender.tick(datetime(2016, 11, 18, 14, tzinfo=UTC))

    per_person = Counter(row["person"] for row in rows(csn.home, "SELECT person FROM message"))
    assert set(per_person.values()) == {1} and ended["drafted"] == len(per_person) >= 27
    assert not again
    waiting = rows(csn.home, "SELECT state, reason FROM nudge WHERE local_on <= '2016-11-18' AND state IN ('planned')")
    assert waiting == []
