"""What mail to an address met: the state belongs to the address, so that a new one begins anew."""

from datetime import datetime, timedelta

from lrflow.clock import from_us, to_us
from lrflow.database import Row, Unit

GOOD, SUSPECT, DEAD = "good", "suspect", "dead"
TIMES, SPAN = 3, timedelta(days=7)  # a mailbox that is full today may be emptied tomorrow

# Every reading of people goes through here, so that each comes with the state of the address there is now.
PEOPLE = """
    SELECT person.*,
        coalesce(address.state, CASE WHEN person.email IS NULL THEN NULL ELSE 'good' END) AS address_state
    FROM person LEFT JOIN address ON address.email = lower(person.email)
"""


def address_of(unit: Unit, email: str) -> Row | None:
    """What is known of the address: state, how often in a row it was full, since when, what the server said.

    None for one that never refused anything.
    """
    return unit.one("SELECT * FROM address WHERE email = lower($1)", email)


def address_refused(unit: Unit, email: str, *, hard: bool, detail: str, now: datetime) -> str:
    """Keep that a server refused mail for *email*, in the words *detail*; the state of the address then.

    *hard*: there is no such mailbox (5.1.x, 5.2.1, or the recipient refused for good without a code that says
    otherwise). It is dead at once, and stays so until mail is taken or a person says otherwise. Otherwise it was the
    mailbox's own trouble (4.2.2 and 5.2.2, full; 4.2.1): the third in a row makes it suspect, if the first lies seven
    days back or more. A suspect address is still written to, and is on the list of people to call.

    Call it once for each attempt at which the recipient's own server refused this recipient. Never for what is the
    sender's own fault: login, quota (5.4.5), policy or reputation (5.7.x), greylisting, no connection, a full disk.
    Nothing is planned anew: whether an address takes mail is asked when a message is about to leave.
    """
    known = address_of(unit, email)
    was = known["state"] if known else GOOD
    soft = 0 if hard else (known["soft"] if known else 0) + 1
    began = from_us(known["since_us"]) if known and (known["soft"] or was != GOOD) else now
    state = DEAD if hard or was == DEAD else SUSPECT if soft >= TIMES and now - began >= SPAN else was
    _keep(unit, email, (state, soft, began if state in (was, SUSPECT) else now, detail))
    return state


def address_took(unit: Unit, email: str) -> None:
    """Forget what *email* refused: a server took mail for it, so it is good. Call it for each message accepted."""
    unit.run("DELETE FROM address WHERE email = lower($1)", email)


def mark_address(unit: Unit, email: str, state: str, *, detail: str, now: datetime) -> None:
    """Let *email* be good or dead on a person's word."""
    address_took(unit, email)
    if state != GOOD:
        _keep(unit, email, (state, 0, now, detail))


def _keep(unit: Unit, email: str, what: tuple[str, int, datetime, str]) -> None:
    state, soft, since, detail = what
    unit.run(
        """INSERT INTO address (email, state, soft, since_us, detail) VALUES (lower($1), $2, $3, $4, $5)
           ON CONFLICT (email) DO UPDATE SET state = excluded.state, soft = excluded.soft,
               since_us = excluded.since_us, detail = excluded.detail""",
        email,
        state,
        soft,
        to_us(since),
        detail,
    )


def troubled_addresses(unit: Unit, route_id: int = 0) -> list[Row]:
    """People whose address is suspect or dead, by name: person, name, email, phone, state, since_us, detail.

    Those who left are no trouble, nor are removed ones. With *route_id*, only people who have a part in that route.
    """
    return unit.all(_TROUBLED, route_id)


_TROUBLED = """
    SELECT person.id AS person, person.name, person.email, person.phone, address.state, address.since_us, address.detail
    FROM address JOIN person ON lower(person.email) = address.email
    WHERE address.state IN ('suspect', 'dead') AND person.removed_us IS NULL AND person.left_on IS NULL
      AND ($1 = 0 OR person.id IN (
        SELECT person FROM participant WHERE route_id = $1 AND removed_us IS NULL
        UNION SELECT person FROM champion WHERE route_id = $1 AND removed_us IS NULL
        UNION SELECT lead FROM delegation WHERE route_id = $1 AND removed_us IS NULL
        UNION SELECT focal_point FROM delegation WHERE route_id = $1 AND removed_us IS NULL
        UNION SELECT owner FROM plan WHERE route_id = $1 AND removed_us IS NULL
        UNION SELECT person FROM action WHERE route_id = $1 AND removed_us IS NULL
        UNION SELECT person FROM role_holder WHERE until_us IS NULL AND (route_id = $1 OR route_id IS NULL)))
    ORDER BY person.name, person.id
"""
