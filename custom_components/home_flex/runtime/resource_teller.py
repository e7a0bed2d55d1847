"""Tells the aggregator which devices there are and what they can do: after each connection, and on change."""

import asyncio
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from ..aggregator.link import AggregatorLink
from ..core.events.resources import resource_object
from ..core.model import BatteryReading, ChargerReading, PvReading, Reading, Site
from .device_slot import DeviceSlot

LOOK_EVERY_S = 5.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Abilities:
    """What a device can do, in W and Wh, zero or positive; None where it has not said."""

    consumption_w: float | None = None
    export_w: float | None = None
    capacity_wh: float | None = None


class ResourceTeller:
    """Publishes each device once it has spoken; ``forget`` makes it tell everything again."""

    def __init__(
        self,
        link: AggregatorLink,
        *,
        ven_id: str,
        site: Site,
        slots: Iterable[DeviceSlot],
        clock: Callable[[], datetime],
    ) -> None:
        """Watch ``slots``."""
        self._link = link
        self._ven_id = ven_id
        self._site = site
        self._slots = tuple(slots)
        self._clock = clock
        self._told: dict[str, Abilities] = {}

    def forget(self) -> None:
        """Tell everything again: the connection is new."""
        self._told.clear()

    async def run(self) -> None:
        """Tell what is untold, and what has changed, until cancelled."""
        while True:
            for slot in self._slots:
                if slot.reading is not None:
                    await self._tell(slot, self._abilities(slot.reading))
            await asyncio.sleep(LOOK_EVERY_S)

    async def _tell(self, slot: DeviceSlot, abilities: Abilities) -> None:
        before = self._told.get(slot.device_id)
        if before == abilities:
            return
        document = resource_object(
            operation="CREATE" if before is None else "UPDATE",
            ven_id=self._ven_id,
            resource_name=slot.name,
            kind=slot.kind,
            at=self._clock(),
            max_consumption_w=abilities.consumption_w,
            max_export_w=abilities.export_w,
            capacity_wh=abilities.capacity_wh,
        )
        operation: Literal["create", "update"] = "create" if before is None else "update"
        if await self._link.publish_resource(json.dumps(document).encode(), operation):
            self._told[slot.device_id] = abilities

    def _abilities(self, reading: Reading) -> Abilities:
        match reading:
            case PvReading(rated_power_w=rated_w):
                return Abilities(export_w=_coarse(rated_w))
            case BatteryReading() as battery:
                return Abilities(
                    consumption_w=_coarse(battery.max_charge_w),
                    export_w=_coarse(battery.max_discharge_w),
                    capacity_wh=_coarse(battery.capacity_wh),
                )
            case ChargerReading() as charger:
                volts = self._site.nominal_voltage_v
                return Abilities(consumption_w=_coarse(charger.max_current_a * charger.phases * volts))
        return Abilities()


def _coarse(value: float | None) -> float | None:
    """Round to hundreds: a battery that warms up by a degree is not news."""
    return None if value is None else round(value, -2)
