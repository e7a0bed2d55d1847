"""An event's receipt: what was asked, what came, what it is worth, and all that is needed to reckon it again.

A receipt is one canonical document and is known by its digest. Its inputs stand beside it under their own
digests, so that a day that many receipts look at is kept once. Who has both can recompute every figure to
the last cent without the home, its clock or its solver: a plan is an input and never solved again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any, Final

from .baselines import HISTORY_RULES, Answer, Baseline, with_half_width
from .baselines.as_dispatched import NAME as AS_DISPATCHED
from .baselines.as_dispatched import Dispatched, NotMetered, as_dispatched
from .canonical import Json, NotCanonicalError, digest
from .days import Asked, UseDay
from .documents import (
    asked_document,
    asked_from,
    day_document,
    day_from,
    dispatched_document,
    dispatched_from,
    interval_documents,
    intervals_from,
    terms_document,
    terms_from,
)
from .money import Terms, pay
from .settlement import Asks, Interval, delivered, exceeded

METHOD: Final = "event/1"


@dataclass(frozen=True, kw_only=True, slots=True)
class EventAccount:
    """All that a receipt of one event is reckoned from.

    ``event``: the event as it was received and answered, as texts and whole numbers. ``rules``: the rules
    of history that are asked, by name. ``programme_rule``: the baseline by which the programme pays.
    ``agreed_wh``: what was agreed on in the direction that was asked for. ``replaces``: the digest of the
    receipt that this one follows up, as when data came late.
    """

    home: str
    event: Mapping[str, Json]
    asks: Asks
    intervals: tuple[Interval, ...]
    asked: Asked
    dispatched: Dispatched | None
    rules: tuple[str, ...]
    programme_rule: str
    terms: Terms | None
    agreed_wh: int = 0
    agreed_w: int = 0
    replaces: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Receipt:
    """A receipt and its inputs by their digests."""

    document: Mapping[str, Json]
    inputs: Mapping[str, Json]

    @property
    def digest(self) -> str:
        """What the receipt is known by."""
        return digest(self.document)


def receipt(account: EventAccount) -> Receipt:
    """Return the receipt of an event. Raises KeyError for a rule that is not known or was not asked."""
    inputs: dict[str, Json] = {}

    def kept(day: UseDay) -> str:
        document = day_document(day)
        name = digest(document)
        inputs[name] = document
        return name

    document: dict[str, Json] = {
        "method": METHOD,
        "home": account.home,
        "event": account.event,
        "asks": account.asks,
        "intervals": interval_documents(account.intervals),
        "asked": asked_document(account.asked, kept),
        "dispatched": None if account.dispatched is None else dispatched_document(account.dispatched),
        "rules": list(account.rules),
        "programme_rule": account.programme_rule,
        "terms": None if account.terms is None else terms_document(account.terms),
        "agreed_wh": account.agreed_wh,
        "agreed_w": account.agreed_w,
        "replaces": account.replaces,
    }
    return Receipt(document={**document, "results": _results(account)}, inputs=inputs)


def verify(found: Receipt, known_digest: str | None = None) -> list[str]:
    """Reckon a receipt again and return the places where it differs; none when it holds.

    ``known_digest``: what the receipt was known by when it was issued, as the aggregator got it.
    """
    try:
        differences = [f"inputs.{name}" for name, held in found.inputs.items() if digest(held) != name]
        own = found.digest
        results = _results(_account(found))
    except (KeyError, TypeError, ValueError, ArithmeticError, NotCanonicalError) as error:
        return [f"document: {type(error).__name__}: {error}"]
    if known_digest is not None and own != known_digest:
        differences.append("digest")
    return differences + list(_differences(found.document["results"], results, "results"))


def _account(found: Receipt) -> EventAccount:
    document: Mapping[str, Any] = found.document
    if document["method"] != METHOD:
        raise ValueError(f"the method {document['method']!r} is not known here")
    inputs: Mapping[str, Any] = found.inputs
    dispatched, terms = document["dispatched"], document["terms"]
    return EventAccount(
        home=document["home"],
        event=document["event"],
        asks=Asks(document["asks"]),
        intervals=intervals_from(document["intervals"]),
        asked=asked_from(document["asked"], lambda name: day_from(inputs[name])),
        dispatched=None if dispatched is None else dispatched_from(dispatched),
        rules=tuple(document["rules"]),
        programme_rule=document["programme_rule"],
        terms=None if terms is None else terms_from(terms),
        agreed_wh=document["agreed_wh"],
        agreed_w=document["agreed_w"],
        replaces=document["replaces"],
    )


def _results(account: EventAccount) -> dict[str, Json]:
    limits = exceeded(account.intervals, account.asked.interval_s)
    baselines = {name: _against(account, answer) for name, answer in _answers(account).items()}
    return {
        "used_wh": _sum_or_none([interval.used_wh for interval in account.intervals]),
        "opted_out_s": sum(interval.opted_out_s for interval in account.intervals),
        "limit": None
        if limits is None
        else {
            "exceeded_wh": limits.energy_wh,
            "worst_w": limits.worst_w,
            "kept_share": None if limits.kept_share is None else _share(limits.kept_share),
        },
        "baselines": baselines,
        "paid": baselines[account.programme_rule].get("paid"),
    }


def _answers(account: EventAccount) -> dict[str, Answer | NotMetered]:
    answers: dict[str, Answer | NotMetered] = {
        name: with_half_width(HISTORY_RULES[name], account.asked) for name in account.rules
    }
    if account.dispatched is not None:
        answers[AS_DISPATCHED] = as_dispatched(account.dispatched)
    return answers


def _against(account: EventAccount, answer: Answer | NotMetered) -> dict[str, Json]:
    if not isinstance(answer, Baseline):
        return {"missing": str(answer)}
    found = delivered(account.intervals, answer, account.asks)
    return {
        "use_wh": list(answer.use_wh),
        "days": [day.isoformat() for day in answer.days],
        "is_adjusted": answer.is_adjusted,
        "delivered_wh": found.delivered_wh,
        "half_width_wh": found.half_width_wh,
        "known": _share(found.known),
        "paid": _paid(account, found.delivered_wh),
    }


def _paid(account: EventAccount, delivered_wh: int | None) -> Json:
    if account.terms is None or delivered_wh is None:
        return None
    paid = pay(
        account.terms,
        delivered_wh=delivered_wh,
        agreed_wh=account.agreed_wh,
        agreed_w=account.agreed_w,
        length_s=len(account.intervals) * account.asked.interval_s,
    )
    return str(paid.total)


def _sum_or_none(values: Sequence[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None


def _share(share: Fraction) -> str:
    return str((Decimal(share.numerator) / share.denominator).quantize(Decimal("0.0001"), ROUND_HALF_UP))


def _differences(told: object, reckoned: object, place: str) -> list[str]:
    if isinstance(told, Mapping) and isinstance(reckoned, Mapping):
        keys = sorted({*told, *reckoned})
        return [
            difference
            for key in keys
            for difference in _differences(told.get(key), reckoned.get(key), f"{place}.{key}")
        ]
    return [] if _same(told, reckoned) else [place]


def _same(told: object, reckoned: object) -> bool:
    # Of True and 1, equal in Python, only one was told.
    return type(told) is type(reckoned) and told == reckoned
