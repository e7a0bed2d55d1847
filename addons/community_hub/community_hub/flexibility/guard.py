"""What may stand beside what in one home: tariff events, a grid operator's limits, aggregators and sharing.

The rules are rows: which two kinds, when they meet, what follows, and the reason that people are told. They
are asked when a home enrols in a programme, and again when it is dispatched.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """Who asks something of a home."""

    GRID_LIMIT = "grid_limit"
    AGGREGATOR = "aggregator"
    TARIFF_EVENT = "tariff_event"
    SHARING = "sharing"


# Who is obeyed where not all can be, and who pays what only one may pay: the home's own order of control.
PRECEDENCE: Final = (Kind.GRID_LIMIT, Kind.AGGREGATOR, Kind.TARIFF_EVENT, Kind.SHARING)


class Asks(StrEnum):
    """Which way a claim moves a home; a share of energy moves none."""

    LESS = "less"
    MORE = "more"
    NEITHER = "neither"


class Stage(StrEnum):
    """When two claims meet."""

    ENROLMENT = "enrolment"
    DISPATCH = "dispatch"


class Verdict(StrEnum):
    """What follows when two claims meet on a device at a time."""

    STANDS = "stands"
    """Both stand, and neither touches what the other pays."""
    PAID_ONCE = "paid_once"
    """Both stand; what is delivered counts for the one that goes first."""
    YIELDS = "yields"
    """Both stand; the one that goes later is only followed as far as the first leaves room, and told so."""
    REFUSED = "refused"
    """The new one is not taken."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """A programme that a home is in, or an event of one. ``devices`` empty: the whole home.

    ``exclusive``: its terms bear no other programme that pays for the same devices.
    """

    id: str
    kind: Kind
    start: datetime
    end: datetime
    asks: Asks = Asks.NEITHER
    devices: frozenset[str] = field(default_factory=frozenset)
    exclusive: bool = False

    def meets(self, other: Claim) -> bool:
        """Return whether both touch a device at one time."""
        same_devices = not self.devices or not other.devices or bool(self.devices & other.devices)
        return same_devices and self.start < other.end and other.start < self.end


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """A row: claims of these two kinds (in any order), at this stage, moving the home alike or not.

    ``alike`` None: whichever way they move it.
    """

    kinds: frozenset[Kind]
    stage: Stage
    verdict: Verdict
    reason: str
    alike: bool | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Conflict:
    """A claim that a new one meets, what follows, why, and which of the two goes first."""

    with_id: str
    verdict: Verdict
    reason: str
    first: str


def _rows(
    first: Kind, second: Kind, at_enrolment: tuple[Verdict, str], *at_dispatch: tuple[Verdict, str]
) -> tuple[Rule, ...]:
    kinds = frozenset({first, second})
    alike = (None,) if len(at_dispatch) == 1 else (True, False)
    return (
        Rule(kinds=kinds, stage=Stage.ENROLMENT, verdict=at_enrolment[0], reason=at_enrolment[1]),
        *(
            Rule(kinds=kinds, stage=Stage.DISPATCH, verdict=verdict, reason=reason, alike=each)
            for each, (verdict, reason) in zip(alike, at_dispatch, strict=True)
        ),
    )


_STANDS: Final = (Verdict.STANDS, "nothing_in_common")

# With two entries at dispatch: the first when both move the home alike, the second when they do not.
RULES: Final[tuple[Rule, ...]] = (
    *_rows(
        Kind.GRID_LIMIT,
        Kind.GRID_LIMIT,
        (Verdict.REFUSED, "one_grid_operator_a_connection"),
        (Verdict.YIELDS, "tightest_limit_binds"),
    ),
    *_rows(
        Kind.GRID_LIMIT,
        Kind.AGGREGATOR,
        _STANDS,
        (Verdict.PAID_ONCE, "limit_asks_for_it_already"),
        (Verdict.REFUSED, "limit_forbids_it"),
    ),
    *_rows(Kind.GRID_LIMIT, Kind.TARIFF_EVENT, _STANDS, (Verdict.YIELDS, "limit_binds_before_price")),
    *_rows(Kind.GRID_LIMIT, Kind.SHARING, _STANDS, _STANDS),
    *_rows(
        Kind.AGGREGATOR,
        Kind.AGGREGATOR,
        (Verdict.REFUSED, "one_aggregator_a_device"),
        (Verdict.REFUSED, "called_already"),
        (Verdict.REFUSED, "called_the_other_way"),
    ),
    *_rows(
        Kind.AGGREGATOR,
        Kind.TARIFF_EVENT,
        (Verdict.PAID_ONCE, "one_pays_for_a_kwh"),
        (Verdict.PAID_ONCE, "one_pays_for_a_kwh"),
        (Verdict.YIELDS, "event_binds_before_price"),
    ),
    *_rows(Kind.AGGREGATOR, Kind.SHARING, _STANDS, _STANDS),
    *_rows(
        Kind.TARIFF_EVENT,
        Kind.TARIFF_EVENT,
        (Verdict.REFUSED, "one_tariff_a_connection"),
        (Verdict.REFUSED, "one_price_at_a_time"),
    ),
    *_rows(Kind.TARIFF_EVENT, Kind.SHARING, _STANDS, _STANDS),
    *_rows(
        Kind.SHARING,
        Kind.SHARING,
        (Verdict.REFUSED, "shared_once_without_a_part"),
        (Verdict.REFUSED, "shared_once_without_a_part"),
    ),
)
_EXCLUSIVE: Final = "programme_is_exclusive"


def conflicts(new: Claim, standing: Iterable[Claim], stage: Stage) -> list[Conflict]:
    """Return what a new claim meets at a home, and what follows; claims that do not meet are left out."""
    return [_conflict(new, other, stage) for other in standing if other.id != new.id and new.meets(other)]


def refusals(new: Claim, standing: Iterable[Claim], stage: Stage) -> list[Conflict]:
    """Return why a new claim is refused; it is taken when there is none."""
    return [each for each in conflicts(new, standing, stage) if each.verdict is Verdict.REFUSED]


def payer(claims: Iterable[Claim]) -> str | None:
    """Return which of the claims that meet pays for what is delivered: one, so that no kWh is paid twice.

    Sharing pays for no delivery. A limit goes first and pays, if at all, by its own terms. Of one kind the
    first by start, then by id; None without any.
    """
    paying = sorted((claim for claim in claims if claim.kind is not Kind.SHARING), key=_goes_first)
    return paying[0].id if paying else None


def _conflict(new: Claim, other: Claim, stage: Stage) -> Conflict:
    rule = _rule(new, other, stage)
    verdict, reason = rule.verdict, rule.reason
    pays = {new.kind, other.kind}.isdisjoint({Kind.SHARING, Kind.GRID_LIMIT})
    if stage is Stage.ENROLMENT and pays and (new.exclusive or other.exclusive):
        verdict, reason = Verdict.REFUSED, _EXCLUSIVE
    return Conflict(
        with_id=other.id, verdict=verdict, reason=reason, first=min(new, other, key=_goes_first).id
    )


def _rule(new: Claim, other: Claim, stage: Stage) -> Rule:
    kinds, alike = frozenset({new.kind, other.kind}), new.asks is other.asks
    return next(
        rule for rule in RULES if rule.kinds == kinds and rule.stage is stage and rule.alike in {None, alike}
    )


def _goes_first(claim: Claim) -> tuple[int, datetime, str]:
    return PRECEDENCE.index(claim.kind), claim.start, claim.id
