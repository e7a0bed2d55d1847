"""What somebody needs of homes, as it is asked of the hub."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from http import HTTPStatus
from typing import Annotated, Final, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, StrictBool, model_validator

from ..arrays import Whole
from ..web import Problem
from ..web.fields import Moment, Name, ObjectId
from .direction import Direction, price_micro
from .fleet import Span
from .offers import MOST_W, Need
from .targets import Targets
from .willing import Call

_MOST_KW: Final = 1_000_000.0
_MOST_MINUTES: Final = 7 * 24 * 60
_MOST_INTERVALS: Final = 288
# An event's start is this far ahead at most, as homes take it.
MOST_AHEAD: Final = timedelta(days=31)
_LATE: Final = timedelta(minutes=1)

type Power = Annotated[float, Field(strict=True, ge=0, le=_MOST_KW, allow_inf_nan=False)]
type Minutes = Annotated[int, Field(strict=True, ge=1, le=_MOST_MINUTES)]
type Price = Annotated[Decimal, Field(ge=0, le=1000, max_digits=10, decimal_places=6, allow_inf_nan=False)]
type Currency = Annotated[str, Field(pattern="^[A-Z]{3}$")]


class NewDispatch(BaseModel):
    """A need in kW, of a group of homes: one number for all of it, or one for each interval.

    ``feeder_caps_kw`` bound what a feeder's homes are called for. ``shaped``: homes are let go one after the
    other, and not called where what comes back makes a peak. ``rehearse``: nothing is stored and sent.
    """

    model_config = ConfigDict(extra="forbid")

    program_id: ObjectId
    name: Name | None = None
    start: Moment
    duration_minutes: Minutes
    interval_minutes: Minutes | None = None
    need_kw: Power | Annotated[list[Power], Field(min_length=1, max_length=_MOST_INTERVALS)]
    direction: Direction = Direction.LESS
    targets: Targets = Targets()
    feeder_caps_kw: Annotated[dict[ObjectId, Power], Field(max_length=10_000)] = {}
    price_per_kwh: Price | None = None
    currency: Currency = "EUR"
    shaped: StrictBool = True
    rehearse: StrictBool = False

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.duration_minutes % self._interval_minutes:
            raise ValueError("the intervals do not fill the duration")
        intervals = self.duration_minutes // self._interval_minutes
        if intervals > _MOST_INTERVALS:
            raise ValueError(f"more than {_MOST_INTERVALS} intervals")
        if isinstance(self.need_kw, list) and len(self.need_kw) != intervals:
            raise ValueError("a need is told for each interval, or once for all")
        return self

    @property
    def _interval_minutes(self) -> int:
        if self.interval_minutes is not None:
            return self.interval_minutes
        is_list = isinstance(self.need_kw, list) and len(self.need_kw) > 0
        parts = len(self.need_kw) if isinstance(self.need_kw, list) and is_list else 1
        return self.duration_minutes // parts if self.duration_minutes % parts == 0 else self.duration_minutes

    def wanted(self, now: datetime) -> Wanted:
        """Return the need in whole W. Raises Problem 400 for one that is past or too far ahead."""
        require_ahead(self.start, now)
        length = self._interval_minutes
        intervals = self.duration_minutes // length
        powers = self.need_kw if isinstance(self.need_kw, list) else [self.need_kw] * intervals
        return Wanted(
            program_id=self.program_id,
            name=self.name or "dispatch",
            span=Span(start=self.start, interval_s=60 * length, intervals=intervals),
            power_w=tuple(round(1000 * power) for power in powers),
            direction=self.direction,
            targets=self.targets,
            caps_w={feeder: round(1000 * power) for feeder, power in self.feeder_caps_kw.items()},
            price_micro=None if self.price_per_kwh is None else price_micro(self.price_per_kwh),
            currency=self.currency,
            is_shaped=self.shaped and self.direction is Direction.LESS,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """A need: W in each interval, of whom, within which caps.

    ``price_micro`` is paid a kWh (millionths of the currency); None: the highest that is taken.
    ``devices`` are those that are meant, where not the whole home is.
    """

    program_id: str
    name: str
    span: Span
    power_w: tuple[int, ...]
    direction: Direction
    targets: Targets
    caps_w: dict[str, int]
    price_micro: int | None
    currency: str
    is_shaped: bool
    devices: frozenset[str] = frozenset()

    @property
    def call(self) -> Call:
        """Return whom it would call, when."""
        return Call(
            program_id=self.program_id,
            start=self.span.start,
            end=self.span.end,
            asks=self.direction.asks,
            targets=self.targets,
            devices=self.devices,
        )

    def need(self, feeders: Sequence[str]) -> Need:
        """Return it as arrays, beside the feeders by number."""
        caps = [self.caps_w.get(feeder, _no_cap_w(self)) for feeder in feeders]
        cap_w: Whole = np.repeat(np.array(caps, dtype=np.int64)[:, None], self.span.intervals, axis=1)
        return Need(power_w=np.array(self.power_w, dtype=np.int64), feeder_cap_w=cap_w)


def require_ahead(start: datetime, now: datetime) -> None:
    """Raise Problem 400 for a start that is past, or further ahead than homes take events."""
    if not now - _LATE <= start <= now + MOST_AHEAD:
        raise Problem(HTTPStatus.BAD_REQUEST, "wrong-time", "It starts now or within 31 days.")


def _no_cap_w(wanted: Wanted) -> int:
    """Return more than is needed in all, whole steps beyond it included."""
    return max(wanted.power_w, default=0) + 10_000 * MOST_W
