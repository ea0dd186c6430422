"""Send what was assembled: claim a message, ask again, word it, hand it over, close it; never in a transaction."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from lrflow import store
from lrflow.channels import Carried, Letter, Outcome
from lrflow.channels.rates import UNLIMITED
from lrflow.channels.verdicts import LONGEST_DETAIL, detail
from lrflow.clock import today, zone_of
from lrflow.database import Database, Row, Unit
from lrflow.definition import Definition
from lrflow.errors import Busy, LrflowError, Misused
from lrflow.messages import Worded
from lrflow.nudges.assembling import cannot_be_planned, ground_now
from lrflow.nudges.composing import View, compose
from lrflow.nudges.doubting import may_leave_twice
from lrflow.nudges.guarding import keep_mark
from lrflow.nudges.mailers import Mailer
from lrflow.nudges.wording import reading
from lrflow.planner import OPEN, Ground, plan, rule_of
from lrflow.planner.reaching import unreachable
from lrflow.store import Claim

BACK_OFF = (timedelta(minutes=5), timedelta(minutes=30), *(timedelta(hours=each) for each in (2, 6, 12, 24)))
OFFLINE, PAUSED = timedelta(minutes=5), timedelta(minutes=30)  # a login tried more often may lock the account
UNPLANNED = timedelta(hours=1)
A_MOMENT = timedelta(minutes=1)
MARGIN = timedelta(seconds=30)
Now = Callable[[], datetime]
_Mark = tuple[str, int, datetime]  # a route, the newest entry of any log, and the minute


class _Lost(Exception):
    """The message is not ours to send any more: the lease ran out, or another took it."""


@dataclass(frozen=True, slots=True)
class Written:
    """A claimed message in words, with where it goes, and the routes on which something follows on it."""

    claim: Claim
    claimed_at: datetime
    name: str
    address: str
    words: Worded
    followed: tuple[str, ...]


def deliver(database: Database, mailer: Mailer, now: Now, *, go_on: Callable[[], bool] = lambda: True) -> Counter[str]:
    """Send every message that is due, one after the other; how many ended how.

    Each is claimed in a commit of its own, begun in another, and closed in a third. A crash before it was begun: it is
    tried again. After that, without an answer: `unsure`, never sent again by itself. Stops when *go_on* says no, and
    when the sender's own side fails, or the mail server takes no more for now: that is charged to nobody, and all
    messages wait.
    """
    ended: Counter[str] = Counter()
    seen: dict[_Mark, View] = {}
    followed: dict[str, None] = {}
    while go_on():
        with database.begin(write=True) as unit:
            written = _take(unit, mailer, now(), seen)
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
        followed |= dict.fromkeys(written.followed)
        if _is_ours_to_mend(carried):
            break
    for key in followed:  # once for all that was said of it; a new day does the same, if this is cut short
        _plan_again(database, key, now())
    return ended


def _is_ours_to_mend(carried: Carried) -> bool:
    """Whether the fault is the sender's: the login, the quota, the line, the disk."""
    return carried.outcome is Outcome.paused or (carried.outcome is Outcome.retry and carried.code is None)


def _take(unit: Unit, mailer: Mailer, now: datetime, seen: dict[_Mark, View]) -> Written | str | None:
    """Claim a message, ask again whether each line still holds, and word what is left; None when none may leave."""
    claim = store.claim(unit, now) if _may_send(unit, mailer, now) else None
    if claim is None:
        return None
    rows = store.lines_of(unit, claim.id)
    views, faults = _views(unit, rows, now, seen)
    if faults:
        store.raise_alarm(unit, "plan", faults, now)
    if rows and not views:
        store.try_again(unit, claim, now + UNPLANNED, (None, faults), charged=False)
        return "held"
    for row in rows:
        if row["route_id"] not in views:
            store.put_back(unit, row["id"], "planned")
    rows = [row for row in rows if row["route_id"] in views]
    if rows and _waits(unit, rows, views, claim, now):
        return "waiting"
    kept = [row for row in rows if _still_holds(unit, row, views[row["route_id"]], claim, now)]
    for view in views.values() if len(kept) < len(rows) else ():
        store.replan(unit, view.key, now)  # a line that goes back is given its new reader and day
    if kept and _waits(unit, kept, views, claim, now):  # what came along with a woken line that fell out
        return "waiting"
    person = store.shared_record(unit, "person", claim.person)
    silence = unreachable(person, claim.local_on)
    for row in kept if silence else ():
        store.drop_line(unit, row["id"], "suppressed", silence, now)
    if silence or not kept:
        store.close_message(unit, claim, "dropped", (None, silence or "no line holds any more"), now)
        return "dropped"
    words, why, says = _words(unit, kept, views, mailer, claim, now)
    if words is None:
        for row in kept:
            store.put_back(unit, row["id"], "held", why, pinned=True)
        store.close_message(unit, claim, "dropped", (None, says), now)
        return "held"
    return Written(claim, now, str(person["name"]), str(person["email"]), words, _followed(kept, views))


def _waits(unit: Unit, rows: list[Row], views: dict[int, View], claim: Claim, now: datetime) -> bool:
    """Whether the message of *rows* must not leave now; it is given back until it may."""
    when = _later(rows, views[rows[0]["route_id"]].ground, claim, now)
    if when is not None:
        store.try_again(unit, claim, when, (None, "waits for the reader's working hours"), charged=False)
    return when is not None


def _may_send(unit: Unit, mailer: Mailer, now: datetime) -> bool:
    """Whether the mail server takes one more within this minute, and on this day of the programme.

    What left is counted in the database, so that a new process goes on where the last one stopped.
    """
    if mailer.rate == UNLIMITED:
        return True
    zone = zone_of(store.programme_of(unit)["zone"])
    midnight = datetime.combine(now.astimezone(zone), time(), zone)
    return mailer.rate.allowed(*store.begun_since(unit, now - A_MOMENT, midnight.astimezone(UTC)))


def _words(
    unit: Unit, kept: list[Row], views: dict[int, View], mailer: Mailer, claim: Claim, now: datetime
) -> tuple[Worded | None, str, str]:
    """The message in words; or the reason for which it is held, and what is the matter: never another language."""
    try:
        return compose(unit, kept, views, mailer.name, claim.local_on, now), "", ""
    except (KeyError, Misused) as missing:
        says = f"no translation: {', '.join(missing.problems) if isinstance(missing, Misused) else missing}"
        return None, "no_translation", says[:LONGEST_DETAIL]
    except Exception as fault:  # a door: one message that cannot be worded must not stop all others
        return None, "unworded", f"cannot be worded: {type(fault).__name__}: {fault}"[:LONGEST_DETAIL]


def _views(unit: Unit, rows: list[Row], now: datetime, seen: dict[_Mark, View]) -> tuple[dict[int, View], str]:
    """Each route of *rows* as it is now, and what is wrong with those that cannot be planned.

    One look serves the messages of a minute, until anything is logged.
    """
    views: dict[int, View] = {}
    faults: dict[str, str] = {}
    for row in rows:
        mark = (row["route_key"], store.newest_entry(unit), now.replace(second=0, microsecond=0))
        try:
            if mark not in seen:
                seen.clear()  # the messages of one route mostly follow each other, and a view is large
                seen[mark] = _view(unit, row["route_key"], now)
            views[row["route_id"]] = seen[mark]
        except Exception as fault:  # a door: what is wrong with one route must not silence the others
            faults[row["route_key"]] = cannot_be_planned(row["route_key"], fault)
    return views, "; ".join(faults.values())[:LONGEST_DETAIL]


def _view(unit: Unit, key: str, now: datetime) -> View:
    ground = ground_now(unit, key, now)
    return View(key, ground, plan(ground), reading(ground.definition, ground.facts))


def _plan_again(database: Database, key: str, now: datetime) -> None:
    """Plan what follows on what was said of the route *key*."""
    try:
        with database.begin(write=True) as unit:
            store.replan(unit, key, now)
    except Busy:
        raise
    except Exception as fault:  # a door: what was sent is written down, and other routes go on
        with database.begin(write=True) as unit:
            store.raise_alarm(unit, "plan", cannot_be_planned(key, fault), now)


def _later(rows: list[Row], ground: Ground, claim: Claim, now: datetime) -> datetime | None:
    """When a message that must not leave now is looked at again: at its hour, on a working day of the reader.

    One that waited for the server leaves at that hour too, so that the day's own nudges are in it. What a person wants
    said now waits for neither.
    """
    calendar = ground.calendar_of(claim.person)
    opening = calendar.next_opening(now)
    hour = calendar.instant(today(opening, calendar.zone), time.fromisoformat(rows[0]["at"]))
    if max(opening, hour) > now and not any(row["woken"] for row in rows):
        return max(opening, hour)
    return None if today(now, calendar.zone) == claim.local_on else now + A_MOMENT  # the next tick renews its day


def _still_holds(unit: Unit, row: Row, view: View, claim: Claim, now: datetime) -> bool:
    """Ask the plan again for this line: it goes, waits for its time or its new reader, or ends with the reason."""
    key = store.key_of(row)
    intended = view.plan.intended.get(key)
    if intended is not None and intended.state in OPEN:
        if intended.state == "planned" and intended.person == claim.person and intended.due <= now:
            return True
        store.put_back(unit, row["id"], intended.state, intended.reason)
        return False
    reason = intended.reason if intended is not None else view.plan.silenced.get(key[:2], "superseded")
    state = intended.state if intended is not None else "cancelled"
    store.drop_line(unit, row["id"], state, reason, now)
    return False


def _followed(kept: list[Row], views: dict[int, View]) -> tuple[str, ...]:
    """The routes on which something follows on a line that is sent: a rung, a repeat, the next part of a story."""
    seen = [(row, views[row["route_id"]]) for row in kept]
    return tuple(dict.fromkeys(view.key for row, view in seen if _has_sequel(row["rule"], view.ground.definition)))


def _has_sequel(name: str, definition: Definition) -> bool:
    rule = rule_of(definition, name)
    return bool(rule.then or rule.repeat) or any(
        each.after is not None and each.after.rule == name for each in definition.rules.values()
    )


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
        html=written.words.html,
    )
    said = (written.address, written.words.subject, written.words.text)
    has_begun = False

    def before_data() -> None:
        nonlocal has_begun
        at, real = now(), mailer.channel.is_real
        with database.begin(write=True) as unit:
            if at > written.claimed_at + store.LEASE - MARGIN:
                raise _Lost
            if not store.start_data(unit, written.claim, said, is_real=real, now=at):
                raise _Lost
            programme, begun = store.first_hash(unit), store.count_begun(unit)
        has_begun = real
        keep_mark(database.path, programme, begun)

    try:
        return mailer.channel.carry(letter, before_data)
    except _Lost:
        return None
    except Misused as fault:  # what cannot be written to this address; a busy database is no fault of the letter
        return Carried(Outcome.refused, None, fault.message)
    except LrflowError:
        raise
    except Exception as fault:  # a door: one letter that a channel cannot carry must not stop all others
        says = detail(f"it could not be handed over: {type(fault).__name__}: {fault}")
        return Carried(Outcome.unsure if has_begun else Outcome.refused, None, says)


def _close(database: Database, mailer: Mailer, written: Written, carried: Carried, now: datetime) -> str:
    answer = (carried.code, carried.detail)
    with database.begin(write=True) as unit:
        if mailer.channel.is_real:
            _keep_of_address(unit, written.address, carried, now)
        if carried.outcome in (Outcome.retry, Outcome.paused):
            return _again(unit, written.claim, carried, now)
        if carried.outcome is Outcome.unsure and _says_it_twice(unit, written.claim):
            later = now + BACK_OFF[written.claim.attempts - 1]
            store.try_again(unit, written.claim, later, answer, may_have_left=True)
            return Outcome.retry.value
        state = {Outcome.accepted: "sent", Outcome.refused: "failed", Outcome.unsure: "unsure"}[carried.outcome]
        if state == "sent" and not mailer.channel.is_real:
            state = "drafted"
        if not store.close_message(unit, written.claim, state, answer, now):
            return "lost"
        if carried.outcome is Outcome.accepted:
            store.end_alarm(unit, "mail")
    return state


def _says_it_twice(unit: Unit, claim: Claim) -> bool:
    """Whether what may have left is tried again all the same, because its rules say so, and it was not too often."""
    return claim.attempts <= len(BACK_OFF) and may_leave_twice(unit)(claim.id)


def _keep_of_address(unit: Unit, address: str, carried: Carried, now: datetime) -> None:
    """What the server's answer says of the address itself; most say nothing."""
    if carried.address:
        hard = carried.address == "hard"
        store.address_refused(unit, address, hard=hard, detail=carried.detail, now=now)
    elif carried.outcome is Outcome.accepted:
        store.address_took(unit, address)


def _again(unit: Unit, claim: Claim, carried: Carried, now: datetime) -> str:
    """Try later; after six waits the message has failed. A fault of the sender's own side puts all of them off."""
    answer = (carried.code, carried.detail)
    if _is_ours_to_mend(carried):
        until = now + (PAUSED if carried.outcome is Outcome.paused else OFFLINE)
        store.try_again(unit, claim, until, answer, charged=False)
        store.pause(unit, until)
        store.raise_alarm(unit, "mail", f"mail does not leave: {carried.detail}", now)
    elif claim.attempts > len(BACK_OFF):
        store.close_message(unit, claim, "failed", answer, now)
        return "failed"
    else:
        store.try_again(unit, claim, now + BACK_OFF[claim.attempts - 1], answer)
    return carried.outcome.value
