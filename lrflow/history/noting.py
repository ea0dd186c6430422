"""Write a line beside a record, for whoever comes after."""

from lrflow import store
from lrflow.database import Database
from lrflow.errors import Misused
from lrflow.store import Act
from lrflow.tracks.choosing import Which, choose

LONGEST = 2000


def note(database: Database, route: str, word: str, text: str, act: Act) -> tuple[str, int]:
    """Keep *text* in the log of the record, or of the route, that *word* names; its id and the entry's number.

    Names and addresses do not belong there: the log outlives a person's wish to be forgotten.
    """
    said = " ".join(text.split())
    if not said or len(said) > LONGEST:
        why = "a note needs a text" if not said else f"a note has {LONGEST} characters at most"
        raise Misused(why, remedy=f'lrflow note {word} "TEXT"')
    with database.begin(write=True, keep=not act.dry_run) as unit:
        standing = store.stand(unit, route, act)
        subject = "route" if word in ("route", route) else choose(Which((word,)), standing)[0].key
        said_by = Act(act.actor, act.now, act.zone, act.on, said, act.dry_run)
        entry = store.entry_of(standing, said_by, "note", subject, "done")
        number = store.log_entry(unit, standing, entry)
    return subject, number
