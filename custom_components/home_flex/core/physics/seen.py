"""The home at one moment, as far as the checks look at it, and means over windows of time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import median

from ..model import DeviceKind


@dataclass(frozen=True, kw_only=True, slots=True)
class DeviceSeen:
    """A device at one moment: power in W, positive = consumption; ``period_s`` is how often it speaks.

    A battery also has its state of charge (0 to 1) and its capacity in Wh.
    """

    kind: DeviceKind
    power_w: float
    period_s: float = 1.0
    state_of_charge: float | None = None
    capacity_wh: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class HomeSeen:
    """The home at ``now_s`` (monotonic): the grid meter and every device that measures its own power."""

    now_s: float
    grid_w: float
    grid_period_s: float = 1.0
    devices: Mapping[str, DeviceSeen] = field(default_factory=dict)

    @property
    def slowest_s(self) -> float:
        """How often the slowest device and the meter speak, together."""
        periods = [device.period_s for device in self.devices.values()]
        return max(periods, default=0.0) + self.grid_period_s


@dataclass(frozen=True, kw_only=True, slots=True)
class Powers:
    """The powers of a home at a moment, or the medians of a window, in W."""

    grid_w: float
    devices_w: Mapping[str, float]

    @property
    def load_w(self) -> float:
        """What the home draws beside its devices."""
        return self.grid_w - sum(self.devices_w.values())

    @property
    def largest_w(self) -> float:
        """The largest power there is, whatever its sign."""
        return max(abs(self.grid_w), *(abs(power_w) for power_w in self.devices_w.values()), 0.0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """What was seen since ``since_s``; the devices in it are the same throughout."""

    since_s: float
    seen: tuple[Powers, ...] = ()

    def with_(self, home: HomeSeen) -> Window:
        """Return the window with one moment more; a new one where a device came or went."""
        powers = Powers(
            grid_w=home.grid_w,
            devices_w={device_id: device.power_w for device_id, device in home.devices.items()},
        )
        if self.seen and self.seen[-1].devices_w.keys() != powers.devices_w.keys():
            return Window(since_s=home.now_s, seen=(powers,))
        return Window(since_s=self.since_s, seen=(*self.seen, powers))

    def medians(self) -> Powers:
        """Return the median of each power: single samples of sources that are not in step lie."""
        return Powers(
            grid_w=median(powers.grid_w for powers in self.seen),
            devices_w={
                device_id: median(powers.devices_w[device_id] for powers in self.seen)
                for device_id in self.seen[0].devices_w
            },
        )
