"""Send what was assembled: claim a message, ask again, word it, hand it over, close it; never in a transaction."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from lrflow import store
from lrflow.channels import Carried, Letter, Outcome
from lrflow.clock import today
from lrflow.database import Database, Row, Unit
from lrflow.errors import LrflowError
from lrflow.messages import Worded
from lrflow.nudges.assembling import unreachable
from lrflow.nudges.mailers import Mailer
from lrflow.nudges.wording import Reading, reading, worded
from lrflow.planner import Ground, plan
from lrflow.store import Claim

BACK_OFF = (timedelta(minutes=5), timedelta(minutes=30), *(timedelta(hours=each) for each in (2, 6, 12, 24)))
MARGIN = timedelta(seconds=30)
Now = Callable[[], datetime]


class _Lost(Exception):
    """The message is not ours to send any more: the lease ran out, or another took it."""


@dataclass(frozen=True, slots=True)
class Written:
    """A claimed message in words, with where it goes."""

    claim: Claim
    claimed_at: datetime
    name: str
    address: str
    words: Worded


def deliver(database: Database, mailer: Mailer, now: Now, *, go_on: Callable[[], bool] = lambda: True) -> Counter[str]:
    """Send every message that is due, one after the other; how many ended how.

    Each is claimed in a commit of its own, begun in another, and closed in a third. A crash before it was begun: it is
    tried again. After that, without an answer: `unsure`, never sent again by itself. Stops when *go_on* says no, and
    when the sender's own side fails.
    """
    ended: Counter[str] = Counter()
    while go_on():
        with database.begin(write=True) as unit:
            written = _take(unit, mailer, now())
        if written is None:
            break
        if isinstance(written, str):
            ended[written] += 1
            continue
        carried = _carry(database, mailer, written, now)
        if carried is None:
            ended["lost"] += 1
            continue
        ended[_close(database, mailer, written, carried, now())] += 1
        if carried.outcome is Outcome.paused or (carried.outcome is Outcome.retry and carried.code is None):
            break
    return ended


def _take(unit: Unit, mailer: Mailer, now: datetime) -> Written | str | None:
    """Claim a message, ask again whether each line still holds, and word what is left."""
    claim = store.claim(unit, now)
    if claim is None:
        return None
    person = store.shared_record(unit, "person", claim.person)
    seen: dict[int, Reading] = {}
    kept = [row for row in store.lines_of(unit, claim.id) if _still_holds(unit, row, seen, now)]
    silence = unreachable(person)
    for row in kept if silence else ():
        store.drop_line(unit, row["id"], "suppressed", silence, now)
    if silence or not kept:
        store.close_message(unit, claim, "dropped", (None, silence or "no line holds any more"), now)
        return "dropped"
    try:
        words = worded(kept, seen, mailer.name, claim.local_on)
    except KeyError as missing:
        store.close_message(unit, claim, "held", (None, f"no translation: {missing}"), now)
        return "held"
    return Written(claim, now, str(person["name"]), str(person["email"]), words)


def _still_holds(unit: Unit, row: Row, seen: dict[int, Reading], now: datetime) -> bool:
    """Ask the plan again for this line, on the facts of this moment."""
    ground = _ground(unit, row["route_key"], now)
    if row["route_id"] not in seen:
        seen[row["route_id"]] = reading(ground.definition, ground.facts)
    made = plan(ground)
    key = store.key_of(row)
    intended = made.intended.get(key)
    if intended is not None and intended.state == "planned":
        return True
    reason = intended.reason if intended is not None else made.silenced.get(key[:2], "superseded")
    state = intended.state if intended is not None and intended.state in ("expired", "suppressed") else "cancelled"
    store.drop_line(unit, row["id"], state, reason, now)
    return False


def _ground(unit: Unit, key: str, now: datetime) -> Ground:
    route = store.read_route(unit, key)
    definition = store.read_definition(unit, route.digest)
    facts = store.facts_of(unit, route, definition, today(now, store.programme_zone(unit, route)))
    return store.ground_of(unit, route, definition, facts, now)


def _carry(database: Database, mailer: Mailer, written: Written, now: Now) -> Carried | None:
    """Hand the message over; None when it turned out not to be ours any more."""
    letter = Letter(
        message_id=written.claim.message_id,
        sender_name=mailer.name,
        sender_address=mailer.address,
        to_name=written.name,
        to_address=written.address,
        subject=written.words.subject,
        text=written.words.text,
        language=written.words.language,
        sent_at=now(),
        list_id=f"routes.{mailer.domain}",
    )

    def before_data() -> None:
        said = (written.address, written.words.subject, written.words.text)
        with database.begin(write=True) as unit:
            if now() > written.claimed_at + store.LEASE - MARGIN or not store.start_data(
                unit, written.claim, now(), said
            ):
                raise _Lost

    try:
        return mailer.channel.carry(letter, before_data)
    except _Lost:
        return None
    except LrflowError as fault:
        return Carried(Outcome.refused, None, fault.message)


def _close(database: Database, mailer: Mailer, written: Written, carried: Carried, now: datetime) -> str:
    answer = (carried.code, carried.detail)
    with database.begin(write=True) as unit:
        if carried.outcome in (Outcome.retry, Outcome.paused):
            return _again(unit, written.claim, carried, now)
        state = {Outcome.accepted: "sent", Outcome.refused: "failed", Outcome.unsure: "unsure"}[carried.outcome]
        if state == "sent" and not mailer.channel.is_real:
            state = "drafted"
        store.close_message(unit, written.claim, state, answer, now)
    return state


def _again(unit: Unit, claim: Claim, carried: Carried, now: datetime) -> str:
    """Try later; after six tries the message has failed. A fault of the sender's own side is charged to nobody."""
    answer = (carried.code, carried.detail)
    tries = claim.attempts - 1
    if carried.outcome is Outcome.retry and tries >= len(BACK_OFF):
        store.close_message(unit, claim, "failed", answer, now)
        return "failed"
    store.try_again(unit, claim, now + BACK_OFF[min(tries, len(BACK_OFF) - 1)], answer)
    return carried.outcome.value
