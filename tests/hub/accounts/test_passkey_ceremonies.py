"""What is read of an authenticator's answer, without a hub: whose it is, and whatever bytes come."""

from typing import Any, Final

import pytest
from community_hub.accounts.passkeys import ceremonies
from community_hub.accounts.passkeys.ceremonies import NotGenuineError
from community_hub.accounts.passkeys.documents import NewCredential, SignedCredential
from community_hub.accounts.passkeys.relying_party import RelyingParty
from community_hub.web import Problem
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from .authenticator import Authenticator, encoded

PARTY: Final = RelyingParty(id="hub.example", origin="https://hub.example")
CHALLENGE: Final = bytes(range(32))
PERSON: Final = "0123456789abcdef0123456789abcdef"
PASSKEY: Final = Authenticator()
TO_MAKE: Final = ceremonies.to_make(
    PARTY, PERSON, account="o@hub.example", name="Olga", challenge=CHALLENGE, known=[]
)
MADE: Final = PASSKEY.make(TO_MAKE, PARTY.origin)
SIGNED: Final = PASSKEY.sign(ceremonies.to_sign(PARTY, CHALLENGE), PARTY.origin)
# Of the kinds that are parsed: CBOR that goes deep, JSON that goes deep, and anything.
DEEP: Final = st.integers(1, 1200).flatmap(
    lambda depth: st.sampled_from([b"\x81" * depth, b"[" * depth, b'{"a":' * depth])
)
BYTES: Final = st.binary(min_size=2, max_size=300) | DEEP


@pytest.mark.parametrize(
    ("url", "identity"),
    [
        ("https://hub.example", ("hub.example", "https://hub.example")),
        ("https://Hub.Example:443/", ("hub.example", "https://hub.example")),
        ("https://hub.example:8443/hub", ("hub.example", "https://hub.example:8443")),
        ("http://localhost:8090", ("localhost", "http://localhost:8090")),
        ("http://hub.example", None),
        ("http://127.0.0.1:8090", None),
        ("https://192.0.2.7", None),
        ("https://[2001:db8::1]", None),
        ("https://hüb.example", None),
    ],
)
def test_a_hub_is_known_by_its_name_over_tls(url: str, identity: tuple[str, str] | None) -> None:
    if identity is None:
        with pytest.raises(Problem) as refused:
            RelyingParty.at(url)
        assert refused.value.slug == "no-passkeys"
    else:
        assert RelyingParty.at(url) == RelyingParty(id=identity[0], origin=identity[1])


def key_of(made: dict[str, Any]) -> bytes:
    return ceremonies.made(PARTY, NewCredential.model_validate(made), CHALLENGE).public_key


def test_what_an_authenticator_answers_is_read() -> None:
    signed = SignedCredential.model_validate(SIGNED)

    assert ceremonies.signed(PARTY, signed, CHALLENGE, person_id=PERSON, public_key=key_of(MADE)) == 1


@given(part=st.sampled_from(["clientDataJSON", "attestationObject"]), data=BYTES)
def test_whatever_bytes_come_for_a_new_passkey_are_refused(part: str, data: bytes) -> None:
    credential = MADE | {"response": MADE["response"] | {part: encoded(data)}}

    with pytest.raises(NotGenuineError):
        key_of(credential)


@given(part=st.sampled_from(["clientDataJSON", "authenticatorData", "signature", "userHandle"]), data=BYTES)
def test_whatever_bytes_come_for_a_signature_are_refused(part: str, data: bytes) -> None:
    credential = SIGNED | {"response": SIGNED["response"] | {part: encoded(data)}}

    with pytest.raises((NotGenuineError, ValidationError)):
        ceremonies.signed(
            PARTY,
            SignedCredential.model_validate(credential),
            CHALLENGE,
            person_id=PERSON,
            public_key=key_of(MADE),
        )


@given(key=BYTES)
def test_a_passkey_with_a_key_that_is_none_signs_nothing(key: bytes) -> None:
    with pytest.raises(NotGenuineError):
        ceremonies.signed(
            PARTY, SignedCredential.model_validate(SIGNED), CHALLENGE, person_id=PERSON, public_key=key
        )


@pytest.mark.parametrize(
    "text", ["a", "abcde", "ab=", "a b", "a+b/", "", "\u00e9\u00e9", "ab\n", "a" * 8194, None, 5]
)
@pytest.mark.parametrize("part", ["clientDataJSON", "signature"])
def test_what_is_no_base64url_is_no_document(part: str, text: object) -> None:
    with pytest.raises(ValidationError):
        SignedCredential.model_validate(SIGNED | {"response": SIGNED["response"] | {part: text}})
