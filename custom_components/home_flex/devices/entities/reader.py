"""The values of a device's roles, as old as they are: how fresh a state is, is a fact of its integration."""

from collections.abc import Callable, Mapping
from typing import Final

from .binding import Constant, EntitySource, Source
from .port import EntityPort
from .profile import Fresh, FreshBy
from .roles import Measure
from .values import Lack, NoValue, Value, read

POWER: Final = "power"
# A poll may be missed, two in a row are a loss.
LOST_AFTER_POLLS = 2.5
# What moves slowly beside the power is read more seldom by many integrations.
_SLOWER_S = 300.0
# What is a property of the device is as good as new for as long as its entity is available.
_LASTING: Final = frozenset(
    {
        "capacity",
        "rated_power",
        "max_charge_power",
        "max_discharge_power",
        "min_current",
        "max_current",
        "min_temperature",
        "max_temperature",
    }
)


class RoleReader:
    """Reads roles from their sources.

    ``heard`` must be called with the id of each entity that was written, changed or not. Of the power, where
    silence means a loss, only what was reported since ``started`` counts: what is found at first may be of
    any age.
    """

    def __init__(
        self,
        roles: Mapping[str, Source],
        measures: Mapping[str, Measure],
        fresh: Fresh,
        port: EntityPort,
        monotonic_s: Callable[[], float],
    ) -> None:
        """Take the sources; roles without a measure are those that only control uses."""
        self._roles = roles
        self._measures = measures
        self._fresh = fresh
        self._port = port
        self._monotonic_s = monotonic_s
        self._heard_s: dict[str, float] = {}
        self._started_s = monotonic_s()

    @property
    def entities(self) -> frozenset[str]:
        """All entities of the device."""
        sources = [source for source in self._roles.values() if isinstance(source, EntitySource)]
        return frozenset(entity for source in sources for entity in source.entities)

    def heard(self, entity: str) -> None:
        """Take note that an entity was written."""
        self._heard_s[entity] = self._monotonic_s()

    def source(self, role: str) -> Source | None:
        """Return where a role's value comes from, None where nobody chose anything."""
        return self._roles.get(role)

    def fresh(self, role: str) -> Fresh:
        """Return how fresh a role's states are."""
        source = self._roles.get(role)
        return (source.fresh if isinstance(source, EntitySource) else None) or self._fresh

    def value(self, role: str) -> Value | NoValue:
        """Return a role's value in our unit and sign, or why there is none."""
        source = self._roles.get(role)
        if source is None:
            return NoValue(lack=Lack.NOT_CHOSEN, found=f"nothing was chosen for {role}")
        if isinstance(source, Constant):
            return source.value
        is_plain = len(source.entities) == 1 and source.sign == 1
        value = self._read(source.plus[0], role, source) if is_plain else self._sum(role, source)
        return value if isinstance(value, NoValue) else self._silence(role, source) or value

    def values(self) -> dict[str, Value | NoValue]:
        """Return the values of all roles that somebody chose."""
        return {role: self.value(role) for role in self._roles}

    def _read(self, entity: str, role: str, source: EntitySource) -> Value | NoValue:
        return read(
            self._port.look(entity),
            self._measures.get(role),
            attribute=source.attribute,
            unit=source.unit,
            words=source.words,
        )

    def _sum(self, role: str, source: EntitySource) -> float | NoValue:
        total = 0.0
        signed = [(entity, 1) for entity in source.plus] + [(entity, -1) for entity in source.minus]
        for entity, sign in signed:
            value = self._read(entity, role, source)
            if isinstance(value, NoValue):
                return value
            if isinstance(value, str | bool):
                return NoValue(lack=Lack.NO_VALUE, found=f"{value!r} cannot be added")
            total += sign * value
        return source.sign * total

    def _silence(self, role: str, source: EntitySource) -> NoValue | None:
        """Return that an entity whose integration reports each poll has not been heard of for too long."""
        fresh = self.fresh(role)
        if fresh.by is not FreshBy.REPORTED or fresh.interval_s is None or role in _LASTING:
            return None
        lost_s = LOST_AFTER_POLLS * fresh.interval_s
        if role != POWER and source.fresh is None:
            lost_s = max(lost_s, _SLOWER_S)
        first_s = None if role == POWER else self._started_s
        for entity in source.entities:
            heard_s = self._heard_s.get(entity, first_s)
            if heard_s is None or self._monotonic_s() - heard_s > lost_s:
                shown = self._port.look(entity).entity_id
                return NoValue(lack=Lack.SILENT, found=f"{shown} has not been reported for {lost_s:g} s")
        return None
