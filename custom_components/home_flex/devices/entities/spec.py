"""What the driver of devices made of Home Assistant entities says of itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ...core.model import DeviceIdentity, DeviceKind
from ..driver import Driver
from ..spec import WIRED_PHASES, Data, DriverSpec, Resources
from . import binding
from .binding import EntitySource, Source
from .by_hand import WRITTEN, Direction, control_by_hand
from .device import About, EntityDevice, Speed, SteeredEntityDevice
from .orders import quantities_of
from .profile import DeviceProfile, Fresh, Profile
from .reader import POWER, RoleReader
from .recipe import Control, Operation
from .roles import MEASURED_ROLES

ROLES, FRESH, PROFILE, IDENTITY = "roles", "fresh", "profile", "device"
CONTROLLED, LEAST_SECONDS, WRITES_PER_DAY = "controlled", "least_seconds", "writes_per_day"
SETPOINT_SIGN, WORDS, DOMAINS = "setpoint_sign", "words", "domains"


@dataclass(frozen=True, kw_only=True, slots=True)
class EntitySettings:
    """One device, as it is kept.

    ``profile`` names the profile whose recipes it is told by; without one they follow from the roles that
    are written, whose entities' ``domains`` are kept, and their ``direction``. ``is_controlled`` is its
    owner's consent.
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
    direction: Direction


def _parse(data: Data) -> EntitySettings:
    told: Mapping[str, Any] = data[IDENTITY]
    return EntitySettings(
        roles=binding.decode(data[ROLES]),
        fresh=binding.decode_fresh(data[FRESH]),
        profile=data.get(PROFILE),
        is_controlled=data.get(CONTROLLED) is True,
        identity=DeviceIdentity(
            manufacturer=str(told["manufacturer"]), model=str(told["model"]), serial_number=""
        ),
        wired_phases=len(data.get(WIRED_PHASES) or ()) or 1,
        domains={str(role): str(domain) for role, domain in data.get(DOMAINS, {}).items()},
        least_seconds=float(data.get(LEAST_SECONDS, 0.0)),
        writes_per_day=int(data.get(WRITES_PER_DAY, 0)),
        direction=Direction(
            sign=int(data.get(SETPOINT_SIGN, 1)),
            words={Operation(name): str(option) for name, option in data.get(WORDS, {}).items()},
        ),
    )


def consented(
    kind: DeviceKind, settings: EntitySettings, profile: Profile | None
) -> tuple[Control | None, Speed]:
    """Return how a device is told something, and how fast it is.

    As its profile says, else by the roles that are written. None where its owner has not agreed, and where
    there is no whole way: then it is read only, as when its profile is gone.
    """
    device = _of_profile(kind, settings, profile)
    power = settings.roles.get(POWER)
    own = power.fresh if isinstance(power, EntitySource) else None
    speed = Speed(fresh=own or settings.fresh, is_cloud=device is not None and device.is_cloud)
    if not settings.is_controlled:
        return None, speed
    control = device.control if device is not None else None
    if settings.profile is None:
        control = control_by_hand(
            kind,
            {role: domain for role, domain in settings.domains.items() if role in WRITTEN[kind]},
            least_seconds=settings.least_seconds,
            writes_per_day=settings.writes_per_day,
            direction=settings.direction,
        )
    if control is None or not quantities_of(kind, control) or not _finds_all(control, settings):
        return None, speed
    return control, speed


def _finds_all(control: Control, settings: EntitySettings) -> bool:
    return control.roles <= settings.roles.keys() and control.reads <= settings.roles.keys()


def _of_profile(kind: DeviceKind, settings: EntitySettings, profile: Profile | None) -> DeviceProfile | None:
    """Return the profile's device of this kind whose recipes find all they need among the roles."""
    if profile is None:
        return None
    devices = [device for device in profile.devices if device.kind is kind]
    whole = [each for each in devices if each.control and _finds_all(each.control, settings)]
    return next(iter([*whole, *devices]), None)


def _build(kind: DeviceKind, settings: EntitySettings, resources: Resources) -> Driver:
    profile = None if settings.profile is None else resources.entity_profile(settings.profile)
    control, speed = consented(kind, settings, profile)
    measures = MEASURED_ROLES[kind]
    reader = RoleReader(settings.roles, measures, settings.fresh, resources.entities, resources.monotonic_s)
    about = About(identity=settings.identity, wired_phases=settings.wired_phases)
    if control is None:
        return EntityDevice(kind, reader, resources, about)
    return SteeredEntityDevice(kind, reader, resources, about, control, speed)


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
