"""One order after another for a device of entities: given, proven, renewed, and taken back.

An order: every target is looked at, what was there before is kept, the recipe's actions are called in their
order up to the first that fails, and within a stated time the entities show what was written. What fails is
taken back, and told by the next order as a DeviceError: ``entity_…``, ``action_missing``,
``option_missing``, ``out_of_range``, ``write_refused``, ``timeout``, ``write_ignored``, ``not_released``,
``overridden``.
"""

import asyncio
import logging
import math
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from ...core.model import DeviceKind
from ..driver import DeviceError
from .acting import Actor
from .calls import Shown
from .hold import Holding
from .orders import Order, lasts_s, order_of, rewritten_after_s
from .port import EntityPort
from .proof import Proof
from .recipe import Control, EndsBy, Operation

_LOGGER = logging.getLogger(__name__)

# Whoever sets a setpoint waits no longer for its proof; what comes later is told with the next order.
PROVEN_AT_ONCE_S: Final = 5.0
# What a former life left is given back once control has had time to take it up again.
GIVEN_BACK_AFTER_S: Final = 15.0
RELEASED_AGAIN_S: Final = 30.0
# Who sets a device against our order has it for so long.
LEFT_ALONE_S: Final = 600.0
LET_GO_WITHIN_S: Final = 7.0
# What only somebody at the device can settle, where it lasts.
TROUBLES: Final = frozenset({"not_released", "overridden", "write_ignored", "write_refused"})


class Steering:
    """Steers one device.

    ``in_force`` is the setpoint that it shows to have taken, in its quantity's unit; ``troubles`` is what was
    wrong with the last order or release, until one is proven again.
    """

    def __init__(
        self,
        kind: DeviceKind,
        control: Control,
        actor: Actor,
        holding: Holding,
        port: EntityPort,
        *,
        monotonic_s: Callable[[], float],
    ) -> None:
        """Take what the device is; ``load`` must come before anything is set."""
        self.in_force: float | None = None
        self.troubles: frozenset[str] = frozenset()
        self._kind = kind
        self._control = control
        self._actor = actor
        self._holding = holding
        self._port = port
        self._monotonic_s = monotonic_s
        self._order: Order | None = None
        self._value: float | None = None
        self._proof: Proof | None = None
        self._is_releasing = False
        self._written_s = self._expires_s = -math.inf
        self._release_due_s = math.inf
        self._left_alone_until_s = -math.inf
        self._failure: DeviceError | None = None
        self._lock = asyncio.Lock()
        self._loaded = asyncio.Event()
        self._shown = asyncio.Event()

    async def load(self) -> None:
        """Take up what was kept: what a former life holds is given back unless control goes on with it."""
        await self._holding.load()
        if self._holding.is_held:
            self._release_due_s = self._monotonic_s() + GIVEN_BACK_AFTER_S
        self._loaded.set()

    async def set(self, value: float | None, *, expires_in_s: float) -> None:
        """Set the device, or (None) give it back to what was before. Raises DeviceError.

        It is given back by itself when nobody renews what was set within ``expires_in_s``.
        """
        await self._loaded.wait()
        async with self._lock:
            if value is None:
                self._failure = None
                await self._release()
            else:
                self._tell_failure()
                await self._order_now(value, expires_in_s)
            self._tell_failure()

    def heard(self) -> None:
        """Look at what was written, as one of the entities was written."""
        if self._proof is not None:
            self._proof.look(self._port, self._monotonic_s())
            if self._proof.is_met:
                self._shown.set()

    async def keep_up(self) -> None:
        """Do what is due: to be called each second. What fails is told with the next order."""
        async with self._lock:
            self.heard()
            self._settle()
            try:
                await self._do_what_is_due()
            except DeviceError as error:
                self._fail(error)

    async def let_go(self) -> None:
        """Give the device back at the end, if the home holds it and as far as that can be done in time."""
        if not self._holding.is_held:
            return
        try:
            async with asyncio.timeout(LET_GO_WITHIN_S), self._lock:
                await self._release()
        except (DeviceError, TimeoutError) as error:
            _LOGGER.warning("It stays as it was set until Home Flex runs again: %r", error)

    async def _order_now(self, value: float, expires_in_s: float) -> None:
        if self._monotonic_s() < self._left_alone_until_s:
            raise DeviceError("overridden", "somebody else steers the device, and it is left to them")
        order = order_of(self._kind, value, self._control)
        self._expires_s = self._monotonic_s() + expires_in_s
        if order.operation is Operation.RELEASE:
            await self._release()
            self._value = value
            if not self._holding.is_held:
                self.in_force = value
            return
        is_again = order == self._order
        if not is_again or self._is_due_again():
            self._value = value
            await self._give(order, is_again=is_again)
            await self._prove()

    async def _do_what_is_due(self) -> None:
        now_s, proof = self._monotonic_s(), self._proof
        if not self._holding.is_held:
            if now_s >= self._left_alone_until_s:
                self.troubles -= {"overridden"}
            with suppress(DeviceError):
                self._holding.remember()
        elif proof is not None and proof.is_missed(now_s):
            await self._miss()
        elif proof is not None and not self._is_releasing and proof.is_overridden(now_s):
            await self._yield_to_another(proof)
        elif self._order is not None and proof is not None and self._is_lost(proof, now_s):
            await self._give(self._order, is_again=True)
        elif self._order is not None and now_s >= self._expires_s:
            _LOGGER.warning("Nobody renewed what was set: it is given back")
            await self._release()
        elif self._order is not None and self._is_due_again():
            await self._give(self._order, is_again=True)
        elif self._order is None and not self._is_releasing and now_s >= self._release_due_s:
            await self._release()

    async def _give(self, order: Order, *, is_again: bool) -> None:
        """Write an order, once all of it can be written and put back; what fails half way is taken back."""
        self._settle()
        if not self._holding.is_held:
            self._holding.remember()
            self._actor.release_calls()
        calls = self._actor.calls(order)
        shows = tuple(call.shows for call in calls if call.shows is not None)
        is_open = self._proof is not None and not self._proof.is_met
        self._holding.begin(shows)
        self._order = self._proof = None
        self._release_due_s = self._monotonic_s()
        if not is_again:
            self.in_force = None
        try:
            await self._actor.act(calls, writes_all=is_again or is_open)
        except DeviceError as error:
            self._note(error)
            await self._release_quietly()
            raise
        self._order, self._written_s = order, self._monotonic_s()
        self._begin_proof(shows, is_releasing=False)

    async def _release(self) -> None:
        """Put back what was there before. Of what somebody else has set since, nothing is touched."""
        self._settle()
        self._order = self._value = None
        if not self._holding.is_held:
            self._proof, self.in_force = None, None
            return
        now_s, proof = self._monotonic_s(), self._proof
        if self._is_releasing and proof is not None and not proof.is_missed(now_s):
            return
        self._release_due_s = now_s + RELEASED_AGAIN_S
        calls = self._actor.release_calls()
        self._proof = None
        await self._actor.act(calls, writes_all=proof is None or not proof.is_met)
        self._begin_proof(tuple(call.shows for call in calls if call.shows is not None), is_releasing=True)
        await self._prove()

    async def _release_quietly(self) -> None:
        """Take back what was written of an order that failed; where that fails too it is tried again."""
        try:
            await self._release()
        except DeviceError as error:
            _LOGGER.warning("What was written could not be taken back, it is tried again: %s", error)

    def _begin_proof(self, shows: tuple[Shown, ...], *, is_releasing: bool) -> None:
        self._is_releasing = is_releasing
        self._shown.clear()
        readback_s = self._control.readback_s
        if readback_s is None or not shows:
            # Nothing can be read back: the measured effect alone proves it.
            self._proof = None
            if is_releasing:
                self._released()
            else:
                self.troubles = frozenset()
            return
        self._proof = Proof(shows=shows, due_s=self._monotonic_s() + readback_s)
        self.heard()

    async def _prove(self) -> None:
        """Wait a little until what was written is shown; what takes longer is looked after by ``keep_up``."""
        if (proof := self._proof) is None:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(min(PROVEN_AT_ONCE_S, self._control.readback_s or 0.0)):
                await self._shown.wait()
        self._settle()
        if proof.is_missed(self._monotonic_s()):
            await self._miss()

    def _settle(self) -> None:
        """Take note of what has been proven."""
        if self._proof is None or not self._proof.is_met:
            return
        if self._is_releasing:
            self._released()
        elif not self._proof.is_overridden(self._monotonic_s()):
            self.troubles = frozenset()
            self.in_force = self._value
            self._holding.proven(self._proof.shows)

    async def _miss(self) -> None:
        """Take note that nothing showed in time: an order is taken back, a release is tried again."""
        proof, self._proof = self._proof, None
        what = proof.foreign(self._port) if proof is not None else None
        if self._is_releasing:
            self._is_releasing = False
            self._fail(DeviceError("not_released", f"it does not show that it was given back: {what}"))
            return
        self._fail(DeviceError("write_ignored", f"it does not show what was written: {what}"))
        await self._release_quietly()

    async def _yield_to_another(self, proof: Proof) -> None:
        """Leave the device to whoever set it, and take back only what still is ours.

        What a timer of the device ended in the second half of its time is nobody else's doing.
        """
        now_s, ends = self._monotonic_s(), self._control.ends
        lasts = lasts_s(self._control) if ends.is_settable else ends.seconds
        if ends.by is not EndsBy.NOTHING and lasts is not None and now_s - self._written_s >= lasts / 2.0:
            self._order, self._proof, self.in_force = None, None, None
            self._release_due_s = now_s + RELEASED_AGAIN_S
            return
        self._left_alone_until_s = now_s + LEFT_ALONE_S
        what = proof.foreign(self._port)
        self._fail(DeviceError("overridden", f"somebody else steers the device: {what}"))
        await self._release_quietly()

    def _released(self) -> None:
        self._holding.end()
        self.troubles -= {"not_released"}
        self._proof, self._is_releasing, self.in_force = None, False, self._value
        self._release_due_s = math.inf

    def _is_lost(self, proof: Proof, now_s: float) -> bool:
        return proof.is_lost(now_s) and now_s - self._written_s >= self._control.least_seconds

    def _is_due_again(self) -> bool:
        """Return whether what was written must be written again so that it lasts."""
        after_s = rewritten_after_s(self._control)
        return after_s is not None and self._monotonic_s() - self._written_s >= after_s

    def _note(self, error: DeviceError) -> None:
        if error.reason in TROUBLES:
            self.troubles = frozenset({error.reason})

    def _fail(self, error: DeviceError) -> None:
        self._note(error)
        if self._failure is None or self._failure.reason != error.reason:
            _LOGGER.warning("%s", error)
        self._failure = error
        self._release_due_s = self._monotonic_s() + RELEASED_AGAIN_S

    def _tell_failure(self) -> None:
        failure, self._failure = self._failure, None
        if failure is not None:
            raise failure
