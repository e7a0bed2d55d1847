"""Where everything ends when something is lost, as data."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Loss(StrEnum):
    """What can be lost."""

    AGGREGATOR = "aggregator"
    METER = "meter"
    DEVICE = "device"
    HOME_ASSISTANT = "home_assistant"


@dataclass(frozen=True, kw_only=True, slots=True)
class Failsafe:
    """How long nothing changes after the last sign of life, and what holds from then on."""

    after: timedelta
    outcome: str


FAILSAFE = {
    Loss.AGGREGATOR: Failsafe(
        after=timedelta(0),
        outcome="Commands stay in force until their interval ends; then everything is handed back.",
    ),
    Loss.METER: Failsafe(
        after=timedelta(seconds=10),
        outcome="The load last seen is assumed to go on; chargers draw at most their lasting default.",
    ),
    Loss.DEVICE: Failsafe(
        after=timedelta(seconds=15),
        outcome="Its power counts as house load and the other devices make up; its setpoint expires.",
    ),
    Loss.HOME_ASSISTANT: Failsafe(
        after=timedelta(0),
        outcome="No setpoint is renewed: each device is under its own control when the last one expires.",
    ),
}
