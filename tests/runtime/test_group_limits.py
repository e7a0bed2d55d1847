"""Groups that are dimmed: by an entity, by what was told, over a restart, and when a signal falls silent."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from custom_components.home_flex.core.control.demand import Envelope, ScopeKind
from custom_components.home_flex.core.control.dimming import Dimming, DimmingMode, GroupSettings
from custom_components.home_flex.core.control.section_14a import Registered
from custom_components.home_flex.core.model import Group, GroupKind, Owner
from custom_components.home_flex.runtime.group_limits import GroupLimits, GroupView

from .service_home import Clock

MEMBERS = ("battery", "car")


class Kept:
    """Keeps the newest document."""

    document: Mapping[str, Any] | None = None

    def put_document(self, _key: str, document: Mapping[str, Any]) -> None:
        self.document = document


class Home:
    """The limits of one group, which can be restarted."""

    def __init__(
        self, *, mode: DimmingMode = DimmingMode.TOGETHER, kind: GroupKind = GroupKind.SECTION_14A
    ) -> None:
        self.clock = Clock()
        self.kept = Kept()
        is_peak = kind is GroupKind.PEAK
        self.settings = GroupSettings(
            group=Group(group_id="grid", kind=kind, device_ids=MEMBERS),
            mode=mode,
            registered=None if is_peak else Registered(count=2),
            power_limit_w=5000.0 if is_peak else None,
            has_signal=not is_peak,
        )
        self.limits = self.start(None)

    def start(self, document: object) -> GroupLimits:
        self.limits = GroupLimits(
            [self.settings],
            document,
            documents=self.kept,
            clock=self.clock,
            monotonic=self.clock.monotonic_s,
        )
        return self.limits

    def restart(self) -> None:
        self.start(self.kept.document)

    @property
    def limit_w(self) -> float | None:
        return self.view.limit_w

    @property
    def view(self) -> GroupView:
        self.limits.demands()
        return self.limits.views()[0]


def test_a_relay_dims_to_the_floor_of_what_is_registered() -> None:
    home = Home()
    home.limits.signalled("grid", True)
    (demand,) = home.limits.demands()
    assert (demand.owner, demand.asks) == (Owner.GRID_OPERATOR, Envelope(high_w=7560.0))
    assert (demand.scope.kind, demand.scope.id) == (ScopeKind.GROUP, "grid")
    home.limits.signalled("grid", False)
    assert home.limits.demands() == ()


def test_devices_that_are_dimmed_each_get_their_own_floor() -> None:
    home = Home(mode=DimmingMode.EACH)
    home.limits.signalled("grid", True)
    found = {demand.scope.id: demand.asks for demand in home.limits.demands()}
    assert found == dict.fromkeys(MEMBERS, Envelope(high_w=4200.0))


def test_a_limit_of_the_residents_own_holds_always_and_cannot_be_dimmed() -> None:
    home = Home(kind=GroupKind.PEAK)
    home.limits.signalled("grid", True)
    (demand,) = home.limits.demands()
    assert (demand.owner, demand.asks) == (Owner.RESIDENT, Envelope(high_w=5000.0))
    assert home.limits.views() == ()


@pytest.mark.parametrize(
    ("told_w", "limit_w", "below_floor"),
    [(None, 7560.0, False), (9000.0, 9000.0, False), (7560.0, 7560.0, False), (3000.0, 3000.0, True)],
)
def test_a_value_that_is_told_is_obeyed_and_marked_below_the_floor(
    told_w: float | None, limit_w: float, below_floor: bool
) -> None:
    home = Home()
    home.limits.tell("grid", Dimming(limit_w=told_w))
    assert (home.view.limit_w, home.view.below_floor) == (limit_w, below_floor)


@pytest.mark.parametrize(("told_w", "limit_w"), [(9000.0, 7560.0), (3000.0, 3000.0)])
def test_of_a_relay_and_a_value_the_tighter_counts(told_w: float, limit_w: float) -> None:
    home = Home()
    home.limits.signalled("grid", True)
    home.limits.tell("grid", Dimming(limit_w=told_w))
    assert home.limit_w == limit_w


def test_a_negative_limit_is_refused_and_changes_nothing() -> None:
    home = Home()
    with pytest.raises(ValueError, match="not a limit"):
        home.limits.tell("grid", Dimming(limit_w=-1.0))
    assert home.limit_w is None


def test_what_was_told_until_an_hour_ends_then_for_good() -> None:
    home = Home()
    home.limits.tell("grid", Dimming(until=home.clock() + timedelta(seconds=60)))
    home.clock.seconds = 59.0
    assert home.limit_w == 7560.0
    home.clock.seconds = 60.0
    assert home.limit_w is None
    home.restart()
    assert home.limit_w is None


def test_a_signal_that_cannot_be_read_is_as_it_was_for_two_minutes_then_one_that_dims() -> None:
    home = Home()
    home.limits.signalled("grid", False)
    for second in range(120):
        home.clock.seconds = float(second)
        home.limits.signalled("grid", None)
        assert home.limit_w is None
    home.clock.seconds = 120.0
    home.limits.signalled("grid", None)
    assert (home.view.limit_w, home.view.signal_lost) == (7560.0, True)
    home.limits.signalled("grid", False)
    assert (home.view.limit_w, home.view.signal_lost) == (None, False)


def test_a_dimming_in_force_survives_a_restart_before_its_channel_speaks() -> None:
    home = Home()
    home.limits.signalled("grid", True)
    home.restart()
    assert home.limit_w == 7560.0
    home.limits.signalled("grid", None)
    assert home.limit_w == 7560.0
    home.limits.signalled("grid", False)
    assert home.limit_w is None


def test_a_signal_that_was_taken_out_of_the_settings_dims_no_more() -> None:
    home = Home()
    home.limits.signalled("grid", True)
    home.settings = replace(home.settings, has_signal=False)
    home.restart()
    assert home.limit_w is None
    home.clock.seconds = 200.0
    assert home.limit_w is None


def test_a_value_that_was_told_survives_a_restart() -> None:
    home = Home()
    home.limits.tell("grid", Dimming(limit_w=6000.0, until=home.clock() + timedelta(hours=1)))
    before = home.view
    home.restart()
    assert home.view == before
    home.limits.tell("grid", None)
    home.restart()
    assert home.limit_w is None


@pytest.mark.parametrize(
    "document",
    [
        {"told": {"grid": {"limit_w": "much"}}},
        {"told": {"grid": {"limit_w": -5.0}}},
        {"told": {"grid": {"limit_w": float("nan")}}},
        {"told": {"grid": {"limit_w": None, "until": "soon"}}},
        {"told": {"grid": 7}},
        {"signals": {"grid": "on"}},
    ],
)
def test_what_was_kept_and_cannot_be_read_dims(document: object) -> None:
    home = Home()
    assert home.start(document).views()[0].limit_w == 7560.0


@pytest.mark.parametrize("document", [None, [], "dimmed", {"told": {"gone": {"limit_w": 1.0}}}, {"told": []}])
def test_a_document_that_says_nothing_of_the_group_dims_nothing(document: object) -> None:
    home = Home()
    assert home.start(document).views()[0].limit_w is None
