"""How a letter becomes an e-mail that no name, subject or address can bend."""

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UniqueUnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime
from typing import ClassVar, Literal
from urllib.parse import quote

from lrflow.channels import Letter
from lrflow.errors import Misused

LONGEST_NAME = 100  # a display name is never folded inside a word, and a line may hold 998 characters
WORD = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
LOCAL_PART = re.compile(rf"{WORD}(\.{WORD})*")
DOMAIN = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*")
MESSAGE_ID = re.compile(r"<[!-;=?A-~]+@[!-;=?A-~]+>")
LIST_ID = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*")
LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
# Embeddings, overrides and isolates make a name read backwards; the marks and joiners that Arabic,
# Persian and Nepali need are not among them.
TURNING = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)))
BREAKING = frozenset({"Cc", "Cs", "Zl", "Zp"})


def fixed_message_id(parts: Sequence[str], domain: str) -> str:
    """The Message-ID `<24 hex digits@domain>` that the same *parts* always get.

    Different lists never share one by joining: `["a", "bc"]` and `["ab", "c"]` differ.
    """
    joined = "".join(f"{len(part)}:{part}" for part in parts)
    return f"<{hashlib.sha256(joined.encode()).hexdigest()[:24]}@{_ascii_domain(domain, domain)}>"


def build_message(letter: Letter) -> EmailMessage:
    """Write *letter* as an e-mail of ASCII lines, ready for any server: plain text, and HTML as the alternative to it.

    Control characters and encoded words in names and subject lose their force; the Message-ID stands in
    References too, since some relays replace the first but keep the second.
    Raises: `Misused` for an address, Message-ID, language or list that cannot stand in a header.
    """
    message = EmailMessage(policy=_policy())
    message["From"] = _mailbox(letter.sender_name, letter.sender_address)
    message["To"] = _mailbox(letter.to_name, letter.to_address)
    message["Subject"] = one_line(letter.subject)
    message["Date"] = _date(letter)
    message["Message-ID"] = _message_id(letter.message_id)
    message["References"] = _references(letter)
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    # Before Content-Language: the library clears every Content- header when it sets the text.
    # Quoted-printable is readable in the raw and needs no promise (8BITMIME) from the server.
    message.set_content(_body(letter.text), charset="utf-8", cte="quoted-printable")
    if letter.html:
        # Text first: a reader's program shows the last part that it can.
        message.add_alternative(_body(letter.html), subtype="html", charset="utf-8", cte="quoted-printable")
        message.set_boundary(_boundary(letter))
    message["Content-Language"] = _matching(LANGUAGE, letter.language, "a language", "fr")
    if letter.list_id:
        list_id = _matching(LIST_ID, letter.list_id, "a List-Id", "rwanda-2016.example.org")
        message["List-Id"] = f"<{list_id}>"
        sender = quote(ascii_address(letter.sender_address), safe="@")
        message["List-Unsubscribe"] = f"<mailto:{sender}?subject=stop>"
    return message


def one_line(text: str) -> str:
    """*text* on one line, with nothing in it that a header, a terminal or a mail program would obey."""
    signs = text.translate(TURNING)
    visible = "".join(" " if unicodedata.category(sign) in BREAKING else sign for sign in signs)
    # Python before 3.11.10 decodes `=?utf-8?q?=0D=0ABcc:...?=` and writes the line break out: a real header.
    return " ".join(visible.split()).replace("=?", "= ?")


def ascii_address(address: str) -> str:
    """*address* as mail servers take it, an international domain written with `xn--`.

    Raises: `Misused` when it is not one plain address, or its part before the @ is not ASCII.
    """
    local, _, domain = address.rpartition("@")
    if not local.isascii():
        raise Misused(
            f"cannot write to {one_line(address)}: few servers carry letters such as é before the @",
            remedy="ask for another address of this person",
        )
    _matching(LOCAL_PART, local, "an e-mail address", "ana@example.org", shown=address)
    return f"{local}@{_ascii_domain(domain, address)}"


def _ascii_domain(domain: str, shown: str) -> str:
    if not domain.isascii():
        domain = _punycode(domain, shown)
    return _matching(DOMAIN, domain, "an e-mail address", "ana@example.org", shown=shown)


def _punycode(domain: str, shown: str) -> str:
    # Asked of email-validator, since Python's own codec follows the rules of 2003 and takes ß for ss.
    from email_validator import EmailNotValidError, validate_email

    try:
        return validate_email(f"post@{domain}", check_deliverability=False).ascii_domain
    except EmailNotValidError:
        why = f"not an e-mail address: {one_line(shown)!r}"
        raise Misused(why, remedy="write it as ana@example.org") from None


def _mailbox(name: str, address: str) -> Address:
    local, _, domain = ascii_address(address).rpartition("@")
    return Address(one_line(name)[:LONGEST_NAME].strip(), local, domain)


def _date(letter: Letter) -> str:
    if letter.sent_at.tzinfo is None:
        raise Misused("the letter's date has no time zone", remedy="hand in an aware instant")
    return format_datetime(letter.sent_at.astimezone(UTC))


def _references(letter: Letter) -> str:
    earlier = [_message_id(token) for token in letter.references.split()]
    return " ".join(dict.fromkeys([*earlier, letter.message_id]))


def _message_id(text: str) -> str:
    return _matching(MESSAGE_ID, text, "a Message-ID", "<0f3a@example.org>")


def _matching(shape: re.Pattern[str], text: str, kind: str, example: str, *, shown: str = "") -> str:
    if not shape.fullmatch(text):
        raise Misused(f"not {kind}: {one_line(shown or text)!r}", remedy=f"write it as {example}")
    return text


def _body(text: str) -> str:
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(sign for sign in lines if sign in "\n\t" or unicodedata.category(sign) not in {"Cc", "Cs"})


def _boundary(letter: Letter) -> str:
    """The same for the same letter, so that writing it twice gives the same bytes; no quoted-printable line has it."""
    return f"=_{hashlib.sha256(letter.message_id.encode()).hexdigest()[:24]}"


def _policy() -> Policy:
    registry = HeaderRegistry()
    for name in ("references", "list-id", "list-unsubscribe"):
        registry.map_to_type(name, _AsWritten)
    return SMTP.clone(header_factory=registry)


class _AsWritten(UniqueUnstructuredHeader, BaseHeader):
    """A header of ASCII words, folded between them only.

    The library encodes a word of more than 77 characters, and no mail program finds a Message-ID in that.
    """

    max_count: ClassVar[Literal[1]] = 1

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {(policy.linesep + ' ').join(self.split())}{policy.linesep}"
