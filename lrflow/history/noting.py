"""Write a line beside a record, for whoever comes after."""

from lrflow import store
from lrflow.database import Database
from lrflow.errors import Misused
from lrflow.store import Act
from lrflow.tracks.choosing import Which, choose

LONGEST = 2000


def note(database: Database, route: str, word: str, text: str, act: Act) -> tuple[str, int]:
    """Keep *text* in the log of the record, or of the route, that *word* names; its id and the entry's number.

    Names and addresses do not belong there: the log outlives a person's wish to be forgotten. It is a sign of life: who
    would be asked next because nothing was heard is asked so much later.
    """
    said = " ".join(text.split())
    if not said or len(said) > LONGEST:
        why = "a note needs a text" if not said else f"a note has {LONGEST} characters at most"
        raise Misused(why, remedy=f'lrflow note {word} "TEXT"')
    with database.begin(write=True, keep=not act.dry_run) as unit:
        standing = store.stand(unit, route, act)
        record = None if word in ("route", route) else choose(Which((word,)), standing)[0]
        subject = record.key if record else "route"
        said_by = Act(act.actor, act.now, act.zone, act.on, said, act.dry_run)
        is_news = record is not None and str(record["touched_on"] or "") < act.day.isoformat()
        changes = store.touched(record, act) if record and is_news else []
        entry = store.entry_of(standing, said_by, "note", subject, "done", changes=changes)
        number = store.log_entry(unit, standing, entry)
        if record and changes:
            store.touch(unit, standing.route.id, record, act)
            store.replan(unit, route, act.now, act.day)
    return subject, number
