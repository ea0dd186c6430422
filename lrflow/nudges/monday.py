"""The overview of a Monday as it is read: its machine, its routes one after the other, all of it within 60 lines."""

from collections.abc import Iterator, Sequence

from lrflow.clock import to_us, zone_of
from lrflow.messages import Words, alarm, day_in_words, fill
from lrflow.nudges.commitments import items_of, overdue
from lrflow.nudges.sections import needs_of, sections
from lrflow.nudges.week import NOT_KNOWN, Entry, Week, messages_in, since_text, text

FEW = (30, 20, 12, 8, 6, 4, 3, 2, 1)  # so many lines of a section are shown where there is no room for all


def monday(weeks: Sequence[Week], words: Words, room: int) -> list[str]:
    """The overview of one or several routes in at most *room* lines, each with the command that deals with it.

    Where there are more, sections show fewer of theirs and count the others; at last a route is one line. It is never
    empty: that it comes is the sign that the machine runs.
    """
    top = _machine(weeks, words)
    for most in FEW:
        lines = [*top, *(line for each in weeks for line in ["", *_page(each, words, most)])]
        if len(lines) <= room:
            return lines
    brief, left = [_brief(each, words) for each in weeks], room - len(top) - 1
    if len(brief) > left:
        more = text(words, "routes", number=len(brief) - left + 1)
        brief = [*brief[: left - 1], Entry(more, "lrflow list route").line()]
    return [*top, "", *brief]


def _page(seen: Week, words: Words, most: int) -> list[str]:
    title = str(seen.facts.route["title"] or seen.route)
    stage, week = seen.ground.definition.stage_title(str(seen.facts.route["stage"])), seen.on.isocalendar().week
    lines = [text(words, "title", route=title, day=day_in_words(seen.on, words.language), week=week, stage=stage)]
    for section in sections(seen, words):
        hidden = len(section.entries) - most
        rest = [Entry(fill(words.more, {"count": str(hidden)}), section.run)] if hidden > 0 else []
        lines.append(section.head.line())
        lines += [f"  {each.line()}" for each in (*section.entries[:most], *rest)]
    return lines


def _brief(seen: Week, words: Words) -> str:
    late = overdue(items_of(seen.ground.definition, seen.facts), seen.on)
    number, title = len(needs_of(seen, words)), seen.facts.route["title"] or seen.route
    says = text(words, "brief", route=title, number=number, overdue=len(late), sent=messages_in(seen.leaving()))
    return Entry(says, seen.run("status")).line()


def _machine(weeks: Sequence[Week], words: Words) -> list[str]:
    """When it last ran, whether mail leaves, what waits, what was sent last week; a line for each alarm.

    Answers are not read yet: none is known, which is not 0.
    """
    first, ticked = weeks[0], weeks[0].figures.ticked
    is_paused = any(each.kind == "mail" for each in first.figures.troubles)
    says = text(
        words,
        "machine",
        tick=f"{ticked.astimezone(zone_of(first.zone)):%Y-%m-%d %H:%M} {first.zone}"
        if ticked
        else words.monday["never"],
        mail=words.monday["mail_paused" if is_paused else "mail_ok"],
        held=sum(len(each.nudges("held")) for each in weeks),
        drafts=messages_in(nudge for each in weeks for nudge in each.before("drafted")),
    )
    sent = messages_in(nudge for each in weeks for nudge in each.last_week("sent"))
    last_week = text(words, "last_week", sent=sent, answers=NOT_KNOWN)
    return [Entry(f"{says} {last_week}", "lrflow doctor").line(), *_alarms(weeks, words)]


def _alarms(weeks: Sequence[Week], words: Words) -> Iterator[str]:
    held = [nudge.person for each in weeks for nudge in each.nudges("held") if nudge.reason == "flood"]
    for each in weeks[0].figures.alarms:
        if each.kind in words.alarms:
            since = since_text(to_us(each.since), weeks[0], words)
            yield alarm(words, each.kind, since=since, count=len(held), people=len(set(held)))
        else:
            yield Entry(each.says, "lrflow doctor").line()
