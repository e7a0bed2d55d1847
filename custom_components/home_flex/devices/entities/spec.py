"""What the driver of devices made of Home Assistant entities says of itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ...core.model import DeviceIdentity, DeviceKind
from ..driver import Driver
from ..spec import WIRED_PHASES, Data, DriverSpec, Resources
from . import binding
from .binding import EntitySource, Source
from .by_hand import WRITTEN, control_by_hand
from .device import EntityDevice, Speed, SteeredEntityDevice
from .orders import quantities_of
from .profile import DeviceProfile, Fresh
from .reader import POWER, RoleReader
from .recipe import Control
from .roles import MEASURED_ROLES

ROLES, FRESH, PROFILE, IDENTITY = "roles", "fresh", "profile", "device"
CONTROLLED, LEAST_SECONDS, WRITES_PER_DAY = "controlled", "least_seconds", "writes_per_day"
SETPOINT_SIGN, DOMAINS = "setpoint_sign", "domains"


@dataclass(frozen=True, kw_only=True, slots=True)
class EntitySettings:
    """One device, as it is kept.

    ``profile`` names the profile whose recipes it is told by; without one they follow from the roles that
    are written, whose entities' ``domains`` are kept. ``is_controlled`` is its owner's consent.
    """

    roles: Mapping[str, Source]
    fresh: Fresh
    profile: str | None
    is_controlled: bool
    identity: DeviceIdentity
    wired_phases: int
    domains: Mapping[str, str]
    least_seconds: float
    writes_per_day: int
    setpoint_sign: int


def _parse(data: Data) -> EntitySettings:
    told: Mapping[str, Any] = data[IDENTITY]
    return EntitySettings(
        roles=binding.decode(data[ROLES]),
        fresh=binding.decode_fresh(data[FRESH]),
        profile=data.get(PROFILE),
        is_controlled=data.get(CONTROLLED) is True,
        identity=DeviceIdentity(
            manufacturer=str(told["manufacturer"]), model=str(told["model"]), serial_number=str(told["id"])
        ),
        wired_phases=len(data.get(WIRED_PHASES) or ()) or 1,
        domains={str(role): str(domain) for role, domain in data.get(DOMAINS, {}).items()},
        least_seconds=float(data.get(LEAST_SECONDS, 0.0)),
        writes_per_day=int(data.get(WRITES_PER_DAY, 0)),
        setpoint_sign=int(data.get(SETPOINT_SIGN, 1)),
    )


def control_of(kind: DeviceKind, settings: EntitySettings, profile: DeviceProfile | None) -> Control | None:
    """Return how a device is told something: as its profile says, else by the roles that are written.

    None where its owner has not agreed, and where there is no whole way.
    """
    if not settings.is_controlled:
        return None
    if settings.profile is not None:
        control = profile.control if profile is not None else None
    else:
        control = control_by_hand(
            kind,
            {role: domain for role, domain in settings.domains.items() if role in WRITTEN[kind]},
            least_seconds=settings.least_seconds,
            writes_per_day=settings.writes_per_day,
            sign=settings.setpoint_sign,
        )
    return control if control is not None and quantities_of(kind, control) else None


def _build(kind: DeviceKind, settings: EntitySettings, resources: Resources) -> Driver:
    """Return the device; one whose profile is gone is still read, and no longer told anything."""
    profile = _of_profile(kind, settings, resources)
    control = control_of(kind, settings, profile)
    measures = MEASURED_ROLES[kind]
    reader = RoleReader(settings.roles, measures, settings.fresh, resources.entities, resources.monotonic_s)
    if control is None:
        return EntityDevice(
            kind, reader, resources, identity=settings.identity, wired_phases=settings.wired_phases
        )
    speed = Speed(fresh=reader.fresh(POWER), is_cloud=profile is not None and profile.is_cloud)
    return SteeredEntityDevice(
        kind,
        reader,
        resources,
        control,
        speed,
        identity=settings.identity,
        wired_phases=settings.wired_phases,
    )


def _of_profile(kind: DeviceKind, settings: EntitySettings, resources: Resources) -> DeviceProfile | None:
    """Return the profile's device of this kind whose recipes find all they need among the roles."""
    if settings.profile is None or (profile := resources.entity_profile(settings.profile)) is None:
        return None
    devices = [device for device in profile.devices if device.kind is kind]
    whole = [each for each in devices if each.control and each.control.roles <= settings.roles.keys()]
    return next(iter([*whole, *devices]), None)


def leading_entity(roles: Mapping[str, Source]) -> str | None:
    """Return the entity that a device is known by: the first of its power, else of any role."""
    sources = [roles.get(POWER), *roles.values()]
    return next((source.plus[0] for source in sources if isinstance(source, EntitySource)), None)


ENTITIES: Final = DriverSpec(
    id="entities",
    kinds=frozenset(DeviceKind),
    forms=(),
    parse=_parse,
    build=_build,
)
