"""What is happening now: where power flows, what each device does and why, and whose limit is in force.

Powers in W (positive = consumption), shares 0 to 1, times as ISO 8601; None is not known.
"""

import math
from collections.abc import Mapping
from typing import Any, Final

from ..coordinator import HomeFlexCoordinator
from ..core.model import BatteryReading, ChargerReading, DeviceKind
from ..core.planner.plan import IntentKind, Plan
from ..decided import NOBODY, PLAN, decided_by, decided_why, owner_word
from ..runtime.planning.loads import LOAD_KINDS
from ..runtime.view import DeviceView, SiteView
from .car import car_document
from .events import event_document
from .first_run import open_steps
from .overrides import offered, override_of
from .shown import share, told, watts

# A plan without a word of what a device then does would only say that it does something else.
_NO_NEWS: Final = frozenset({IntentKind.LEAVE_ALONE})


def now_document(coordinator: HomeFlexCoordinator) -> Mapping[str, Any]:
    """Return the home as it is now."""
    view = coordinator.data
    event = view.active or view.next
    planning = coordinator.controller.planning
    plan = None if planning is None or planning.made is None else planning.made.plan
    return {
        "home": coordinator.site.name,
        "currency": coordinator.site.currency,
        "flow": _flow(view),
        "limit": _limit(view),
        "event": None if event is None else event_document(view, event),
        "devices": [
            _device(coordinator, view, device, plan)
            for device in view.devices.values()
            if device.kind is not DeviceKind.GRID_METER
        ],
        "has_meter": any(each.kind is DeviceKind.GRID_METER for each in view.devices.values()),
        "paused": view.wishes.site.paused,
        "paused_until": told(view.wishes.site.paused_until),
        "away": view.wishes.site.away,
        "follows_plan": view.wishes.site.follow_plan,
        "has_plan": view.plan is not None,
        "open_steps": open_steps(coordinator),
        "control_fails": view.control_fails,
        "community": view.aggregator_connected,
    }


def _flow(view: SiteView) -> Mapping[str, int | None] | None:
    """Return the powers at the meter, of the sun, batteries, cars and loads, and of the house besides."""
    if (balance := view.balance) is None:
        return None
    loads = [
        each.reading.power_w for each in view.devices.values() if each.kind in LOAD_KINDS and each.reading
    ]
    loads_w = math.fsum(loads)
    home_w = None if balance.rest_w is None else balance.rest_w - loads_w
    return {
        "grid_w": watts(balance.grid_w),
        "pv_w": watts(balance.pv_w),
        "battery_w": watts(balance.battery_w),
        "charger_w": watts(balance.ev_charger_w),
        "loads_w": watts(loads_w) if loads else None,
        "home_w": watts(home_w),
    }


def _limit(view: SiteView) -> Mapping[str, Any] | None:
    """Return the limit in force at the meter and whose it is; None where there is none but the fuse's."""
    if view.import_limit_w is None and view.export_limit_w is None:
        return None
    return {
        "import_w": watts(view.import_limit_w),
        "export_w": watts(view.export_limit_w),
        "owner": None if view.limit_owner is None else owner_word(view.limit_owner),
        "shortfall_w": watts(view.shortfall_w),
    }


def _device(
    coordinator: HomeFlexCoordinator, view: SiteView, device: DeviceView, plan: Plan | None
) -> Mapping[str, Any]:
    reading = device.reading if device.link_reason is None else None
    decider = decided_by(view, device.device_id)
    planned = device.planned if view.wishes.site.follow_plan else None
    then = None if planned is None or planned.then is None or planned.then.kind in _NO_NEWS else planned.then
    return {
        "device_id": device.device_id,
        "kind": device.kind.value,
        "name": device.name,
        "power_w": None if reading is None else watts(reading.power_w),
        "state_of_charge": share(reading.state_of_charge) if isinstance(reading, BatteryReading) else None,
        "vehicle": reading.vehicle_connected if isinstance(reading, ChargerReading) else None,
        "session_wh": _session_wh(reading),
        "car": car_document(view, device, plan),
        "link_reason": device.link_reason,
        "judgement": device.judgement.value,
        "decided_by": decider,
        "why": _why(view, device, decider),
        "until": _until(view, device, decider),
        "then": None if then is None else {"does": then.kind.value, "start": told(then.start)},
        "latest_start": told(device.latest_start),
        "reserve": share(device.reserve) if device.kind is DeviceKind.BATTERY else None,
        "override": override_of(view.wishes, device),
        "offered": list(offered(device, coordinator.settable.get(device.device_id, frozenset()))),
    }


def _session_wh(reading: object) -> int | None:
    """Return what the car has taken in its session; None before it begins, and where nobody counts."""
    if not isinstance(reading, ChargerReading) or not reading.in_session:
        return None
    energy_wh = reading.session_energy_wh
    return round(energy_wh) if energy_wh is not None and math.isfinite(energy_wh) else None


def _why(view: SiteView, device: DeviceView, decider: str) -> str | None:
    """Return the reason as a slug; of a car that nobody holds, that of its charge mode."""
    if decider == NOBODY and device.intent is not None:
        return device.intent.reason.value
    return decided_why(view, device.device_id)


def _until(view: SiteView, device: DeviceView, decider: str) -> str | None:
    """Return until when it stays so: the end of the event behind it, or of what the plan has for it."""
    source_id = None if device.setpoint is None else device.setpoint.source_id
    for record in view.records:
        if source_id is not None and record.event.event_id == source_id:
            return told(record.event.end)
    if decider == PLAN and device.planned is not None:
        return told(device.planned.now.end)
    return None
