"""What a dispatch brings is what meters show against baselines; who drops out is made up for."""

from datetime import timedelta
from typing import Any

from community_hub.flexibility.watching import Watch

from ..running import Running, problem
from .communities import Flexible, flexible


async def dispatched(hub: Running, need_kw: float = 3.0) -> tuple[Flexible, Any, dict[str, Any]]:
    """Return three homes, of which two are called: 2 kW of ``cheap`` and 1 kW of ``fair``."""
    here = await flexible(hub, "cheap", "fair", "dear")
    for ven_id, price in (("cheap", 0.10), ("fair", 0.20), ("dear", 0.30)):
        await here.offer(ven_id, 2.0, price=price)
    dispatch = await here.dispatch(need_kw)
    return here, dispatch, await here.homes_of(dispatch["id"])


async def measure(
    here: Flexible, homes: dict[str, Any], ven_id: str, *, baseline: float, demand: float
) -> None:
    values = {
        "DEMAND": demand,
        "BASELINE": baseline,
        "DELTA_USAGE": (demand - baseline) / 60,
        "INSTRUCTION_STATUS": "STARTED",
    }
    await here.say(ven_id, homes[ven_id]["event_id"], "measurement", values)


async def delivery(here: Flexible, dispatch_id: str) -> Any:
    return (await here.operator.get(f"/api/v1/dispatches/{dispatch_id}/delivery")).json()


async def test_nothing_counts_because_it_was_sent(hub: Running) -> None:
    here, dispatch, _ = await dispatched(hub)
    hub.clock.go_on(minutes=31)

    told = await delivery(here, dispatch["id"])

    assert (told["needed_kw"], told["called_kw"], told["delivered_kw"]) == (3.0, 3.0, None)
    assert told["is_short"]
    assert told["homes"]["silent"] == 2


async def test_delivery_is_the_baseline_less_the_meter(hub: Running) -> None:
    here, dispatch, homes = await dispatched(hub)
    hub.clock.go_on(minutes=31)
    await measure(here, homes, "cheap", baseline=2.5, demand=0.4)
    await measure(here, homes, "fair", baseline=1.0, demand=1.2)

    told = await delivery(here, dispatch["id"])

    assert told["delivered_kw"] == 1.9
    assert [(row["ven_id"], row["delivered_kw"]) for row in told["by_home"]] == [
        ("cheap", 2.1),
        ("fair", -0.2),
    ]
    assert told["homes"]["delivering"] == 1


async def test_a_home_that_falls_silent_is_no_longer_known_to_deliver(hub: Running) -> None:
    here, dispatch, homes = await dispatched(hub)
    hub.clock.go_on(minutes=31)
    await measure(here, homes, "cheap", baseline=2.5, demand=0.5)
    hub.clock.go_on(minutes=3)

    assert (await delivery(here, dispatch["id"]))["delivered_kw"] is None


async def test_a_report_on_anothers_event_counts_for_nobody(hub: Running) -> None:
    here, dispatch, homes = await dispatched(hub)
    hub.clock.go_on(minutes=31)
    values = {"DEMAND": 0.0, "BASELINE": 9.0, "INSTRUCTION_STATUS": "STARTED"}
    await here.say("dear", homes["cheap"]["event_id"], "measurement", values)

    assert (await delivery(here, dispatch["id"]))["delivered_kw"] is None


async def test_the_newest_word_of_a_home_counts_whatever_came_last(hub: Running) -> None:
    here, dispatch, homes = await dispatched(hub)
    hub.clock.go_on(minutes=32)
    await measure(here, homes, "cheap", baseline=2.0, demand=0.0)
    hub.clock.go_on(minutes=-1)
    await measure(here, homes, "cheap", baseline=2.0, demand=2.0)
    hub.clock.go_on(minutes=1)

    assert (await delivery(here, dispatch["id"]))["delivered_kw"] == 2.0


async def test_when_a_home_refuses_others_are_called_and_nobody_is_called_off(hub: Running) -> None:
    here, dispatch, homes = await dispatched(hub)
    values = {"ACK": False, "INSTRUCTION_STATUS": "REJECTED", "REASON": "not_possible"}
    await here.say("cheap", homes["cheap"]["event_id"], "refusal", values)

    answer = await here.operator.post(f"/api/v1/dispatches/{dispatch['id']}/redispatch")

    assert answer.json()["counts"] == {"called": 2, "dropped": 1, "left_out": 0}
    called = await here.homes_of(dispatch["id"])
    assert {ven_id: row["called_kw"] for ven_id, row in called.items()} == {"fair": [1.0], "dear": [2.0]}
    assert called["fair"]["event_id"] == homes["fair"]["event_id"]
    assert (await here.homes_of(dispatch["id"], "dropped"))["cheap"]["reason"] == "refused"
    topics = [topic for topic, _ in await here.told()]
    assert topics == ["cheap/events/create", "fair/events/create", "dear/events/create"]


async def test_others_who_make_up_stay_within_what_is_left_of_a_feeders_cap(hub: Running) -> None:
    here = await flexible(hub, "cheap", "fair", "dear")
    for ven_id, price in (("cheap", 0.10), ("fair", 0.20), ("dear", 0.30)):
        await here.offer(ven_id, 2.0, price=price)
    dispatch = await here.dispatch(3.0, feeder_caps_kw={"north": 3.5})
    homes = await here.homes_of(dispatch["id"])
    for ven_id in ("fair",):
        await here.say(ven_id, homes[ven_id]["event_id"], "status", {"INSTRUCTION_STATUS": "REVOKED"})

    answer = await here.operator.post(f"/api/v1/dispatches/{dispatch['id']}/redispatch")

    called = await here.homes_of(dispatch["id"])
    assert sum(row["called_kw"][0] for row in called.values()) <= 3.5
    assert answer.json()["short_kw"] == [0.0]


async def test_where_nothing_lacks_nobody_is_called_again(hub: Running) -> None:
    here, dispatch, homes = await dispatched(hub)
    await here.say("cheap", homes["cheap"]["event_id"], "status", {"INSTRUCTION_STATUS": "ACCEPTED"})

    answer = await here.operator.post(f"/api/v1/dispatches/{dispatch['id']}/redispatch")

    assert problem(answer) == (409, "nothing-lacks")


async def test_a_home_whose_resident_is_still_asked_is_not_dropped(hub: Running) -> None:
    here, dispatch, homes = await dispatched(hub)
    values = {
        "INSTRUCTION_STATUS": "ACCEPTED",
        "OPERATING_STATE": "IDLE_OPTED_OUT",
        "REASON": "not_answered",
    }
    await here.say("cheap", homes["cheap"]["event_id"], "acknowledgement", values)

    await Watch(issuing=hub.app.state.issuing).once()

    assert (await here.homes_of(dispatch["id"]))["cheap"]["state"] == "called"
    assert (await delivery(here, dispatch["id"]))["homes"]["asked"] == 1


async def test_the_watch_makes_up_for_homes_that_leave_by_itself(hub: Running) -> None:
    here, dispatch, homes = await dispatched(hub)
    left = {"INSTRUCTION_STATUS": "ACCEPTED", "OPERATING_STATE": "IDLE_OPTED_OUT", "REASON": "opted_out"}
    await here.say("fair", homes["fair"]["event_id"], "status", left)

    await Watch(issuing=hub.app.state.issuing).once()
    await Watch(issuing=hub.app.state.issuing).once()

    called = await here.homes_of(dispatch["id"])
    assert {ven_id: row["called_kw"] for ven_id, row in called.items()} == {"cheap": [2.0], "dear": [1.0]}
    [act] = await here.acts("dispatch.redispatch")
    assert (act["actor"], act["details"]["called"]) == ("system", 1)


async def test_too_little_for_two_minutes_calls_others_in_the_next_interval(hub: Running) -> None:
    here = await flexible(hub, "cheap", "dear")
    for ven_id, price in (("cheap", 0.10), ("dear", 0.30)):
        await here.offer(ven_id, 4.0, price=price)
    dispatch = await here.dispatch([2.0, 2.0], duration_minutes=60)
    homes = await here.homes_of(dispatch["id"])
    watch = Watch(issuing=hub.app.state.issuing)
    hub.clock.go_on(minutes=30)
    for _ in range(4):
        hub.clock.go_on(minutes=1)
        await measure(here, homes, "cheap", baseline=2.0, demand=1.5)
        await watch.once()

    called = await here.homes_of(dispatch["id"])
    assert called["dear"]["called_kw"] == [0.0, 1.5]
    told = await delivery(here, dispatch["id"])
    assert [sample["delivered_kw"] for sample in told["series"]] == [0.5] * 4


async def test_a_minute_is_noted_once_however_many_workers_watch(hub: Running) -> None:
    here, dispatch, homes = await dispatched(hub)
    hub.clock.go_on(minutes=31)
    await measure(here, homes, "cheap", baseline=2.5, demand=0.5)
    for _ in range(3):
        await Watch(issuing=hub.app.state.issuing).once()

    assert len((await delivery(here, dispatch["id"]))["series"]) == 1


async def test_a_household_sees_its_own_homes_delivery_alone(hub: Running) -> None:
    here, dispatch, homes = await dispatched(hub)
    hugo = await hub.person(here.operator, "household", "Hugo")
    hub.clock.go_on(minutes=31)
    await measure(here, homes, "cheap", baseline=2.5, demand=0.5)

    path = f"/api/v1/dispatches/{dispatch['id']}/delivery"
    assert [row["ven_id"] for row in (await here.household.get(path)).json()["by_home"]] == ["cheap", "fair"]
    assert problem(await hugo.get(path)) == (404, "no-such-dispatch")


async def test_an_event_that_is_over_brings_nothing_more(hub: Running) -> None:
    here, dispatch, homes = await dispatched(hub)
    hub.clock.go_on(minutes=31)
    await measure(here, homes, "cheap", baseline=2.5, demand=0.5)
    await here.went_on(hub.clock() + timedelta(minutes=30))

    told = await delivery(here, dispatch["id"])

    assert (told["needed_kw"], told["delivered_kw"]) == (0.0, None)
    assert problem(await here.operator.post(f"/api/v1/dispatches/{dispatch['id']}/redispatch")) == (
        409,
        "dispatch-over",
    )
