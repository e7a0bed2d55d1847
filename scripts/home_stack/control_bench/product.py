"""The product's control in the bench's loop: the only file here that knows it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from custom_components.home_flex.core.control.arbiter import arbitrate
from custom_components.home_flex.core.control.charging import ChargeMode, ChargeWish
from custom_components.home_flex.core.control.demand import SITE, Asks, Demand, Envelope, Target
from custom_components.home_flex.core.control.state import ControlMemory, DeviceState, SiteState
from custom_components.home_flex.core.model import (
    BatteryReading,
    ChargerReading,
    ChargerStatus,
    DeviceKind,
    MeterReading,
    Owner,
    PvReading,
    Reading,
    Setpoint,
    Site,
)

from .exchange import Asked, DeviceFacts, Kind, Order, Report, SiteFacts, Telegram

_KINDS = {Kind.BATTERY: DeviceKind.BATTERY, Kind.PV: DeviceKind.PV, Kind.CHARGER: DeviceKind.EV_CHARGER}
_START = datetime(2026, 6, 1, 12, tzinfo=UTC)
# How long a write is under way.
_WRITING_S = 0.05


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
        self._written_s: dict[str, float] = {}
        self._changed_s: dict[str, float] = {}
        self.meter_lost = False

    def tick(
        self, now_s: float, telegram: Telegram | None, reports: Mapping[str, Report], asked: Asked
    ) -> Sequence[Order]:
        """Return what the arbiter wants written now."""
        state = SiteState(
            site=self._site,
            meter=None
            if telegram is None
            else MeterReading(
                time=_at(telegram.heard_s), power_w=telegram.power_w, phase_power_w=telegram.phase_w
            ),
            meter_heard_s=-1.0 if telegram is None else telegram.heard_s,
            devices=tuple(
                self._state(device, reports.get(device.device_id), asked) for device in self._devices
            ),
        )
        decision, self._memory = arbitrate(state, _demands(asked), self._memory, now_s)
        self.meter_lost = any(setpoint.reason == "meter_lost" for setpoint in decision.wanted)
        return [self._order(setpoint, now_s) for setpoint in decision.setpoints]

    def _state(self, device: DeviceFacts, report: Report | None, asked: Asked) -> DeviceState:
        mode = ChargeMode(asked.charge_modes.get(device.device_id, "fast"))
        return DeviceState(
            device_id=device.device_id,
            kind=_KINDS[device.kind],
            wired_phases=device.wired,
            reading=None if report is None else _reading(device, report),
            heard_s=-1.0 if report is None else report.heard_s,
            written=self._written.get(device.device_id),
            written_s=self._written_s.get(device.device_id),
            changed_s=self._changed_s.get(device.device_id),
            charge=ChargeWish(mode=mode),
            phase_counts=(1, 3) if device.switches_phases else (),
        )

    def _order(self, setpoint: Setpoint, now_s: float) -> Order:
        written = self._written.get(setpoint.device_id)
        if written is None or written.value != setpoint.value:
            self._changed_s[setpoint.device_id] = now_s
        self._written[setpoint.device_id] = setpoint
        self._written_s[setpoint.device_id] = now_s + _WRITING_S
        return Order(
            device_id=setpoint.device_id,
            value=setpoint.value,
            expires_in_s=setpoint.life_s,
            phases=setpoint.phases,
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


def _demands(asked: Asked) -> tuple[Demand, ...]:
    """Return what is asked as demands."""
    wanted: dict[str, Asks] = {}
    if asked.target_w is not None:
        wanted["target"] = Target(power_w=asked.target_w)
    if asked.import_limit_w is not None:
        wanted["import"] = Envelope(high_w=asked.import_limit_w)
    if asked.export_limit_w is not None:
        wanted["export"] = Envelope(low_w=-asked.export_limit_w)
    return tuple(
        Demand(
            owner=Owner.RESIDENT if asked.wish else Owner.AGGREGATOR,
            scope=SITE,
            asks=asks,
            reason=reason,
            source_id=reason,
            standing=asked.wish,
        )
        for reason, asks in wanted.items()
    )
