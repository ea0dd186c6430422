"""Who the rows of a list speak of: the person, the alliance, known already or new, one or perhaps two."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from lrflow.catalogue import KINDS
from lrflow.catalogue.reading import read_value
from lrflow.errors import LrflowError
from lrflow.facts import Record
from lrflow.lists.known import Known, said
from lrflow.lists.likeness import Index, folded, near
from lrflow.lists.wishes import Answers, Outcome, Question, Wish

_WITH_PERSON = ("participant", "champion", "person")


@dataclass(slots=True)
class About:
    """Whom one row is about: the person's values, the person if known, the alliance or its name where it is new."""

    values: dict[str, Any]
    known: Record | None = None
    organisation: int | None = None
    organisation_text: str = ""
    country: str | None = None


class People:
    """Finds the people and alliances of the rows, and asks where only a person can say who is meant."""

    def __init__(self, known: Known, answers: Answers, outcome: Outcome, wishes: Sequence[Wish]) -> None:
        self.known = known
        self.answers = answers
        self.outcome = outcome
        names = [each.person.get("name", "") for each in wishes if each.person.get("name")]
        self._names = Index.of([*names, *(str(each["name"]) for each in known.by_email.values())]) if names else None
        self._rows: dict[str, list[Wish]] = {}
        for wish in wishes:
            if wish.person.get("name"):
                self._rows.setdefault(wish.person["name"], []).append(wish)

    def of_row(self, wish: Wish, problems: list[str]) -> About | None:
        """Whom *wish* is about; what is wrong is added to *problems*. None where a row is about nobody."""
        if not wish.person and not wish.organisation:
            return None
        about = About({}, country=_country(wish, problems))
        self._read_person(wish, about, problems)
        if wish.organisation:
            self._find_organisation(wish, about, problems)
        if wish.kind in _WITH_PERSON and not problems and not wish.key.strip("new"):
            self._find_person(wish, about, problems)
        return about

    def _read_person(self, wish: Wish, about: About, problems: list[str]) -> None:
        for name, text in wish.person.items():
            described = KINDS["person"].field(name)
            if described is None or described.type == "ref" or (not text.strip() and wish.is_foreign):
                continue
            try:
                about.values[name] = read_value(described, text, self.known.facts.today) if text.strip() else None
            except LrflowError as fault:
                problems.append(f"{name}: {said(fault)}")
        if wish.kind in _WITH_PERSON and not wish.key and not (wish.person.get("name") or wish.person.get("email")):
            problems.append("name: nobody is named in this row")

    # --------------------------------------------------------------------------------------------------- alliances

    def _find_organisation(self, wish: Wish, about: About, problems: list[str]) -> None:
        name = " ".join(wish.organisation.split())
        about.organisation = self.known.organisation(name)
        if about.organisation is not None:
            return
        answer = self.answers.to("organisation", folded(name))
        alike = self.known.near_organisations(name)
        if answer and answer not in ("add", "leave out"):
            about.organisation = self.known.organisation(answer)
        elif answer == "add" or (self.answers.adds_organisations and not alike):
            about.organisation_text = name
        else:
            self._ask_organisation(name, alike, wish, problems)

    def _ask_organisation(self, name: str, alike: Sequence[str], wish: Wish, problems: list[str]) -> None:
        hint = f", did you mean {alike[0]}?" if alike else ""
        where = f" country={wish.country.upper()}" if len(wish.country) == 2 else ""
        problems.append(f'organisation: {name!r} is not known{hint} (lrflow add organisation "{name}" kind=csa{where})')
        if len(problems) == 1:  # a row with other faults stays out whatever is answered
            choices = (*alike[:3], "add", "leave out")
            says = f"{name!r} is not known as an organisation{hint}"
            self._ask(Question("organisation", folded(name), says, choices))

    def organisation_of(self, about: About, make: Callable[[dict[str, Any]], Record]) -> int | None:
        """The number of the alliance; *make* adds it where it is new and wanted."""
        if about.organisation is None and about.organisation_text:
            known = self.known.organisation(about.organisation_text)
            values = {"name": about.organisation_text, "kind": "csa", "country": about.country}
            given = {name: value for name, value in values.items() if value is not None}
            if known is None:
                self.outcome.new_organisations.append(about.organisation_text)
            about.organisation = known if known is not None else int(make(given).key)
        return about.organisation

    # ------------------------------------------------------------------------------------------------------ people

    def _find_person(self, wish: Wish, about: About, problems: list[str]) -> None:
        email, name = str(about.values.get("email") or ""), str(about.values.get("name") or "")
        about.known = self.known.by_email.get(email.casefold()) if email else None
        if about.known is not None or not name:
            if about.known is None:
                problems.append(f"name: {email} is new, and has no name")
            return
        namesake = self.known.person(name, about.organisation)
        if namesake is not None and wish.key != "new":
            if not email or not namesake["email"]:
                about.known = namesake
                return
            self._may_be(wish, about, namesake, problems)
            return
        for alike in self._alike(wish, name, about) if wish.key != "new" else ():
            self._may_be(wish, about, alike, problems)
            return

    def _alike(self, wish: Wish, name: str, about: About) -> list[Record]:
        """People already known whose name is nearly the same, of the same alliance or of none."""
        if self._names is None:
            return []
        found: list[Record] = []
        for other in near(name, self._names):
            person = self.known.person(other)
            if person is not None and person["organisation"] in (None, about.organisation):
                found.append(person)
        return found

    def _may_be(self, wish: Wish, about: About, person: Record, problems: list[str]) -> None:
        answer = self.answers.to("twin", f"{wish.spot}")
        if answer == "same":
            about.known = person
        elif answer != "different":
            who = f"{person['name']} <{person['email'] or 'no address'}>"
            problems.append(f"name: may be {who}, who is known already; write 'new' into the column id if not")
            if len(problems) == 1:
                says = f"{wish.spot}: is {about.values['name']} <{about.values.get('email') or 'no address'}> {who}?"
                self._ask(Question("twin", f"{wish.spot}", says, ("same", "different", "leave out")))

    def _ask(self, question: Question) -> None:
        if all((each.sort, each.about) != (question.sort, question.about) for each in self.outcome.questions):
            self.outcome.questions.append(question)

    def changes_of(self, wish: Wish, record: Record, known: Known) -> dict[str, Any]:
        """What a row changes of the person behind a participant or champion."""
        if record.kind not in ("participant", "champion") or not wish.person:
            return {}
        person = known.shared.get(("person", int(record["person"])))
        if person is None:
            return {}
        about = About({})
        problems: list[str] = []
        self._read_person(wish, about, problems)
        return {name: value for name, value in about.values.items() if person[name] != value}


def _country(wish: Wish, problems: list[str]) -> str | None:
    described = KINDS["organisation"].field("country")
    if not wish.country or described is None:
        return None
    try:
        return str(read_value(described, wish.country, date.min))
    except LrflowError as fault:
        problems.append(f"country: {said(fault)}")
        return None
