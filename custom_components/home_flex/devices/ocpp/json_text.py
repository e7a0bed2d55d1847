"""Reads a charger's JSON without holding up the event loop, however long it is."""

import asyncio
import json
from typing import Any, Final

# What is longer takes milliseconds, and is read in a thread. A session's end with 600 samples is shorter, and
# so are all settings of a charger that has hundreds.
LONGEST_ON_LOOP: Final = 128 * 1024


def is_long(text: str) -> bool:
    """Whether a message is so long that only the thread reads it."""
    return len(text) > LONGEST_ON_LOOP


async def read_json(text: str) -> object:
    """Return the JSON value, or None for what is none (not-a-number and endless nesting included).

    A byte order mark before and zero bytes after it are left off.
    """
    return await asyncio.to_thread(_read_aside, text) if is_long(text) else _read(text)


def _read(text: str, **hooks: Any) -> object:
    try:
        value: object = json.loads(text.strip("\ufeff\0 \r\n\t"), parse_constant=_refuse_constant, **hooks)
    except ValueError, RecursionError:
        return None
    return value


def _read_aside(text: str) -> object:
    """Read in a thread: each object and number is a call of Python, at which the loop can have its turn."""
    return _read(text, object_pairs_hook=_an_object, parse_int=_an_integer, parse_float=_a_float)


def _an_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return dict(pairs)


def _an_integer(text: str) -> int:
    return int(text)


def _a_float(text: str) -> float:
    return float(text)


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is no JSON")
