"""Compares what two versions came to, by the rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

from .judging import Figures
from .rules import LEAST_COMPARED, RULES, Of, Rule

# In place of a scenario's name, where a rule looks at all of them.
TOGETHER = "all"


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One figure of a scenario, or of ``all``; ``tolerated`` is the most that ``new`` may be."""

    scenario: str
    figure: str
    old: float
    new: float
    tolerated: float

    @property
    def is_worse(self) -> bool:
        """Return whether the new version is worse than is tolerated."""
        return not self.new <= self.tolerated


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """All rows, and the scenarios that were not compared with the reason why.

    A home that only the new version cannot plan is no reason to leave it out: it is in ``lost``, and worse.
    """

    compared: int
    rows: tuple[Row, ...]
    left_out: Mapping[str, str]
    lost: Mapping[str, str]

    @property
    def worse(self) -> tuple[Row, ...]:
        """Return the rows that are worse than is tolerated."""
        return tuple(row for row in self.rows if row.is_worse)

    @property
    def is_passed(self) -> bool:
        """Return whether the new version may go to homes."""
        return self.compared >= LEAST_COMPARED and not self.worse and not self.lost


type Outcome = Figures | str


def compared(
    old: Mapping[str, Outcome], new: Mapping[str, Outcome], rules: Sequence[Rule] = RULES
) -> Comparison:
    """Compare by scenario; an outcome that is a string says why there are no figures."""
    both: dict[str, tuple[Figures, Figures]] = {}
    left_out: dict[str, str] = {}
    lost: dict[str, str] = {}
    for name, before in old.items():
        after = new.get(name, "it was not planned")
        if isinstance(before, str):
            left_out[name] = before
        elif isinstance(after, str):
            lost[name] = after
        else:
            both[name] = before, after
    rows = [row for rule in rules for row in _rows(rule, both)]
    return Comparison(compared=len(both), rows=tuple(rows), left_out=left_out, lost=lost)


def _rows(rule: Rule, both: Mapping[str, tuple[Figures, Figures]]) -> list[Row]:
    pairs = {
        name: (float(getattr(old, rule.figure)), float(getattr(new, rule.figure)))
        for name, (old, new) in both.items()
    }
    if rule.of is Of.ALL:
        pairs = {TOGETHER: (sum(old for old, _ in pairs.values()), sum(new for _, new in pairs.values()))}
    return [
        Row(scenario=name, figure=rule.figure, old=old, new=new, tolerated=rule.tolerated(old))
        for name, (old, new) in pairs.items()
    ]


def totals(comparison: Comparison) -> list[Row]:
    """Return each figure of all scenarios together, in the order of ``Figures``; what a table shows."""
    sums: dict[str, Row] = {}
    for figure in (field.name for field in fields(Figures)):
        of_figure = [row for row in comparison.rows if row.figure == figure]
        each = [row for row in of_figure if row.scenario != TOGETHER]
        together = next((row for row in of_figure if row.scenario == TOGETHER), None)
        sums[figure] = together or Row(
            scenario=TOGETHER,
            figure=figure,
            old=sum(row.old for row in each),
            new=sum(row.new for row in each),
            tolerated=sum(row.tolerated for row in each),
        )
    return list(sums.values())
