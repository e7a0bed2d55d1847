"""One order after another: asked, written, shown by the entity; and each way to fail, with its end."""

import asyncio
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custom_components.home_flex.devices.driver import DeviceError
from custom_components.home_flex.devices.entities import steering
from custom_components.home_flex.devices.entities.recipe import Ends, EndsBy
from custom_components.home_flex.devices.entities.steering import (
    GIVEN_BACK_AFTER_S,
    LEFT_ALONE_S,
    RELEASED_AGAIN_S,
)

from .steered import CONTROL, LIMIT, MODE, Steered, ending

AS_BEFORE = ("2.5", "auto")


async def begun(battery: Steered | None = None) -> Steered:
    battery = battery or Steered()
    await battery.begin()
    return battery


async def refusal(battery: Steered, value: float | None) -> str:
    with pytest.raises(DeviceError) as caught:
        await battery.set(value)
    return caught.value.reason


async def test_an_order_is_written_step_by_step_and_in_force_once_the_entities_show_it() -> None:
    battery = await begun()
    await battery.set(1500.0)
    assert battery.actions == [(LIMIT, 1.5), (MODE, "charge")]
    assert battery.shown == ("1.5", "charge")
    assert battery.steering.in_force == 1500.0


async def test_only_differences_are_written() -> None:
    battery = await begun()
    await battery.set(1500.0)
    battery.home.entities.calls.clear()
    await battery.set(1500.0)
    assert battery.actions == []
    await battery.set(-1500.0)
    assert battery.actions == [(MODE, "discharge")]


async def test_what_was_there_before_is_put_back() -> None:
    battery = await begun()
    await battery.set(1500.0)
    await battery.set(-700.0)
    await battery.set(None)
    assert battery.shown == AS_BEFORE
    assert battery.steering.in_force is None


async def test_what_was_there_before_is_kept_long_before_the_first_write() -> None:
    battery = await begun()
    assert battery.home.kept.document == {
        "version": 1,
        "was": {"limit": 2500.0, "mode": "auto"},
        "held": False,
        "wrote": {},
    }
    battery.home.entities.show(LIMIT, "3.0")
    await battery.steering.keep_up()
    await battery.set(1500.0)
    await battery.set(None)
    assert battery.shown == ("3.0", "auto")


async def test_a_device_that_nobody_holds_is_not_written_to_when_it_is_given_back() -> None:
    battery = await begun()
    await battery.set(None)
    assert battery.actions == []


@pytest.mark.parametrize(
    ("value", "limit"), [(1234.0, 1.2), (6000.0, 5.0), (-1299.0, 1.2)], ids=["step", "most", "discharge"]
)
async def test_a_power_is_rounded_and_clipped_toward_nothing(value: float, limit: float) -> None:
    battery = await begun()
    await battery.set(value)
    assert battery.actions[0] == (LIMIT, pytest.approx(limit))


async def test_less_than_a_step_is_neither_charge_nor_discharge() -> None:
    battery = await begun()
    await battery.set(9.0)
    assert battery.actions == [(MODE, "hold")]


@pytest.mark.parametrize(("entity", "reason"), [(LIMIT, "entity_unavailable"), (MODE, "entity_unavailable")])
async def test_nothing_is_written_when_one_of_the_entities_is_not_available(entity: str, reason: str) -> None:
    battery = await begun()
    battery.home.entities.lose(entity)
    assert await refusal(battery, 1500.0) == reason
    assert battery.actions == []


async def test_nothing_is_written_when_an_option_is_not_there() -> None:
    battery = await begun()
    battery.home.entities.add(MODE, "auto", options=["auto"])
    assert await refusal(battery, 1500.0) == "option_missing"
    assert battery.actions == []


@pytest.mark.parametrize(
    ("entity", "shown", "reason"),
    [
        (LIMIT, "14.406", "out_of_range"),
        (LIMIT, "65.436", "out_of_range"),
        (MODE, "set by app", "option_missing"),
    ],
)
async def test_a_device_is_not_taken_over_where_its_entity_would_not_take_back_what_it_shows(
    entity: str, shown: str, reason: str
) -> None:
    battery = Steered()
    battery.home.entities.show(entity, shown)
    await begun(battery)
    assert await refusal(battery, 1500.0) == reason
    assert battery.actions == []


async def test_what_was_written_before_a_step_that_is_refused_is_taken_back() -> None:
    battery = await begun()
    battery.home.entities.refuses.add(MODE)
    assert await refusal(battery, 1500.0) == "write_refused"
    battery.home.entities.refuses.clear()
    await battery.pass_s(RELEASED_AGAIN_S + 1.0)
    assert battery.shown == AS_BEFORE


async def test_an_action_that_never_returns_ends_in_its_time_and_is_taken_back() -> None:
    battery = await begun()
    battery.home.entities.hangs.add(MODE)
    assert await refusal(battery, 1500.0) == "timeout"
    battery.home.entities.hangs.clear()
    await battery.pass_s(RELEASED_AGAIN_S + 1.0)
    assert battery.shown == AS_BEFORE


async def test_a_call_that_wrote_nothing_is_found_by_what_the_entity_shows() -> None:
    battery = await begun()
    battery.home.entities.ignores.add(MODE)
    assert await refusal(battery, 1500.0) == "write_ignored"
    assert battery.steering.in_force is None
    assert battery.shown == AS_BEFORE
    assert battery.steering.troubles == {"write_ignored"}
    battery.home.entities.ignores.clear()
    await battery.set(1500.0)
    assert battery.steering.troubles == set()


async def test_what_is_shown_late_is_in_force_late() -> None:
    battery = await begun(Steered(control=replace(CONTROL, readback_s=30.0)))
    battery.home.entities.late.add(MODE)
    order = asyncio.create_task(battery.set(1500.0))
    await asyncio.sleep(0.01)
    assert battery.steering.in_force is None
    battery.home.entities.show(MODE, "charge")
    await order
    assert battery.steering.in_force == 1500.0


async def test_what_is_not_shown_in_its_longer_time_is_taken_back_and_told_with_the_next_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(steering, "PROVEN_AT_ONCE_S", 0.01)
    battery = await begun(Steered(control=replace(CONTROL, readback_s=300.0)))
    battery.home.entities.ignores.add(MODE)
    await battery.set(1500.0)
    assert battery.steering.in_force is None
    await battery.pass_s(301.0)
    assert battery.shown == AS_BEFORE
    assert await refusal(battery, 1500.0) == "write_ignored"


async def test_a_release_that_is_not_shown_is_told_and_tried_again() -> None:
    battery = await begun()
    await battery.set(1500.0)
    battery.home.entities.ignores.add(MODE)
    assert await refusal(battery, None) == "not_released"
    assert battery.steering.in_force == 1500.0
    assert battery.steering.troubles == {"not_released"}
    battery.home.entities.ignores.clear()
    await battery.pass_s(RELEASED_AGAIN_S + 1.0)
    assert battery.shown == AS_BEFORE
    assert battery.steering.in_force is None
    assert battery.steering.troubles == set()


async def test_an_order_that_nobody_renews_is_given_back() -> None:
    battery = await begun()
    await battery.set(1500.0)
    await battery.pass_s(59.0)
    assert battery.shown == ("1.5", "charge")
    await battery.pass_s(2.0)
    assert battery.shown == AS_BEFORE


async def test_who_sets_the_device_against_an_order_is_left_alone_and_keeps_what_was_set() -> None:
    battery = await begun()
    await battery.set(1500.0)
    battery.home.entities.show(MODE, "hold", by="a user")
    await battery.steering.keep_up()
    await battery.pass_s(4.0)
    assert battery.shown == ("2.5", "hold")  # the limit still was ours, the mode is theirs
    assert await refusal(battery, 1500.0) == "overridden"
    assert await refusal(battery, 1500.0) == "overridden"
    assert battery.steering.troubles == {"overridden"}
    await battery.pass_s(LEFT_ALONE_S)
    assert battery.steering.troubles == set()
    await battery.set(1500.0)
    await battery.set(None)
    assert battery.shown == ("2.5", "hold")


async def test_a_value_that_flickers_is_no_overridden() -> None:
    battery = await begun()
    await battery.set(1500.0)
    battery.home.entities.show(MODE, "auto")
    await battery.pass_s(2.0)
    battery.home.entities.show(MODE, "charge")
    await battery.pass_s(4.0)
    assert battery.steering.in_force == 1500.0


@pytest.mark.parametrize("away", ["unavailable", "unknown"])
async def test_a_device_that_was_away_and_begins_anew_is_ordered_again_and_nobody_is_blamed(
    away: str,
) -> None:
    battery = await begun()
    await battery.set(1500.0)
    battery.home.entities.calls.clear()
    for entity in (LIMIT, MODE):
        battery.home.entities.show(entity, away)
    await battery.pass_s(CONTROL.least_seconds - 5.0)
    assert battery.actions == []
    battery.home.entities.show(LIMIT, "2.5")
    battery.home.entities.show(MODE, "auto")
    await battery.pass_s(6.0)
    assert battery.actions == [(LIMIT, 1.5), (MODE, "charge")]
    assert (battery.steering.in_force, battery.steering.troubles) == (1500.0, frozenset())
    battery.home.entities.show(MODE, "auto")
    await battery.pass_s(5.0)
    assert battery.steering.troubles == {"overridden"}


async def test_a_device_that_was_away_and_still_does_as_told_is_left_in_peace() -> None:
    battery = await begun()
    await battery.set(1500.0)
    battery.home.entities.calls.clear()
    battery.home.entities.show(MODE, "unavailable")
    await battery.pass_s(20.0)
    battery.home.entities.show(MODE, "charge")
    await battery.pass_s(5.0)
    assert (battery.actions, battery.steering.in_force) == ([], 1500.0)


async def test_an_order_is_written_again_before_the_device_s_timer_ends_it() -> None:
    battery = await begun(
        Steered(control=ending(CONTROL, Ends(by=EndsBy.DEVICE_TIMER, seconds=80.0, rewrite_s=40.0)))
    )
    await battery.set(1500.0)
    battery.home.entities.calls.clear()
    await battery.pass_s(39.0)
    assert battery.actions == []
    await battery.pass_s(2.0)
    assert battery.actions == [(LIMIT, 1.5), (MODE, "charge")]
    assert battery.steering.in_force == 1500.0


async def test_what_the_device_s_timer_ended_is_no_overridden_and_is_ordered_anew() -> None:
    battery = await begun(
        Steered(control=ending(CONTROL, Ends(by=EndsBy.DEVICE_TIMER, seconds=50.0, rewrite_s=1000.0)))
    )
    await battery.set(1500.0)
    battery.home.monotonic_s.pass_s(51.0)
    battery.home.entities.show(MODE, "auto")
    await battery.steering.keep_up()
    await battery.pass_s(4.0)
    assert battery.steering.in_force is None
    await battery.set(1500.0)
    assert battery.shown == ("1.5", "charge")


async def test_what_a_killed_life_left_is_given_back_in_the_next_one() -> None:
    battery = await begun()
    await battery.set(1500.0)
    battery.born()
    await battery.begin()
    assert battery.shown == ("1.5", "charge")
    await battery.pass_s(GIVEN_BACK_AFTER_S + 1.0)
    assert battery.shown == AS_BEFORE


async def test_what_a_killed_life_left_is_given_back_once_its_integration_is_there() -> None:
    battery = await begun()
    await battery.set(1500.0)
    battery.born()
    battery.home.entities.lose(MODE)
    await battery.begin()
    await battery.pass_s(GIVEN_BACK_AFTER_S + 1.0)
    battery.home.entities.show(MODE, "charge")
    await battery.pass_s(RELEASED_AGAIN_S + 1.0)
    assert battery.shown == AS_BEFORE


async def test_an_order_that_goes_on_after_a_restart_keeps_what_was_there_before_it_all() -> None:
    battery = await begun()
    await battery.set(1500.0)
    battery.born()
    await battery.begin()
    await battery.set(2000.0)
    await battery.pass_s(GIVEN_BACK_AFTER_S + 1.0)
    assert battery.shown == ("2.0", "charge")
    await battery.set(None)
    assert battery.shown == AS_BEFORE


async def test_what_somebody_set_while_home_flex_was_dead_is_left_alone() -> None:
    battery = await begun()
    await battery.set(1500.0)
    battery.born()
    battery.home.entities.show(MODE, "hold", by="a user")
    await battery.begin()
    await battery.pass_s(GIVEN_BACK_AFTER_S + 1.0)
    assert battery.shown == ("2.5", "hold")


async def test_the_device_is_given_back_at_the_end() -> None:
    battery = await begun()
    await battery.set(1500.0)
    await battery.steering.let_go()
    assert battery.shown == AS_BEFORE


async def test_an_end_does_not_wait_for_a_device_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    battery = await begun(Steered(control=replace(CONTROL, timeout_s=60.0)))
    await battery.set(1500.0)
    battery.home.entities.hangs |= {LIMIT, MODE}
    monkeypatch.setattr(steering, "LET_GO_WITHIN_S", 0.05)
    async with asyncio.timeout(5.0):
        await battery.steering.let_go()
    assert battery.home.kept.document is not None
    assert battery.home.kept.document["held"] is True


async def test_an_order_that_is_cut_off_half_way_is_taken_back() -> None:
    battery = await begun(Steered(control=replace(CONTROL, timeout_s=60.0)))
    battery.home.entities.hangs.add(MODE)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await battery.set(1500.0)
    battery.home.entities.hangs.clear()
    await battery.pass_s(1.0)
    assert battery.shown == AS_BEFORE


async def test_a_device_that_cannot_be_read_back_is_proven_by_what_is_measured_alone() -> None:
    battery = await begun(Steered(control=replace(CONTROL, readback_s=None)))
    battery.home.entities.late |= {LIMIT, MODE}
    await battery.set(1500.0)
    assert battery.steering.in_force is None
    await battery.set(None)
    assert battery.actions[-2:] == [(LIMIT, 2.5), (MODE, "auto")]


_EVENTS = st.sampled_from(
    ["charge", "discharge", "give_back", "refuse", "ignore", "heal", "restart", "later"]
)


@settings(max_examples=40, deadline=None)
@given(st.lists(_EVENTS, max_size=12))
def test_whatever_fails_in_between_a_healed_device_ends_as_it_was_before(events: list[str]) -> None:
    async def live() -> tuple[str, str]:
        battery = await begun(Steered(control=replace(CONTROL, readback_s=0.001, timeout_s=0.01)))
        entities = battery.home.entities
        for event in events:
            match event:
                case "charge" | "discharge":
                    with suppress(DeviceError):
                        await battery.set(2000.0 if event == "charge" else -800.0)
                case "give_back":
                    with suppress(DeviceError):
                        await battery.set(None)
                case "refuse":
                    entities.refuses.add(MODE)
                case "ignore":
                    entities.ignores.add(MODE)
                case "heal":
                    entities.refuses.clear()
                    entities.ignores.clear()
                case "restart":
                    battery.born()
                    await battery.begin()
                case _:
                    await battery.pass_s(20.0)
        entities.refuses.clear()
        entities.ignores.clear()
        for _ in range(4):
            await battery.pass_s(70.0)
        return battery.shown

    assert asyncio.run(live()) == AS_BEFORE
