"""The actions for standing wishes: what an entity cannot say, such as an end or a week of deadlines."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import probatio
from homeassistant.const import ATTR_CONFIG_ENTRY_ID, ATTR_DEVICE_ID, ATTR_MODE, ATTR_TIME
from homeassistant.core import ServiceCall, ServiceResponse
from homeassistant.helpers import config_validation as cv

from .action_ends import END, end_of_call, told, weekday
from .coordinator import HomeFlexCoordinator
from .core.model import DeviceKind
from .core.wishes import (
    Change,
    ChargeMode,
    Export,
    Target,
    Weekday,
    WeeklyRow,
    WishError,
    Wishes,
    pause,
    resume,
    set_away,
    set_charge_mode,
    set_export,
    set_reserve,
)
from .core.wishes.ready_by import next_instant
from .core.wishes.ready_by_changes import clear, set_once, set_weekly, single_instant
from .entity import identified

ATTR_AT: Final = "at"
ATTR_AWAY: Final = "away"
ATTR_DAYS: Final = "days"
ATTR_LIMIT: Final = "limit"
ATTR_REPEAT: Final = "repeat"
ATTR_RESTORE: Final = "restore"
ATTR_TARGET_ENERGY: Final = "target_energy"
ATTR_TARGET_SOC: Final = "target_soc"
ATTR_VALUE: Final = "value"

_LARGEST_LIMIT_W: Final = 100_000


def _percent(value: Any) -> float:
    percent: float = probatio.All(probatio.Coerce(float), probatio.Range(min=0, max=100))(value)
    return percent / 100


_SITE = {probatio.Optional(ATTR_CONFIG_ENTRY_ID): cv.string}
_DEVICE = {**_SITE, probatio.Optional(ATTR_DEVICE_ID): cv.string}
_DAYS = probatio.All(cv.ensure_list, [weekday])


def _member(coordinator: HomeFlexCoordinator, call: ServiceCall, kind: DeviceKind) -> str:
    """Return the device that is meant; it need not be named when there is one of its kind."""
    of_kind = [subentry.subentry_id for subentry in coordinator.config_entry.get_subentries_of_type(kind)]
    if (registry_id := call.data.get(ATTR_DEVICE_ID)) is None:
        if len(of_kind) != 1:
            raise WishError("which_device", f"There is not one {kind}, but {len(of_kind)}")
        return of_kind[0]
    if (named := identified(coordinator, registry_id, of_kind)) is not None:
        return named
    raise WishError("other_device", f"The action is for another kind of device than {registry_id}")


async def _change(coordinator: HomeFlexCoordinator, change: Change) -> Wishes:
    await coordinator.controller.requests.change_wishes(change)
    return coordinator.controller.wishes.wishes


async def _set_charge_mode(coordinator: HomeFlexCoordinator, call: ServiceCall) -> ServiceResponse:
    device_id = _member(coordinator, call, DeviceKind.EV_CHARGER)
    mode, until = ChargeMode(call.data[ATTR_MODE]), end_of_call(coordinator, call)
    wishes = await _change(coordinator, lambda wishes: set_charge_mode(wishes, device_id, mode, until=until))
    after = wishes.charger(device_id).mode_after
    return {"mode": mode, "until": told(coordinator, until), "then": after}


async def _set_ready_by(coordinator: HomeFlexCoordinator, call: ServiceCall) -> ServiceResponse:
    device_id = _member(coordinator, call, DeviceKind.EV_CHARGER)
    data, service = call.data, coordinator.controller.wishes
    target = _target(data)
    days: list[Weekday] = data.get(ATTR_DAYS, [])
    change: Change
    if data[ATTR_REPEAT]:
        if data.get(ATTR_TIME) is None or ATTR_AT in data:
            raise WishError("time_or_at", "What is repeated has a time, not an instant")
        row = WeeklyRow(days=tuple(days) or tuple(Weekday), at=data[ATTR_TIME], target=target)
        change = lambda wishes: set_weekly(wishes, device_id, row, service.now)  # noqa: E731 # one of two
    else:
        at = single_instant(
            service.now, service.zone, at=data.get(ATTR_AT), by=data.get(ATTR_TIME), days=days
        )
        change = lambda wishes: set_once(wishes, device_id, at, service.now, target=target)  # noqa: E731
    return _next(coordinator, device_id, await _change(coordinator, change))


def _target(data: Mapping[str, Any]) -> Target | None:
    soc, energy_kwh = data.get(ATTR_TARGET_SOC), data.get(ATTR_TARGET_ENERGY)
    if soc is not None and energy_kwh is not None:
        raise WishError("one_target", "A target is a state of charge or an energy")
    if soc is not None:
        return Target(soc=soc)
    return None if energy_kwh is None else Target(energy_wh=energy_kwh * 1000)


async def _clear_ready_by(coordinator: HomeFlexCoordinator, call: ServiceCall) -> ServiceResponse:
    device_id = _member(coordinator, call, DeviceKind.EV_CHARGER)
    service = coordinator.controller.wishes
    days = call.data.get(ATTR_DAYS, ())
    wishes = await _change(
        coordinator, lambda wishes: clear(wishes, device_id, service.now, service.zone, days=days)
    )
    return _next(coordinator, device_id, wishes)


def _next(coordinator: HomeFlexCoordinator, device_id: str, wishes: Wishes) -> ServiceResponse:
    service = coordinator.controller.wishes
    following = next_instant(wishes.charger(device_id).ready_by, service.now, service.zone)
    return {"next": told(coordinator, following)}


async def _set_reserve(coordinator: HomeFlexCoordinator, call: ServiceCall) -> ServiceResponse:
    device_id = _member(coordinator, call, DeviceKind.BATTERY)
    reserve, until = call.data[ATTR_VALUE], end_of_call(coordinator, call)
    restore = call.data.get(ATTR_RESTORE)
    wishes = await _change(
        coordinator,
        lambda wishes: set_reserve(wishes, device_id, reserve, until=until, restore=restore),
    )
    battery = wishes.battery(device_id)
    return {
        "value": round(battery.reserve * 100, 1),
        "until": told(coordinator, until),
        "then": None if battery.reserve_after is None else round(battery.reserve_after * 100, 1),
        "restore": battery.restore_reserve,
    }


async def _set_export(coordinator: HomeFlexCoordinator, call: ServiceCall) -> ServiceResponse:
    export, until = Export(call.data[ATTR_MODE]), end_of_call(coordinator, call)
    limit_w = call.data.get(ATTR_LIMIT)
    wishes = await _change(
        coordinator, lambda wishes: set_export(wishes, export, limit_w=limit_w, until=until)
    )
    site = wishes.site
    return {
        "mode": site.export,
        "limit": site.export_limit_w if site.export is Export.LIMITED else None,
        "until": told(coordinator, until),
        "then": site.export_after,
    }


async def _pause(coordinator: HomeFlexCoordinator, call: ServiceCall) -> ServiceResponse:
    until = end_of_call(coordinator, call)
    await _change(coordinator, lambda wishes: pause(wishes, until))
    return {"until": told(coordinator, until)}


async def _resume(coordinator: HomeFlexCoordinator, _call: ServiceCall) -> None:
    await _change(coordinator, resume)


async def _set_away(coordinator: HomeFlexCoordinator, call: ServiceCall) -> ServiceResponse:
    away, until = call.data[ATTR_AWAY], end_of_call(coordinator, call)
    await _change(coordinator, lambda wishes: set_away(wishes, away=away, until=until))
    return {"away": away, "until": told(coordinator, until if away else None)}


WISH_ACTIONS: Final[
    Mapping[str, tuple[Callable[[HomeFlexCoordinator, ServiceCall], Any], probatio.Schema]]
] = {
    "set_charge_mode": (
        _set_charge_mode,
        probatio.Schema(
            {
                **_DEVICE,
                **END,
                probatio.Required(ATTR_MODE): probatio.In([mode.value for mode in ChargeMode]),
            }
        ),
    ),
    "set_ready_by": (
        _set_ready_by,
        probatio.Schema(
            {
                **_DEVICE,
                probatio.Optional(ATTR_TIME): cv.time,
                probatio.Optional(ATTR_AT): cv.datetime,
                probatio.Optional(ATTR_DAYS): _DAYS,
                probatio.Optional(ATTR_REPEAT, default=False): cv.boolean,
                probatio.Optional(ATTR_TARGET_SOC): _percent,
                probatio.Optional(ATTR_TARGET_ENERGY): probatio.All(
                    probatio.Coerce(float), probatio.Range(min=1, max=200)
                ),
            }
        ),
    ),
    "clear_ready_by": (
        _clear_ready_by,
        probatio.Schema({**_DEVICE, probatio.Optional(ATTR_DAYS): _DAYS}),
    ),
    "set_reserve": (
        _set_reserve,
        probatio.Schema(
            {
                **_DEVICE,
                **END,
                probatio.Required(ATTR_VALUE): _percent,
                probatio.Optional(ATTR_RESTORE): cv.boolean,
            }
        ),
    ),
    "set_export": (
        _set_export,
        probatio.Schema(
            {
                **_SITE,
                **END,
                probatio.Required(ATTR_MODE): probatio.In([export.value for export in Export]),
                probatio.Optional(ATTR_LIMIT): probatio.All(
                    probatio.Coerce(float), probatio.Range(min=0, max=_LARGEST_LIMIT_W)
                ),
            }
        ),
    ),
    "pause": (_pause, probatio.Schema({**_SITE, **END})),
    "resume": (_resume, probatio.Schema(_SITE)),
    "set_away": (
        _set_away,
        probatio.Schema({**_SITE, **END, probatio.Optional(ATTR_AWAY, default=True): cv.boolean}),
    ),
}
