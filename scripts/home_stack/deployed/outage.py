"""The line to the centre is cut under load, and what counts is killed meanwhile; what is lost is counted.

Load: numbered reports into the home's broker from beside Home Assistant, each until it is acknowledged; an
event, which begins before the cut and ends in it; and the measurements of every device.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from time import monotonic

import aiomqtt
from community_hub.flexctl import documents
from community_hub.flexibility.report_values import values_by_type

from ..api import wait_until
from ..central_files import DISPATCHER
from ..processes import StackError
from . import centre as central
from .community import HOME_ID, ROOT_TOPIC, Community

LOAD_TOPIC = f"{ROOT_TOPIC}/reports/create"
SAMPLE_S = 10.0
# The home's bridge is back within two minutes (addons/mosquitto/README.md); then all that waited comes.
CATCH_UP_S = 240.0
DOWN_S = 2.0
# Long enough for Home Assistant, killed in it, to be back well before its end: an event that a home was away
# from at its end is no success. It ends before the centre's broker is killed.
_EVENT_SHARE = 0.75

type Tell = Callable[[str], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """What came through, and why the resident was told that the aggregator was not reached.

    ``longest_gap_s`` is between two samples of the meter while Home Assistant ran, ``caught_up_s`` from the
    end of the cut until the last of what waited was at the centre.
    """

    reports_sent: int
    reports_lost: int
    reports_repeated: int
    event_statuses: list[str]
    settlements: int
    samples: int
    longest_gap_s: float
    cut_s: float
    caught_up_s: float
    reason_shown: str | None

    @property
    def nothing_lost(self) -> bool:
        """Whether every report came and no sample is missing; a repeated report has the same number."""
        return (
            self.reports_lost == 0
            and self.event_statuses == ["ACCEPTED", "STARTED", "SUCCEEDED"]
            and self.settlements == 1
            and self.longest_gap_s <= 2 * SAMPLE_S
        )


@dataclass
class Load:
    """Numbered reports; ``acknowledged`` is the number of the last that the home's broker promised.

    Mosquitto acknowledges a moment before it commits to its database: after a loss of the connection the
    reports of the last second before are sent again. Their reader knows them by their numbers.
    """

    community: Community
    per_s: float
    acknowledged: int = 0
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Publish until ``ended``."""
        number = 1
        while not self.ended.is_set():
            with suppress(aiomqtt.MqttError):
                async with self._client() as client:
                    while not self.ended.is_set():
                        payload = json.dumps({"number": number})
                        await client.publish(LOAD_TOPIC, payload, qos=1, timeout=5)
                        self.acknowledged = max(self.acknowledged, number)
                        number += 1
                        await asyncio.sleep(1 / self.per_s)
            number = max(1, self.acknowledged + 1 - round(self.per_s))
            await asyncio.sleep(0.1)

    def _client(self) -> aiomqtt.Client:
        folder = self.community.home.volume("credentials_home_assistant")
        return aiomqtt.Client(
            str(self.community.home.address("mosquitto")),
            username=(folder / "mqtt_username").read_text(),
            password=(folder / "mqtt_password").read_text(),
            identifier="load",
            timeout=5,
        )


async def outage(community: Community, *, cut_s: float, per_s: float, tell: Tell) -> Result:
    """Run it on a community that works. Raises StackError when it does not come back."""
    load = Load(community, per_s)
    publishing = asyncio.create_task(load.run())
    event_id = await _dispatch(community, timedelta(seconds=_EVENT_SHARE * cut_s))
    began = datetime.now(UTC)
    dead, reason_shown = await _cut(community, cut_s, tell)
    mended_s = monotonic()
    load.ended.set()
    await publishing
    tell(f"{load.acknowledged} reports were acknowledged by the home's broker; the line is back")

    async def caught_up() -> bool:
        return load.acknowledged in _numbers(community) and _settlements(community, event_id) > 0

    try:
        await wait_until(caught_up, "everything to reach the centre", timeout_s=CATCH_UP_S, every_s=0.5)
    except StackError as error:
        came, settled = len(_numbers(community)), _settlements(community, event_id)
        statuses = _statuses(community, event_id)
        raise StackError(
            f"{error}: {came} of {load.acknowledged} reports came, settled {settled} times, {statuses}"
        ) from error
    caught_up_s = monotonic() - mended_s
    await asyncio.sleep(75)  # a batch of measurements is written every minute
    numbers = _numbers(community)
    times = await asyncio.to_thread(community.samples, began, datetime.now(UTC))
    return Result(
        reports_sent=load.acknowledged,
        reports_lost=load.acknowledged - len(set(numbers) & set(range(1, load.acknowledged + 1))),
        reports_repeated=sum(count - 1 for count in numbers.values()),
        event_statuses=_statuses(community, event_id),
        settlements=_settlements(community, event_id),
        samples=len(times),
        longest_gap_s=_longest_gap_s(times, dead),
        cut_s=cut_s,
        caught_up_s=round(caught_up_s, 1),
        reason_shown=reason_shown,
    )


async def _cut(
    community: Community, cut_s: float, tell: Tell
) -> tuple[tuple[datetime, datetime], str | None]:
    """Cut the line and kill one after the other.

    Return from when to when Home Assistant was dead, and what it said of the aggregator meanwhile.
    """
    home, began = community.home, monotonic()

    async def at(share: float) -> None:
        await asyncio.sleep(max(0.0, began + share * cut_s - monotonic()))

    await home.network.cut(central.NAME)
    tell(f"the line to the centre is cut, for {cut_s:.0f} s")
    await at(0.15)
    await home.kill("mosquitto")
    tell("the home's broker is killed")
    await asyncio.sleep(DOWN_S)
    await home.start("mosquitto")
    await at(0.3)
    killed = datetime.now(UTC)
    await home.kill("home_assistant")
    tell("Home Assistant is killed")
    await asyncio.sleep(DOWN_S)
    await home.start("home_assistant")
    back = await _answers(community)
    tell(f"Home Assistant is back after {(back - killed).total_seconds():.0f} s")
    await at(0.8)
    await community.centre.kill()
    tell("the centre's broker is killed")
    await asyncio.sleep(DOWN_S)
    await community.centre.start()
    await at(1.0)
    reason_shown = await _reason_shown(community)
    await home.network.mend(central.NAME)
    return (killed, back), reason_shown


async def _reason_shown(community: Community) -> str | None:
    """Return why Home Flex's sensor of the aggregator is off; None when it is on."""
    async with community.api() as api:
        states = await api.states()
    sensor = next(
        state
        for name, state in states.items()
        if name.startswith("binary_sensor.") and name.endswith("_aggregator")
    )
    return str(sensor["attributes"]["reason"]) if sensor["state"] == "off" else None


async def _answers(community: Community) -> datetime:
    """Wait until Home Flex acts again after Home Assistant's death."""

    async def acting() -> bool:
        with suppress(Exception):
            async with community.api() as api:
                answer = await api.call("home_flex", "get_status", {}, answers=True)
                return all(device["reading"] for device in answer["devices"].values())
        return False

    await wait_until(acting, "Home Assistant to come back", timeout_s=120, every_s=0.5)
    return datetime.now(UTC)


async def _dispatch(community: Community, duration: timedelta) -> str:
    """Send an event from the centre, and wait until it runs."""
    now = datetime.now(UTC)
    document = documents.event(
        ven_id=HOME_ID,
        program_id="outage",
        payloads={"IMPORT_CAPACITY_LIMIT": 2.0},
        start=now,
        duration=duration,
        randomize_start=None,
        priority=None,
        name="Outage",
        now=now,
    )
    async with community.centre.client(DISPATCHER) as client:
        payload = json.dumps(documents.notification("CREATE", document))
        await client.publish(f"{ROOT_TOPIC}/events/create", payload, qos=1)

    async def runs() -> bool:
        return "STARTED" in _statuses(community, document["id"])

    await wait_until(runs, "the event to run", timeout_s=20)
    return str(document["id"])


def _reports(community: Community) -> dict[str, documents.Document]:
    """Return the home's own reports by their id: one that came twice counts once."""
    payloads = (payload for topic, payload in community.heard if topic == LOAD_TOPIC)
    return {payload["object"]["id"]: payload["object"] for payload in payloads if "object" in payload}


def _statuses(community: Community, event_id: str) -> list[str]:
    return [
        str(values_by_type(report)["INSTRUCTION_STATUS"][0])
        for report in _reports(community).values()
        if report.get("eventID") == event_id and report["reportName"] in {"acknowledgement", "status"}
    ]


def _settlements(community: Community, event_id: str) -> int:
    return sum(
        report.get("eventID") == event_id and report["reportName"] == "settlement"
        for report in _reports(community).values()
    )


def _numbers(community: Community) -> Counter[int]:
    return Counter(
        payload["number"] for topic, payload in community.heard if topic == LOAD_TOPIC and "number" in payload
    )


def _longest_gap_s(times: list[datetime], dead: tuple[datetime, datetime]) -> float:
    """Return the longest time between two samples, leaving out the one in which Home Assistant was dead."""
    killed, back = dead
    gaps = [
        (later - earlier).total_seconds()
        for earlier, later in pairwise(times)
        if not (earlier <= killed and later >= killed)
    ]
    before = [time for time in times if time <= killed]
    after = [time for time in times if time >= back]
    edges = [(killed - before[-1]).total_seconds()] if before else [float("inf")]
    edges += [(after[0] - back).total_seconds()] if after else [float("inf")]
    return max([*gaps, *edges])
