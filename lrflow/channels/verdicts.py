"""What a mail server's refusal means: for this address, for later, or for everything we send."""

import re

from lrflow.channels import Carried, Outcome
from lrflow.channels.letters import one_line

LONGEST_DETAIL = 300
STATUS = re.compile(r"\s*([245]\.\d{1,3}\.\d{1,3})\b")  # RFC 3463, at the start of the answer
GREYLISTED = re.compile(r"gr[ae]y-?list", re.IGNORECASE)

# Closing down, over the rate, login or TLS missing or failed, and commands that this server does not take.
SENDER_CODES = frozenset({421, 432, 454, 500, 502, 503, 504, 530, 534, 535, 538})
# Our own address is bad (1.7, 1.8), the day's quota is used up (1.90 at Microsoft, 4.5 at Google), the server
# is closed (3.2). Rules and blocklists (7.y) are taken as the sender's too:
SENDER_STATUS = re.compile(r"\d\.(7\.\d+|1\.7|1\.8|1\.90|3\.2)|5\.4\.5")
# ... but for these, which a closed group or a changed owner gives: one such address must not stop all others.
CLOSED_ADDRESS = frozenset(f"5.7.{last}" for last in (2, 17, 18, 124, 129, 133, 134, 135, 136))


def judge(phase: str, code: int, answer: bytes | str) -> Carried:
    """Read a refusal: *answer* with *code*, given to *phase* (`connect`, `MAIL`, `RCPT` or `DATA`).

    A full mailbox is a matter of time, a 5xx before RCPT a matter of the sender, and any other 5xx ends this
    letter alone. A code outside 400-599 is no answer one can rely on: tried again.
    """
    text = as_text(answer)
    return Carried(_outcome(phase, code, text), code, detail(f"{phase}: {code} {text}"))


def as_text(answer: bytes | str) -> str:
    """What the server said, whatever its encoding."""
    return answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer


def detail(text: str) -> str:
    """*text* as one line of at most 300 characters."""
    return one_line(text)[:LONGEST_DETAIL]


def _outcome(phase: str, code: int, text: str) -> Outcome:
    found = STATUS.match(text)
    status = found[1] if found else ""
    if _is_about_the_sender(code, status, text):
        return Outcome.paused
    if code // 100 != 5:
        return Outcome.retry
    if phase in {"connect", "MAIL"}:
        return Outcome.paused
    is_full = status == "5.2.2" or (code == 552 and not status)
    return Outcome.retry if is_full else Outcome.refused


def _is_about_the_sender(code: int, status: str, text: str) -> bool:
    if code in SENDER_CODES:
        return True
    if status in CLOSED_ADDRESS or (code // 100 == 4 and GREYLISTED.search(text)):
        return False
    return bool(SENDER_STATUS.fullmatch(status))
