"""A programme changes hands: one file, one open copy, nothing sent twice and nothing lost in silence."""

import contextlib
import io
import json
import os
import resource
import shutil
import signal
import sqlite3
import sys
import tomllib
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import domain_routes
import pytest
from domain_routes import COORDINATOR, FACILITATOR, OWNER
from post_office import mailing, open_post
from processes import Say, all_end, dump, forked, rows, spread, twin, typing, watch
from programme import Programme, Result, environment

from lrflow import cli, nudges
from lrflow.database import Database, create
from lrflow.database.schema import MIGRATIONS
from lrflow.errors import Busy, Refused
from lrflow.handing.offering import offered
from lrflow.handing.taking import take_over
from lrflow.store import Act

SHIPPED = Path(__file__).parent.parent / "workflows" / "sun-csn"
TODAY = "2016-04-21T10:00"
DUE_AT = datetime(2016, 4, 21, 8, tzinfo=UTC)
GIVE = 'handover {file} --to carla@example.org --confirm "SUN CSN"'
CARLA = "--me carla@example.org"
ROUTE_NUDGES = "SELECT rule, subject, role, seq, epoch, state, reason, local_on FROM nudge ORDER BY route_id, number"


@pytest.fixture
def office(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Programme:
    """Grace's live programme in the evening before three messages are due; a paper is attached to E1."""
    model = tmp_path_factory.getbasetemp() / "model-office"
    if not model.exists():
        aside = tmp_path_factory.mktemp("office") / "csn"
        programme = domain_routes.copied(domain_routes.begun, tmp_path_factory, aside)
        programme.now = "2016-04-20"
        (aside.parent / "milk.txt").write_text("the milk way")
        programme.do('add experience "Milk way" areas=policy good_practice=yes')
        programme.do(f"attach E1 {aside.parent / 'milk.txt'} --for good_practice")
        programme.do("nudge go-live --yes")
        aside.rename(model)
    shutil.copytree(model, tmp_path / "csn")
    return Programme(tmp_path / "csn", now="2016-04-20")


@pytest.fixture
def desk(tmp_path: Path) -> Programme:
    """Carla's computer, the next morning: nothing is there yet."""
    (tmp_path / "desk").mkdir()
    return Programme(tmp_path / "desk" / "csn", now=TODAY)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the handover file goes."""
    return tmp_path / "csn.lrflow"


def closed(programme: Programme) -> bool:
    return rows(programme.home, "SELECT closed_us FROM programme")[0]["closed_us"] is not None


def states(programme: Programme, day: str = "2016-04-21") -> list[str]:
    found = rows(programme.home, "SELECT state FROM nudge WHERE local_on = ? ORDER BY number", day)
    return [row["state"] for row in found]


def drafts(programme: Programme) -> list[str]:
    return sorted(path.name for path in (programme.home / "outbox").glob("*.eml"))


def copy_of(programme: Programme, place: Path) -> Path:
    """A copy of the database as a careful person makes one."""
    with closing(sqlite3.connect(programme.home / "lrflow.db")) as source, closing(sqlite3.connect(place)) as target:
        source.backup(target)
    return place


# ---------------------------------------------------------------------------------------------------------- the file


def test_the_file_holds_all_that_belongs_to_the_programme_and_the_copy_in_it_is_the_closed_one(office, file, tmp_path):
    office.do("run --once", now=TODAY)
    office.do("nudge confirm N4", now=TODAY)

    done = office.do(GIVE.format(file=file), now=TODAY)

    assert "1 file of evidence, 2 drafts not confirmed yet" in done.out
    with zipfile.ZipFile(file) as archive:
        names = archive.namelist()
        archive.extract("lrflow.db", tmp_path / "inside")
        manifest = json.loads(archive.read("manifest.json"))
    assert [name.split("/")[0] for name in names] == [
        "lrflow.db",
        "lrflow.toml",
        "evidence",
        *["outbox"] * 2,
        "manifest.json",
    ]
    assert dump(tmp_path / "inside") == dump(office.home)
    assert closed(office)
    newest = rows(office.home, "SELECT * FROM log ORDER BY id DESC LIMIT 1")[0]
    assert (newest["verb"], newest["hash"], newest["id"]) == ("handover", manifest["newest"], manifest["entries"])
    assert set(manifest["members"]) == set(names) - {"manifest.json"}
    assert (manifest["by"], manifest["to"], manifest["programme"]) == (OWNER, COORDINATOR, "SUN CSN")
    assert "example.org" not in newest["changes"]  # the log holds no addresses


def test_what_is_this_computers_own_stays_and_is_named(office, file, tmp_path):
    office.do("settings set smtp_host=mail.example.org smtp_user=csn smtp_password_file=/root/secret smtp_port=465")
    office.do("settings set sender_address=office@example.org")
    office.do("use rwanda-2016")

    done = office.do(GIVE.format(file=file))

    with zipfile.ZipFile(file) as archive:
        carried = tomllib.loads(archive.read("lrflow.toml").decode())
    assert carried == {
        "sender_address": "office@example.org",
        "sender_name": "Grace Phiri",
        "smtp_host": "mail.example.org",
        "smtp_port": 465,
        "smtp_user": "csn",
        "timezone": "Africa/Blantyre",
    }
    assert "to be set on the other computer: smtp_password_file=PATH" in done.out


WRITING = (
    'add experience "Fish ponds"',
    "set E1 place=Huye",
    "mark E1 selected",
    "advance",
    "note E1 seen",
    "set person carla@example.org country=MW -n",
    "nudge confirm all",
    "nudge hold N4",
    "run --once",
    f"away --until 2016-05-01 --deputy {COORDINATOR}",
)
READING = ("status", "", "check", "list experience", "show E1", "log", "nudge list", "nudge preview", "calendar")


def test_a_closed_copy_can_be_read_and_nothing_is_written_or_sent_from_it(office, file):
    office.do(GIVE.format(file=file))
    before = dump(office.home)

    refused = {line: office.run(line, now=TODAY) for line in WRITING}
    read = {line: office.run(line, now=TODAY) for line in READING}

    assert {line: result.code for line, result in refused.items() if result.code != 3} == {}
    says = "this copy was handed over to carla@example.org on 2016-04-20: nothing is written or sent from it any more"
    assert all(result.err.startswith(says) for result in refused.values())
    assert {line: result.code for line, result in read.items() if result.code not in (0, 3)} == {}
    assert read["status"].out.startswith("CLOSED: this copy was handed over to carla@example.org")
    assert dump(office.home) == before and drafts(office) == []


def test_a_handover_asks_for_the_programmes_name_and_for_a_free_place(office, file):
    before = dump(office.home)
    file.write_text("mine")

    unsaid = office.run(f"handover {file.parent / 'new.lrflow'}")
    wrong = office.run(f"handover {file.parent / 'new.lrflow'} --confirm CSN")
    taken = office.run(GIVE.format(file=file))
    nowhere = office.run(GIVE.format(file=file.parent / "none" / "x.lrflow"))

    assert (unsaid.code, wrong.code, taken.code, nowhere.code) == (2, 2, 3, 4)
    assert "nothing is written or sent from this copy any more" in unsaid.err
    assert file.read_text() == "mine" and not (file.parent / "new.lrflow").exists()
    assert dump(office.home) == before


def test_only_who_owns_or_coordinates_hands_over(office, file):
    result = office.run(GIVE.format(file=file), actor=FACILITATOR)

    assert result.code == 3 and "may not hand the programme over" in result.err
    assert not file.exists() and not closed(office)


def test_into_a_folder_the_file_is_named_after_programme_and_day(office, tmp_path):
    office.do(GIVE.format(file=tmp_path))

    assert (tmp_path / "sun-csn-2016-04-20.lrflow").is_file()


def test_while_a_process_sends_nothing_is_handed_over(office, file):
    database = Database(office.home / "lrflow.db")
    holder = nudges.hold_sending(database, DUE_AT)
    before = dump(office.home)

    busy = office.run(GIVE.format(file=file), now=TODAY)

    assert busy.code == 6 and "stop it" in busy.err and "nothing was changed" in busy.err
    assert dump(office.home) == before and not file.exists()
    nudges.stop_sending(database, holder)
    database.close()
    office.do(GIVE.format(file=file), now=TODAY)


def test_a_dry_run_of_a_handover_changes_nothing(office, file, tmp_path):
    before, there = dump(office.home), sorted(tmp_path.rglob("*"))

    office.do(GIVE.format(file=file) + " -n")

    assert (dump(office.home), sorted(tmp_path.rglob("*"))) == (before, there)


def test_a_closed_copy_writes_its_file_again_to_the_letter_but_for_nobody_else(office, file, tmp_path):
    office.do(GIVE.format(file=file))
    again = tmp_path / "again.lrflow"

    other = office.run(f"handover {again} --to {FACILITATOR}")
    office.do(f"handover {again}", now="2016-05-01")

    assert other.code == 2
    assert again.read_bytes() == file.read_bytes()


def test_a_message_that_was_begun_when_the_sender_died_is_unsure_in_both_copies(office, file, desk):
    database = Database(office.home / "lrflow.db")
    begin_sending(database, 1)
    database.close()

    office.do(GIVE.format(file=file), now=TODAY)
    desk.do(f"takeover {file} {CARLA}")

    for each in (office, desk):
        assert states(each).count("unsure") == 1


def begin_sending(database: Database, begun: int) -> None:
    """What a sender leaves that is killed: messages to three people are put together, *begun* are on the wire."""
    from lrflow import store

    with open_post() as post:
        nudges.assemble(database, mailing(post.port), DUE_AT)
    for _ in range(begun):
        with database.begin(write=True) as unit:
            claim = store.claim(unit, DUE_AT)
            assert claim and store.start_data(unit, claim, ("a@example.org", "s", "b"), is_real=True, now=DUE_AT)


def test_the_messages_of_a_workflow_of_ones_own_come_along(empty, desk, file, tmp_path):
    own = tmp_path / "mine"
    shutil.copytree(SHIPPED, own)
    english = own / "messages" / "en.toml"
    english.write_text(english.read_text().replace('greeting = "', 'greeting = "Mwaramutse, ', 1))
    (own / "secret.txt").write_text("stays here")
    empty.do("add organisation Procasur kind=facilitator country=CL")
    empty.do(f"add route own-2016 'Our own' planned_visit=2016-09 facilitator=Procasur --workflow {own}")
    empty.do("nudge go-live --yes")
    empty.do(f'handover {file} --to grace@example.org --confirm "SUN CSN"')
    shutil.rmtree(own)

    desk.do(f"takeover {file} --me grace@example.org")

    assert "Mwaramutse" in desk.do("nudge preview", now="2016-02-12").out
    assert (desk.home / "workflows" / "mine" / "messages" / "fr.toml").is_file()
    assert not (desk.home / "workflows" / "mine" / "secret.txt").exists()


def test_what_no_takeover_would_let_in_stays_and_is_named(office, file, desk):
    evidence = office.home / "evidence"
    office.do('add route sénégal-2016 "Senegal" planned_visit=2016-12')
    office.do('-r sénégal-2016 add experience "Étang"')
    paper = office.home.parent / "rapport: été.txt"
    paper.write_text("bien")
    office.do(f"-r sénégal-2016 attach E1 '{paper}' --for challenge")
    (evidence / "rwanda-2016" / "abc-odd\\name.txt").write_text("odd")
    (evidence / "rwanda-2016" / "folder").mkdir()
    (evidence / "rwanda-2016" / "link.txt").symlink_to("/etc/hostname")
    (evidence / "rwanda-2016" / ".cut-off.txt.123").write_text("half")
    gone = next((evidence / "rwanda-2016").glob("*milk.txt"))
    gone.unlink()

    done = office.do(GIVE.format(file=file))
    taken = desk.do(f"takeover {file} {CARLA}")

    for line in (
        "odd\\name.txt is too large, or has a name that cannot be carried",
        "folder is no plain file",
        "link.txt is no plain file",
        f"{gone.name} of rwanda-2016 is not in evidence/ any more",
    ):
        assert f"! not in it: {line}" in done.out.replace(f"{evidence}/rwanda-2016/", "").replace("abc-", ""), line
    assert [path.read_text() for path in (desk.home / "evidence").rglob("*.txt")] == ["bien"]
    assert "1 file of evidence did not come along" in taken.out


# ------------------------------------------------------------------------------------------------------ taking over


def test_a_colleague_takes_over_from_an_empty_folder_with_an_empty_home(office, file, tmp_path, monkeypatch):
    office.do(GIVE.format(file=file))
    home, here = tmp_path / "home", tmp_path / "here"
    home.mkdir()
    here.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)

    def typed(*words: str) -> str:
        said = io.StringIO()
        with environment({"LRFLOW_NOW": TODAY}), contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            code = cli.run([*words, "--no-input"])
        assert code == 0, said.getvalue()
        return said.getvalue()

    taken = typed("takeover", str(file), "--me", "Carla Ruiz <carla@example.org>")

    place = home / ".local" / "share" / "lrflow"
    assert f"You have taken over SUN CSN, in {place}: Carla Ruiz coordinates it" in taken
    assert "Next: lrflow status\n" in taken and list(here.iterdir()) == []
    assert "live since 2016-04-20" in typed("status")
    assert "2 drafts written to" in typed("run", "--once")  # Grace coordinates no more
    assert [path.read_text() for path in (place / "evidence").rglob("*.txt")] == ["the milk way"]


def test_the_copy_that_is_taken_over_goes_on_just_where_the_other_stopped(office, file, desk):
    office.do("run --once", now=TODAY)
    stayed = twin(office, "stayed")
    office.do(GIVE.format(file=file), now=TODAY)

    desk.do(f"takeover {file} --me {OWNER} --approved-by {OWNER}")

    for each in (stayed, desk):
        each.do("run --once", now="2016-04-25T10:00")
        each.do("run --once", now="2016-05-02T10:00")
    assert rows(desk.home, ROUTE_NUDGES) == rows(stayed.home, ROUTE_NUDGES)
    assert drafts(desk) == drafts(stayed)


def test_drafts_that_nobody_confirmed_come_along_and_are_confirmed_there(office, file, desk):
    office.do("run --once", now=TODAY)
    written = {name: (office.home / "outbox" / name).read_bytes() for name in drafts(office)}
    office.do(GIVE.format(file=file), now=TODAY)

    taken = desk.do(f"takeover {file} {CARLA}")

    assert "3 drafts wait in outbox/: ask Grace Phiri" in taken.out
    assert {name: (desk.home / "outbox" / name).read_bytes() for name in drafts(desk)} == written
    desk.do("nudge confirm all")
    assert states(desk) == ["sent"] * 3
    assert desk.do("run --once").out == "nothing was due\n"


def test_who_takes_over_coordinates_in_the_place_of_who_left_and_owners_stay_owners(office, file, desk):
    office.do(f"set route coordinator={OWNER}+{FACILITATOR}")
    office.do(GIVE.format(file=file))

    desk.do(f"takeover {file} {CARLA}")

    held = "SELECT route_id, role, person FROM role_holder WHERE until_us IS NULL AND role IN ('owner', 'coordinator')"
    people = {row["id"]: row["email"] for row in rows(desk.home, "SELECT id, email FROM person")}
    assert {(row["route_id"], row["role"], people[row["person"]]) for row in rows(desk.home, held)} == {
        (None, "owner", OWNER),
        (None, "coordinator", COORDINATOR),
        (1, "coordinator", COORDINATOR),
        (1, "coordinator", FACILITATOR),
    }
    entry = rows(desk.home, "SELECT * FROM log WHERE verb = 'takeover' AND route_id IS NULL")[0]
    source = json.loads(entry["changes"])[0]
    assert (source["field"], source["after"]) == ("taken_over_from", "2016-04-20T07:00:00+00:00")
    assert people[entry["actor"]] == COORDINATOR


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("", 2),  # nobody
        ("--me nonsense", 2),
        ('--me "Ben Doe <ben@example.org>"', 3),
        (f"--me {FACILITATOR}", 3),  # known, but has no say
        (f"--me ben@example.org --approved-by {COORDINATOR}", 3),  # coordinates a route, but owns nothing
        (f'--me "Ben Doe <ben@example.org>" --approved-by {OWNER}', 0),
        (f"--as {OWNER}", 0),
        (f"--me {COORDINATOR}", 0),
    ],
)
def test_a_programme_is_taken_over_by_whom_it_is_for_by_who_has_a_say_or_as_an_owner_agrees(
    office, file, desk, words, code
):
    office.do(f'handover {file} --confirm "SUN CSN"')

    result = desk.run(f"takeover {file} {words}")

    assert result.code == code, result
    assert desk.home.exists() == (code == 0)
    if code == 3:
        assert f"owners: {OWNER}" in result.err and f"--approved-by {OWNER}" in result.err
    if "Ben" in words and code == 0:
        assert "messages come from Ben Doe <ben@example.org>" in result.out
        desk.do("status")
        desk.do("add experience 'Fish ponds'")


def test_someone_new_for_whom_the_file_was_made_becomes_known(office, file, desk):
    office.do(f'handover {file} --to dina@example.org --confirm "SUN CSN"')

    desk.do(f'takeover {file} --me "Dina Umutoni <Dina@example.org>"')

    assert rows(desk.home, "SELECT name FROM person WHERE lower(email) = 'dina@example.org'") == [
        {"name": "Dina Umutoni"}
    ]
    assert desk.do("settings show --json").data["me"]["value"].lower() == "dina@example.org"


def test_the_sender_is_the_office_if_it_was_and_the_password_is_asked_for(office, file, desk):
    office.do("settings set smtp_host=mail.example.org smtp_user=csn smtp_password_file=/root/secret")
    office.do("settings set sender_address=office@example.org sender_name=SUN")
    office.do(GIVE.format(file=file))

    taken = desk.do(f"takeover {file} {CARLA}")

    assert "messages come from SUN <office@example.org>" in taken.out
    assert "lrflow settings set smtp_password_file=PATH" in taken.out


def test_a_dry_run_of_a_takeover_changes_nothing(office, file, desk):
    office.do(GIVE.format(file=file))
    there = sorted(desk.home.parent.rglob("*"))

    desk.do(f"takeover {file} {CARLA} -n")

    assert sorted(desk.home.parent.rglob("*")) == there


def test_over_a_closed_copy_the_one_that_was_there_is_kept_and_what_is_this_computers_own_stays(office, file, desk):
    office.do("settings set smtp_host=mail.example.org smtp_user=csn smtp_password_file=/root/secret")
    office.do(GIVE.format(file=file))
    was = dump(office.home)
    desk.do(f"takeover {file} {CARLA}")
    desk.do('add experience "Fish ponds"')
    back = file.with_name("back.lrflow")
    desk.do(f'handover {back} --to {OWNER} --confirm "SUN CSN"')

    office.do(f"takeover {back}", now="2016-05-20")

    assert office.do("list experience --json").data[-1]["title"] == "Fish ponds"
    (kept,) = (office.home / "backups").iterdir()
    (office.home.parent / "kept").mkdir()
    shutil.copy(kept, office.home.parent / "kept" / "lrflow.db")
    assert dump(office.home.parent / "kept") == was
    settings = office.do("settings show --json").data
    assert settings["smtp_password_file"]["value"] == "/root/secret"
    assert (settings["me"]["value"], settings["sender_address"]["value"]) == (OWNER, OWNER)


def test_an_open_copy_and_another_programme_are_never_replaced_by_a_handover(office, file, desk, tmp_path):
    empty = Programme(tmp_path / "other", now="2016-04-01")
    empty.do('init --me "Dina <dina@example.org>" --programme Other --timezone Africa/Kigali')
    office.do(GIVE.format(file=file))
    desk.do(f"takeover {file} {CARLA}")
    before, other = dump(desk.home), dump(empty.home)
    second = tmp_path / "second.lrflow"
    parted = twin(desk, "parted")
    parted.do('add experience "Fish ponds"')
    parted.do(f'handover {second} --confirm "SUN CSN"')

    again = desk.run(f"takeover {file} {CARLA}")
    newer = desk.run(f"takeover {second} {CARLA}")
    elsewhere = empty.run(f"takeover {file} {CARLA}")

    assert (again.code, newer.code, elsewhere.code) == (3, 3, 3)
    assert (
        "is taken over already" in again.err and "is open" in newer.err and "holds another programme" in elsewhere.err
    )
    assert (dump(desk.home), dump(empty.home)) == (before, other)


def test_the_same_file_opens_the_closed_copy_again_on_a_word(office, file):
    office.do(GIVE.format(file=file))

    asked = office.run(f"takeover {file}")
    office.do(f"takeover {file} --yes", now=TODAY)

    assert asked.code == 2 and "Has nobody else taken it over?" in asked.err
    assert not closed(office)
    assert "3 drafts written" in office.do("run --once", now=TODAY).out


def test_an_older_copy_is_brought_up_to_date_on_the_way(office, desk, tmp_path):
    old = made_by_the_first_lrflow(office, tmp_path)
    before = old.read_bytes()

    desk.do(f"takeover {old} --me {OWNER} --yes")

    assert old.read_bytes() == before
    assert sorted(path.name for path in desk.home.iterdir()) == ["lrflow.db", "lrflow.toml"]
    assert "held" in desk.do("nudge list").out


def made_by_the_first_lrflow(programme: Programme, tmp_path: Path) -> Path:
    """The programme's rows in the tables of schema 1."""
    steps, old = tmp_path / "migrations", tmp_path / "old.db"
    shutil.copytree(MIGRATIONS, steps, ignore=shutil.ignore_patterns("000[2-9]*", "__pycache__"))
    create(old, migrations=steps)
    with closing(sqlite3.connect(old, isolation_level=None)) as connection:
        connection.execute("ATTACH ? AS now", (str(programme.home / "lrflow.db"),))
        names = [row[0] for row in connection.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'")]
        for name in set(names) - {"alembic_version"}:
            columns = ", ".join(f'"{row[1]}"' for row in connection.execute(f'PRAGMA main.table_info("{name}")'))
            connection.execute(f'INSERT INTO main."{name}" ({columns}) SELECT {columns} FROM now."{name}"')
    return old


# ------------------------------------------------------------------------------------------- damaged, forged, foreign


def repacked(file: Path, place: Path, change: Callable[[dict[str, bytes]], None], **how: Any) -> Path:
    """The same archive after *change* of its members."""
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    with zipfile.ZipFile(place, "w", **how) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return place


def add(name: str, content: bytes) -> Callable[[dict[str, bytes]], None]:
    """Add a member that the manifest vouches for."""

    def change(members: dict[str, bytes]) -> None:
        import hashlib

        manifest = json.loads(members["manifest.json"])
        manifest["members"][name] = {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        members[name] = content
        members["manifest.json"] = json.dumps(manifest).encode()

    return change


def put(name: str, content: bytes) -> Callable[[dict[str, bytes]], None]:
    return lambda members: members.update({name: content})


def drop(name: str) -> Callable[[dict[str, bytes]], None]:
    return lambda members: void(members.pop(name))


def void(_: object) -> None:
    return None


def told(**values: Any) -> Callable[[dict[str, bytes]], None]:
    """Let the manifest say something else."""
    return lambda members: members.update(
        {"manifest.json": json.dumps({**json.loads(members["manifest.json"]), **values}).encode()}
    )


FORGERIES = {
    "a folder of elsewhere": told(folders={"x": "workflows/../../etc"}),
    "a manifest of another day": told(made_at="2016-04-19T07:00:00+00:00"),
    "a manifest without a day": told(made_at="soon"),
    "a manifest of numbers": told(folders={"x": 1}, programme=7),
    "a changed database": put("lrflow.db", b"SQLite format 3\0" + bytes(100)),
    "changed settings": lambda members: members.update({"lrflow.toml": members["lrflow.toml"].replace(b"gra", b"eva")}),
    "no database": drop("lrflow.db"),
    "no manifest": drop("manifest.json"),
    "a manifest that is none": put("manifest.json", b"[]"),
    "a manifest of nonsense": put("manifest.json", b'{"format": 1, "members": {}, "x": 1}'),
    "a deep manifest": put("manifest.json", b"[" * 100_000),
    "a member too many": put("evidence/rwanda-2016/x.txt", b"x"),
    "a way out": add("../evil.txt", b"x"),
    "a way out of evidence": add("evidence/../../evil.txt", b"x"),
    "a root": add("/tmp/evil.txt", b"x"),
    "a drive": add("evidence/rwanda-2016/..\\..\\evil.txt", b"x"),
    "a program": add("workflows/mine/run.py", b"x"),
    "a hidden file": add("evidence/rwanda-2016/.profile", b"x"),
    "another database": add("evidence/lrflow.db", b"x"),
    "too large a text": add("workflows/mine/messages/en.toml", os.urandom(2 * 1024 * 1024)),
    "a bomb": add("evidence/rwanda-2016/zeros.bin", bytes(40 * 1024 * 1024)),
    "a broken database": add("lrflow.db", b"SQLite format 3\0" + bytes(4080)),
    "no database at all": add("lrflow.db", b"hello"),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_file_that_was_damaged_or_forged_is_refused_and_leaves_nothing(office, file, desk, tmp_path, forgery):
    office.do(GIVE.format(file=file))
    how = {"compression": zipfile.ZIP_DEFLATED}
    forged = repacked(file, tmp_path / "forged.lrflow", FORGERIES[forgery], **how)
    there = sorted(tmp_path.rglob("*"))

    result = desk.run(f"takeover {forged} {CARLA} --yes")

    assert result.code in (2, 7), result
    assert "nothing was taken over" in result.err or "not a copy of a programme" in result.err
    assert sorted(tmp_path.rglob("*")) == there and not Path("/tmp/evil.txt").exists()


@pytest.mark.parametrize("part", [0.1, 0.5, 0.99])
def test_a_file_that_was_cut_off_is_refused(office, file, desk, part):
    office.do(GIVE.format(file=file))
    whole = file.read_bytes()
    file.write_bytes(whole[: int(len(whole) * part)])

    result = desk.run(f"takeover {file} {CARLA}")

    assert result.code == 2 and "damaged" in result.err and not desk.home.exists()


def test_every_byte_of_the_file_is_vouched_for(office, file, desk, tmp_path):
    office.do(GIVE.format(file=file))
    whole, flipped = file.read_bytes(), tmp_path / "flipped.lrflow"
    for place in range(37, len(whole) - 22, len(whole) // 24):
        flipped.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])

        result = desk.run(f"takeover {flipped} {CARLA} -n")

        # What is flipped in a date or an attribute of the archive itself changes nothing that is taken over.
        assert result.code in (0, 2, 7), (place, result)
        if result.code == 0:
            with zipfile.ZipFile(flipped) as archive, zipfile.ZipFile(file) as before:
                assert [archive.read(name) for name in before.namelist()] == [
                    before.read(name) for name in before.namelist()
                ]


def test_a_foreign_database_and_one_of_a_newer_lrflow_are_refused(office, desk, tmp_path):
    foreign, newer = tmp_path / "foreign.db", copy_of(office, tmp_path / "newer.db")
    with closing(sqlite3.connect(foreign)) as connection:
        connection.execute("CREATE TABLE bookmarks (id INTEGER)")
    with closing(sqlite3.connect(newer)) as connection:
        connection.execute("PRAGMA user_version = 99")

    refused = [desk.run(f"takeover {each} --me {OWNER} --yes") for each in (foreign, newer)]

    assert [result.code for result in refused] == [2, 7]
    assert "update lrflow" in refused[1].err and str(newer) in refused[1].err
    assert not desk.home.exists()


def test_a_reference_to_nothing_is_refused(office, desk, tmp_path):
    broken = copy_of(office, tmp_path / "broken.db")
    with closing(sqlite3.connect(broken, isolation_level=None)) as connection:
        connection.execute("UPDATE nudge SET person = 999 WHERE number = 4")

    result = desk.run(f"takeover {broken} --me {OWNER} --yes")

    assert result.code == 7 and "does not hold together" in result.err and not desk.home.exists()


# ------------------------------------------------------------------------------------------------------ from a backup


def test_after_a_takeover_from_a_backup_what_both_could_send_is_listed_and_held(office, desk, tmp_path):
    backup = copy_of(office, tmp_path / "backup.db")
    office.do("run --once", now=TODAY)  # the other copy sends, and knows nothing of this
    office.do("run --once", now="2016-04-25T10:00")

    taken = desk.do(f"takeover {backup} --me {OWNER} --yes --json", now="2016-04-26T10:00")

    assert [(each["id"], each["rule"], each["on"], each["to"]) for each in taken.data["held"]] == [
        ("N4", "stage-due", "2016-04-21", "Carla Ruiz"),
        ("N6", "stage-due", "2016-04-21", "Felix Soto"),
        ("N11", "stage-due", "2016-04-21", "Grace Phiri"),
        ("N13", "weekly-digest", "2016-04-25", "Carla Ruiz"),
        ("N19", "weekly-digest", "2016-04-25", "Grace Phiri"),
    ]
    assert desk.do("run --once", now="2016-04-26T10:00").out == "nothing was due\n"
    assert "5 nudges are held since the takeover" in desk.do("status", now="2016-04-26T10:00").out
    assert set(states(desk, "2016-05-02")) == {"planned"}
    assert "4 drafts" in desk.do("run --once", now="2016-05-02T10:00").out or drafts(desk)
    assert states(desk) == ["held"] * 3


def test_the_list_says_in_words_what_is_held_and_how_it_is_let_go(office, desk, tmp_path):
    backup = copy_of(office, tmp_path / "backup.db")

    asked = desk.run(f"takeover {backup} --me {OWNER}")
    taken = desk.do(f"takeover {backup} --me {OWNER} --yes")

    assert asked.code == 2 and "Does no other copy send any more?" in asked.err
    for line in (
        "held: 3 that another copy may have sent since 2016-04-20 09:00, the last that this copy knows of",
        "rwanda-2016\tN6\t2016-04-21\tstage-due\troute\tFelix Soto",
        "lrflow -r rwanda-2016 nudge release all",
        "lrflow -r rwanda-2016 nudge confirm held",
        f"1 file of evidence did not come along: copy evidence/ of the other computer into {desk.home}",
    ):
        assert line in taken.out


def test_messages_that_were_about_to_leave_or_on_the_wire_are_held_with_their_lines(office, desk, tmp_path):
    database = Database(office.home / "lrflow.db")
    begin_sending(database, 1)
    database.close()
    backup = copy_of(office, tmp_path / "backup.db")

    taken = desk.do(f"takeover {backup} --me {OWNER} --yes --json")

    assert len(taken.data["held"]) == 3
    messages = rows(desk.home, "SELECT state, token, detail FROM message")
    assert {(row["state"], row["token"]) for row in messages} == {("held", None)}
    assert all("another copy may have sent it" in row["detail"] for row in messages)
    assert desk.do("run --once").out == "nothing was due\n"
    desk.do("nudge confirm N4")
    desk.do("nudge release N6+N11")
    assert sorted(row["state"] for row in rows(desk.home, "SELECT state FROM message")) == [
        "dropped",
        "dropped",
        "sent",
    ]
    assert "2 drafts written" in desk.do("run --once").out
    assert states(desk) == ["sent", "drafted", "drafted"]


def test_what_is_released_leaves_if_its_rule_still_holds_and_else_stays_silent_with_the_reason(office, desk, tmp_path):
    backup = copy_of(office, tmp_path / "backup.db")
    desk.do(f"takeover {backup} --me {OWNER} --yes", now="2016-04-26T10:00")

    released = desk.do("nudge release all", now="2016-04-26T10:00").out

    assert "released 5 nudges" in released
    assert "planned again, for `lrflow run` to send: N4, N6, N11" in released
    assert "N13 stays silent: too_late" in released
    assert "3 drafts written" in desk.do("run --once", now="2016-04-26T10:00").out


def test_what_the_other_copy_sent_never_leaves_again(office, desk, tmp_path):
    backup = copy_of(office, tmp_path / "backup.db")
    desk.do(f"takeover {backup} --me {OWNER} --yes")

    refused = [desk.run("nudge confirm all"), desk.run("nudge confirm N4 --not-sent"), desk.run("nudge confirm N99")]
    done = desk.do("nudge confirm held")

    assert [result.code for result in refused] == [4, 2, 4]
    assert "lrflow nudge confirm held" in refused[0].err and "lrflow nudge release N4" in refused[1].err
    assert "closed 3 held nudges as sent by the other copy" in done.out
    assert states(desk) == ["sent"] * 3
    assert desk.do("run --once").out == "nothing was due\n"
    assert desk.run("nudge release all").code == 4


def test_a_rehearsing_route_has_nothing_to_hold(young, desk, tmp_path):
    backup = copy_of(young, tmp_path / "backup.db")

    taken = desk.do(f"takeover {backup} --me {OWNER} --yes", now="2016-08-01")

    assert "nothing is held" in taken.out
    assert rows(desk.home, "SELECT id FROM nudge WHERE pinned") == []


def test_restoring_yesterdays_backup_over_itself_sends_nothing_again(office, tmp_path):
    backup = copy_of(office, tmp_path / "backup.db")
    with open_post() as post:
        send(office, post)
        assert len(post.taken) == 3

        unnamed = office.run(f"takeover {backup} --yes", now=TODAY)
        office.do(f'takeover {backup} --confirm "SUN CSN"', now=TODAY)
        send(office, post)

        assert len(post.taken) == 3
    assert unnamed.code == 2 and "what was typed since is lost" in unnamed.err
    assert states(office) == ["held"] * 3
    assert [path.name for path in (office.home / "backups").iterdir()] == ["lrflow-until-2016-04-21.db"]
    assert office.do("list evidence --json").data


def send(programme: Programme, post: Any) -> None:
    database, mailer = Database(programme.home / "lrflow.db"), mailing(post.port)
    holder = nudges.hold_sending(database, DUE_AT)
    nudges.tick(database, mailer, holder, lambda: DUE_AT)
    nudges.stop_sending(database, holder)
    database.close()


def test_nothing_is_put_back_under_a_process_that_sends(office, tmp_path):
    backup = copy_of(office, tmp_path / "backup.db")
    database = Database(office.home / "lrflow.db")
    nudges.hold_sending(database, DUE_AT)
    before = dump(office.home)

    result = office.run(f'takeover {backup} --confirm "SUN CSN"', now=TODAY)

    database.close()
    assert result.code == 6 and dump(office.home) == before


def test_an_older_handover_over_a_copy_that_was_handed_over_later_is_a_backup(office, file, desk):
    office.do(GIVE.format(file=file))
    office.do(f"takeover {file} --yes")
    office.do("run --once", now=TODAY)
    office.do(f'handover {file.with_name("later.lrflow")} --confirm "SUN CSN"', now=TODAY)

    asked = office.run(f"takeover {file} --as {OWNER}", now="2016-04-22")
    taken = office.do(f"takeover {file} --as {OWNER} --yes", now="2016-04-22")

    assert asked.code == 2 and "is older than the copy" in asked.err
    assert "held: 3" in taken.out


def test_a_closed_copy_opens_itself_again_as_a_backup_when_the_file_is_lost(office, file):
    office.do(GIVE.format(file=file))
    file.unlink()

    office.do(f"takeover {office.home / 'lrflow.db'} --yes", now=TODAY)

    assert not closed(office) and states(office) == ["held"] * 3


# --------------------------------------------------------------------------------------------- killed, raced, no room

FILES = ("open", "os.rename", "os.link", "os.remove", "os.mkdir", "os.rmdir")


def mortal(work: Callable[[Say], int], place: Path, dies_at: int) -> Callable[[Say], int]:
    """*work* whose process is killed before the n-th time it changes a file below *place*, or a row, or commits."""

    def doomed(say: Say) -> int:
        moment = 0

        def pass_by(what: str) -> None:
            nonlocal moment
            if moment == dies_at:
                os.kill(os.getpid(), signal.SIGKILL)
            moment += 1
            say(f"passed {what}")

        def on_file(event: str, values: tuple[Any, ...]) -> None:
            if event in FILES and str(values[0]).startswith(str(place)) and (event != "open" or writes(values)):
                pass_by(f"{event} {values[0]}")

        def on_sql(sql: str) -> None:
            if sql.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE", "COMMIT")):
                pass_by(" ".join(sql.split())[:60])

        watch(on_sql)
        sys.addaudithook(on_file)
        return work(say)

    return doomed


def writes(values: tuple[Any, ...]) -> bool:
    return bool(int(values[2]) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))


def moments(work: Callable[[Say], int], place: Path) -> int:
    ended = forked(mortal(work, place, -1)).end()
    assert ended.code == 0, ended.said
    return sum(word.startswith("passed ") for word in ended.said)


def hand_over_although_killed(office: Programme, place: Path, most: int) -> None:
    """Kill a handover at its moments: an open original and no file, or a closed one whose file is or can be written."""
    before, outcomes = dump(office.home), set()
    counted = twin(office, "counted")
    count = moments(typing(counted, GIVE.format(file=place / "counted.lrflow")), place)
    for moment in spread(count, most):
        victim, file = twin(office, "victim"), place / f"{moment}.lrflow"
        assert forked(mortal(typing(victim, GIVE.format(file=file)), place, moment)).end().was_killed

        outcomes.add((closed(victim), file.exists()))

        if closed(victim):
            victim.do(f"handover {file}") if not file.exists() else None
        else:
            assert dump(victim.home) == before, moment
            victim.do(GIVE.format(file=file))
        assert taken_from(file, place / "desk", moment) == dump(victim.home)["nudge"]
        assert list(place.glob(".*.lrflow-*")) == [] or file.exists()
    assert outcomes == {(False, False), (True, False), (True, True)}


def taken_from(file: Path, place: Path, moment: int) -> list[Any]:
    desk = Programme(place / str(moment), now="2016-04-20")
    place.mkdir(exist_ok=True)
    desk.do(f"takeover {file} --me {OWNER} --approved-by {OWNER}")
    return dump(desk.home)["nudge"]


def test_a_handover_killed_at_any_write_leaves_one_open_copy_or_a_whole_file(office, tmp_path):
    hand_over_although_killed(office, tmp_path, most=9)


@pytest.mark.slow
def test_a_handover_killed_at_every_single_write_leaves_one_open_copy_or_a_whole_file(office, tmp_path):
    hand_over_although_killed(office, tmp_path, most=10_000)


def take_over_although_killed(desk: Programme, line: str, most: int) -> None:
    """Kill a takeover at its moments: the copy that was there, or none, or the new one whole; then it goes through."""
    before = dump(desk.home) if desk.home.exists() else None
    whole = spare(desk, "whole")
    count = moments(typing(whole, line), whole.home.parent)
    after, files = dump(whole.home), {path.relative_to(whole.home) for path in whole.home.rglob("*") if path.is_file()}
    for moment in spread(count, most):
        victim = spare(desk, "victim")
        assert forked(mortal(typing(victim, line), victim.home.parent, moment)).end().was_killed

        database = victim.home / "lrflow.db"
        found = dump(victim.home) if database.exists() else None

        assert found in (before, after), moment
        if found != after:
            victim.do(line)
        assert dump(victim.home) == after
        assert {path for path in files if not (victim.home / path).is_file()} == set(), moment


def spare(programme: Programme, name: str) -> Programme:
    """A copy of the programme, or of its absence, in a place of its own."""
    place = programme.home.parent.parent / name
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    if programme.home.exists():
        shutil.copytree(programme.home, place / "csn")
    return Programme(place / "csn", now=programme.now, actor=programme.actor)


def test_a_takeover_killed_at_any_write_is_whole_or_did_not_happen(office, file, desk):
    office.do(GIVE.format(file=file))

    take_over_although_killed(desk, f"takeover {file} {CARLA}", most=9)


def test_a_takeover_over_a_closed_copy_killed_at_any_write_is_whole_or_did_not_happen(office, file, desk):
    line = handed_back(office, file, desk)

    take_over_although_killed(office, line, most=12)


@pytest.mark.slow
def test_a_takeover_killed_at_every_single_write_is_whole_or_did_not_happen(office, file, desk):
    line = handed_back(office, file, desk)
    shutil.rmtree(desk.home)

    take_over_although_killed(desk, f"takeover {file} {CARLA}", most=10_000)
    take_over_although_killed(office, line, most=10_000)


def handed_back(office: Programme, file: Path, desk: Programme) -> str:
    """Carla has worked on it and hands it back; how Grace takes it."""
    (office.home.parent / "office").mkdir()
    office.do(GIVE.format(file=file))
    shutil.move(office.home, office.home.parent / "office" / "csn")
    office.home = office.home.parent / "office" / "csn"
    desk.do(f"takeover {file} {CARLA}")
    (desk.home.parent / "gardens.txt").write_text("gardens")
    desk.do('add experience "Gardens" areas=policy good_practice=yes')
    desk.do(f"attach E2 {desk.home.parent / 'gardens.txt'} --for good_practice")
    desk.do("run --once")
    back = file.with_name("back.lrflow")
    desk.do(f'handover {back} --to {OWNER} --confirm "SUN CSN"')
    office.now = TODAY
    return f"takeover {back} --as {OWNER}"


@pytest.mark.parametrize("room", [0, 4096, 100_000])
def test_without_room_a_handover_changes_nothing(office, file, room):
    before = dump(office.home)

    ended = forked(with_room(office, GIVE.format(file=file), room)).end()

    assert ended.code == 7, ended.said
    assert "nothing was changed" in ended.result.err
    assert dump(office.home) == before and not file.exists()
    assert list(file.parent.glob(".csn*")) == []
    office.do(GIVE.format(file=file))


@pytest.mark.parametrize("room", [0, 4096, 100_000])
def test_without_room_a_takeover_changes_nothing(office, file, desk, room):
    line = handed_back(office, file, desk)
    before = dump(office.home)
    shutil.rmtree(desk.home)

    over = forked(with_room(office, line, room)).end()
    new = forked(with_room(desk, f"takeover {file} {CARLA}", room)).end()

    for ended in (over, new):
        assert ended.code == 7, ended.said
        assert "nothing was" in ended.result.err
    assert dump(office.home) == before and not desk.home.exists()
    office.do(line)
    desk.do(f"takeover {file} {CARLA}")


def test_a_disk_that_fills_up_at_the_very_last_write_leaves_the_copy_that_was_there(office, file, desk):
    line = handed_back(office, file, desk)
    before = dump(office.home)
    room = (desk.home / "lrflow.db").stat().st_size + 1024  # for every file, but not for the log of the last write

    ended = forked(with_room(office, line, room)).end()

    assert ended.code == 7, ended.said
    assert dump(office.home) == before and len(list((office.home / "backups").iterdir())) == 1
    office.do(line)


def with_room(programme: Programme, line: str, room: int) -> Callable[[Say], int]:
    """Work for a child: type *line* where no file may grow beyond *room* bytes."""

    def work(say: Say) -> int:
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
        return typing(programme, line)(say)

    return work


@contextlib.contextmanager
def writing(programme: Programme) -> Iterator[None]:
    """Another process holds the write lock, and lets it go at the end."""
    gate, opener = os.pipe()

    def holding(say: Say) -> int:
        with closing(sqlite3.connect(programme.home / "lrflow.db", isolation_level=None)) as held:
            held.execute("BEGIN IMMEDIATE")
            say("held")
            os.read(gate, 1)
            held.execute("ROLLBACK")
        return 0

    child = forked(holding)
    assert child.hear() == "held"
    try:
        yield
    finally:
        os.write(opener, b"!")
        child.end()
        os.close(gate)
        os.close(opener)


def until_it_asks(programme: Programme, line: str, word: str) -> Any:
    """A child that types *line*, as soon as it asks for the lock *word*: what it looked at before is read."""

    def work(say: Say) -> int:
        watch(lambda sql: say("asks") if sql == word else None)
        return typing(programme, line)(say)

    child = forked(work)
    assert child.hear() == "asks"
    return child


def results(ended: Any) -> list[Result]:
    return sorted((each.result for each in ended), key=lambda result: result.code)


def test_of_two_who_hand_over_at_once_one_wins_and_the_other_is_told(office, file):
    other = file.with_name("other.lrflow")
    with writing(office):
        children = [until_it_asks(office, GIVE.format(file=each), "BEGIN IMMEDIATE") for each in (file, other)]
    won, lost = results(all_end(children))

    assert (won.code, lost.code) == (0, 6), (won, lost)
    assert "handed over to carla@example.org" in lost.err and "nothing was changed" in lost.err
    assert file.exists() != other.exists()


def test_a_command_that_waits_while_the_copy_is_closed_is_refused(office, file):
    with writing(office):
        handing = until_it_asks(office, GIVE.format(file=file), "BEGIN IMMEDIATE")
        adding = until_it_asks(office, 'add experience "Fish ponds"', "BEGIN IMMEDIATE")
    handed, added = (child.end().result for child in (handing, adding))

    assert handed.code == 0
    kept = rows(office.home, "SELECT id FROM log WHERE verb = 'add' AND subject = 'E2'")
    assert (added.code, len(kept)) in ((0, 1), (3, 0))
    newest = rows(office.home, "SELECT verb FROM log ORDER BY id DESC LIMIT 1")
    assert newest == [{"verb": "handover"}]


def test_of_two_who_take_over_at_once_one_wins_and_the_other_is_told(office, file, desk):
    office.do(GIVE.format(file=file))
    back = file.with_name("back.lrflow")
    desk.do(f"takeover {file} {CARLA}")
    desk.do(f'handover {back} --to {OWNER} --confirm "SUN CSN"')
    shutil.rmtree(desk.home)
    for programme, line in ((desk, f"takeover {file} {CARLA}"), (office, f"takeover {back} --as {OWNER}")):
        gate, opener = os.pipe()

        def work(say: Say, programme=programme, line=line, gate=gate) -> int:
            def before(event: str, values: tuple[Any, ...]) -> None:
                if not waited and event in ("os.rename", "os.link", "sqlite3.connect") and at_the_end(event, values):
                    waited.append(1)
                    say("ready")
                    os.read(gate, 1)

            waited: list[int] = []
            sys.addaudithook(before)
            return typing(programme, line)(say)

        children = [forked(work), forked(work)]
        assert [child.hear() for child in children] == ["ready", "ready"]
        os.write(opener, b"!!")
        won, lost = results(all_end(children))

        assert won.code == 0 and lost.code in (3, 6), (won, lost)
        assert "nothing was" in lost.err
        assert len(rows(programme.home, "SELECT id FROM log WHERE verb = 'takeover' AND route_id IS NULL")) in (1, 2)
        os.close(gate)
        os.close(opener)


def test_what_was_taken_over_since_one_looked_is_not_taken_over_again(office, file, desk):
    office.do(GIVE.format(file=file))
    act = Act(OWNER, DUE_AT, "Africa/Blantyre")
    with offered(file, desk.home) as new, offered(file, office.home) as over:
        office.do(f"takeover {file} --yes")
        desk.do(f"takeover {file} {CARLA}")
        before = dump(office.home), dump(desk.home)

        for offer in (new, over):
            with pytest.raises((Busy, Refused), match="nothing was taken over"):
                take_over(offer, ("Grace", OWNER), act, approved_by=OWNER)

    assert (dump(office.home), dump(desk.home)) == before


def at_the_end(event: str, values: tuple[Any, ...]) -> bool:
    """Whether everything is looked at and made ready, and only the putting in its place is left."""
    if event == "sqlite3.connect":
        return str(values[0]).endswith(".takeover")
    return str(values[0]).endswith("/new")


# ---------------------------------------------------------------------------------------------------- held by a person


def test_a_nudge_that_is_held_back_waits_through_ticks_and_plans_until_it_is_released(office):
    office.do("nudge hold N4+N6")
    assert "To: Grace" in office.do("nudge preview").out and "To: Felix" not in office.do("nudge preview").out
    assert "lrflow nudge release" in office.run("undo --yes").err
    office.do('add experience "Fish ponds"')

    office.do("run --once", now=TODAY)

    assert states(office) == ["held", "held", "drafted"]
    assert "N4, N6" in office.do("nudge release N4-N6", now=TODAY).out
    office.do("run --once", now=TODAY)
    assert states(office) == ["drafted"] * 3


def test_what_is_in_a_message_that_leaves_is_not_held_back_any_more(office):
    database = Database(office.home / "lrflow.db")
    begin_sending(database, 1)
    database.close()

    held = office.do("nudge hold N4-N11 --yes", now=TODAY)

    assert "too late for" in held.out
    assert sorted(states(office)) == ["assembled", "held", "held"]


def test_hold_and_release_name_what_there_is_and_ask_before_many(office):
    lines = ("nudge hold all", "nudge hold N999", "nudge hold soon", "nudge release all", "nudge hold N1-N999999999")

    found = [office.run(line) for line in lines]

    assert [result.code for result in found] == [2, 4, 2, 4, 2]
    assert "nudges of rwanda-2016 would be held back. Go on?" in found[0].err
    assert office.run("nudge hold N4", actor=FACILITATOR).code == 3


def test_what_waits_for_a_route_on_hold_is_not_released_by_hand(office):
    office.do("nudge hold N4")
    office.do('hold --review 2016-06-01 --reason "floods in the valley"')

    refused = office.run("nudge release N6")

    assert refused.code == 4
    office.do("nudge release N4")
    assert (
        rows(office.home, "SELECT state, reason FROM nudge WHERE number IN (4, 6)")
        == [{"state": "held", "reason": "paused"}] * 2
    )
