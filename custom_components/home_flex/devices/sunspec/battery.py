"""A battery that speaks SunSpec."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from ...core.model import BatteryReading, DeviceIdentity
from ..driver import DeviceError, Publish
from ..energy import EnergyCounter
from .controls import POWER_SETPOINTS
from .measurement import Remembered, counted_wh, is_idle, plausible_battery_w
from .nameplate import Nameplate
from .polling import Access, SunSpecPoller
from .roles import (
    AC_POWER,
    CAPACITY,
    CHARGE_SETTING,
    DISCHARGE_SETTING,
    ENERGY_ABSORBED,
    ENERGY_INJECTED,
    INVERTER_MODELS,
    RATED_CHARGE,
    RATED_DISCHARGE,
    STATE_OF_CHARGE,
    Role,
)
from .snapshot import Snapshot, required
from .sources import battery_power_w, has_solar_inputs, pv_power_w, tells_battery

_MODELS = frozenset({120, 124, 160, 701, 702, 704, 713, 714, 715, 802, *INVERTER_MODELS})
_FULL_PERCENT = 100.0
_SLACK_PERCENT = 1.0  # some gauges round a full battery up
_FROM_PV_ONLY = 0  # model 124 ChaGriSet
_MORE_THAN_SUN_W = 200.0


@dataclass(frozen=True, kw_only=True, slots=True)
class _Range:
    """The most that the battery takes and gives, W >= 0."""

    charge_w: float
    discharge_w: float


class SunSpecBattery:
    """Measures a battery and sets its power; models 713, 802 or 124, and 704 or 124.

    Its power is that of its own DC side where that is told (714, 160, 802), else that of the AC side.
    Power is positive = charging; SunSpec's W and WSet are positive = discharging.
    """

    # Behind a slow gateway each request takes some seconds, and an order takes several.
    write_timeout_s = 20.0

    def __init__(
        self,
        access: Access,
        *,
        clock: Callable[[], datetime],
        nameplate: Nameplate | None = None,
        poll_interval_s: float = 1.0,
    ) -> None:
        """Remember the unit; ``clock`` gives the aware UTC time of a reading."""
        self.identity: DeviceIdentity | None = None
        self._access = access
        self._clock = clock
        self._nameplate = nameplate or Nameplate()
        self._begin()
        self._poller = SunSpecPoller(
            access,
            models=_MODELS,
            required=(STATE_OF_CHARGE,),
            controls=POWER_SETPOINTS,
            poll_interval_s=poll_interval_s,
        )
        self._asked_w: float | None = None
        self._lacks_grid = False

    @property
    def troubles(self) -> frozenset[str]:
        """See ``devices.driver.TellsTroubles``; ``grid_charging_off``: it charges from its own PV only."""
        return self._poller.actuator.troubles | ({"grid_charging_off"} if self._lacks_grid else frozenset())

    async def run(self, publish: Publish) -> None:
        """Poll until cancelled, as ``devices.driver.Driver`` says."""
        await self._poller.run(self._reading, publish)

    async def read(self) -> BatteryReading:
        """Read once. Raises DeviceError."""
        return self._reading(await self._poller.read())

    async def set_power(self, power_w: float | None, *, expires_in_s: float) -> None:
        """Charge (> 0) or discharge (< 0) at ``power_w``, W; None hands back. Raises DeviceError."""
        await self._poller.set(None if power_w is None else 0.0 - power_w, expires_in_s)
        self._asked_w = power_w

    def _begin(self) -> None:
        self._charged, self._discharged = EnergyCounter(), EnergyCounter()
        self._ratings = Remembered()

    def _reading(self, snapshot: Snapshot) -> BatteryReading:
        if self.identity != snapshot.device.identity:
            self._begin()
        limits = self._range(snapshot)
        most_w = max(limits.charge_w, limits.discharge_w)
        told_w = self._poller.actuator.told_w(snapshot)
        reading = BatteryReading(
            time=self._clock(),
            power_w=plausible_battery_w(_power_w(snapshot), most_w),
            state_of_charge=_state_of_charge(snapshot),
            capacity_wh=self._capacity_wh(snapshot),
            max_charge_w=min(limits.charge_w, self._from_sun_only_w(snapshot)),
            max_discharge_w=limits.discharge_w,
            power_setpoint_w=None if told_w is None else 0.0 - told_w,
            energy_charged_wh=self._counted_wh(snapshot, self._charged, ENERGY_ABSORBED, most_w),
            energy_discharged_wh=self._counted_wh(snapshot, self._discharged, ENERGY_INJECTED, most_w),
        )
        self.identity = snapshot.device.identity
        return reading

    def _capacity_wh(self, snapshot: Snapshot) -> float:
        capacity_wh = self._nameplate.capacity_wh or self._ratings.value(
            "capacity", lambda: snapshot.positive(CAPACITY)
        )
        if capacity_wh is None:
            raise DeviceError("missing_capacity", "the device does not tell its capacity")
        return capacity_wh

    def _range(self, snapshot: Snapshot) -> _Range:
        plate = self._nameplate
        charge_w = self._ratings.value("charge", lambda: _largest_w(snapshot, RATED_CHARGE, CHARGE_SETTING))
        discharge_w = self._ratings.value(
            "discharge", lambda: _largest_w(snapshot, RATED_DISCHARGE, DISCHARGE_SETTING)
        )
        charge_w = plate.max_charge_w or charge_w
        discharge_w = plate.max_discharge_w or discharge_w
        if charge_w is None or discharge_w is None:
            raise DeviceError("missing_rating", "the device does not tell its rated power")
        return _Range(charge_w=charge_w, discharge_w=discharge_w)

    def _from_sun_only_w(self, snapshot: Snapshot) -> float:
        """Return what it can charge with where it may not charge from the grid, and more was asked of it."""
        is_sun_only = snapshot.has(124) and snapshot.number((124, "ChaGriSet")) == _FROM_PV_ONLY
        if not is_sun_only or self._asked_w is None or self._asked_w <= 0:
            self._lacks_grid = False
            return float("inf")
        sun_w = 0.0
        if has_solar_inputs(snapshot):
            sun_w = max(0.0, 0.0 - (pv_power_w(snapshot) or 0.0))
        self._lacks_grid = self._lacks_grid or self._asked_w > sun_w + _MORE_THAN_SUN_W
        return sun_w if self._lacks_grid else float("inf")

    def _counted_wh(
        self, snapshot: Snapshot, counter: EnergyCounter, role: Role, most_w: float
    ) -> float | None:
        """Return the energy; None where the AC side counts the sun's with it."""
        if tells_battery(snapshot):
            return None
        return counted_wh(snapshot, counter, role, now_s=self._access.monotonic_s(), most_w=most_w)


async def probe_battery(
    access: Access, nameplate: Nameplate | None = None
) -> tuple[DeviceIdentity, BatteryReading]:
    """Return the identity and one reading of the battery on a unit. Raises DeviceError."""
    battery = SunSpecBattery(access, clock=lambda: datetime.now(UTC), nameplate=nameplate)
    reading = await battery.read()
    assert battery.identity is not None  # noqa: S101 - set by every reading
    return battery.identity, reading


def _power_w(snapshot: Snapshot) -> float:
    power_w = battery_power_w(snapshot)
    if power_w is None and is_idle(snapshot, says_so=True):
        return 0.0
    return required(power_w, AC_POWER)


def _largest_w(snapshot: Snapshot, rating: Role, setting: Role) -> float | None:
    """Return the rating, or less where the installer has set less; None when it is not told."""
    rated_w = snapshot.positive(rating)
    return None if rated_w is None else min(rated_w, snapshot.positive(setting) or rated_w)


def _state_of_charge(snapshot: Snapshot) -> float:
    percent = snapshot.require(STATE_OF_CHARGE)
    if not 0.0 <= percent <= _FULL_PERCENT + _SLACK_PERCENT:
        raise DeviceError("implausible", f"a state of charge of {percent:g} %")
    return min(percent / _FULL_PERCENT, 1.0)
