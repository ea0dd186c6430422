"""Through which channel messages leave, and in whose name: drafts until a mail server is set."""

from dataclasses import dataclass

from lrflow import clock
from lrflow.channels import Channel
from lrflow.channels.accounts import account_of
from lrflow.channels.drafts import DraftsChannel
from lrflow.channels.letters import ascii_address
from lrflow.channels.rates import UNLIMITED, Rate, read_rate
from lrflow.channels.smtp import SmtpChannel
from lrflow.errors import Misused, Unavailable
from lrflow.settings import Settings

OUTBOX = "outbox"


@dataclass(frozen=True, slots=True)
class Mailer:
    """A channel, the name and address that messages come from, and how fast they may leave."""

    channel: Channel
    name: str
    address: str
    rate: Rate = UNLIMITED

    @property
    def domain(self) -> str:
        """The domain that Message-IDs bear."""
        return self.address.rpartition("@")[2] or "lrflow.invalid"


def mailer_of(settings: Settings) -> Mailer:
    """The mailer that the settings describe. A handed-in time never reaches a real channel: `Unavailable`."""
    written = settings.get("sender_address") or settings.get("me")
    name = settings.get("sender_name") or written
    try:
        address = ascii_address(written)
    except Misused as fault:  # found out later, it would fail every message for good
        says = f"messages come from no address that mail servers take: {fault.message}"
        raise Unavailable(says, remedy="lrflow settings set sender_address=NAME@DOMAIN") from None
    if not settings.get("smtp_host"):
        return Mailer(DraftsChannel(settings.home / OUTBOX), name, address)
    if clock.is_handed_in():
        raise Unavailable("the time is handed in by LRFLOW_NOW: no real mail is sent", remedy="unset LRFLOW_NOW")
    return Mailer(SmtpChannel(account_of(settings)), name, address, read_rate(settings.get("smtp_rate")))
