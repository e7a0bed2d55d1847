"""A PV inverter: what the sun gives, up to a cap that moves when told."""

import random
from dataclasses import dataclass, field

from .channel import Channel, Rhythm
from .clouds import Sun
from .exchange import DeviceFacts, Kind, Order, Report
from .response import Inbox, Response


@dataclass(frozen=True, kw_only=True, slots=True)
class PvSpec:
    """An inverter of ``rated_w`` under ``sun``; its response moves the cap, not the sun."""

    device_id: str = "pv"
    wired: tuple[int, ...] = (1, 2, 3)
    rated_w: float = 8000.0
    sun: Sun = field(default_factory=Sun)
    response: Response = field(default_factory=Response)
    rhythm: Rhythm = field(default_factory=Rhythm)


class Pv:
    """An inverter at one moment."""

    def __init__(self, spec: PvSpec, chance: random.Random, first_report_s: float) -> None:
        """Start without a cap."""
        self.spec = spec
        self.sun_w = spec.sun.power_w(0.0)
        self.power_w = -self.sun_w
        self._cap_w = spec.rated_w
        self._value: float | None = None
        self.told: float | None = None
        self._inbox = Inbox(spec.response)
        self._reports = Channel[tuple[float, float | None]](spec.rhythm, chance, first_report_s)

    @property
    def facts(self) -> DeviceFacts:
        """What its owner knows."""
        return DeviceFacts(
            device_id=self.spec.device_id, kind=Kind.PV, wired=self.spec.wired, rated=self.spec.rated_w
        )

    @property
    def step_w(self) -> float:
        """The coarsest change it makes."""
        return self.spec.response.step_w

    def beyond(self, value: float) -> bool:  # noqa: ARG002 # a cap above the sun binds nothing
        """No cap asks more than it gives."""
        return False

    def order(self, order: Order, now_s: float) -> None:
        """Accept an order."""
        self.told = order.value
        self._inbox.write(order.value, now_s, order.expires_in_s)

    def step(self, now_s: float, seconds: float, grid_w: float) -> None:  # noqa: ARG002 # it has no sensor at the meter
        """Go on for ``seconds``."""
        response = self.spec.response
        self._value = self._inbox.value(now_s)
        aim_w = (
            self.spec.rated_w if self._value is None else min(response.done(self._value), self.spec.rated_w)
        )
        self._cap_w = response.moved(self._cap_w, max(0.0, aim_w), seconds)
        self.sun_w = min(self.spec.sun.power_w(now_s), self.spec.rated_w)
        self.power_w = -min(self.sun_w, self._cap_w)

    def report(self, now_s: float) -> Report | None:
        """Return what is delivered now."""
        told = self._reports.step(now_s, lambda: (float(round(self.power_w)), self._value))
        return None if told is None else Report(heard_s=now_s, power_w=told[0], value=told[1])

    def phase_w(self, phases: int) -> list[float]:
        """Return its power per phase of the site."""
        wired = [phase for phase in self.spec.wired if phase <= phases]
        return [self.power_w / len(wired) if phase in wired else 0.0 for phase in range(1, phases + 1)]
