"""Do what the rows of a file ask for, each judged alone, inside one transaction."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from lrflow import store
from lrflow.catalogue import KINDS
from lrflow.database import Unit
from lrflow.errors import LrflowError, Misused
from lrflow.facts import Record, text_of
from lrflow.lists.implied import day_of_answer, differing, entailed_state, kind_of_organisation
from lrflow.lists.known import Known, facts_with, said
from lrflow.lists.likeness import folded
from lrflow.lists.people import ANSWERS, About, People
from lrflow.lists.values import edited_values, missing_values, row_values
from lrflow.lists.wishes import ORDER, Answers, Bad, Done, Outcome, Wish
from lrflow.machine import Decision
from lrflow.store import Act, Standing
from lrflow.tracks.editing import edit_shared_one, write_edit
from lrflow.tracks.marking import step_over, taken_along
from lrflow.tracks.placing import introduce, with_defaults, write_new

SHARED = ("organisation", "person")
_OF_PERSON = ("participant", "champion")
_OF_ALLIANCE = ("delegation", "offer", "sharing")


class Applying:
    """One import on its way: what is known so far, and what came of each row."""

    def __init__(self, unit: Unit, standing: Standing, act: Act, answers: Answers, wishes: Sequence[Wish]) -> None:
        self.unit = unit
        self.standing = standing
        self.act = act
        self.known = Known(unit, standing)
        self.known.expected = frozenset(" ".join(each.organisation.split()) for each in wishes if each.organisation)
        self.outcome = Outcome()
        self.people = People(self.known, answers, self.outcome, wishes)
        self._seen: dict[tuple[str, str], Wish] = {}  # which row spoke of a record first
        self._moves: list[tuple[Record, Wish]] = []
        self._planned = tuple(self.known.of("checkin"))

    def apply(self, wishes: Sequence[Wish], step: Callable[[], None]) -> Outcome:
        """Carry out *wishes* kind by kind, what others refer to before them; *step* is called before each."""
        for kind in ORDER:
            own = [each for each in wishes if each.kind == kind]
            for wish in own:
                step()
                self._one(wish)
            if own:
                self._look_again()
                self._move()
        self.outcome.entry = self.standing.batch.route or self.standing.batch.shared
        self.outcome.bad = [self._with_alliance(each) for each in self.outcome.bad]
        return self.outcome

    def _with_alliance(self, bad: Bad) -> Bad:
        """*bad*, with the alliance that is added when the row comes in: whoever corrects it should know that too."""
        name = bad.wish.organisation
        if not self.standing.route.id or not name or "organisation" in bad.wish.faulty:
            return bad
        if self.known.organisation(name) is not None:
            return bad
        says = f"{bad.wish.called('organisation')}: {name!r} is not known, and is added with this row"
        return replace(bad, problems=(*bad.problems, says))

    def _one(self, wish: Wish) -> None:
        try:
            with self._alone():
                if wish.kind in SHARED:
                    self._shared(wish)
                else:
                    self._of_route(wish)
        except LrflowError as fault:
            problems = fault.problems if isinstance(fault, _Problems) else (said(fault),)
            self.outcome.bad.append(Bad(wish, tuple(problems)))

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """A row that fails leaves nothing behind, in the database or in what is known of the command."""
        batch = self.standing.batch
        before, done = (batch.route, batch.shared, dict(batch.numbers)), len(self.outcome.done)
        added = len(self.outcome.new_organisations)
        self.known.begin_row()
        try:
            with self.unit.attempt():
                yield
        except LrflowError:
            batch.route, batch.shared, batch.numbers = before
            self.known.forget_row()
            del self.outcome.done[done:], self.outcome.new_organisations[added:]
            raise

    def _look_again(self) -> None:
        self.standing = self.standing.seeing(facts_with(self.standing.facts, self.known))

    # ------------------------------------------------------------------------------------------------- of a route

    def _of_route(self, wish: Wish) -> None:
        if not self.standing.route.id:
            raise Misused(f"{KINDS[wish.kind].plural} belong to a route, and there is none yet")
        values, about = self._read(wish)
        record = self._record(wish)
        if record is None:
            values |= self._bearers(wish, about, values)
            is_other = wish.key == "new" and wish.kind not in _OF_PERSON  # a new person has no record yet
            record = self.known.twin(wish.kind, values) if not is_other else None
        values |= day_of_answer(wish, record, values, self.known, self.act.day)
        if record is None:
            self._add(wish, values)
            self.people.remember(wish, about)
            return
        self._check_first(wish, record)
        changed = edited_values(wish, values)
        if self._is_edited_by_two(wish, record, changed):
            return
        self._change(wish, record, changed)
        self.people.remember(wish, about)

    def _read(self, wish: Wish) -> tuple[dict[str, Any], About | None]:
        """The values of a row, and whom it is about. Whoever corrects a row wants to know all its faults at once."""
        values, problems = row_values(wish, self.known, self.standing)
        problems = [*wish.problems, *problems]
        about = self.people.of_row(wish, problems) if wish.kind != "organisation" else None
        if wish.key in ANSWERS and not self._is_known(wish, values, about):
            given = {name for name, value in values.items() if value not in (None, "")}
            problems += missing_values(wish, given | _borne(wish, about))
        if problems:
            raise _Problems("the row cannot be read", problems=problems)
        return values, about

    def _is_known(self, wish: Wish, values: dict[str, Any], about: About | None) -> bool:
        """Whether the row is about a record that is there already, and need not say all of it again."""
        bearers: dict[str, Any] = {}
        if about is not None and about.known is not None:
            bearers["person"] = int(about.known.key)
        if about is not None and about.organisation is not None:
            bearers["organisation"] = about.organisation
        return self.known.twin(wish.kind, {**bearers, **values}) is not None

    def _record(self, wish: Wish) -> Record | None:
        if wish.key in ANSWERS:
            return None
        record = self.known.record(wish.kind, wish.key)
        if record is None:
            raise Misused(f"there is no {wish.kind} {wish.key}")
        return record

    def _bearers(self, wish: Wish, about: About | None, values: dict[str, Any]) -> dict[str, Any]:
        """The person, the alliance and the delegation a new row is of; made where they are new."""
        if about is None:
            return {}
        if wish.kind in _OF_ALLIANCE:
            organisation = self._organisation(about)
            return {"organisation": organisation} if organisation is not None else {}
        found: dict[str, Any] = {"person": self._person(wish, about)} if wish.kind in _OF_PERSON else {}
        if wish.kind == "participant" and about.organisation is not None and values.get("delegation") is None:
            found["delegation"] = self._delegation(about.organisation).key
        return found

    def _organisation(self, about: About) -> int | None:
        return self.people.organisation_of(about, lambda values: self._introduce("organisation", values))

    def _person(self, wish: Wish, about: About) -> int:
        organisation = self._organisation(about)
        own = {"organisation": organisation} if organisation is not None else {}
        if about.known is None:
            return int(self._introduce("person", {**about.values, **own}).key)
        if about.known["organisation"] is None:
            about.values |= own
        self._edit_shared(about.known, {name: each for name, each in about.values.items() if each is not None})
        return int(about.known.key)

    def _delegation(self, organisation: int) -> Record:
        found = self.known.twin("delegation", {"organisation": organisation})
        if found is not None:
            return found
        is_visiting = organisation != self.standing.facts.route["host"]
        return self._write("delegation", {"organisation": organisation, "visiting": is_visiting})

    def _introduce(self, kind: str, values: dict[str, Any]) -> Record:
        self.standing.require_edit(kind)
        number, _ = introduce(self.unit, self.standing, self.act, kind, values)
        record = Record(kind, str(number), {**values, "id": number, "version": 1})
        self.known.learn(record)
        self.outcome.done.append(Done(kind, record.key, str(values["name"]), "added"))
        return record

    def _write(self, kind: str, values: dict[str, Any]) -> Record:
        self.standing.require_edit(kind)
        filled = {name: each for name, each in values.items() if each is not None}
        given = with_defaults(kind, filled, self._facts(kind))
        record, _ = write_new(self.unit, self.standing, self.act, kind, given)
        gone = self.known.gone(kind, record.values)
        self.known.learn(record)
        if gone is not None:
            self.known.note(f"{self.known.called(record)}: {gone.key} ({gone.state}) comes again as {record.key}")
        elif kind == "checkin" and any(each["delegation"] == given["delegation"] for each in self._planned):
            self.known.note(f"{record.key} is a new check-in: none was planned for month {record['month']}")
        self.outcome.done.append(Done(kind, record.key, self.known.called(record), "added"))
        return record

    def _facts(self, kind: str) -> Any:
        """What defaults are taken from; only a plan asks, and then for its delegation and alliance."""
        return facts_with(self.standing.facts, self.known) if kind == "plan" else self.standing.facts

    def _add(self, wish: Wish, values: dict[str, Any]) -> None:
        if wish.kind == "delegation" and values.get("visiting") is None:
            values = {**values, "visiting": values.get("organisation") != self.standing.facts.route["host"]}
        record = self._write(wish.kind, values)
        self._seen[(record.kind, record.key)] = wish
        self._after(wish, record)

    def _check_first(self, wish: Wish, record: Record) -> None:
        first = self._seen.setdefault((record.kind, record.key), wish)
        if first is not wish:
            both = f"both are {record.key if KINDS[record.kind].letter else ''} {self.known.called(record)}"
            more = "".join(f"; {each}" for each in differing(wish, first))
            raise Misused(f"repeats {first.spot.seen_from(wish.spot)}: {' '.join(both.split())}{more}")

    def _is_edited_by_two(self, wish: Wish, record: Record, changed: dict[str, Any]) -> bool:
        """List a row whose record was changed by someone else since the workbook was written."""
        differs = store.differences(record, changed)
        moved = wish.state and wish.state != record.state
        if not wish.is_stale or not (differs or moved or self.people.changes_of(wish, record, self.known)):
            return False
        says = [
            f"{each['field']} is {text_of(each['before'])} now, {text_of(each['after'])} in the file"
            for each in differs
        ]
        says += [f"state is {record.state} now, {wish.state} in the file"] if moved else []
        reason = f"{record.key} was changed since this file was written: {'; '.join(map(str, says)) or 'its person'}"
        self.outcome.conflicts.append(Bad(wish, (reason,)))
        return True

    def _change(self, wish: Wish, record: Record, changed: dict[str, Any]) -> None:
        own = store.differences(record, changed)
        if own:
            self.standing.require_edit(record.kind)
            edited = write_edit(self.unit, self.standing, self.act, record, changed)
            record = edited or record
            self.known.learn(record)
            self.outcome.done.append(Done(record.kind, record.key, self.known.called(record), "changed", tuple(own)))
        personal = self.people.changes_of(wish, record, self.known)
        if personal:
            self._edit_shared(self.known.shared[("person", int(record["person"]))], personal)
        if not own and not personal and (not wish.state or wish.state == record.state):
            self.outcome.same[record.kind] = self.outcome.same.get(record.kind, 0) + 1
        self._after(wish, record)

    def _after(self, wish: Wish, record: Record) -> None:
        """What a row says beside its own record: who leads, what speaks for an experience, which state it is in."""
        if wish.leads and record.kind == "participant":
            delegation = self.known.record("delegation", str(record["delegation"]))
            if delegation is not None and delegation["lead"] is None:
                self._lead(delegation, int(record["person"]))
        for claims, what in wish.evidence:
            self._evidence(wish, record, claims, what)
        if wish.is_foreign and not wish.state and self._is_at_first(record):
            wish.state = entailed_state(record)
        if wish.state and wish.state != record.state:
            self._moves.append((record, wish))

    def _is_at_first(self, record: Record) -> bool:
        life = self.standing.definition.lives.get(record.kind)
        return life is not None and bool(life.path) and record.state == life.path[0]

    def _lead(self, delegation: Record, person: int) -> None:
        edited = write_edit(self.unit, self.standing, self.act, delegation, {"lead": person})
        self.known.learn(edited or delegation)
        change = {"of": delegation.key, "field": "lead", "before": None, "after": person}
        self.outcome.done.append(
            Done("delegation", delegation.key, self.known.called(delegation), "changed", (change,))
        )

    def _evidence(self, wish: Wish, record: Record, claims: str, what: str) -> None:
        claimed = [each for each in ("good_practice", "innovation") if record[each]]
        wanted = [each for word in claims.split("+") for each in (claimed if word == "claimed" else [word])]
        values = {"about": record.key, "what": what, "claims": list(dict.fromkeys(wanted))}
        if wanted and self.known.twin("evidence", values) is None:
            self._write("evidence", {**values, "source": wish.spot.file, "on": self.act.day.isoformat()})

    # ---------------------------------------------------------------------------------------- shared by all routes

    def _shared(self, wish: Wish) -> None:
        values, about = self._read(wish)
        if wish.key.isdigit() and (wish.kind, int(wish.key)) not in self.known.shared:
            raise Misused(f"there is no {wish.kind} {wish.key}")
        record = self.known.shared.get((wish.kind, int(wish.key))) if wish.key.isdigit() else None
        if about is not None:  # a person
            if about.organisation_text and values.get("organisation") is None:
                values = {**values, "organisation": self._organisation(about)}
            values = {**(about.values if record is None else {}), **values}
            record = record or about.known
        elif record is None and (number := self.known.organisation(str(values["name"]))):
            record = self.known.shared[("organisation", number)]
            if folded(str(record["name"])) != folded(str(values["name"])):
                del values["name"]  # known by a short name, which stays as it is
        self._keep_shared(wish, values, record)
        self.people.remember(wish, about)

    def _keep_shared(self, wish: Wish, values: dict[str, Any], record: Record | None) -> None:
        if record is None:
            given = {name: each for name, each in values.items() if each is not None}
            record = self._introduce(wish.kind, {**given, **kind_of_organisation(wish, given)})
            self._seen[(record.kind, record.key)] = wish
            return
        self._check_first(wish, record)
        changed = edited_values(wish, values)
        if self._is_edited_by_two(wish, record, changed):
            return
        if not self._edit_shared(record, changed):
            self.outcome.same[record.kind] = self.outcome.same.get(record.kind, 0) + 1

    def _edit_shared(self, record: Record, values: dict[str, Any]) -> bool:
        """Change a person or an organisation where *values* differ; whether they did."""
        changes = store.differences(record, values)
        if not changes:
            return False
        self._check_unlike(record, values)
        edited = edit_shared_one(self.unit, self.standing, self.act, record, values)
        self.known.learn(edited)
        self.outcome.done.append(Done(record.kind, record.key, str(edited["name"]), "changed", tuple(changes)))
        return True

    def _check_unlike(self, record: Record, values: dict[str, Any]) -> None:
        """Refuse a name or an address that is another's."""
        name, email = values.get("name"), values.get("email")
        other = self.known.organisations.get(folded(str(name))) if record.kind == "organisation" and name else None
        if other not in (None, int(record.key)):
            raise Misused(f"{record['name']} cannot be renamed {name}: another organisation is called so")
        owner = self.known.by_email.get(str(email).casefold()) if record.kind == "person" and email else None
        if owner is not None and owner.key != record.key:
            raise Misused(f"{email} is the address of {owner['name']}")

    # ------------------------------------------------------------------------------------------------------ states

    def _move(self) -> None:
        """Judge the changed State cells, each record alone, as `mark` does."""
        for record, wish in self._moves:
            now = self.known.record(record.kind, record.key) or record
            act = replace(
                self.act, reason=wish.texts.get("why", "")
            )  # that it came from a file is no reason for a move
            there, decision = self._step(act, now, wish.state)
            if there is None:
                why = decision.says or "; ".join(f"{each.guard}: {each.says}" for each in decision.blocking)
                self.outcome.bad.append(Bad(wish, (f"{record.key} cannot become {wish.state}: {why}",)))
                continue
            for other, goal in taken_along(self.standing, now, wish.state):
                self._step(act, self.known.record(other.kind, other.key) or other, goal)
        self._moves.clear()
        self._look_again()

    def _step(self, act: Act, record: Record, state: str) -> tuple[Record | None, Decision]:
        self.standing.require_edit(record.kind)
        there, decision = step_over(self.unit, self.standing, act, record, state, {})
        if there is not None:
            self.known.learn(there)
            done = Done(record.kind, record.key, self.known.called(record), "marked", (), f"{record.state} -> {state}")
            self.outcome.done.append(done)
        return there, decision


def _borne(wish: Wish, about: About | None) -> set[str]:
    """The fields that whom a row is about fills."""
    is_named = about is not None and (about.organisation is not None or bool(about.organisation_text))
    return {"delegation", "organisation"} if is_named else set()


class _Problems(Misused):
    """Everything that is wrong with one row."""
