"""Whether entities show what was written to them, and still do later."""

from dataclasses import dataclass, field

from .calls import Shown
from .port import EntityPort
from .values import UNKNOWN, is_available

# Some entities show the old value for a moment after the new one.
_DIFFERS_S = 3.0


@dataclass(kw_only=True)
class Proof:
    """What is to be seen of a write until ``due_s``; ``is_met`` once it has been.

    What was away and comes back with something else has begun anew: then the order is lost, and nobody else
    has set it.
    """

    shows: tuple[Shown, ...]
    due_s: float
    is_met: bool = False
    _differs_since_s: float | None = field(default=None, init=False)
    _was_away: bool = field(default=False, init=False)

    def look(self, port: EntityPort, now_s: float) -> None:
        """Take what the entities show now. One that is not available says nothing."""
        if not self.is_met:
            self.is_met = all(shown.is_met(port.look(shown.entity)) for shown in self.shows)
            return
        entities = [port.look(shown.entity) for shown in self.shows]
        if not all(map(is_available, entities)):
            self._was_away, self._differs_since_s = True, None
            return
        # Who comes back may not know yet what it shows.
        self._was_away |= any(
            entity.state is not None and entity.state.text == UNKNOWN for entity in entities
        )
        if self.foreign(port) is None:
            self._was_away, self._differs_since_s = False, None
        elif self._differs_since_s is None:
            self._differs_since_s = now_s

    def is_missed(self, now_s: float) -> bool:
        """Return whether its time is over and nothing was seen."""
        return not self.is_met and now_s >= self.due_s

    def is_overridden(self, now_s: float) -> bool:
        """Return whether it was seen, and for a while now something else is shown that somebody set."""
        return self._differs(now_s) and not self._was_away

    def is_lost(self, now_s: float) -> bool:
        """Return whether it was seen, and is not any more since the device was away."""
        return self._differs(now_s) and self._was_away

    def _differs(self, now_s: float) -> bool:
        return self._differs_since_s is not None and now_s - self._differs_since_s >= _DIFFERS_S

    def foreign(self, port: EntityPort) -> str | None:
        """Return in words which entity shows something else, and who made it, as far as that is known."""
        for shown in self.shows:
            entity = port.look(shown.entity)
            if entity.state is not None and is_available(entity) and not shown.is_met(entity):
                by = f" by {entity.state.changed_by}" if entity.state.changed_by else ""
                return f"{entity.entity_id} was set to {entity.state.text}{by}, and not to {shown.value}"
        return None
