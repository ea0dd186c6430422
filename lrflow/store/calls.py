"""Whom a coordinator calls, because mail does not arrive there or is not wanted."""

from lrflow.database import Row, Unit

# What is still open: its rule is armed in that epoch, and nothing about it was said to the same role since.
_CALLS = """
    SELECT nudge.number, nudge.rule, nudge.subject, nudge.role, nudge.local_on, nudge.reason, nudge.person,
           person.name, person.phone
    FROM nudge JOIN arming ON arming.route_id = nudge.route_id AND arming.rule = nudge.rule
        AND arming.subject = nudge.subject AND arming.epoch = nudge.epoch
    JOIN person ON person.id = nudge.person
    WHERE nudge.route_id = $1 AND nudge.state = 'suppressed' AND nudge.reason IN ('opted_out', 'no_reachable_channel')
      AND arming.armed AND NOT coalesce(person.opted_out, FALSE) AND person.removed_us IS NULL
      AND NOT EXISTS (SELECT 1 FROM nudge AS later WHERE later.route_id = nudge.route_id AND later.rule = nudge.rule
          AND later.subject = nudge.subject AND later.role = nudge.role AND later.epoch = nudge.epoch
          AND later.seq > nudge.seq AND later.state IN ('sent', 'suppressed'))
    ORDER BY person.name, nudge.local_on, nudge.number
"""


def calls_of(unit: Unit, route_id: int) -> list[Row]:
    """What was not said by mail as its reader opted out of it or has no address that takes mail, and is still open.

    Whoever asked for no messages at all is not on it, and is left in peace. One line for each rule and record, the last
    of its repeats: number, rule, subject, local_on, reason, person, name, phone.
    """
    return unit.all(_CALLS, route_id)
