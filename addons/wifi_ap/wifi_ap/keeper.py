"""Keeps the access point as it should be, and says how it is."""

import logging
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from home_common.files import read_json, write_json

from .alive import ALIVE_FILE
from .decision import State, Status, Window, decide
from .network_manager import NetworkManager, NetworkManagerError
from .profile import access_point

# NetworkManager says yes before the radio does; looks in a row in which it did not.
_MOST_ATTEMPTS = 3

STATUS_FILE = "status.json"

_LOGGER = logging.getLogger(__name__)


class Keeper:
    """One look after the other; the status is written when it changes, to spare the memory card."""

    def __init__(
        self,
        *,
        name: str,
        password: str,
        bus_address: str,
        window: Callable[[], Window],
        told: Path,
        run: Path,
    ) -> None:
        """Prepare; nothing is opened before the first look. The status goes into the folder ``told``."""
        self._name = name
        self._password = password
        self._bus_address = bus_address
        self._window = window
        self._told = told
        self._run = run
        self._link: NetworkManager | None = None
        self._shown: Status | None = None
        self._attempts = 0

    async def look(self) -> None:
        """Compare what is with what should be, and change what differs. Never raises for NetworkManager."""
        window = self._window()
        try:
            if window.is_wanted or self._link is not None:
                status = await self._apply(window)
            else:
                status = decide((), (), window)
        except NetworkManagerError as error:
            self.close()
            status = Status(state=State.DISABLED, reason=str(error))
        self._show(status)
        (self._run / ALIVE_FILE).touch()

    def end(self) -> None:
        """End the link, and the access point with it, and say so."""
        self.close()
        self._show(Status(state=State.OFF, reason="the service has stopped"))

    def close(self) -> None:
        """End the link, and the access point with it."""
        if self._link is not None:
            self._link.close()
            self._link = None

    async def _apply(self, window: Window) -> Status:
        if self._link is None:
            self._link = await NetworkManager.connect(self._bus_address)
        found = await self._link.surroundings()
        status = decide(found.radios, found.uplinks, window)
        for interface, active in found.access_points.items():
            if interface != status.interface:
                await self._link.lower(active)
        if status.interface is None or status.interface in found.access_points:
            self._attempts = 0
            return status
        profile = access_point(interface=status.interface, name=self._name, password=self._password)
        await self._link.raise_access_point(status.interface, profile)
        self._attempts += 1
        if self._attempts > _MOST_ATTEMPTS:
            return Status(state=State.DISABLED, reason="the radio says it can be an access point, and fails")
        return status

    def _show(self, status: Status) -> None:
        if status == self._shown:
            return
        self._shown = status
        where = f" as {self._name} on {status.interface}" if status.interface else ""
        _LOGGER.warning("access point %s%s: %s", status.state, where, status.reason)
        tell(self._told, status, name=self._name)


def tell(folder: Path, status: Status, *, name: str | None = None) -> None:
    """Write how it is for others to read, unless that stands there already: it lies on the memory card.

    A full card keeps the older word, and the access point goes on.
    """
    document = {**asdict(status), "name": name}
    if read_json(folder / STATUS_FILE) != document:
        try:
            write_json(folder / STATUS_FILE, document, durable=False)
        except OSError as error:
            _LOGGER.warning("the status cannot be written: %s", error)
