"""Fields that several requests hold."""

import re
from datetime import UTC, datetime
from typing import Annotated, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, StringConstraints

_LONGEST_NAME: Final = 128
_DATE: Final = re.compile(r"\d{4}-\d{2}-", re.ASCII)


def _one_line(text: str) -> str:
    if not text.isprintable():
        raise ValueError("holds characters that cannot be shown within a line")
    return text


def _written_out(time: object) -> object:
    """Refuse what is read as seconds of an epoch, or as milliseconds: nobody means those here."""
    if isinstance(time, datetime) or (isinstance(time, str) and _DATE.match(time)):
        return time
    raise ValueError("is not a time such as 2026-11-29T12:00:00Z")


def _in_utc(time: datetime) -> datetime:
    try:
        return time.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("lies outside of the years 1 to 9999 in UTC") from error


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("is not a time zone") from error
    return name


type Name = Annotated[
    str,
    StringConstraints(min_length=1, max_length=_LONGEST_NAME, strip_whitespace=True),
    AfterValidator(_one_line),
]
type Email = Annotated[
    str, StringConstraints(max_length=254, pattern=r"^[^@\s]+@[^@\s]+$"), AfterValidator(_one_line)
]
type ObjectId = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z0-9_-]{1,128}$")]
type Password = Annotated[str, StringConstraints(max_length=256)]
# How many of a list are asked for at most.
type Limit = Annotated[int, Field(ge=1, le=1000)]
type Code = Annotated[str, StringConstraints(min_length=1, max_length=128)]
# A time with its offset, in UTC: near the bounds of the calendar an offset alone leads out of it.
type Moment = Annotated[AwareDatetime, BeforeValidator(_written_out), AfterValidator(_in_utc)]
# A calendar month in UTC.
type MonthText = Annotated[str, StringConstraints(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$")]
# As the IANA names it.
type Zone = Annotated[str, StringConstraints(min_length=1, max_length=64), AfterValidator(_zone)]
