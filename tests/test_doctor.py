"""The doctor: every look is a finding with what to type, whatever is broken, and nothing is changed by looking."""

import os
import shutil
import socket
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest
from programme import Programme, environment

from lrflow.clock import to_us
from lrflow.database import VERSION, Database
from lrflow.doctor import Found, examine
from lrflow.doctor.folder import LITTLE, TOO_LITTLE, moved_by_store, on_network, room, syncing
from lrflow.store import alarms
from lrflow.store.rules_alive import broken_rules

NOW = datetime(2016, 6, 10, 7, tzinfo=UTC)


def found(programme: Programme, level: str = "", *, now: datetime | None = NOW) -> list[str]:
    """What the doctor says, or what of *level*."""
    return [each.what for each in examine(programme.home, now) if level in ("", each.level)]


def change(programme: Programme, *statements: str) -> None:
    """Change the database behind the program's back."""
    with closing(sqlite3.connect(programme.home / "lrflow.db", isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def forge_the_log(programme: Programme, statement: str) -> None:
    with closing(sqlite3.connect(programme.home / "lrflow.db", isolation_level=None)) as connection:
        rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in rows:
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(statement)
        for _, sql in rows:
            connection.execute(sql)


# --------------------------------------------------------------------------------------------------------- the answer


def test_a_healthy_programme_has_nothing_to_put_right(young):
    looked = young.do("doctor")

    assert [line[:4] for line in looked.out.splitlines() if line.startswith("  ✗")] == []
    assert looked.out.splitlines()[-1] == "Nothing to put right; 1 note. Next: lrflow status"
    assert found(young, "fault") == found(young, "note") == []


def test_every_fault_and_note_says_what_to_do(young):
    change(young, "UPDATE person SET email = NULL, zone = 'Mars/Base' WHERE name = 'Felix Soto'")
    (young.home / "lrflow.toml").write_text(
        'me = "nobody@example.org"\nsmtp_host = "127.0.0.1"\nsmtp_security = "none"\nsmtp_port = 1\nsmpt_port = 25\n'
    )

    findings = [each for each in examine(young.home, NOW) if each.level != "ok"]

    assert len(findings) == 7
    assert [each.what for each in findings if not each.remedy] == []


def test_exit_7_and_the_number_of_faults_and_notes(young):
    (young.home / "lrflow.toml").write_text('me = "nobody@example.org"\nsmpt_port = 25\n')

    looked = young.run("doctor")

    assert looked.code == 7
    assert looked.out.splitlines()[-1] == "1 thing to put right; 2 notes. Then: lrflow doctor"


def test_json_holds_every_finding_with_level_and_remedy(young):
    looked = young.do("doctor --json").data

    assert (looked["home"], looked["faults"], looked["notes"]) == (str(young.home), 0, 1)
    assert looked["found"][0] == {"level": "ok", "what": f"the programme's folder is {young.home}", "remedy": []}
    assert {"level": "note", "remedy": ["unset LRFLOW_NOW"]}.items() <= looked["found"][4].items()


def test_looking_changes_nothing(young):
    young.do("status")
    before = {each.name: each.read_bytes() for each in young.home.iterdir() if each.is_file()}

    young.do("doctor")

    assert {each.name: each.read_bytes() for each in young.home.iterdir() if each.is_file()} == before


def test_where_there_is_no_programme_yet_it_says_how_to_begin(tmp_path):
    nowhere = Programme(tmp_path / "not" / "yet")

    assert found(nowhere, "note") == [f"there is no programme at {nowhere.home} yet"]
    assert nowhere.do("doctor").out.splitlines()[-1].startswith("Nothing to put right")
    assert not nowhere.home.exists()


def test_settings_without_a_database_are_a_fault(young):
    (young.home / "lrflow.db").unlink()

    assert found(young, "fault") == [f"lrflow.toml is there, but lrflow.db is gone from {young.home}"]


def test_a_look_that_breaks_is_named_and_the_others_are_taken(young):
    change(young, "UPDATE definition SET text = '{'")

    faults = found(young, "fault")

    assert len(faults) == 1
    assert faults[0].startswith(f"a look at {young.home} broke: JSONDecodeError: ")
    assert "no route is live, so nothing has to be sent; no tick yet" in found(young, "ok")


# --------------------------------------------------------------------------------------------------- the database file


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda path: path.write_bytes(b"Dear Grace, " * 500), "is damaged: file is not a database"),
        (lambda path: path.write_bytes(b""), "is not a programme of lrflow"),
        (lambda path: path.write_bytes(path.read_bytes()[:9000]), "malformed"),
        (lambda path: (path.unlink(), path.mkdir()), "is no file, so there is no programme"),
    ],
    ids=["other-file", "empty", "cut", "folder"],
)
def test_a_file_that_is_no_programme_is_a_finding_and_no_traceback(young, spoil, says):
    spoil(young.home / "lrflow.db")

    looked = young.run("doctor")

    assert (looked.code, looked.err) == (7, "")
    assert any(says in each for each in found(young, "fault"))
    assert any(each.startswith("time zones are known") for each in found(young, "ok"))


@pytest.mark.parametrize("pages", [1, 20])
def test_pages_scribbled_over_are_found_and_the_newest_copy_is_named(young, pages):
    path, copies = young.home / "lrflow.db", young.home / "backups"
    copies.mkdir()
    shutil.copy(path, copies / "lrflow-before-0002.db")
    content = bytearray(path.read_bytes())
    content[-4096 * pages :] = b"\xaa" * 4096 * pages
    path.write_bytes(content)

    faults = [each for each in examine(young.home, NOW) if each.level == "fault"]

    assert "is damaged: " in faults[0].what
    assert faults[0].remedy[-1] == f"the newest copy is {copies / 'lrflow-before-0002.db'}"


@pytest.mark.parametrize(
    ("version", "says", "remedy"),
    [(99, "was written by a newer lrflow", "update lrflow"), (1, "has schema 1", "lrflow database upgrade")],
)
def test_a_file_of_another_version_is_named_with_the_way_out(young, version, says, remedy):
    change(young, f"PRAGMA user_version = {version}")

    faults = [each for each in examine(young.home, NOW) if each.level == "fault"]

    assert [each.remedy for each in faults] == [(remedy,)]
    assert says in faults[0].what


def test_a_file_that_another_program_holds_is_a_finding(young):
    with closing(sqlite3.connect(young.home / "lrflow.db", isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN IMMEDIATE")
        other.execute("UPDATE route SET title = title")

        looked = young.run("doctor")

    assert (looked.code, looked.err) == (7, "")
    assert f"  ✗ another program holds {young.home / 'lrflow.db'}: it cannot be looked at now" in looked.out


def test_someone_who_writes_just_now_is_a_note(young):
    with closing(sqlite3.connect(young.home / "lrflow.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")

        assert found(young, "note") == ["another lrflow writes to lrflow.db just now"]


def test_a_reference_that_leads_nowhere_is_a_fault(young):
    change(young, "PRAGMA foreign_keys = OFF", "UPDATE route SET host = 4711")

    (fault,) = found(young, "fault")

    assert fault.endswith("is damaged: row 1 of route refers to a organisation that is not there")


@pytest.mark.parametrize(
    "forgery",
    [
        "UPDATE log SET reason = 'because I say so' WHERE route_id IS NOT NULL AND number = 2",
        "UPDATE log SET happened_on = '2016-01-01' WHERE route_id IS NOT NULL AND number = 2",
        "UPDATE log SET shared_batch = 3 WHERE route_id IS NOT NULL AND number = 2",
    ],
)
def test_an_entry_that_was_changed_breaks_the_chain(young, forgery):
    forge_the_log(young, forgery)

    assert found(young, "fault") == ["the log was changed by another program, first at L2 of rwanda-2016"]


def test_an_entry_that_was_taken_out_breaks_the_chain(young):
    forge_the_log(young, "DELETE FROM log WHERE route_id IS NULL AND number = 3")

    assert found(young, "fault") == ["the log was changed by another program, first at L4 of the programme"]


@pytest.mark.parametrize("trigger", ["log_is_never_changed", "log_is_never_cut", "log_is_never_replaced"])
def test_a_log_that_could_be_changed_is_a_fault(young, trigger):
    change(young, f"DROP TRIGGER {trigger}")

    assert found(young, "fault") == [
        f"the database no longer forbids changing the log: {trigger} is gone or was changed"
    ]


def test_a_trigger_that_forbids_nothing_any_more_is_a_fault(young):
    name = "log_is_never_cut"
    change(young, f"DROP TRIGGER {name}", f"CREATE TRIGGER {name} BEFORE DELETE ON log BEGIN SELECT 1; END")

    assert found(young, "fault") == [f"the database no longer forbids changing the log: {name} is gone or was changed"]


def test_a_long_write_ahead_log_is_a_note(young):
    with closing(sqlite3.connect(young.home / "lrflow.db", isolation_level=None)) as other:
        other.execute("PRAGMA wal_autocheckpoint = 0")
        other.execute("INSERT INTO header_map VALUES ('long', 'person', ?, 0)", ("x" * 4_500_000,))

        (note,) = found(young, "note")

    assert note.startswith("lrflow.db-wal has grown to 4.5 MB: it is part of the database, never delete it")


# ---------------------------------------------------------------------------------------------------------- the folder


@pytest.mark.parametrize(
    ("path", "service"),
    [
        (PureWindowsPath(r"C:\Users\Ana\OneDrive\csn"), "OneDrive"),
        (PureWindowsPath(r"C:\Users\Ana\OneDrive - Procasur\csn"), "OneDrive"),
        (PureWindowsPath(r"G:\Mon Drive\csn"), "Google Drive"),
        (PureWindowsPath(r"C:\Users\Ana\Dropbox (Team)\csn"), "Dropbox"),
        (PureWindowsPath(r"C:\Users\Ana\iCloudDrive\csn"), "iCloud"),
        (PurePosixPath("/home/ana/Dropbox/csn"), "Dropbox"),
        (PurePosixPath("/Users/ana/Library/CloudStorage/GoogleDrive-ana@example.org/csn"), "Google Drive"),
        (PurePosixPath("/Users/ana/Library/CloudStorage/SomethingNew/csn"), "a cloud service"),
        (PurePosixPath("/Users/ana/Library/Mobile Documents/com~apple~CloudDocs/csn"), "iCloud"),
        (PurePosixPath("/home/ana/dropboxes/csn"), ""),
        (PurePosixPath("/home/ana/csn"), ""),
        (PureWindowsPath(r"C:\Users\Ana\csn"), ""),
    ],
    ids=str,
)
def test_a_folder_that_syncs_is_known_by_its_path(path, service):
    assert syncing(path, {}) == service


@pytest.mark.parametrize(
    ("path", "service"),
    [(r"D:\Arbeit\csn", "OneDrive"), (r"D:\ARBEIT\csn", "OneDrive"), (r"D:\Arbeiten\csn", "")],
)
def test_a_folder_that_syncs_is_known_by_the_variables_of_its_service(path, service):
    assert syncing(PureWindowsPath(path), {"ONEDRIVECOMMERCIAL": r"D:\Arbeit", "DROPBOX": ""}) == service


def test_a_link_into_a_folder_that_syncs_is_followed(young, tmp_path):
    (tmp_path / "Dropbox").mkdir()
    young.home.rename(tmp_path / "Dropbox" / "csn")
    young.home.symlink_to(tmp_path / "Dropbox" / "csn")

    (fault,) = [each for each in examine(young.home, NOW) if each.level == "fault"]

    assert fault.what.startswith("Dropbox copies this folder while lrflow writes to it")
    assert fault.remedy[-1] == f"mv '{tmp_path / 'Dropbox' / 'csn'}' ~/csn-lrflow"


MOUNTS = """\
/dev/sda1 / ext4 rw 0 0
server:/home /srv/our\\040work nfs4 rw 0 0
/dev/sdb1 /srv/our\\040work/fast ext4 rw 0 0
//nas/share /mnt/nas cifs rw 0 0
"""


@pytest.mark.parametrize(
    ("path", "is_far"),
    [
        (PureWindowsPath(r"\\server\share\csn"), True),
        (PureWindowsPath("//server/share/csn"), True),
        (PureWindowsPath(r"\\?\UNC\server\share\csn"), True),
        (PureWindowsPath(r"\\?\C:\csn"), False),
        (PureWindowsPath(r"C:\csn"), False),
        (PurePosixPath("/mnt/nas/csn"), True),
        (PurePosixPath("/mnt/nasty/csn"), False),
        (PurePosixPath("/srv/our work/csn"), True),
        (PurePosixPath("/srv/our work/fast/csn"), False),
        (PurePosixPath("/home/ana/csn"), False),
    ],
    ids=str,
)
def test_a_folder_on_another_computer_is_known(path, is_far):
    assert on_network(path, MOUNTS) is is_far


def test_a_folder_that_the_python_of_the_windows_store_keeps_elsewhere_is_told_by_its_real_path():
    given = PureWindowsPath(r"C:\Users\Ana\AppData\Local\lrflow")
    package = "PythonSoftwareFoundation.Python.3.12_qbz5n2kfra8p0"
    real = PureWindowsPath(rf"C:\Users\Ana\AppData\Local\Packages\{package}\LocalCache\Local\lrflow")

    assert moved_by_store(given, real) is True
    assert moved_by_store(given, given) is moved_by_store(real, real) is False


@pytest.mark.parametrize(
    ("free", "level"),
    [
        (TOO_LITTLE + 2_000 - 1, "fault"),
        (TOO_LITTLE + 2_000, "note"),
        (LITTLE - 1, "note"),
        (LITTLE, "ok"),
    ],
)
def test_the_disk_must_have_room_for_a_copy_of_the_database(free, level):
    assert room(free, 1_000).level == level


def test_what_a_killed_command_left_behind_is_a_note(young):
    (young.home / ".lrflow.toml.4711").touch()
    (young.home / ".lrflow.db-x1").mkdir()
    (young.home / "outbox").mkdir()
    (young.home / "outbox" / ".0a1b.tmp").touch()

    (note,) = found(young, "note")

    assert note == ("3 leftovers of a command that was killed: .lrflow.db-x1, .lrflow.toml.4711, outbox/.0a1b.tmp")


# -------------------------------------------------------------------------------------------- settings, zones, the time


def test_broken_settings_are_a_finding_and_the_rest_is_looked_at(young):
    (young.home / "lrflow.toml").write_text('me = "grace@example.org\n')

    looked = young.run("doctor")

    assert (looked.code, looked.err) == (7, "")
    assert "lrflow.toml cannot be read: " in looked.out
    assert f"  ✓ lrflow.db opens: schema {VERSION}" in looked.out


def test_settings_that_are_no_text_are_a_finding(young):
    (young.home / "lrflow.toml").write_bytes(b"me = \xff\xfe")

    assert "lrflow.toml cannot be read: " in found(young, "fault")[0]


@pytest.mark.parametrize(
    ("line", "level", "says"),
    [
        ("me = ['grace@example.org']", "fault", "lrflow.toml: me is no text, so it cannot be meant"),
        ("smpt_host = 'mail.example.org'", "note", "lrflow.toml has a line that nothing reads: smpt_host"),
        ("timezone = 'Africa/Kigaly'", "fault", "timezone: unknown time zone 'Africa/Kigaly'"),
        ("smtp_port = 25", "note", "smtp_port is set, but no smtp_host: messages become drafts in outbox/"),
    ],
)
def test_a_setting_that_cannot_be_meant_is_named(young, line, level, says):
    settings = young.home / "lrflow.toml"
    name = line.partition(" ")[0]
    kept = [each for each in settings.read_text().splitlines() if not each.startswith(f"{name} ")]
    settings.write_text("\n".join([*kept, line, ""]))

    assert says in found(young, level)


@pytest.mark.parametrize(
    ("variables", "level", "says"),
    [
        ({"SENDER_ADDRESS": "grace"}, "fault", "messages come from no address that mail servers take: "),
        ({"PORT": "99999"}, "fault", "smtp_port is no port: '99999'"),
        ({"PORT": "smtp"}, "fault", "smtp_port is no port: 'smtp'"),
        ({"SECURITY": "startls"}, "fault", "unknown security 'startls'"),
        ({"SECURITY": "none"}, "fault", "cannot send to mail.example.org in clear"),
        ({"USER": "grace"}, "fault", "no password is known for grace"),
        ({"USER": "grace", "PASSWORD_FILE": "/no/such"}, "fault", "smtp_password_file: there is no file /no/such"),
        ({"PASSWORD_COMMAND": "no-such-program mail"}, "fault", "smtp_password_command: there is no program no-such"),
        ({"PASSWORD_COMMAND": "pass mail"}, "note", "a password is named, but no smtp_user: nobody logs in"),
        ({"CA_FILE": "/no/such"}, "fault", "smtp_ca_file: there is no file /no/such"),
    ],
)
def test_mail_settings_that_cannot_work_are_named_before_mail_is_due(young, variables, level, says):
    names = {f"LRFLOW_{name if 'SENDER' in name else f'SMTP_{name}'}": value for name, value in variables.items()}

    with environment({"LRFLOW_SMTP_HOST": "mail.example.org", **names}):
        assert [each for each in found(young, level) if each.startswith(says)] != []


def test_a_mail_server_without_a_sender_address_is_a_note(young):
    young.do("settings unset sender_address")

    with environment({"LRFLOW_SMTP_HOST": "127.0.0.1", "LRFLOW_SMTP_SECURITY": "none", "LRFLOW_SMTP_PORT": "1"}):
        assert found(young, "note") == [
            "a mail server is set, but no sender_address: messages come from grace@example.org"
        ]


@pytest.mark.skipif(os.name == "nt", reason="Windows has other rights")
@pytest.mark.parametrize(("mode", "faults"), [(0o600, 0), (0o640, 1), (0o604, 1), (0o400, 0)])
def test_a_password_that_others_can_read_is_a_fault(young, tmp_path, mode, faults):
    secret = tmp_path / "password"
    secret.write_text("correct horse")
    secret.chmod(mode)
    young.do(
        f"settings set smtp_host=127.0.0.1 smtp_security=none smtp_port=1 smtp_user=grace smtp_password_file={secret}"
    )

    findings = [each for each in examine(young.home, NOW) if each.level == "fault" and "leave through" not in each.what]

    assert [each.remedy for each in findings] == [(f"chmod 600 '{secret}'",)] * faults
    assert "correct horse" not in str(findings)


def test_a_password_named_twice_is_a_note_and_an_empty_one_a_fault(young, tmp_path):
    secret = tmp_path / "password"
    secret.touch(mode=0o600)
    young.do(f"settings set smtp_host=mail.example.org smtp_user=grace smtp_password_file={secret}")
    young.do('settings set smtp_password_command="pass mail"')

    assert found(young, "note") == ["smtp_password_file and smtp_password_command are both set: the file is used"]
    assert found(young, "fault") == [f"smtp_password_file {secret} is empty"]


def test_in_a_rehearsal_no_mail_server_is_called(young):
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        server.setblocking(False)
        young.do(f"settings set smtp_host=127.0.0.1 smtp_security=none smtp_port={server.getsockname()[1]}")

        said = young.do("doctor").out

        with pytest.raises(BlockingIOError):
            server.accept()
    assert "  ✓ 127.0.0.1 was not called: in a rehearsal nothing leaves this computer" in said


def test_time_that_is_handed_in_is_a_note_and_unreadable_time_a_fault(young):
    told, unread = young.do("doctor"), young.run("doctor", now="next Monday")

    assert "  ! LRFLOW_NOW=2016-06-10 hands in the time: a rehearsal, no real mail is sent" in told.out
    assert (unread.code, unread.err) == (7, "")
    assert "  ✗ LRFLOW_NOW is not a date: 'next Monday'" in unread.out


def test_a_zone_that_this_computer_does_not_know_is_named(young):
    change(young, "UPDATE person SET zone = 'Mars/Base' WHERE name = 'Felix Soto'")

    assert found(young, "fault") == [
        "unknown time zones: Mars/Base",
        "rwanda-2016 cannot be planned: unknown time zone 'Mars/Base'",
    ]


# ------------------------------------------------------------------------------------------------------- the programme


@pytest.mark.parametrize(
    ("email", "level", "says"),
    [
        ("nobody@example.org", "fault", "nobody@example.org is not known here"),
        ("felix@example.org", "ok", "you are felix@example.org: facilitator"),
        ("vera@example.org", "note", "you are vera@example.org, and hold no role: you may look, not change"),
    ],
)
def test_who_acts_must_be_known_and_hold_a_role(young, email, level, says):
    young.do('add person "Vera Lima" vera@example.org')
    young.do(f"settings set me={email}")

    assert says in found(young, level)


def test_nobody_in_particular_is_a_fault(young):
    young.do("settings unset me")

    assert found(young, "fault") == ["who are you? a change needs a name"]


def test_a_route_whose_workflow_is_gone_is_named_with_the_folder(young, tmp_path):
    own = tmp_path / "own"
    shutil.copytree(Path(__file__).parent.parent / "workflows" / "sun-csn", own)
    text = (own / "workflow.toml").read_text("utf-8")
    (own / "workflow.toml").write_text(text.replace("SUN CSN Learning Route", "Our own way"), "utf-8")
    young.do(f'add route nepal-2017 "Nepal" planned_visit=2017-09 facilitator=Procasur --workflow {own}')
    before = found(young, "fault")
    shutil.rmtree(own)

    assert before == []
    assert found(young, "fault") == [f"nepal-2017: the folder of the workflow sun-csn is gone: {own}"]


@pytest.mark.parametrize(("year", "are_known"), [(2015, True), (2017, True), (2018, False), (2014, False)])
def test_holidays_of_this_year_and_the_next_must_be_known(young, year, are_known):
    notes = found(young, "note", now=datetime(year, 6, 1, tzinfo=UTC))

    unknown = f"holidays of {year} and {year + 1} are not known yet for CL, RW"
    assert notes == ([] if are_known else [unknown])


def test_people_who_take_part_and_cannot_be_written_to_are_named(young):
    young.do('add organisation "Alliance MW" kind=csa country=MW')
    young.do('add delegation "Alliance MW"')
    for number in range(1, 7):
        young.do(f'add participant "Visitor {number}" v{number}@example.org --of D1')
    young.do("remove P6 --yes")
    change(young, "UPDATE person SET email = NULL WHERE email LIKE 'v_@example.org' OR name = 'Felix Soto'")

    (note,) = found(young, "note")

    names = "Felix Soto, Visitor 1, Visitor 2, Visitor 3, Visitor 4 and 1 more"
    assert note == f"no address is known of {names}: no message reaches them"


def test_someone_without_address_who_takes_part_in_nothing_is_no_finding(young):
    young.do('add person "Vera Lima"')

    assert found(young, "note") == []


@pytest.mark.requirement("O1")
@pytest.mark.parametrize(
    ("now", "level"),
    [
        (datetime(2016, 6, 11, 9, tzinfo=UTC), "note"),
        (datetime(2016, 6, 11, 9, 0, 1, tzinfo=UTC), "fault"),
    ],
)
def test_a_live_route_for_which_nobody_sends_is_a_note_for_26_hours_and_a_fault_then(young, now, level):
    young.do("nudge go-live --yes", now="2016-06-10")  # at 09:00 in Blantyre

    (said,) = [each for each in found(young, level, now=now) if "nobody sends" in each]

    assert said == "messages of rwanda-2016 are to leave, but nobody sends: lrflow run is not running; no tick yet"


def test_the_last_tick_is_told(young):
    young.do("nudge go-live --yes")
    young.do("run --once", now="2016-06-10T10:00")

    notes = found(young, "note", now=datetime(2016, 6, 10, 12, tzinfo=UTC))

    assert [each.endswith("last tick on 2016-06-10 at 08:00 UTC") for each in notes if "nobody sends" in each] == [True]


def send_as_laptop(programme: Programme, ticked: datetime | None = None) -> None:
    """Let another computer hold the sending just now."""
    columns, tick = "id, host, pid, token, since_us, beat_us, ticked_us", to_us(ticked) if ticked else "NULL"
    change(programme, f"INSERT INTO sender ({columns}) VALUES (1, 'laptop', 4711, 'x', 0, {to_us(NOW)}, {tick})")


def test_whoever_sends_is_named(young):
    young.do("nudge go-live --yes")
    send_as_laptop(young)

    assert "laptop (process 4711) sends; no tick yet" in found(young, "ok")


@pytest.mark.requirement("O1")
def test_a_sender_that_completes_no_tick_is_stuck(young):
    young.do("nudge go-live --yes", now="2016-06-01")
    send_as_laptop(young, datetime(2016, 6, 9, tzinfo=UTC))

    says = "laptop (process 4711) sends; last tick on 2016-06-09 at 00:00 UTC: it is stuck"
    assert says in found(young, "fault")


def test_a_copy_that_was_handed_over_need_not_send(young):
    young.do("nudge go-live --yes")
    change(young, "UPDATE programme SET closed_us = 1, closed_for = 'x'")

    assert found(young, "note") == ["this copy was handed over: nothing is written or sent from it any more"]
    assert found(young, "fault", now=datetime(2017, 1, 1, tzinfo=UTC)) == []


# -------------------------------------------------------------------------------------------------------- what it holds


def alarm(programme: Programme, kind: str, says: str) -> None:
    database = Database(programme.home / "lrflow.db")
    with database.begin(write=True) as unit:
        alarms.raise_alarm(unit, kind, says, NOW)
    database.close()


@pytest.mark.requirement("O1")
@pytest.mark.parametrize("kind", alarms.URGENCY[1:])
def test_a_standing_alarm_is_a_fault_with_a_way_out_and_exit_7(young, kind):
    alarm(young, kind, "it is not right")

    faults = [each for each in examine(young.home, NOW) if each.level == "fault"]

    assert [each.what for each in faults] == ["it is not right (since 2016-06-10 07:00 UTC)"]
    assert faults[0].remedy
    assert young.run("doctor").code == 7


def put_nudges(programme: Programme, state: str, reason: str | None = None) -> int:
    """Bring every nudge of the route into that state; how many there are."""
    value = f"'{reason}'" if reason else "NULL"
    change(programme, f"UPDATE nudge SET state = '{state}', reason = {value}")
    with closing(sqlite3.connect(programme.home / "lrflow.db")) as connection:
        return connection.execute("SELECT count(*) FROM nudge").fetchone()[0]


@pytest.mark.requirement("O1", "C5")
@pytest.mark.parametrize(
    ("state", "reason", "level", "says"),
    [
        (
            "held",
            "flood",
            "fault",
            " held: far more than was foreseen would leave at once, and a coordinator looks first",
        ),
        ("held", "no_translation", "fault", " held: there is no text in the language of its reader"),
        ("held", "held_back", "note", " held: a coordinator holds it back"),
        ("unsure", None, "fault", "it is not known whether"),
        ("failed", None, "note", " could not be sent"),
        ("held", "paused", "", ""),
        ("sent", None, "", ""),
    ],
)
def test_nudges_that_wait_for_a_persons_word_are_counted(young, state, reason, level, says):
    number = put_nudges(young, state, reason)

    about = [each for each in examine(young.home, NOW) if " nudge" in each.what and each.level != "ok"]

    assert [each.level for each in about] == ([level] if level else [])
    assert all(says in each.what and f"{number} nudges" in each.what for each in about)
    assert all(line.startswith("lrflow -r rwanda-2016 nudge ") for each in about for line in each.remedy)


def test_a_pause_without_an_end_is_a_note_and_one_with_an_end_is_not(young):
    young.do('pause route --reason "floods"')
    young.do("pause rule stage-due --until 2016-06-20 --reason elections")

    assert [each for each in found(young, "note") if "pause" in each] == [
        "rwanda-2016: route is paused without an end since 2016-06-10: floods"
    ]


@pytest.mark.requirement("J2")
@pytest.mark.parametrize(
    ("state", "level", "says"),
    [
        ("dead", "fault", "mail comes back from addresses that do not exist any more: Felix Soto (felix@example.org)"),
        ("suspect", "note", "mailboxes have taken nothing for a week: Felix Soto (felix@example.org)"),
        ("good", "", ""),
    ],
)
def test_addresses_that_bounce_are_named_until_there_is_a_new_one(young, state, level, says):
    change(young, f"INSERT INTO address (email, state, soft, since_us) VALUES ('felix@example.org', '{state}', 3, 0)")

    assert [each for each in found(young, level) if "Felix" in each] == ([says] if says else [])
    young.do('set person "Felix Soto" email=felix.soto@example.org')
    assert [each for each in found(young) if "Felix" in each] == []


# -------------------------------------------------------------------------------------------------- rules that are dead


@pytest.mark.requirement("D5")
def test_a_role_nobody_holds_is_a_note_where_others_hear_it_and_a_fault_where_nobody_does(young):
    change(young, "UPDATE role_holder SET until_us = 1 WHERE role = 'facilitator'")
    noted = found(young, "note")
    change(young, "UPDATE role_holder SET until_us = 1")
    young.do("settings unset me")
    faults = [each for each in examine(young.home, NOW) if "nobody is" in each.what and each.level == "fault"]

    says = "rwanda-2016: guard-missing, stage-due: not everyone is reached: nobody is facilitator"
    assert says in noted
    assert faults[0].what == "rwanda-2016: guard-missing, stage-due: cannot speak: nobody is coordinator or facilitator"
    assert faults[0].remedy == ("lrflow -r rwanda-2016 set route coordinator=EMAIL",)


@pytest.mark.requirement("D5")
def test_a_missing_last_day_of_the_programme_silences_its_warnings(young):
    young.do('set programme ends_on= --reason "not agreed"')

    faults = [each for each in examine(young.home, NOW) if "last day" in each.what]

    names = "programme-end-half-year, programme-end-month, programme-end-quarter"
    assert [each.what for each in faults] == [
        f"rwanda-2016: {names}: cannot speak: the programme's last day is not set"
    ]
    assert young.run("doctor").code == 7


@pytest.mark.requirement("D5")
def test_other_looks_can_ask_which_rules_are_broken(young):
    young.do('set programme ends_on= --reason "not agreed"')
    database = Database(young.home / "lrflow.db")

    with database.begin() as unit:
        told = broken_rules(unit, NOW)
    database.close()

    assert told == [
        ("rwanda-2016", f"programme-end-{when}", "the programme's last day is not set")
        for when in ("half-year", "month", "quarter")
    ]


def test_a_finding_is_a_plain_value():
    assert Found("ok", "it is well") == Found("ok", "it is well", ())
