"""The table of who gets what, as people read it: made from the one that decides."""

from lrflow.planner.reaching import DEPUTY, HELD, MATRIX, MESSAGES, SEND, SUCCESSOR, Reach

_CELLS = {SEND: "sent", HELD: "waits", SUCCESSOR: "successor", DEPUTY: "deputy"}
_COLUMNS = ("reminder", "told", "Monday", "call?")


def filled(text: str) -> str:
    """*text* with the table in place of {matrix}, and what each kind of message is."""
    says = {f"{{{name}}}": what for name, what in MESSAGES.items()}
    for place, words in {"{matrix}": _table(), **says}.items():
        text = text.replace(place, words)
    return text


def _table() -> str:
    rows = [("", *_COLUMNS), *((each.says, *_cells(each)) for each in MATRIX.values())]
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    padded = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    return "\n".join(f"  {line}".rstrip() for line in padded)


def _cells(reach: Reach) -> tuple[str, ...]:
    """One for each kind of message: `silent` where a reason keeps it back; and whether somebody is asked to call."""
    return (*(_CELLS.get(reach.of(each), "silent") for each in MESSAGES), "call" if reach.calls else "")
