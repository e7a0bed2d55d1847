"""A device's recipes at work: from an operation to its calls, and the calls made one after another."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..driver import DeviceError
from .binding import EntitySource
from .calls import Call, Caller
from .hold import Holding
from .orders import Order
from .port import ActionRefusedError, EntityPort
from .reader import RoleReader
from .recipe import RESTORE, Control, Operation, Step
from .templates import Names, plain
from .values import NoValue, is_available


class Actor:
    """Makes the calls of orders and of their release."""

    def __init__(
        self, control: Control, reader: RoleReader, port: EntityPort, holding: Holding, *, phases: int
    ) -> None:
        """Take what the device is; ``phases`` is how many it is wired to."""
        self._control = control
        self._reader = reader
        self._port = port
        self._holding = holding
        self._phases = phases
        self._caller = Caller(port=port, entity_of=self._entity_of)

    def calls(self, order: Order) -> list[Call]:
        """Return the calls of an order, each looked at before any is made. Raises DeviceError."""
        return self._calls(self._control.recipes[order.operation], order, exact=False)

    def release_calls(self) -> list[Call]:
        """Return the calls that put back what was, without what somebody else has set since.

        Raises DeviceError.
        """
        steps = self._control.recipes[Operation.RELEASE]
        ours = [step for step in steps if not self._is_anothers(step)]
        return self._calls(ours, Order(operation=Operation.RELEASE), exact=True)

    async def act(self, calls: Sequence[Call], *, writes_all: bool) -> None:
        """Make the calls up to the first that fails; what an entity shows already is written on demand only.

        Raises DeviceError ``write_refused`` or ``timeout``.
        """
        for call in calls:
            is_there = call.shows is not None and call.shows.is_met(self._port.look(call.shows.entity))
            if is_there and not writes_all:
                continue
            try:
                async with asyncio.timeout(self._control.timeout_s):
                    await self._port.act(call.action, call.data)
            except ActionRefusedError as error:
                raise DeviceError("write_refused", f"{call.action}: {error}") from error
            except TimeoutError as error:
                raise DeviceError("timeout", f"{call.action} did not return in time") from error
            if call.waits_s > 0:
                await asyncio.sleep(call.waits_s)

    def _calls(self, steps: Sequence[Step], order: Order, *, exact: bool) -> list[Call]:
        roles = self._reader.values()
        variables = {
            **order.variables(self._control, phases=self._phases),
            "was": Names(_plain(self._holding.was)),
            "role": Names(_plain({role: value for role, value in roles.items() if _is_known(value)})),
        }
        return [self._call(step, variables, exact=exact) for step in steps]

    def _call(self, step: Step, variables: Mapping[str, Any], *, exact: bool) -> Call:
        if step.action != RESTORE or step.role is None:
            return self._caller.call(step, variables, exact=exact)
        if (was := self._holding.was.get(step.role)) is None:
            raise DeviceError("not_remembered", f"nobody knows how {step.role} was before")
        restoring = self._caller.restoring(step.role, was)
        return self._caller.call(replace(restoring, waits_s=step.waits_s), variables, exact=True)

    def _is_anothers(self, step: Step) -> bool:
        """Return whether a step's entity showed what we wrote, and shows something else by now."""
        held_by = None if step.role is None else self._entity_of(step.role)
        shown = None if held_by is None else self._holding.shown_to_us(held_by)
        if held_by is None or shown is None:
            return False
        entity = self._port.look(held_by)
        return is_available(entity) and not shown.is_met(entity)

    def _entity_of(self, role: str) -> str | None:
        source = self._reader.source(role)
        return source.plus[0] if isinstance(source, EntitySource) else None


def _is_known(value: object) -> bool:
    return not isinstance(value, NoValue)


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values with whole numbers as int, as people write them."""
    return {key: plain(value) if isinstance(value, float) else value for key, value in values.items()}
