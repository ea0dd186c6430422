"""What leaves by a channel, and what is said of it: against a real mail server and a real folder."""

import asyncio
import base64
import os
import signal
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, timezone
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from socket import create_connection

import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lrflow.channels import Carried, Channel, Letter, Outcome
from lrflow.channels.drafts import DraftsChannel
from lrflow.channels.letters import build_message, fixed_message_id
from lrflow.channels.smtp import SmtpAccess, SmtpChannel
from lrflow.channels.verdicts import judge
from lrflow.errors import Misused, Unavailable

ANA = Letter(
    message_id="<0123456789abcdef01234567@example.org>",
    sender_name="SUN CSN",
    sender_address="route@example.org",
    to_name="Ana Núñez",
    to_address="ana@example.org",
    subject="Plan d’action: 3 jours [LR-7K2Q]",
    text="Bonjour Ana,\n\nLe plan est attendu mardi.\n.\nFrom here: 24 = 24\n",
    language="fr",
    sent_at=datetime(2016, 11, 30, 23, 30, tzinfo=timezone(timedelta(hours=2))),
    list_id="rwanda-2016.example.org",
)
PASSWORD = "correct-horse-battery"
HEADERS_OF_A_LETTER = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "References",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "Content-Type",
    "Content-Transfer-Encoding",
    "MIME-Version",
    "Content-Language",
    "List-Id",
    "List-Unsubscribe",
]


def to(name: str) -> Letter:
    """Another letter, to *name* at example.org."""
    return replace(ANA, to_address=f"{name}@example.org", message_id=fixed_message_id([name], "example.org"))


def text_of(message: EmailMessage) -> str:
    """The text that a reader sees, whatever ends its lines on the wire."""
    return message.get_content().replace("\r\n", "\n")


def nothing() -> None:
    """A `before_data` with nothing to write down."""


@dataclass
class Postmaster:
    """A mail server's answers, by recipient, and what it has seen."""

    at_rcpt: dict[str, str] = field(default_factory=dict)
    at_data: dict[str, str] = field(default_factory=dict)
    greeted_as: list[str] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    taken: list[tuple[str, bytes]] = field(default_factory=list)
    connections: set[tuple[str, int]] = field(default_factory=set)
    transport: asyncio.Transport | None = None

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        session.host_name = hostname
        self.greeted_as.append(hostname)
        return responses

    async def handle_MAIL(self, server, session, envelope, address, options):
        self.seen.append("MAIL")
        self.transport = server.transport
        envelope.mail_from = address
        return "250 2.1.0 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        self.seen.append("RCPT")
        answer = self.at_rcpt.get(address.partition("@")[0], "250 2.1.5 OK")
        return await self._answered(answer, server) or self._noted(envelope, address)

    async def handle_DATA(self, server, session, envelope):
        self.seen.append("DATA")
        self.connections.add(session.peer)
        name = envelope.rcpt_tos[0].partition("@")[0]
        refusal = await self._answered(self.at_data.get(name, "250 2.0.0 OK"), server)
        if refusal in {"", "mumbles"}:
            self.taken.append((envelope.rcpt_tos[0], envelope.content))
        return refusal or "250 2.0.0 queued as 4XyZ"

    async def handle_RSET(self, server, session, envelope):
        self.seen.append("RSET")
        return "250 OK"

    async def handle_QUIT(self, server, session, envelope):
        self.seen.append("QUIT")
        return "221 Bye"

    async def _answered(self, answer, server):
        """The refusal to give, '' for none; `dies` hangs up, `sleeps` never answers."""
        if answer == "dies":
            server.transport.abort()
            return ""
        if answer == "interrupts":
            signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
            return ""
        if answer == "sleeps":
            await asyncio.Event().wait()
        return "" if answer.startswith("2") else answer

    def _noted(self, envelope, address):
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"


class Server(Controller):
    """An aiosmtpd server on a free port of 127.0.0.1."""

    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]
        # A plain look at the port will do: the first letter makes the server's objects.
        create_connection((self.hostname, self.port), 5).close()


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def certified(authority) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.fixture(scope="module")
def trust(authority) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


@pytest.fixture
def master() -> Postmaster:
    return Postmaster()


@contextmanager
def serving(master: Postmaster, **options) -> Iterator[Server]:
    server = Server(master, hostname="127.0.0.1", port=0, **options)
    server.start()
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def channel_to(server: Server, security: str = "none", **options) -> Iterator[SmtpChannel]:
    access = SmtpAccess("127.0.0.1", server.port, security, **{"timeout_seconds": 10, **options})
    channel = SmtpChannel(access)
    try:
        yield channel
    finally:
        channel.close()


@pytest.fixture
def plain(master) -> Iterator[SmtpChannel]:
    with serving(master) as server, channel_to(server) as channel:
        yield channel


def hang_up(master: Postmaster, server: Server, last_words: bytes = b"") -> None:
    """Make the server end the connection it last saw, and wait until it has."""
    done = threading.Event()

    def end() -> None:
        master.transport.write(last_words)
        master.transport.close()
        done.set()

    server.loop.call_soon_threadsafe(end)
    assert done.wait(10)


# --- a letter that is taken


def test_an_accepted_letter_arrives_once_with_its_text_and_headers(plain, master):
    carried = plain.carry(ANA, nothing)

    assert carried == Carried(Outcome.accepted, 250, "DATA: 250 2.0.0 queued as 4XyZ")
    [(recipient, content)] = master.taken
    message = message_from_bytes(content, policy=policy.default)
    assert recipient == "ana@example.org"
    assert message.keys() == HEADERS_OF_A_LETTER
    assert text_of(message) == ANA.text
    assert message["To"].addresses[0].display_name == "Ana Núñez"
    assert message["Subject"] == ANA.subject


def test_both_channels_are_channels(tmp_path):
    channels: list[Channel] = [SmtpChannel(SmtpAccess("localhost", 25, "none")), DraftsChannel(tmp_path)]

    assert [(one.name, one.is_real) for one in channels] == [("email", True), ("drafts", False)]


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # the server overlooks implicit TLS
@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_letter_goes_over_verified_tls_after_a_login(security, master, certified, trust):
    logins = []

    def door(server, session, envelope, mechanism, shown):
        encrypted = server.transport.get_extra_info("ssl_object") is not None
        logins.append((encrypted, shown.login, shown.password))
        return AuthResult(success=True)

    wrapped = {"tls_context": certified} if security == "starttls" else {"ssl_context": certified}
    rules = {"authenticator": door, "auth_required": True, "auth_require_tls": security == "starttls"}
    login = {"user": "route@example.org", "password": lambda: PASSWORD, "trust": trust}
    with serving(master, **wrapped, **rules) as server, channel_to(server, security, **login) as channel:
        outcomes = [channel.carry(to(name), nothing).outcome for name in ("ana", "bo")]

    assert outcomes == [Outcome.accepted, Outcome.accepted]
    assert logins == [(True, b"route@example.org", PASSWORD.encode())]


def test_the_name_of_this_machine_is_not_given_away(plain, master):
    plain.carry(ANA, nothing)

    assert set(master.greeted_as) == {"localhost"}


def test_before_data_is_called_once_between_rcpt_and_data(plain, master):
    calls = []

    plain.carry(ANA, lambda: calls.append(list(master.seen)))

    assert calls == [["MAIL", "RCPT"]]


def test_one_refused_among_three_leaves_the_others_accepted_on_one_connection(plain, master):
    master.at_rcpt["gone"] = "550 5.1.1 no such user"

    outcomes = [plain.carry(to(name), nothing).outcome for name in ("ana", "gone", "bo")]

    assert outcomes == [Outcome.accepted, Outcome.refused, Outcome.accepted]
    assert [recipient for recipient, _ in master.taken] == ["ana@example.org", "bo@example.org"]
    assert len(master.connections) == 1


@pytest.mark.parametrize("last_words", [b"", b"421 4.4.2 idle for too long\r\n"])
def test_a_connection_that_the_server_has_ended_is_made_again(master, last_words):
    with serving(master) as server, channel_to(server) as channel:
        channel.carry(to("ana"), nothing)
        hang_up(master, server, last_words)

        carried = channel.carry(to("bo"), nothing)

    assert carried.outcome is Outcome.accepted
    assert len(master.connections) == 2


def test_closing_says_goodbye_twice_is_harmless_and_a_later_letter_still_goes(plain, master):
    plain.carry(to("ana"), nothing)

    plain.close()
    plain.close()

    assert master.seen.count("QUIT") == 1
    assert plain.carry(to("bo"), nothing).outcome is Outcome.accepted


# --- a letter that is not


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ("550 5.1.1 no such user", Outcome.refused),
        ("550 unknown", Outcome.refused),
        ("450 4.2.0 greylisted, come back later", Outcome.retry),
        ("451 4.7.1 Greylisting in action", Outcome.retry),
        ("552 5.2.2 mailbox full", Outcome.retry),
        ("552 5.4.5 daily quota exceeded", Outcome.paused),
        ("554 5.7.1 blocked using zen.example.org", Outcome.paused),
        ("451 4.7.500 server busy", Outcome.paused),
        ("421 4.3.2 closing", Outcome.paused),
    ],
)
def test_a_refusal_at_rcpt_sends_nothing_and_is_told_apart(plain, master, answer, outcome):
    master.at_rcpt["ana"] = answer
    calls = []

    carried = plain.carry(ANA, lambda: calls.append("begun"))

    assert (carried.outcome, carried.code, carried.detail) == (outcome, int(answer[:3]), f"RCPT: {answer}")
    assert (calls, master.taken) == ([], [])
    assert plain.carry(to("bo"), nothing).outcome is Outcome.accepted


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ("550 5.7.1 listed as spam", Outcome.paused),
        ("550 5.4.5 daily sending limit exceeded", Outcome.paused),
        ("554 transaction failed", Outcome.refused),
        ("451 4.3.0 try again", Outcome.retry),
    ],
)
def test_a_refusal_after_data_is_an_answer_not_a_doubt(plain, master, answer, outcome):
    master.at_data["ana"] = answer

    carried = plain.carry(ANA, nothing)

    assert carried == Carried(outcome, int(answer[:3]), f"DATA: {answer}")
    assert plain.carry(to("bo"), nothing).outcome is Outcome.accepted


@pytest.mark.parametrize(
    ("phase", "code", "answer", "outcome"),
    [
        ("MAIL", 553, "5.1.8 bad outbound sender", Outcome.paused),
        ("MAIL", 550, "not yours", Outcome.paused),
        ("MAIL", 451, "4.3.0 local error", Outcome.retry),
        ("connect", 554, "no SMTP service here", Outcome.paused),
        ("connect", 454, "TLS not available", Outcome.paused),
        ("RCPT", 530, "5.7.0 authentication required", Outcome.paused),
        ("RCPT", 550, "5.4.5 Daily user sending limit exceeded.\n5.4.5 see ...", Outcome.paused),
        ("RCPT", 550, "5.7.133 sender not authenticated for group", Outcome.refused),
        ("RCPT", 554, "5.1.90 daily message limit", Outcome.paused),
        ("RCPT", 452, "4.2.2 over quota", Outcome.retry),
        ("RCPT", 552, "", Outcome.retry),
        ("DATA", 552, "5.3.4 too big", Outcome.refused),
        ("RCPT", 550, "host 5.7.1.9 says no", Outcome.refused),
        ("RCPT", 250, "out of turn", Outcome.retry),
        ("RCPT", -1, "", Outcome.retry),
    ],
)
def test_every_kind_of_answer_has_one_reading(phase, code, answer, outcome):
    assert judge(phase, code, answer.encode()).outcome is outcome


@pytest.mark.requirement("J3")
@pytest.mark.parametrize(
    ("phase", "code", "answer", "blamed"),
    [
        ("RCPT", 550, "5.1.1 no such user", "hard"),
        ("RCPT", 550, "5.1.1 <ana@example.org>: User unknown in relay recipient table", "hard"),
        ("RCPT", 550, "5.1.0 address rejected", "hard"),
        ("RCPT", 550, "5.1.10 RecipientNotFound", "hard"),
        ("RCPT", 550, "5.2.1 mailbox disabled", "hard"),
        ("RCPT", 550, "unknown", "hard"),
        ("RCPT", 550, "<ana@example.org>: Recipient address rejected: User unknown", "hard"),
        ("RCPT", 553, "mailbox name not allowed", "hard"),
        ("DATA", 550, "5.1.1 no such user", "hard"),  # some servers look only then
        ("RCPT", 452, "4.2.2 over quota", "soft"),
        ("RCPT", 552, "5.2.2 mailbox full", "soft"),
        ("RCPT", 452, "mailbox full", "soft"),
        ("RCPT", 552, "", "soft"),
        ("DATA", 552, "5.2.2 mailbox full", "soft"),
        ("RCPT", 450, "4.2.1 mailbox shut for a while", "soft"),
        # what follows is never the address's fault
        ("RCPT", 450, "4.2.1 is receiving mail at a rate that ...", ""),
        ("RCPT", 450, "4.2.0 greylisted", ""),
        ("RCPT", 450, "busy", ""),
        ("RCPT", 450, "4.1.1 not verified yet", ""),
        ("RCPT", 452, "4.3.1 insufficient system storage", ""),
        ("RCPT", 550, "5.4.5 daily sending limit exceeded", ""),
        ("RCPT", 550, "5.4.1 access denied", ""),
        ("RCPT", 550, "5.7.1 blocked using zen.example.org", ""),
        ("RCPT", 550, "5.7.133 a closed group", ""),
        ("RCPT", 550, "5.1.8 bad sender", ""),
        ("RCPT", 550, "5.1.0 sender rejected", ""),
        ("RCPT", 554, "5.1.90 daily limit", ""),
        ("RCPT", 550, "blocked using zen.example.org", ""),
        ("RCPT", 550, "sender verify failed", ""),
        ("RCPT", 550, "rejected for policy reasons", ""),
        ("RCPT", 554, "no", ""),
        ("RCPT", 530, "log in first", ""),
        ("RCPT", 421, "closing", ""),
        ("DATA", 550, "looks like spam", ""),
        ("DATA", 554, "transaction failed", ""),
        ("DATA", 552, "", ""),
        ("MAIL", 550, "unknown", ""),
        ("connect", 554, "no SMTP service here", ""),
    ],
)
def test_only_what_a_server_says_of_a_mailbox_is_held_against_it(phase, code, answer, blamed):
    assert judge(phase, code, answer).address == blamed


@pytest.mark.requirement("C8")
@pytest.mark.parametrize(
    ("code", "answer"),
    [
        (450, "too many messages from your address"),
        (451, "Rate limit exceeded"),
        (550, "daily sending quota exceeded"),
        (550, "Relaying denied"),
        (550, "blocked using zen.spamhaus.org"),
        (554, "your IP is on a blacklist"),
        (553, "authentication is required"),
    ],
)
def test_a_servers_words_against_the_sender_count_where_it_gives_no_status(code, answer):
    assert judge("RCPT", code, answer).outcome is Outcome.paused


def test_a_detail_is_one_line_of_300_characters_without_terminal_codes():
    said = judge("RCPT", 550, b"5.1.1 \x1b[31mno\r\n" + b"x" * 1000 + b"\xff").detail

    assert said.startswith("RCPT: 550 5.1.1 [31mno xxx")
    assert len(said) == 300


# --- a connection that breaks


def test_a_server_that_dies_before_data_has_nothing_so_the_letter_is_tried_again(plain, master):
    master.at_rcpt["ana"] = "dies"
    calls = []

    carried = plain.carry(ANA, lambda: calls.append("begun"))

    assert (carried.outcome, carried.code, calls, master.taken) == (Outcome.retry, None, [], [])
    assert plain.carry(to("bo"), nothing).outcome is Outcome.accepted


@pytest.mark.parametrize(("answer", "code"), [("dies", None), ("mumbles", -1)])
def test_a_server_that_dies_or_mumbles_after_data_leaves_a_doubt_and_no_second_letter(answer, code, plain, master):
    master.at_data["ana"] = answer

    carried = plain.carry(ANA, nothing)

    assert (carried.outcome, carried.code) == (Outcome.unsure, code)
    assert [recipient for recipient, _ in master.taken] == ["ana@example.org"]
    assert plain.carry(to("bo"), nothing).outcome is Outcome.accepted


@pytest.mark.parametrize(("phase", "outcome"), [("at_rcpt", Outcome.retry), ("at_data", Outcome.unsure)])
def test_a_server_that_does_not_answer_is_left_after_the_timeout(master, phase, outcome):
    getattr(master, phase)["ana"] = "sleeps"
    with serving(master) as server, channel_to(server, timeout_seconds=0.3) as channel:
        carried = channel.carry(ANA, nothing)

        assert (carried.outcome, carried.code) == (outcome, None)
        assert "timed out" in carried.detail


def test_a_server_that_is_not_there_is_tried_again(master):
    with serving(master) as server:
        port = server.port

    carried = SmtpChannel(SmtpAccess("127.0.0.1", port, "none")).carry(ANA, nothing)

    assert (carried.outcome, carried.code) == (Outcome.retry, None)


def test_if_before_data_raises_nothing_is_sent_and_the_connection_is_clean(plain, master):
    def broken() -> None:
        raise Unavailable("the disk is full")

    with pytest.raises(Unavailable):
        plain.carry(to("ana"), broken)

    assert master.seen == ["MAIL", "RCPT", "RSET"]
    assert plain.carry(to("bo"), nothing).outcome is Outcome.accepted
    assert [recipient for recipient, _ in master.taken] == ["bo@example.org"]
    assert len(master.connections) == 1


def test_an_interrupt_before_data_does_not_leak_into_the_next_letter(plain, master):
    def interrupted() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        plain.carry(to("ana"), interrupted)
    plain.carry(to("bo"), nothing)

    assert [recipient for recipient, _ in master.taken] == ["bo@example.org"]


@pytest.mark.skipif(os.name == "nt", reason="Windows delivers no Ctrl-C to one process alone")
def test_an_interrupt_after_data_was_begun_keeps_the_next_letter_apart(plain, master):
    master.at_data["ana"] = "interrupts"

    with pytest.raises(KeyboardInterrupt):
        plain.carry(to("ana"), nothing)
    carried = plain.carry(to("bo"), nothing)

    assert carried.outcome is Outcome.accepted  # and not the late answer to the first letter
    assert [recipient for recipient, _ in master.taken] == ["ana@example.org", "bo@example.org"]
    assert len(master.connections) == 2


# --- a server that cannot be trusted, or does not trust us


def test_without_starttls_nothing_is_sent_in_clear_and_no_login_is_tried(master, trust):
    logins = []

    def door(*shown):
        logins.append(shown)
        return AuthResult(success=True)

    login = {"user": "ana", "password": lambda: logins.append("asked") or PASSWORD, "trust": trust}
    with (
        serving(master, authenticator=door, auth_require_tls=False) as server,
        channel_to(server, "starttls", **login) as channel,
    ):
        carried = channel.carry(ANA, nothing)

    assert (carried.outcome, logins, master.seen) == (Outcome.paused, [], [])
    assert "STARTTLS" in carried.detail


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize("fault", ["unknown authority", "another host"])
def test_a_bad_certificate_pauses_before_login_and_letter(security, fault, master, authority, certified, trust):
    logins = []
    shown = certified
    if fault == "another host":
        shown = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert("mail.example.org").configure_cert(shown)
    believed = trust if fault == "another host" else None
    wrapped = {"tls_context": shown} if security == "starttls" else {"ssl_context": shown}
    login = {"user": "ana", "password": lambda: logins.append("asked") or PASSWORD, "trust": believed}
    with serving(master, **wrapped) as server, channel_to(server, security, **login) as channel:
        carried = channel.carry(ANA, nothing)

    assert (carried.outcome, carried.code, logins, master.seen) == (Outcome.paused, None, [], [])
    assert carried.detail.startswith("TLS failed")


@pytest.mark.parametrize(
    "echo",
    [
        "",
        PASSWORD,
        base64.b64encode(PASSWORD.encode()).decode(),
        base64.b64encode(f"\0ana\0{PASSWORD}".encode()).decode(),
    ],
)
def test_a_bad_login_pauses_and_the_password_is_nowhere_in_the_detail(echo, master, certified, trust):
    def door(*shown):
        return AuthResult(success=False, handled=False, message=f"535 5.7.8 wrong: {echo}")

    login = {"user": "ana", "password": lambda: PASSWORD, "trust": trust}
    with (
        serving(master, tls_context=certified, authenticator=door) as server,
        channel_to(server, "starttls", **login) as channel,
    ):
        carried = channel.carry(ANA, nothing)

    assert (carried.outcome, carried.code, master.seen) == (Outcome.paused, 535, [])
    assert carried.detail == ("login failed: 535" if echo else "login failed: 535 5.7.8 wrong:")


@pytest.mark.parametrize("password", ["contraseña", "locked"])
def test_a_password_that_cannot_be_shown_pauses_and_stays_secret(password, master, certified, trust):
    def ask() -> str:
        if password == "locked":
            raise Unavailable("the keyring is locked")
        return password

    login = {"user": "ana", "password": ask, "trust": trust}
    with (
        serving(master, tls_context=certified, authenticator=lambda *shown: AuthResult(success=True)) as server,
        channel_to(server, "starttls", **login) as channel,
    ):
        carried = channel.carry(ANA, nothing)

    assert carried.outcome is Outcome.paused
    assert "ñ" not in carried.detail
    assert "keyring" in carried.detail or "outside ASCII" in carried.detail


def test_a_server_that_offers_no_login_pauses(master, certified, trust):
    login = {"user": "ana", "password": lambda: PASSWORD, "trust": trust}
    with (
        serving(master, tls_context=certified, auth_exclude_mechanism=["LOGIN", "PLAIN"]) as server,
        channel_to(server, "starttls", **login) as channel,
    ):
        carried = channel.carry(ANA, nothing)

    assert (carried.outcome, master.seen) == (Outcome.paused, [])


def test_an_access_that_would_give_letters_away_cannot_be_made():
    blind = ssl.create_default_context()
    blind.check_hostname = False

    for settings_given in (
        {"host": "mail.example.org", "port": 25, "security": "none"},
        {"host": "mail.example.org", "port": 25, "security": "ssl"},
        {"host": "mail.example.org", "port": 587, "security": "starttls", "trust": blind},
        {"host": "mail.example.org", "port": 587, "security": "starttls", "user": "ana"},
    ):
        with pytest.raises(Misused):
            SmtpAccess(**settings_given)
    assert PASSWORD not in repr(SmtpAccess("::1", 25, "none", "ana", lambda: PASSWORD))


# --- a letter's form


def read_back(letter: Letter) -> EmailMessage:
    return message_from_bytes(build_message(letter).as_bytes(), policy=policy.default)


def test_the_headers_say_that_a_machine_wrote_it_and_how_to_stop_it():
    raw = build_message(replace(ANA, references="<first@example.org>")).as_bytes()
    message = message_from_bytes(raw, policy=policy.default)

    assert {name: str(message[name]) for name in (*HEADERS_OF_A_LETTER[3:8], *HEADERS_OF_A_LETTER[-3:])} == {
        "Date": "Wed, 30 Nov 2016 21:30:00 +0000",
        "Message-ID": ANA.message_id,
        "References": f"<first@example.org> {ANA.message_id}",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "Content-Language": "fr",
        "List-Id": "<rwanda-2016.example.org>",
        "List-Unsubscribe": "<mailto:route@example.org?subject=stop>",
    }
    assert message.get_content_type() == "text/plain"


def test_without_a_list_there_is_nothing_to_unsubscribe_from():
    message = read_back(replace(ANA, list_id=""))

    assert (message["List-Id"], message["List-Unsubscribe"]) == (None, None)


def test_long_identifiers_are_never_encoded():
    domain = "a-very-long-department.of-an-organisation-with-a-long-name.example.org"
    own = fixed_message_id(["rwanda"], domain)
    raw = build_message(replace(ANA, message_id=own, sender_address=f"route@{domain}")).as_bytes()

    assert f"\r\nReferences: {own}\r\n".encode() in raw
    assert f"\r\nList-Unsubscribe: <mailto:route@{domain}?subject=stop>\r\n".encode() in raw


def test_a_long_line_of_any_script_is_folded_and_read_back_whole():
    text = "ረጅም " * 400 + "x" * 2000 + "\n<b>Jane</b>\n"

    raw = build_message(replace(ANA, text=text)).as_bytes()

    assert max(len(line) for line in raw.split(b"\r\n")) <= 78
    assert raw.isascii()
    assert text_of(message_from_bytes(raw, policy=policy.default)) == text


HOSTILE = [
    "Ana\r\nBcc: evil@example.com",
    "=?utf-8?q?Ana=0D=0ABcc:_evil@example.com?=",
    "=\r?utf-8?q?Ana=0D=0ABcc:_evil@example.com?=",
    "=\u202e?utf-8?q?Ana=0D=0ABcc:_evil@example.com?=",
    "Ana\u2028Bcc: evil@example.com\x85X: y\x0bZ: y",
    "evil@example.com>, Ana <",
    'Ñ, evil@example.com, "' * 20,
    "\ud800\x00\\",
    "x" * 3000,
    "é" * 500,
]
any_text = st.text(max_size=120) | st.text(
    alphabet=list('=?utf8qbQB_-. \r\n\t:,;<>()[]"\\@aéÑم\u202e\u2066\x00\x0b\x85\u2028'), max_size=120
)


def hostile_examples(test):
    for text in HOSTILE:
        test = example(name=text, subject=text, body=text)(test)
    return test


@hostile_examples
@settings(max_examples=150, deadline=None)
@given(name=any_text, subject=any_text, body=any_text)
def test_no_name_subject_or_text_can_add_a_header_or_a_recipient(name, subject, body):
    message = read_back(replace(ANA, sender_name=name, to_name=name, subject=subject, text=body))

    assert message.keys() == HEADERS_OF_A_LETTER
    assert [one.addr_spec for one in message["To"].addresses] == ["ana@example.org"]
    assert [one.addr_spec for one in message["From"].addresses] == ["route@example.org"]
    assert all(len(line) <= 998 for line in message.as_bytes().splitlines())


def test_a_hostile_name_and_subject_reach_a_real_server_without_harm(plain, master):
    carried = plain.carry(replace(ANA, to_name=HOSTILE[1], subject=HOSTILE[0], text=".\r\nRSET\r\n"), nothing)

    assert carried.outcome is Outcome.accepted
    message = message_from_bytes(master.taken[0][1], policy=policy.default)
    assert message.keys() == HEADERS_OF_A_LETTER
    assert message["Subject"] == "Ana Bcc: evil@example.com"
    assert message.get_content().split() == [".", "RSET"]


def test_names_keep_their_script_and_lose_what_turns_them_round():
    kept = "محمد\u200cعلی"

    message = read_back(replace(ANA, to_name=f"\u202e{kept}\u2069", sender_name="Jane (Procasur), “CSN”"))

    assert message["To"].addresses[0].display_name == kept
    assert message["From"].addresses[0].display_name == "Jane (Procasur), “CSN”"


def test_an_international_domain_is_written_as_servers_know_it(plain, master):
    plain.carry(replace(ANA, to_address="ana@faß.example"), nothing)

    assert master.taken[0][0] == "ana@xn--fa-hia.example"


@pytest.mark.parametrize(
    "address",
    [
        "josé@example.org",
        "ana",
        "",
        "@example.org",
        "ana@",
        "ana@exa mple.org",
        "ana@example.org\r\nRCPT TO:<evil@example.com>",
        "ana@example.org> SIZE=1",
        "evil@example.com,ana@example.org",
        '"a b"@example.org',
        "ana@-é-.example",
    ],
)
def test_an_address_that_is_not_plainly_one_is_refused_before_anything_is_sent(address, plain, master, tmp_path):
    outbox = DraftsChannel(tmp_path / "outbox")

    for channel in (plain, outbox):
        with pytest.raises(Misused) as refusal:
            channel.carry(replace(ANA, to_address=address), nothing)
        assert refusal.value.remedy

    assert master.seen == []
    assert not (tmp_path / "outbox").exists()


@pytest.mark.parametrize(
    "bad",
    [
        {"message_id": "<a@b>\r\nBcc: evil@example.com"},
        {"message_id": "plain"},
        {"references": "<a@b> evil"},
        {"language": "fr\r\nX: y"},
        {"list_id": "rwanda> <evil"},
        {"sent_at": datetime(2016, 11, 30)},  # noqa: DTZ001 - the fault under test
    ],
)
def test_a_field_that_cannot_stand_in_a_header_is_refused(bad):
    with pytest.raises(Misused):
        build_message(replace(ANA, **bad))


def test_a_message_id_is_fixed_by_its_parts_alone():
    first = fixed_message_id(["rwanda-2016", "a", "bc"], "example.org")

    assert first == fixed_message_id(("rwanda-2016", "a", "bc"), "example.org")
    assert first != fixed_message_id(["rwanda-2016", "ab", "c"], "example.org")
    assert len(first) == len("<@example.org>") + 24
    with pytest.raises(Misused):
        fixed_message_id(["a"], "example.org>\r\n")


# --- drafts


def files_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_draft_reads_back_as_the_letter_and_opens_as_unsent(tmp_path):
    carried = DraftsChannel(tmp_path / "outbox").carry(ANA, nothing)

    [name] = files_in(tmp_path / "outbox")
    assert carried == Carried(Outcome.accepted, None, name)
    assert name.startswith("2016-11-30-ana@example.org-")
    message = message_from_bytes((tmp_path / "outbox" / name).read_bytes(), policy=policy.default)
    assert message["X-Unsent"] == "1"
    assert (message["Message-ID"], message["Subject"]) == (ANA.message_id, ANA.subject)
    assert text_of(message) == ANA.text


def test_a_draft_done_again_on_a_later_day_leaves_one_file_with_the_later_text(tmp_path):
    drafts = DraftsChannel(tmp_path)
    drafts.carry(ANA, nothing)

    drafts.carry(replace(ANA, text="Second.\n", sent_at=datetime(2016, 12, 2, tzinfo=UTC)), nothing)

    [name] = files_in(tmp_path)
    assert b"Second." in (tmp_path / name).read_bytes()


def test_two_letters_to_one_person_are_two_drafts(tmp_path):
    drafts = DraftsChannel(tmp_path)

    for number in ("1", "2"):
        drafts.carry(replace(ANA, message_id=fixed_message_id([number], "example.org")), nothing)

    assert len(files_in(tmp_path)) == 2


def test_an_address_cannot_lead_a_draft_out_of_its_folder(tmp_path):
    folder = tmp_path / "outbox"

    DraftsChannel(folder).carry(replace(ANA, to_address="/etc/x*|?=../@example.org".replace("..", ".a")), nothing)

    assert files_in(tmp_path) == ["outbox"]
    assert files_in(folder)[0].startswith("2016-11-30-_etc_x____.a_@example.org-")


def test_if_before_data_raises_no_draft_and_no_rest_is_left(tmp_path):
    def broken() -> None:
        assert list(tmp_path.glob("*.eml")) == []
        raise OSError("the database's own disk error")

    with pytest.raises(OSError, match="own disk"):
        DraftsChannel(tmp_path).carry(ANA, broken)

    assert files_in(tmp_path) == []


def test_a_folder_that_is_a_file_is_tried_again_later(tmp_path):
    (tmp_path / "outbox").write_text("in the way", encoding="utf-8")

    carried = DraftsChannel(tmp_path / "outbox").carry(ANA, nothing)

    assert (carried.outcome, carried.code) == (Outcome.retry, None)
    assert "outbox" in carried.detail


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_tried_again_later_and_leaves_no_half_draft(tmp_path):
    drafts = DraftsChannel(tmp_path)
    drafts.carry(ANA, nothing)
    [name] = files_in(tmp_path)
    (tmp_path / name).unlink()
    (tmp_path / f".{name.rpartition('-')[2].removesuffix('.eml')}.tmp").symlink_to("/dev/full")

    carried = drafts.carry(ANA, nothing)

    assert carried.outcome is Outcome.retry
    assert "space" in carried.detail
    assert files_in(tmp_path) == []


def test_a_draft_held_by_another_program_is_tried_again_later(tmp_path):
    drafts = DraftsChannel(tmp_path)
    drafts.carry(ANA, nothing)
    [name] = files_in(tmp_path)
    (tmp_path / name).unlink()
    (tmp_path / name).mkdir()  # a name that cannot be taken over, as an open file on Windows

    carried = drafts.carry(ANA, nothing)

    assert carried.outcome is Outcome.retry
    assert files_in(tmp_path) == [name]
