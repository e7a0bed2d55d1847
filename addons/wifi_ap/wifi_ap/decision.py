"""Whether the access point is on, on which radio, and why not."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, kw_only=True, slots=True)
class Radio:
    """A WiFi device of the gateway."""

    interface: str
    can_be_access_point: bool
    # It is joined to a network, or about to be.
    is_client: bool
    # A stored connection would join it to a network by itself.
    is_wanted_as_client: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """The time in which the access point may be on; ``remaining_s`` is 0 when it is over."""

    is_wanted: bool
    remaining_s: float


class State(StrEnum):
    """What the householder is shown."""

    ON = "on"
    OFF = "off"
    # Wanted, and not possible.
    DISABLED = "disabled"


@dataclass(frozen=True, kw_only=True, slots=True)
class Status:
    """The access point as it should be; ``interface`` is the radio's, None while it is not on."""

    state: State
    reason: str
    interface: str | None = None


def decide(radios: Collection[Radio], uplinks: Collection[str], window: Window) -> Status:
    """Return what the access point should be.

    ``uplinks`` are the interfaces by which the home reaches the internet now. One radio cannot be an access
    point and a client at a time under NetworkManager, and the home's own line goes first: a radio that is a
    client, or that alone would bring the home back on line, is never taken.
    """
    if not window.is_wanted:
        return Status(state=State.OFF, reason="not wanted")
    if window.remaining_s <= 0:
        return Status(
            state=State.OFF, reason="the time for commissioning is over; it opens again at power-on"
        )
    able = [radio for radio in radios if radio.can_be_access_point]
    free = [radio for radio in able if not radio.is_client]
    spare = [radio for radio in free if not radio.is_wanted_as_client or set(uplinks) - {radio.interface}]
    if spare:
        chosen = min(spare, key=lambda radio: (radio.is_wanted_as_client, radio.interface))
        return Status(state=State.ON, reason="commissioning", interface=chosen.interface)
    if free:
        return _disabled("the radio is kept for the home's own WiFi: connect a network cable")
    if able:
        return _disabled("the radio connects this home: connect a network cable or add a second radio")
    if radios:
        return _disabled("no radio of this gateway can be an access point")
    return _disabled("this gateway has no radio")


def _disabled(reason: str) -> Status:
    return Status(state=State.DISABLED, reason=reason)
