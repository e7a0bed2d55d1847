"""What is told the hub of a grid operator, as a request holds it."""

import base64
import binascii
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, Field

from ..web.fields import Name, ObjectId, Zone

_KEY_BYTES: Final = 32


def _public_key(text: str) -> str:
    try:
        key = base64.b64decode(text.removeprefix("cs1."), validate=True)
    except binascii.Error as error:
        raise ValueError("is not base64") from error
    # A participant publishes its key to sign with, and may publish another one to encrypt with behind it.
    if len(key) not in {_KEY_BYTES, 2 * _KEY_BYTES}:
        raise ValueError("is not a key of 32 bytes, or of two")
    return base64.b64encode(key[:_KEY_BYTES]).decode()


def _https(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname or parts.username is not None:
        raise ValueError("is not an address that begins with https://")
    return url


type Domain = Annotated[str, Field(max_length=253, pattern=r"^([a-z0-9]+(-[a-z0-9]+)*\.)+[a-z]{2,}$")]
type Address = Annotated[
    str,
    Field(max_length=255, pattern=r"^(ea1\.[0-9]{4}-[0-9]{2}\.[!-~]{1,120}:[!-~]{1,120}|ean\.[0-9]{12,34})$"),
]


class NewOperator(BaseModel):
    """A grid operator: the key it signs with (``cs1.…`` or base64), and where its messages are posted to."""

    name: Name
    public_key: Annotated[str, Field(max_length=128), AfterValidator(_public_key)]
    endpoint: Annotated[str, Field(max_length=2_000), AfterValidator(_https)]
    program_id: ObjectId
    zone: Zone = "Europe/Amsterdam"
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "EUR"
    points: Annotated[dict[Address, ObjectId], Field(min_length=1, max_length=10_000)]


class Connection(BaseModel):
    """The number of a home's connection."""

    ean: Annotated[str, Field(pattern=r"^[0-9]{18}$")]
