"""The charger and its sockets as the answers to its calls see them, whichever version it speaks."""

from collections.abc import Mapping
from typing import Protocol

from ...core.model import ChargerStatus, DeviceIdentity
from .connector import Connector
from .session import Handler, Payload
from .settings import ChargerSettings


class Answers(Protocol):
    """Answers a charger's calls."""

    @property
    def handlers(self) -> Mapping[str, Handler]:
        """The handler of each action."""
        ...


class Socket(Protocol):
    """One connector as the requests see it; ``news`` has its reading published, ``began`` its limit told."""

    settings: ChargerSettings
    connector: Connector

    def news(self) -> None:
        """Publish what is known now."""

    def began(self) -> None:
        """Note that a transaction began."""

    def ended(self) -> None:
        """Note that its transaction ended."""

    def sampled(self) -> None:
        """Note that it was measured."""


class Station(Protocol):
    """The charger as the requests see it; ``fault`` is what it says is wrong with it as a whole."""

    fault: str | None

    @property
    def sockets(self) -> Mapping[int, Socket]:
        """Its connectors that are used, by their number."""
        ...

    def socket(self, connector_id: int) -> Socket | None:
        """Return who takes what is told of a connector; 0 is the whole charger."""
        ...

    def booted(self, identity: DeviceIdentity) -> None:
        """Note who it is, and that it started."""

    def told(self, action: str, payload: Payload) -> None:
        """Pass on what only people can make use of."""


def passed_on(station: Station, action: str, answer: object) -> Handler:
    """Return the handler of a call that is only told on, and always answered the same."""

    def handle(payload: Payload) -> object:
        station.told(action, payload)
        return answer

    return handle


def note_heartbeat(station: Station) -> None:
    """Take an idle charger's reading for as new as its heartbeat: it may say nothing else for hours."""
    for socket in station.sockets.values():
        if socket.connector.status is not ChargerStatus.CHARGING:
            socket.news()
