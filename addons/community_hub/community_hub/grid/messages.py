"""UFTP's messages as bytes: signed and opened, and held against their schema.

The words are those of ``shapeshifter-uftp``; its classes carry the schema's patterns and bounds, but do not
ask for them. What has a document type is not read: nothing of the schema needs an entity.
"""

import logging
import re
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from hashlib import sha256
from typing import Any, Final, NamedTuple, Self, cast, get_args, get_type_hints

from lxml import etree  # type: ignore[import-untyped] # has no types
from nacl.bindings import crypto_sign, crypto_sign_open, crypto_sign_seed_keypair
from nacl.exceptions import BadSignatureError
from shapeshifter_uftp import uftp  # type: ignore[import-untyped] # has no types
from shapeshifter_uftp.logging import logger as _library  # type: ignore[import-untyped] # has no types
from xsdata.exceptions import ParserError
from xsdata.formats.dataclass.context import XmlContext
from xsdata.formats.dataclass.parsers import XmlParser
from xsdata.formats.dataclass.parsers.config import ParserConfig
from xsdata.formats.dataclass.serializers import XmlSerializer
from xsdata.models.datatype import XmlDate

VERSION: Final = "3.1.0"
_CONTEXT: Final = XmlContext()
_PARSER: Final = XmlParser(context=_CONTEXT, config=ParserConfig(fail_on_converter_warnings=True))
_SERIALIZER: Final = XmlSerializer(context=_CONTEXT)
# As it comes, the library writes each message and each key that it sees to the console.
_library.handlers.clear()
_library.setLevel(logging.CRITICAL)

_MOST_NUMBER: Final = 10**15
# A day of these has a midnight before and after it on every clock.
_FIRST_YEAR, _LAST_YEAR = 1900, 9998
_TIMES: Final = ("date_time", "time_stamp")

type Message = Any
"""A ``uftp.PayloadMessage`` of any kind."""


@dataclass(kw_only=True)
class FlexSettlement(uftp.FlexSettlement):  # type: ignore[misc] # the library has no types
    """A settlement, also one without contracts: the library asks for one, the specification does not."""

    class Meta:
        """What it is called."""

        name = "FlexSettlement"

    def __post_init__(self) -> None:
        """Ask for nothing more than the schema does."""


class MessageError(Exception):
    """Bytes that are no message of UFTP, or not of who they name (``is_forged``)."""

    def __init__(self, why: str, *, is_forged: bool = False) -> None:
        """Say why."""
        super().__init__(why)
        self.is_forged = is_forged


@dataclass(frozen=True, kw_only=True, slots=True)
class Keys:
    """A pair of keys of libsodium's ``crypto_sign`` (Ed25519): 64 bytes to sign with, 32 to be known by."""

    signing: bytes
    public: bytes

    @classmethod
    def of(cls, secret: str) -> Self:
        """Derive them from the hub's secret, so that there is no other one to lose."""
        public, signing = crypto_sign_seed_keypair(sha256(b"home_flex hub uftp\0" + secret.encode()).digest())
        return cls(signing=signing, public=public)


def signed(message: Message, keys: Keys) -> bytes:
    """Return a message as it is posted: in its envelope, signed by the aggregator."""
    envelope = uftp.SignedMessage(
        sender_domain=message.sender_domain,
        sender_role=uftp.UsefRole.AGR,
        body=crypto_sign(written(message), keys.signing),
    )
    return written(envelope)


def written(message: Message) -> bytes:
    """Return a message, or an envelope, as XML. Raises MessageError for one that its schema refuses."""
    _check(message)
    return _SERIALIZER.render(message).encode()


def envelope(body: bytes) -> Any:
    """Return the ``uftp.SignedMessage`` of what was posted. Raises MessageError."""
    found = read(body)
    if type(found) is not uftp.SignedMessage:
        raise MessageError("is no SignedMessage")
    return found


def opened(found: Any, public_key: bytes) -> Message:
    """Return the message in an envelope. Raises MessageError unless who has the key has signed it."""
    try:
        content = crypto_sign_open(found.body, public_key)
    except (BadSignatureError, ValueError) as error:
        raise MessageError("was not signed by its sender's key", is_forged=True) from error
    message = read(content)
    if not isinstance(message, uftp.PayloadMessage):
        raise MessageError("holds no message")
    return message


def read(body: bytes) -> Any:
    """Return the message or envelope that XML holds. Raises MessageError."""
    try:
        tree = etree.ElementTree(etree.fromstring(body, _xml_parser()))
        if tree.docinfo.doctype:
            raise MessageError("has a document type")
        found: Any = _PARSER.parse(tree, _OURS.get(tree.getroot().tag))
    except (etree.XMLSyntaxError, ParserError, TypeError, ValueError) as error:
        raise MessageError(f"is no message: {error}") from error
    _check(found)
    return found


_OURS: Final[Mapping[str, type]] = {"FlexSettlement": FlexSettlement}


def _xml_parser() -> Any:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


class _Facets(NamedTuple):
    """What the schema asks of a field."""

    name: str
    is_required: bool
    pattern: str | None
    least: Any
    most: Any
    words: frozenset[str] | None

    def check(self, value: Any) -> None:
        """Raise MessageError for a value that the schema does not allow."""
        if value is None:
            if self.is_required:
                raise MessageError(f"lacks {self.name}")
            return
        if not _is_within_reason(self.name, value):
            raise MessageError(f"has {self.name} beyond all reason")
        is_formed = self.pattern is None or re.fullmatch(self.pattern, str(value), re.ASCII)
        is_word = self.words is None or str(value) in self.words
        if not is_formed or not is_word:
            raise MessageError(f"has another {self.name} than the schema")
        if (self.least is not None and value < self.least) or (self.most is not None and value > self.most):
            raise MessageError(f"has {self.name} out of bounds")


def _is_within_reason(name: str, value: Any) -> bool:
    """Whether we can reckon with a value: the schema's numbers and days have no bounds, and NaN is one."""
    if isinstance(value, Decimal):
        return value.is_finite() and abs(value) <= _MOST_NUMBER
    if isinstance(value, int):
        return abs(value) <= _MOST_NUMBER
    if isinstance(value, XmlDate):
        return _FIRST_YEAR <= value.year <= _LAST_YEAR
    if name.endswith(_TIMES):
        try:
            datetime.fromisoformat(value)
        except ValueError:
            return False
    return True


def _check(message: Any) -> None:
    """Raise MessageError where a value is outside of what the schema allows."""
    for part in _parts(message):
        for facets in _facets(cast("Hashable", type(part))):
            facets.check(getattr(part, facets.name))


def _parts(message: Any) -> Iterator[Any]:
    waiting = [message]
    while waiting:
        part = waiting.pop()
        yield part
        for field in fields(part):
            value = getattr(part, field.name)
            waiting += [
                each for each in (value if isinstance(value, list) else [value]) if is_dataclass(each)
            ]


@cache
def _facets(kind: Hashable) -> tuple[_Facets, ...]:
    types = get_type_hints(kind)
    return tuple(
        _Facets(
            name=field.name,
            is_required=bool(field.metadata.get("required")),
            pattern=field.metadata.get("pattern"),
            least=field.metadata.get("min_inclusive"),
            most=field.metadata.get("max_inclusive"),
            words=_words(types[field.name]),
        )
        for field in fields(cast("Any", kind))
    )


def _words(hint: Any) -> frozenset[str] | None:
    """Return what an enumeration allows: what is none is read as text, and kept."""
    for each in (hint, *get_args(hint)):
        if isinstance(each, type) and issubclass(each, StrEnum):
            return frozenset(each)
    return None
