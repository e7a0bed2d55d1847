"""What a browser sends of a passkey: ``PublicKeyCredential.toJSON()`` (WebAuthn 3, 5.1), where it is read."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel


def _whole(text: str) -> str:
    if len(text) % 4 == 1:
        raise ValueError("ends within a byte")
    return text


# Base64url without padding. The longest is an attestation with an RSA key; an id has 1023 bytes at most.
type Encoded = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{2,8192}$"), AfterValidator(_whole)]
type EncodedId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{2,1364}$"), AfterValidator(_whole)]
ClientData = Annotated[Encoded, Field(alias="clientDataJSON")]


class _Document(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel)


class Attestation(_Document):
    """What an authenticator says of a new passkey."""

    client_data_json: ClientData
    attestation_object: Encoded


class Signature(_Document):
    """What an authenticator signed by a passkey; ``user_handle`` is whose it says that it is."""

    client_data_json: ClientData
    authenticator_data: Encoded
    signature: Encoded
    user_handle: EncodedId


class _Credential(_Document):
    id: EncodedId
    raw_id: EncodedId
    type: Literal["public-key"]


class NewCredential(_Credential):
    """Of a passkey that was made."""

    response: Attestation


class SignedCredential(_Credential):
    """Of a passkey that signed."""

    response: Signature
