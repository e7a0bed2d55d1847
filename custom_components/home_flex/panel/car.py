"""When the car on a charger has what it is charged up to: by the plan that is followed, else by its power."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any, Final

from ..core.control.charging.ready_by import charge_time_s
from ..core.model import ChargerReading
from ..core.planner.plan import Plan
from ..core.wishes.steering import TAPER_FROM
from ..runtime.view import DeviceView, SiteView
from .shown import share, told

# Of a charger's power a car stores about so much; a plan gives it what it lacks, and looks again later.
_STORED: Final = 0.9
_CHARGES_W: Final = 100.0
# It is told to so many seconds: what a car takes changes all the time.
_TOLD_S: Final = 300


def car_document(view: SiteView, device: DeviceView, plan: Plan | None) -> Mapping[str, Any] | None:
    """Return what the car has and is charged up to (0 to 1), and when; None where no car tells what it has.

    ``ready_at`` is None where that is not to be seen, ``by`` says whence it is known: plan or power.
    """
    reading = device.reading
    if not isinstance(reading, ChargerReading) or device.link_reason or not reading.vehicle_connected:
        return None
    target, car = view.wishes.charger(device.device_id).target_soc, device.car
    missing_wh = car.missing_wh(target)
    if missing_wh is None:
        return None
    at, by = None, None
    if missing_wh > 0.0:
        is_planned = view.wishes.site.follow_plan and not device.charge_now and plan is not None
        if is_planned and plan is not None and device.device_id in plan.devices:
            at, by = planned_at(plan, device.device_id, missing_wh, view.time), "plan"
        elif reading.power_w > _CHARGES_W:
            tapered_wh = car.missing_wh(target, TAPER_FROM) or 0.0
            lasts_s = charge_time_s(missing_wh, tapered_wh, reading.power_w * _STORED)
            at, by = view.time + timedelta(seconds=lasts_s), "power"
    return {
        "state_of_charge": share(car.state_of_charge),
        "target": share(target),
        "ready_at": None if at is None else told(_about(at)),
        "by": None if at is None else by,
    }


def planned_at(plan: Plan, device_id: str, missing_wh: float, now: datetime) -> datetime | None:
    """Return when a plan has charged what is missing from now on; None where it does not until its end."""
    for step, power_w in zip(plan.grid, plan.devices[device_id].power_w, strict=True):
        if step.end <= now or power_w <= 0.0:
            continue
        begins = max(step.start, now)
        lasts_s = 3600.0 * missing_wh / power_w
        if begins + timedelta(seconds=lasts_s) <= step.end:
            return begins + timedelta(seconds=lasts_s)
        missing_wh -= power_w * (step.end - begins).total_seconds() / 3600.0
    return None


def _about(moment: datetime) -> datetime:
    return datetime.fromtimestamp(ceil(moment.timestamp() / _TOLD_S) * _TOLD_S, tz=UTC)
