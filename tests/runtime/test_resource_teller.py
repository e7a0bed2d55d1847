"""What the aggregator is told about devices, and when; the link is a list here."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, cast

import pytest

from custom_components.home_flex.aggregator.link import AggregatorLink
from custom_components.home_flex.core.model import BatteryReading, DeviceKind, Group, GroupKind, Site
from custom_components.home_flex.devices.driver import Driver
from custom_components.home_flex.runtime import resource_teller
from custom_components.home_flex.runtime.device_slot import DeviceSlot
from custom_components.home_flex.runtime.resource_teller import ResourceTeller
from tests.asyncapi import validate

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SITE = Site(
    name="Home",
    currency="EUR",
    phases=3,
    main_fuse_a=25,
    import_price_per_kwh=Decimal("0.3"),
    export_price_per_kwh=Decimal("0.1"),
)
GROUPS = (
    Group(group_id="cellar", kind=GroupKind.PEAK, device_ids=("b1", "b2")),
    Group(group_id="roof", kind=GroupKind.PEAK, device_ids=("pv",)),
)
READING = BatteryReading(
    time=NOW, power_w=0, state_of_charge=0.5, capacity_wh=10_000, max_charge_w=5000, max_discharge_w=4000
)


class ListedLink:
    def __init__(self) -> None:
        self.connected = True
        self.told: list[tuple[str, dict[str, Any]]] = []

    async def publish_resource(self, payload: bytes, operation: str) -> bool:
        if self.connected:
            self.told.append((operation, json.loads(payload)))
        return self.connected

    def operations(self) -> list[str]:
        return [operation for operation, _ in self.told]


def battery(reading: BatteryReading | None) -> DeviceSlot:
    return DeviceSlot(
        device_id="b1",
        name="Cellar battery",
        kind=DeviceKind.BATTERY,
        wired_phases=(1,),
        site=SITE,
        driver=cast("Driver", None),
        clock=lambda: NOW,
        monotonic_s=lambda: 0.0,
        on_reading=lambda _: None,
        on_ledger=lambda _: None,
        reading=reading,
    )


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource_teller, "LOOK_EVERY_S", 0.001)


@asynccontextmanager
async def telling(link: ListedLink, slot: DeviceSlot) -> AsyncIterator[ResourceTeller]:
    teller = ResourceTeller(
        cast("AggregatorLink", link),
        ven_id="home-1",
        site=SITE,
        slots=[slot],
        groups=GROUPS,
        clock=lambda: NOW,
    )
    task = asyncio.create_task(teller.run())
    yield teller
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def looks() -> None:
    await asyncio.sleep(0.05)


async def test_a_device_is_told_once_it_has_spoken_and_only_once() -> None:
    link, slot = ListedLink(), battery(None)
    async with telling(link, slot):
        await looks()
        assert link.told == []
        slot.reading = READING
        await looks()
        slot.reading = replace(READING, power_w=-900, max_charge_w=5020)
        await looks()
    ((operation, document),) = link.told
    assert operation == "create"
    validate("resources/create", document)
    assert document["object"]["targets"] == ["cellar"]
    attributes = {each["type"]: each["values"] for each in document["object"]["attributes"]}
    assert attributes["MAX_POWER_CONSUMPTION"] == [5.0]
    assert attributes["MAX_POWER_EXPORT"] == [4.0]
    assert attributes["STORAGE_USABLE_CAPACITY"] == [10.0]


async def test_what_a_device_can_no_longer_do_is_told_as_an_update_of_the_same_resource() -> None:
    link, slot = ListedLink(), battery(READING)
    async with telling(link, slot):
        await looks()
        slot.reading = replace(READING, max_discharge_w=1500)
        await looks()
    assert link.operations() == ["create", "update"]
    validate("resources/update", link.told[1][1])
    assert link.told[0][1]["object"]["id"] == link.told[1][1]["object"]["id"]


async def test_after_a_new_connection_everything_is_told_again() -> None:
    link, slot = ListedLink(), battery(READING)
    async with telling(link, slot) as teller:
        await looks()
        teller.forget()
        await looks()
    assert link.operations() == ["create", "create"]


async def test_what_found_no_connection_is_told_when_there_is_one() -> None:
    link, slot = ListedLink(), battery(READING)
    link.connected = False
    async with telling(link, slot):
        await looks()
        link.connected = True
        await looks()
    assert link.operations() == ["create"]
