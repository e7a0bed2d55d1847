"""Pieces of a house for the tests: telegrams, subentries, forms, and waiting for what must come."""

import asyncio
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant

from tests.devices.fakes.telegrams import telegram

PV_UNIT = 1
BATTERY_UNIT = 2
CHARGER_PASSWORD = "long-secret"
METER_LINES = telegram(
    "0-0:96.1.1(4530303031)",
    "1-0:1.8.1(001000.500*kWh)",
    "1-0:1.8.2(000200.250*kWh)",
    "1-0:2.8.1(000050.000*kWh)",
    "1-0:2.8.2(000000.125*kWh)",
    "1-0:1.7.0(01.500*kW)",
    "1-0:2.7.0(00.000*kW)",
    "1-0:32.7.0(230.1*V)",
    "1-0:52.7.0(231.2*V)",
    "1-0:72.7.0(229.3*V)",
    "1-0:31.7.0(003*A)",
    "1-0:51.7.0(002*A)",
    "1-0:71.7.0(002*A)",
    "1-0:21.7.0(00.700*kW)",
    "1-0:41.7.0(00.400*kW)",
    "1-0:61.7.0(00.400*kW)",
    "1-0:22.7.0(00.000*kW)",
    "1-0:42.7.0(00.000*kW)",
    "1-0:62.7.0(00.000*kW)",
)

type Condition = Callable[[], object]


async def until(condition: Condition, timeout_s: float = 30.0) -> None:
    """Wait until ``condition`` holds."""
    async with asyncio.timeout(timeout_s):
        while not condition():  # noqa: ASYNC110 # a state machine tells nobody that it waits for
            await asyncio.sleep(0.01)


def subentry(kind: str, title: str, *, unique_id: str | None = None, **data: Any) -> ConfigSubentryData:
    return ConfigSubentryData(
        data=MappingProxyType(data), subentry_type=kind, title=title, unique_id=unique_id or f"{kind}_test"
    )


def charger(title: str, identity: str) -> ConfigSubentryData:
    return subentry(
        "ev_charger",
        title,
        unique_id=identity,
        identity=identity,
        password=CHARGER_PASSWORD,
        min_current_a=6.0,
        max_current_a=16.0,
        wired_phases=["1", "2", "3"],
    )


def suggested(form: Mapping[str, Any], field: str) -> Any:
    """Return what a form suggests for a field, None when it suggests nothing."""
    key = next(key for key in form["data_schema"].schema if key == field)
    return (key.description or {}).get("suggested_value")


class SubentryFlow:
    """A dialog on the page of a site, as the browser drives it."""

    def __init__(self, hass: HomeAssistant, entry_id: str, kind: str) -> None:
        self._manager = hass.config_entries.subentries
        self._handler = (entry_id, kind)
        self.result: Any = None

    async def start(self, subentry_id: str | None = None) -> Any:
        """Open the dialog, and choose the wire where there is only one beside Home Assistant's entities."""
        await self.open(subentry_id)
        return await self.choose_the_only_wire()

    async def choose_the_only_wire(self) -> Any:
        """Choose the wire from a menu of one wire and Home Assistant's entities; leave any other step."""
        match self.result.get("menu_options"):
            case [str(wire), "entities"] if wire != "wait":
                return await self.choose(wire)
        return self.result

    async def open(self, subentry_id: str | None = None) -> Any:
        """Open the dialog: to add, or to change the subentry with this id."""
        context: dict[str, Any] = {"source": "reconfigure" if subentry_id else "user"}
        if subentry_id:
            context["subentry_id"] = subentry_id
        self.result = await self._manager.async_init(self._handler, context=context)  # type: ignore[arg-type] # as HTTP gives it
        return self.result

    async def enter(self, **user_input: Any) -> Any:
        """Submit a form."""
        self.result = await self._manager.async_configure(self.result["flow_id"], user_input)
        return self.result

    async def choose(self, step: str) -> Any:
        """Pick from a menu."""
        return await self.enter(next_step_id=step)

    async def look(self) -> Any:
        """Ask for the step that is shown now, as the browser does when a progress ends."""
        self.result = await self._manager.async_configure(self.result["flow_id"])
        return self.result
