"""How much worse a new version may be, as data."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

# Fewer scenarios that both versions planned say nothing.
LEAST_COMPARED: Final = 10


class Of(StrEnum):
    """What a rule looks at."""

    EACH = "each scenario"
    ALL = "all together"


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """A figure (``judging.Figures``; less is better) may grow by ``share`` of the old and ``least``."""

    figure: str
    of: Of
    share: float
    least: float

    def tolerated(self, old: float) -> float:
        """Return the most that the new figure may be."""
        return old + self.share * abs(old) + self.least


RULES: Final = (
    Rule(figure="unsolved", of=Of.EACH, share=0.0, least=0.0),
    Rule(figure="violations_wh", of=Of.EACH, share=0.0, least=10.0),
    Rule(figure="missed_wh", of=Of.EACH, share=0.0, least=25.0),
    Rule(figure="undelivered_wh", of=Of.EACH, share=0.0, least=10.0),
    # A plan that is not the best one may be another of nearly the same cost.
    Rule(figure="cost", of=Of.EACH, share=0.02, least=0.25),
    Rule(figure="cost", of=Of.ALL, share=0.005, least=0.1),
    # Processor time of the same code differs by up to a tenth from run to run; one plan's by more.
    Rule(figure="cpu_s", of=Of.EACH, share=1.0, least=0.05),
    Rule(figure="cpu_s", of=Of.ALL, share=0.25, least=0.01),
)

WORDS: Final[Mapping[str, str]] = {
    "unsolved": "homes without a plan",
    "violations_wh": "beyond limits, Wh",
    "missed_wh": "residents' wishes missed, Wh",
    "undelivered_wh": "accepted and not delivered, Wh",
    "cost": "cost, as kWh at the mean price",
    "cpu_s": "processor time of a plan, s",
}
