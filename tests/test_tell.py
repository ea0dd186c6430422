"""Writing to people once: who is meant, who is left out, what is shown before, what is kept."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from domain_routes import COORDINATOR, FACILITATOR
from programme import Programme, Result

TEXT = '--subject "Your passport" --text "Please bring your passport."'


def emails(csn: Programme, which: str) -> list[str]:
    """The addresses in the order in which they are printed."""
    return [each["email"] for each in csn.do(f"tell {which} --emails --json").data["people"]]


def nudged(csn: Programme) -> list[dict[str, str]]:
    return [each for each in csn.do("nudge list --all --json").data if each["rule"] == "told"]


def tables(csn: Programme) -> str:
    """Everything that is kept, for comparing before and after."""
    from contextlib import closing

    from lrflow.database.connection import connect

    with closing(connect(csn.home / "lrflow.db")) as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return json.dumps({name: connection.execute(f'SELECT * FROM "{name}"').fetchall() for name in names})


# Who is meant.


@pytest.mark.parametrize(
    ("which", "found"),
    [
        ("P1", ["v11"]),
        ("P2-P4", ["v12", "v13", "v21"]),
        ("P --of D1", ["v11", "v12", "v13"]),
        ("P --of D1 --except P2", ["v11", "v13"]),
        ("P --where organisation.country=ET", ["v61", "v62", "v63"]),
        ("C", ["c1", "c2", "c3"]),
        ("D1", ["v11", "v12"]),
        ("D --where lead=v11@example.org", ["v11", "v12"]),
        ("A1", ["v11"]),
        ("A2", ["v13"]),
        ("A1.1", ["v12"]),
        ("coordinator facilitator host owner", ["carla", "felix", "hope", "grace"]),
        ("V11@example.org", ["v11"]),
        ("carla@example.org", ["carla"]),
        ("P1 D1 A1 v11@example.org", ["v11", "v12"]),  # once each
        ('"Visitor TZ3"', ["v23"]),
    ],
)
def test_records_roles_and_addresses_mean_people(csn: Programme, which: str, found: list[str]) -> None:
    csn.do("set D1 lead=v11@example.org focal_point=v12@example.org")
    csn.do('add plan "Gardens" kind=test --of D1')
    csn.do('add plan "Milk" kind=test owner=v13@example.org --of D1')
    csn.do('add action "Dig" person=v12@example.org --of A1')

    assert sorted(emails(csn, which)) == sorted(f"{each}@example.org" for each in found)


@pytest.mark.parametrize(
    ("which", "code", "says"),
    [
        ("E1", 2, "E1 is nobody who could be told"),
        ("S", 2, "tell takes participants, champions"),
        ("P99", 4, "there is no P99"),
        ("nobody@example.org", 4, "nobody here has the address nobody@example.org"),
        ("coordinator --where state=confirmed", 2, "narrow records"),
        ("P --where state=attended", 4, "no record matches"),
    ],
)
def test_what_means_nobody_is_refused_with_what_to_type(csn: Programme, which: str, code: int, says: str) -> None:
    told = csn.run(f"tell {which} --emails")

    assert (told.code, says in told.err, "-> lrflow" in told.err or "tell takes" in told.err) == (code, True, True)


def test_who_cannot_be_written_to_is_listed_and_not_told(csn: Programme) -> None:
    csn.do("set person v11@example.org opted_out=yes")
    csn.do("set person v12@example.org left_on=2016-10-01")
    csn.do("person address v13@example.org dead")
    csn.do('mark P4 withdrawn --reason "ill"')

    told = csn.do(f"tell P1-P6 D1 {TEXT} --yes --json").data
    printed = csn.do("tell P1-P6 D1 --emails")

    assert [each["name"] for each in told["people"]] == ["Visitor TZ2", "Visitor TZ3"]
    assert told["left_out"] == [
        "D1 Alliance MW: nobody leads it (lrflow set D1 lead=EMAIL)",
        "P1 Visitor MW1: asked for no more messages",
        "P2 Visitor MW2: left, and nobody took over",
        "P3 Visitor MW3: mail to the address comes back",
        "P4 Visitor TZ1: withdrawn (name it alone to tell all the same)",
    ]
    assert printed.out == "Visitor TZ2 <v22@example.org>; Visitor TZ3 <v23@example.org>\n"
    assert [line.removeprefix("left out: ") for line in printed.err.splitlines()] == told["left_out"]
    assert emails(csn, "P4") == ["v21@example.org"]
    assert emails(csn, "P --where state=withdrawn") == ["v21@example.org"]


def test_who_took_over_is_told_and_when_nobody_can_be_nothing_is_kept(csn: Programme) -> None:
    csn.do("set person v11@example.org left_on=2016-10-01 successor=carla@example.org")
    csn.do("set person v12@example.org opted_out=yes")
    before = tables(csn)

    refused = csn.run(f"tell P2 {TEXT} --yes")

    assert emails(csn, "P1") == [COORDINATOR]
    assert (refused.code, "asked for no more messages" in refused.err) == (3, True)
    assert tables(csn) == before


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("Esnart Banda", "Esnart Banda"),
        ("Banda, Esnart", '"Banda, Esnart"'),
        ('Esnart "Essie" Banda', r'"Esnart \"Essie\" Banda"'),
        ("Esnart <x@example.org>; Bcc", '"Esnart <x@example.org>; Bcc"'),
        ("Esnart\\", r'"Esnart\\"'),
        ("José Muñoz", "José Muñoz"),
    ],
)
def test_addresses_are_ready_to_paste_whatever_a_name_holds(csn: Programme, name: str, printed: str) -> None:
    from contextlib import closing

    from lrflow.database.connection import connect

    with closing(connect(csn.home / "lrflow.db")) as connection:
        connection.execute("UPDATE person SET name = ? WHERE email = 'v11@example.org'", (name,))

    assert csn.do("tell P1-P2 --emails").out == f"{printed} <v11@example.org>; Visitor MW2 <v12@example.org>\n"


# What is shown, asked and kept.


def test_it_shows_the_message_and_asks_and_without_a_yes_nothing_is_kept(csn: Programme) -> None:
    before = tables(csn)

    asked = csn.run(f"tell P1-P3 {TEXT}")

    assert asked.code == 2
    assert "Subject: [rwanda-2016] Your passport" in asked.err
    assert "Please bring your passport." in asked.err.splitlines()
    assert "Tue 2016-10-18 09:00 Africa/Blantyre: Visitor MW1, Visitor MW2, Visitor MW3" in asked.err
    assert "Send this to 3 people?" in asked.err and "add --yes" in asked.err
    assert tables(csn) == before


def typed(csn: Programme, line: list[str], answer: bytes) -> str:
    """What a terminal shows when *line* is typed and its question is answered."""
    parent, child = pty.openpty()
    variables = {**os.environ, "LRFLOW_HOME": str(csn.home), "LRFLOW_NOW": csn.now}
    process = subprocess.Popen(
        [sys.executable, "-m", "lrflow", *line], stdin=child, stdout=child, stderr=child, env=variables
    )
    os.close(child)
    os.write(parent, answer)
    shown = b""
    try:
        while piece := os.read(parent, 65536):
            shown += piece
    except OSError:
        pass
    process.wait(timeout=60)
    os.close(parent)
    return shown.decode()


def test_a_yes_at_the_terminal_sends_and_anything_else_does_not(csn: Programme) -> None:
    line = ["tell", "P1", "--subject", "Your passport", "--text", "Please bring it."]

    refused = typed(csn, line, b"\n")
    kept = len(nudged(csn))
    agreed = typed(csn, line, b"y\n")

    assert "Send this to 1 person? [y/N]" in refused and "interrupted" in refused
    assert kept == 0
    assert "✓ 1 person will be told" in agreed
    assert len(nudged(csn)) == 1


def test_a_dry_run_shows_the_same_and_keeps_nothing(csn: Programme) -> None:
    before = tables(csn)

    dry = csn.do(f"tell P1-P3 {TEXT} -n")

    assert "Please bring your passport." in dry.out.splitlines()
    assert "3 people would be told (L166)" in dry.out
    assert "Next: the same without -n" in dry.out
    assert tables(csn) == before


def test_what_was_told_is_one_entry_one_notice_and_a_nudge_for_each(csn: Programme) -> None:
    told = csn.do(f"tell P1-P24 C --except C2 {TEXT} --yes")

    assert told.out.splitlines()[0] == "✓ 26 people will be told (L166)"
    assert "REHEARSAL: nothing is sent until: lrflow nudge go-live" in told.out
    assert told.out.splitlines()[-1] == "Next: lrflow nudge preview L166"
    entry = csn.do("log -N 1 --json").data[0]
    assert (entry["verb"], entry["subject"], entry["reason"]) == ("tell", "C1+C3+P1-P24", "Your passport")
    assert "example.org" not in json.dumps(entry["changes"])
    assert len(nudged(csn)) == 26
    assert {each["subject"] for each in nudged(csn)} == {"L166"}
    assert "To: Visitor NG1 <v51@example.org>   2016-10-14 09:00 Africa/Lagos" in csn.do("nudge preview L166").out


def test_an_undo_takes_it_back_and_a_redo_tells_it_after_all(csn: Programme) -> None:
    csn.do(f"tell P1 {TEXT} --yes")

    csn.do("undo --yes")
    gone = [(each["state"], each["reason"]) for each in nudged(csn)]
    csn.do("undo L167 --yes")

    assert gone == [("cancelled", "withdrawn")]
    assert [each["state"] for each in nudged(csn)] == ["cancelled", "planned"]


@pytest.mark.parametrize("text", ["@text.txt", "-"])
def test_a_text_may_come_from_a_file_or_a_pipe(
    csn: Programme, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    (tmp_path / "text.txt").write_text("\ufeffBring your\npassport.", encoding="utf-8")
    with (tmp_path / "text.txt").open(encoding="utf-8-sig") as piped:
        monkeypatch.setattr(sys, "stdin", piped)
        csn.do(f"tell P1 --subject Passport --text {text} --yes")

    assert "Bring your passport." in csn.do("nudge preview L166").out.splitlines()


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        ("", 2, "say what to tell them"),
        ('--subject "x"', 2, "say what to tell them"),
        ('--text "x"', 2, "the subject is empty"),
        (f'--subject x --text "{"a" * 601}"', 2, "the text has 601 characters, 600 at most"),
        (f'--subject "{"a" * 61}" --text x', 2, "the subject has 61 characters, 46 at most"),
        ('--subject x --text "\u202e \x07"', 2, "the text is empty"),
        ("--subject x --text @nowhere.txt", 4, "there is no file nowhere.txt"),
    ],
)
def test_words_that_cannot_be_sent_are_named_before_anything_is_kept(
    csn: Programme, words: str, code: int, says: str
) -> None:
    refused = csn.run(f"tell P1 {words} --yes")

    assert (refused.code, says in refused.err) == (code, True)
    assert nudged(csn) == []


def test_only_who_lets_the_route_speak_may_write_to_people(csn: Programme) -> None:
    refused: Result = csn.run(f"tell P1 {TEXT} --yes", actor=FACILITATOR)

    assert (refused.code, "may not write to people" in refused.err) == (3, True)
    assert csn.run("tell P1 --emails", actor=FACILITATOR).code == 0


def test_a_route_that_ended_sends_nothing_but_still_gives_its_addresses(csn: Programme) -> None:
    csn.do('cancel --reason "no funds" --confirm rwanda-2016')

    refused = csn.run(f"tell P1 {TEXT} --yes")

    assert (refused.code, "rwanda-2016 is cancelled" in refused.err) == (3, True)
    assert csn.run("tell P1 --emails").code == 0


def test_a_route_on_hold_may_tell_and_it_leaves(csn: Programme) -> None:
    csn.do("nudge go-live --yes")
    csn.do('hold --review +30d --reason "flood"')

    csn.do('tell P1 --subject "On hold" --text "We wait." --yes')
    csn.do("run --once", now="2016-10-18T10:00")

    assert [each["state"] for each in nudged(csn)] == ["drafted"]
