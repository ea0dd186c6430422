"""Word previews and ticks."""

from collections.abc import Sequence
from typing import Any

from lrflow.nudges import Preview, Ticked


def preview_lines(found: Sequence[Preview]) -> list[str]:
    """Each message as it would be read, one after the other."""
    if not found:
        return ["nothing is planned for that"]
    lines: list[str] = []
    for each in found:
        lines.append(
            f"To: {each.name} <{each.address}>   {each.local_on} {each.at} {each.zone}   {', '.join(each.nudges)}"
        )
        if each.words is None:
            lines += [f"not sent: {each.silence}", ""]
        else:
            lines += [f"Subject: {each.words.subject}", "", each.words.text.rstrip(), "-" * 72]
    return lines


def preview_data(each: Preview) -> dict[str, Any]:
    """A preview for JSON."""
    words = (
        {"subject": each.words.subject, "text": each.words.text, "language": each.words.language} if each.words else {}
    )
    return {
        "to": each.address,
        "name": each.name,
        "on": each.local_on.isoformat(),
        "at": each.at,
        "zone": each.zone,
        "nudges": list(each.nudges),
        "silence": each.silence,
        **words,
    }


def tick_lines(ticked: Ticked, where: str) -> list[str]:
    """What one tick did, for people."""
    lines = []
    if ticked.unsure:
        lines.append(
            f"! {ticked.unsure} messages may or may not have left before a crash: lrflow nudge list --state unsure"
        )
    names = {
        "drafted": f"drafts written to {where} (send them, then: lrflow nudge confirm all)",
        "sent": "messages sent",
        "failed": "refused for good (lrflow nudge list --state failed)",
        "retry": "put off: the server or the line said not now",
        "paused": "put off: sending is paused, the sender's own side failed (lrflow settings show)",
        "unsure": "may or may not have arrived (lrflow nudge list --state unsure)",
        "dropped": "dropped: no line held any more",
        "waiting": "wait for the reader's working hours",
        "held": "held: no text in the reader's language",
        "lost": "left to another sender",
    }
    lines += [f"{count} {names[state]}" for state, count in sorted(ticked.ended.items())]
    if ticked.held:
        look = "look: lrflow nudge list --state held, then: lrflow nudge release all"
        lines.append(
            f"{ticked.held} {'nudge is' if ticked.held == 1 else 'nudges are'} held, far more than usual: {look}"
        )
    lines += (
        [f"{ticked.silent} {'nudge stays' if ticked.silent == 1 else 'nudges stay'} silent (lrflow nudge list --all)"]
        if ticked.silent
        else []
    )
    lines += (
        [f"REHEARSAL: nothing is sent for {', '.join(ticked.rehearsing)} (lrflow nudge go-live)"]
        if ticked.rehearsing
        else []
    )
    return lines or ["nothing was due"]


def tick_data(ticked: Ticked) -> dict[str, Any]:
    """A tick for JSON."""
    return {
        "messages": ticked.messages,
        "ended": dict(ticked.ended),
        "silent": ticked.silent,
        "due_again": ticked.due_again,
        "unsure": ticked.unsure,
        "rehearsing": list(ticked.rehearsing),
        "held": ticked.held,
    }
