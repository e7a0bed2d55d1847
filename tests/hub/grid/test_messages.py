"""UFTP's messages as bytes: what is opened, and what is refused before anything is done with it."""

import base64
from decimal import Decimal

import pytest
from community_hub.grid import messages
from community_hub.grid.composing import Composer
from community_hub.grid.messages import Keys, MessageError
from community_hub.grid.portfolio import Option
from community_hub.grid.rules import Need
from hypothesis import given
from hypothesis import strategies as st
from nacl.bindings import crypto_sign
from shapeshifter_uftp import transport, uftp  # type: ignore[import-untyped] # has no types

from .samples import NOW, OURS, POINT, THEIR_KEYS, THEIRS, TOMORROW, flex_request, posted, received

PRICE = Decimal("1.005")
NEED = Need(point=POINT, day=TOMORROW, asks_less=True, power_w={69: 1})
OUR_KEYS = Keys.of("the hub's own secret")
COMPOSER = Composer(sender=OURS, recipient=THEIRS, now=NOW)


def test_what_the_library_signs_is_opened() -> None:
    request = flex_request()

    envelope = messages.envelope(posted(request))

    assert messages.opened(envelope, THEIR_KEYS.public) == request


def test_what_is_signed_here_is_opened_by_the_library() -> None:
    prognosis = COMPOSER.prognosis(POINT, TOMORROW, dict.fromkeys(range(1, 97), 2_500), 1)

    found = received(messages.signed(prognosis, OUR_KEYS), OUR_KEYS)

    assert found == prognosis
    assert [(each.power, each.start, each.duration) for each in found.isps] == [(2_500, 1, 96)]


def test_the_hubs_keys_follow_from_its_secret_alone() -> None:
    assert Keys.of("one") == Keys.of("one")
    assert Keys.of("one").public != Keys.of("another").public


def test_another_ones_signature_is_forged() -> None:
    envelope = messages.envelope(posted(flex_request(), OUR_KEYS))

    with pytest.raises(MessageError) as caught:
        messages.opened(envelope, THEIR_KEYS.public)

    assert caught.value.is_forged


def test_a_changed_byte_is_forged() -> None:
    envelope = messages.envelope(posted(flex_request()))
    envelope.body = envelope.body[:-5] + b"x" + envelope.body[-4:]

    with pytest.raises(MessageError) as caught:
        messages.opened(envelope, THEIR_KEYS.public)

    assert caught.value.is_forged


ENVELOPE = posted(flex_request()).decode()
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    "body",
    [
        "",
        "no XML",
        "<SignedMessage/>",
        "<Unknown/>",
        ENVELOPE.replace('SenderRole="DSO"', 'SenderRole="CAT"'),
        ENVELOPE.replace('SenderDomain="grid.example"', 'SenderDomain="grid"'),
        ENVELOPE.replace("<SignedMessage ", "<!DOCTYPE x><SignedMessage "),
        ENVELOPE.replace(
            "<SignedMessage ", f'<!DOCTYPE x [<!ENTITY l0 "ha">{LAUGHS}]><SignedMessage x="&l9;" '
        ),
        ENVELOPE.replace("<SignedMessage ", '<!DOCTYPE x SYSTEM "file:///etc/passwd"><SignedMessage '),
        transport.to_xml(flex_request()),
    ],
)
def test_what_is_no_envelope_is_refused(body: str) -> None:
    with pytest.raises(MessageError):
        messages.envelope(body.replace('<?xml version="1.0" encoding="UTF-8"?>', "").strip().encode())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('Revision="1"', 'Revision="one"'),
        ('Revision="1"', ""),
        ('Period="2026-11-30"', 'Period="2026-02-30"'),
        (f'CongestionPoint="{POINT}"', 'CongestionPoint="here"'),
        ('TimeZone="Europe/Amsterdam"', 'TimeZone="Amsterdam"'),
        ('MinPower="-5000"', 'MinPower="NaN"'),
        ('Disposition="Requested"', 'Disposition="Wanted"'),
        ("<ISP ", "<Isp "),
    ],
)
def test_what_is_not_as_the_schema_has_it_is_refused(old: str, new: str) -> None:
    text = transport.to_xml(flex_request())
    assert old in text

    with pytest.raises(MessageError):
        messages.read(text.replace(old, new).encode())


def test_an_activation_factor_is_at_most_one() -> None:
    offer = COMPOSER.offer(flex_request(), NEED, [Option(power_w={69: 1}, price=PRICE)], "EUR", NOW)
    text = messages.written(offer).decode()

    with pytest.raises(MessageError, match="has min_activation_factor out of bounds"):
        messages.read(text.replace('MinActivationFactor="1.00"', 'MinActivationFactor="1.01"').encode())


@given(st.binary(max_size=300))
def test_no_bytes_do_anything_but_be_refused(body: bytes) -> None:
    with pytest.raises(MessageError):
        messages.envelope(body)


@given(st.binary(max_size=300))
def test_no_signed_bytes_do_anything_but_be_refused(content: bytes) -> None:
    envelope = uftp.SignedMessage(
        sender_domain=THEIRS, sender_role=uftp.UsefRole.DSO, body=crypto_sign(content, THEIR_KEYS.signing)
    )

    with pytest.raises(MessageError):
        messages.opened(envelope, THEIR_KEYS.public)


def test_the_library_writes_nothing_to_the_console(capfd: pytest.CaptureFixture[str]) -> None:
    transport.seal_message(flex_request(), base64.b64encode(THEIR_KEYS.signing).decode())

    assert capfd.readouterr() == ("", "")
