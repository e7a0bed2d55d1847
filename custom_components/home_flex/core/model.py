"""The site, its devices' readings, and the setpoints written to them.

Sign: positive = consumption, power flowing into the home or the device (import > 0, PV production < 0,
battery charging > 0), as OpenADR 3.1, S2 and UFTP word it. Drivers convert at the edge.
Units: W, Wh, A, V, seconds, aware UTC ``datetime``; state of charge is a fraction 0 to 1.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import IntEnum, StrEnum


class DeviceKind(StrEnum):
    """What a device is to the site; also the type of its config subentry."""

    GRID_METER = "grid_meter"
    PV = "pv"
    BATTERY = "battery"
    EV_CHARGER = "ev_charger"


class Owner(IntEnum):
    """Who is in control, in the fixed order: a larger number never breaks a smaller one."""

    FUSE = 1
    GRID_OPERATOR = 2
    RESIDENT = 3
    DEVICE_SAFETY = 4
    AGGREGATOR = 5
    PLAN = 6


@dataclass(frozen=True, kw_only=True, slots=True)
class Site:
    """The connection to the grid and what energy costs there."""

    name: str
    currency: str
    phases: int
    main_fuse_a: float
    import_price_per_kwh: Decimal
    export_price_per_kwh: Decimal
    nominal_voltage_v: float = 230.0


@dataclass(frozen=True, kw_only=True, slots=True)
class DeviceIdentity:
    """What a device says it is."""

    manufacturer: str
    model: str
    serial_number: str
    firmware: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class MeterReading:
    """The grid meter at one moment. Phase tuples hold one value per phase, or are empty when not told."""

    time: datetime
    power_w: float
    phase_power_w: tuple[float, ...] = ()
    phase_voltage_v: tuple[float, ...] = ()
    phase_current_a: tuple[float, ...] = ()
    energy_import_wh: float | None = None
    energy_export_wh: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class PvReading:
    """A PV inverter at one moment; ``power_w`` is zero or negative while it produces."""

    time: datetime
    power_w: float
    rated_power_w: float
    production_limit_w: float | None = None
    energy_produced_wh: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class BatteryReading:
    """A battery at one moment; ``power_setpoint_w`` is what it was told, None when it runs by itself."""

    time: datetime
    power_w: float
    state_of_charge: float
    capacity_wh: float
    max_charge_w: float
    max_discharge_w: float
    power_setpoint_w: float | None = None
    energy_charged_wh: float | None = None
    energy_discharged_wh: float | None = None


class ChargerStatus(StrEnum):
    """Status of a connector, OCPP 1.6 section 7.7 (ChargePointStatus)."""

    AVAILABLE = "Available"
    PREPARING = "Preparing"
    CHARGING = "Charging"
    SUSPENDED_EVSE = "SuspendedEVSE"
    SUSPENDED_EV = "SuspendedEV"
    FINISHING = "Finishing"
    RESERVED = "Reserved"
    UNAVAILABLE = "Unavailable"
    FAULTED = "Faulted"


@dataclass(frozen=True, kw_only=True, slots=True)
class ChargerReading:
    """An EV charger's connector at one moment; ``current_limit_a`` is the last limit it accepted."""

    time: datetime
    power_w: float
    status: ChargerStatus
    phases: int
    min_current_a: float
    max_current_a: float
    current_limit_a: float | None = None
    phase_current_a: tuple[float, ...] = ()
    energy_wh: float | None = None
    session_energy_wh: float | None = None
    transaction_id: int | None = None

    @property
    def vehicle_connected(self) -> bool:
        """Whether a vehicle hangs on the cable."""
        return self.status in _VEHICLE_CONNECTED


_VEHICLE_CONNECTED = frozenset(
    {
        ChargerStatus.PREPARING,
        ChargerStatus.CHARGING,
        ChargerStatus.SUSPENDED_EVSE,
        ChargerStatus.SUSPENDED_EV,
        ChargerStatus.FINISHING,
    }
)

type Reading = MeterReading | PvReading | BatteryReading | ChargerReading


class Quantity(StrEnum):
    """What a setpoint sets: one per kind of flexible device."""

    POWER_W = "power_w"
    PRODUCTION_LIMIT_W = "production_limit_w"
    CURRENT_LIMIT_A = "current_limit_a"


QUANTITY_OF_KIND = {
    DeviceKind.BATTERY: Quantity.POWER_W,
    DeviceKind.PV: Quantity.PRODUCTION_LIMIT_W,
    DeviceKind.EV_CHARGER: Quantity.CURRENT_LIMIT_A,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Setpoint:
    """One device, one value, and why: ``value`` None hands the device back to its own control.

    ``expires`` is when the device must be back under its own control if nobody renews the setpoint;
    drivers pass it on to the device (SunSpec reversion timer, OCPP profile duration).
    """

    device_id: str
    quantity: Quantity
    value: float | None
    owner: Owner
    reason: str
    issued: datetime
    expires: datetime
    event_id: str | None = None
