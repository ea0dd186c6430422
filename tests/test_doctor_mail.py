"""The doctor calls the mail server of the settings for real: connect, TLS, login, goodbye, and never a letter."""

import os
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from socket import create_connection

import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from post_office import open_post
from programme import Programme

from lrflow.channels import Outcome
from lrflow.channels.smtp import SmtpAccess, SmtpChannel
from lrflow.doctor import Found, examine

PASSWORD = "correct-horse-battery"
pytestmark = pytest.mark.requirement("O1", "D5")


class Commands:
    """What a server was told after its greeting."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    async def handle_MAIL(self, server, session, envelope, address, options):
        self.seen.append("MAIL")
        return "250 OK"

    async def handle_QUIT(self, server, session, envelope):
        self.seen.append("QUIT")
        return "221 Bye"


class Server(Controller):
    """An aiosmtpd server on a free port of 127.0.0.1."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        create_connection((self.hostname, self.port), 5).close()


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@contextmanager
def serving(authority: trustme.CA, name: str = "127.0.0.1", **options: bool) -> Iterator[tuple[int, list[str]]]:
    """A server that knows one password, on its port; with what it was told."""
    certified, commands = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH), Commands()
    authority.issue_cert(name).configure_cert(certified)

    def judged(server, session, envelope, mechanism, given):
        return AuthResult(success=given.password == PASSWORD.encode(), handled=False)

    options = {"auth_require_tls": True, **options}
    server = Server(commands, hostname="127.0.0.1", port=0, tls_context=certified, authenticator=judged, **options)
    server.start()
    try:
        yield server.port, commands.seen
    finally:
        server.stop()


def configure(programme: Programme, folder: Path, authority: trustme.CA, port: int, password: str = PASSWORD) -> None:
    secret, trusted = folder / "password", folder / "ca.pem"
    secret.touch(mode=0o600)
    secret.write_text(f"{password}\n")
    authority.cert_pem.write_to_path(trusted)
    programme.do(f"settings set smtp_host=127.0.0.1 smtp_port={port} smtp_user=grace smtp_password_file={secret}")
    programme.do(f"settings set smtp_ca_file={trusted}")


def of_the_mail(programme: Programme) -> Found:
    (found,) = [each for each in examine(programme.home, None) if "127.0.0.1" in each.what]
    return found


def test_a_server_that_takes_us_is_told_and_gets_no_letter(young, tmp_path, authority):
    with serving(authority) as (port, seen):
        configure(young, tmp_path, authority, port)

        looked = of_the_mail(young)

    assert looked == Found("ok", f"127.0.0.1 answers on port {port}, and knows grace; no mail was sent")
    assert seen == ["QUIT"]


def test_a_wrong_password_is_a_fault_and_is_not_printed(young, tmp_path, authority):
    with serving(authority) as (port, _):
        configure(young, tmp_path, authority, port, "wrong-horse-battery")

        looked = of_the_mail(young)

    assert looked.level == "fault"
    assert looked.what.startswith(f"mail cannot leave through 127.0.0.1 port {port}: login failed: 535")
    assert looked.remedy == ("lrflow settings set smtp_user=... smtp_password_file=PATH",)
    assert "horse" not in str(looked)


def test_a_certificate_of_another_host_is_a_fault_before_any_login(young, tmp_path, authority):
    with serving(authority, "mail.example.org") as (port, _):
        configure(young, tmp_path, authority, port)

        looked = of_the_mail(young)

    assert looked.level == "fault"
    assert "TLS failed: " in looked.what
    assert "smtp_ca_file=PATH" in looked.remedy[0]


def test_a_server_without_tls_is_a_fault(young, tmp_path, authority):
    with open_post() as post:
        configure(young, tmp_path, authority, post.port)

        looked = of_the_mail(young)

    assert looked.what.endswith("the server offers no STARTTLS: nothing was sent in clear")
    assert looked.remedy == ("lrflow settings set smtp_security=tls smtp_port=465",)


def test_a_port_at_which_nobody_listens_is_a_fault(young):
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = server.getsockname()[1]
    young.do(f"settings set smtp_host=127.0.0.1 smtp_security=none smtp_port={port}")

    looked = of_the_mail(young)

    assert looked.what.startswith(f"mail cannot leave through 127.0.0.1 port {port}: no connection: ")
    assert looked.remedy[0].startswith("lrflow settings set smtp_host=... smtp_port=...")


def test_a_server_that_says_nothing_is_left_after_the_timeout():
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        access = SmtpAccess("127.0.0.1", server.getsockname()[1], "none", timeout_seconds=0.2)

        stopped = SmtpChannel(access).probe()

    assert stopped is not None
    assert stopped.outcome is Outcome.retry
    assert stopped.detail.endswith("timed out")


def test_the_command_itself_calls_the_server_when_the_time_is_real(young):
    with open_post() as post:
        young.do(f"settings set smtp_host=127.0.0.1 smtp_security=none smtp_port={post.port}")

        variables = {"LRFLOW_HOME": str(young.home), "PATH": os.environ["PATH"]}
        looked = subprocess.run(
            [sys.executable, "-m", "lrflow", "doctor"], env=variables, capture_output=True, text=True, timeout=60
        )

    assert f"  ✓ 127.0.0.1 answers on port {post.port}; no mail was sent" in looked.stdout
    assert post.taken == []


def test_a_rate_that_cannot_be_meant_is_a_fault(young):
    settings = young.home / "lrflow.toml"
    settings.write_text(f'{settings.read_text()}smtp_host = "127.0.0.1"\nsmtp_rate = "often"\n')

    faults = [each for each in examine(young.home, None) if each.level == "fault"]

    assert [each.what for each in faults] == ["not a rate of sending: 'often'"]
