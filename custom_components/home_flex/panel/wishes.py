"""The wishes that a plan goes by, as the panel shows and changes them; each of them has an entity, too.

Shares 0 to 1, energies in kWh, temperatures in degrees Celsius, local times of day as HH:MM.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, tzinfo
from enum import StrEnum
from typing import Any, Final

from ..const import CONF_CAR_SOC
from ..coordinator import HomeFlexCoordinator
from ..core.model import DeviceKind, Goal, Reading, floor
from ..core.wishes import (
    WishError,
    Wishes,
    set_away,
    set_comfort,
    set_reserve,
    with_device,
    with_site,
)
from ..core.wishes.ready_by_changes import next_row, set_next_time, set_target, switch_weekly
from ..wish_entity import settings_of

_SHARE: Final = (0.0, 1.0)
_KWH: Final = (1.0, 200.0)

type Value = bool | float | time | str


class Shape(StrEnum):
    """What a wish is given as."""

    SHARE = "share"
    ENERGY = "energy"
    TEMPERATURE = "temperature"
    TIME = "time"
    SWITCH = "switch"
    CHOICE = "choice"


@dataclass(frozen=True, kw_only=True, slots=True)
class _At:
    """Of which device a wish is with what that said last, and when and where that is."""

    device_id: str
    reading: Reading | None
    now: datetime
    zone: tzinfo


@dataclass(frozen=True, kw_only=True, slots=True)
class _Wish:
    """How a wish is read and changed. ``needs``: the setting without which it means nothing.

    ``choices`` are what it is one of, ``bounds`` what a number lies between.
    """

    shape: Shape
    value: Callable[[Wishes, _At], Value | None]
    change: Callable[[Wishes, Any, _At], Wishes]
    needs: str | None = None
    choices: tuple[str, ...] = ()
    bounds: tuple[float, float] | None = None


def _next_time(wishes: Wishes, at: _At) -> time | None:
    row = next_row(wishes.charger(at.device_id).ready_by, at.now, at.zone)
    return None if row is None else row.at


_OF_HOME: Final = {
    "goal": _Wish(
        shape=Shape.CHOICE,
        value=lambda wishes, _at: wishes.site.goal.value,
        change=lambda wishes, value, _at: with_site(wishes, goal=Goal(value)),
        choices=tuple(goal.value for goal in Goal),
    ),
    "away": _Wish(
        shape=Shape.SWITCH,
        value=lambda wishes, _at: wishes.site.away,
        change=lambda wishes, value, _at: set_away(wishes, away=value),
    ),
    "unwell": _Wish(
        shape=Shape.SWITCH,
        value=lambda wishes, _at: wishes.site.unwell,
        change=lambda wishes, value, _at: with_site(wishes, unwell=value),
    ),
}
_OF_BATTERY: Final = {
    "reserve": _Wish(
        shape=Shape.SHARE,
        value=lambda wishes, at: round(wishes.battery(at.device_id).reserve, 3),
        change=lambda wishes, value, at: set_reserve(wishes, at.device_id, value),
        bounds=_SHARE,
    ),
}
_OF_CHARGER: Final = {
    "ready_by_on": _Wish(
        shape=Shape.SWITCH,
        value=lambda wishes, at: wishes.charger(at.device_id).ready_by.on,
        change=lambda wishes, value, at: switch_weekly(wishes, at.device_id, at.now, on=value),
    ),
    "ready_by": _Wish(
        shape=Shape.TIME,
        value=_next_time,
        change=lambda wishes, value, at: set_next_time(wishes, at.device_id, value, at.now, at.zone),
    ),
    "target_soc": _Wish(
        shape=Shape.SHARE,
        value=lambda wishes, at: round(wishes.charger(at.device_id).target_soc, 3),
        change=lambda wishes, value, at: set_target(wishes, at.device_id, at.now, target_soc=value),
        needs=CONF_CAR_SOC,
        bounds=_SHARE,
    ),
    "target_energy": _Wish(
        shape=Shape.ENERGY,
        value=lambda wishes, at: wishes.charger(at.device_id).target_energy_wh / 1000,
        change=lambda wishes, value, at: set_target(
            wishes, at.device_id, at.now, target_energy_wh=value * 1000
        ),
        bounds=_KWH,
    ),
}
_OF_APPLIANCE: Final = {
    "finish_by": _Wish(
        shape=Shape.TIME,
        value=lambda wishes, at: wishes.device(at.device_id).finish_by,
        change=lambda wishes, value, at: with_device(wishes, at.device_id, finish_by=value),
    ),
}


def _of_heat(least: tuple[float, float], most: tuple[float, float]) -> Mapping[str, _Wish]:
    """Return the band of comfort of a kind of heater, degrees Celsius."""
    return {
        "comfort_min": _Wish(
            shape=Shape.TEMPERATURE,
            value=lambda _, at: getattr(at.reading, "min_c", None),
            change=lambda wishes, value, at: set_comfort(wishes, at.device_id, min_c=value),
            bounds=least,
        ),
        "comfort_max": _Wish(
            shape=Shape.TEMPERATURE,
            value=lambda _, at: getattr(at.reading, "max_c", None),
            change=lambda wishes, value, at: set_comfort(wishes, at.device_id, max_c=value),
            bounds=most,
        ),
    }


_OF_KIND: Final[Mapping[DeviceKind, Mapping[str, _Wish]]] = {
    DeviceKind.BATTERY: _OF_BATTERY,
    DeviceKind.EV_CHARGER: _OF_CHARGER,
    DeviceKind.APPLIANCE: _OF_APPLIANCE,
    DeviceKind.HEAT_PUMP: _of_heat((10.0, 24.0), (16.0, 30.0)),
    DeviceKind.WATER_HEATER: _of_heat((30.0, 70.0), (40.0, 90.0)),
}
WISHES: Final = tuple(dict.fromkeys(name for wishes in (_OF_HOME, *_OF_KIND.values()) for name in wishes))
# Whose the wishes of the whole home are.
_HOME: Final = ""


def wishes_depend_on(coordinator: HomeFlexCoordinator) -> object:
    """Return what the document is made of: the wishes as one value, and what of devices and hours they go by.

    An hour that has passed is wished no more: hours are told by the minute.
    """
    wishes = coordinator.controller.wishes
    return (
        coordinator.data.wishes,
        floor(wishes.now, 60),
        wishes.zone,
        [
            (
                device_id,
                device.name,
                bool(coordinator.settable.get(device_id)),
                getattr(device.reading, "min_c", None),
                getattr(device.reading, "max_c", None),
            )
            for device_id, device in coordinator.data.devices.items()
        ],
    )


def wishes_document(coordinator: HomeFlexCoordinator) -> list[Mapping[str, Any]]:
    """Return what is wished of the home and of each device that is steered, as far as a plan goes by it."""
    return [
        _document(coordinator, _HOME, "home", coordinator.site.name, _OF_HOME),
        *(
            _document(coordinator, device_id, device.kind.value, device.name, offered)
            for device_id, device in coordinator.data.devices.items()
            if (offered := dict(_offered(coordinator, device_id, device.kind)))
        ),
    ]


def _document(
    coordinator: HomeFlexCoordinator, device_id: str, kind: str, name: str, offered: Mapping[str, _Wish]
) -> Mapping[str, Any]:
    wishes, at = coordinator.data.wishes, _at(coordinator, device_id)
    return {
        "device_id": device_id,
        "kind": kind,
        "name": name,
        "wishes": [
            {
                "wish": key,
                "shape": wish.shape.value,
                "value": _told(wish.value(wishes, at)),
                "choices": list(wish.choices),
                "bounds": wish.bounds,
            }
            for key, wish in offered.items()
        ],
    }


async def change_wish(coordinator: HomeFlexCoordinator, device_id: str, name: str, value: object) -> None:
    """Wish something else of a device or of the home; it is planned at once. Raises WishError."""
    device = coordinator.data.devices.get(device_id)
    offered: Mapping[str, _Wish] = {} if device_id != _HOME else _OF_HOME
    if device is not None:
        offered = dict(_offered(coordinator, device_id, device.kind))
    if (wish := offered.get(name)) is None:
        raise WishError("unknown_device", f"There is no device {device_id} of which {name} can be wished")
    wanted, at = _read(wish, value), _at(coordinator, device_id)
    await coordinator.controller.requests.change_wishes(lambda wishes: wish.change(wishes, wanted, at))


def _offered(
    coordinator: HomeFlexCoordinator, device_id: str, kind: DeviceKind
) -> Iterator[tuple[str, _Wish]]:
    """Yield what can be wished; of a car whose state of charge is known a share, else an energy."""
    if not coordinator.settable.get(device_id):
        return
    subentry = coordinator.config_entry.subentries.get(device_id)
    settings = {} if subentry is None else settings_of(coordinator.config_entry, subentry)
    knows_soc = bool(settings.get(CONF_CAR_SOC))
    for name, wish in _OF_KIND.get(kind, {}).items():
        if (wish.needs is None or settings.get(wish.needs)) and not (name == "target_energy" and knows_soc):
            yield name, wish


def _at(coordinator: HomeFlexCoordinator, device_id: str) -> _At:
    service = coordinator.controller.wishes
    device = coordinator.data.devices.get(device_id)
    reading = None if device is None else device.reading
    return _At(device_id=device_id, reading=reading, now=service.now, zone=service.zone)


def _told(value: Value | None) -> bool | float | str | None:
    return value.isoformat(timespec="minutes") if isinstance(value, time) else value


def _read(wish: _Wish, value: object) -> Value:
    """Return what is wished. Raises WishError ``invalid_wish`` for what is none."""
    shape = wish.shape
    match shape, value:
        case (Shape.CHOICE, str()) if value in wish.choices:
            return value
        case (Shape.SWITCH, bool()):
            return value
        case (Shape.TIME, str()):
            try:
                return time.fromisoformat(value).replace(second=0, microsecond=0, tzinfo=None)
            except ValueError:
                pass
        case (_, int() | float()) if wish.bounds is not None and not isinstance(value, bool):
            low, high = wish.bounds
            if math.isfinite(value) and low <= value <= high:
                return float(value)
    raise WishError("invalid_wish", f"{value!r} is no {shape}")
