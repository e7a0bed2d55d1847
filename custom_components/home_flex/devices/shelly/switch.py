"""A load behind a Shelly's relay: switched, and switched back by the Shelly's own timer."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from ...core.kinds.switched_load import SwitchedLoadReading
from ...core.model import DeviceIdentity, Quantity
from ..asking import ask_for_ever
from ..driver import DeviceError, Publish
from ..kept import KeptDocument
from .api import ShellyApi
from .status import Switched, switched

EVERY_S = 2.0
_VERSION = 1
# Who switches it against our order has it for so long.
_LEFT_ALONE_S = 600.0
# Waiting longer would hold up the end of Home Assistant.
_LET_GO_S = 4.0
OVERRIDDEN: Final = "overridden"


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """What it was told, and what it was before.

    ``is_shown``: it has shown that it took it. ``has_timer``: it shows that it switches back by itself.
    """

    was: bool
    told: bool
    is_shown: bool = False
    has_timer: bool = False

    @property
    def ends_by_timer(self) -> bool:
        """Whether nobody needs to be there for it to be as before."""
        return self.has_timer or self.told is self.was


class ShellySwitch:
    """Reads and switches one relay. Only what was written here is ever taken back."""

    quantities = frozenset({Quantity.SWITCH})

    def __init__(
        self,
        api: ShellyApi,
        *,
        clock: Callable[[], datetime],
        monotonic_s: Callable[[], float],
        kept: KeptDocument,
        channel: int,
        rated_power_w: float,
        every_s: float = EVERY_S,
    ) -> None:
        """Take whom to ask, and what hangs on the relay; ``clock`` gives the aware UTC time of a reading."""
        self.identity: DeviceIdentity | None = None
        self._api = api
        self._clock = clock
        self._monotonic_s = monotonic_s
        self._kept = kept
        self._channel = channel
        self._rated_power_w = rated_power_w
        self._every_s = every_s
        self._held: Held | None = None
        self._is_loaded = False
        self._left_alone_until_s: float | None = None
        self._soon = asyncio.Event()
        self._turn = asyncio.Lock()

    @property
    def troubles(self) -> frozenset[str]:
        """Whether somebody else switched it against our order, lately."""
        return frozenset({OVERRIDDEN}) if self._is_left_alone() else frozenset()

    async def run(self, publish: Publish) -> None:
        """Ask until cancelled, as ``devices.driver.Driver`` says; what no timer ends is then given back."""
        try:
            await ask_for_ever(self.read, publish, every_s=self._every_s, soon=self._soon)
        finally:
            if self._held is not None and not self._held.ends_by_timer:
                with suppress(DeviceError, TimeoutError):
                    async with asyncio.timeout(_LET_GO_S):
                        await self.set_value(Quantity.SWITCH, None, expires_in_s=0.0)

    async def read(self) -> SwitchedLoadReading:
        """Ask once. Raises DeviceError as ``ShellyHttp.ask``, ``no_switch``."""
        async with self._turn:
            found = await self._look()
            self._watch(found)
        power_w = found.power_w
        if power_w is None:
            power_w = self._rated_power_w if found.is_on else 0.0
        return SwitchedLoadReading(
            time=self._clock(),
            power_w=power_w,
            is_on=found.is_on,
            rated_power_w=self._rated_power_w,
            switched=self._held.told if self._held is not None and self._held.is_shown else None,
            energy_wh=found.energy_wh,
        )

    async def set_value(self, quantity: Quantity, value: float | None, *, expires_in_s: float) -> None:
        """Switch, with the Shelly's timer to switch back; None switches back to what was before.

        Raises DeviceError as ``ShellyHttp.ask``, ``no_switch``, ``not_supported``, ``overridden`` (somebody
        switched it against our order within ten minutes), ``write_ignored`` (it does not show what it was
        told), ``not_released`` (nor that it was switched back).
        """
        if quantity is not Quantity.SWITCH:
            raise DeviceError("not_supported", f"a relay takes no {quantity}")
        async with self._turn:
            found = await self._look()
            self._watch(found)
            if value is None:
                await self._give_back(found)
            else:
                await self._order(found, is_on=value > 0.5, expires_in_s=expires_in_s)
        self._soon.set()

    async def _order(self, found: Switched, *, is_on: bool, expires_in_s: float) -> None:
        if self._is_left_alone():
            raise DeviceError(OVERRIDDEN, "somebody switched it against our order")
        held = self._held or Held(was=found.is_on, told=is_on)
        had_timer = held.has_timer
        # What was before is kept before anything is written: nobody else knows it after a crash.
        held = replace(held, told=is_on, is_shown=False, has_timer=False)
        self._note(held)
        back_after_s = expires_in_s if is_on is not held.was else None
        if found.is_on is not is_on or back_after_s is not None:
            await self._api.switch(self._channel, is_on=is_on, back_after_s=back_after_s)
            found = await self._look()
        if found.is_on is not is_on:
            raise DeviceError("write_ignored", f"it was switched {is_on} and shows {found.is_on}")
        is_our_timer = found.has_timer and (had_timer or back_after_s is not None)
        self._note(replace(held, is_shown=True, has_timer=is_our_timer))

    async def _give_back(self, found: Switched) -> None:
        held = self._held
        if held is None:
            return
        # A timer that is not ours is left to whoever set it.
        if found.is_on is not held.was or (held.has_timer and found.has_timer):
            await self._api.switch(self._channel, is_on=held.was, back_after_s=None)
            found = await self._look()
        if found.is_on is not held.was:
            raise DeviceError("not_released", f"it was switched back to {held.was} and shows {found.is_on}")
        self._note(None)

    async def _look(self) -> Switched:
        about = await self._api.about()
        self.identity = replace(about, serial_number=f"{about.serial_number}-{self._channel}")
        found = switched(await self._api.status(), self._channel)
        if found is None:
            raise DeviceError("no_switch", f"{about.model} has no switch {self._channel}")
        if not self._is_loaded:
            # What is not as a former life told it was ended by the timer, or by somebody.
            kept, self._is_loaded = _decoded(await self._kept.load()), True
            self._held = kept if kept is not None and kept.told is found.is_on else None
        return found

    def _watch(self, found: Switched) -> None:
        """Take note that it is no more as it was told: its timer ended the order, or somebody else did."""
        if self._held is None or not self._held.is_shown or found.is_on is self._held.told:
            return
        if not found.by_timer:
            self._left_alone_until_s = self._monotonic_s() + _LEFT_ALONE_S
        self._note(None)

    def _is_left_alone(self) -> bool:
        until_s = self._left_alone_until_s
        return until_s is not None and self._monotonic_s() < until_s

    def _note(self, held: Held | None) -> None:
        if held != self._held:
            self._held = held
            order = {} if held is None else {"was": held.was, "told": held.told}
            self._kept.put({"version": _VERSION, **order})


def _decoded(document: object) -> Held | None:
    """Return the order that a former life kept, None for none, and for what makes no sense."""
    match document:
        case {"was": bool(was), "told": bool(told)}:
            return Held(was=was, told=told, is_shown=True)
    return None
