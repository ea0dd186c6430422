"""What mail to an address met belongs to the address: dead at once, suspect after a week, good again with the next."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from domain_routes import COORDINATOR
from processes import dump, rows
from programme import Programme

from lrflow import store
from lrflow.database import Database, create, upgrade
from lrflow.database.schema import MIGRATIONS
from lrflow.planner import unreachable
from lrflow.store import DEAD, GOOD, SUSPECT

BEGAN = datetime(2016, 6, 1, 9, tzinfo=UTC)
FULL = "452 4.2.2 mailbox full"
GONE = "550 5.1.1 no such user"
BEFORE = "0002"


@pytest.fixture
def database(young: Programme) -> Iterator[Database]:
    opened = Database(young.home / "lrflow.db")
    yield opened
    opened.close()


def refused(database: Database, days: float, *, hard: bool = False, email: str = COORDINATOR) -> str:
    """Let the server refuse the address so many days after the first of June; the state of the address then."""
    with database.begin(write=True) as unit:
        now = BEGAN + timedelta(days=days)
        return store.address_refused(unit, email, hard=hard, detail=GONE if hard else FULL, now=now)


def state(programme: Programme, who: str = COORDINATOR) -> str:
    return programme.do(f"list person email={who} --json").data[0]["address_state"]


# ----------------------------------------------------------------------------------------------- what a server says


@pytest.mark.requirement("J3")
def test_an_address_that_does_not_exist_is_dead_at_once(young: Programme, database: Database) -> None:
    assert refused(database, 0, hard=True) == DEAD

    assert state(young) == DEAD
    with database.begin() as unit:
        person = store.shared_record(unit, "person", 2)
    assert unreachable(person, BEGAN.date()) == "no_reachable_channel"


@pytest.mark.requirement("J3")
@pytest.mark.parametrize(
    ("days", "states"),
    [
        ([0, 3, 6], [GOOD, GOOD, GOOD]),  # three times, but within a week
        ([0, 7], [GOOD, GOOD]),  # a week, but twice
        ([0, 3, 7 - 1 / 86400], [GOOD, GOOD, GOOD]),  # a second too early
        ([0, 3, 7], [GOOD, GOOD, SUSPECT]),
        ([0, 1, 2, 3, 8], [GOOD, GOOD, GOOD, GOOD, SUSPECT]),
    ],
)
def test_a_full_mailbox_is_suspect_after_three_times_over_a_week(database: Database, days, states) -> None:
    assert [refused(database, day) for day in days] == states


@pytest.mark.requirement("J3")
def test_a_message_that_is_taken_begins_the_count_anew(young: Programme, database: Database) -> None:
    for day in (0, 3):
        refused(database, day)
    with database.begin(write=True) as unit:
        store.address_took(unit, COORDINATOR.upper())

    assert [refused(database, day) for day in (7, 8)] == [GOOD, GOOD]
    assert rows(young.home, "SELECT soft FROM address") == [{"soft": 2}]


@pytest.mark.requirement("J3")
def test_a_suspect_address_is_good_again_once_mail_is_taken(young: Programme, database: Database) -> None:
    for day in (0, 3, 7):
        refused(database, day)
    with database.begin(write=True) as unit:
        store.address_took(unit, COORDINATOR)

    assert state(young) == GOOD and rows(young.home, "SELECT * FROM address") == []


def test_a_dead_address_stays_dead_whatever_the_mailbox_says(young: Programme, database: Database) -> None:
    refused(database, 0, hard=True)

    assert refused(database, 1) == DEAD
    assert rows(young.home, "SELECT state, since_us FROM address")[0]["since_us"] == BEGAN.timestamp() * 1_000_000


@pytest.mark.requirement("J3")
def test_a_suspect_address_is_written_to_and_is_on_the_list_to_call(young: Programme, database: Database) -> None:
    for day in (0, 3, 7):
        refused(database, day)

    with database.begin() as unit:
        assert unreachable(store.shared_record(unit, "person", 2), BEGAN.date()) == ""
        assert [each["name"] for each in store.troubled_addresses(unit)] == ["Carla Ruiz"]
    assert "mail comes back from: Carla Ruiz (suspect)" in young.do("status").out


# ----------------------------------------------------------------------------------------------- what a person says


@pytest.mark.requirement("J2")
def test_a_new_address_is_good_at_once_and_the_old_one_stays_dead(young: Programme, database: Database) -> None:
    refused(database, 0, hard=True)

    young.do(f"set person {COORDINATOR} email=new@example.org", actor="grace@example.org")
    fresh = state(young, "new@example.org")
    young.do(f"set person new@example.org email={COORDINATOR}", actor="grace@example.org")

    assert (fresh, state(young)) == (GOOD, DEAD)


@pytest.mark.requirement("J2")
def test_the_state_is_the_addresss_however_it_is_written(young: Programme, database: Database) -> None:
    refused(database, 0, hard=True, email=COORDINATOR.upper())

    assert state(young) == DEAD


def test_a_person_says_that_mail_arrives_or_does_not(young: Programme) -> None:
    told = young.do(f"person address {COORDINATOR} dead --reason 'she says so'")

    assert told.out.splitlines()[0] == f"✓ {COORDINATOR} of Carla Ruiz is dead, was good (L8)"
    shown = young.do(f"show person {COORDINATOR}").out
    assert (
        f"  address              dead since Friday 10 June 2016: she says so (lrflow person address {COORDINATOR} good)"
        in shown
    )
    young.do(f"person address {COORDINATOR} good")
    assert state(young) == GOOD


def test_dead_addresses_are_found_by_their_state(young: Programme) -> None:
    young.do(f"person address {COORDINATOR} dead")

    assert [each["name"] for each in young.do("list person address_state=dead --json").data] == ["Carla Ruiz"]


@pytest.mark.parametrize(
    ("line", "code", "says"),
    [
        (f"person address {COORDINATOR} good", 2, "is good already"),
        (f"person address {COORDINATOR} lost", 2, "'lost'"),
        ("person address nobody@example.org dead", 4, "there is no person"),
        ("person address 'No Mail' dead", 2, "has no address"),
        (f"set person {COORDINATOR} bounced=yes", 2, "bounced"),
    ],
)
def test_what_cannot_be_said_of_an_address_is_refused(young: Programme, line: str, code: int, says: str) -> None:
    young.do('add person "No Mail" none@example.org')
    young.do("set person none@example.org email=")
    before = dump(young.home)

    told = young.run(line)

    assert (told.code, says in told.err) == (code, True), told
    assert dump(young.home) == before


def test_what_is_known_of_an_address_is_not_undone_but_said_otherwise(young: Programme) -> None:
    young.do(f"person address {COORDINATOR} dead")

    told = young.run("undo --yes")

    assert (told.code, "lrflow person address WHO good" in told.err) == (3, True)


# -------------------------------------------------------------------------------------------- a programme from before


@pytest.mark.requirement("J2")
def test_what_was_said_of_people_before_is_said_of_their_addresses(tmp_path: Path) -> None:
    steps = tmp_path / "steps"
    (steps / "versions").mkdir(parents=True)
    for file in [*MIGRATIONS.glob("*.py"), *MIGRATIONS.glob("*.mako"), *MIGRATIONS.glob("versions/000[12]*.py")]:
        (steps / file.relative_to(MIGRATIONS)).write_bytes(file.read_bytes())
    create(tmp_path / "old.db", migrations=steps)
    with closing(sqlite3.connect(tmp_path / "old.db")) as connection:
        connection.executescript(
            """
            INSERT INTO person (name, email, bounced, version) VALUES ('Ana', 'Ana@Example.org', TRUE, 1);
            INSERT INTO person (name, email, bounced, version) VALUES ('Ben', 'ben@example.org', FALSE, 1);
            INSERT INTO person (name, bounced, version) VALUES ('Cem', TRUE, 1);
            INSERT INTO person (name, email, version) VALUES ('Dan', 'dan@example.org', 1);
            """
        )

    upgrade(tmp_path / "old.db")

    database = Database(tmp_path / "old.db")
    with database.begin() as unit:
        found = {each["name"]: each["address_state"] for each in store.all_shared(unit, "person")}
        columns = {row["name"] for row in unit.all("SELECT name FROM pragma_table_info('person')")}
    database.close()
    assert found == {"Ana": DEAD, "Ben": GOOD, "Cem": None, "Dan": GOOD}
    assert "bounced" not in columns
