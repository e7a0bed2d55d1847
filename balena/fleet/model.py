"""What the tool knows of a device in balena."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final, Self

from home_common.plain_text import plain

from .rings import Health

# Device tags. ``ven_id``, ``ring`` and ``hold`` are the operator's; the agent of the home writes the
# others.
TAG_VEN_ID: Final = "ven_id"
TAG_RING: Final = "ring"
TAG_HOLD: Final = "hold"
TAG_HEARTBEAT: Final = "heartbeat_at"
TAG_HEALTH: Final = "health"
TAG_ACCESS_POINT: Final = "access_point"
HEALTHY: Final = "ok"
_LONGEST_COMPLAINT: Final = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Device:
    """A device and its tags; releases are balena's numbers, None where there is none.

    ``pretends`` is the home that it calls itself and is not.
    """

    id: int
    uuid: str
    name: str
    device_type: str
    is_online: bool
    running_release: int | None
    pinned_release: int | None
    target_release: int | None
    tags: Mapping[str, str]
    pretends: str = ""

    @property
    def ven_id(self) -> str:
        """The home's venID: the tag, else the device's UUID. Believe it of what ``identified`` returned."""
        return self.tags.get(TAG_VEN_ID) or self.uuid

    def identified(self, home: str | None, enrolled: Collection[str]) -> Self:
        """Return the device as ``home``, which was enrolled on it; None: no home was.

        A gateway may write its own tags: one that calls itself a home ``enrolled`` on another device is none.
        """
        claims = self.tags.get(TAG_VEN_ID)
        home = home or (None if claims in enrolled else claims)
        if home == claims:
            return self
        return replace(self, tags={**self.tags, TAG_VEN_ID: home or ""}, pretends=claims or "")

    @property
    def is_held(self) -> bool:
        """Whether the operator keeps the device out of rollouts."""
        return self.tags.get(TAG_HOLD, "").lower() in {"true", "on", "1", "yes"}

    @property
    def complaint(self) -> str:
        """What the home says is wrong, in its own words, cut to a line; empty when nothing is."""
        said = self.tags.get(TAG_HEALTH, "")
        return "" if said == HEALTHY else _line(said)

    @property
    def access_point(self) -> str:
        """How the gateway's access point is, and why: ``disabled: …`` when it is wanted and not possible."""
        return _line(self.tags.get(TAG_ACCESS_POINT, "unknown"))

    def heartbeat_at(self) -> datetime | None:
        """Return when the home last said how it is, None when it never did."""
        try:
            time = datetime.fromisoformat(self.tags.get(TAG_HEARTBEAT, ""))
        except ValueError:
            return None
        return time if time.tzinfo else time.replace(tzinfo=UTC)

    def health(self, now: datetime, *, silent_after: timedelta) -> Health:
        """Return what the heartbeat says; one older than ``silent_after`` says nothing.

        The time is of the home's own clock: one so far ahead would say that it is well for years to come.
        """
        beat = self.heartbeat_at()
        if beat is None or abs(now - beat) > silent_after:
            return Health.SILENT
        return Health.HEALTHY if self.tags.get(TAG_HEALTH) == HEALTHY else Health.UNHEALTHY


def _line(said: str) -> str:
    return " ".join(plain(said).split())[:_LONGEST_COMPLAINT]
