"""Mail servers that want TLS, a known certificate and a password, and what happens when they do not get it."""

from __future__ import annotations

import ssl
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from sikua_notifier.channels.smtp import MailChannel, MailServer, Security
from sikua_notifier.channels.verdicts import Reason, Sent, TryLater
from sikua_notifier.kinds import NoticeKind
from sikua_notifier.letter import Item, Letter
from sikua_notifier.wording import Content
from sikua_simulators.channels import ChannelPorts, Channels, Lock, serve

CONTENT = Content(NoticeKind.ARMED, "【轮到您办】甲", "Your turn: 甲", ())
NOW = datetime(2026, 3, 2, tzinfo=UTC)
LETTER = Letter(
    "p-1", "sikua@sikua.example", "sikua.example", "张三", "a@qd.example", [Item(CONTENT, "http://x", "n")], NOW
)


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate of our own for the loopback address, with its key, in one PEM file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail.qd.example")])
    today = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "mail.pem"
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(secret + made.public_bytes(Encoding.PEM))
    return path


def context(certificate: Path) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(certificate)
    return made


def server(channels: Channels, security: Security, ca_file: Path | None, password: str = "right") -> MailServer:
    return MailServer(
        host="127.0.0.1",
        port=channels.ports.smtp,
        security=security,
        username="sikua",
        password=password,
        ca_file=str(ca_file) if ca_file else "",
        timeout_seconds=5.0,
    )


@pytest.mark.parametrize("own_name", ["sikua.qd.example", "[127.0.0.1]"])
async def test_a_server_is_greeted_by_the_name_that_was_set(own_name: str) -> None:
    async with serve(ChannelPorts(0, 0)) as channels:
        asked = MailServer("127.0.0.1", channels.ports.smtp, own_name=own_name)
        assert isinstance(await MailChannel(asked).send(LETTER), Sent)
        assert [mail.greeted_as for mail in channels.mailbox.received] == [own_name]


async def test_without_a_name_the_machines_own_is_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    names = iter(["here.qd.example"])
    monkeypatch.setattr("socket.getfqdn", lambda: next(names))
    async with serve(ChannelPorts(0, 0)) as channels:
        mail = MailChannel(MailServer("127.0.0.1", channels.ports.smtp))
        for _ in range(3):
            assert isinstance(await mail.send(LETTER), Sent)
        assert [mail.greeted_as for mail in channels.mailbox.received] == ["here.qd.example"] * 3


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
async def test_mail_goes_through_tls_with_a_password(certificate: Path, security: Security) -> None:
    # The stand-in knows passwords only behind STARTTLS.
    starttls = security is Security.STARTTLS
    lock = Lock(context(certificate), starttls, {"sikua": "right"} if starttls else {})
    async with serve(ChannelPorts(0, 0), lock=lock) as channels:
        known = server(channels, security, certificate)
        verdict = await MailChannel(known if starttls else replace(known, username="")).send(LETTER)
        assert isinstance(verdict, Sent), verdict
        assert [mail.message_id for mail in channels.mailbox.received] == ["<p-1@sikua.example>"]


async def test_an_unknown_certificate_or_a_wrong_password_is_our_fault_and_tried_later(certificate: Path) -> None:
    lock = Lock(context(certificate), True, {"sikua": "right"})
    async with serve(ChannelPorts(0, 0), lock=lock) as channels:
        unknown = await MailChannel(server(channels, Security.STARTTLS, None)).send(LETTER)
        assert isinstance(unknown, TryLater)
        wrong = await MailChannel(server(channels, Security.STARTTLS, certificate, "wrong")).send(LETTER)
        assert isinstance(wrong, TryLater)
        assert wrong.reason is Reason.MISCONFIGURED
        assert channels.mailbox.taken == 0


async def test_a_server_without_starttls_gets_no_mail_in_the_clear() -> None:
    async with serve(ChannelPorts(0, 0)) as channels:
        verdict = await MailChannel(server(channels, Security.STARTTLS, None)).send(LETTER)
        assert isinstance(verdict, TryLater)
        assert channels.mailbox.taken == 0


async def test_a_server_that_is_away_or_slow_is_tried_later() -> None:
    async with serve(ChannelPorts(0, 0)) as channels:
        port = channels.ports.smtp
        channels.mailbox.faults.slow_seconds = 3.0
        slow = await MailChannel(MailServer("127.0.0.1", port), whole_seconds=0.5).send(LETTER)
        assert isinstance(slow, TryLater)
        channels.mailbox.faults.slow_seconds = 0.0
        channels.mailbox.faults.drop_before = 1
        assert isinstance(await MailChannel(MailServer("127.0.0.1", port)).send(LETTER), TryLater)
    assert await MailChannel(MailServer("127.0.0.1", port)).send(LETTER) == TryLater(
        Reason.UNREACHABLE, (await MailChannel(MailServer("127.0.0.1", port)).send(LETTER)).detail
    )
