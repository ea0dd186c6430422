"""Tell named people something once: who is meant, in which words, on the same way out as every nudge."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from lrflow import store
from lrflow.catalogue import read_key
from lrflow.clock import today
from lrflow.database import Database, Row, Unit
from lrflow.errors import Misused, NotFound, Refused
from lrflow.facts import Facts, Record
from lrflow.messages import LONGEST_BODY, LONGEST_SUBJECT, flat
from lrflow.nudges.previewing import Preview, preview_with
from lrflow.nudges.wording import PERSONAL
from lrflow.planner import TOLD, recipients
from lrflow.planner.reaching import unreachable
from lrflow.store import Act, Notice, Standing
from lrflow.tracks.choosing import Which, choose, name_of
from lrflow.tracks.narrowing import read_condition

# Who is told when a record is named.
_FOR = {
    "participant": ("self",),
    "champion": ("self",),
    "delegation": ("lead", "focal_point"),
    "plan": ("owner",),
    "action": ("person",),
    "checkin": ("lead",),
}
_WHY = {
    "opted_out": "asked for no more messages",
    "person_left": "left",
    "no_recipient": "names nobody",
}


@dataclass(frozen=True, slots=True)
class Audience:
    """Who can be told, each address once; who is left out and why; and the ids that were named."""

    people: tuple[Record, ...]
    left_out: tuple[str, ...]
    ids: str


@dataclass(frozen=True, slots=True)
class Told:
    """What was kept to be told: the log entry, the people, a nudge for each, soonest first, and the first message."""

    entry: int
    audience: Audience
    nudges: tuple[Row, ...]
    first: Preview
    live_on: date | None


def audience(database: Database, key: str, which: Which, today_on: date) -> Audience:
    """Who is meant by *which* on the route *key*, and can be written to. Changes nothing."""
    with database.begin() as unit:
        route = store.read_route(unit, key)
        definition = store.read_definition(unit, route.digest)
        facts = store.facts_of(unit, route, definition, today_on)
        return _audience(unit, Standing(route, definition, facts, {}, ()), which)


def tell(database: Database, key: str, which: Which, words: tuple[str, str], sender: str, act: Act) -> Told:
    """Let *which* be told *words* (subject, text) once, on the next working morning of each.

    The text is said as typed, on one line, in whatever language it is. Asking twice tells twice. Raises `Refused` for
    who may not write to people, on a route that ended, or when nobody can be told; `Misused` for words too long.
    """
    with database.begin(write=True, keep=not act.dry_run) as unit:
        standing = store.stand(unit, key, act)
        _check_may(standing, act)
        subject, body = _typed(words, key)
        meant = _audience(unit, standing, which)
        if not meant.people:
            raise Refused("nobody can be told", problems=meant.left_out)
        said = Act(act.actor, act.now, act.zone, act.on, subject, act.dry_run)
        entry = store.log_entry(unit, standing, store.entry_of(standing, said, "tell", meant.ids, "done"))
        here = today(act.now, store.programme_zone(unit, standing.route))
        notice = Notice(TOLD, [int(each.key) for each in meant.people], here, subject, body)
        name = store.add_notice(unit, standing.route.id, entry, notice)
        store.replan(unit, key, act.now, act.day)
        rows = [row for row in store.nudges_of(unit, standing.route.id, []) if row["subject"] == name]
        store.accept(unit, rows, act.now)  # who tells has looked at whom
        first = preview_with(unit, key, rows[0], act.now, sender)
    live_on = standing.route.row["live_on"]
    return Told(entry, meant, tuple(rows), first, date.fromisoformat(live_on) if live_on else None)


def _check_may(standing: Standing, act: Act) -> None:
    key, status = standing.route.key, standing.route.status
    if not standing.may("live"):
        raise Refused(
            f"{act.actor} is {standing.role} on {key} and may not write to people", remedy="ask the coordinator"
        )
    if status in ("closed", "cancelled"):
        raise Refused(f"{key} is {status}: nothing is sent any more", remedy="lrflow tell WHICH --emails")


def _typed(words: tuple[str, str], key: str) -> tuple[str, str]:
    """Subject and text as they can be sent: on one line, not too long."""
    subject, body = (flat(each) for each in words)
    room = min(60, LONGEST_SUBJECT - len(f"[{key}] "))
    problems = [
        f"the {name} is empty" if not text else f"the {name} has {len(text)} characters, {most} at most"
        for name, text, most in (("subject", subject, room), ("text", body, LONGEST_BODY))
        if not text or len(text) > most
    ]
    if problems:
        raise Misused("this cannot be sent", problems=problems, remedy='lrflow tell WHICH --subject "..." --text "..."')
    return subject, body


# ------------------------------------------------------------------------------------------------------ who is meant


@dataclass(frozen=True, slots=True)
class _Meant:
    """One person who was meant, or why there is none: by which id, called what."""

    key: str
    label: str
    person: int | None
    why_not: str = ""


def _audience(unit: Unit, standing: Standing, which: Which) -> Audience:
    meant = list(_meant(unit, standing, which))
    silent = {row["person"] for row in store.opt_outs_of(unit, standing.route.id) if row["subject"] is None}
    people: dict[str, Record] = {}
    left_out: list[str] = []
    for each in meant:
        person = store.shared_record(unit, "person", each.person) if each.person is not None else None
        why_not = each.why_not or (_WHY["opted_out"] if each.person in silent else "")
        why_not = why_not or _why_not(person, standing.facts.today)
        if person is None or why_not:
            left_out.append(f"{each.label}: {why_not}")
        else:
            people.setdefault(str(person["email"]).casefold(), person)
    return Audience(tuple(people.values()), tuple(dict.fromkeys(left_out)), compact(each.key for each in meant))


def _why_not(person: Record | None, on: date) -> str:
    reason = unreachable(person, on)
    if reason == "no_reachable_channel" and person is not None:
        return "mail to the address comes back" if person["email"] else "has no e-mail address"
    return _WHY.get(reason, reason)


def _meant(unit: Unit, standing: Standing, which: Which) -> Iterator[_Meant]:
    roles = [word for word in which.words if word.lower() in standing.definition.roles]
    addresses = [word for word in which.words if "@" in word]
    records = tuple(word for word in which.words if word not in roles and word not in addresses)
    if not records and (which.of or which.where or which.but):
        raise Misused(
            "--of, --where and --except narrow records: name some", remedy="lrflow tell P --where state=confirmed"
        )
    for word in roles:
        yield from _of_role(word.lower(), standing.facts)
    for word in addresses:
        yield _of_address(unit, word, standing.facts)
    chosen = choose(Which(records, which.of, which.where, which.but), standing) if records else []
    for record in chosen:
        yield from _of_record(record, records, which, standing)


def _of_role(role: str, facts: Facts) -> Iterator[_Meant]:
    holders = facts.roles.get(role, ())
    if not holders:
        yield _Meant(role, role, None, f"nobody holds this role (lrflow set {facts.route['key']} {role}=EMAIL)")
    for person in holders:
        known = facts.find("person", person)
        yield _Meant(role, f"{role} {known['name'] if known else ''}".rstrip(), person)


def _of_address(unit: Unit, word: str, facts: Facts) -> _Meant:
    rows = [row for row in store.find_people(unit, word) if str(row["email"] or "").casefold() == word.casefold()]
    if not rows:
        raise NotFound(f"nobody here has the address {word}", remedy=f'lrflow add person "NAME" {word}')
    number = int(rows[0]["id"])
    own = [each.key for kind in ("participant", "champion") for each in facts.of(kind) if each["person"] == number]
    return _Meant(own[0] if own else f"person:{number}", str(rows[0]["name"]), number)


def _of_record(record: Record, words: Iterable[str], which: Which, standing: Standing) -> Iterator[_Meant]:
    roles, facts = _FOR.get(record.kind), standing.facts
    if roles is None:
        takes = "participants, champions, delegations, plans, actions, check-ins, roles and addresses"
        raise Misused(f"{record.key} is nobody who could be told", problems=[f"tell takes {takes}"])
    named = facts.value(record, "person.name") if record.kind in PERSONAL else name_of(record, facts)
    label = f"{record.key} {named or ''}".rstrip()
    if _is_gone(record, words, which, standing):
        yield _Meant(record.key, label, None, f"{record.state} (name it alone to tell all the same)")
        return
    found = recipients(roles, record, facts)
    people = [person for _, person in found if person is not None]
    for person in people:
        yield _Meant(record.key, label, person)
    if not people:
        lacks = (
            f"nobody leads it (lrflow set {record.key} lead=EMAIL)" if "lead" in roles else "left, and nobody took over"
        )
        yield _Meant(record.key, label, None, lacks)


def _is_gone(record: Record, words: Iterable[str], which: Which, standing: Standing) -> bool:
    """Whether it has left its path, and came in only with a whole kind or range: nobody meant it by that."""
    asked = any(read_condition(each).path in ("state", "reached") for each in which.where)
    named = record.key in [read_key(word) for word in words]
    life = standing.definition.lives.get(record.kind)
    return not (asked or named) and life is not None and record.state not in life.path


def compact(keys: Iterable[str]) -> str:
    """Ids as they are typed: P1-P24+C2."""
    parts: list[tuple[str, str]] = []
    for key in dict.fromkeys(keys):
        first, last = parts[-1] if parts else ("", "")
        if last and key[1:].isdigit() and last[1:].isdigit() and (key[0], int(key[1:])) == (last[0], int(last[1:]) + 1):
            parts[-1] = (first, key)
        else:
            parts.append((key, key))
    return "+".join(first if first == last else f"{first}-{last}" for first, last in parts)
