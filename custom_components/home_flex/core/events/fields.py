"""Reading single fields of a message from outside: bounded, checked, or refused."""

import json
import math
import re
import unicodedata
from collections.abc import Mapping
from typing import Any, Final, NoReturn

from .refusal import Refusal, RefusalReason

MAX_TEXT: Final = 128
_OBJECT_ID: Final = re.compile(r"[a-zA-Z0-9_-]{1,128}")
# Control characters, lone surrogates, and what breaks a line or turns it round for its reader.
_UNPRINTABLE: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})
_TURNING: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

type JsonObject = Mapping[str, Any]


def decode(payload: bytes, *, max_bytes: int) -> Any:
    """Return the JSON document in ``payload``. NaN, Infinity and too deep nesting are no JSON here.

    Raises Refusal ``too_large`` (before reading anything) or ``not_json``.
    """
    if len(payload) > max_bytes:
        raise Refusal(RefusalReason.TOO_LARGE, f"{len(payload)} bytes, at most {max_bytes}")
    try:
        return json.loads(payload.decode(), parse_constant=_no_constant)
    except ValueError, RecursionError:
        raise Refusal(RefusalReason.NOT_JSON) from None


def _no_constant(_: str) -> NoReturn:
    raise ValueError


def malformed(name: str) -> Refusal:
    """Return the refusal of a field with this name."""
    return Refusal(RefusalReason.MALFORMED, name)


def json_object(value: object, name: str) -> JsonObject:
    """Return ``value`` as a JSON object."""
    if not isinstance(value, dict):
        raise malformed(name)
    return value


def json_array(value: object, name: str) -> list[Any]:
    """Return ``value`` as a JSON array."""
    if not isinstance(value, list):
        raise malformed(name)
    return value


def text(value: object, name: str) -> str:
    """Return a string of 1 to 128 characters, all of which can be shown within a line."""
    if (
        not isinstance(value, str)
        or not 1 <= len(value) <= MAX_TEXT
        or not _TURNING.isdisjoint(value)
        or any(unicodedata.category(character) in _UNPRINTABLE for character in value)
    ):
        raise malformed(name)
    return value


def object_id(value: object, name: str) -> str:
    """Return an identifier as OpenADR 3.1 objectID has it."""
    if not isinstance(value, str) or not _OBJECT_ID.fullmatch(value):
        raise malformed(name)
    return value


def whole_number(value: object, name: str, *, minimum: int, maximum: int) -> int:
    """Return an integer within the bounds (1.0 is one, as JSON Schema has it); booleans are no numbers."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not minimum <= value <= maximum:
        raise malformed(name)
    return value


def finite_number(value: object) -> float:
    """Return a finite number; booleans are no numbers. Raises Refusal ``wrong_value``."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Refusal(RefusalReason.WRONG_VALUE)
    try:
        number = float(value)
    except OverflowError:
        raise Refusal(RefusalReason.OUT_OF_RANGE) from None
    if not math.isfinite(number):
        raise Refusal(RefusalReason.WRONG_VALUE)
    return number
