"""The plan as sensors: of the site what it costs, of each device what it does now, why, and what then."""

from typing import Final

from homeassistant.components.sensor import SensorDeviceClass
from homeassistant.const import EntityCategory

from .core.model import DeviceKind
from .core.planner.plan import IntentKind, PlanStatus
from .core.planner.reason import ReasonCode
from .device_sensors import DeviceSensorDescription
from .runtime.planning.showing import PlanView
from .runtime.view import DeviceView
from .site_sensors import SiteSensorDescription

_NO_REASON: Final = "none"


def _attributes(plan: PlanView | None) -> dict[str, object]:
    if plan is None:
        return {}
    guessed = plan.prices_guessed_from
    return {
        "made_at": plan.made_at.isoformat(),
        "until": plan.until.isoformat(),
        "followed": plan.is_followed,
        "prices_guessed_from": None if guessed is None else guessed.isoformat(),
    }


PLAN_OF_SITE: Final = (
    SiteSensorDescription(
        key="plan",
        translation_key="plan",
        device_class=SensorDeviceClass.ENUM,
        options=[status.value for status in PlanStatus],
        value=lambda view: None if view.plan is None else view.plan.status.value,
        attributes=lambda view: _attributes(view.plan),
    ),
    SiteSensorDescription(
        key="plan_cost",
        translation_key="plan_cost",
        device_class=SensorDeviceClass.MONETARY,
        suggested_display_precision=2,
        money="{currency}",
        value=lambda view: None if view.plan is None else round(view.plan.cost, 2),
    ),
)


def _reason(device: DeviceView) -> str | None:
    if device.planned is None:
        return None
    reason = device.planned.now.reason
    return _NO_REASON if reason is None else reason.code.value


_OF_ANY = (
    DeviceSensorDescription(
        key="planned",
        translation_key="planned",
        device_class=SensorDeviceClass.ENUM,
        options=[kind.value for kind in IntentKind],
        value=lambda device: None if device.planned is None else device.planned.now.kind.value,
        optional=True,
    ),
    DeviceSensorDescription(
        key="plan_reason",
        translation_key="plan_reason",
        device_class=SensorDeviceClass.ENUM,
        options=[_NO_REASON, *(code.value for code in ReasonCode)],
        value=_reason,
        optional=True,
    ),
    DeviceSensorDescription(
        key="planned_then",
        translation_key="planned_then",
        device_class=SensorDeviceClass.ENUM,
        options=[kind.value for kind in IntentKind],
        value=lambda device: (
            None if device.planned is None or device.planned.then is None else device.planned.then.kind.value
        ),
        optional=True,
    ),
    DeviceSensorDescription(
        key="planned_change",
        translation_key="planned_change",
        device_class=SensorDeviceClass.TIMESTAMP,
        value=lambda device: (
            None if device.planned is None or device.planned.then is None else device.planned.then.start
        ),
        optional=True,
    ),
)
_WORTH: Final = DeviceSensorDescription(
    key="stored_worth",
    translation_key="stored_worth",
    suggested_display_precision=3,
    money="{currency}/kWh",
    entity_category=EntityCategory.DIAGNOSTIC,
    value=lambda device: (
        None
        if device.planned is None or device.planned.worth_per_kwh is None
        else round(device.planned.worth_per_kwh, 4)
    ),
    optional=True,
)
PLAN_OF_DEVICE: Final = {
    DeviceKind.BATTERY: (*_OF_ANY, _WORTH),
    DeviceKind.EV_CHARGER: _OF_ANY,
    DeviceKind.PV: _OF_ANY,
}
