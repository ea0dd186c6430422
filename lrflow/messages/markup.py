"""The light HTML beside a plain text: paragraphs and one numbered list, all of it escaped, nothing fetched."""

from collections.abc import Sequence
from html import escape

from lrflow.messages.filling import ISOLATE, RELEASE

STYLE = "font-family:sans-serif;line-height:1.4"


def page(language: str, greeting: str, lines: Sequence[str], rest: str, closing: Sequence[str]) -> str:
    """The message as one page: *lines* numbered when there are several, *rest* after them unless empty.

    A name that reads from right to left has a direction of its own and leaves the sentence around it alone.
    """
    body = [f"<p>{_safe(greeting)}</p>"]
    if len(lines) > 1:
        body += ["<ol>", *(f"<li>{_safe(line)}</li>" for line in lines), "</ol>"]
    else:
        body += [f"<p>{_safe(line)}</p>" for line in lines]
    body += [f"<p>{_safe(rest)}</p>"] if rest else []
    body.append(f"<p>{'<br>'.join(_safe(line) for line in closing)}</p>")
    head = f'<!DOCTYPE html>\n<html lang="{escape(language)}"><head><meta charset="utf-8"></head>'
    return "\n".join([head, f'<body style="{STYLE}">', *body, "</body></html>", ""])


def _safe(line: str) -> str:
    return escape(line).replace(ISOLATE, '<span dir="auto">').replace(RELEASE, "</span>")
