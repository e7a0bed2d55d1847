"""What a driver says of itself: the kinds it can be, what it must be told, how it is tried out and built."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto
from typing import Any, Protocol

from aiohttp import ClientSession
from modbus_connection import ModbusSerialParams, ModbusTcpParams, ModbusUnit

from ..core.model import DeviceIdentity, DeviceKind
from .driver import Driver
from .entities.port import EntityPort
from .entities.profile import Profile
from .kept import KeptDocument
from .ocpp.central_system import CentralSystem

WIRED_PHASES = "wired_phases"

type Data = Mapping[str, Any]
type ModbusLink = ModbusTcpParams | ModbusSerialParams
"""A link to Modbus units; RTU over TCP is a serial link on a ``socket://`` device."""


class FieldType(Enum):
    """What a person enters in a field, and what its value is kept as."""

    TEXT = auto()
    LINES = auto()  # text of several lines
    NUMBER = auto()  # float
    WHOLE_NUMBER = auto()  # int
    SERIAL_PORT = auto()  # the path of a device
    SWITCH = auto()  # bool
    WIRED_PHASES = auto()  # some of "1" to "3", of those the site has
    CHOICE = auto()  # one of ``options``, whose texts are a selector named like the field


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """One field of a form. ``suggested`` is what is entered beforehand.

    A ``secret`` is shown to nobody again: left empty, the old one is kept. A ``fixed`` field is entered once
    and never changed, as it is the device's own identity. An ``optional`` one may be left empty. One for
    ``later`` is asked for only when a device is changed. ``options`` are the words of a choice, translated
    under ``selector.<name>``.
    """

    name: str
    type: FieldType = FieldType.TEXT
    suggested: Any = None
    low: float = 0.0
    high: float = 0.0
    unit: str | None = None
    secret: bool = False
    fixed: bool = False
    optional: bool = False
    later: bool = False
    options: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Announced:
    """How devices make themselves known in the network, so that nobody must type an address.

    ``service`` is the type of a DNS-SD service (RFC 6763) whose ``properties`` are these at least; ``mac``
    is how the MAC addresses of a maker begin, in capitals and without colons.
    """

    service: str | None = None
    properties: Mapping[str, str] = field(default_factory=dict)
    mac: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Form:
    """One way to reach a device; a driver has one or more, and a person chooses.

    ``step`` names its texts under ``config_subentries.<kind>.step``; ``change_step`` those for changing a
    device, when they differ. ``constants`` are kept beside what is entered: which way was chosen.
    ``kinds`` are those it is for, all of the driver's when None. ``announced``: who may be meant by ``host``.
    """

    step: str
    fields: tuple[Field, ...]
    change_step: str | None = None
    constants: Mapping[str, Any] | None = None
    kinds: frozenset[DeviceKind] | None = None
    announced: Announced | None = None

    def is_for(self, kind: DeviceKind) -> bool:
        """Whether a device of this kind is entered here."""
        return self.kinds is None or kind in self.kinds


class ProbeResources(Protocol):
    """What a driver may use while a person waits at a form."""

    @property
    def clock(self) -> Callable[[], datetime]:
        """What tells the aware time in UTC."""
        ...

    @property
    def web_session(self) -> ClientSession:
        """What HTTP is spoken with."""
        ...

    def temporary_modbus_unit(
        self, link: ModbusLink, unit_id: int
    ) -> AbstractAsyncContextManager[ModbusUnit]:
        """Reach a unit over the home's shared Modbus link. Raises DeviceError ``in_use_differently``."""
        ...


class Resources(Protocol):
    """What a driver may use for as long as the site runs."""

    @property
    def clock(self) -> Callable[[], datetime]:
        """What tells the aware time in UTC."""
        ...

    @property
    def monotonic_s(self) -> Callable[[], float]:
        """What tells seconds that only grow."""
        ...

    @property
    def web_session(self) -> ClientSession:
        """What HTTP is spoken with."""
        ...

    @property
    def central_system(self) -> CentralSystem:
        """What chargers dial in to."""
        ...

    @property
    def entities(self) -> EntityPort:
        """The home's entities and actions."""
        ...

    @property
    def kept(self) -> KeptDocument:
        """The document of this device in the home's own store."""
        ...

    def entity_profile(self, profile_id: str) -> Profile | None:
        """Return what is known of an integration, None when nothing is known by this id."""
        ...

    def modbus_unit(self, link: ModbusLink, unit_id: int) -> ModbusUnit:
        """Return a unit on the home's shared Modbus link; raises what ends the start of the site."""
        ...


def thousands(data: Data, key: str) -> float | None:
    """Return what was typed in kW or kWh in W or Wh, None where it was left out."""
    value = data.get(key)
    return None if value is None else float(value) * 1000.0


def host_or_phase_missing(data: Data) -> str | None:
    """Find a host that is blank, and a device that was wired to no phase."""
    if not str(data.get("host", "")).strip():
        return "address_missing"
    return "no_phase" if data.get(WIRED_PHASES) == [] else None


def nothing_wrong(_data: Data) -> str | None:
    """Find no mistake."""
    return None


@dataclass(frozen=True, kw_only=True, slots=True)
class DriverSpec[S]:
    """A driver, as the registry knows it.

    ``id`` is kept in each device's subentry and never changes. ``parse`` turns what is kept into settings,
    and raises KeyError, TypeError or ValueError for data that is none of this driver's. ``mistake`` returns
    the slug of what cannot be right, before anybody tries. ``probe`` returns who answered, and raises
    DeviceError; None for a device that dials in (``dials_in``), as its flow waits for it. ``build`` returns
    the driver of one device, not yet running. ``is_told_by_serial``: a device is told from another by its
    serial number, and when it answers with a new one, another has taken its place. A driver without
    ``forms`` has steps of its own in the flow, which try the device out.
    """

    id: str
    kinds: frozenset[DeviceKind]
    forms: tuple[Form, ...]
    parse: Callable[[Data], S]
    build: Callable[[DeviceKind, S, Resources], Driver]
    probe: Callable[[DeviceKind, S, ProbeResources], Awaitable[DeviceIdentity]] | None = None
    mistake: Callable[[Data], str | None] = nothing_wrong
    dials_in: bool = False
    is_told_by_serial: bool = False
