"""Which setpoints are written now: what is worth it, what is repeated, and when a hand-back is proven."""

from dataclasses import replace
from typing import Any

import pytest

from custom_components.home_flex.core.control.actuation import Telegram, actuated, is_released
from custom_components.home_flex.core.control.actuation_policy import ActuationPolicy
from custom_components.home_flex.core.control.memory import (
    Actuator,
    DeviceMemory,
    Hunting,
    Judgement,
    Lapses,
)
from custom_components.home_flex.core.kinds.battery import Battery
from custom_components.home_flex.core.kinds.charger import Charger
from custom_components.home_flex.core.kinds.kind import Kind, Seen
from custom_components.home_flex.core.kinds.pv import Pv
from custom_components.home_flex.core.model import Owner, Quantity, Setpoint

from .sights import battery, charger, inverter, order

NOW_S = 100.0
SLOW = Telegram(heard_s=NOW_S, period_s=10.0, noise_w=0.0, short_w=0.0)
FAST = replace(SLOW, period_s=1.0)
FULL = Actuator(tokens=20.0, filled_s=NOW_S)
HELD: dict[str, Any] = {"written_s": 95.0, "changed_s": 50.0}


def setpoint(value: float | None, owner: Owner = Owner.AGGREGATOR) -> Setpoint:
    return Setpoint(
        device_id="device",
        quantity=Quantity.POWER_W,
        value=value,
        owner=owner,
        reason="limit",
        life_s=60.0,
    )


def told(value: float | None, memory: DeviceMemory, *, power_w: float = 0.0, **changes: Any) -> Seen[Any]:
    """Return a battery to which ``value`` was written 5 s ago."""
    return battery(power_w, memory, written=setpoint(value), **HELD | changes)


def saying(seen: Seen[Any], setpoint_w: float = 1000.0) -> Seen[Any]:
    """Return the battery with a reading that says it is set."""
    return replace(seen, reading=replace(seen.reading, power_setpoint_w=setpoint_w))


def act(
    seen: Seen[Any],
    wanted: Setpoint,
    meter: Telegram = SLOW,
    *,
    kind: Kind[Any] | None = None,
    last_release_s: float | None = None,
) -> tuple[Setpoint | None, Actuator]:
    write, memory = actuated(seen, kind or Battery(), wanted, meter, last_release_s=last_release_s)
    return write, memory.actuator


def with_actuator(**changes: Any) -> DeviceMemory:
    return DeviceMemory(actuator=replace(FULL, **changes))


OWN = setpoint(None, Owner.PLAN)


def test_a_held_device_is_handed_back_at_once_and_what_it_did_then_is_remembered() -> None:
    write, actuator = act(told(1000.0, with_actuator(resent=2), power_w=900.0), OWN)
    assert write is OWN
    assert (actuator.release_s, actuator.release_tries, actuator.held_w) == (NOW_S, 1, 900.0)
    assert (actuator.resent, actuator.tokens) == (0, 19.0)


FREE = {
    "it was never written": (battery(0.0, with_actuator()), False),
    "it was handed back, and that is proven": (told(None, with_actuator()), False),
    "a former life wrote to it": (battery(0.0, with_actuator(owes=True)), True),
    "it says that it is set": (saying(battery(0.0, with_actuator())), True),
}


@pytest.mark.parametrize(("seen", "is_written"), FREE.values(), ids=FREE)
def test_a_free_device_is_handed_back_only_where_somebody_may_still_hold_it(
    seen: Seen[Any], *, is_written: bool
) -> None:
    write, actuator = act(seen, OWN)
    assert (write is not None) is is_written
    assert (actuator.release_s is not None) is is_written
    assert actuator.tokens == (19.0 if is_written else 20.0)


@pytest.mark.parametrize(("ago_s", "is_written"), [(0.0, False), (1.9, False), (2.0, True), (None, True)])
def test_hand_backs_of_several_devices_follow_one_another(ago_s: float | None, *, is_written: bool) -> None:
    last_s = None if ago_s is None else NOW_S - ago_s
    write, actuator = act(told(1000.0, with_actuator()), OWN, last_release_s=last_s)
    assert (write is not None) is is_written
    assert actuator.release_s == (NOW_S if is_written else None)


def test_a_hand_back_that_the_device_did_not_take_is_written_again_at_once() -> None:
    memory = with_actuator(release_s=NOW_S - 1.0, release_tries=1)
    write, actuator = act(told(1000.0, memory), OWN, last_release_s=NOW_S - 1.0)
    assert write is OWN
    assert (actuator.release_s, actuator.release_tries) == (NOW_S - 1.0, 1)


def unproven(release_s: float, tries: int) -> Seen[Any]:
    """Return a battery that was handed back and still says that it is set."""
    memory = with_actuator(release_s=release_s, release_tries=tries, held_w=1000.0, tells=True)
    return saying(told(None, memory, power_w=1000.0))


@pytest.mark.parametrize(
    ("tries", "pause_s"), [(1, 5.0), (2, 15.0), (3, 45.0), (4, 120.0), (5, 600.0), (6, 600.0), (99, 600.0)]
)
def test_a_hand_back_is_repeated_ever_more_seldom_until_it_is_proven(tries: int, pause_s: float) -> None:
    write, actuator = act(unproven(NOW_S - pause_s + 0.1, tries), OWN)
    assert write is None
    assert (actuator.release_s, actuator.release_tries) == (NOW_S - pause_s + 0.1, tries)
    write, actuator = act(unproven(NOW_S - pause_s, tries), OWN)
    assert write is OWN
    assert (actuator.release_s, actuator.release_tries, actuator.tokens) == (NOW_S, tries + 1, 19.0)


def test_a_proven_hand_back_is_over_and_nothing_is_owed() -> None:
    memory = with_actuator(release_s=10.0, release_tries=3, tells=True, owes=True)
    write, actuator = act(told(None, memory), OWN)
    assert write is None
    assert (actuator.release_s, actuator.release_tries, actuator.owes) == (None, 0, False)


def test_who_is_taken_anew_is_not_handed_back_any_more() -> None:
    memory = with_actuator(release_s=99.0, release_tries=3, owes=True)
    _, actuator = act(told(None, memory), setpoint(500.0))
    assert (actuator.release_s, actuator.release_tries, actuator.owes) == (None, 0, False)
    _, actuator = act(battery(0.0, memory), setpoint(500.0))
    assert actuator.owes


RELEASED = Actuator(release_s=90.0, held_w=1000.0)
PROOFS = {
    "nothing was ever sent": (None, Actuator(), {}, True),
    "it is owed a hand-back since a former life": (None, Actuator(owes=True), {}, False),
    "what was owed was handed back": (setpoint(None), replace(RELEASED, owes=True, tells=True), {}, True),
    "it tells when it is set, and does not": (setpoint(None), replace(RELEASED, tells=True), {}, True),
    "no hand-back is to be proven": (setpoint(None), Actuator(), {}, True),
    "its power stays where it was held": (setpoint(None), RELEASED, {"power_w": 1000.0}, False),
    "its power moved by no more than noise": (setpoint(None), RELEASED, {"power_w": 850.0}, False),
    "its power left": (setpoint(None), RELEASED, {"power_w": 849.0}, True),
    "it left upwards": (setpoint(None), RELEASED, {"power_w": 1151.0}, True),
    "of a large power a share is noise": (
        setpoint(None),
        replace(RELEASED, held_w=-5000.0),
        {"power_w": -4700.0},
        False,
    ),
    "more than that share": (
        setpoint(None),
        replace(RELEASED, held_w=-5000.0),
        {"power_w": -4699.0},
        True,
    ),
    "what it tells is from before": (setpoint(None), RELEASED, {"power_w": 0.0, "heard_s": 90.0}, False),
    "what was written still lives in it": (
        setpoint(None),
        RELEASED,
        {"power_w": 1000.0, "written_s": 40.1},
        False,
    ),
    "what was written has expired": (setpoint(None), RELEASED, {"power_w": 1000.0, "written_s": 40.0}, True),
    "nobody knows when it was written": (setpoint(None), RELEASED, {"power_w": 1000.0}, False),
}


@pytest.mark.parametrize(("written", "actuator", "changes", "proven"), PROOFS.values(), ids=PROOFS)
def test_a_hand_back_is_proven_by_what_the_device_says_or_does(
    written: Setpoint | None, actuator: Actuator, changes: dict[str, Any], *, proven: bool
) -> None:
    changes = {"power_w": 0.0, "now_s": NOW_S, **changes}
    seen = battery(memory=DeviceMemory(actuator=actuator), written=written, **changes)
    assert is_released(seen, Battery()) is proven
    assert not is_released(saying(seen), Battery())


@pytest.mark.parametrize(
    ("tokens", "filled_s", "left"),
    [
        # At first sight it is full; then two a minute come in, up to what it holds.
        (3.0, None, 60.0),
        (3.0, NOW_S, 3.0),
        (3.0, 70.0, 4.0),
        (3.0, 40.0, 5.0),
        (59.5, 40.0, 60.0),
        (-4.0, 40.0, -2.0),
    ],
)
def test_the_budget_fills_with_time(tokens: float, filled_s: float | None, left: float) -> None:
    memory = DeviceMemory(actuator=Actuator(tokens=tokens, filled_s=filled_s))
    _, actuator = act(told(1000.0, memory), setpoint(1000.0))
    assert actuator.tokens == pytest.approx(left)
    assert actuator.filled_s == NOW_S


def test_a_device_that_says_it_is_set_while_held_is_known_to_tell() -> None:
    held = told(1000.0, with_actuator())
    assert not act(held, setpoint(1000.0))[1].tells
    assert act(saying(held), setpoint(1000.0))[1].tells
    assert not act(saying(told(None, with_actuator())), OWN)[1].tells
    assert act(told(1000.0, with_actuator(tells=True)), setpoint(1000.0))[1].tells


@pytest.mark.parametrize(
    ("refusals", "pause_s"), [(1, 5.0), (2, 10.0), (3, 20.0), (8, 640.0), (9, 900.0), (5000, 900.0)]
)
@pytest.mark.parametrize("wanted", [setpoint(3000.0), OWN], ids=["told", "handed back"])
def test_who_refuses_is_left_in_peace_ever_longer(refusals: int, pause_s: float, wanted: Setpoint) -> None:
    for ago_s, is_written in [(pause_s - 0.1, False), (pause_s, True)]:
        seen = told(
            1000.0, with_actuator(is_spent=True), refusals=refusals, refused_s=1000.0 - ago_s, now_s=1000.0
        )
        write, actuator = act(seen, wanted, replace(SLOW, heard_s=1000.0))
        assert (write is not None) is is_written
        assert not actuator.is_spent


@pytest.mark.parametrize(("refusals", "refused_s"), [(0, NOW_S), (3, None)])
def test_who_takes_writes_is_not_waited_for(refusals: int, refused_s: float | None) -> None:
    seen = told(1000.0, with_actuator(), refusals=refusals, refused_s=refused_s)
    assert act(seen, setpoint(3000.0))[0] is not None


@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize(
    ("change_w", "noise_w", "short_w", "band_w", "is_written"),
    [
        # 40 W, three times the noise, or what ends swings: the largest counts.
        (39.9, 0.0, 0.0, 0.0, False),
        (40.0, 0.0, 0.0, 0.0, True),
        (40.0, 13.0, 0.0, 0.0, True),
        (59.9, 20.0, 0.0, 0.0, False),
        (60.0, 20.0, 0.0, 0.0, True),
        (99.9, 20.0, 0.0, 100.0, False),
        (100.0, 20.0, 0.0, 100.0, True),
        # Where a limit is plainly broken, the device's own dead band alone.
        (39.9, 0.0, 40.0, 0.0, False),
        (20.0, 20.0, 40.1, 100.0, False),
        (20.1, 20.0, 40.1, 100.0, True),
    ],
)
def test_a_change_is_worth_a_write_outside_of_noise(
    sign: float, change_w: float, noise_w: float, short_w: float, band_w: float, *, is_written: bool
) -> None:
    memory = replace(with_actuator(), hunting=Hunting(band_w=band_w))
    wanted = setpoint(1000.0 + sign * change_w)
    write, _ = act(told(1000.0, memory), wanted, replace(SLOW, noise_w=noise_w, short_w=short_w))
    assert (write is not None) is is_written


def test_a_battery_is_no_device_of_steps() -> None:
    """What a whole step must leave to the noise does not hold back one that is set to the watt."""
    assert act(told(1000.0, with_actuator()), setpoint(1100.0), replace(SLOW, spare_w=0.0))[0] is not None
    assert act(told(1000.0, with_actuator()), setpoint(900.0), replace(SLOW, short_w=10.0))[0] is not None


@pytest.mark.parametrize(
    ("change_w", "period_s", "noise_w", "agreed", "is_written"),
    [
        # Four bands are answered at once, less when three telegrams agree.
        (160.0, 1.0, 0.0, 0, True),
        (159.9, 1.0, 0.0, 0, False),
        (159.9, 1.0, 0.0, 1, False),
        (159.9, 1.0, 0.0, 2, True),
        (239.9, 1.0, 20.0, 1, False),
        (240.0, 1.0, 20.0, 1, True),
        # A slow meter is not waited for.
        (50.0, 4.9, 0.0, 0, False),
        (50.0, 5.0, 0.0, 0, True),
    ],
)
def test_a_small_change_waits_until_telegrams_agree(
    change_w: float, period_s: float, noise_w: float, agreed: int, *, is_written: bool
) -> None:
    memory = with_actuator(agree=agreed, agree_sign=1, agree_heard_s=99.0)
    meter = replace(FAST, period_s=period_s, noise_w=noise_w)
    write, actuator = act(told(1000.0, memory), setpoint(1000.0 + change_w), meter)
    assert (write is not None) is is_written
    assert actuator.agree == (0 if is_written else agreed + 1)


@pytest.mark.parametrize(
    ("change_w", "before", "heard_s", "after"),
    [
        (50.0, (1, 1), 99.0, (2, 1)),
        (-50.0, (1, -1), 99.0, (2, -1)),
        # Another direction, or none, begins anew.
        (-50.0, (1, 1), 99.0, (1, -1)),
        (39.9, (1, 1), 99.0, (1, 0)),
        (-39.9, (1, 0), 99.0, (2, 0)),
        (40.0, (1, 0), 99.0, (1, 1)),
        # A telegram counts once.
        (50.0, (1, 1), 100.0, (1, 1)),
        (-50.0, (1, 1), 101.0, (1, 1)),
    ],
)
def test_telegrams_agree_on_a_direction(
    change_w: float, before: tuple[int, int], heard_s: float, after: tuple[int, int]
) -> None:
    memory = with_actuator(agree=before[0], agree_sign=before[1], agree_heard_s=heard_s)
    _, actuator = act(told(1000.0, memory), setpoint(1000.0 + change_w), FAST)
    assert (actuator.agree, actuator.agree_sign) == after
    assert actuator.agree_heard_s == max(heard_s, FAST.heard_s)


@pytest.mark.parametrize(
    ("value", "owner", "since_s", "is_written"),
    [
        (3000.0, Owner.AGGREGATOR, 9.9, False),
        (3000.0, Owner.AGGREGATOR, 10.0, True),
        (3000.0, Owner.FUSE, 9.9, False),
        (1000.0, Owner.AGGREGATOR, 0.0, True),
        (1000.0, Owner.FUSE, 0.0, True),
        (3000.0, Owner.AGGREGATOR, None, True),
    ],
)
def test_an_inverter_is_raised_seldom_and_lowered_at_once(
    value: float, owner: Owner, since_s: float | None, *, is_written: bool
) -> None:
    changed_s = None if since_s is None else NOW_S - since_s
    seen = inverter(-2000.0, with_actuator(), written=setpoint(2000.0), written_s=95.0, changed_s=changed_s)
    assert (act(seen, setpoint(value, owner), kind=Pv())[0] is not None) is is_written


@pytest.mark.parametrize(
    ("value_a", "short_w", "since_s", "is_written"),
    [
        # Sun that nobody may export is there for the car that takes it.
        (10.0, 41.0, 4.0, True),
        (10.0, 41.0, 3.9, False),
        (10.0, 40.0, 4.0, False),
        (6.0, 41.0, 3.9, True),
    ],
)
def test_what_makes_up_for_a_broken_limit_is_raised_soon(
    value_a: float, short_w: float, since_s: float, *, is_written: bool
) -> None:
    seen = charger(5520.0, with_actuator(), written=setpoint(8.0), written_s=95.0, changed_s=NOW_S - since_s)
    wanted = setpoint(value_a, Owner.PLAN)
    assert (act(seen, wanted, replace(SLOW, short_w=short_w), kind=Charger())[0] is not None) is is_written


@pytest.mark.parametrize(
    ("kind", "seen", "life_s"),
    [(Battery(), battery, 60.0), (Pv(), inverter, 60.0), (Charger(), charger, 120.0)],
    ids=["battery", "inverter", "charger"],
)
def test_what_was_written_is_renewed_after_a_third_of_its_life(kind: Any, seen: Any, life_s: float) -> None:
    held = replace(setpoint(8.0), phases=1)
    for ago_s, is_written in [(life_s / 3 - 0.1, False), (life_s / 3, True)]:
        one = seen(0.0, with_actuator(), written=held, written_s=NOW_S - ago_s, changed_s=10.0)
        write, _ = act(one, replace(setpoint(8.01), phases=3), kind=kind)
        # It is what was written, and not what is wanted a little otherwise.
        assert (write and (write.value, write.phases)) == ((8.0, 1) if is_written else None)


VAIN = replace(with_actuator(), lapses=Lapses(count=3), orders=(order(50.0, 1000.0),))


@pytest.mark.parametrize(
    ("value", "owner", "written_s", "written"),
    [
        (4000.0, Owner.AGGREGATOR, 95.0, None),
        (-4000.0, Owner.AGGREGATOR, 95.0, None),
        (4000.0, Owner.FUSE, 95.0, None),
        # Less for safety does not wait.
        (-4000.0, Owner.FUSE, 95.0, -4000.0),
        # It is renewed as it stands.
        (4000.0, Owner.AGGREGATOR, 80.0, 1000.0),
    ],
)
def test_a_device_that_goes_its_own_ways_is_told_nothing_new_while_an_order_is_in_force(
    value: float, owner: Owner, written_s: float, written: float | None
) -> None:
    write, _ = act(told(1000.0, VAIN, written_s=written_s), setpoint(value, owner))
    assert (write.value if write else None) == written


@pytest.mark.parametrize(("lapsed_s", "is_written"), [(85.1, False), (85.0, True)])
def test_an_order_that_ended_by_itself_is_written_anew_in_its_time(
    lapsed_s: float, *, is_written: bool
) -> None:
    memory = replace(
        with_actuator(),
        lapses=Lapses(count=1, lapsed_s=lapsed_s),
        orders=(order(50.0, 1000.0), order(lapsed_s, None, 300.0)),
    )
    write, _ = act(told(1000.0, memory), setpoint(2000.0))
    assert (write.value if write else None) == (2000.0 if is_written else None)


def swallowed(resent: int = 0, resent_s: float | None = None, **changes: Any) -> Seen[Any]:
    """Return a battery that was told 3 kW long ago, and rests."""
    memory = replace(with_actuator(resent=resent, resent_s=resent_s), orders=(order(10.0, 3000.0),))
    return told(3000.0, memory, **changes)


def test_an_order_that_was_swallowed_is_repeated_at_once() -> None:
    write, actuator = act(swallowed(), setpoint(3010.0))
    assert write is not None
    assert write.value == 3010.0
    assert (actuator.resent, actuator.resent_s) == (1, NOW_S)


@pytest.mark.parametrize(
    ("resent", "pause_s"), [(1, 30.0), (2, 60.0), (3, 120.0), (5, 480.0), (6, 600.0), (5000, 600.0)]
)
def test_and_then_ever_more_seldom(resent: int, pause_s: float) -> None:
    for ago_s, times in [(pause_s - 0.1, resent), (pause_s, resent + 1)]:
        one = swallowed(resent, 1000.0 - ago_s, now_s=1000.0, heard_s=1000.0, written_s=990.0)
        memory = replace(one.memory, judgement=Judgement.NOT_FOLLOWED)
        write, actuator = act(replace(one, memory=memory), setpoint(3000.0))
        assert (write is not None) is (times > resent)
        assert (actuator.resent, actuator.resent_s) == (times, 1000.0 - ago_s if times == resent else 1000.0)


def test_while_it_is_not_repeated_it_is_renewed() -> None:
    one = swallowed(1, 95.0, written_s=80.0)
    one = replace(one, memory=replace(one.memory, judgement=Judgement.NOT_FOLLOWED))
    write, actuator = act(one, setpoint(4000.0))
    assert write is not None
    assert (write.value, actuator.resent) == (3000.0, 1)


@pytest.mark.parametrize(
    ("judgement", "resent"),
    [
        (Judgement.FOLLOWED, (0, None)),
        (Judgement.SATURATED, (0, None)),
        (Judgement.UNKNOWN, (2, 20.0)),
    ],
)
def test_a_device_that_did_what_it_was_told_before_begins_anew(
    judgement: Judgement, resent: tuple[int, float | None]
) -> None:
    memory = replace(with_actuator(resent=2, resent_s=20.0), judgement=judgement)
    write, actuator = act(told(1000.0, memory), setpoint(3000.0))
    assert write is not None
    assert (actuator.resent, actuator.resent_s) == resent


def test_a_change_after_an_order_that_was_swallowed_counts_as_its_repetition() -> None:
    write, actuator = act(swallowed(2, 20.0), setpoint(4000.0))
    assert write is not None
    assert (write.value, actuator.resent, actuator.resent_s) == (4000.0, 3, NOW_S)


def test_who_is_taken_begins_anew() -> None:
    write, actuator = act(battery(0.0, with_actuator(resent=2, resent_s=20.0)), setpoint(500.0))
    assert write is not None
    assert (actuator.resent, actuator.resent_s, actuator.tokens) == (0, None, 19.0)


class Unbudgeted(Battery):
    """A battery that may be written as often as one likes."""

    actuation = ActuationPolicy(dead_band=20.0)


def test_a_kind_without_a_budget_spends_none_and_is_known_to_tell_all_the_same() -> None:
    held = saying(told(1000.0, DeviceMemory(actuator=Actuator(tokens=0.5))))
    write, actuator = act(held, setpoint(3000.0), kind=Unbudgeted())
    assert write is not None
    assert (actuator.tells, actuator.tokens, actuator.filled_s) == (True, 0.5, None)


def test_that_a_device_is_not_taken_for_lack_of_writes_is_known() -> None:
    write, actuator = act(battery(0.0, with_actuator(tokens=0.9)), setpoint(3000.0))
    assert (write, actuator.is_spent, actuator.tokens) == (None, True, 0.9)
