"""What every command is given."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from rich.console import Console

from .balena import BalenaFleet
from .centre import CentreClient
from .configuration import Configuration
from .folder import OperatorFolder
from .model import Device


class CommandError(Exception):
    """A command cannot do what it was asked; the message is for the operator."""


@dataclass(frozen=True, kw_only=True)
class Context:
    """The operator's side, the centre, the fleet in balena, and the time."""

    folder: OperatorFolder
    configuration: Configuration
    fleet: BalenaFleet
    centre: CentreClient
    console: Console
    clock: Callable[[], datetime]
    dry_run: bool

    def say(self, text: str) -> None:
        """Tell the operator, plainly."""
        self.console.print(text, markup=False, highlight=False, soft_wrap=True)

    async def devices(self, ven_ids: list[str] | None = None) -> list[Device]:
        """Return the fleet's devices, or those of the named homes in the same order. Raises CommandError.

        Whose a device is says the operator's folder; its tag counts only where the folder knows neither.
        """
        enrolled = self.folder.devices_by_home()
        homes = {uuid: ven_id for ven_id, uuid in enrolled.items() if uuid}
        devices = [
            device.identified(homes.get(device.uuid), enrolled) for device in await self.fleet.devices()
        ]
        if ven_ids is None:
            return devices
        by_ven_id = {device.ven_id: device for device in devices}
        if missing := [ven_id for ven_id in ven_ids if ven_id not in by_ven_id]:
            raise CommandError(f"no device in the fleet for: {', '.join(missing)}")
        return [by_ven_id[ven_id] for ven_id in ven_ids]
