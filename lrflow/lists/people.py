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
from lrflow.lists.places import named_country
from lrflow.lists.wishes import Answers, Outcome, Question, Spot, Wish

ANSWERS = ("", "new", "same")  # what a column id may say instead of an id
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
        self._addresses: dict[str, tuple[str, Spot]] = {}  # under which name an address came in, and where

    def of_row(self, wish: Wish, problems: list[str]) -> About | None:
        """Whom *wish* is about; what is wrong is added to *problems*. None where a row is about nobody."""
        if not wish.person and not wish.organisation and wish.kind not in _WITH_PERSON:
            return None
        about = About({}, country=_country(wish, problems))
        self._read_person(wish, about, problems)
        if wish.organisation:
            self._find_organisation(wish, about, problems)
        elif wish.kind == "participant" and wish.is_foreign and "organisation" not in wish.titles:
            self._find_by_country(wish, about)
        if wish.kind in _WITH_PERSON and wish.key in ANSWERS and "name" not in wish.faulty:
            self._find_person(wish, about, problems)
        return about

    def remember(self, wish: Wish, about: About | None) -> None:
        """Keep under which name the address of *wish* came in, for the rows after it."""
        if about is not None and about.values.get("email"):
            named = (str(about.values.get("name") or ""), wish.spot)
            self._addresses.setdefault(str(about.values["email"]).casefold(), named)

    def _read_person(self, wish: Wish, about: About, problems: list[str]) -> None:
        for name, text in wish.person.items():
            described = KINDS["person"].field(name)
            if described is None or described.type == "ref" or (not text.strip() and wish.is_foreign):
                continue
            try:
                about.values[name] = read_value(described, text, self.known.facts.today) if text.strip() else None
            except LrflowError as fault:
                problems.append(f"{wish.called(name)}: {said(fault)}")
                wish.faulty.add(name)
        named = {"name", "email"} & (about.values.keys() | wish.faulty)
        if wish.kind in _WITH_PERSON and not wish.key and not named:
            problems.append(f"{wish.called('name')}: nobody is named in this row")

    # --------------------------------------------------------------------------------------------------- alliances

    def _find_organisation(self, wish: Wish, about: About, problems: list[str]) -> None:
        name = " ".join(wish.organisation.split())
        about.organisation = self.known.organisation(name)
        if about.organisation is not None:
            return
        if code := named_country(name):
            self._find_called_as_country(name, code, wish, about, problems)
            return
        answer = self.answers.to("organisation", folded(name))
        alike = self.known.near_organisations(name)
        if answer and answer not in ("add", "leave out"):
            about.organisation = self.known.organisation(answer)
        elif answer == "add" or (self.answers.adds_organisations and not alike):
            about.organisation_text = name
        else:
            self._ask_organisation(name, alike, wish, problems)

    def _find_called_as_country(self, name: str, code: str, wish: Wish, about: About, problems: list[str]) -> None:
        """No alliance is called Malawi: the only one of Malawi is meant, or it has to be said which."""
        about.organisation = self.known.alliance_of(code)
        if about.organisation is None:
            wish.faulty.add("organisation")
            problems.append(
                f"{wish.called('organisation')}: {name!r} is a country, and which alliance of it is meant is not known"
                f' (lrflow add organisation "NAME" kind=csa country={code})'
            )
            return
        called = self.known.shared[("organisation", about.organisation)]["name"]
        self.known.note(f"{name!r} is taken for {called}, the only alliance of it")

    def _find_by_country(self, wish: Wish, about: About) -> None:
        """Where a list names no alliances, the only one of a country is meant by it."""
        about.organisation = self.known.alliance_of(wish.country) if wish.country else None
        if about.organisation is not None and not wish.texts.get("delegation"):
            name = self.known.shared[("organisation", about.organisation)]["name"]
            self.known.note(f"no column names the alliances: who is from {wish.country} is taken to be of {name}")

    def _ask_organisation(self, name: str, alike: Sequence[str], wish: Wish, problems: list[str]) -> None:
        hint = f", did you mean {alike[0]}?" if alike else ""
        where = f" country={wish.country.upper()}" if len(wish.country) == 2 else ""
        wish.faulty.add("organisation")
        add = f'lrflow add organisation "{name}" kind=csa{where}'
        problems.append(
            f"{wish.called('organisation')}: {name!r} is not known{hint} ({'if it is another: ' if alike else ''}{add})"
        )
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
        if about.known is not None:
            self._check_owner(wish, about, email, name, problems)
        elif not name:
            if email:
                problems.append(f"{wish.called('name')}: {email} is new, and has no name")
        elif wish.key != "new":
            self._find_namesake(wish, about, email, name, problems)

    def _find_namesake(self, wish: Wish, about: About, email: str, name: str, problems: list[str]) -> None:
        """One of exactly that name and alliance is the same, unless the addresses differ; any other is asked about."""
        namesake = self.known.person(name, about.organisation)
        is_told_apart = email and namesake is not None and namesake["email"]
        if namesake is not None and not is_told_apart and not self._is_elsewhere(namesake, about):
            about.known = namesake
            return
        same = self.known.by_name.get(folded(name), [])
        for alike in [namesake] if namesake is not None else same[:1] or self._alike(wish, name, about):
            self._may_be(wish, about, alike, problems)
            return

    def _is_elsewhere(self, person: Record, about: About) -> bool:
        """Whether the row names another alliance than the one *person* is of, or travels with."""
        home = person["organisation"]
        if home is None:
            participant = self.known.twin("participant", {"person": int(person.key)})
            delegation = self.known.record("delegation", str(participant["delegation"])) if participant else None
            home = delegation["organisation"] if delegation else None
        named = about.organisation is not None or bool(about.organisation_text)
        return bool(home is not None and named and home != about.organisation)

    def _check_owner(self, wish: Wish, about: About, email: str, name: str, problems: list[str]) -> None:
        """Refuse, or ask about, an address that came with another person's name."""
        owner = about.known
        first, spot = self._addresses.get(email.casefold(), ("", wish.spot))
        if name and first and not may_be_one(name, first):
            whose = f"{email} is the address of {first} in {spot.seen_from(wish.spot)}"
            problems.append(f"{wish.called('email')}: {whose}; everybody needs one of their own")
        elif owner is not None and name and not first and not may_be_one(name, str(owner["name"])):
            self._may_be(wish, about, owner, problems)

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
        """Take *person* for the one meant if that was answered, in the list or to the question; else ask."""
        answer = wish.key or self.answers.to("twin", wish.spot.in_full)
        has_address = bool(about.values.get("email")) and person["email"] == about.values["email"]
        if answer == "same":
            about.known = person
        elif answer not in ("different", "new") or has_address:
            home = self.known.shared.get(("organisation", int(person["organisation"] or 0)))
            of = f" of {home['name']}" if home is not None else ""
            who = f"{person['name']} <{person['email'] or 'no address'}>{of}"
            new = "give another address if not" if has_address else "new if not"
            problems.append(
                f"{wish.called('name')}: may be {who}, known already; write same into the column id if so, {new}"
            )
            wish.lacks.add("id")
            if len(problems) == 1:
                says = f"{wish.spot}: is {about.values['name']} <{about.values.get('email') or 'no address'}> {who}?"
                choices = ("same", "leave out") if has_address else ("same", "different", "leave out")
                self._ask(Question("twin", wish.spot.in_full, says, choices))

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
        problems.append(f"{wish.called('country')}: {said(fault)}")
        return None


def may_be_one(name: str, other: str) -> bool:
    """Whether two names can be of one: they share a word, or the beginning of one."""
    mine, theirs = folded(name).split(), folded(other).split()
    return bool(set(mine) & set(theirs)) or any(one[:3] == two[:3] for one in mine for two in theirs if len(one) > 2)
