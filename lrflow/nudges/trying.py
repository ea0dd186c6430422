"""Send the words of one rule to a member of the team, marked as a test: nothing of it is written down."""

import secrets
from datetime import datetime

from lrflow import store
from lrflow.channels import Carried, Letter
from lrflow.clock import today
from lrflow.database import Database, Row, Unit
from lrflow.errors import Misused, NotFound, Refused
from lrflow.messages import Worded
from lrflow.nudges.assembling import ground_now
from lrflow.nudges.composing import View, compose
from lrflow.nudges.mailers import Mailer
from lrflow.nudges.wording import reading
from lrflow.planner import NOTICES, Ground, plan

MARK = "[TEST] "


def try_rule(database: Database, key: str, rule: str, to: str, mailer: Mailer, now: datetime) -> tuple[Worded, Carried]:
    """Send what *rule* would say about one of its records to *to*, who must hold a role on the route or the programme.

    No nudge, no message, no entry comes of it. Raises `Refused` for an address that is not the team's, `NotFound` for
    a rule that is none or has nothing to speak about.
    """
    with database.begin() as unit:
        person = _of_the_team(unit, key, to)
        ground = ground_now(unit, key, now)
        made = plan(ground)
        route = store.read_route(unit, key)
        row = {**_sample(unit, route.id, ground, rule), "person": int(person["id"]), "route_key": key}
        view = View(key, ground, made, reading(ground.definition, ground.facts))
        zone = ground.calendar_of(person["id"]).zone
        words = compose(unit, [row], {route.id: view}, mailer.name, today(now, zone), now)
    letter = Letter(
        message_id=f"<test-{secrets.token_hex(12)}@{mailer.domain}>",
        sender_name=mailer.name,
        sender_address=mailer.address,
        to_name=str(person["name"]),
        to_address=str(person["email"]),
        subject=f"{MARK}{words.subject}",
        text=words.text,
        language=words.language,
        sent_at=now,
        html=words.html,
    )
    try:
        return words, mailer.channel.carry(letter, lambda: None)
    finally:
        mailer.channel.close()


def _of_the_team(unit: Unit, key: str, to: str) -> Row:
    found = store.find_people(unit, to) if "@" in to else []
    route = store.read_route(unit, key)
    team = {each for role in store.roles_held(unit, route.id) for each in role}
    if len(found) != 1 or found[0]["id"] not in team:
        raise Refused(
            f"{to} holds no role here: a test goes to the team only",
            remedy=["lrflow show route", f"lrflow set route coordinator={to}"],
        )
    return found[0]


def _sample(unit: Unit, route_id: int, ground: Ground, rule: str) -> Row:
    """A nudge of *rule*: one that is written down, else one made of the first record that it is about."""
    if rule not in ground.definition.rules or rule in NOTICES:
        known = ", ".join(ground.definition.rules)
        raise NotFound(f"there is no rule {rule!r}", problems=[known], remedy="lrflow workflow show")
    rows = [row for row in store.nudges_of(unit, route_id, []) if row["rule"] == rule]
    if rows:
        return rows[-1]
    kind, _, guard = ground.definition.rules[rule].about.partition(":")
    records = ground.facts.of(kind) if not guard else (ground.facts.route,)
    if not records:
        raise Misused(f"{rule} is about a {kind}, and the route has none yet", remedy=f"lrflow add {kind} --help")
    subject = f"{guard}/route" if guard else "route" if kind == "route" else records[0].key
    here = ground.facts.today.isoformat()
    identity = {"rule": rule, "subject": subject, "role": ground.definition.rules[rule].to[0], "seq": 0, "epoch": 0}
    return {"id": 0, "route_id": route_id, "number": 0, "nominal_on": here, "local_on": here, **identity}
