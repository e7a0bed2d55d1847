"""Tells the aggregator which devices there are and what they can do, anew after each connection."""

import asyncio
import json
from collections.abc import Callable, Iterable
from datetime import datetime

from .aggregator.link import AggregatorLink
from .core.events.reports import Document
from .core.events.resources import resource_object
from .core.model import BatteryReading, ChargerReading, PvReading, Site
from .device_slot import DeviceSlot

LOOK_EVERY_S = 5.0


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
        self._told: set[str] = set()

    def forget(self) -> None:
        """Tell everything again: the connection is new."""
        self._told.clear()

    async def run(self) -> None:
        """Tell what is untold until cancelled."""
        while True:
            for slot in self._slots:
                if slot.reading is not None and slot.device_id not in self._told:
                    payload = json.dumps(self._resource(slot)).encode()
                    if await self._link.publish_resource(payload, "create"):
                        self._told.add(slot.device_id)
            await asyncio.sleep(LOOK_EVERY_S)

    def _resource(self, slot: DeviceSlot) -> Document:
        consumption_w, export_w, capacity_wh = None, None, None
        match slot.reading:
            case PvReading(rated_power_w=rated_w):
                export_w = rated_w
            case BatteryReading() as battery:
                consumption_w, export_w = battery.max_charge_w, battery.max_discharge_w
                capacity_wh = battery.capacity_wh
            case ChargerReading() as charger:
                consumption_w = charger.max_current_a * charger.phases * self._site.nominal_voltage_v
        return resource_object(
            operation="CREATE",
            ven_id=self._ven_id,
            resource_name=slot.name,
            kind=slot.kind,
            at=self._clock(),
            max_consumption_w=consumption_w,
            max_export_w=export_w,
            capacity_wh=capacity_wh,
        )
