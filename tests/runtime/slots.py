"""The slot of a device that runs by itself in a test: nothing is read from it and nobody hears of it."""

from typing import Any

from custom_components.home_flex.core.model import DeviceIdentity, DeviceKind
from custom_components.home_flex.devices.driver import Publish
from custom_components.home_flex.runtime.device_slot import DeviceSlot
from tests.core.control.house import SITE

from .service_home import Clock


class Silent:
    """A driver whose device says nothing."""

    identity: DeviceIdentity | None = None

    async def run(self, publish: Publish) -> None:
        """Say nothing."""


def quiet_slot(
    kind: DeviceKind, driver: Any = None, *, device_id: str = "it", wired_phases: tuple[int, ...] = ()
) -> DeviceSlot:
    """Return a slot that tells nobody; without a driver that of a device that says nothing."""
    clock = Clock()
    return DeviceSlot(
        device_id=device_id,
        name=device_id,
        kind=kind,
        wired_phases=wired_phases,
        site=SITE,
        driver=driver or Silent(),
        clock=clock,
        monotonic_s=clock.monotonic_s,
        on_reading=lambda _: None,
        on_ledger=lambda _: None,
    )
