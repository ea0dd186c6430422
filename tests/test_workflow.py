"""Workflows are data: every name in them is checked, what was read is pinned by a digest, and a pinned route stays."""

import json
import re
import shutil
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from conftest import Programme
from small_facts import definition, guard, shipped, stage

from lrflow import store
from lrflow.catalogue import KINDS
from lrflow.database import Database
from lrflow.definition import Definition, build, plain
from lrflow.errors import Misused, NotFound
from lrflow.workflow import canonical, folder_of, folders, pinned, read
from lrflow.workflow.faults import find_faults

FOLDER = folder_of("sun-csn")
FILES = ("workflow.toml", "nudges.toml")
TEXTS = {name: (FOLDER / name).read_text(encoding="utf-8") for name in FILES}

# What may be left out of the files, and what may be called otherwise, without being wrong. A programme may do without
# each of these, and what the shipped one loses by it shows in the tests of its domain and of its messages.
WORDED = {"says", "says_none", "run", "where"}
OPTIONAL = {
    "stages": {"back"},
    "lives": {"ends", "begins"},
    "guards": {"keep", "run", "run_none", "too_many"},
    "count": {*WORDED, "max"},
    "distinct": WORDED,
    "every": {*WORDED, "min"},
    "each_has": {*WORDED, "having", "min", "desired", "by"},
    "filled": WORDED,
    "dates": {*WORDED, "min", "reached", "before", "within"},  # without the last three: that the day is set
    "covers": {*WORDED, "min"},
    "total": {*WORDED, "max"},
    "rules": {
        *("stages", "condition", "repeat", "then", "late", "max_late", "newcomer", "on_hold", "priority", "words"),
        *("shift", "after", "if_unsure"),
    },
    "roles": {"host", "viewer"},
    "vocabularies": {word for words in shipped().vocabularies.values() for word in words},
}
FREE = {
    "": {"sun-csn", "closed"},  # what the workflow and its last stage are called
    "every": {"plan_drafting"},  # compared with a fact worked out, which has no list of words
    "rules": {"programme-end", *shipped().rules},  # checked against the messages
    "roles": {"host", "viewer"},
    "vocabularies": OPTIONAL["vocabularies"],
}


def spoilt(text: str) -> Iterator[tuple[int, str, str, str, str]]:
    """Each way to spoil a line of *text*, once for each part, key and word: number, part, how, what, the line."""
    part, seen = "", set()
    for number, line in enumerate(text.splitlines()):
        if head := re.match(r"\[\[?([\w-]+)(?:\.([\w-]+))?(\.\w+)?\]", line):
            part = (head[3] or f".{head[1]}")[1:]
            made = [("head", word, line.replace(word, f"{word}x")) for word in (head[1], head[2]) if word]
        elif "=" in line and not line.startswith("#"):
            part = line.split('"')[1] if line.startswith("check = ") else part  # each check reads keys of its own
            made = list(_spoilt_line(line))
        else:
            continue
        for how, what, spoilt_line in made:
            if (part, how, what) not in seen:
                seen.add((part, how, what))
                yield number, part, how, what.rpartition(":")[2], spoilt_line


def _spoilt_line(line: str) -> Iterator[tuple[str, str, str]]:
    key = line.partition("=")[0].strip()
    yield "drop", key, "# gone"
    bare = re.sub(r"\"(?:\\.|[^\"\\])*\"|'[^']*'", lambda text: '"' + "_" * (len(text[0]) - 2) + '"', line)
    for found in re.finditer(r"([A-Za-z][\w-]*)\s*=", bare):
        yield "key", f"{key}:{found[1]}", f"{line[: found.end(1)]}x{line[found.end(1) :]}"
    for found in re.finditer(r'"(@?[a-z][\w.@-]*)"', line):
        yield "word", f"{key}:{found[1]}", f"{line[: found.end(1)]}x{line[found.end(1) :]}"


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] if name == "workflow.toml" else []) for name in FILES]
)
def test_every_key_and_word_of_the_shipped_workflow_is_checked_or_known_to_be_free(name: str) -> None:
    unnoticed: dict[tuple[str, str], set[str]] = defaultdict(set)
    unplaced, lines = [], TEXTS[name].splitlines()
    for number, part, how, what, line in spoilt(TEXTS[name]):
        text = "\n".join([*lines[:number], line, *lines[number + 1 :]])
        faults = find_faults({**TEXTS, name: text})[1]
        if not faults:
            unnoticed["OPTIONAL" if how == "drop" else "FREE", part].add(what)
        # What is missing at the top of the file has no line; a file that is no TOML says its own.
        elif part and not any(re.match(r"\w+\.toml(:.*\(at line| line) \d+", fault) for fault in faults):
            unplaced.append((number + 1, faults))

    allowed = {("OPTIONAL", part): what for part, what in OPTIONAL.items()}
    allowed |= {("FREE", part): what for part, what in FREE.items()}
    assert {place: left for place, words in unnoticed.items() if (left := words - allowed.get(place, set()))} == {}
    assert unplaced == []


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('min = "@parameters.min_csas"', 'min = "@parameters.min_csa"', "unknown parameter 'min_csa', did you mean"),
        ("having = { is_actor = true }", "having = { is_actr = true }", "unknown field of champion 'is_actr', did you"),
        ('fields = ["how", ', 'fields = ["hwo", ', "unknown field of case 'hwo', did you mean 'who'?"),
        ("{ max = 0 }", "{ mx = 0 }", "unknown clause 'mx', did you mean 'max'?"),
        ('reached = "validated"', 'reached = "withdrawn"', "unknown state of case 'withdrawn'"),
        ('says = "{missing} has no area"', 'says = "{mising} has no area"', "unknown word 'mising', did you mean"),
        ("{its unproved}", "{its unprovd}", "unknown field of experience 'unprovd', did you mean 'unproved'?"),
        ('level = "hard"', 'level = "heavy"', "Input should be 'hard', 'soft' or 'warn'"),
        ('target = "30d"', 'target = "30 days"', "not a span of time: '30 days'"),
        ('each = "delegation"', 'each = "delegations"', "unknown kind 'delegations', did you mean 'delegation'?"),
        ('to = ["identification"]', 'to = ["learning_visit"]', "'learning_visit' is no earlier stage"),
        ("min_csas = {", "min_csaz = {", "is used by nothing"),
        ('may = ["waive"]', 'may = ["wave"]', "unknown may 'wave', did you mean 'waive'?"),
        ('of_all = [{ of = "budget"', 'of_all = [{ of = "budgets"', "each line of of_all says of = a kind"),
        ('fields = ["final_on"]', 'fields = ["final_day"]', "unknown field 'final_day', did you mean 'final_on'?"),
        ('needs = ["papers-in-hand"]', 'needs = ["min-csas"]', "min-csas asks distinct, which cannot be judged"),
        ('level = "soft"', 'level = "hard"', "a soft guard says who may waive it; no other guard does"),
    ],
)
def test_a_fault_names_its_file_its_line_its_place_and_the_near_word(old: str, new: str, says: str) -> None:
    text = TEXTS["workflow.toml"]
    assert old in text
    line = text[: text.index(old)].count("\n") + 1

    faults = find_faults({**TEXTS, "workflow.toml": text.replace(old, new, 1)})[1]

    told = [fault for fault in faults if says in fault]
    assert told, faults
    place = re.match(r"workflow\.toml line (\d+): [\w.-]+: ", told[0])
    assert place, told
    heads = [number for number, each in enumerate(text.splitlines(), 1) if each.startswith("[") and number <= line]
    assert heads[-1] <= int(place[1]) or int(place[1]) in heads, told


def test_a_rule_that_can_never_speak_is_a_fault() -> None:
    nudges = TEXTS["nudges.toml"]
    spoilt_ways = {
        'stages = ["systematization"]': 'stages = ["draft"]',
        'to = ["self"]': "to = []",
        'when = "review_on"': 'when = "reviewed_on"',
        'repeat = { every = "7d"': 'repeat = { every = "2d"',
        'after = { rule = "check-in",': 'after = { rule = "check-inn",',
        'after = { rule = "check-in-again",': 'after = { rule = "waiver-ends",',
        'after = { rule = "final-plan-overdue",': 'after = { rule = "award-start",',
    }
    says = (
        *("case-complete is no need of its stages", "speaks to nobody", "unknown date 'reviewed_on', did you mean"),
        *("every 2d is nearer than min_gap 3wd: none would be said", "unknown rule 'check-inn', did you mean"),
        *("waiver-ends must stand above it", "award-start must stand above it"),
    )

    for (old, new), said in zip(spoilt_ways.items(), says, strict=True):
        faults = find_faults({**TEXTS, "nudges.toml": nudges.replace(old, new, 1)})[1]
        assert [fault for fault in faults if fault.startswith("nudges.toml line") and said in fault], faults


def test_all_faults_are_told_at_once_and_nothing_is_read(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(FOLDER, tmp_path / "mine"))
    for name, old, new in (
        ("workflow.toml", '"@route.host', '"@route.hots'),
        ("nudges.toml", '"focal_point"', '"focal"'),
    ):
        (folder / name).write_text(TEXTS[name].replace(old, new), encoding="utf-8")

    with pytest.raises(Misused) as refused:
        read(folder)

    assert {fault.split()[0] for fault in refused.value.problems} == {"workflow.toml", "nudges.toml"}
    assert refused.value.message.endswith(f"has faults: {len(refused.value.problems)}")


def test_a_folder_or_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="there is no workflow 'sun-cns'") as refused:
        folder_of("sun-cns")
    assert list(refused.value.problems) == ["did you mean sun-csn?"]

    folder = Path(shutil.copytree(FOLDER, tmp_path / "mine"))
    (folder / "nudges.toml").unlink()
    with pytest.raises(NotFound, match=r"nudges\.toml is missing"):
        read(folder)


# The digest.


def test_every_workflow_that_ships_has_no_fault() -> None:
    assert set(folders()) >= {"sun-csn"}
    for folder in folders().values():
        assert read(folder).digest


def test_comments_order_and_layout_leave_the_digest_alone(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(FOLDER, tmp_path / "mine"))
    for name in FILES:
        bare = [line for line in TEXTS[name].splitlines() if line and not line.startswith("#")]
        spaced = "\n\n# a remark\n".join(re.sub(r"^(\w+) = ", r"\1   =  ", line) for line in bare)
        (folder / name).write_text(f"# another\n{spaced}  # at the end\n", encoding="utf-8")
    guards = TEXTS["workflow.toml"].index("[guards.host-set]"), TEXTS["workflow.toml"].index("[guards.experiences-s")
    assert read(folder) == shipped()

    block = TEXTS["workflow.toml"][slice(*guards)]
    (folder / "workflow.toml").write_text(TEXTS["workflow.toml"].replace(block, "") + block, encoding="utf-8")
    assert read(folder).digest == shipped().digest


def leaves(value: Any) -> Iterator[tuple[Any, Any]]:
    """Each holder and the key or number in it, down to single values."""
    for key in list(value) if isinstance(value, dict) else range(len(value)):
        if isinstance(value[key], dict | list):
            yield from leaves(value[key])
        else:
            yield value, key


def test_every_single_value_is_in_the_digest() -> None:
    data = plain(shipped())
    digests, count = {shipped().digest}, 0
    for holder, key in leaves(data):
        kept = holder[key]
        holder[key] = f"{kept}x" if isinstance(kept, str) else not kept if isinstance(kept, bool) else kept + 1
        text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        digests.add(pinned.__wrapped__(text).digest)
        holder[key], count = kept, count + 1

    assert len(digests) == count + 1
    assert count > 1000


def test_a_definition_comes_back_whole_from_plain_data_and_from_its_pinned_text() -> None:
    text = canonical(shipped())

    assert build(Definition, json.loads(json.dumps(plain(shipped())))) == replace(shipped(), digest="")
    assert pinned(text) == shipped()
    assert canonical(pinned(text)) == text
    assert frozen(pinned(text))


def frozen(value: Any) -> bool:
    """Whether *value* is a definition all the way down: no list, and each part of its own shape."""
    if is_dataclass(value):
        return all(frozen(getattr(value, each.name)) for each in fields(value) if each.name not in ("where", "having"))
    if isinstance(value, tuple):
        return all(frozen(each) for each in value)
    return not isinstance(value, list)


def test_what_is_left_at_its_default_is_not_in_the_text() -> None:
    asks = {"check": "count", "of": "case", "min": 1}
    short = definition(guards={"it": guard(asks)}, stages={"first": stage("it"), "second": stage()})
    long = definition(
        guards={"it": guard({**asks, "says": "", "where": {}, "max": None, "reached": False}, run="", keep="")},
        stages={"first": stage("it", back=None, creates=[]), "second": stage()},
    )

    assert canonical(short) == canonical(long)
    assert "digest" not in json.loads(canonical(short))


# A pinned route.


def test_a_route_keeps_the_rules_it_began_with_when_the_files_change(empty: Programme, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(FOLDER, tmp_path / "mine"))
    rules, nudges = folder / "workflow.toml", folder / "nudges.toml"
    empty.do(f"add route before planned_visit=2016-09 --workflow {folder}")

    rules.write_text(TEXTS["workflow.toml"].replace('needs = ["roles-set", ', "needs = ["), encoding="utf-8")
    faulty = empty.run(f"add route between planned_visit=2016-09 --workflow {folder}")
    unused = TEXTS["workflow.toml"].index("[guards.roles-set]"), TEXTS["workflow.toml"].index("[guards.planned-period]")
    without = rules.read_text(encoding="utf-8").replace(TEXTS["workflow.toml"][slice(*unused)], "")
    rules.write_text(without, encoding="utf-8")
    nudges.write_text(TEXTS["nudges.toml"].replace("stage_due - 14d", "stage_due - 7d"), encoding="utf-8")
    empty.do(f"add route after planned_visit=2016-09 --workflow {folder}")

    assert "roles-set: is needed by no stage" in faulty.err
    asked = {key: empty.run(f"check -r {key} --json").data["findings"] for key in ("before", "after")}
    assert "roles-set" in [each["guard"] for each in asked["before"]]
    assert "roles-set" not in [each["guard"] for each in asked["after"]]

    with Database(empty.home / "lrflow.db").begin() as unit:
        old, new = (store.read_definition(unit, store.read_route(unit, key).digest) for key in ("before", "after"))
    assert old == shipped()
    assert new == read(folder)
    assert (old.rules["stage-due"].when, new.rules["stage-due"].when) == ("stage_due - 14d", "stage_due - 7d")


def test_every_kind_that_is_kept_has_a_life_and_every_life_a_kind() -> None:
    assert set(shipped().lives) == {kind.name for kind in KINDS.values() if kind.letter}
