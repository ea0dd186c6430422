"""Which record a cell names: by its id, its title or a part of it, its person, its alliance."""

import re
from collections.abc import Sequence

from lrflow.catalogue import KINDS, Field, kind_of_key, read_key, split_keys
from lrflow.errors import Misused, NotFound
from lrflow.lists.known import Known
from lrflow.lists.likeness import folded
from lrflow.lists.places import named_country

_ADDRESS = re.compile(r"[^\s<>()\[\],;]+@[^\s<>()\[\],;]+")
_BETWEEN = (r"[;\n|•+]", r"[,/&]", r"\s(?:et|and|y|e)\s")  # what parts several names, the surest first
_SHORTEST_PART = 4  # letters: less of a title says too little
_NUMBERED = re.compile(r"\(no\. (\d+)\)$")  # how a workbook tells two of the same name apart
_EXPERIENCE = next(each for each in KINDS["case"].fields if each.to == "experience")


def reference(known: Known, field: Field, text: str) -> str | int:
    """The id of what *text* names, for a field that refers to one record.

    A part of a title will do where only one has it, and is noted. `NotFound` and `Misused` say what there is.
    """
    numbered = _NUMBERED.search(text)
    if numbered and (field.to, int(numbered[1])) in known.shared:
        return int(numbered[1])
    if field.to == "organisation":
        found = known.organisation(text)
        return found if found is not None else _unknown_organisation(known, text)
    if field.to == "person":
        return _person(known, text)
    key = read_key(text)
    if key:
        return _by_key(known, field.to, key)
    keys = known.titled(field.to, text) or _by_bearer(known, field.to, text) or _by_part(known, field.to, text)
    if len(keys) == 1:
        return keys[0]
    raise Misused(f"{text!r} may mean {', '.join(keys)}") if keys else _unknown(known, field.to, text)


def references(known: Known, field: Field, text: str) -> list[str | int]:
    """The ids of all that *text* names, parted by signs or by "and"; a title that holds such a sign stays whole."""
    keys = [key for part in re.split(r"[+,;\s]+", text) for key in (split_keys(part) or [""])]
    if all(keys):
        return list(dict.fromkeys(_by_key(known, field.to, key) for key in keys))
    return list(dict.fromkeys(_several(known, field, text, _BETWEEN)))


def about(known: Known, text: str) -> str:
    """The id of the record that evidence speaks for: an id, or the title of an experience."""
    key = read_key(text)
    if key is None:
        return str(reference(known, _EXPERIENCE, text))
    if all(known.record(kind, key) is None for kind in kind_of_key(key)):
        raise NotFound(f"there is no {key}")
    return key


def _by_key(known: Known, kind: str, key: str) -> str:
    if known.record(kind, key) is None:
        raise NotFound(f"there is no {kind} {key}")
    return key


def _several(known: Known, field: Field, text: str, signs: Sequence[str]) -> list[str | int]:
    try:
        return [reference(known, field, text.strip())]
    except NotFound:
        pieces = [piece for piece in re.split(signs[0], text) if piece.strip()] if signs else []
        if not signs or (len(pieces) < 2 and len(signs) == 1):
            raise
        return [key for piece in pieces for key in _several(known, field, piece, signs[1:])]


def _by_bearer(known: Known, kind: str, text: str) -> list[str]:
    """A delegation by its alliance, a plan by the only one of an alliance, a participant or champion by the person."""
    if kind in ("delegation", "plan"):
        number = known.organisation(text) or _alliance_of(known, text)
        twin = known.twin("delegation", {"organisation": number}) if number is not None else None
        if twin is None or kind == "delegation":
            return [twin.key] if twin else []
        return [each.key for each in known.of("plan") if each["delegation"] == twin.key]
    if kind not in ("participant", "champion"):
        return []
    address = _ADDRESS.search(text)
    person = known.by_email.get(address[0].casefold()) if address else known.person(text)
    twin = known.twin(kind, {"person": int(person.key)}) if person else None
    return [twin.key] if twin else []


def _alliance_of(known: Known, text: str) -> int | None:
    """The only alliance of the country that *text* names, if it names one."""
    code = named_country(text)
    return known.alliance_of(code) if code else None


def _by_part(known: Known, kind: str, text: str) -> list[str]:
    found = known.with_words(kind, text) if len(folded(text)) >= _SHORTEST_PART else []
    if len(found) == 1:
        known.note(f"{text!r} is taken for {found[0].key} {known.called(found[0])}")
    return [each.key for each in found]


def _person(known: Known, text: str) -> int:
    address = _ADDRESS.search(text)
    found = known.by_email.get(address[0].casefold()) if address else known.person(text)
    if found is not None:
        return int(found.key)
    same = known.by_name.get(folded(text), [])
    if len(same) > 1:
        raise Misused(f"{len(same)} people are called {text!r}: give the address")
    name = " ".join(text.replace(address[0], " ").strip(" <>()").split()) if address else text
    raise NotFound(f'nobody is known as {text!r} (lrflow add person "{name}" {address[0] if address else "EMAIL"})')


def _unknown_organisation(known: Known, text: str) -> int:
    raise NotFound(f"{text!r} is not known as an organisation{_hint(known.near_organisations(text))}")


def _unknown(known: Known, kind: str, text: str) -> NotFound:
    if kind == "delegation":
        return NotFound(f"there is no delegation of {text!r}{_hint(known.near_organisations(text))}")
    return NotFound(f"there is no {kind} {text!r}{_hint(known.near_titles(kind, text))}")


def _hint(near: Sequence[str]) -> str:
    return f", did you mean {near[0]}?" if near else ""
