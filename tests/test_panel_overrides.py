"""What a resident decides with one tap of the panel, and that taking it back leaves nothing."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.core.control.charging import ChargeMode
from custom_components.home_flex.core.model import (
    BatteryReading,
    ChargerReading,
    DeviceKind,
    Quantity,
    Reading,
)
from custom_components.home_flex.core.model.reading import ChargerStatus
from custom_components.home_flex.core.wishes import WishError, Wishes, with_battery, with_charger
from custom_components.home_flex.panel.overrides import (
    AS_BEFORE,
    CHARGE_NOW,
    KEEP,
    LASTS,
    NOT_NOW,
    Deciding,
    changed,
    offered,
    override_of,
)
from custom_components.home_flex.runtime.view import DeviceView
from tests.runtime.site_view import device_view

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
ALL = frozenset(Quantity)


def device(kind: DeviceKind, reading: Reading | None) -> DeviceView:
    return device_view(kind, reading, reserve=0.1)


def battery(state_of_charge: float) -> DeviceView:
    reading = BatteryReading(
        time=NOW,
        power_w=0.0,
        state_of_charge=state_of_charge,
        capacity_wh=10_000,
        max_charge_w=5_000,
        max_discharge_w=5_000,
    )
    return device(DeviceKind.BATTERY, reading)


def charger(status: ChargerStatus = ChargerStatus.CHARGING) -> DeviceView:
    reading = ChargerReading(
        time=NOW, power_w=0.0, status=status, phases=3, min_current_a=6.0, max_current_a=16.0
    )
    return device(DeviceKind.EV_CHARGER, reading)


CHARGER_WISHES = st.sampled_from(
    [
        Wishes(),
        with_charger(Wishes(), "one", mode=ChargeMode.SURPLUS),
        with_charger(Wishes(), "one", mode=ChargeMode.OFF),
    ]
)


@given(CHARGER_WISHES, st.lists(st.sampled_from([CHARGE_NOW, NOT_NOW]), min_size=1, max_size=4))
def test_a_charger_is_as_before_whatever_was_tapped(before: Wishes, taps: list[str]) -> None:
    wishes, deciding = before, Deciding(device=charger(), now=NOW)
    for tap in taps:
        wishes = changed(wishes, tap, deciding)
        override = override_of(wishes, charger())
        assert override is not None
        assert override["does"] == tap
    assert changed(wishes, AS_BEFORE, deciding).charger("one") == before.charger("one")


@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0), st.integers(1, 3))
def test_a_battery_keeps_what_it_holds_and_is_as_before_afterwards(
    held: float, reserve: float, taps: int
) -> None:
    before = with_battery(Wishes(), "one", reserve=reserve)
    wishes, deciding = before, Deciding(device=battery(held), now=NOW)
    for _ in range(taps):
        wishes = changed(wishes, KEEP, deciding)
    assert wishes.battery("one").reserve == pytest.approx(max(held, reserve), abs=0.01)
    assert override_of(wishes, battery(held)) == {"does": KEEP, "until": (NOW + LASTS).isoformat()}
    assert changed(wishes, AS_BEFORE, deciding).battery("one") == before.battery("one")


def test_a_battery_that_is_silent_keeps_nothing() -> None:
    silent = Deciding(device=device(DeviceKind.BATTERY, None), now=NOW)
    with pytest.raises(WishError, match="silent"):
        changed(Wishes(), KEEP, silent)


def test_a_roof_is_told_nothing() -> None:
    with pytest.raises(WishError):
        changed(Wishes(), CHARGE_NOW, Deciding(device=device(DeviceKind.PV, None), now=NOW))


@pytest.mark.parametrize(
    ("shown", "settable", "expected"),
    [
        (charger(), ALL, [CHARGE_NOW, NOT_NOW]),
        (charger(), frozenset(), []),
        (charger(ChargerStatus.AVAILABLE), ALL, []),
        (battery(0.5), ALL, [KEEP]),
        (battery(0.5), frozenset(), []),
        (device(DeviceKind.BATTERY, None), ALL, []),
        (device(DeviceKind.PV, None), ALL, []),
    ],
)
def test_only_what_a_device_can_now_is_offered(
    shown: DeviceView, settable: frozenset[Quantity], expected: list[str]
) -> None:
    assert list(offered(shown, settable)) == expected
