"""From what was found or chosen for a device to the sources of its roles, and what cannot be right of it."""

from collections.abc import Iterable, Mapping
from typing import Final

from ...core.model import DeviceKind
from .binding import EntitySource, Source
from .finding import DeviceProposal, Match, RoleProposal
from .port import EntityPort
from .profile import Fresh, FreshBy
from .reader import POWER, RoleReader
from .readings import REQUIRED, SWITCH
from .roles import MEASURED_ROLES
from .values import Lack, NoValue, Value

# Above these the power is in another unit, or of another device, and not only high.
_OF_RATING: Final = 1.5
_OF_FUSE: Final = 1.3
_RATINGS: Final = ("rated_power", "max_charge_power", "max_discharge_power")

IMPLAUSIBLE: Final = "power_implausible"
NO_ENTITY: Final = "entities_missing"


def roles_of(proposal: DeviceProposal, *, with_disabled: bool) -> dict[str, Source]:
    """Return the sources of the roles that were found; ambiguous ones are not among them.

    ``with_disabled``: with those whose entities are about to be enabled.
    """
    wanted = {Match.FOUND, Match.DISABLED} if with_disabled else {Match.FOUND}
    return {
        role: _source(found, (entity.id for entity in found.plus))
        for role, found in proposal.roles.items()
        if found.match in wanted
    }


def chosen(found: RoleProposal, entity: str) -> EntitySource:
    """Return the source of an ambiguous role for which a person chose one of the candidates."""
    return _source(found, [entity])


def missing(kind: DeviceKind, roles: Mapping[str, Source]) -> tuple[str, ...]:
    """Return the roles that a person must still choose or enter."""
    rated = {"max_charge_power", "max_discharge_power"} if "rated_power" in roles else set()
    return tuple(role for role in REQUIRED[kind] if role not in roles and role not in rated)


def wrong_with(
    kind: DeviceKind, roles: Mapping[str, Source], port: EntityPort, *, fuse_w: float
) -> dict[str, str]:
    """Return what cannot be right of a device, by role, as slugs; empty when it can be kept.

    ``fuse_w`` is the power that the home's main fuse lets through. What is needed must be there now; of the
    rest only what is in a unit that cannot be converted is wrong.
    """
    fresh = Fresh(by=FreshBy.CHANGES)
    reader = RoleReader(roles, MEASURED_ROLES[kind], fresh, port, lambda: 0.0)
    values = reader.values()
    wrong = {
        role: value.lack.value
        for role, value in values.items()
        if isinstance(value, NoValue) and (role in REQUIRED[kind] or value.lack is Lack.WRONG_UNIT)
    }
    wrong |= dict.fromkeys(missing(kind, roles), Lack.NOT_CHOSEN.value)
    if POWER not in roles and SWITCH not in roles:
        return {**wrong, POWER: NO_ENTITY}
    if _is_implausible(values, fuse_w):
        return {**wrong, POWER: IMPLAUSIBLE}
    return wrong


def _is_implausible(values: Mapping[str, Value | NoValue], fuse_w: float) -> bool:
    """Return whether the power is more than the device, or the home, can be true of: 136 W read as 136 kW."""
    power_w = values.get(POWER)
    if not isinstance(power_w, float):
        return False
    ratings_w = [abs(value) for role in _RATINGS if isinstance(value := values.get(role), float)]
    most_w = min([_OF_FUSE * fuse_w, *([_OF_RATING * max(ratings_w)] if ratings_w else [])])
    return abs(power_w) > most_w


def _source(found: RoleProposal, plus: Iterable[str]) -> EntitySource:
    alternative = found.alternative
    ids = tuple(plus)
    minus = tuple(entity.id for entity in found.minus)
    if alternative is None:
        return EntitySource(plus=ids, minus=minus)
    return EntitySource(
        plus=ids,
        minus=minus,
        sign=alternative.sign,
        attribute=alternative.attribute,
        words=alternative.words,
        unit=alternative.unit,
        fresh=alternative.fresh,
    )
