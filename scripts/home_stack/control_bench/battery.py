"""A battery: follows orders as far as it can, else stands idle or keeps the meter at zero by itself."""

import random
from dataclasses import dataclass, field

from .channel import Channel, Rhythm
from .exchange import DeviceFacts, Kind, Order, Report
from .response import Inbox, Response

# An order beyond what the battery gives by less than this is not held against who gave it.
_BEYOND_SHARE, _BEYOND_W = 0.06, 100.0
_OWN_DEAD_BAND_W = 20.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Taper:
    """What it gives falls from ``start_s`` on by ``w_per_s`` to ``least_w``."""

    start_s: float
    w_per_s: float
    least_w: float


@dataclass(frozen=True, kw_only=True, slots=True)
class BatterySpec:
    """A battery of ``rated_w``, which gives ``clip_w`` at most; ``own_lag_s`` 0: idle when nobody orders."""

    device_id: str = "battery"
    wired: tuple[int, ...] = (1, 2, 3)
    rated_w: float = 5000.0
    clip_w: float | None = None
    taper: Taper | None = None
    capacity_wh: float = 10000.0
    soc: float = 0.5
    own_lag_s: float = 0.0
    response: Response = field(default_factory=Response)
    rhythm: Rhythm = field(default_factory=Rhythm)
    noise_share: float = 0.0
    reading_turned: bool = False


class Battery:
    """A battery at one moment."""

    def __init__(self, spec: BatterySpec, chance: random.Random, first_report_s: float) -> None:
        """Start idle."""
        self.spec = spec
        self.power_w = 0.0
        self.soc = spec.soc
        self.told: float | None = None
        self._inbox = Inbox(spec.response)
        self._chance = chance
        self._reports = Channel[tuple[float, float, float | None]](spec.rhythm, chance, first_report_s)
        self._now_s = 0.0

    @property
    def facts(self) -> DeviceFacts:
        """What its owner knows."""
        spec = self.spec
        return DeviceFacts(
            device_id=spec.device_id,
            kind=Kind.BATTERY,
            wired=spec.wired,
            rated=spec.rated_w,
            capacity_wh=spec.capacity_wh,
        )

    @property
    def step_w(self) -> float:
        """The coarsest change it makes."""
        return self.spec.response.step_w

    @property
    def reach_w(self) -> tuple[float, float]:
        """What it can do now, by any order within its rating."""
        most_w = self._most_w()
        reach_w = min(most_w, self.spec.rated_w * self.spec.response.gain)
        return (-reach_w if self.soc > 0.0 else 0.0, reach_w if self.soc < 1.0 else 0.0)

    def beyond(self, value: float) -> bool:
        """Return whether an order asks more than it gives now, by more than a tolerance."""
        aimed_w = abs(value) * self.spec.response.gain
        return aimed_w > self._most_w() * (1.0 + _BEYOND_SHARE) + _BEYOND_W

    def order(self, order: Order, now_s: float) -> None:
        """Accept an order."""
        self.told = order.value
        self._inbox.write(order.value, now_s, order.expires_in_s)

    def step(self, now_s: float, seconds: float, grid_w: float) -> None:
        """Go on for ``seconds``; ``grid_w`` is what its own sensor at the meter shows."""
        self._now_s = now_s
        low_w, high_w = self.reach_w
        value = self._inbox.value(now_s)
        if value is not None:
            aim_w = min(max(self.spec.response.done(value), low_w), high_w)
            power_w = self.spec.response.moved(self.power_w, aim_w, seconds)
        elif self.spec.own_lag_s:
            astray_w = grid_w if abs(grid_w) > _OWN_DEAD_BAND_W else 0.0
            power_w = self.power_w - astray_w * min(1.0, seconds / self.spec.own_lag_s)
        else:
            power_w = self.spec.response.moved(self.power_w, 0.0, seconds)
        self.power_w = min(max(power_w, low_w), high_w)
        soc = self.soc + self.power_w * seconds / 3600.0 / self.spec.capacity_wh
        self.soc = min(max(soc, 0.0), 1.0)

    def report(self, now_s: float) -> Report | None:
        """Return what is delivered now."""
        told = self._reports.step(now_s, self._sample)
        if told is None:
            return None
        power_w, soc, value = told
        return Report(heard_s=now_s, power_w=power_w, soc=soc, value=value)

    def phase_w(self, phases: int) -> list[float]:
        """Return its power per phase of the site."""
        wired = [phase for phase in self.spec.wired if phase <= phases]
        return [self.power_w / len(wired) if phase in wired else 0.0 for phase in range(1, phases + 1)]

    def _most_w(self) -> float:
        most_w = self.spec.rated_w if self.spec.clip_w is None else self.spec.clip_w
        taper = self.spec.taper
        if taper is not None and self._now_s > taper.start_s:
            most_w = min(most_w, max(taper.least_w, most_w - taper.w_per_s * (self._now_s - taper.start_s)))
        return most_w

    def _sample(self) -> tuple[float, float, float | None]:
        power_w = self.power_w * (1.0 + self._chance.gauss(0.0, self.spec.noise_share))
        return (
            round(-power_w if self.spec.reading_turned else power_w),
            self.soc,
            self._inbox.value(self._now_s),
        )
