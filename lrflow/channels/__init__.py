"""The port through which a letter leaves: what is handed over, and what comes back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal, Protocol


class Outcome(StrEnum):
    """What became of one letter, in the only five ways a caller has to tell apart."""

    accepted = "accepted"  # the other side has it
    refused = "refused"  # this letter to this address will never be taken
    retry = "retry"  # nothing was sent; the same letter may pass later
    paused = "paused"  # nothing was sent; the sender's side is at fault, so stop the whole batch
    unsure = "unsure"  # the connection was lost after DATA was begun: it may have been taken


@dataclass(frozen=True, slots=True)
class Carried:
    """The outcome of one letter; *code* is the server's reply code, None when no server answered.

    *detail* is one line of at most 300 characters, without secrets, fit to be stored and shown. *address* is what a
    refusal says of the address itself: `hard`, there is no such mailbox; `soft`, it is full or shut for now.
    """

    outcome: Outcome
    code: int | None
    detail: str
    address: Literal["", "hard", "soft"] = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """One message to one person, complete: plain text, and beside it the same as *html* unless that is empty.

    *sent_at* is aware; a draft is named by its day in its own zone. *language* is a tag such as `fr` or
    `pt-MZ`. *references* lists earlier Message-IDs of the thread, apart by spaces. *list_id* is a dotted name
    without brackets; with one, the letter says how to unsubscribe.
    """

    message_id: str
    sender_name: str
    sender_address: str
    to_name: str
    to_address: str
    subject: str
    text: str
    language: str
    sent_at: datetime
    references: str = ""
    list_id: str = ""
    html: str = ""


class Channel(Protocol):
    """A way out for letters, used by one thread at a time."""

    @property
    def name(self) -> str:
        """The word for it in records and settings: `email` or `drafts`."""

    @property
    def is_real(self) -> bool:
        """Whether an accepted letter has left; a draft has not, until a person confirms it."""

    def carry(self, letter: Letter, before_data: Callable[[], None]) -> Carried:
        """Hand over *letter*, calling *before_data* once, just before the step that cannot be taken back.

        If *before_data* raises, nothing is sent, the exception goes through, and the next letter may be
        carried. Nothing is tried twice after that call. Raises: `Misused` for a letter that cannot be
        written, before anything is sent.
        """

    def close(self) -> None:
        """Let go of whatever is held open. A second call does nothing; a later `carry` opens it again."""
