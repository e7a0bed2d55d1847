"""What authenticators are asked for, and whether what they answer is so: by the library, which reads it.

Whatever is wrong of what a stranger sent is one error: nobody is told which part was.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import webauthn
from webauthn.helpers import (
    base64url_to_bytes,
    bytes_to_base64url,
    options_to_json_dict,
    parse_attestation_object,
    parse_client_data_json,
)
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.structs import (
    AttestationFormat,
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from .documents import NewCredential, SignedCredential
from .relying_party import RelyingParty

# What is given for a ceremony, to the browser and at the hub.
LIFETIME: Final = timedelta(minutes=5)
_TIMEOUT_MS: Final = int(LIFETIME.total_seconds() * 1000)
_NAME: Final = "Home Flex"
_ALGORITHMS: Final = [
    COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
]


class NotGenuineError(Exception):
    """What came is not what was asked for, or nobody's signature."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Made:
    """A new passkey: its id, its COSE key, and how often it says that it signed."""

    credential_id: bytes
    public_key: bytes
    sign_count: int


def to_make(
    party: RelyingParty, person_id: str, *, account: str, name: str, challenge: bytes, known: Sequence[bytes]
) -> dict[str, Any]:
    """Return the options of a browser for a new passkey, of no authenticator that holds one of ``known``.

    It finds its account itself and verifies its user. Who built it is not asked (attestation "none").
    """
    options = webauthn.generate_registration_options(
        rp_id=party.id,
        rp_name=_NAME,
        user_id=person_id.encode(),
        user_name=account,
        user_display_name=name,
        challenge=challenge,
        timeout=_TIMEOUT_MS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=each) for each in known],
        supported_pub_key_algs=_ALGORITHMS,
    )
    return options_to_json_dict(options)


def to_sign(party: RelyingParty, challenge: bytes) -> dict[str, Any]:
    """Return the options of a browser for a signature of whichever passkey its user chooses."""
    options = webauthn.generate_authentication_options(
        rp_id=party.id,
        challenge=challenge,
        timeout=_TIMEOUT_MS,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json_dict(options)


def made(party: RelyingParty, credential: NewCredential, challenge: bytes) -> Made:
    """Return the passkey that was made. Raises NotGenuineError."""
    with _reading():
        _refuse_frames(credential.response.client_data_json)
        _refuse_makers(credential.response.attestation_object)
        verified = webauthn.verify_registration_response(
            credential=credential.model_dump(by_alias=True),
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            require_user_verification=True,
            supported_pub_key_algs=_ALGORITHMS,
        )
    return Made(
        credential_id=verified.credential_id,
        public_key=verified.credential_public_key,
        sign_count=verified.sign_count,
    )


def signed(
    party: RelyingParty, credential: SignedCredential, challenge: bytes, *, person_id: str, public_key: bytes
) -> int:
    """Return how often the passkey says that it signed, once it is its owner's. Raises NotGenuineError.

    The count is left to the caller: only of a signature that holds does it mean anything.
    """
    if credential.response.user_handle != bytes_to_base64url(person_id.encode()):
        raise NotGenuineError("it is another person's")
    with _reading():
        _refuse_frames(credential.response.client_data_json)
        verified = webauthn.verify_authentication_response(
            credential=credential.model_dump(by_alias=True),
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=public_key,
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    return verified.new_sign_count


@contextmanager
def _reading() -> Iterator[None]:
    try:
        yield
    except NotGenuineError:
        raise
    except Exception as error:
        # CBOR, JSON, keys and signatures each have errors of their own, and reading them changes nothing.
        raise NotGenuineError(str(error)) from error


def _refuse_frames(client_data: str) -> None:
    """Refuse what was signed within another site's page (WebAuthn 3, 7.1 and 7.2): ours is never framed."""
    if parse_client_data_json(base64url_to_bytes(client_data)).cross_origin:
        raise NotGenuineError("it was signed within another site's page")


def _refuse_makers(attestation: str) -> None:
    """Refuse certificates of who built an authenticator, which nobody asked for: they need not be read."""
    found = parse_attestation_object(base64url_to_bytes(attestation))
    is_own = found.fmt == AttestationFormat.PACKED and found.att_stmt.x5c is None
    if found.fmt != AttestationFormat.NONE and not is_own:
        raise NotGenuineError("it tells who built it")
