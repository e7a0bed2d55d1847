"""From the registry's entities to devices that can be offered: a pure function of entities and profiles.

An entity is told by its platform and unique id, never by its name or entity id, which are the user's. What
could be two things is nobody's choice but the person's: it is named and not taken.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ...core.model import DeviceKind
from .profile import Alternative, DeviceProfile, OnlyIf, Profile, Scope, Selector
from .roles import Side

_LONGEST_UNIQUE_ID = 255


@dataclass(frozen=True, kw_only=True, slots=True)
class RegistryEntity:
    """An entity as the registry knows it. ``id`` is the registry's own, which outlives renames.

    ``model`` is that of its device, ``state`` its state now, None where it has none.
    """

    id: str
    platform: str
    domain: str
    unique_id: str
    entry_id: str | None = None
    device_id: str | None = None
    translation_key: str | None = None
    device_class: str | None = None
    unit: str | None = None
    is_disabled: bool = False
    model: str | None = None
    state: str | None = None


class Match(StrEnum):
    """How a role was found. DISABLED: its entities have to be enabled. AMBIGUOUS: a person must choose."""

    FOUND = "found"
    DISABLED = "disabled"
    AMBIGUOUS = "ambiguous"
    MISSING = "missing"


@dataclass(frozen=True, kw_only=True, slots=True)
class RoleProposal:
    """What was found for one role: registry ids to add and to take away, by ``alternative``.

    When it is AMBIGUOUS, ``plus`` and ``minus`` hold the candidates, and none of them is meant.
    """

    match: Match
    alternative: Alternative | None = None
    plus: tuple[RegistryEntity, ...] = ()
    minus: tuple[RegistryEntity, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class DeviceProposal:
    """A device that an integration's entities make. ``key`` names it for as long as its entities stay.

    Each role of the profile has its proposal; those that the device needs are not MISSING.
    """

    key: str
    profile: Profile
    device: DeviceProfile
    roles: Mapping[str, RoleProposal]

    @property
    def kind(self) -> DeviceKind:
        """What it is to the site."""
        return self.device.kind

    @property
    def to_enable(self) -> tuple[str, ...]:
        """The registry ids that have to be enabled before every role is there."""
        disabled = (role for role in self.roles.values() if role.match is Match.DISABLED)
        ids = (entity.id for role in disabled for entity in (*role.plus, *role.minus) if entity.is_disabled)
        return tuple(dict.fromkeys(ids))

    @property
    def to_choose(self) -> tuple[str, ...]:
        """The roles for which a person must choose."""
        return tuple(name for name, role in self.roles.items() if role.match is Match.AMBIGUOUS)

    @property
    def to_enter(self) -> tuple[str, ...]:
        """The roles of which no entity was found and that recipes need as a number."""
        control = self.device.control
        reads = () if control is None else sorted(control.reads)
        return tuple(name for name in reads if self.roles[name].match is not Match.FOUND)

    @property
    def can_be_controlled(self) -> bool:
        """Whether there is a recipe, and all entities that it writes to were found and are enabled."""
        control = self.device.control
        return control is not None and all(self.roles[name].match is Match.FOUND for name in control.roles)


def excludes(one: DeviceProposal, other: DeviceProposal) -> bool:
    """Return whether two devices count the same power twice: a hybrid's AC bus, and its battery."""
    kinds = {one.kind, other.kind}
    if kinds != {DeviceKind.PV, DeviceKind.BATTERY}:
        return False
    pv, battery = (one, other) if one.kind is DeviceKind.PV else (other, one)
    return pv.device.side is Side.AC_BUS and bool(_entries(pv) & _entries(battery))


def find_devices(
    entities: Sequence[RegistryEntity], profiles: Iterable[Profile]
) -> tuple[DeviceProposal, ...]:
    """Return the devices that these entities make, in the order of profiles, then of their keys."""
    return tuple(
        proposal
        for profile in profiles
        for device in profile.devices
        for proposal in _devices_of(profile, device, entities)
    )


def _devices_of(
    profile: Profile, device: DeviceProfile, entities: Sequence[RegistryEntity]
) -> Iterator[DeviceProposal]:
    own = [
        entity
        for entity in entities
        if entity.platform in profile.platforms and len(entity.unique_id) <= _LONGEST_UNIQUE_ID
    ]
    by_entry: dict[str | None, list[RegistryEntity]] = {}
    for entity in own:
        by_entry.setdefault(entity.entry_id, []).append(entity)
    for place, members in sorted(_groups(device, own).items()):
        entries = dict.fromkeys(entity.entry_id for entity in members)
        whole = [entity for entry in entries for entity in by_entry[entry]]
        roles = {
            name: _find_role(alternatives, members, whole) for name, alternatives in device.roles.items()
        }
        if all(roles[name].match is not Match.MISSING for name in device.needs):
            yield DeviceProposal(
                key=f"{profile.id}:{place}:{device.kind}", profile=profile, device=device, roles=roles
            )


def _groups(device: DeviceProfile, entities: Iterable[RegistryEntity]) -> Mapping[str, list[RegistryEntity]]:
    groups: dict[str, list[RegistryEntity]] = {}
    for entity in entities:
        place = _place(device, entity)
        if place is not None:
            groups.setdefault(place, []).append(entity)
    return groups


def _place(device: DeviceProfile, entity: RegistryEntity) -> str | None:
    """Return what the entities of one device have in common; None: the entity belongs to no device."""
    match device.scope:
        case Scope.ENTRY:
            return entity.entry_id
        case Scope.DEVICE:
            return entity.device_id
        case Scope.PLATFORM:
            return Scope.PLATFORM
    found = None if device.group is None else device.group.search(entity.unique_id)
    return None if found is None or found[1] is None else f"{entity.entry_id}:{found[1]}"


def _find_role(
    alternatives: Iterable[Alternative],
    members: Sequence[RegistryEntity],
    whole: Sequence[RegistryEntity],
) -> RoleProposal:
    """Return the first alternative that can be used now, else the first that could be once it is enabled."""
    later = RoleProposal(match=Match.MISSING)
    for alternative in alternatives:
        proposal = _try(alternative, whole if alternative.in_entry else members)
        if proposal.match in {Match.FOUND, Match.AMBIGUOUS}:
            return proposal
        if later.match is Match.MISSING:
            later = proposal
    return later


def _try(alternative: Alternative, entities: Sequence[RegistryEntity]) -> RoleProposal:
    plus = _hits(alternative.plus, alternative, entities)
    minus = () if alternative.minus is None else _hits(alternative.minus, alternative, entities)
    sides = [plus] if alternative.minus is None else [plus, minus]
    if not all(sides):
        return RoleProposal(match=Match.MISSING)
    is_disabled = any(entity.is_disabled for side in sides for entity in side)
    if is_disabled and not alternative.offers_enabling:
        return RoleProposal(match=Match.MISSING)
    match = Match.DISABLED if is_disabled else Match.FOUND
    if not alternative.is_sum and any(len(side) > 1 for side in sides):
        match = Match.AMBIGUOUS
    return RoleProposal(match=match, alternative=alternative, plus=plus, minus=minus)


def _hits(
    selector: Selector, alternative: Alternative, entities: Sequence[RegistryEntity]
) -> tuple[RegistryEntity, ...]:
    """Return what a selector finds: of a sum all, else the enabled ones, or all when none is enabled."""
    hits = tuple(
        entity
        for entity in entities
        if _fits(selector, entity) and _holds(alternative.only_if, entity, entities)
    )
    enabled = tuple(entity for entity in hits if not entity.is_disabled)
    return hits if alternative.is_sum or not enabled else enabled


def _fits(selector: Selector, entity: RegistryEntity) -> bool:
    return (
        entity.domain == selector.domain
        and (not selector.translation_keys or entity.translation_key in selector.translation_keys)
        and (selector.device_class is None or entity.device_class == selector.device_class)
        and (selector.find is None or selector.find.search(entity.unique_id) is not None)
        and (selector.reject is None or selector.reject.search(entity.unique_id) is None)
        and (selector.model is None or selector.model.search(entity.model or "") is not None)
    )


def _holds(only_if: OnlyIf | None, entity: RegistryEntity, entities: Iterable[RegistryEntity]) -> bool:
    """Return whether the condition holds on the entity's own device; what is not known does not hold."""
    return only_if is None or any(
        other.device_id == entity.device_id
        and other.state in only_if.states
        and only_if.find.search(other.unique_id) is not None
        for other in entities
    )


def _entries(proposal: DeviceProposal) -> frozenset[str | None]:
    return frozenset(
        entity.entry_id for role in proposal.roles.values() for entity in (*role.plus, *role.minus)
    )
