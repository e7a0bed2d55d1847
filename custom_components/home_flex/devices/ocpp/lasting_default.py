"""Has a charger keep the current it falls back to when nobody tells it anything, and reads it back."""

import logging
from typing import Any, Final

from . import fields
from .charging_profiles import Place
from .session import CallRefusedError, Payload, Session
from .settings import ChargerSettings, Patience
from .shapes import Abilities, default_shapes

_LOGGER = logging.getLogger(__name__)

# Longer than our limits last: what the schedule ends with is what is left when we are gone.
_LOOK_AHEAD_S: Final = 24 * 3600
_SAME_A: Final = 0.1
_TRIES: Final = 4


class LastingDefault:
    """The lasting default of one charger; ``kept`` is what it said of it when it was read back."""

    def __init__(self, settings: ChargerSettings, patience: Patience) -> None:
        """Want none yet."""
        self._settings = settings
        self._patience = patience
        self._wanted_a: float | None = None
        self._is_due = False
        self.kept: bool | None = None

    @property
    def narrows_to_a(self) -> float | None:
        """The default in A where it is less than the charger may draw; None where it takes nothing away."""
        wanted_a = self._wanted_a
        return None if wanted_a is None or wanted_a >= self._settings.max_current_a else wanted_a

    @property
    def is_due(self) -> bool:
        """Whether the charger has to be told."""
        return self._is_due

    def want(self, current_a: float) -> None:
        """Want another default; the same is told once for each connection."""
        if current_a != self._wanted_a:
            self._wanted_a = current_a
            self.connected()

    def connected(self) -> None:
        """Take note of a new connection: nobody knows what the charger kept over a restart of its own."""
        self._is_due = self._wanted_a is not None
        self.kept = None

    async def write(self, session: Session, place: Place, abilities: Abilities) -> None:
        """Tell the default and read it back. Raises DeviceError when the link is lost or silent."""
        self._is_due = False
        current_a = self.narrows_to_a
        if current_a is None:
            await _answer(session, session.dialect.clear_default(place.connector_id), self._patience)
            self.kept = True
            return
        self.kept = await self._is_kept(session, place, abilities, current_a)
        if self.kept is False:
            _LOGGER.warning("Charger %s does not keep a lasting default", self._settings.identity)

    async def _is_kept(
        self, session: Session, place: Place, abilities: Abilities, current_a: float
    ) -> bool | None:
        if place.highest_level < 1:
            # There is one place only, which the limits we renew need.
            return False
        for shape in default_shapes(abilities)[:_TRIES]:
            message = session.dialect.set_default(shape, place, current_a)
            if (await _answer(session, message, self._patience)).get("status") == "Accepted":
                break
        else:
            return False
        ends_with_a = await self._read_back(session, place.connector_id)
        if ends_with_a is None:
            return None
        return abs(ends_with_a - current_a) < _SAME_A

    async def _read_back(self, session: Session, connector_id: int) -> float | None:
        """Return the current that the charger's schedule ends with; None when it does not tell that.

        GetCompositeSchedule (OCPP 1.6 section 5.7). A schedule of one period may be one that ends.
        """
        message = session.dialect.composite_schedule(connector_id, _LOOK_AHEAD_S)
        answer = await _answer(session, message, self._patience)
        schedule: Any = answer.get("chargingSchedule", answer.get("schedule"))
        periods = schedule.get("chargingSchedulePeriod") if isinstance(schedule, dict) else None
        if not isinstance(periods, list) or not periods or not isinstance(periods[-1], dict):
            return None
        limit_a = fields.number(periods[-1].get("limit"))
        is_only_ours = len(periods) == 1 and limit_a != self.narrows_to_a
        return None if is_only_ours else limit_a


async def _answer(session: Session, message: object, patience: Patience) -> Payload:
    """Call the charger; a CALLERROR is an empty answer."""
    try:
        return await session.call(message, timeout_s=patience.limit_s)
    except CallRefusedError:
        return {}
