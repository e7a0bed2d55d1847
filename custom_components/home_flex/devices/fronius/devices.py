"""The meter, the sun and the battery of a Fronius site, each as a device that is asked."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from ...core.model import BatteryReading, DeviceIdentity, MeterReading, PvReading, Reading
from ..asking import ask_for_ever
from ..driver import DeviceError, Publish
from ..energy import EnergyCounter
from . import answers
from .answers import PowerFlow
from .solar_api import INVERTERS, METERS, POWER_FLOW, STORAGES, Answer, SolarApi

EVERY_S = 1.0
# What an inverter is, and how large its battery, does not change by the minute.
_SELDOM_S = 300.0


@dataclass(frozen=True, kw_only=True, slots=True)
class FroniusNameplate:
    """What the API does not tell, or tells wrong, as somebody entered it: W and Wh."""

    rated_power_w: float | None = None
    capacity_wh: float | None = None
    max_charge_w: float = 0.0
    max_discharge_w: float = 0.0


class FroniusDevice(ABC):
    """One device of a site. ``identity`` is known after the first reading."""

    def __init__(
        self,
        api: SolarApi,
        *,
        clock: Callable[[], datetime],
        plate: FroniusNameplate | None = None,
        every_s: float = EVERY_S,
    ) -> None:
        """Take whom to ask; ``clock`` gives the aware UTC time of a reading."""
        self.identity: DeviceIdentity | None = None
        self._api = api
        self._clock = clock
        self._plate = plate or FroniusNameplate()
        self._every_s = every_s

    async def run(self, publish: Publish) -> None:
        """Ask until cancelled, as ``devices.driver.Driver`` says."""
        await ask_for_ever(self.read, publish, every_s=self._every_s, soon=asyncio.Event())

    @abstractmethod
    async def read(self) -> Reading:
        """Ask once. Raises DeviceError."""

    async def _flow(self) -> PowerFlow:
        return answers.power_flow(await self._api.ask(POWER_FLOW))

    async def _if_supported(self, asked: Awaitable[Answer]) -> Answer:
        """Return what is answered, nothing by a site that knows no such request. Raises DeviceError."""
        try:
            return await asked
        except DeviceError as error:
            if error.reason == "not_supported":
                return {}
            raise

    async def _of_inverter(self) -> DeviceIdentity:
        """Return what the inverter is. Raises DeviceError ``inverter_asleep`` where none is listed."""
        found = answers.inverter_identity(await self._api.ask(INVERTERS, older_s=_SELDOM_S))
        if found is None:
            raise DeviceError("inverter_asleep", "the data logger reaches no inverter now")
        return found


class FroniusMeter(FroniusDevice):
    """The meter at the grid connection, or what the inverter reckons of one in the path of the loads."""

    async def read(self) -> MeterReading:
        """Ask once. Raises DeviceError as ``SolarApi.ask``, ``no_meter``."""
        meter = answers.feed_in_meter(await self._if_supported(self._api.ask(METERS)))
        if meter is None:
            return await self._reckoned()
        self.identity = answers.details_of(meter) or self.identity or await self._of_inverter()
        return MeterReading(
            time=self._clock(),
            power_w=answers.value(meter, "PowerReal_P_Sum") or 0.0,
            phase_power_w=answers.per_phase(meter, "PowerReal_P"),
            phase_voltage_v=answers.per_phase(meter, "Voltage_AC"),
            phase_current_a=tuple(abs(each) for each in answers.per_phase(meter, "Current_AC")),
            energy_import_wh=answers.value(meter, "EnergyReal_WAC_Sum_Consumed"),
            energy_export_wh=answers.value(meter, "EnergyReal_WAC_Sum_Produced"),
        )

    async def _reckoned(self) -> MeterReading:
        flow = await self._flow()
        if flow.grid_w is None:
            raise DeviceError("no_meter", "no meter tells the power at the grid")
        self.identity = self.identity or await self._of_inverter()
        return MeterReading(time=self._clock(), power_w=flow.grid_w)


class FroniusPv(FroniusDevice):
    """The sun of all inverters of the site, on the side of the modules."""

    @cached_property
    def _energy(self) -> EnergyCounter:
        """What was counted since the first reading."""
        return EnergyCounter()

    async def read(self) -> PvReading:
        """Ask once. Raises DeviceError as ``SolarApi.ask``, ``missing_value``, ``missing_rating``."""
        flow = await self._flow()
        power_w = flow.pv_w
        if power_w is None:
            # By night the API tells null; it tells null too when it does not know.
            if not flow.is_dark and not await self._sleeps():
                reason = "missing_value" if flow.inverters_w else "inverter_asleep"
                raise DeviceError(reason, "the power of the sun is not told, and not that there is none")
            power_w = 0.0
        rated_w = self._plate.rated_power_w or await self._peak_w()
        self.identity = self.identity or await self._of_inverter()
        return PvReading(
            time=self._clock(),
            power_w=power_w,
            rated_power_w=rated_w,
            energy_produced_wh=self._produced_wh(flow, rated_w),
        )

    def _produced_wh(self, flow: PowerFlow, rated_w: float) -> float | None:
        """Return the counter of what all inverters gave, which is not the sun's where a battery gives too."""
        if flow.has_battery:
            return None
        now_s = asyncio.get_running_loop().time()
        return self._energy.total_wh(flow.energy_wh, now_s=now_s, most_w=rated_w)

    async def _sleeps(self) -> bool:
        return answers.all_sleep(await self._api.ask(INVERTERS))

    async def _peak_w(self) -> float:
        peak_w = answers.peak_w(await self._api.ask(INVERTERS, older_s=_SELDOM_S))
        if peak_w is None:
            raise DeviceError("missing_rating", "the power of the modules is not set in the inverter")
        return peak_w


class FroniusBattery(FroniusDevice):
    """The battery behind an inverter, on its DC side. The API cannot tell it anything."""

    async def read(self) -> BatteryReading:
        """Ask once. Raises DeviceError as ``SolarApi.ask``, ``no_battery``, ``missing_…``."""
        flow = await self._flow()
        storage = answers.storage(await self._if_supported(self._api.ask(STORAGES, older_s=60.0)))
        if storage is None:
            raise DeviceError("no_battery", "no battery is behind this inverter")
        power_w = 0.0 if flow.battery_w is None and flow.battery_rests else flow.battery_w
        state = storage.state_of_charge if flow.state_of_charge is None else flow.state_of_charge
        if power_w is None or state is None:
            raise DeviceError("missing_value", "the battery tells no power or no state of charge")
        capacity_wh = self._plate.capacity_wh or storage.capacity_wh
        if capacity_wh is None:
            raise DeviceError("missing_capacity", "the battery does not tell its capacity")
        self.identity = storage.identity or self.identity or await self._of_inverter()
        return BatteryReading(
            time=self._clock(),
            power_w=power_w,
            state_of_charge=state,
            capacity_wh=capacity_wh,
            max_charge_w=self._plate.max_charge_w,
            max_discharge_w=self._plate.max_discharge_w,
        )
