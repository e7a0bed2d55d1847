"""What counts of what a home says it delivered: as far as its own meter bears it out."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ..flexibility.reported import Reported
from ..market.book import CONNECTION_W

# A baseline is told as a mean power, so that its energy is rounded, and coverage in four places.
_ROUNDING_WH: Final = 10
_ROUNDING_SHARE: Final = 0.02
# A home begins and ends within seconds of its event.
_EDGE: Final = timedelta(seconds=30)
# So many times what a home was called for is believed where a connection carries less than that.
_BELIEVED: Final = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """What a home may claim: of which time, and how much it was called for.

    ``sign`` turns what was used beyond the baseline into what was asked for: 1 where less was asked.
    """

    agreed_wh: int
    sign: int
    start: datetime
    end: datetime

    def delivered(self, told: Reported | None, metered_wh: int | None) -> tuple[int | None, int | None]:
        """Return what a home says it delivered, and what counts: the same, unless its meter says otherwise.

        The meter speaks by the quarter-hours that it told (``metered_wh``), or else by the energy that the
        home names. Where it says nothing of this time nothing counts; of more than a connection carries and
        twice what was asked for, what was asked for. Wh, in the direction that was asked for; None, None
        where the home claims nothing.
        """
        delta_kwh = None if told is None else told.number("DELTA_USAGE")
        if told is None or delta_kwh is None:
            return None, None
        told_wh = round(-self.sign * delta_kwh * 1000)
        by_meter = self._by_meter(told, metered_wh)
        if by_meter is None:
            return told_wh, min(told_wh, 0)
        shown_wh = -self.sign * by_meter
        allowed_wh = _ROUNDING_WH + _ROUNDING_SHARE * max(abs(shown_wh), abs(metered_wh or 0))
        counts_wh = told_wh if abs(shown_wh - told_wh) <= allowed_wh else shown_wh
        return told_wh, counts_wh if counts_wh <= self._most_wh else self.agreed_wh

    def _by_meter(self, told: Reported, metered_wh: int | None) -> int | None:
        """Return what was used beyond the baseline, Wh; None where the home does not tell it of this time."""
        if told.start is None or told.length is None:
            return None
        if told.start < self.start - _EDGE or told.start + told.length > self.end + _EDGE:
            return None
        by_quarters = None if metered_wh is None else told.delta_of_wh(metered_wh)
        return told.delta_by_meter_wh if by_quarters is None else by_quarters

    @property
    def _most_wh(self) -> float:
        carried_wh = CONNECTION_W * ((self.end - self.start) / timedelta(hours=1))
        return max(carried_wh, _BELIEVED * self.agreed_wh)
