"""A home for the checks of physics: one second a step, shares nothing with the product but its types."""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, field

from custom_components.home_flex.core.model import DeviceKind
from custom_components.home_flex.core.physics import DeviceSeen, HomeSeen


@dataclass
class Sampled:
    """A value that is polled each ``period_s`` seconds, and told ``scale`` times what it is."""

    period_s: int
    scale: float = 1.0
    told: float = 0.0

    def look(self, second: int, value: float) -> float:
        if second % self.period_s == 0:
            self.told = value * self.scale
        return self.told


@dataclass
class Home:
    """Sun with clouds, a battery that covers the house, and a house that cooks."""

    seed: int
    meter_period_s: int = 1
    device_period_s: int = 1
    meter: float = 1.0
    sun: float = 1.0
    battery: float = 1.0
    has_battery: bool = True
    twice: bool = False
    hours: float = 3.0
    from_hour: float = 10.0
    state_of_charge: float = 0.5
    _random: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)  # noqa: S311 # a repeatable day

    def moments(self) -> Iterator[HomeSeen]:
        """Yield the home second by second."""
        meter = Sampled(self.meter_period_s, self.meter)
        sun_meter = Sampled(self.device_period_s, self.sun)
        battery_meter = Sampled(self.device_period_s, self.battery)
        base_w, cloud, cooking_w, cooking_until, battery_w = 250.0, 1.0, 0.0, 0, 0.0
        soc, capacity_wh = self.state_of_charge, 10_000.0
        told_soc = soc
        for second in range(int(self.hours * 3600)):
            hour = self.from_hour + second / 3600
            if self._random.random() < 1 / 300:
                cloud = self._random.choice([1.0, 0.9, 0.5, 0.25])
            if second >= cooking_until and self._random.random() < 1 / 900:
                cooking_w, cooking_until = self._random.choice([900.0, 2000.0, 2800.0]), second + 240
            load_w = base_w + (cooking_w if second < cooking_until else 0.0) + self._random.gauss(0, 8)
            clear_w = 5000.0 * max(0.0, math.sin(math.pi * (hour - 6) / 12))
            sun_w = -clear_w * cloud
            if self.has_battery:
                wanted_w = max(-3000.0, min(3000.0, -(load_w + sun_w)))
                battery_w += (wanted_w - battery_w) / 3
                if (soc >= 0.995 and battery_w > 0) or (soc <= 0.05 and battery_w < 0):  # full, empty
                    battery_w = 0.0
                soc += battery_w / 3600 / capacity_wh
                if second % self.device_period_s == 0:
                    told_soc = round(soc, 2)
            devices = {
                "sun": DeviceSeen(
                    kind=DeviceKind.PV, power_w=sun_meter.look(second, sun_w), period_s=self.device_period_s
                )
            }
            if self.has_battery:
                devices["battery"] = DeviceSeen(
                    kind=DeviceKind.BATTERY,
                    power_w=battery_meter.look(second, battery_w),
                    period_s=self.device_period_s,
                    state_of_charge=told_soc,
                    capacity_wh=capacity_wh,
                )
            if self.twice:
                devices["hybrid"] = devices["sun"]
            yield HomeSeen(
                now_s=float(second),
                grid_w=meter.look(second, load_w + sun_w + battery_w),
                grid_period_s=self.meter_period_s,
                devices=devices,
            )
