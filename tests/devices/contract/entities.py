"""Devices of entities that were chosen by hand, one of each kind that can be told something."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from custom_components.home_flex.core.model import DeviceKind, Quantity
from custom_components.home_flex.devices.entities.binding import encode_fresh
from custom_components.home_flex.devices.entities.profile import Fresh, FreshBy
from custom_components.home_flex.devices.entities.spec import ENTITIES

from ..fakes.entities import FakeHome
from .held import Actuator, Fault, Held, in_slot

POWER: Final = "sensor.power"
OBEYS_W: Final = 321.0
NUMBER: Final = {"min": 0, "max": 20000, "step": 1}
MODES: Final = {"options": ["auto", "charge", "discharge"]}
WORDS: Final = {"charge": "charge", "discharge": "discharge"}


class Home(FakeHome):
    """The resources of a driver of entities: none of its devices has a profile."""

    def entity_profile(self, _profile_id: str) -> None:
        return None


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """What was chosen for a device: numbers by role, and what each entity that is written shows at first."""

    kind: DeviceKind
    quantity: Quantity
    numbers: Mapping[str, float]
    written: Mapping[str, tuple[str, str]]


RATED: Final = {"rated_power": 2000.0, "min_temperature": 40.0, "max_temperature": 60.0}
BATTERY: Final = {
    "state_of_charge": 0.5,
    "capacity": 1e4,
    "max_charge_power": 5e3,
    "max_discharge_power": 5e3,
}
CAR: Final = {"min_current": 6.0, "max_current": 16.0}


@asynccontextmanager
async def holding(chosen: Chosen, half: float) -> AsyncIterator[Held]:
    home = Home()
    power = home.entities.add(POWER, "500", "W")
    ids = {}
    for role, (entity_id, text) in chosen.written.items():
        attributes: Mapping[str, Any] = MODES if entity_id.startswith("select.") else NUMBER
        ids[role] = home.entities.add(entity_id, text, **attributes)
    entities = [entity_id for entity_id, _ in chosen.written.values()]
    shown: dict[str, str] = {}

    def fail(fault: Fault | None) -> None:
        home.entities.refuses = set(entities) if fault is Fault.REFUSES else set()
        home.entities.ignores = set(entities) if fault is Fault.SWALLOWS else set()
        home.entities.clips = dict.fromkeys(entities, abs(half)) if fault is Fault.CLIPS else {}
        for entity_id in (POWER, *entities):
            if fault is Fault.IS_AWAY:
                shown.setdefault(entity_id, home.entities.text(entity_id))
                home.entities.lose(entity_id)
            elif entity_id in shown:
                home.entities.show(entity_id, shown.pop(entity_id))

    async def obey() -> None:
        home.entities.show(POWER, f"{OBEYS_W:g}")

    def take_over() -> None:
        text = home.entities.text(entities[0])
        home.entities.show(entities[0], {"on": "off", "off": "on"}.get(text, "123.0"), by="a user")

    data = {
        "roles": {
            "power": {"type": "entity", "value": [power]},
            **{role: {"type": "constant", "value": value} for role, value in chosen.numbers.items()},
            **{role: {"type": "entity", "value": [held_by]} for role, held_by in ids.items()},
        },
        "fresh": encode_fresh(Fresh(by=FreshBy.CHANGES, interval_s=1.0)),
        "device": {"manufacturer": "Maker", "model": "Thing", "id": power},
        "wired_phases": ["1", "2", "3"],
        "controlled": True,
        "domains": {role: entity_id.partition(".")[0] for role, (entity_id, _) in chosen.written.items()},
        "words": WORDS,
        "least_seconds": 1,
        "writes_per_day": 1000,
    }
    driver = ENTITIES.build(chosen.kind, ENTITIES.parse(data), home)  # type: ignore[arg-type] # without wires
    of_device: dict[str, Any] = {
        "quantity": chosen.quantity,
        "fail": fail,
        "told": lambda: [home.entities.text(entity_id) for entity_id in entities],
        "is_timed": lambda: False,
        "obey": obey,
        "take_over": take_over,
    }
    async with in_slot(driver, chosen.kind, **of_device) as held:
        await held.until(lambda: held.slot.reading)
        yield held


def _actuator(name: str, chosen: Chosen, value: float, said: Callable[[Any], Any], **more: Any) -> Actuator:
    return Actuator(
        name=name,
        holding=partial(holding, chosen, value / 2.0),
        value=value,
        said=said,
        measured_w=OBEYS_W,
        lost="entity_unavailable",
        **more,
    )


ENTITY_ACTUATORS: Final = (
    _actuator(
        "battery by a number",
        Chosen(
            kind=DeviceKind.BATTERY,
            quantity=Quantity.POWER_W,
            numbers=BATTERY,
            written={"setpoint": ("number.setpoint", "40.0")},
        ),
        700.0,
        lambda reading: reading.power_setpoint_w,
        clipped="write_ignored",
    ),
    _actuator(
        "battery by a mode",
        Chosen(
            kind=DeviceKind.BATTERY,
            quantity=Quantity.POWER_W,
            numbers=BATTERY,
            written={"setpoint": ("number.setpoint", "40.0"), "mode": ("select.mode", "auto")},
        ),
        -700.0,
        lambda reading: reading.power_setpoint_w,
        clipped="write_ignored",
    ),
    _actuator(
        "PV by a number",
        Chosen(
            kind=DeviceKind.PV,
            quantity=Quantity.PRODUCTION_LIMIT_W,
            numbers={"rated_power": 5000.0},
            written={"limit": ("number.limit", "5000.0")},
        ),
        1000.0,
        lambda reading: reading.production_limit_w,
    ),
    _actuator(
        "charger by a number and a switch",
        Chosen(
            kind=DeviceKind.EV_CHARGER,
            quantity=Quantity.CURRENT_LIMIT_A,
            numbers=CAR,
            written={"limit": ("number.limit", "16.0"), "switch": ("switch.charge", "on")},
        ),
        8.0,
        lambda reading: reading.current_limit_a,
    ),
    _actuator(
        "charger by a switch",
        Chosen(
            kind=DeviceKind.EV_CHARGER,
            quantity=Quantity.CURRENT_LIMIT_A,
            numbers=CAR,
            written={"switch": ("switch.charge", "on")},
        ),
        0.0,
        lambda reading: reading.current_limit_a,
    ),
    _actuator(
        "load by a switch",
        Chosen(
            kind=DeviceKind.SWITCHED_LOAD,
            quantity=Quantity.SWITCH,
            numbers={"rated_power": 2000.0},
            written={"switch": ("switch.load", "on")},
        ),
        0.0,
        lambda reading: None if reading.switched is None else float(reading.switched),
    ),
    _actuator(
        "heat pump by two contacts",
        Chosen(
            kind=DeviceKind.HEAT_PUMP,
            quantity=Quantity.SG_READY_STATE,
            numbers=RATED,
            written={"lock_switch": ("switch.lock", "off"), "advise_switch": ("switch.advise", "on")},
        ),
        1.0,
        lambda reading: reading.told,
    ),
    _actuator(
        "water heater by a switch",
        Chosen(
            kind=DeviceKind.WATER_HEATER,
            quantity=Quantity.POWER_W,
            numbers=RATED,
            written={"switch": ("switch.heater", "off")},
        ),
        2000.0,
        lambda reading: reading.power_setpoint_w,
    ),
    _actuator(
        "appliance by a button",
        Chosen(
            kind=DeviceKind.APPLIANCE,
            quantity=Quantity.PROGRAMME_START,
            numbers={"rated_power": 2000.0},
            written={"start": ("button.start", "unknown")},
        ),
        1.0,
        lambda _reading: None,
        swallowed="accepted",
        tells_others=False,
        is_released=False,
    ),
)
