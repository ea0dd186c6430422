"""Wrong words and broken surroundings: told apart by exit code, answered with what, why and what to type, undone."""

import contextlib
import itertools
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from programme import Programme

from lrflow.database import connection
from lrflow.workflow import folder_of

USAGE, BLOCKED, MISSING, PARTLY, BUSY, UNAVAILABLE = 2, 3, 4, 5, 6, 7
SIDE_FILES = (".db", ".db-wal", ".db-shm")


def everything(home: Path) -> dict[str, Any]:
    """Every row of every table and the content of every other file."""
    with contextlib.closing(sqlite3.connect(home / "lrflow.db")) as database:
        names = [name for (name,) in database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        rows = {name: database.execute(f'SELECT * FROM "{name}" ORDER BY rowid').fetchall() for name in names}
    files = {path: path.read_bytes() for path in home.rglob("*") if path.is_file() and path.suffix not in SIDE_FILES}
    return {**rows, "files": {str(path.relative_to(home)): content for path, content in files.items()}}


def complains(result, code: int, *parts: str) -> None:
    """The command ended with *code*, printed no answer, and said each of *parts* on stderr, without a traceback."""
    said = f"lrflow {result.line}\nexit {result.code}\n{result.out}{result.err}"
    assert result.code == code, said
    assert result.out == "", said
    assert "Traceback" not in result.err and "unexpectedly" not in result.err, said
    for part in parts:
        assert part in result.err, said


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Programme:
    """A route with a record of several kinds; every test that shares it proves that it left it as it was."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("LRFLOW_")]:
            patch.delenv(name)
        programme = Programme(tmp_path_factory.mktemp("bad") / "csn", now="2016-06-10")
        for line in (
            'init --me "Grace Phiri <grace@example.org>" --programme "SUN CSN" --timezone Africa/Blantyre',
            'set programme donor=CIFF budget="1009038.00 GBP" starts_on=2015-02-02 ends_on=2018-01-31',
            "add organisation Procasur kind=facilitator country=CL",
            'add organisation "SUN Alliance Rwanda" kind=csa country=RW',
            'add organisation "SUN Alliance Malawi" kind=csa country=MW',
            'add person "Ana Banda" ana@example.org',
            'add person "Esnart Banda" esnart@example.org',
            'add route rwanda-2016 "Learning Route in Rwanda" planned_visit=2016-09 facilitator=Procasur',
            'set route host="SUN Alliance Rwanda" host_country=RW visit_start=2016-10-30 visit_end=2016-11-05',
            "advance",
            'add experience "Milk way: dairy" areas=advocacy',
            'add experience "Milk way: school" areas=policy',
            'add experience "Community radio" areas=policy good_practice=yes',
            "attach E3 https://example.org --for good_practice+challenge+livelihoods",
            'add delegation "SUN Alliance Malawi"',
            "add participant ana@example.org --of D1",
            "add session 2016-10-31 field_visit experience=E3",
        ):
            programme.do(line)
    return programme


@pytest.fixture
def own(lived: Programme, tmp_path: Path) -> Programme:
    """The same in a folder of the test's own, to be broken."""
    shutil.copytree(lived.home, tmp_path / "csn")
    return Programme(tmp_path / "csn", now=lived.now)


# -------------------------------------------------------------------------------------------------------------- words

DID_YOU_MEAN = [
    ("mark E1 slected", ("'slected' is no state of experience, did you mean selected?", "proposed, screened")),
    ("set E1 plase=Nyanza", ("experience has no field 'plase', did you mean place?",)),
    ("set route hots=x", ("route has no field 'hots', did you mean host?", "min_csas", "coordinator")),
    ("set route coordinator=ana@example.org hots=x", ("did you mean host?",)),  # after a role was handed over
    ("set programme doner=CIFF", ("programme has no field 'doner', did you mean donor?",)),
    ("set person ana@example.org langage=en", ("person has no field 'langage', did you mean language?",)),
    ("add experienc Milk", ("no kind of record called 'experienc'", "did you mean experience?", "lrflow add --help")),
    ("list sesion", ("no kind of record called 'sesion'", "did you mean session?")),
    ("set E1 areas=polcy", ("areas cannot be 'polcy', did you mean policy?", "one of: advocacy")),
    ("set E1 areas=policy+polcy", ("did you mean policy?",)),
    ("add session 2016-11-01 pannel", ("kind cannot be 'pannel', did you mean panel?",)),
    ("attach E1 https://example.org --for chalenge", ("did you mean challenge?",)),
    ("mark E confirmed --where stat=proposed", ("experience has no field 'stat'", "did you mean state?")),
    ("list experience aeras=policy", ("experience has no field 'aeras'", "did you mean areas?")),
    ("mark E confirmed --where state", ("'state' is not field=value", "--where state=confirmed")),
    ("advanc", ("No such command 'advanc'", "Did you mean 'advance'?")),
    ("advance --jsn", ("No such option '--jsn'", "--json")),
    ("log -N many", ("'many' is not a valid integer",)),
    ("log -N 0", ("0 is not in the range",)),
    ("settings set smtp_port=mail", ("smtp_port is a number, not 'mail'", "smtp_port=587")),
    ("settings set timezone=Mars/Olympus", ("unknown time zone 'Mars/Olympus'", "Africa/Kigali")),
    ("settings set me", ("'me' is not name=value",)),
]
WRONG_VALUES = [
    ("set route visit_start=2016-02-30", ("'2016-02-30' is not a day", "write it as 2016-11-05")),
    ("set route visit_start=2016-13", ("2016-13 is not a month", "write it as 2016-09")),
    ("set route visit_start=2016-00", ("2016-00 is not a month",)),
    ("set route visit_start=0000-01", ("0000-01 is not a month",)),
    ("set route visit_start=20161030", ("'20161030' is not a day",)),
    ("set route visit_start=2016-W44-7", ("'2016-W44-7' is not a day",)),
    ("set route visit_start=soon", ("'soon' is not a day", "tomorrow")),
    ("set route visit_start=3016-10-30", ("3016-10-30 lies too far away", "check the year")),
    ("set route visit_start=0216-10-30", ("0216-10-30 lies too far away",)),
    (
        "set route visit_start=03/04/2016",
        ("can be read two ways", "Sunday 3 April 2016 is 2016-04-03", "Friday 4 March 2016 is 2016-03-04"),
    ),
    ("set route visit_start=3.4.16", ("can be read two ways", "2016-04-03", "2016-03-04")),
    ("set route visit_start=45/45/2016", ("neither is a day of the calendar",)),
    ("set E3 title=", ("title cannot be empty",)),
    ("set S1 on=2016-10", ("2016-10 is only a month; the day is needed here", "2016-10-15")),
    ("add session 2016-10-32 panel", ("'2016-10-32' is not a day",)),
    ("add budget Bus 12", ("'12' is not an amount", "5000 USD")),
    ('add budget Bus "12.345 USD"', ("'12.345 USD' is not an amount",)),
    ('add budget Bus "12.50 RWF"', ("'12.50 RWF' is not an amount",)),
    ('add budget Bus "1.000,50 USD"', ("is not an amount",)),
    ('add budget Bus amount="-5 USD"', ("'-5 USD' is not an amount",)),
    ('add budget Bus "5 USD" rate=0', ("rate is a number above zero",)),
    ('add budget Bus "5 USD" rate=nan', ("rate is a number above zero",)),
    ("add plan A --of D1 months=six", ("months is a whole number, not 'six'",)),
    ("add plan A --of D1 months=-1", ("months is a whole number, not '-1'",)),
    ("set E1 good_practice=maybe", ("good_practice is yes or no, not 'maybe'",)),
    ("add organisation X country=Rwanda", ("'Rwanda' is not a country code", "RW for Rwanda")),
    ("add organisation X zone=Africa/Kigaly", ("unknown time zone 'Africa/Kigaly'",)),
    ("add person Bob bob@", ("'bob@' is not an e-mail address", "name@example.org")),
    ('add person Bob "bob smith@example.org"', ("is not an e-mail address",)),
    ("add person Bob email=a@b@example.org", ("is not an e-mail address",)),
    ("set route min_csas=few --reason why", ("min_csas is a whole number",)),
    ("set route min_csas=0 --reason why", ("min_csas=0 lies outside 1 to any",)),
    ("set route participants_max=99 --reason why", ("participants_max=99 lies outside 0 to 60",)),
    ("add route Rwanda", ("'Rwanda' cannot name a route", "rwanda-2016")),
    ("hold --review 2016-06-10 --reason why", ("the day of review 2016-06-10 is not ahead", "--review +30d")),
    ("calendar --from 2016-09-01 --to 2016-08-01", ("would end (2016-08-01) before it begins (2016-09-01)",)),
    ("mark E9-E3 selected", ("E9-E3 is not a range", "E1-E24")),
    ("mark E1-E99999 selected", ("E1-E99999 is not a range",)),
]
MISSING_WORDS = [
    ("add", ("Missing argument 'KIND'",)),
    ("add experience", ("experience needs title", 'lrflow add experience "TITLE"')),
    ("add case", ("case needs experience", "lrflow add case E1")),
    ("add champion new@example.org", ("new@example.org is new: give a name too", '"NAME" new@example.org')),
    ("add experience Milk way", ("too many words: 'way'", "put quotes around title")),
    ("add person Ana ana@example.org --of D1", ("person belongs to nothing",)),
    ("add programme Other", ("a programme begins with: lrflow init",)),
    ("add person Ana ana@example.org", ("Ana Banda is known already", "lrflow show person")),
    ("add organisation procasur", ("Procasur is known already",)),
    ("add participant ana@example.org --of D1", ("already P1", "lrflow show P1")),
    ("add route rwanda-2016", ("there is a route rwanda-2016 already", "lrflow use rwanda-2016")),
    ("mark E1", ("say which records and to which state", "lrflow mark E1 selected")),
    ("mark person attended", ("people have no states",)),
    ("set E1", ("nothing to set", "lrflow set E1 place=Nyanza")),
    ("set route visit_start=2016-10-29", ("visit_start", "--reason")),
    ("set route min_csas=5", ("say why it changes", "--reason")),
    ("set programme donor=DFID", ("donor was set before: say why it changes", "--reason")),
    ("hold --review +30d", ("hold needs a reason", "--reason")),
    ("hold", ("Missing option '--review'",)),
    ("back identification", ("back needs a reason", "--reason")),
    ("cancel --reason why", ("this needs the route's name", "--confirm rwanda-2016")),
    ("cancel --reason why --confirm rwanda", ("this needs the route's name", "--confirm rwanda-2016")),
    ("show person", ("which person?", "lrflow list person")),
    ("set E1 what@how=x", ("nothing to set",)),
]
AMBIGUOUS = [
    ("show milk", ("'milk' may mean 2 records", "E1  Milk way: dairy", "E2  Milk way: school", "type the id")),
    ("mark milk screened", ("'milk' may mean 2 records", "E1  Milk way: dairy")),
    ("add champion Banda", ("'Banda' may mean 2 people", "Ana Banda  ana@example.org", "Esnart Banda", "in full")),
    ("set person Banda language=en", ("'Banda' may mean 2 people", "Esnart Banda  esnart@example.org")),
    (
        "set organisation alliance language=en",
        ("may mean 2 organisations", "SUN Alliance Malawi", "SUN Alliance Rwanda"),
    ),
    ("set route host=alliance", ("'alliance' may mean 2 organisations", "SUN Alliance Malawi")),
    ("show person banda", ("'banda' may mean 2 people",)),
    ("set S1 experience=milk", ("'milk' may mean 2 records", "E2  Milk way: school")),
]
NO_SUCH_THING = [
    ("show E9", ("there is no E9", "lrflow list experience")),
    ("show A1.2", ("there is no A1.2", "lrflow list action")),
    ("show waterfall", ("nothing is called 'waterfall'", "lrflow list KIND")),
    ("show person nobody@example.org", ("there is no person 'nobody@example.org'", "lrflow add person")),
    ("mark E9 selected", ("there is no E9", "lrflow list experience")),
    ("mark E8-E9 selected", ("there is no E8-E9", "lrflow list experience")),
    ("mark E screened --where state=selected", ("no record matches E",)),
    ("set P9 visa=needed", ("there is no P9", "lrflow list participant")),
    ("set S1 experience=E9", ("there is no experience E9", "lrflow list experience")),
    ("add participant ana@example.org --of D9", ("there is no delegation D9", "lrflow list delegation")),
    ('add participant "New Person" new@example.org --of D9', ("there is no delegation D9",)),  # after a new person
    ("set route host=Nowhere", ("there is no organisation 'Nowhere'", "lrflow add organisation")),
    ("set route coordinator=nobody@example.org", ("there is no person 'nobody@example.org'", "lrflow add person")),
    ("attach E9 https://example.org --for challenge", ("there is no E9",)),
    ("attach E1 nowhere.pdf --for challenge", ("there is no file nowhere.pdf", "https://")),
    ("set E1 summary=@nowhere.txt", ("there is no file nowhere.txt",)),
    ("use nowhere", ("there is no route 'nowhere'", "rwanda-2016", "lrflow")),
    ("check -r nowhere", ("there is no route 'nowhere'", "rwanda-2016")),
    ("advance -r nowhere", ("there is no route 'nowhere'", "rwanda-2016")),
    ("waive hots-set --reason 'because it rains today'", ("there is no guard 'hots-set'", "did you mean host-set?")),
    ("settings set smtp_hots=x", ("there is no setting 'smtp_hots'", "did you mean smtp_host?")),
    ("settings set password=x", ("there is no setting 'password'", "a password is never kept here")),
    ("settings set me=new@example.org smtp_hots=x", ("there is no setting 'smtp_hots'",)),
    ("settings unset nothing", ("there is no setting 'nothing'", "lrflow settings show")),
    ("workflow show sun-cns", ("there is no workflow 'sun-cns'", "did you mean sun-csn?")),
    ("workflow show sun-csn hots", ("no stage, guard, life, rule or parameter 'hots'",)),
    ("add route other --workflow sun-cns", ("there is no workflow 'sun-cns'", "did you mean sun-csn?")),
]


def cases(*tables: list[tuple[str, tuple[str, ...]]]) -> list[Any]:
    return [pytest.param(line, says, id=line) for line, says in itertools.chain(*tables)]


@pytest.mark.parametrize(("line", "says"), cases(DID_YOU_MEAN, WRONG_VALUES, MISSING_WORDS))
def test_words_that_cannot_be_read_change_nothing(lived, line, says):
    before = everything(lived.home)

    result = lived.run(line)

    complains(result, USAGE, *says)
    assert everything(lived.home) == before


@pytest.mark.parametrize(("line", "says"), cases(AMBIGUOUS))
def test_a_name_that_may_mean_several_lists_them_and_changes_nothing(lived, line, says):
    before = everything(lived.home)

    result = lived.run(line)

    complains(result, USAGE, *says)
    assert everything(lived.home) == before


@pytest.mark.parametrize(("line", "says"), cases(NO_SUCH_THING))
def test_what_is_not_there_is_said_and_changes_nothing(lived, line, says):
    before = everything(lived.home)

    result = lived.run(line)

    complains(result, MISSING, *says)
    assert everything(lived.home) == before


def test_all_faults_of_one_line_are_told_at_once(lived):
    result = lived.run("set E1 areas=polcy good_practice=maybe country=Rwanda plase=Nyanza")

    complains(result, USAGE, "did you mean policy?", "is yes or no", "is not a country code", "did you mean place?")


def test_one_wrong_word_leaves_the_right_ones_of_its_line_unwritten(lived):
    before = everything(lived.home)

    result = lived.run("set E1 place=Nyanza areas=polcy")

    complains(result, USAGE, "nothing was changed", "did you mean policy?")
    assert everything(lived.home) == before


# ---------------------------------------------------------------------------------------------------- days and actors


@pytest.mark.parametrize("line", ["advance", "set E1 place=Nyanza", "mark E1 screened", "add experience Milk"])
def test_a_day_ahead_cannot_be_recorded_as_happened(lived, line):
    before = everything(lived.home)

    result = lived.run(f"{line} --on 2016-06-11")

    complains(result, USAGE, "--on 2016-06-11 lies ahead", "only what has happened can be recorded")
    assert everything(lived.home) == before


@pytest.mark.parametrize(
    ("day", "says"),
    [("2016-02-30", "is not a day"), ("01/02/2016", "can be read two ways"), ("2016-05", "only a month")],
)
def test_an_impossible_day_is_no_day_on_which_something_happened(lived, day, says):
    before = everything(lived.home)

    result = lived.run(f"mark E1 screened --on {day}")

    complains(result, USAGE, says)
    assert everything(lived.home) == before


@pytest.mark.parametrize("line", ["advance", "set E1 place=Nyanza", "mark E1 screened", "add person Bob b@example.org"])
def test_someone_unknown_changes_nothing_and_learns_how_to_be_known(lived, line):
    before = everything(lived.home)

    result = lived.run(f"{line} --as stranger@example.org")

    complains(result, USAGE, "stranger@example.org is not known here", 'lrflow add person "NAME" stranger@example.org')
    assert everything(lived.home) == before


@pytest.mark.parametrize("line", ["set E1 place=Nyanza", "mark E1 screened", "add experience Milk", "set route host="])
def test_someone_without_a_role_changes_nothing(lived, line):
    before = everything(lived.home)

    result = lived.run(f"{line} --as ana@example.org")

    complains(result, BLOCKED, "ana@example.org is none", "may not edit")
    assert everything(lived.home) == before


@pytest.mark.parametrize("line", ["advance", "set E1 place=Nyanza", "mark E1 screened", "hold --review +9d --reason x"])
def test_nobody_changes_nothing(own, line):
    own.do("settings unset me")
    before = everything(own.home)

    result = own.run(line)

    complains(result, USAGE, "who are you? a change needs a name", "lrflow settings set me=you@example.org")
    assert everything(own.home) == before


def test_a_clock_that_cannot_be_read_stops_the_command(lived):
    result = lived.run("status", now="tomorrow")

    complains(result, USAGE, "LRFLOW_NOW is not a date: 'tomorrow'", "LRFLOW_NOW=2016-10-30T09:00")


# ------------------------------------------------------------------------------------------------------------ refusals


def but_the_log(home: Path) -> dict[str, Any]:
    """Everything but the log, where a refused attempt is kept."""
    return {name: rows for name, rows in everything(home).items() if name != "log"}


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("mark E1 withdrawn --reason 'no time'", "from proposed it can become rejected, screened"),
        ("mark E1 rejected", "reason"),
        ("mark P1 cleared visa=refused", "visa still needed or refused: P1"),
        ("mark E1 selected", "Say what it is, and attach evidence for each claim"),
    ],
)
def test_a_record_that_may_not_move_stays_where_it_was(own, line, says):
    before = but_the_log(own.home)

    result = own.run(line)

    assert (result.code, says in result.out) == (BLOCKED, True), result.out + result.err
    assert "✗" in result.out and "Next: lrflow check" in result.out
    assert but_the_log(own.home) == before


def test_of_several_records_the_good_ones_move_and_the_others_are_listed(own):
    result = own.run("mark E1 E3 selected")

    assert result.code == PARTLY
    assert "✓ E3" in result.out and "✗ E1 cannot become selected" in result.out
    assert [each["state"] for each in own.do("list experience --json").data] == ["proposed", "proposed", "selected"]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("advance", ("Blocked: rwanda-2016 cannot move to Systematization yet", "✗ experiences-selected", "-> lrflow")),
        ("resume", ("resume is refused", "not possible from active")),
        ("reopen --reason why", ("reopen is refused", "not possible from active")),
        ("back draft --reason why", ("back is refused", "not possible from identification")),
        ("waive host-set --reason 'the ministry is late again'", ("host-set cannot be waived", "it is hard")),
    ],
)
def test_a_refused_move_of_the_route_leaves_nothing_but_its_log_entry(own, line, says):
    before = but_the_log(own.home)

    result = own.run(line)

    complains(result, BLOCKED, *says)
    assert but_the_log(own.home) == before


def test_a_move_from_a_stage_that_was_left_is_busy_and_changes_nothing(lived):
    before = everything(lived.home)

    result = lived.run("advance --from draft")

    complains(
        result, BUSY, "was moved to Identification by Grace Phiri", "nothing was changed", "--from identification"
    )
    assert everything(lived.home) == before


# ------------------------------------------------------------------------------------------------------------ settings


def test_a_broken_settings_file_is_named_with_its_line(own):
    settings = own.home / "lrflow.toml"
    settings.write_text('me = "grace@example.org"\nroute = rwanda-2016\n', encoding="utf-8")
    before = everything(own.home)

    for line in ("status", "check", "advance", "settings show", "settings set me=x@example.org"):
        complains(own.run(line), UNAVAILABLE, f"{settings} cannot be read", "line 2", "mend the line")
    assert everything(own.home) == before


def test_a_settings_file_that_is_no_text_is_named(own):
    (own.home / "lrflow.toml").write_bytes(b'me = "\xff\xfe"\n')

    complains(own.run("status"), UNAVAILABLE, "lrflow.toml cannot be read", "mend the file")


def test_a_zone_that_does_not_exist_is_named(own):
    (own.home / "lrflow.toml").write_text('me = "grace@example.org"\ntimezone = "Mars"\n', encoding="utf-8")
    before = everything(own.home)

    complains(own.run("advance"), USAGE, "unknown time zone 'Mars'", "Africa/Kigali")
    assert everything(own.home) == before


# ------------------------------------------------------------------------------------------------------------ workflow


@pytest.fixture
def workflow(tmp_path: Path) -> Path:
    """A workflow of one's own: a copy of the one that comes with the program."""
    return Path(shutil.copytree(folder_of("sun-csn"), tmp_path / "mine"))


def replace_in(path: Path, *pairs: tuple[str, str]) -> None:
    text = path.read_text(encoding="utf-8")
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new, 1)
    path.write_text(text, encoding="utf-8")


def line_in(path: Path, start: str) -> int:
    return next(number for number, line in enumerate(path.read_text("utf-8").splitlines(), 1) if line.startswith(start))


def test_every_fault_of_a_workflow_is_told_at_once_with_file_line_and_path(own, workflow):
    rules = workflow / "workflow.toml"
    replace_in(
        rules,
        ('needs = ["host-set", ', 'needs = ["hots-set", '),
        ('moves.screened = { sources = ["proposed"] }', 'moves.screened = { sources = ["propsed"] }'),
        ('target = "12w"', 'target = "12 weeks"'),
    )
    before = everything(own.home)

    result = own.run(f"add route other --workflow {workflow}")

    needs, moves = line_in(rules, 'needs = ["hots-set"'), line_in(rules, 'moves.screened = { sources = ["propsed"]')
    complains(
        result,
        USAGE,
        f"the workflow in {workflow} has faults",
        f"workflow.toml line {needs}: stages.identification.needs: unknown guard 'hots-set', did you mean 'host-set'?",
        f"workflow.toml line {moves}: lives.experience.moves.screened: unknown state 'propsed'",
        "did you mean 'proposed'?",
        "stages.identification.target",
        "lrflow workflow check",
    )
    assert everything(own.home) == before


def test_every_fault_of_shape_is_told_at_once_with_file_line_and_path(own, workflow):
    rules = workflow / "workflow.toml"
    replace_in(rules, ('title = "Draft"\n', 'titel = "Draft"\n'), ('limit = "20w"', "limit = 20"))

    result = own.run(f"workflow check {workflow}")

    title, limit = line_in(rules, "titel ="), line_in(rules, "limit = 20")
    complains(
        result, USAGE, f"line {title}: stages.draft.titel: unknown key 'titel'", "stages.draft.title", "is missing"
    )
    complains(result, USAGE, f"workflow.toml line {limit}: stages.identification.limit")


def test_a_workflow_that_is_no_toml_is_named_with_its_line(own, workflow):
    replace_in(workflow / "workflow.toml", ("schema = 1", "schema = = 1"))

    complains(own.run(f"workflow check {workflow}"), USAGE, "workflow.toml", "line 3")


def test_a_gap_in_the_messages_is_named(own, workflow):
    messages = workflow / "messages" / "fr.toml"
    replace_in(messages, ("{", "{nobody_knows_"))

    complains(
        own.run(f"workflow check {workflow}"), USAGE, "fr.toml: greeting: unknown placeholder {nobody_knows_person}"
    )


def test_a_route_follows_its_pinned_text_when_the_files_are_broken_later(own, workflow):
    own.do(f"add route other planned_visit=2016-09 --workflow {workflow}")
    (workflow / "workflow.toml").write_text("broken", encoding="utf-8")

    assert own.run("check -r other").code in (0, BLOCKED)


# ------------------------------------------------------------------------------------------------------------ database


def test_a_file_that_is_no_database_is_left_as_it_is(own):
    file = own.home / "lrflow.db"
    file.write_bytes(b"this is a letter to a friend, not a database; " * 200)
    before = file.read_bytes()

    for line in ("status", "check", "advance", "set E1 place=Nyanza"):
        complains(own.run(line), UNAVAILABLE, f"{file} is damaged", "restore a copy from backups/")
    assert file.read_bytes() == before


def test_a_damaged_database_is_named_and_left_as_it_is(own):
    file = own.home / "lrflow.db"
    with contextlib.closing(sqlite3.connect(file)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = file.read_bytes()
    file.write_bytes(content[:4096] + b"\xa5" * (len(content) - 4096))
    before = file.read_bytes()

    for line in ("status", "check", "advance"):
        complains(own.run(line), UNAVAILABLE, f"{file} is damaged", "restore a copy from backups/")
    assert file.read_bytes() == before


def test_a_database_of_another_program_is_left_alone(own):
    file = own.home / "lrflow.db"
    file.unlink()
    with contextlib.closing(sqlite3.connect(file)) as other, other:
        other.execute("CREATE TABLE recipe (name TEXT)")
    before = everything(own.home)

    complains(own.run("advance"), UNAVAILABLE, f"{file} is not a programme of lrflow", "lrflow init")
    assert everything(own.home) == before


def test_a_database_of_a_newer_lrflow_is_left_alone(own):
    with contextlib.closing(sqlite3.connect(own.home / "lrflow.db")) as database:
        database.execute("PRAGMA user_version = 99")
    before = everything(own.home)

    for line in ("status", "check", "advance", "add experience Milk", "database upgrade"):
        complains(own.run(line), UNAVAILABLE, "was written by a newer lrflow (schema 99", "update lrflow")
    assert everything(own.home) == before


@contextlib.contextmanager
def someone_writing(home: Path) -> Iterator[None]:
    """Someone else holds the only write lock."""
    with contextlib.closing(sqlite3.connect(home / "lrflow.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def test_while_someone_else_writes_a_change_is_busy_and_looking_goes_on(own, monkeypatch):
    monkeypatch.setattr(connection, "BUSY_SECONDS", 0.01)
    before = everything(own.home)

    with someone_writing(own.home):
        for line in ("advance", "add experience Milk", "mark E1 screened", "set E1 place=Nyanza"):
            complains(own.run(line), BUSY, "someone else is writing", "nothing was changed", "try again in a moment")
        looked = own.run("status")

    assert looked.code == 0
    assert everything(own.home) == before


# ------------------------------------------------------------------------------------------------------ disk and folder


@contextlib.contextmanager
def disk_of(folder: Path, size: str) -> Iterator[Path]:
    """A disk of *size* mounted on *folder*; where mounting is not allowed, the test is skipped."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(folder)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("a small disk can be mounted by an administrator of Linux only")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True, capture_output=True)


def fill(folder: Path) -> Path:
    """Write a file until the disk of *folder* takes no byte more."""
    filler = folder / "filler"
    with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
        while file.write(b"x" * 4096):
            pass
    return filler


def test_on_a_full_disk_a_change_is_refused_and_nothing_is_lost(lived, tmp_path):
    with disk_of(tmp_path / "disk", "2m") as disk:
        home = Path(shutil.copytree(lived.home, disk / "csn"))
        programme = Programme(home, now=lived.now)
        before = everything(home)
        filler = fill(disk)

        results = [
            programme.run(line) for line in ("add experience Milk", "mark E3 selected", "set route region=Africa")
        ]
        kept = programme.run("settings set sender_name=Grace")
        filler.unlink()

        for result in results:
            complains(result, UNAVAILABLE, "nothing was changed", "free some space")
        complains(kept, UNAVAILABLE, "lrflow.toml cannot be written")
        assert everything(home) == before
        assert programme.run("mark E3 selected").code == 0


def test_a_database_that_may_not_grow_refuses_a_change_and_nothing_is_lost(own, monkeypatch):
    opened = connection.connect

    def cramped(path: Path) -> sqlite3.Connection:
        made = opened(path)
        made.execute(f"PRAGMA max_page_count = {made.execute('PRAGMA page_count').fetchone()[0]}")
        return made

    monkeypatch.setattr(connection, "connect", cramped)
    (own.home / "long.txt").write_text("word " * 20_000, encoding="utf-8")
    before = everything(own.home)

    result = own.run(f"set E1 summary=@{own.home / 'long.txt'}")

    complains(result, UNAVAILABLE, "the disk is full", "nothing was changed", "free some space")
    assert everything(own.home) == before


def test_a_folder_that_may_not_be_written_is_named(lived, tmp_path):
    with disk_of(tmp_path / "disk", "2m") as disk:
        home = Path(shutil.copytree(lived.home, disk / "csn"))
        programme = Programme(home, now=lived.now)
        before = everything(home)
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True, capture_output=True)

        changed = programme.run("add experience Milk")
        kept = programme.run("settings set sender_name=Grace")
        begun = programme.run(f"init {disk / 'other'} --me grace@example.org")
        subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True, capture_output=True)

        complains(changed, UNAVAILABLE, "lrflow.db cannot be written", "check the folder's permissions")
        complains(kept, UNAVAILABLE, "lrflow.toml cannot be written", "check the folder's permissions")
        complains(begun, UNAVAILABLE, "other cannot be made", "choose another folder")
        assert everything(home) == before


def test_a_programme_cannot_begin_where_a_file_stands(tmp_path):
    (tmp_path / "letter").write_text("dear friend", encoding="utf-8")
    programme = Programme(tmp_path / "nowhere")

    complains(programme.run(f"init {tmp_path / 'letter'} --me grace@example.org"), USAGE, "is a file")
    complains(
        programme.run(f"init {tmp_path / 'letter' / 'csn'} --me grace@example.org"),
        UNAVAILABLE,
        "cannot be made",
        "choose another folder",
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["letter"]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("init other --me Grace", "who are you?"),
        ("init other --me 'Grace <grace@>'", "is not an e-mail address"),
        ("init other --me grace@example.org --timezone Mars/Olympus", "unknown time zone 'Mars/Olympus'"),
        ("init other", "who are you?"),
    ],
)
def test_a_programme_that_cannot_begin_leaves_no_folder(tmp_path, line, says):
    result = Programme(tmp_path / "nowhere").run(line)

    complains(result, USAGE, says)
    assert list(tmp_path.iterdir()) == []


def test_a_programme_is_never_begun_over_another(lived):
    before = everything(lived.home)

    result = lived.run(f"init {lived.home} --me eve@example.org")

    complains(result, USAGE, "holds a programme already", "lrflow status")
    assert everything(lived.home) == before


@pytest.mark.parametrize("line", ["check", "advance", "list experience", "add experience Milk", "log", "calendar"])
def test_in_a_folder_without_a_programme_every_command_says_how_to_begin(tmp_path, line):
    result = Programme(tmp_path / "missing", actor="grace@example.org").run(line)

    complains(result, MISSING, f"there is no programme at {tmp_path / 'missing'}", "lrflow init")
    assert list(tmp_path.iterdir()) == []


def test_settings_of_a_folder_that_is_not_there_cannot_be_kept(tmp_path):
    result = Programme(tmp_path / "missing").run("settings set me=grace@example.org")

    complains(result, UNAVAILABLE, "lrflow.toml cannot be written")
    assert list(tmp_path.iterdir()) == []
