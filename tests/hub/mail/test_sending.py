"""Mail goes out over verified TLS, once, from a bounded queue, and no log holds a secret."""

import logging
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import pytest
from community_hub.mail import sending
from community_hub.mail.relay import Letter, Relay
from community_hub.mail.sending import MailSender, queue
from community_hub.store.tables import Mail
from home_common.settings import SettingsError
from sqlalchemy import func, select

from ..running import Running
from .smtp_server import SmtpServer

PASSWORD: Final = "the password of the mailbox"


def relay_of(server: SmtpServer, **changes: Any) -> Relay:
    scheme = "smtps" if server.is_tls else "smtp"
    url = f"{scheme}://hub%40example.org@127.0.0.1:{server.port}"
    return replace(Relay.of(url, sender="hub@example.org", password=PASSWORD), **changes)


def letter_of(subject: str = "wire_down", recipient: str = "olga@hub.example") -> Letter:
    return Letter(recipient=recipient, subject=subject, text="The wire is down.")


async def queued(hub: Running, subject: str = "wire_down") -> None:
    async with hub.store.writing() as session:
        assert await queue(session, hub.clock(), letter_of(subject))


async def only_mail(hub: Running) -> Mail:
    async with hub.store.reading() as session:
        (row,) = await session.scalars(select(Mail))
    return row


@pytest.mark.parametrize("is_tls", [True, False], ids=["from the first byte", "by STARTTLS"])
async def test_a_mail_goes_out_once_over_verified_tls(hub: Running, is_tls: bool) -> None:
    server = SmtpServer(is_tls=is_tls, password=PASSWORD)
    async with server.running():
        await queued(hub)
        sender = MailSender(hub=hub.hub, relay=relay_of(server), tls=server.trust)
        assert await sender.send_due()
        assert not await sender.send_due()

    (mail,) = server.mails
    assert "Subject: wire_down\r\n" in mail
    assert "To: olga@hub.example\r\n" in mail
    assert "The wire is down." in mail
    if not is_tls:
        assert server.commands.index("STARTTLS") < server.commands.index("AUTH")
    row = await only_mail(hub)
    assert (row.ended_at, row.last_error, row.text) == (hub.clock(), None, "")


@pytest.mark.parametrize("case", ["no STARTTLS", "unknown authority", "another name"])
async def test_without_verified_tls_nothing_is_said(hub: Running, case: str) -> None:
    server = SmtpServer(is_tls=case != "no STARTTLS", offers_starttls=False, password=PASSWORD)
    async with server.running():
        await queued(hub)
        trust = SmtpServer().trust if case == "unknown authority" else server.trust
        relay = relay_of(server, host="localhost" if case == "another name" else "127.0.0.1")
        await MailSender(hub=hub.hub, relay=relay, tls=trust).send_due()

    assert set(server.commands) <= {"EHLO"}
    row = await only_mail(hub)
    assert row.last_error == (
        "SMTPNotSupportedError" if case == "no STARTTLS" else "SSLCertVerificationError"
    )
    assert (row.ended_at, row.due_at) == (None, hub.clock() + timedelta(seconds=10))


async def test_a_refused_password_is_told_without_it(hub: Running, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    server = SmtpServer(password="another one")
    async with server.running():
        await queued(hub)
        await MailSender(hub=hub.hub, relay=relay_of(server), tls=server.trust).send_due()

    row = await only_mail(hub)
    assert row.last_error == "SMTPAuthenticationError 535"
    assert PASSWORD not in caplog.text + repr(relay_of(server))


async def test_a_mail_that_nobody_takes_is_tried_again_for_a_day(hub: Running) -> None:
    server = SmtpServer()
    async with server.running():
        relay = relay_of(server)
    await queued(hub)
    began = hub.clock()
    sender = MailSender(hub=hub.hub, relay=relay, tls=server.trust)
    while (row := await only_mail(hub)).ended_at is None:
        hub.clock.now = row.due_at
        await sender.send_due()

    assert timedelta(hours=20) < hub.clock() - began < timedelta(hours=28)
    assert (row.attempts, row.last_error) == (32, "ConnectionRefusedError")


async def test_no_more_wait_than_the_queue_holds(hub: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "MOST_WAITING", 2)
    async with hub.store.writing() as session:
        taken = [await queue(session, hub.clock(), letter_of()) for _ in range(3)]

    assert taken == [True, True, False]
    async with hub.store.reading() as session:
        assert await session.scalar(select(func.count()).select_from(Mail)) == 2


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("field", ["recipient", "subject"])
async def test_no_text_becomes_a_header_of_its_own(hub: Running, field: str, line_end: str) -> None:
    server = SmtpServer(password=PASSWORD)
    wrong = replace(letter_of(), **{field: f"olga@hub.example{line_end}Bcc: everybody@example.org"})
    async with server.running():
        async with hub.store.writing() as session:
            await queue(session, hub.clock(), wrong)
        await MailSender(hub=hub.hub, relay=relay_of(server), tls=server.trust).send_due()

    assert server.mails == []
    assert (await only_mail(hub)).last_error == "ValueError"


@pytest.mark.parametrize(
    ("url", "password"),
    [
        ("http://mail.example.org", None),
        ("smtps://", None),
        ("smtps://mail.example.org:many", None),
        ("smtps://hub:secret-word@mail.example.org", "secret-word"),
        ("smtps://hub@mail.example.org", None),
        ("smtps://mail.example.org", "secret-word"),
    ],
)
def test_an_address_that_cannot_be_is_refused_and_told_without_its_secret(
    url: str, password: str | None
) -> None:
    with pytest.raises(SettingsError) as refused:
        Relay.of(url, sender="hub@example.org", password=password)
    assert "secret-word" not in str(refused.value)


def test_an_address_without_a_port_has_that_of_its_kind() -> None:
    ports = [
        Relay.of(f"{scheme}://mail.example.org", sender="a@b", password=None).port
        for scheme in ("smtps", "smtp")
    ]
    assert ports == [465, 587]
