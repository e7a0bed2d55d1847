"""The product's control in the bench's loop: the only file here that knows it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from custom_components.home_flex.core.control.arbiter import arbitrate, differs
from custom_components.home_flex.core.control.state import ControlMemory, DeviceState, SiteState
from custom_components.home_flex.core.events.model import Command, PayloadType, Source
from custom_components.home_flex.core.model import (
    BatteryReading,
    ChargerReading,
    ChargerStatus,
    DeviceKind,
    MeterReading,
    PvReading,
    Reading,
    Setpoint,
    Site,
)

from .exchange import Asked, DeviceFacts, Kind, Order, Report, SiteFacts, Telegram

_KINDS = {Kind.BATTERY: DeviceKind.BATTERY, Kind.PV: DeviceKind.PV, Kind.CHARGER: DeviceKind.EV_CHARGER}
_START = datetime(2026, 6, 1, 12, tzinfo=UTC)
_REFRESH_BEFORE_S = 30.0


class Product:
    """The arbiter, and the slot's rule of what is written."""

    def __init__(self, site: SiteFacts, devices: Sequence[DeviceFacts]) -> None:
        """Start with nothing remembered."""
        self._site = Site(
            name="Home",
            currency="EUR",
            phases=site.phases,
            main_fuse_a=site.fuse_a,
            import_price_per_kwh=Decimal("0.30"),
            export_price_per_kwh=Decimal("0.08"),
        )
        self._devices = tuple(devices)
        self._memory = ControlMemory()
        self._written: dict[str, Setpoint] = {}
        self._changed: dict[str, datetime] = {}
        self.meter_lost = False

    def tick(
        self, now_s: float, telegram: Telegram | None, reports: Mapping[str, Report], asked: Asked
    ) -> Sequence[Order]:
        """Return what the arbiter wants written now."""
        now = _at(now_s)
        state = SiteState(
            site=self._site,
            meter=None
            if telegram is None
            else MeterReading(
                time=_at(telegram.heard_s), power_w=telegram.power_w, phase_power_w=telegram.phase_w
            ),
            devices=tuple(self._state(device, reports.get(device.device_id)) for device in self._devices),
            aggregator_connected=True,
        )
        decision, self._memory = arbitrate(state, _commands(asked), self._memory, now)
        self.meter_lost = any(setpoint.reason == "meter_lost" for setpoint in decision.setpoints)
        return [order for setpoint in decision.setpoints if (order := self._order(setpoint, now)) is not None]

    def _state(self, device: DeviceFacts, report: Report | None) -> DeviceState:
        return DeviceState(
            device_id=device.device_id,
            kind=_KINDS[device.kind],
            wired_phases=device.wired,
            reading=None if report is None else _reading(device, report),
            written=self._written.get(device.device_id),
            changed_at=self._changed.get(device.device_id),
        )

    def _order(self, setpoint: Setpoint, now: datetime) -> Order | None:
        written = self._written.get(setpoint.device_id)
        if setpoint.value is None and written is None:
            return None
        if not differs(setpoint, written, now, _REFRESH_BEFORE_S):
            return None
        if written is None or written.value != setpoint.value:
            self._changed[setpoint.device_id] = now + timedelta(seconds=0.05)
        self._written[setpoint.device_id] = replace(setpoint, issued=now + timedelta(seconds=0.05))
        return Order(
            device_id=setpoint.device_id,
            value=setpoint.value,
            expires_in_s=(setpoint.expires - now).total_seconds(),
        )


def _at(now_s: float) -> datetime:
    return _START + timedelta(seconds=now_s)


def _reading(device: DeviceFacts, report: Report) -> Reading:
    time = _at(report.heard_s)
    match device.kind:
        case Kind.BATTERY:
            return BatteryReading(
                time=time,
                power_w=report.power_w,
                state_of_charge=report.soc,
                capacity_wh=device.capacity_wh,
                max_charge_w=device.rated,
                max_discharge_w=device.rated,
                power_setpoint_w=report.value,
            )
        case Kind.PV:
            return PvReading(
                time=time,
                power_w=report.power_w,
                rated_power_w=device.rated,
                production_limit_w=report.value,
            )
        case Kind.CHARGER:
            return ChargerReading(
                time=time,
                power_w=report.power_w,
                status=ChargerStatus(report.status),
                phases=report.phases,
                min_current_a=device.smallest_a,
                max_current_a=device.rated,
                current_limit_a=report.value,
                phase_current_a=report.phase_a,
                session_energy_wh=report.session_wh,
            )


def _commands(asked: Asked) -> tuple[Command, ...]:
    """Return what is asked as commands; surplus charging as the nearest there is, an import limit of zero."""
    source = Source.RESIDENT if asked.wish else Source.AGGREGATOR
    surplus = "surplus" in asked.charge_modes.values()
    wanted = {
        PayloadType.DISPATCH_SETPOINT: asked.target_w,
        PayloadType.IMPORT_CAPACITY_LIMIT: 0.0 if surplus else asked.import_limit_w,
        PayloadType.EXPORT_CAPACITY_LIMIT: asked.export_limit_w,
    }
    return tuple(
        Command(
            event_id=kind.value,
            source=source,
            priority=1,
            type=kind,
            value=value,
            interval_end=_START + timedelta(days=7),
        )
        for kind, value in wanted.items()
        if value is not None
    )
