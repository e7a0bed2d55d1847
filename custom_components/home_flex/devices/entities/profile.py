"""What is known of an integration: which of its entities make a device, and how that is told something.

A profile is data, read from YAML by ``profile_loader``; ``docs/profiles.md`` describes the format. Signs are
those of Home Flex: positive = consumption, import, charging.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ...core.model import DeviceKind
from .recipe import Control
from .roles import MEASURED_ROLES, Measure, Side


class HowTested(StrEnum):
    """How a profile was tried.

    Only read in the source, on recorded entities, with the integration and a made-up device, or on a device.
    """

    READ = "read"
    RECORDED = "recorded"
    INTEGRATION = "integration"
    DEVICE = "device"


class Scope(StrEnum):
    """Within what the entities of one device are looked for.

    ENTRY: one config entry of the integration is one device; DEVICE: each device of the registry is one;
    UNIQUE_ID: entities whose unique ids share what the profile's ``group`` captures; PLATFORM: all entities
    of the platform (YAML integrations have neither entry nor device).
    """

    ENTRY = "entry"
    DEVICE = "device"
    UNIQUE_ID = "unique_id"
    PLATFORM = "platform"


class FreshBy(StrEnum):
    """What a state's being reported says of its age.

    REPORTED: each poll reports it, also unchanged: silence is a loss. CHANGES: only a change is told: it
    holds for as long as the entity is available. NEVER: it is what was written, and is never read back.
    """

    REPORTED = "reported"
    CHANGES = "changes"
    NEVER = "never"


@dataclass(frozen=True, kw_only=True, slots=True)
class Fresh:
    """How fresh states are: ``interval_s`` is the time between two values that move, None for NEVER."""

    by: FreshBy
    interval_s: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Selector:
    """Which entities of the registry are meant; all that is given must fit.

    ``find`` and ``reject`` are searched in the unique id, ``model`` in the model of the entity's device.
    ``translation_keys`` are alternatives.
    """

    find: re.Pattern[str] | None = None
    reject: re.Pattern[str] | None = None
    domain: str = "sensor"
    device_class: str | None = None
    translation_keys: frozenset[str] = frozenset()
    model: re.Pattern[str] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class OnlyIf:
    """Take an alternative only where another entity of the same device has one of these states."""

    find: re.Pattern[str]
    states: frozenset[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Alternative:
    """One way to a role's value: ``sign`` times (``plus`` less ``minus``), in the unit of each state.

    ``is_sign_known`` is False where no source says which sign the integration gives: it is found by measuring
    before the device is told anything. With ``is_sum`` a selector may match several entities, which are
    added; else more than one is ambiguous. ``attribute``: the value is this attribute and not the state.
    ``words`` turns the integration's words of a status (in lower case) into those of STATUS_WORDS. ``unit``
    is that of values whose entity states none.
    ``offers_enabling``: where the entity is disabled, a person is asked to enable it. ``in_entry``: looked
    for in the whole config entry, also where the device is less. ``fresh`` where it is fresher or staler than
    the rest of the device.
    """

    plus: Selector
    minus: Selector | None = None
    sign: int = 1
    is_sign_known: bool = True
    is_sum: bool = False
    attribute: str | None = None
    words: Mapping[str, str] = field(default_factory=dict)
    unit: str | None = None
    only_if: OnlyIf | None = None
    offers_enabling: bool = False
    in_entry: bool = False
    fresh: Fresh | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class DeviceProfile:
    """One kind of device that an integration offers.

    ``roles`` are alternatives, of which the first that matches is taken. None: a person is asked, for an
    entity of the domain that ``chosen`` names, else for a number. ``needs``: without these roles the
    device is not offered; others may be missing. ``group``: for Scope.UNIQUE_ID, its first group is what the
    unique ids of one device share. ``is_cloud``: values and orders go by the maker's servers.
    ``controls_polled_s``: how often the entities that are written are read from the device.
    """

    kind: DeviceKind
    scope: Scope
    needs: tuple[str, ...]
    roles: Mapping[str, tuple[Alternative, ...]]
    fresh: Fresh
    group: re.Pattern[str] | None = None
    side: Side | None = None
    is_cloud: bool = False
    controls_polled_s: float | None = None
    chosen: Mapping[str, str] = field(default_factory=dict)
    control: Control | None = None

    def measure(self, role: str) -> Measure | None:
        """Return what a role is converted to; None for a role that only control uses."""
        return MEASURED_ROLES[self.kind].get(role)


@dataclass(frozen=True, kw_only=True, slots=True)
class Profile:
    """What is known of one integration. ``platforms`` are those of its entities in the registry.

    A profile whose devices are all chosen by a person belongs to no integration, and has no platforms.
    ``source`` and ``date`` say where it was read and when. For people: ``name``, what to switch on before
    (``setup``), what to know (``notes``), and what is not certain (``doubts``).
    """

    id: str
    name: str
    integration: str
    platforms: frozenset[str]
    source: str
    date: str
    tested: HowTested
    devices: tuple[DeviceProfile, ...]
    setup: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
