"""The sensors of the site, as a table: its power balance, the limit in force, and the event that runs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from homeassistant.components.sensor import SensorDeviceClass, SensorEntityDescription, SensorStateClass
from homeassistant.const import PERCENTAGE, EntityCategory, UnitOfInformation, UnitOfPower

from .const import SUBENTRY_AGGREGATOR, SUBENTRY_MEASUREMENT_STORE
from .core.control.state import LimitSource, PowerBalance
from .core.events.model import EventRecord
from .core.events.outcome import ASKED
from .core.model import DeviceKind
from .device_sensors import OWNERS, Value
from .history.telemetry import TelemetryHealth
from .invitations import STATES, invitation_state, shown_attributes
from .runtime.planning.offer_document import choice_attributes
from .runtime.view import SiteView

IDLE = "idle"
ANNOUNCED = "announced"
RUNNING = "running"
OPTED_OUT = "opted_out"
ASKS = "asks"


@dataclass(frozen=True, kw_only=True)
class SiteSensorDescription(SensorEntityDescription):
    """A sensor of the site. ``needs``: the type of subentry it is about, None when it is about all.

    ``is_figure``: it changes all the time, and is shown every few seconds only. ``money`` is the unit of one
    that is about money, with ``{currency}`` in it.
    """

    value: Callable[[SiteView], Value]
    attributes: Callable[[SiteView], Mapping[str, Any]] | None = None
    needs: str | None = None
    is_figure: bool = False
    money: str | None = None


def shown_event(view: SiteView) -> EventRecord | None:
    """Return the event that runs, else the next one."""
    return view.active or view.next


def event_state(view: SiteView) -> str:
    """Return whether an event runs, is announced, waits for the resident's yes, or was left."""
    if (record := shown_event(view)) is None:
        return IDLE
    if record.opted_out:
        return ASKS if record.reason in ASKED else OPTED_OUT
    return RUNNING if view.active else ANNOUNCED


def event_attributes(record: EventRecord) -> dict[str, Any]:
    """Return what people and automations need to know of an event."""
    return {
        "event_id": record.event.event_id,
        "event_name": record.event.name,
        "program_id": record.event.program_id,
        "source": record.event.source.value,
        "starts": record.event.start.isoformat(),
        "ends": record.event.end.isoformat(),
    }


def _event_attributes(view: SiteView) -> dict[str, Any]:
    if (record := shown_event(view)) is None:
        return {}
    choice = view.plan.choices.get(record.event.event_id) if view.plan else None
    return {
        **event_attributes(record),
        **(choice_attributes(choice) if choice else {}),
        **_figures(view.event_figures.get(record.event.event_id)),
    }


def _figures(results: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return with what an event is compared, and what it has come to so far, kWh; None: not known."""
    if results is None:
        return {}
    baseline = results["baselines"][results["rule"]]
    delivered_wh = baseline.get("delivered_wh")
    has_begun = results["used_wh"] is not None
    return {
        "baseline_rule": results["rule"],
        "baseline": None if "missing" in baseline else sum(baseline["use_wh"]) / 1000,
        "used": results["used_wh"] / 1000 if has_begun else None,
        "delivered": delivered_wh / 1000 if has_begun and delivered_wh is not None else None,
    }


def _limit_attributes(view: SiteView, source: LimitSource | None) -> dict[str, Any]:
    """Return whose limit it is, and of which event, where one is behind it."""
    events = {record.event.event_id for record in view.records}
    return {
        "owner": source.owner.name.lower() if source else None,
        "event_id": source.source_id if source and source.source_id in events else None,
    }


def _limit_kept(view: SiteView) -> float | None:
    """Return the share of the time in which the running event was watched and its limit kept, in percent."""
    tally = view.active.tally if view.active else None
    return 100 * tally.kept_s / tally.watched_s if tally and tally.watched_s else None


def _given_w(power_w: float | None) -> float | None:
    """Return what is given rather than drawn, W."""
    return None if power_w is None else 0.0 - power_w


def _balance(value: Callable[[PowerBalance], float | None]) -> Callable[[SiteView], Value]:
    return lambda view: value(view.balance) if view.balance else None


def _telemetry(
    key: str,
    value: Callable[[TelemetryHealth], Value],
    *,
    device_class: SensorDeviceClass | None = None,
    state_class: SensorStateClass | None = None,
    unit: str | None = None,
    changes_often: bool = True,
) -> SiteSensorDescription:
    """Return a sensor of how measurements are delivered; those that change all the time are off at first."""
    return SiteSensorDescription(
        key=key,
        translation_key=key,
        device_class=device_class,
        state_class=state_class,
        native_unit_of_measurement=unit,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=not changes_often,
        value=lambda view: value(view.telemetry) if view.telemetry else None,
        needs=SUBENTRY_MEASUREMENT_STORE,
        is_figure=True,
    )


def _power(
    key: str,
    value: Callable[[SiteView], Value],
    *,
    needs: str | None = None,
    attributes: Callable[[SiteView], Mapping[str, Any]] | None = None,
    diagnostic: bool = False,
    is_figure: bool = True,
) -> SiteSensorDescription:
    return SiteSensorDescription(
        key=key,
        translation_key=key,
        device_class=SensorDeviceClass.POWER,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfPower.WATT,
        suggested_display_precision=0,
        entity_category=EntityCategory.DIAGNOSTIC if diagnostic else None,
        value=value,
        attributes=attributes,
        needs=needs,
        is_figure=is_figure,
    )


SITE_SENSORS = (
    _power("grid_power", _balance(lambda balance: balance.grid_w), needs=DeviceKind.GRID_METER),
    _power("pv_power", _balance(lambda balance: _given_w(balance.pv_w)), needs=DeviceKind.PV),
    _power(
        "batteries_power", _balance(lambda balance: _given_w(balance.battery_w)), needs=DeviceKind.BATTERY
    ),
    _power("ev_chargers_power", _balance(lambda balance: balance.ev_charger_w), needs=DeviceKind.EV_CHARGER),
    _power("house_consumption", _balance(lambda balance: balance.rest_w), needs=DeviceKind.GRID_METER),
    _power(
        "import_limit",
        lambda view: view.import_limit_w,
        attributes=lambda view: _limit_attributes(view, view.import_limited_by),
        is_figure=False,
    ),
    _power(
        "export_limit",
        lambda view: view.export_limit_w,
        attributes=lambda view: _limit_attributes(view, view.export_limited_by),
        is_figure=False,
    ),
    _power("shortfall", lambda view: view.shortfall_w, diagnostic=True),
    SiteSensorDescription(
        key="limit_owner",
        translation_key="limit_owner",
        device_class=SensorDeviceClass.ENUM,
        options=["nobody", *OWNERS],
        value=lambda view: view.limit_owner.name.lower() if view.limit_owner else "nobody",
    ),
    SiteSensorDescription(
        key="active_event",
        translation_key="active_event",
        device_class=SensorDeviceClass.ENUM,
        options=[IDLE, ANNOUNCED, RUNNING, OPTED_OUT, ASKS],
        value=event_state,
        attributes=_event_attributes,
    ),
    SiteSensorDescription(
        key="invitation",
        translation_key="invitation",
        device_class=SensorDeviceClass.ENUM,
        options=list(STATES),
        value=invitation_state,
        attributes=shown_attributes,
        needs=SUBENTRY_AGGREGATOR,
    ),
    SiteSensorDescription(
        key="limit_kept",
        translation_key="limit_kept",
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=PERCENTAGE,
        suggested_display_precision=1,
        entity_category=EntityCategory.DIAGNOSTIC,
        value=_limit_kept,
        is_figure=True,
    ),
    _telemetry(
        "measurements_waiting",
        lambda health: health.points_waiting,
        state_class=SensorStateClass.MEASUREMENT,
    ),
    _telemetry(
        "measurements_waiting_size",
        lambda health: health.bytes_waiting,
        device_class=SensorDeviceClass.DATA_SIZE,
        state_class=SensorStateClass.MEASUREMENT,
        unit=UnitOfInformation.BYTES,
    ),
    _telemetry(
        "oldest_measurement_waiting", lambda health: health.oldest, device_class=SensorDeviceClass.TIMESTAMP
    ),
    _telemetry(
        "measurements_delivered",
        lambda health: health.last_success,
        device_class=SensorDeviceClass.TIMESTAMP,
    ),
    _telemetry(
        "measurements_dropped",
        lambda health: health.points_dropped,
        state_class=SensorStateClass.TOTAL_INCREASING,
        changes_often=False,
    ),
    _telemetry(
        "measurements_set_aside",
        lambda health: health.points_set_aside,
        state_class=SensorStateClass.TOTAL_INCREASING,
        changes_often=False,
    ),
)
