"""Call the mail server that the settings name: connect, encrypt, log in, hang up. No letter is handed in."""

from collections.abc import Iterator
from dataclasses import replace

from lrflow import clock
from lrflow.channels.accounts import account_of
from lrflow.channels.smtp import SmtpChannel
from lrflow.doctor.found import Found
from lrflow.settings import Settings

PATIENCE_SECONDS = 10.0
SET = "lrflow settings set"
ASK = "ask whoever runs that mail server"
REMEDIES = {
    "login failed": f"{SET} smtp_user=... smtp_password_file=PATH",
    "TLS failed": f"{SET} smtp_security=tls   or, for a server of your own: {SET} smtp_ca_file=PATH",
    "the server offers no STARTTLS": f"{SET} smtp_security=tls smtp_port=465",
    "no connection": f"{SET} smtp_host=... smtp_port=...   unless this computer is offline",
}


def look_at_connection(current: Settings) -> Iterator[Found]:
    """Whether the mail server takes us: a real connection of at most ten seconds a step, with the real login."""
    host = current.get("smtp_host")
    if clock.is_handed_in():
        yield Found("ok", f"{host} was not called: in a rehearsal nothing leaves this computer")
        return
    account = replace(account_of(current), timeout_seconds=PATIENCE_SECONDS)
    stopped = SmtpChannel(account).probe()
    if stopped is None:
        login = f", and knows {account.user}" if account.user else ""
        yield Found("ok", f"{host} answers on port {account.port}{login}; no mail was sent")
    else:
        says = f"mail cannot leave through {host} port {account.port}: {stopped.detail}"
        remedy = next((do for start, do in REMEDIES.items() if stopped.detail.startswith(start)), ASK)
        yield Found("fault", says, (remedy,))
