"""Real e-mail by SMTP: one verified connection for many letters, and never a doubt about the phase."""

import base64
import ipaddress
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Literal

from lrflow.channels import Carried, Letter, Outcome
from lrflow.channels.letters import ascii_address, build_message
from lrflow.channels.verdicts import as_text, detail, judge
from lrflow.errors import LrflowError, Misused

OWN_NAME = "localhost"  # said in EHLO; by default smtplib would give away the laptop's name


@dataclass(frozen=True, slots=True)
class SmtpAccess:
    """Where letters are handed in, and by whom.

    *password* is asked at each login and never kept; it may raise `LrflowError` when it cannot be read.
    *timeout_seconds* holds for connecting and for each answer. *trust* replaces the system's certificates.
    Raises: `Misused` for a user without password, a plain connection that leaves this machine, and a *trust*
    that does not verify.
    """

    host: str
    port: int
    security: Literal["starttls", "tls", "none"]
    user: str | None = None
    password: Callable[[], str] | None = field(default=None, repr=False)
    timeout_seconds: float = 30.0
    trust: ssl.SSLContext | None = None

    def __post_init__(self) -> None:
        if self.security not in {"starttls", "tls", "none"}:
            raise Misused(f"unknown security {self.security!r}", remedy="use starttls, tls or none")
        if self.security == "none" and not _is_loopback(self.host):
            raise Misused(
                f"cannot send to {self.host} in clear: anyone on the way could read letters and password",
                remedy="use starttls (port 587) or tls (port 465)",
            )
        if self.user and self.password is None:
            raise Misused(f"no password for {self.user}", remedy="say where the password is kept")
        if self.trust and not (self.trust.verify_mode is ssl.CERT_REQUIRED and self.trust.check_hostname):
            why = "the TLS context does not verify the server"
            raise Misused(why, remedy="use ssl.create_default_context()")


class SmtpChannel:
    """Letters by e-mail, over a connection opened at the first and kept until `close`."""

    name = "email"
    is_real = True

    def __init__(self, access: SmtpAccess) -> None:
        self._access = access
        self._server: smtplib.SMTP | None = None

    def carry(self, letter: Letter, before_data: Callable[[], None]) -> Carried:
        """Send *letter* (see `Channel.carry`); *before_data* runs once MAIL and RCPT were accepted.

        `retry` with code None: the network failed, as it probably will for the next letter too.
        """
        wire = build_message(letter).as_bytes()
        stopped = self._reach() or self._offer(letter)
        if stopped:
            return self._settled(stopped)
        try:
            before_data()
        except BaseException:
            self._reset()
            raise
        return self._settled(self._hand_over(wire))

    def probe(self) -> Carried | None:
        """Connect, log in and say goodbye, with no letter; why the server cannot be used, None when it can."""
        stopped = self._reach()
        self.close()
        return stopped

    def close(self) -> None:
        """Say goodbye and hang up."""
        if self._server is not None:
            with suppress(OSError):
                self._server.quit()
        self._drop()

    def _reach(self) -> Carried | None:
        """Keep a connection that still answers, or make one; None when it stands."""
        # Asked by RSET, because a server that hung up since the last letter (idle, or so many letters a
        # connection) may have left a 421 behind, which is no word about this letter.
        self._reset()
        if self._server is not None:
            return None
        try:
            self._server = _connected(self._access)
        except ssl.SSLError as error:
            return Carried(Outcome.paused, None, detail(f"TLS failed: {error}"))
        except smtplib.SMTPNotSupportedError:
            return Carried(Outcome.paused, None, "the server offers no STARTTLS: nothing was sent in clear")
        except smtplib.SMTPResponseException as error:
            return judge("connect", error.smtp_code, error.smtp_error)
        except OSError as error:
            return Carried(Outcome.retry, None, detail(f"no connection: {error}"))
        return self._log_in()

    def _log_in(self) -> Carried | None:
        """Show user and password; any failure pauses, since hammering at a login locks the account."""
        user, ask = self._access.user, self._access.password
        if not user or ask is None:
            return None
        secret = ""
        try:
            with self._lent() as server:
                secret = ask()
                server.login(user, secret)
        except smtplib.SMTPAuthenticationError as error:
            said = as_text(error.smtp_error)
            return _login_failed(error.smtp_code, "" if _repeats(said, user, secret) else said)
        except LrflowError as error:
            return _login_failed(None, error.message)
        except ValueError:  # its own words would quote a letter of the password
            return _login_failed(None, "user or password has letters outside ASCII: use an app password")
        except OSError as error:
            return _login_failed(None, type(error).__name__)
        return None

    def _offer(self, letter: Letter) -> Carried | None:
        """Name sender and recipient; None when the server takes both."""
        try:
            with self._lent() as server:
                code, answer = server.mail(ascii_address(letter.sender_address))
                if code != 250:
                    return judge("MAIL", code, answer)
                code, answer = server.rcpt(ascii_address(letter.to_address))
        except OSError as error:
            return Carried(Outcome.retry, None, detail(f"connection lost before DATA: {error}"))
        return None if code in (250, 251, 252) else judge("RCPT", code, answer)

    def _hand_over(self, wire: bytes) -> Carried:
        try:
            with self._lent() as server:
                try:
                    code, answer = server.data(wire)
                except smtplib.SMTPDataError as error:  # the command itself: nothing of the letter has left
                    return judge("DATA", error.smtp_code, error.smtp_error)
        except OSError as error:
            return Carried(Outcome.unsure, None, detail(f"no answer after DATA: {error}; it may have been taken"))
        if code // 100 in (4, 5):
            return judge("DATA", code, answer)
        outcome = Outcome.accepted if code // 100 == 2 else Outcome.unsure
        return Carried(outcome, code, detail(f"DATA: {code} {as_text(answer)}"))

    def _settled(self, carried: Carried) -> Carried:
        """Leave the connection clean: reset after a plain refusal, dropped after anything odd."""
        if carried.outcome is Outcome.accepted:
            return carried
        if carried.code is not None and 400 <= carried.code < 600:
            self._reset()
        else:
            self._drop()
        return carried

    @contextmanager
    def _lent(self) -> Iterator[smtplib.SMTP]:
        """Lend the connection, and drop it when anything is raised.

        Even Ctrl-C: a RSET sent in the middle of a letter would become part of that letter.
        """
        if self._server is None:
            raise smtplib.SMTPServerDisconnected("not connected")
        try:
            yield self._server
        except BaseException:
            self._drop()
            raise

    def _reset(self) -> None:
        """Take back what was begun, by RSET; drop a connection that does not answer it with 250."""
        if self._server is None:
            return
        try:
            is_clean = self._server.rset()[0] == 250
        except OSError:
            is_clean = False
        except BaseException:
            self._drop()
            raise
        if not is_clean:
            self._drop()

    def _drop(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            with suppress(OSError):
                server.close()


def _connected(access: SmtpAccess) -> smtplib.SMTP:
    """A connection that has been greeted, is verified and encrypted, and knows the server's abilities."""
    # Always our own context: without one, smtplib verifies nothing.
    trust = access.trust or ssl.create_default_context()
    server = _greeted(access, trust)
    try:
        if access.security == "starttls":
            server.starttls(context=trust)
        server.ehlo_or_helo_if_needed()
    except BaseException:
        server.close()
        raise
    return server


def _greeted(access: SmtpAccess, trust: ssl.SSLContext) -> smtplib.SMTP:
    where, seconds = (access.host, access.port, OWN_NAME), access.timeout_seconds
    if access.security == "tls":
        return smtplib.SMTP_SSL(*where, timeout=seconds, context=trust)
    return smtplib.SMTP(*where, timeout=seconds)


def _login_failed(code: int | None, why: str) -> Carried:
    return Carried(Outcome.paused, code, detail(f"login failed: {code or ''} {why}"))


def _repeats(said: str, user: str, secret: str) -> bool:
    """Whether the server's words give the password away, plain or in the forms in which it was sent."""
    forms = (secret, *(base64.b64encode(text.encode()).decode() for text in (secret, f"\0{user}\0{secret}")))
    return any(form in said for form in forms)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
