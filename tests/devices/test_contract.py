"""The contract of every actuator, wire or entity: asked, written, said by the device; each way to fail."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from custom_components.home_flex import devices
from custom_components.home_flex.devices.entities import by_hand, proof
from custom_components.home_flex.devices.entities import device as entity_devices

from .contract.entities import ENTITY_ACTUATORS
from .contract.held import Actuator, Fault, Held
from .contract.wires import WIRE_ACTUATORS

ACTUATORS = (*WIRE_ACTUATORS, *ENTITY_ACTUATORS)
EACH = pytest.mark.parametrize("it", ACTUATORS, ids=lambda it: it.name)
SETTERS = {"set_power", "set_production_limit", "set_current_limit", "set_value"}


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entity_devices, "TICK_S", 0.02)
    monkeypatch.setattr(entity_devices, "HEARTBEAT_S", 0.1)
    monkeypatch.setattr(by_hand, "_READBACK_S", 0.1)
    monkeypatch.setattr(proof, "_DIFFERS_S", 0.05)


def says(it: Actuator, held: Held) -> object:
    return None if held.slot.reading is None else it.said(held.slot.reading)


def outcomes(it: Actuator, held: Held) -> list[str]:
    return [each for each in held.outcomes if each not in it.lasting]


@EACH
async def test_an_order_is_written_said_and_measured_and_taken_back_without_a_trace(it: Actuator) -> None:
    async with it.holding() as held:
        before = held.told()
        await held.ask(it.value)
        if it.is_released:
            await held.until(lambda: says(it, held) == it.value)
            assert held.told() != before
        await held.obey()
        await held.until(lambda: held.slot.reading and held.slot.reading.power_w == it.measured_w)
        await held.ask(None)
        await held.until(lambda: says(it, held) is None)
        assert held.told() == before
        assert outcomes(it, held) == ["accepted", "handed_back"]
        assert held.slot.troubles == it.lasting


@EACH
async def test_a_refused_order_changes_nothing_and_is_one_row_however_often_it_is_given(it: Actuator) -> None:
    async with it.holding() as held:
        before = held.told()
        held.fail(Fault.REFUSES)
        for refusals in (1, 2, 3):
            await held.ask(it.value)
            assert held.slot.state().refusals == refusals
        assert outcomes(it, held) == ["write_refused"]
        assert (held.told(), says(it, held), held.slot.state().written) == (before, None, None)
        held.fail(None)
        await held.ask(it.value)
        assert outcomes(it, held) == ["write_refused", "accepted"]


@EACH
async def test_a_swallowed_order_is_no_order_where_the_device_can_be_asked(it: Actuator) -> None:
    async with it.holding() as held:
        held.fail(Fault.SWALLOWS)
        await held.ask(it.value)
        assert outcomes(it, held) == [it.swallowed]
        if it.swallowed != "accepted":
            assert says(it, held) is None
            assert held.slot.state().written is None


@EACH
async def test_an_order_that_is_taken_in_part_is_what_the_device_says_or_none(it: Actuator) -> None:
    if it.clipped is None:
        return
    async with it.holding() as held:
        before = held.told()
        held.fail(Fault.CLIPS)
        await held.ask(it.value)
        assert outcomes(it, held)[:1] == [it.clipped]
        if it.clipped == "accepted":
            await held.until(lambda: says(it, held) is not None)
            assert says(it, held) != it.value
            assert held.slot.troubles == {"clipped"}
        else:
            assert (held.told(), says(it, held), held.slot.state().written) == (before, None, None)
        held.fail(None)
        await held.ask(it.value)
        await held.until(lambda: says(it, held) == it.value)
        assert held.slot.troubles == it.lasting


@EACH
async def test_an_order_that_the_device_does_not_let_go_is_told_until_it_does(it: Actuator) -> None:
    if not it.is_released:
        return
    async with it.holding() as held:
        before = held.told()
        await held.ask(it.value)
        held.fail(Fault.SWALLOWS)
        await held.ask(None)
        assert outcomes(it, held) == ["accepted", it.latched]
        if it.latched == "handed_back":
            return
        held.fail(None)
        await held.ask(None)
        await held.until(lambda: held.told() == before)
        assert outcomes(it, held)[-1] == "handed_back"
        assert held.slot.troubles == it.lasting


@EACH
async def test_an_order_that_does_not_arrive_is_told_and_is_none(it: Actuator) -> None:
    async with it.holding() as held:
        before = held.told()
        held.fail(Fault.IS_AWAY)
        await held.until(lambda: held.slot.reading is None)
        await held.ask(it.value)
        assert outcomes(it, held) == [it.lost]
        held.fail(None)
        await held.until(lambda: held.slot.reading)
        assert (held.told(), says(it, held)) == (before, None)
        await held.ask(it.value)
        assert outcomes(it, held) == [it.lost, "accepted"]


@EACH
async def test_who_takes_the_device_over_is_told_and_has_it_after_one_order_over_theirs_at_most(
    it: Actuator,
) -> None:
    if not it.tells_others:
        return
    async with it.holding() as held:
        await held.ask(it.value)
        await held.until(lambda: says(it, held) == it.value)
        for orders_over_theirs in (0, 1):
            held.take_over()
            await held.until(lambda: "overridden" in held.slot.troubles)
            await held.until(lambda: says(it, held) is None)
            theirs = held.told()
            await held.ask(it.value)
            if held.slot.state().refusals:
                break
            assert orders_over_theirs == 0
        await held.ask(it.value)
        assert held.slot.state().refusals == 2
        assert outcomes(it, held).count("overridden") <= 2
        await held.ask(None)
        assert held.told() == theirs
        assert says(it, held) is None


@EACH
async def test_an_order_outlasts_that_the_device_is_away_for_a_moment(it: Actuator) -> None:
    async with it.holding() as held:
        await held.ask(it.value)
        held.fail(Fault.IS_AWAY)
        await held.until(lambda: held.slot.reading is None)
        held.fail(None)
        await held.until(lambda: held.slot.reading)
        await held.ask(it.value)
        if it.is_released:
            await held.until(lambda: says(it, held) == it.value)
        assert held.slot.troubles == it.lasting


@EACH
async def test_when_home_flex_stops_a_timer_ends_the_order_or_it_was_taken_back(it: Actuator) -> None:
    async with it.holding() as held:
        before = held.told()
        await held.ask(it.value)
        is_timed = held.is_timed()
        if is_timed:
            assert held.told() != before
    assert is_timed or held.told() == before


def _who_sets() -> Iterator[str]:
    for path in Path(devices.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                names = {each.name for each in node.body if isinstance(each, ast.AsyncFunctionDef)}
                is_protocol = any(isinstance(base, ast.Name) and base.id == "Protocol" for base in node.bases)
                if names & SETTERS and not is_protocol:
                    yield node.name


async def test_every_driver_that_can_set_something_is_held_to_the_contract() -> None:
    held_to_it: set[str] = set()
    for it in ACTUATORS:
        async with it.holding() as held:
            held_to_it.add(type(held.slot.driver).__name__)
    assert held_to_it == set(_who_sets())
