"""What a mail server's refusal means: for this address, for later, or for everything we send."""

import re
from typing import Literal

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
# Servers that give no status say it in words.
SENDER_WORDS = re.compile(
    r"relay(ing)? (access )?(denied|not|prohibited)|(to|cannot|not) relay|rate limit|too many (messages|e?-?mails|conn)"
    r"|(daily|hourly|sending|outgoing) (\w+ )?(limit|quota)|black-?list|block-?list|\bd?nsbl\b|\brbl\b|spamhaus"
    r"|blocked using|reputation|authenticat",
    re.IGNORECASE,
)
# What a refusal says of the mailbox, by its status (RFC 3463), wherever it comes ...
NO_MAILBOX = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"})
FULL_MAILBOX = frozenset({"4.2.1", "4.2.2", "5.2.2"})
# ... and by its code alone, but only in answer to the address.
NO_MAILBOX_CODES, FULL_MAILBOX_CODES = frozenset({550, 553}), frozenset({452, 552})
NOT_THE_MAILBOX = re.compile(
    r"sender|spam|block|polic|\bspf\b|dkim|dmarc|denied|\brate\b|limit|quota|permi|verif|\bip\b", re.IGNORECASE
)


def judge(phase: str, code: int, answer: bytes | str) -> Carried:
    """Read a refusal: *answer* with *code*, given to *phase* (`connect`, `MAIL`, `RCPT` or `DATA`).

    A full mailbox is a matter of time, a 5xx before RCPT a matter of the sender, and any other 5xx ends this
    letter alone. A code outside 400-599 is no answer one can rely on: tried again. The address is blamed only for what
    the server says of it: never for the sender's faults, nor for what a letter says.
    """
    text = as_text(answer)
    outcome = _outcome(phase, code, text)
    blamed = "" if outcome is Outcome.paused else _blamed(phase, code, text)
    return Carried(outcome, code, detail(f"{phase}: {code} {text}"), blamed)


def as_text(answer: bytes | str) -> str:
    """What the server said, whatever its encoding."""
    return answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer


def detail(text: str) -> str:
    """*text* as one line of at most 300 characters."""
    return one_line(text)[:LONGEST_DETAIL]


def _status(text: str) -> str:
    found = STATUS.match(text)
    return found[1] if found else ""


def _outcome(phase: str, code: int, text: str) -> Outcome:
    status = _status(text)
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
    return bool(SENDER_STATUS.fullmatch(status)) or (not status and bool(SENDER_WORDS.search(text)))


def _blamed(phase: str, code: int, text: str) -> Literal["", "hard", "soft"]:
    """What a refusal that is not the sender's fault says of the address."""
    status = _status(text)
    if status in NO_MAILBOX:
        return "hard"
    if status in FULL_MAILBOX:
        return "" if status == "4.2.1" and NOT_THE_MAILBOX.search(text) else "soft"
    if phase != "RCPT":
        return ""
    if code in FULL_MAILBOX_CODES and not status:
        return "soft"
    is_gone = status.startswith("5.1.") or (code in NO_MAILBOX_CODES and not status)
    return "hard" if is_gone and not NOT_THE_MAILBOX.search(text) else ""
