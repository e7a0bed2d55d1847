"""The plan as sensors: of the site what it costs, of each device what it does now, why, and what then."""

from functools import partial
from typing import Final

from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import EntityCategory, UnitOfPower

from .core.model import DeviceKind
from .core.planner.offer import Direction
from .core.planner.plan import IntentKind, PlanStatus
from .core.planner.reason import ReasonCode
from .device_sensors import DeviceSensorDescription
from .runtime.planning.showing import ForecastView, PlanView
from .runtime.view import DeviceView, SiteView
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


def _cost_attributes(plan: PlanView) -> dict[str, object]:
    return {
        "until": plan.until.isoformat(),
        "rest_of_today": None if plan.cost_today is None else round(plan.cost_today, 2),
    }


def _error_w(forecast: ForecastView | None) -> float | None:
    """Return by how much a forecast missed on average, in W."""
    return None if forecast is None or forecast.quality is None else round(forecast.quality.mae_w, 1)


def _forecast_attributes(forecast: ForecastView | None) -> dict[str, object]:
    if forecast is None or (quality := forecast.quality) is None:
        return {}
    return {
        "forecast": forecast.source,
        "bias_w": round(quality.bias_w, 1),
        "root_mean_square_error_w": round(quality.rmse_w, 1),
        "naive_error_w": round(quality.naive_mae_w, 1),
        "naive_root_mean_square_error_w": round(quality.naive_rmse_w, 1),
        "coverage": None if quality.coverage is None else round(quality.coverage, 3),
        "pinball_w": None if quality.pinball_w is None else round(quality.pinball_w, 1),
        "not_used": list(forecast.rejected),
    }


def _flexibility_w(direction: Direction, view: SiteView) -> float | None:
    """Return what is offered now for a quarter-hour; None while that was not reckoned."""
    offered_w = None if view.plan is None else view.plan.flexibility_w.get(direction)
    return None if offered_w is None else round(offered_w, 0)


def _of_device(device: DeviceView) -> ForecastView | None:
    return None if device.planned is None else device.planned.forecast


PLAN: Final = SiteSensorDescription(
    key="plan",
    translation_key="plan",
    device_class=SensorDeviceClass.ENUM,
    options=[status.value for status in PlanStatus],
    value=lambda view: None if view.plan is None else view.plan.status.value,
    attributes=lambda view: _attributes(view.plan),
)
PLAN_OF_SITE: Final = (
    SiteSensorDescription(
        key="plan_cost",
        translation_key="plan_cost",
        device_class=SensorDeviceClass.MONETARY,
        suggested_display_precision=2,
        money="{currency}",
        value=lambda view: None if view.plan is None else round(view.plan.cost, 2),
        attributes=lambda view: {} if view.plan is None else _cost_attributes(view.plan),
    ),
    *(
        SiteSensorDescription(
            key=f"flexibility_{direction}",
            translation_key=f"flexibility_{direction}",
            device_class=SensorDeviceClass.POWER,
            native_unit_of_measurement=UnitOfPower.WATT,
            state_class=SensorStateClass.MEASUREMENT,
            value=partial(_flexibility_w, direction),
        )
        for direction in Direction
    ),
    SiteSensorDescription(
        key="load_forecast_error",
        translation_key="load_forecast_error",
        device_class=SensorDeviceClass.POWER,
        native_unit_of_measurement=UnitOfPower.WATT,
        entity_category=EntityCategory.DIAGNOSTIC,
        value=lambda view: None if view.plan is None else _error_w(view.plan.load_forecast),
        attributes=lambda view: _forecast_attributes(None if view.plan is None else view.plan.load_forecast),
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
_FORECAST: Final = DeviceSensorDescription(
    key="forecast_error",
    translation_key="forecast_error",
    device_class=SensorDeviceClass.POWER,
    native_unit_of_measurement=UnitOfPower.WATT,
    entity_category=EntityCategory.DIAGNOSTIC,
    value=lambda device: _error_w(_of_device(device)),
    attributes=lambda device: _forecast_attributes(_of_device(device)),
    optional=True,
)
PLAN_OF_DEVICE: Final = {
    DeviceKind.BATTERY: (*_OF_ANY, _WORTH),
    DeviceKind.EV_CHARGER: _OF_ANY,
    DeviceKind.PV: (*_OF_ANY, _FORECAST),
    DeviceKind.SWITCHED_LOAD: _OF_ANY,
    DeviceKind.APPLIANCE: _OF_ANY,
    DeviceKind.HEAT_PUMP: (*_OF_ANY, _WORTH, _FORECAST),
    DeviceKind.WATER_HEATER: (*_OF_ANY, _WORTH, _FORECAST),
}
