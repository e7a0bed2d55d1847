"""Tells the aggregator which devices there are and what they can do: after each connection, and on change."""

import asyncio
import json
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Literal

from ..aggregator.link import AggregatorLink
from ..core.events.resources import resource_object
from ..core.kinds import reporting_of
from ..core.kinds.facts import Abilities
from ..core.model import Group, Site
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
        groups: Iterable[Group],
        clock: Callable[[], datetime],
    ) -> None:
        """Watch ``slots``; with each is told in which of ``groups`` it is."""
        self._groups = tuple(groups)
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
                    abilities = reporting_of(slot.kind).abilities(slot.reading, self._site)
                    await self._tell(slot, abilities.coarse())
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
            group_ids=[each.group_id for each in self._groups if slot.device_id in each.device_ids],
        )
        operation: Literal["create", "update"] = "create" if before is None else "update"
        if await self._link.publish_resource(json.dumps(document).encode(), operation):
            self._told[slot.device_id] = abilities
