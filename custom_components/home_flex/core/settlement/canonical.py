"""One text for one content, so that a hash proves it: RFC 8785 for values that have only one spelling.

Allowed are objects with ASCII keys, arrays, strings, whole numbers within 2^53, true, false and null;
money, prices and shares are strings. For these plain JSON with sorted keys is byte for byte what RFC 8785
says, without the rules for numbers in which implementations differ.
"""

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Final

type Json = bool | int | str | Sequence[Json] | Mapping[str, Json] | None

_LARGEST: Final = 2**53 - 1
_DEEPEST: Final = 32


class NotCanonicalError(ValueError):
    """A value that has no single spelling; the message names the place."""


def canonical(document: Json) -> bytes:
    """Return the canonical text. Raises NotCanonicalError for a value that has none."""
    _check(document, "document", _DEEPEST)
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest(document: Json) -> str:
    """Return the SHA-256 of the canonical text as 64 hexadecimal digits."""
    return sha256(canonical(document)).hexdigest()


def _check(value: object, place: str, depth: int) -> None:
    if depth == 0:
        raise NotCanonicalError(f"{place} is nested too deeply")
    match value:
        case None | bool():
            return
        case int():
            if abs(value) > _LARGEST:
                raise NotCanonicalError(f"{place} is beyond 2^53")
        case str():
            _check_text(value, place)
        case list() | tuple():
            for index, item in enumerate(value):
                _check(item, f"{place}[{index}]", depth - 1)
        case dict():
            for key, item in value.items():
                _check_key(key, place)
                _check(item, f"{place}.{key}", depth - 1)
        case _:
            raise NotCanonicalError(f"{place} is a {type(value).__name__}, which has no single spelling")


def _check_text(text: str, place: str) -> None:
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        raise NotCanonicalError(f"{place} is no text of whole characters")


def _check_key(key: object, place: str) -> None:
    if not isinstance(key, str) or not key.isascii():
        raise NotCanonicalError(f"{place} has a key that is not ASCII")
