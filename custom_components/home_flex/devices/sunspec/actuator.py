"""Telling a SunSpec device what to do, and believing only what it says afterwards.

One order is: read the model; see that it stands where it was, that control is remote and that nobody else
has written; write; read back. What was there before is remembered and put back at the end, point by point,
and only where ours still stands.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from modbus_connection import ModbusUnit

from ..driver import DeviceError
from ..kept import KeptDocument
from .controls import Control, Order, control_of, points_of
from .discovery import SunSpecDevice
from .held import Held, before_us, decode_held, encode_held, name_of
from .reads import Reads
from .requests import read
from .roles import LOCAL_CONTROL
from .snapshot import Snapshot, spans
from .writes import ModelWriter, in_order

# Some devices need a moment until they show what they took.
_SHOWS_AFTER_S = (0.0, 0.3, 0.7)
# As long before its timer is through a device may have gone back by itself.
_TIMER_SLACK_S = 3.0
# What else writes to it is written over once, then left alone for a while.
_OVERRIDES_TAKEN = 1
_LEFT_ALONE_S = 600.0
# A failure is chance until it has happened so often in a row.
_FAILURES_TOLD = 3
# What it is called when it lasts; the reason itself where nothing else is said.
_LASTING_FAILURES = {
    "missing_model": "cannot_be_set",
    "missing_value": "cannot_be_set",
    "timeout": "write_lost",
    "busy": "write_lost",
    "cannot_connect": "write_lost",
    "bad_answer": "write_lost",
}
_LOCAL = 1
_LASTING = frozenset({"no_timer"})


class Actuator:
    """Sets one quantity of a device with the first of ``controls`` that it has implemented.

    ``troubles`` says what lasts: ``no_timer``, ``overridden``, ``clipped``, ``not_released``,
    ``local_control``; and of writes that failed three times in a row ``write_refused``, ``write_ignored``,
    ``write_lost`` or ``cannot_be_set``.
    """

    def __init__(
        self,
        unit: ModbusUnit,
        controls: Sequence[Control],
        kept: KeptDocument,
        monotonic_s: Callable[[], float],
    ) -> None:
        """Begin with nothing told."""
        self.troubles: frozenset[str] = frozenset()
        self.held: Held | None = None
        self._unit = unit
        self._controls = controls
        self._kept = kept
        self._monotonic_s = monotonic_s
        self._writer = ModelWriter(unit)
        self._reads: dict[tuple[int, int], Reads] = {}
        self._overrides: list[float] = []
        self._left_until_s: float | None = None
        self._failures: list[str] = []

    async def load(self) -> None:
        """Take up what a former life wrote."""
        self.held = decode_held(await self._kept.load())

    def told_w(self, snapshot: Snapshot) -> float | None:
        """Return what the device says that we told it, W as SunSpec has it; None when it is not ours."""
        if self.held is None or not self.held.is_kept(snapshot):
            return None
        try:
            return self._control(snapshot).value_w(snapshot)
        except DeviceError:
            return None  # what its percentages are of is not told now

    def watch(self, snapshot: Snapshot) -> None:
        """Notice when something else has changed what the device was told."""
        if self.held is not None and self.held.is_shown and not self._has_lapsed():
            self._tell("overridden", is_ill=not self.held.is_kept(snapshot))

    def meet(self, device: SunSpecDevice) -> None:
        """Forget what was told another device than the one that is there now."""
        if self.held is not None and self.held.device != name_of(device):
            self._hold(None)

    async def set(self, last: Snapshot, value_w: float, expires_in_s: float) -> None:
        """Write a value, W as SunSpec has it, and read it back.

        Raises DeviceError ``missing_model``, ``local_control``, ``overridden`` (left to whoever else writes),
        ``write_refused``, ``write_ignored`` (said yes, and kept what it had), ``map_shifted``,
        ``invalid_setpoint``, or as ``requests.write``.
        """
        try:
            await self._set(self._control(last), last, value_w, expires_in_s)
        except DeviceError as err:
            failure = _LASTING_FAILURES.get(err.reason, err.reason)
            self._failures = [*(each for each in self._failures if each == failure), failure]
            if len(self._failures) >= _FAILURES_TOLD:
                self._is_ill(failure)
            raise
        self._is_well(*self._failures, "not_released", "local_control")
        self._failures = []

    async def release(self, last: Snapshot) -> None:
        """Put back what was there before, where ours still stands. Raises DeviceError ``not_released``."""
        self._overrides, self._left_until_s = [], None
        if self.held is not None and last.device.models.first(self.held.model) is not None:
            # From now on it need not stand there any more.
            self._hold(replace(self.held, is_shown=False))
            await self._restore(self.held, await self._fresh(last, self.held.model))
        self._hold(None)
        self._failures = []
        self.troubles &= _LASTING

    def _control(self, last: Snapshot) -> Control:
        held_by = [each for each in self._controls if self.held and each.model == self.held.model]
        control = next((each for each in held_by if last.has(each.model)), None)
        if control is None and (control := control_of(last, self._controls)) is None:
            models = " or ".join(str(control.model) for control in self._controls)
            raise DeviceError("missing_model", f"the device has no SunSpec model {models} to be set by")
        return control

    async def _set(self, control: Control, last: Snapshot, value_w: float, expires_in_s: float) -> None:
        self._see_that_it_is_remote(last)
        fresh = await self._fresh(last, control.model)
        is_first, held = self.held is None, self._taken(control, fresh)
        if control.is_limit and held.before_w is not None:
            value_w = min(value_w, held.before_w)
        try:
            order = control.order(fresh, value_w, expires_in_s)
            wanted, sequence = points_of(order, fresh)
            held = replace(held, told=wanted, earlier=held.told, is_shown=False)
            self._hold(held)
            await self._writer.put(fresh, order.model, wanted, sequence)
            self._believe(order, held, fresh, await self._read_back(fresh, held))
        except OverflowError as err:
            raise DeviceError("invalid_setpoint", str(err)) from err
        except DeviceError as err:
            if is_first and err.reason in {"write_refused", "write_ignored"}:
                await self._undo(held, fresh)
            raise

    def _taken(self, control: Control, fresh: Snapshot) -> Held:
        """Return what is held from now on, with what was there before. Raises DeviceError ``overridden``."""
        now_s, held = self._monotonic_s(), self.held
        if self._left_until_s is not None and now_s < self._left_until_s:
            raise DeviceError("overridden", "something else controls the device")
        self._left_until_s = None
        if held is None or held.model != control.model:
            return before_us(control, fresh)
        if not held.is_shown or held.is_kept(fresh) or self._has_lapsed():
            return held
        self._overrides = [at for at in self._overrides if now_s - at < _LEFT_ALONE_S] + [now_s]
        self._is_ill("overridden")
        if len(self._overrides) > _OVERRIDES_TAKEN:
            self._left_until_s = now_s + _LEFT_ALONE_S
            self._hold(None)
            raise DeviceError("overridden", "something else controls the device")
        # What it set meanwhile is what there was before us.
        theirs = {
            point: number
            for point, number in before_us(control, fresh).before.items()
            if number != held.told.get(point)
        }
        return replace(held, before={**held.before, **theirs})

    def _believe(self, order: Order, held: Held, fresh: Snapshot, shown: Snapshot) -> None:
        """Hold what the device shows of an order. Raises DeviceError ``write_ignored`` when it shows none."""
        enable, enabled = order.enable
        actual = {point: _number(shown, order.model, point) for point in held.told}
        is_clipped = any(actual[each] != held.told[each] for each in order.values)
        is_as_it_was = all(actual[each] == _number(fresh, order.model, each) for each in order.values)
        if actual[enable] != enabled or (is_clipped and is_as_it_was and "clipped" not in self.troubles):
            raise DeviceError("write_ignored", "the device said yes, and kept what it had")
        timer, seconds = order.timer
        runs_s = actual.get(timer, 0)
        is_timed = 0 < runs_s <= seconds
        self._tell("no_timer", is_ill=not is_timed)
        self._tell("clipped", is_ill=is_clipped)
        until_s = self._monotonic_s() + runs_s if is_timed else None
        self._hold(replace(held, told=actual, earlier={}, until_s=until_s, is_shown=True))

    async def _read_back(self, fresh: Snapshot, held: Held) -> Snapshot:
        """Read the model again until it shows what was written, or has had its time."""
        shown = fresh
        for wait_s in _SHOWS_AFTER_S:
            await asyncio.sleep(wait_s)
            shown = await self._fresh(fresh, held.model)
            if held.is_kept(shown):
                break
        return shown

    async def _undo(self, held: Held, fresh: Snapshot) -> None:
        """Take back the part of a refused order that the device took, if it lets us."""
        try:
            await self._restore(held, await self._fresh(fresh, held.model))
        except DeviceError:
            return
        self._hold(None)

    async def _restore(self, held: Held, fresh: Snapshot) -> None:
        ours = held.still_ours(fresh)
        changed = {point: held.before[point] for point in ours if held.before[point] != held.told[point]}
        if not changed:
            return
        if held.enable in ours:
            # What was in force before is in force again only once it is enabled anew.
            changed[held.enable] = held.before[held.enable]
        values = [point for point in changed if point != held.enable]
        ends_it = changed.get(held.enable) == 0
        try:
            for points in in_order(values, held.enable if held.enable in changed else None, first=ends_it):
                await self._writer.put(fresh, held.model, {each: changed[each] for each in points}, points)
            wanted = replace(held, told=changed, earlier={})
            shown = await self._read_back(fresh, wanted)
        except DeviceError:
            self._is_ill("not_released")
            raise
        enable = held.enable
        if enable in changed and _number(shown, held.model, enable) != changed[enable]:
            self._is_ill("not_released")
            raise DeviceError("not_released", "the device said yes, and goes on with its order")

    async def _fresh(self, last: Snapshot, model: int) -> Snapshot:
        """Read a model now, beside what was read of the others before."""
        (span,) = spans(last.device, [model])
        reads = self._reads.setdefault(span, Reads([span]))
        words = await reads.take(partial(read, self._unit))
        return Snapshot(last.device, {**last.words_by_address, **words})

    def _has_lapsed(self) -> bool:
        """Whether the device's own timer may have ended the order by now."""
        until_s = self.held.until_s if self.held is not None else None
        return until_s is not None and self._monotonic_s() >= until_s - _TIMER_SLACK_S

    def _see_that_it_is_remote(self, last: Snapshot) -> None:
        is_local = any(last.has(name[0]) and last.number(name) == _LOCAL for name in LOCAL_CONTROL)
        self._tell("local_control", is_ill=is_local)
        if is_local:
            raise DeviceError("local_control", "the device is set to be controlled on the spot only")

    def _hold(self, held: Held | None) -> None:
        self.held = held
        self._kept.put(encode_held(held))

    def _tell(self, trouble: str, *, is_ill: bool) -> None:
        (self._is_ill if is_ill else self._is_well)(trouble)

    def _is_ill(self, trouble: str) -> None:
        self.troubles |= {trouble}

    def _is_well(self, *troubles: str) -> None:
        self.troubles -= set(troubles)


def _number(snapshot: Snapshot, model: int, point: str) -> int:
    number = snapshot.number((model, point))
    return -1 if number is None else int(number)
