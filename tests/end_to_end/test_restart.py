"""What a home does that was dead in the middle of an event: each kind goes on, what was taken back does not.

All tests share one home; each leaves it without open events and with every device by itself.
"""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from scripts.home_stack.api import wait_until
from scripts.home_stack.home_assistant import complaints
from scripts.home_stack.house import STEADY
from scripts.home_stack.stack import HomeStack, running_stack

from .looks import (
    REACHED_S,
    issues,
    status_of,
    store_path,
    wait_for_power,
    wait_until_handed_back,
    wait_until_settled,
)

pytestmark = pytest.mark.timeout(400)

LONG = timedelta(minutes=10)
ONCE = ["ACCEPTED", "STARTED", "SUCCEEDED"]
REACTS_S = 3.0
AS_BEFORE_W = 300.0
STEADY_S = 6.0
# A car is told less for half a minute, once, to show how soon it answers: that is no rest.
CAR_STEADY_S = 40.0
LOOKS_S = 0.2
# The base load; the car draws 11 kW beside it. Events that would pause the car find it unplugged: after a few
# pauses in an hour it would wait for its turn.
BASE_W = 500.0
CAR_CHARGES_W = 11_000.0
LIMIT_W = 250.0
LIMIT = {"IMPORT_CAPACITY_LIMIT": 0.2}
KINDS = [
    pytest.param({"DISPATCH_SETPOINT_RELATIVE": -3.0}, False, id="a relative setpoint"),
    pytest.param(
        {"DISPATCH_SETPOINT": -2.0, "EXPORT_CAPACITY_LIMIT": 1.0}, False, id="within an export limit"
    ),
    pytest.param({"CHARGE_STATE_SETPOINT": 0.52}, False, id="a state of charge"),
    pytest.param({"IMPORT_CAPACITY_LIMIT": 8.0}, True, id="an import limit"),
    pytest.param({"SIMPLE": 1.0}, True, id="a SIMPLE level"),
]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def home(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[HomeStack]:
    async with running_stack(tmp_path_factory.mktemp("restart"), house_options=STEADY, set_up=False) as stack:
        # The first event counts from the minute before it.
        await stack.house.put("/house", {"car_plugged": False})
        await stack.home_flex.set_up(stack.house, stack.broker, tell=lambda _: None)
        stack.aggregator.answers = True
        await stack.home_assistant.stored("core.config_entries", holding="aggregator")
        await stack.home_assistant.stored("auth", holding="Home stack")
        yield stack
    assert complaints(stack.home_assistant.log_lines()) == []


async def rest(home: HomeStack, *, with_car: bool = False) -> None:
    """Let the house come to rest, the battery half full."""
    await wait_until_handed_back(home)
    await home.house.put("/house", {"battery_soc": 0.5, "car_soc": 0.4, "car_plugged": with_car})
    expected_w = CAR_CHARGES_W if with_car else BASE_W - 100
    await wait_for_power(home, at_least_w=expected_w, at_most_w=expected_w + 1000, timeout_s=60)


async def settled_power_w(home: HomeStack, *, with_car: bool) -> float:
    """Return the power at the meter when it has not moved for some seconds."""
    steady_s = CAR_STEADY_S if with_car else STEADY_S
    powers: list[float] = []

    async def steady() -> bool:
        powers.append((await home.house.state()).grid_power_w)
        count = round(steady_s / LOOKS_S)
        latest = powers[-count:]
        return len(latest) == count and max(latest) - min(latest) < AS_BEFORE_W / 4

    patience_s = 2 * REACHED_S + 2 * steady_s
    await wait_until(steady, "the meter to come to rest", timeout_s=patience_s, every_s=LOOKS_S)
    return powers[-1]


async def come_back(home: HomeStack) -> None:
    await home.home_assistant.start()
    await home.home_flex.ready()


@pytest.mark.parametrize(("payloads", "with_car"), KINDS)
async def test_an_event_goes_on_as_it_was_and_is_reported_once(
    home: HomeStack, payloads: dict[str, float], with_car: bool
) -> None:
    await rest(home, with_car=with_car)
    idle_w = (await home.house.state()).grid_power_w
    event = await home.aggregator.ask(payloads, duration=LONG)
    await home.aggregator.wait_for_status(event.event_id, "STARTED", timeout_s=REACHED_S)
    await asyncio.sleep(REACTS_S)
    before_w = await settled_power_w(home, with_car=with_car)
    await home.home_assistant.kill()
    await come_back(home)
    after_w = await settled_power_w(home, with_car=with_car)
    await home.aggregator.end(event)

    assert abs(before_w - idle_w) > AS_BEFORE_W
    assert after_w == pytest.approx(before_w, abs=AS_BEFORE_W)
    await wait_until_handed_back(home)
    await wait_until_settled(home, event, ONCE)


async def test_an_event_whose_deletion_was_lost_while_the_home_was_away_never_runs(home: HomeStack) -> None:
    await rest(home)
    ahead = await home.aggregator.ask(LIMIT, duration=LONG, starts_in=timedelta(seconds=40))
    await home.aggregator.wait_for_status(ahead.event_id, "ACCEPTED", timeout_s=REACHED_S)
    await home.home_assistant.kill()
    home.aggregator.withdraw(ahead)
    await come_back(home)

    await home.aggregator.wait_for_status(ahead.event_id, "REVOKED", timeout_s=REACHED_S)
    assert home.aggregator.statuses(ahead.event_id) == ["ACCEPTED", "REVOKED"]
    assert await status_of(home, ahead) == "REVOKED"


async def test_a_home_that_is_rolled_back_goes_on_with_what_it_can_read(home: HomeStack) -> None:
    """The release after this one wrote fields, payloads, tables and a whole record not known here."""
    await rest(home)
    event = await home.aggregator.ask(LIMIT, duration=LONG)
    await wait_for_power(home, at_most_w=LIMIT_W)
    await home.aggregator.wait_for_status(event.event_id, "STARTED", timeout_s=REACHED_S)
    await home.home_assistant.kill()
    write_as_a_later_release(store_path(home), event.event_id)
    await come_back(home)

    assert await status_of(home, event) == "STARTED"
    await wait_for_power(home, at_most_w=LIMIT_W)
    assert "history_records_set_aside" in await issues(home)
    await home.aggregator.end(event)
    await wait_until_handed_back(home)
    await wait_until_settled(home, event, ONCE)


def write_as_a_later_release(path: Path, event_id: str) -> None:
    """Change the store as a release after this one might leave it."""
    with closing(sqlite3.connect(path)) as connection, connection:
        (text,) = connection.execute(
            "SELECT record FROM event_record WHERE event_id = ?", (event_id,)
        ).fetchone()
        record = json.loads(text)
        record |= {"version": 2, "worth": {"amount": "0.12", "currency": "EUR"}}
        record["event"]["groups"] = ["street"]
        record["event"]["intervals"][0]["payloads"].append({"type": "PRICE", "value": 0.3, "unit": "EUR"})
        connection.execute(
            "UPDATE event_record SET record = ? WHERE event_id = ?", (json.dumps(record), event_id)
        )
        foreign = json.dumps({"version": 3, "offer": "of another kind"})
        connection.execute("INSERT INTO event_record VALUES ('later', ?)", (foreign,))
        connection.execute("INSERT OR REPLACE INTO setting VALUES ('plan', '{\"version\": 1}')")
        connection.execute("CREATE TABLE plan (start INTEGER PRIMARY KEY, power_w REAL)")
        connection.execute("PRAGMA user_version = 2")
