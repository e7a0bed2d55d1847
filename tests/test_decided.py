"""Who decides what a device does, and what overrides a wish."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from custom_components.home_flex.core.control.state import LimitSource, PowerBalance
from custom_components.home_flex.core.events.model import (
    Event,
    EventRecord,
    EventStatus,
    Interval,
    Payload,
    PayloadType,
    Source,
)
from custom_components.home_flex.core.model import DeviceKind, Owner, Quantity, Setpoint
from custom_components.home_flex.core.wishes import Wishes, pause, with_device
from custom_components.home_flex.decided import decided_by, decided_why, overridden
from custom_components.home_flex.runtime.view import SiteView
from tests.runtime.site_view import device_view, site_view

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
END = NOW + timedelta(hours=1)
NOBODY = {"overridden_by": None, "overridden_until": None}
EVENT = EventRecord(
    event=Event(
        event_id="evening",
        program_id="community",
        name=None,
        source=Source.AGGREGATOR,
        priority=1,
        created=NOW,
        modified=NOW,
        intervals=(
            Interval(
                id=0,
                start=NOW,
                end=END,
                payloads=(Payload(type=PayloadType.IMPORT_CAPACITY_LIMIT, value=1500.0),),
            ),
        ),
    ),
    status=EventStatus.STARTED,
    received=NOW,
)


LATER = replace(EVENT.event.intervals[0], end=END + timedelta(hours=1))


def view(
    owner: Owner | None = None,
    *,
    value: float | None = 0.0,
    reason: str = "import_capacity_limit",
    wishes: Wishes | None = None,
) -> SiteView:
    """Show a battery that ``owner`` steers on behalf of the running event."""
    setpoint = None
    if owner is not None:
        setpoint = Setpoint(
            device_id="battery",
            quantity=Quantity.POWER_W,
            value=value,
            owner=owner,
            reason=reason,
            life_s=60.0,
            source_id="evening",
        )
    battery = device_view(DeviceKind.BATTERY, device_id="battery", setpoint=setpoint, reserve=0.1)
    return replace(
        site_view(
            NOW,
            {"battery": battery},
            balance=PowerBalance(grid_w=0.0, pv_w=0.0, battery_w=0.0, ev_charger_w=0.0, rest_w=0.0),
        ),
        limit_owner=owner,
        export_limited_by=None if owner is None else LimitSource(owner=owner, source_id="evening"),
        records=(EVENT,),
        active=EVENT,
        wishes=wishes or Wishes(),
    )


@pytest.mark.parametrize(
    ("owner", "decider"),
    [
        (Owner.FUSE, "fuse"),
        (Owner.GRID_OPERATOR, "grid_operator"),
        (Owner.RESIDENT, "you"),
        (Owner.DEVICE_SAFETY, "device"),
        (Owner.AGGREGATOR, "community"),
        (None, "nobody"),
    ],
)
def test_whose_setpoint_is_in_force_decides(owner: Owner | None, decider: str) -> None:
    assert decided_by(view(owner), "battery") == decider
    assert decided_why(view(owner), "battery") == (None if owner is None else "import_capacity_limit")


@pytest.mark.parametrize(("reason", "decider"), [("plan", "plan"), ("waits_for_sun", "rule")])
def test_without_a_plan_a_rule_decides(reason: str, decider: str) -> None:
    assert decided_by(view(Owner.PLAN, reason=reason), "battery") == decider


def test_a_device_that_was_handed_back_is_decided_by_nobody() -> None:
    assert decided_by(view(Owner.AGGREGATOR, value=None), "battery") == "nobody"


@pytest.mark.parametrize(
    ("wishes", "decider", "why"),
    [
        (pause(Wishes()), "you", "paused"),
        (with_device(Wishes(), "battery", managed=False), "you", "managed"),
        (with_device(Wishes(), "battery", quiet=True), "nobody", "quiet"),
    ],
)
def test_a_device_that_is_left_alone_by_a_wish_is_decided_by_the_resident(
    wishes: Wishes, decider: str, why: str
) -> None:
    shown = view(wishes=wishes)
    assert (decided_by(shown, "battery"), decided_why(shown, "battery")) == (decider, why)


def test_a_device_that_goes_against_its_orders_is_left_alone_for_that() -> None:
    shown = view(Owner.AGGREGATOR, value=None)
    turned = replace(shown, devices={"battery": replace(shown.devices["battery"], is_turned=True)})
    assert (decided_by(turned, "battery"), decided_why(turned, "battery")) == ("nobody", "turned")


@pytest.mark.parametrize("device_id", ["battery", None])
@pytest.mark.parametrize(
    ("owner", "line", "by"),
    [
        (Owner.FUSE, Owner.RESIDENT, "fuse"),
        (Owner.GRID_OPERATOR, Owner.RESIDENT, "grid_operator"),
        (Owner.AGGREGATOR, Owner.RESIDENT, None),
        (Owner.AGGREGATOR, Owner.PLAN, "community"),
        (Owner.RESIDENT, Owner.RESIDENT, None),
        (Owner.RESIDENT, Owner.PLAN, None),
        (Owner.PLAN, Owner.PLAN, None),
        (None, Owner.PLAN, None),
    ],
)
def test_only_a_higher_line_of_somebody_else_overrides_a_wish(
    device_id: str | None, owner: Owner | None, line: Owner, by: str | None
) -> None:
    told = {"overridden_by": by, "overridden_until": END.isoformat()} if by else NOBODY
    assert overridden(view(owner), device_id, line) == told


def test_a_limit_for_drawing_does_not_override_a_wish_about_feeding_in() -> None:
    shown = replace(
        view(Owner.GRID_OPERATOR),
        import_limited_by=LimitSource(owner=Owner.GRID_OPERATOR, source_id="evening"),
        export_limited_by=LimitSource(owner=Owner.RESIDENT, source_id="export"),
    )
    assert overridden(shown, None, Owner.RESIDENT) == NOBODY


def test_a_limit_overrides_until_the_end_of_its_own_event() -> None:
    later = replace(EVENT, event=replace(EVENT.event, event_id="other", intervals=(LATER,)))
    shown = replace(view(Owner.GRID_OPERATOR), records=(later, EVENT), active=later)
    assert overridden(shown, None, Owner.RESIDENT)["overridden_until"] == END.isoformat()


def test_while_all_is_paused_the_resident_overrides_the_other_wishes() -> None:
    paused = pause(Wishes(), END)
    assert overridden(view(Owner.FUSE, wishes=paused), "battery", Owner.RESIDENT) == {
        "overridden_by": "you",
        "overridden_until": END.isoformat(),
    }
    open_end = replace(paused, site=replace(paused.site, paused_until=None))
    assert overridden(view(wishes=open_end), None, Owner.RESIDENT) == {
        "overridden_by": "you",
        "overridden_until": None,
    }
