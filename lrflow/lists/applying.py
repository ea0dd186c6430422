"""Do what the rows of a file ask for, each judged alone, inside one transaction."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from lrflow import store
from lrflow.catalogue import KINDS
from lrflow.database import Unit
from lrflow.errors import LrflowError, Misused
from lrflow.facts import Record, text_of
from lrflow.lists.known import Known, facts_with, said
from lrflow.lists.people import People
from lrflow.lists.values import edited_values, row_values
from lrflow.lists.wishes import ORDER, Answers, Bad, Done, Outcome, Wish
from lrflow.machine import Decision
from lrflow.store import Act, Standing
from lrflow.tracks.editing import edit_shared_one, write_edit
from lrflow.tracks.marking import step_over, taken_along
from lrflow.tracks.placing import check_required, introduce, with_defaults, write_new

SHARED = ("organisation", "person")


class Applying:
    """One import on its way: what is known so far, and what came of each row."""

    def __init__(self, unit: Unit, standing: Standing, act: Act, answers: Answers, wishes: Sequence[Wish]) -> None:
        self.unit = unit
        self.standing = standing
        self.act = act
        self.known = Known(unit, standing)
        self.outcome = Outcome()
        self.people = People(self.known, answers, self.outcome, wishes)
        self._seen: dict[tuple[str, str], Wish] = {}  # which row spoke of a record first
        self._moves: list[tuple[Record, Wish]] = []

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
        return self.outcome

    def _one(self, wish: Wish) -> None:
        if wish.problems:
            self.outcome.bad.append(Bad(wish, (*wish.problems, *self._more_problems(wish))))
            return
        try:
            with self._alone():
                if wish.kind in SHARED:
                    self._shared(wish)
                else:
                    self._of_route(wish)
        except LrflowError as fault:
            problems = fault.problems if isinstance(fault, _Problems) else (said(fault),)
            self.outcome.bad.append(Bad(wish, tuple(problems)))

    def _more_problems(self, wish: Wish) -> list[str]:
        """What else is wrong with a row that stays out: whoever corrects it wants to know all at once."""
        _, problems = row_values(wish, self.known, self.standing)
        if wish.organisation and self.known.organisation(wish.organisation) is None:
            problems.append(f"organisation: {wish.organisation!r} is not known")
        return problems

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """A row that fails leaves nothing behind, in the database or in what is known of the command."""
        batch = self.standing.batch
        before, done = (batch.route, batch.shared, dict(batch.numbers)), len(self.outcome.done)
        self.known.begin_row()
        try:
            with self.unit.attempt():
                yield
        except LrflowError:
            batch.route, batch.shared, batch.numbers = before
            self.known.forget_row()
            del self.outcome.done[done:]
            raise

    def _look_again(self) -> None:
        self.standing = self.standing.seeing(facts_with(self.standing.facts, self.known))

    # ------------------------------------------------------------------------------------------------- of a route

    def _of_route(self, wish: Wish) -> None:
        if not self.standing.route.id:
            raise Misused(f"{KINDS[wish.kind].plural} belong to a route, and there is none yet")
        values, problems = row_values(wish, self.known, self.standing)
        about = self.people.of_row(wish, problems)
        if problems:
            raise _Problems("the row cannot be read", problems=problems)
        record = self._record(wish)
        if record is None:
            values |= self._bearers(wish, about, values)
            record = self.known.twin(wish.kind, values) if not wish.key else None
        if record is None:
            self._add(wish, values)
            return
        self._check_first(wish, record)
        changed = edited_values(wish, values)
        if self._is_edited_by_two(wish, record, changed):
            return
        self._change(wish, record, changed)

    def _record(self, wish: Wish) -> Record | None:
        if not wish.key or wish.key == "new":
            return None
        record = self.known.record(wish.kind, wish.key)
        if record is None:
            raise Misused(f"there is no {wish.kind} {wish.key}")
        return record

    def _bearers(self, wish: Wish, about: Any, values: dict[str, Any]) -> dict[str, Any]:
        """The person and the delegation a new row is of; made where they are new."""
        found: dict[str, Any] = {}
        if about is not None:
            found["person"] = self._person(wish, about)
        is_sent = wish.kind == "participant" and about is not None and about.organisation is not None
        if is_sent and values.get("delegation") is None:
            found["delegation"] = self._delegation(about.organisation).key
        if wish.kind == "delegation" and about is not None and about.organisation is not None:
            found = {"organisation": about.organisation}
        return found

    def _person(self, wish: Wish, about: Any) -> int:
        organisation = self.people.organisation_of(about, lambda values: self._introduce("organisation", values))
        if about.known is None:
            values = {**about.values, **({"organisation": organisation} if organisation is not None else {})}
            check_required(KINDS["person"], values)
            return int(self._introduce("person", values).key)
        gaps = {name: value for name, value in about.values.items() if value is not None}
        self._edit_shared(about.known, gaps)
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
        self.known.learn(record)
        self.outcome.done.append(Done(kind, record.key, self.called(record), "added"))
        return record

    def _facts(self, kind: str) -> Any:
        """What defaults are taken from; only a plan asks, and then for its delegation and alliance."""
        return facts_with(self.standing.facts, self.known) if kind == "plan" else self.standing.facts

    def called(self, record: Record) -> str:
        """What people call it."""
        for name, kind in (("person", "person"), ("organisation", "organisation")):
            number = record[name]
            if isinstance(number, int) and (shared := self.known.shared.get((kind, number))):
                return str(shared["name"])
        words = (record[name] for name in ("title", "what", "name", "experience", "kind", "sort", "delegation"))
        return str(next((word for word in words if word), ""))

    def _add(self, wish: Wish, values: dict[str, Any]) -> None:
        record = self._write(wish.kind, values)
        self._seen[(record.kind, record.key)] = wish
        self._after(wish, record)

    def _check_first(self, wish: Wish, record: Record) -> None:
        first = self._seen.setdefault((record.kind, record.key), wish)
        if first is not wish:
            raise Misused(f"repeats row {first.spot.line}: both are {record.key} {self.called(record)}".strip())

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
            self.outcome.done.append(Done(record.kind, record.key, self.called(record), "changed", tuple(own)))
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
        if wish.state and wish.state != record.state:
            self._moves.append((record, wish))

    def _lead(self, delegation: Record, person: int) -> None:
        edited = write_edit(self.unit, self.standing, self.act, delegation, {"lead": person})
        self.known.learn(edited or delegation)
        change = {"of": delegation.key, "field": "lead", "before": None, "after": person}
        self.outcome.done.append(Done("delegation", delegation.key, self.called(delegation), "changed", (change,)))

    def _evidence(self, wish: Wish, record: Record, claims: str, what: str) -> None:
        claimed = [each for each in ("good_practice", "innovation") if record[each]]
        wanted = [each for word in claims.split("+") for each in (claimed if word == "claimed" else [word])]
        values = {"about": record.key, "what": what, "claims": list(dict.fromkeys(wanted))}
        if wanted and self.known.twin("evidence", values) is None:
            self._write("evidence", {**values, "source": wish.spot.file, "on": self.act.day.isoformat()})

    # ---------------------------------------------------------------------------------------- shared by all routes

    def _shared(self, wish: Wish) -> None:
        values, problems = row_values(wish, self.known, self.standing)
        about = self.people.of_row(wish, problems) if wish.kind == "person" else None
        if problems:
            raise _Problems("the row cannot be read", problems=problems)
        if wish.kind == "person":
            record = self.known.shared.get(("person", int(wish.key))) if wish.key.isdigit() else None
            self._shared_person(wish, values, about, record)
            return
        number = int(wish.key) if wish.key.isdigit() else self.known.organisation(str(values.get("name") or ""))
        record = self.known.shared.get(("organisation", number)) if number else None
        if wish.key.isdigit() and record is None:
            raise Misused(f"there is no {wish.kind} {wish.key}")
        self._keep_shared(wish, values, record)

    def _shared_person(self, wish: Wish, values: dict[str, Any], about: Any, record: Record | None) -> None:
        if wish.key.isdigit() and record is None:
            raise Misused(f"there is no person {wish.key}")
        if about is not None and about.organisation_text and values.get("organisation") is None:
            make = self.people.organisation_of(about, lambda each: self._introduce("organisation", each))
            values = {**values, "organisation": make}
        known = record or (about.known if about is not None else None)
        self._keep_shared(wish, {**(about.values if about is not None and not record else {}), **values}, known)

    def _keep_shared(self, wish: Wish, values: dict[str, Any], record: Record | None) -> None:
        if record is None:
            given = {name: each for name, each in values.items() if each is not None}
            check_required(KINDS[wish.kind], given)
            record = self._introduce(wish.kind, given)
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
        edited = edit_shared_one(self.unit, self.standing, self.act, record, values)
        self.known.learn(edited)
        self.outcome.done.append(Done(record.kind, record.key, str(edited["name"]), "changed", tuple(changes)))
        return True

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
            done = Done(record.kind, record.key, self.called(record), "marked", (), f"{record.state} -> {state}")
            self.outcome.done.append(done)
        return there, decision


class _Problems(Misused):
    """Everything that is wrong with one row."""


def ordered(wishes: Iterable[Wish]) -> list[Wish]:
    """*wishes* in the order of their places in the file."""
    return sorted(wishes, key=lambda each: (each.spot.file, each.spot.sheet, each.spot.line))
