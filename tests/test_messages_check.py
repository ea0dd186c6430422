"""`lrflow messages check`: whether everybody can be told everything in their own language; and each hears their own."""

import shutil
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from programme import Programme

SHIPPED = Path(__file__).parents[1] / "workflows" / "sun-csn"


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A copy of the shipped workflow, to be spoilt."""
    return shutil.copytree(SHIPPED, tmp_path / "mine")


def change(own: Path, language: str, before: str, after: str) -> None:
    file = own / "messages" / f"{language}.toml"
    text = file.read_text(encoding="utf-8")
    assert text.count(before) == 1
    file.write_text(text.replace(before, after), encoding="utf-8")


def following(empty: Programme, own: Path) -> Programme:
    """A programme with one route, which follows the workflow in *own*."""
    empty.do(f'add route own-2016 "Our own" planned_visit=2016-09 --workflow {own}')
    return empty


def section(text: str, name: str) -> str:
    """The lines of `[nudges.name]`, as they stand in the file *text*."""
    return text[text.index(f"[nudges.{name}]") :].partition("\n\n")[0]


# What is checked.


@pytest.mark.requirement("K2")
def test_the_shipped_texts_are_complete_in_every_language(empty: Programme) -> None:
    checked = empty.do("messages check sun-csn")

    assert checked.out.splitlines()[1:] == [f"  ✓ {language}: complete" for language in ("en", "es", "fr", "pt")]


@pytest.mark.requirement("K2")
def test_a_folder_is_checked_without_a_programme(tmp_path: Path, own: Path) -> None:
    nobody = Programme(tmp_path / "nothing")

    assert nobody.run(f"messages check {own}").code == 0


@pytest.mark.requirement("K2")
def test_without_an_open_route_it_says_what_to_type(empty: Programme) -> None:
    refused = empty.run("messages check")

    assert (refused.code, "lrflow messages check sun-csn" in refused.err) == (4, True)


@pytest.mark.requirement("K2")
@pytest.mark.parametrize(
    "line",
    [
        'add person "Felix Soto" felix@example.org language=fr',
        'add organisation "Alliance du Sénégal" kind=csa language=fr',
        "set route languages=en+fr",
    ],
)
def test_a_text_that_a_reader_an_organisation_or_the_route_needs_must_be_there(
    empty: Programme, own: Path, line: str
) -> None:
    text = (own / "messages" / "fr.toml").read_text(encoding="utf-8")
    change(own, "fr", section(text, "survey"), "")
    programme = following(empty, own)
    before = programme.run("messages check")
    programme.do(line)
    programme.do("set route facilitator=felix@example.org") if "Felix" in line else None

    after = programme.run("messages check")

    assert (before.code, after.code) == (0, 2)
    assert before.out.splitlines()[1:] == ["  ✓ en: complete"]
    assert after.out.splitlines()[1:4] == [
        "  ✓ en: complete",
        "  ✗ fr: 1 fault",
        "      fr.toml: nudges.survey: missing",
    ]


@pytest.mark.requirement("K2")
def test_a_language_without_a_file_is_missed_only_when_somebody_reads_it(empty: Programme, own: Path) -> None:
    (own / "messages" / "pt.toml").unlink()
    programme = following(empty, own)
    before = programme.run("messages check").code
    programme.do('add person "Ana Silva" ana@example.org language=pt')
    programme.do("set route coordinator=ana@example.org")

    after = programme.run("messages check")

    assert (before, after.code) == (0, 2)
    assert "pt.toml: missing, so nothing can be said in this language" in after.out


@pytest.mark.requirement("K2")
def test_who_left_needs_no_language(empty: Programme, own: Path) -> None:
    (own / "messages" / "pt.toml").unlink()
    programme = following(empty, own)
    programme.do('add person "Ana Silva" ana@example.org language=pt')
    programme.do("set route facilitator=ana@example.org")
    programme.do("set person ana@example.org left_on=2016-02-01")

    assert programme.run("messages check").code == 0


@pytest.mark.requirement("B6")
def test_a_rule_that_speaks_before_its_day_needs_a_text_for_afterwards(empty: Programme, own: Path) -> None:
    text = (own / "messages" / "en.toml").read_text(encoding="utf-8")
    without = "\n".join(line for line in section(text, "action-due-soon").splitlines() if not line.startswith("past"))
    change(own, "en", section(text, "action-due-soon"), without)

    checked = following(empty, own).run("messages check")

    assert checked.code == 2
    assert "en.toml: nudges.action-due-soon.past: missing, and its rule speaks before the day" in checked.out


@pytest.mark.requirement("K4")
def test_a_subject_that_loses_its_end_is_named(empty: Programme, own: Path) -> None:
    change(own, "en", "{item} - has it started?", "{item} - has the work of your alliance on it started by now?")

    checked = following(empty, own).run("messages check")

    fault = "en.toml: nudges.award-start.subject: the code and its own words are longer than 60 characters"
    assert (checked.code, fault in checked.out) == (2, True)


def test_the_text_of_a_rung_is_asked_for_too(empty: Programme, own: Path) -> None:
    rules = own / "nudges.toml"
    text = rules.read_text(encoding="utf-8")
    before = '{ after = "10wd", to = ["owner"] }'
    assert text.count(before) == 1
    rules.write_text(text.replace(before, before.replace(" }", ', words = "owner-too" }')), encoding="utf-8")

    checked = following(empty, own).run("messages check")

    assert (checked.code, "en.toml: nudges.owner-too: missing" in checked.out) == (2, True)


def test_a_file_with_a_fault_is_named_although_nobody_reads_it(empty: Programme, own: Path) -> None:
    programme = following(empty, own)
    change(own, "pt", "Olá, {person},", "Olá, {persona},")

    checked = programme.run("messages check --json")

    assert checked.code == 2
    assert checked.data[0]["faults"]["pt"] == ["pt.toml: greeting: unknown placeholder {persona}, did you mean person?"]


# Who hears which language.


@pytest.mark.requirement("K1", "K2")
def test_one_escalation_speaks_to_each_in_their_own_language(follow_up: Programme) -> None:
    follow_up.do("set person v12@example.org language=fr")
    follow_up.do("set person carla@example.org language=en")
    follow_up.do("set D1 focal_point=v12@example.org lead=v11@example.org")
    follow_up.do("nudge go-live --yes")
    rows = [each for each in follow_up.do("nudge list --json").data if each["rule"] == "final-plan-escalation"]
    day = next(each["local_on"] for each in rows if each["subject"] == "A1" and each["to"] == "Carla Ruiz")

    found = follow_up.do(f"nudge preview A1 --day {day} --json").data

    texts = {each["to"]: (each["language"], each["text"]) for each in found}
    assert (texts["v12@example.org"][0], texts["carla@example.org"][0]) == ("fr", "en")
    assert "Nous attendons toujours la version finale de « Gardens 1 »" in texts["v12@example.org"][1]
    assert "We are still waiting for the final version of “Gardens 1”" in texts["carla@example.org"][1]


@pytest.mark.requirement("K2")
def test_a_missing_text_is_held_and_never_said_in_another_language(empty: Programme, own: Path) -> None:
    text = (own / "messages" / "fr.toml").read_text(encoding="utf-8")
    change(own, "fr", section(text, "weekly-digest"), "")
    programme = following(empty, own)
    programme.do('add person "Felix Soto" felix@example.org language=fr')
    programme.do("set route coordinator=felix@example.org")
    programme.do("nudge go-live --yes")

    programme.do("run --once", now="2016-02-15T10:00")

    held = [each for each in programme.do("nudge list --state held --json").data if each["to"] == "Felix Soto"]
    assert [(each["rule"], each["reason"]) for each in held] == [("weekly-digest", "no_translation")]
    assert list(programme.home.glob("outbox/*felix*")) == []


@pytest.mark.requirement("K4")
def test_a_draft_holds_the_text_first_and_the_same_as_light_html(follow_up: Programme) -> None:
    follow_up.now = "2016-11-24"
    follow_up.do("set D1 lead=v11@example.org")
    follow_up.do("nudge go-live --yes")

    follow_up.do("run --once", now="2016-12-05T10:00")

    file = next((follow_up.home / "outbox").glob("*v11*.eml"))
    letter = message_from_bytes(file.read_bytes(), policy=policy.default)
    text, html = (part.get_content() for part in letter.iter_parts())
    assert letter.get_content_type() == "multipart/alternative"
    assert "Dear Visitor MW1," in text and "<p>Dear Visitor MW1,</p>" in html
    assert len(letter["Subject"]) <= 60
