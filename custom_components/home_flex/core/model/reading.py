"""What a device says of itself at one moment."""

from dataclasses import Field, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Protocol

from .meter_registers import NO_REGISTERS, MeterRegisters


@dataclass(frozen=True, kw_only=True, slots=True)
class DeviceIdentity:
    """What a device says it is; ``serial_number`` is empty where nothing tells one."""

    manufacturer: str
    model: str
    serial_number: str
    firmware: str | None = None


class Reading(Protocol):
    """What every device says: when, and its power in W. A kind's own reading adds what else it tells.

    A reading is a frozen dataclass, so that its fields can be gone through.
    """

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    @property
    def time(self) -> datetime:
        """When it was read, in UTC."""
        ...

    @property
    def power_w(self) -> float:
        """Its power, positive = consumption."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class MeterReading:
    """The grid meter at one moment. Phase tuples hold one value per phase, or are empty when not told.

    ``registers`` are what bills are made of, which control does not use.
    """

    time: datetime
    power_w: float
    phase_power_w: tuple[float, ...] = ()
    phase_voltage_v: tuple[float, ...] = ()
    phase_current_a: tuple[float, ...] = ()
    energy_import_wh: float | None = None
    energy_export_wh: float | None = None
    registers: MeterRegisters = NO_REGISTERS


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


# IEC 61851-1: the smallest current a car can be told.
SMALLEST_CURRENT_A = 6.0


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
        return self.status in VEHICLE_CONNECTED

    @property
    def in_session(self) -> bool:
        """Whether a session has begun: one that only prepares for it tells the energy of the one before."""
        return self.status in _IN_SESSION


_IN_SESSION = frozenset(
    {
        ChargerStatus.CHARGING,
        ChargerStatus.SUSPENDED_EVSE,
        ChargerStatus.SUSPENDED_EV,
        ChargerStatus.FINISHING,
    }
)
VEHICLE_CONNECTED = _IN_SESSION | {ChargerStatus.PREPARING}
