"""Single fields of a message from outside: within their bounds they are read, else refused by their name."""

from collections.abc import Callable
from typing import Any

import pytest

from custom_components.home_flex.core.events.fields import (
    decode,
    finite_number,
    json_array,
    json_object,
    object_id,
    text,
    whole_number,
)
from custom_components.home_flex.core.events.refusal import Refusal, RefusalReason

LEAST, MOST = 3, 7
NO_OBJECTS: tuple[object, ...] = (None, [], "{}", 1)
NO_ARRAYS: tuple[object, ...] = (None, {}, (1,), "[]")


def within(value: object, name: str) -> int:
    return whole_number(value, name, minimum=LEAST, maximum=MOST)


@pytest.mark.parametrize(
    ("read", "value", "expected"),
    [
        (json_object, {"a": 1}, {"a": 1}),
        (json_array, [1, 2], [1, 2]),
        (text, "a", "a"),
        (text, "x" * 128, "x" * 128),
        (text, "évening peak 🌞", "évening peak 🌞"),
        (object_id, "A-z_0", "A-z_0"),
        (object_id, "x" * 128, "x" * 128),
        (within, LEAST, LEAST),
        (within, MOST, MOST),
        (within, 4.0, 4),
    ],
)
def test_what_is_within_its_bounds_is_read(
    read: Callable[[object, str], object], value: object, expected: object
) -> None:
    found = read(value, "field")
    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("read", "value"),
    [
        *[(json_object, value) for value in NO_OBJECTS],
        *[(json_array, value) for value in NO_ARRAYS],
        *[(text, value) for value in (None, 1, ["a"], "", "x" * 129)],
        # A control character, a lone surrogate, separators of lines and paragraphs, and what turns a line.
        *[
            (text, f"a{each}b")
            for each in ("\n", "\x00", "\x7f", "\ud800", "\u2028", "\u2029", "\u202e", "\u2066")
        ],
        *[(object_id, value) for value in (None, 1, "", "x" * 129, "a b", "é", "a\n")],
        *[
            (within, value)
            for value in (None, "4", True, 4.5, LEAST - 1, MOST + 1, float("nan"), float("inf"))
        ],
    ],
)
def test_what_is_not_is_refused_by_the_name_of_its_field(
    read: Callable[[object, str], object], value: object
) -> None:
    with pytest.raises(Refusal) as refused:
        read(value, "field")
    assert (refused.value.reason, refused.value.detail) == (RefusalReason.MALFORMED, "field")


@pytest.mark.parametrize(("value", "expected"), [(2, 2.0), (-0.5, -0.5)])
def test_a_number_is_read_as_a_float(value: float, expected: float) -> None:
    found = finite_number(value)
    assert (found, type(found)) == (expected, float)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        *[(value, RefusalReason.WRONG_VALUE) for value in (None, "2", True, float("nan"), float("inf"))],
        (10**400, RefusalReason.OUT_OF_RANGE),
    ],
)
def test_what_is_no_number_to_reckon_with_is_refused(value: object, reason: RefusalReason) -> None:
    with pytest.raises(Refusal) as refused:
        finite_number(value)
    assert refused.value.reason is reason


def refusal_to_decode(payload: bytes, max_bytes: int = 1_000_000) -> tuple[RefusalReason, str]:
    with pytest.raises(Refusal) as refused:
        decode(payload, max_bytes=max_bytes)
    return refused.value.reason, refused.value.detail


@pytest.mark.parametrize(
    ("payload", "document"), [(b'{"a": 1}', {"a": 1}), ('"é"'.encode(), "é"), (b"null", None)]
)
def test_a_message_is_json_in_utf_8(payload: bytes, document: Any) -> None:
    assert decode(payload, max_bytes=len(payload)) == document


def test_what_is_too_large_is_refused_unread() -> None:
    assert refusal_to_decode(b"{no json", 7) == (RefusalReason.TOO_LARGE, "8 bytes, at most 7")


@pytest.mark.parametrize(
    "payload",
    [b"", b"{", b'"\xff"', '"é"'.encode("utf-16"), b"NaN", b"-Infinity", b"[" * 100_000],
    ids=["nothing", "half", "no text", "another encoding", "no number", "no end", "too deep"],
)
def test_what_is_no_json_is_refused(payload: bytes) -> None:
    assert refusal_to_decode(payload) == (RefusalReason.NOT_JSON, "")
