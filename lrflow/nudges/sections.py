"""The sections of an overview, in the order in which a coordinator acts on them."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

from lrflow.catalogue import kind_of_key
from lrflow.database import Row
from lrflow.facts import full_day
from lrflow.guards import shorten
from lrflow.messages import Words, relative
from lrflow.nudges.commitments import alliances_of, items_of, overdue, undated
from lrflow.nudges.week import NAMES, NOT_KNOWN, Entry, Section, Week, day_text, messages_in, since_text, text
from lrflow.planner import SAID, Call, call_of, rule_of, sentence

WAITING = {"unsure": "nudge list --state unsure", "failed": "nudge list --state failed", "drafted": "nudge confirm all"}
SHOWN = 8


def sections(seen: Week, words: Words) -> list[Section]:
    """What is said of one route; a quiet week is one line, and the numbers of the headings stay as they are."""
    needs, reaching, going = needs_of(seen, words), _reaching(seen, words), _going(seen, words)
    changed = _changed(seen, words)
    items = items_of(seen.ground.definition, seen.facts)
    is_due = any(each.is_due(seen.on) or each.is_overdue(seen.on) for each in items)
    is_quiet = not (needs or reaching or going.entries or changed or is_due or seen.leaving())
    acute = [
        _section("needs", needs, seen.run("status"), words),
        _section("reaching", reaching, seen.run("status"), words),
        _week(seen, words),
        going,
    ]
    first = [Section(Entry(text(words, "quiet")))] if is_quiet else acute
    return [*first, *_alliances(seen, words), *changed, _ahead(seen, words)]


def _section(key: str, entries: list[Entry], run: str, words: Words) -> Section:
    return Section(Entry(text(words, key, number=len(entries))), tuple(entries), run)


# 1 needs you.


def needs_of(seen: Week, words: Words) -> list[Entry]:
    """What waits for the coordinator: calls, messages not known to have left, what nobody holds, endless pauses."""
    found = [*_calls(seen, words), *_waiting(seen, words), *_orphans(seen, words)]
    return [*found, *_roles(seen, words), *_pauses(seen, words)]


def _calls(seen: Week, words: Words) -> Iterator[Entry]:
    """The calls that ladders end with, as long as nothing was noted since; and those that mail cannot replace."""
    for rung in seen.nudges("planned", "assembled", *SAID):
        name, subject, _, _, epoch = rung.key
        arming = seen.ground.ledger.armings.get((name, subject))
        is_open = arming is not None and arming.armed and arming.epoch == epoch and rung.local_on <= seen.on
        was_heard = seen.figures.noted.get(subject, "") >= rung.local_on.isoformat()
        if is_open and not was_heard and (call := call_of(seen.ground, rung.key)):
            yield _call(seen, words, subject, call)
    for row in seen.unheard.calls:
        said = [each for each in seen.ground.ledger.of(row["rule"], row["subject"]) if each.state == "sent"]
        first = min((each.closed_on or each.local_on for each in said), default=None)
        yield _call(seen, words, row["subject"], Call(row["person"], messages_in(said), first or seen.on))


def _call(seen: Week, words: Words, subject: str, call: Call) -> Entry:
    whom = seen.facts.find("person", call.person)
    says = text(
        words,
        "call",
        who=whom["name"] if whom else NOT_KNOWN,
        phone=(whom["phone"] if whom else "") or words.no_phone,
        id=subject,
        item=_called(seen, subject),
        number=call.asked or NOT_KNOWN,
        day=day_text(call.since if call.asked else None, words),
    )
    return Entry(says, seen.run(f'note {subject} "..."'))


def _waiting(seen: Week, words: Words) -> Iterator[Entry]:
    for state, run in WAITING.items():
        number = messages_in(seen.last_week(state) if state == "failed" else seen.before(state))
        if number:
            yield Entry(text(words, "drafts" if state == "drafted" else state, number=number), seen.run(run))


def _orphans(seen: Week, words: Words) -> Iterator[Entry]:
    for each in seen.unheard.orphans:
        who, item = seen.unheard.names.get(each.person) or NOT_KNOWN, _called(seen, each.key)
        says = text(words, "orphan", id=each.key, item=each.field if each.key == "route" else item, who=who)
        yield Entry(says, seen.run(f"set {each.key} {each.field}=EMAIL"))


def _roles(seen: Week, words: Words) -> Iterator[Entry]:
    """Roles that nobody holds, for whom something was meant last week or is meant from now on."""
    missing: dict[str, dict[str, None]] = {}
    said = {(each.key, each.field) for each in seen.unheard.orphans}
    for each in (*seen.nudges("planned", "held"), *seen.silent()):
        role = each.key[2].rpartition(":")[2].partition("#")[0]
        if each.person is None and (place := _place(seen, *each.key[:2], role)) and (place, role) not in said:
            missing.setdefault(role, {})[place] = None
    for role, places in missing.items():
        says = text(words, "role", role=role, ids=shorten(list(places), SHOWN))
        yield Entry(says, seen.run(f"set {next(iter(places))} {role}=EMAIL"))


def _place(seen: Week, name: str, subject: str, role: str) -> str:
    """Where the *role* of a nudge is entered: on the delegation of what it is about, on the record, or on the route."""
    record = seen.facts.find(rule_of(seen.ground.definition, name).about, subject)
    if record is None or record.kind in ("waiver", "notice"):
        return "route"
    if role not in ("lead", "focal_point"):
        return str(record.key)
    plan = seen.facts.find("plan", record["plan"]) if record.kind == "action" else record
    return str((plan["delegation"] if plan else None) or record.key)


def _pauses(seen: Week, words: Words) -> Iterator[Entry]:
    for what, row in seen.unheard.pauses:
        if row["until_on"] is None:
            called = seen.route if row["what"] == "route" else what.removeprefix("the rule ")
            since = since_text(row["since_us"], seen, words)
            yield Entry(text(words, "paused", what=called, day=since, reason=row["reason"]), seen.run("pause list"))


def _called(seen: Week, key: str) -> str:
    """What people call the record *key*: its title, its person, the alliance it belongs to."""
    for kind, of_kind in seen.facts.records.items():
        if of_kind and (record := seen.facts.find(kind, key)) and kind not in ("organisation", "person"):
            named: Any = record["title"] or seen.facts.value(record, "person.name")
            return str(named or _alliance_of(seen, record) or key)
    return key


def _alliance_of(seen: Week, record: Any) -> Any:
    owner = record if record.kind == "delegation" else seen.facts.find("delegation", record["delegation"])
    return seen.facts.value(owner, "organisation.name") if owner else None


# 2 reaching people.


def _reaching(seen: Week, words: Words) -> list[Entry]:
    found = []
    for row in seen.unheard.addresses:
        since = since_text(row["since_us"], seen, words)
        says = text(words, row["state"], who=row["name"], address=row["email"], day=since)
        found.append(Entry(says, f"lrflow set person {row['email']} email=NEW"))
    silent = _without_address(seen)
    if silent:
        says = text(words, "no_address", number=len(silent), who=shorten(silent, SHOWN))
        found.append(Entry(says, "lrflow list person email="))  # a name is nothing to paste into a shell
    return found


def _without_address(seen: Week) -> list[str]:
    """Who would be written to, and has no address."""
    meant = dict.fromkeys(each.person for each in (*seen.nudges("planned", "held"), *seen.silent()))
    people = [seen.facts.find("person", each) for each in meant if each is not None]
    return sorted(str(each["name"]) for each in people if each and not each["email"] and not each["left_on"])


# 3 this week, 4 will be sent.


def _week(seen: Week, words: Words) -> Section:
    items = items_of(seen.ground.definition, seen.facts)
    late, due = overdue(items, seen.on), [each for each in items if each.is_due(seen.on)]
    says = text(words, "week", number=len(due), overdue=len(late), undated=len(undated(items)))
    if late:
        is_stage = late[0].key == "route"
        named = seen.ground.definition.stage_title(str(seen.facts.route["stage"])) if is_stage else late[0].key
        says += f"; {text(words, 'oldest', id=named, day=day_text(full_day(late[0].due), words))}"
        return Section(Entry(says, seen.run("check" if is_stage else f"show {late[0].key}")))
    return Section(Entry(says, seen.run("calendar") if due else ""))


def _going(seen: Week, words: Words) -> Section:
    leaving = seen.leaving()
    head = text(words, "going", number=messages_in(leaving), people=len({each.person for each in leaving}))
    run = seen.run("nudge list") if leaving else ""
    silent = Counter(each.reason or "held_back" for each in seen.silent())
    if not silent:
        return Section(Entry(head, run))
    reasons = [f"{number} {words.reasons.get(each, sentence(each))}" for each, number in silent.most_common()]
    everything = seen.run("nudge list --all")
    return Section(Entry(head, run), (Entry(text(words, "silent", reasons=shorten(reasons, SHOWN)), everything),))


# 5 by alliance, 6 changed last week, 7 what lies ahead.


def _alliances(seen: Week, words: Words) -> list[Section]:
    items = items_of(seen.ground.definition, seen.facts)
    entries = []
    for each in alliances_of(seen.ground.definition, seen.facts, items, seen.figures.noted):
        done = f"{each.done}/{each.all}" if each.all else NOT_KNOWN
        heard = day_text(each.heard_on, words)
        entries.append(Entry(f"{each.name[:NAMES]}: {done}, {each.overdue}, {heard}", seen.run(f"show {each.key}")))
    head = Entry(text(words, "alliances"))
    return [Section(head, tuple(entries), seen.run("list delegation"))] if entries else []


def _changed(seen: Week, words: Words) -> list[Section]:
    found = [f"{_done(row)} {row['number']}" for row in seen.figures.changes]
    says = text(words, "changed", changes=shorten(found, SHOWN))
    return [Section(Entry(says, seen.run("log")))] if found else []


def _done(row: Row) -> str:
    """What was done, in the words in which it was typed: mark plan final, add action, go-live."""
    kind = next(iter(kind_of_key(row["subject"])), "")
    state = row["target"] if row["verb"] == "mark" else ""
    return " ".join(word for word in (row["verb"], kind, state) if word)


def _ahead(seen: Week, words: Words) -> Section:
    """The guards of the next stage, the donor report where it is the last one, and the end of the programme."""
    stage, path = str(seen.facts.route["stage"]), seen.ground.definition.path
    parts = []
    if seen.findings:
        met = f"{sum(each.passes for each in seen.findings)}/{len(seen.findings)}"
        after = seen.ground.definition.stage_title(seen.ground.definition.stage_after(stage))
        parts.append(text(words, "ahead", stage=after, number=met))
    if stage == path[-1] and not seen.facts.route["donor_report_on"]:
        parts.append(text(words, "report"))
    parts += _end(full_day(seen.facts.programme["ends_on"]), seen, words)
    return Section(Entry("; ".join(parts), seen.run("check")))


def _end(ends_on: date | None, seen: Week, words: Words) -> list[str]:
    if ends_on is None:
        return []
    when = relative((ends_on - seen.on).days, words.language)
    return [text(words, "end", day=day_text(ends_on, words), when=when)]
