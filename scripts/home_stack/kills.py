"""``kills``: Home Assistant, the broker or both are killed at random moments while events run.

Each kill meets an event of its own, of one kind or another, and one further ahead, which the aggregator takes
back while the victim is dead: the message that says so is lost. A killed home often comes back when that one
should have started, and must not start it. What the home says of them is counted at the end, by the ids of
its reports, and the simulated house tells what its devices really do.
"""

import asyncio
import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic
from typing import Any, Final

from .aggregator import Aggregator, Dispatched
from .api import wait_until
from .offer_story import NO_EVENT
from .processes import StackError
from .stack import HomeStack

HAND_BACK_TARGET_S: Final = 60.0
LONGEST_HAND_BACK_S: Final = 180.0
LAST_REPORTS_S: Final = 120.0
# A report that comes twice comes soon.
QUIET_S: Final = 10.0
# From the kill to the start of the event that is taken back. A home that lives and only misses its broker
# does what was agreed: it hears in this time that the event is gone.
HOME_DEAD_AHEAD_S: Final = (4.0, 40.0)
BROKER_DEAD_AHEAD_S: Final = 60.0
# Longer than a home takes to come back: that it was over by then would prove nothing.
AHEAD_LENGTH: Final = timedelta(minutes=3)
SHORTEST_S: Final = 6
LONGEST_S: Final = 20
AFTER_THE_END_S: Final = 4.0
DOWN_S: Final = (0.2, 4.0)

VICTIMS: Final = ("home_assistant", "broker", "both")
# What each kind asks of the house of the bench: the car draws 11 kW, the base load is 0.5 kW. None asks for
# more than the fuse allows beside the car: the fuse's own hold of the car would be taken for the event's.
KINDS: Final[tuple[dict[str, float], ...]] = (
    {"IMPORT_CAPACITY_LIMIT": 4.0},
    {"DISPATCH_SETPOINT": 3.0},
    {"DISPATCH_SETPOINT_RELATIVE": -3.0},
    {"CHARGE_STATE_SETPOINT": 0.1},
    {"SIMPLE": 1},
)
ENDED: Final = frozenset({"SUCCEEDED", "ABORTED", "REVOKED", "REJECTED"})

type Tell = Callable[[str], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Kill:
    """Who is killed, in which event, how long after it was sent, and for how long; in s.

    ``ahead_s``: how long after the event that is killed in, the one starts that is taken back.
    """

    victims: str
    payloads: dict[str, float]
    length_s: int
    after_s: float
    down_s: float
    ahead_s: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Round:
    """What a kill met, and how long after the later of return and end the last device was handed back."""

    event: Dispatched
    withdrawn: Dispatched
    hand_back_s: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """What came of all kills; each count is one of things that must not be.

    ``settlements_per_event`` is that of the event that is furthest from one; an event that never started has
    none. ``contradicted`` counts reports that refuse an event which was taken, or follow its end.
    ``unheard`` counts events that were over before the home could hear of them: no fault.
    """

    kills: int
    states_repeated: int
    settlements_per_event: int
    left_open: int
    phantoms: int
    contradicted: int
    unheard: int
    hand_back_s_worst: float

    @property
    def is_met(self) -> bool:
        """Whether every target is met."""
        wrong = (self.states_repeated, self.left_open, self.phantoms, self.contradicted)
        return (
            not any(wrong)
            and self.settlements_per_event == 1
            and self.hand_back_s_worst <= HAND_BACK_TARGET_S
        )


def planned(count: int, seed: int) -> list[Kill]:
    """Return ``count`` kills; victims and kinds in turn, moments by chance, the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311 # spreads kills, no secret
    kills = []
    for number in range(count):
        victims = VICTIMS[number % len(VICTIMS)]
        length_s = chance.randint(SHORTEST_S, LONGEST_S)
        after_s = round(chance.uniform(0, length_s + AFTER_THE_END_S), 2)
        down_s = round(chance.uniform(*DOWN_S), 2)
        ahead_s = BROKER_DEAD_AHEAD_S if victims == "broker" else round(chance.uniform(*HOME_DEAD_AHEAD_S), 2)
        kills.append(
            Kill(
                victims=victims,
                payloads=KINDS[number % len(KINDS)],
                length_s=length_s,
                after_s=after_s,
                down_s=down_s,
                ahead_s=after_s + ahead_s,
            )
        )
    return kills


async def kills(stack: HomeStack, plan: Sequence[Kill], tell: Tell) -> Result:
    """Kill by plan and return what came of it. Raises StackError when a victim does not come back."""
    stack.aggregator.answers = True
    await stack.home_assistant.stored("core.config_entries", holding="aggregator")
    rounds = []
    for number, kill in enumerate(plan, 1):
        done = await _one(stack, kill)
        rounds.append(done)
        told = stack.aggregator.statuses(done.event.event_id)
        tell(
            f"{number} of {len(plan)}: {kill.victims} after {kill.after_s} s for {kill.down_s} s, "
            f"{next(iter(kill.payloads))} of {kill.length_s} s: "
            f"handed back in {done.hand_back_s:.1f} s, {told}"
        )
    await _wait_for_the_last(stack.aggregator, rounds)
    await asyncio.sleep(QUIET_S)
    status = await stack.home_flex.status()
    return judged(stack.aggregator, rounds, status, tell)


async def _one(stack: HomeStack, kill: Kill) -> Round:
    await stack.house.put("/house", {"battery_soc": 0.5, "car_soc": 0.4})
    ahead = await stack.aggregator.ask(
        kill.payloads, duration=AHEAD_LENGTH, starts_in=timedelta(seconds=kill.ahead_s)
    )
    event = await stack.aggregator.ask(kill.payloads, duration=timedelta(seconds=kill.length_s))
    await asyncio.sleep(max(0.0, event.published + kill.after_s - monotonic()))
    victims = [
        victim
        for name, victim in (("broker", stack.broker), ("home_assistant", stack.home_assistant))
        if kill.victims in {name, "both"}
    ]
    await asyncio.gather(*(victim.kill() for victim in victims))
    stack.aggregator.withdraw(ahead)
    await asyncio.sleep(kill.down_s)
    for victim in victims:
        await victim.start()
    since = max(monotonic(), event.published + kill.length_s)
    await asyncio.sleep(since - monotonic())
    return Round(event=event, withdrawn=ahead, hand_back_s=await _hand_back_s(stack, since))


async def _hand_back_s(stack: HomeStack, since: float) -> float:
    """Return how long after ``since`` no device is under control any more."""

    async def free() -> bool:
        return not (await stack.house.state()).controlled

    try:
        await wait_until(free, "every device to run by itself", timeout_s=LONGEST_HAND_BACK_S)
    except StackError:
        return float(LONGEST_HAND_BACK_S)
    return monotonic() - since


async def _wait_for_the_last(aggregator: Aggregator, rounds: Sequence[Round]) -> None:
    """Wait until every event that the home took has ended and is settled, as long as that may take."""

    async def all_ended() -> bool:
        return not any(_is_left_open(aggregator, each.event_id) for each in _events(rounds))

    try:
        await wait_until(all_ended, "the last reports", timeout_s=LAST_REPORTS_S)
    except StackError:
        return  # what is missing is counted


def judged(aggregator: Aggregator, rounds: Sequence[Round], status: dict[str, Any], tell: Tell) -> Result:
    """Return what the reports and the home's own status say; each fault is told with its event."""
    sent = {each.event_id for each in _events(rounds)}
    faults: dict[str, list[str]] = {
        "states_repeated": [
            each.event_id for each in _events(rounds) for _ in _repeated(aggregator.statuses(each.event_id))
        ],
        "left_open": sorted(
            {each.event_id for each in _events(rounds) if _is_left_open(aggregator, each.event_id)}
            | {record["event"]["event_id"] for record in status["records"] if record["status"] not in ENDED}
        ),
        "phantoms": [
            each.withdrawn.event_id
            for each in rounds
            if "STARTED" in aggregator.statuses(each.withdrawn.event_id)
        ]
        + sorted(_reported(aggregator) - sent),
        "contradicted": [each.event_id for each in _events(rounds) if _is_contradicted(aggregator, each)],
    }
    settlements = {
        each.event_id: len(aggregator.settlements(each.event_id))
        for each in _events(rounds)
        if "STARTED" in aggregator.statuses(each.event_id)
    }
    faults["settlements"] = [event_id for event_id, count in settlements.items() if count != 1]
    for name, event_ids in faults.items():
        for event_id in event_ids:
            tell(f"{name}: {event_id} {aggregator.told(event_id)}")
    return Result(
        kills=len(rounds),
        states_repeated=len(faults["states_repeated"]),
        settlements_per_event=max(settlements.values(), key=lambda count: abs(count - 1), default=1),
        left_open=len(faults["left_open"]),
        phantoms=len(faults["phantoms"]),
        contradicted=len(faults["contradicted"]),
        unheard=sum(not aggregator.reports(each.event.event_id) for each in rounds),
        hand_back_s_worst=round(max((each.hand_back_s for each in rounds), default=0.0), 1),
    )


def as_json(result: Result) -> str:
    """Return the one line that a bench ends with."""
    return json.dumps({name: getattr(result, name) for name in Result.__slots__})


def _events(rounds: Sequence[Round]) -> list[Dispatched]:
    return [each for one in rounds for each in (one.event, one.withdrawn)]


def _reported(aggregator: Aggregator) -> set[str]:
    """Return the ids of all events that the home has spoken of; what it foresees is of none."""
    reported = {
        str(heard.document["object"].get("eventID"))
        for heard in aggregator.heard
        if heard.topic.endswith("/reports/create")
    }
    return reported - {NO_EVENT}


def _repeated(states: Sequence[str]) -> Sequence[str]:
    return [state for number, state in enumerate(states) if state in states[:number]]


def _is_left_open(aggregator: Aggregator, event_id: str) -> bool:
    """Whether the home took the event and has not said how it ended, or not what came of it."""
    states = aggregator.statuses(event_id)
    if not states:
        return False
    is_settled = "STARTED" not in states or bool(aggregator.settlements(event_id))
    return not (ENDED & set(states) and is_settled)


def _is_contradicted(aggregator: Aggregator, event: Dispatched) -> bool:
    """Whether an event was refused after it was taken, or something was said of it after its end."""
    states = aggregator.statuses(event.event_id)
    ends = [number for number, state in enumerate(states) if state in ENDED]
    refused = any(report["reportName"] == "refusal" for report in aggregator.reports(event.event_id))
    return bool(states) and (refused or ends[:1] not in ([], [len(states) - 1]))
