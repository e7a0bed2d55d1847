"""An event's receipt: what was asked, what came, what it is worth, and all that is needed to reckon it again.

A receipt is one canonical document and is known by its digest. Its inputs stand beside it under their own
digests, so that a day that many receipts look at is kept once. Who has both can recompute every figure to
the last cent without the home, its clock or its solver: a plan is an input and never solved again.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any, Final

from .baselines import HISTORY_RULES, Answer, Baseline, Missing, with_half_width
from .baselines.as_dispatched import NAME as AS_DISPATCHED
from .baselines.as_dispatched import Dispatched, NotMetered, as_dispatched
from .canonical import Json, digest
from .days import Asked, UseDay
from .documents import (
    after_document,
    after_from,
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
from .exact import decimal_text, half_up, rounded
from .given_up import GivenUp, given_up_from, given_up_in_all
from .money import Terms, pay
from .rebound import After, Rebound, rebound
from .settlement import Asks, Delivered, Interval, delivered, exceeded, known_share

METHOD: Final = "event/1"


@dataclass(frozen=True, kw_only=True, slots=True)
class EventAccount:
    """All that a receipt of one event is reckoned from.

    ``event``: the event as it was received and answered, as texts and whole numbers. ``asks`` is None for
    one that does not say which way the power is to go. ``asked``: the question to the rules of history, whose
    window are the quarter-hours that the event touches; None where nothing is kept of other days. ``rules``:
    those that are asked, by name. ``programme_rule``: the baseline by which the programme pays; None where
    it names none: as_dispatched, and where that knows nothing the first of ``rules`` that does.
    ``prices``: what a kWh pays in each interval, where that changes in the event; None: what ``terms`` say.
    ``agreed_wh``: what was agreed on in the direction that was asked for. ``after``: what is known of the
    hours after it, Missing where nothing can be told of them, None until they are over. ``given_up``:
    what the resident gave up in the event and in those hours, by device. ``replaces``: the digest of the
    receipt that this one follows up, as when data came late.
    """

    home: str
    event: Mapping[str, Json]
    asks: Asks | None
    intervals: tuple[Interval, ...]
    asked: Asked | None
    dispatched: Dispatched | None
    rules: tuple[str, ...]
    programme_rule: str | None
    terms: Terms | None
    prices: tuple[Decimal, ...] | None = None
    agreed_wh: int = 0
    agreed_w: int = 0
    after: After | Missing | None = None
    given_up: GivenUp | None = None
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
        "asked": None if account.asked is None else asked_document(account.asked, kept),
        "dispatched": None if account.dispatched is None else dispatched_document(account.dispatched),
        "rules": list(account.rules),
        "programme_rule": account.programme_rule,
        "terms": None if account.terms is None else terms_document(account.terms),
        "prices": None if account.prices is None else [f"{each:f}" for each in account.prices],
        "agreed_wh": account.agreed_wh,
        "agreed_w": account.agreed_w,
        "after": after_document(account.after, kept) if isinstance(account.after, After) else account.after,
        "given_up": account.given_up,
        "replaces": account.replaces,
    }
    return Receipt(document={**document, "results": results_of(account)}, inputs=inputs)


def account_from(found: Receipt) -> EventAccount:
    """Return what an event's receipt was reckoned from. Raises LookupError, TypeError or ValueError."""
    document: Mapping[str, Any] = found.document
    inputs: Mapping[str, Any] = found.inputs
    asked, dispatched, terms = document["asked"], document["dispatched"], document["terms"]

    def day_of(name: str) -> UseDay:
        return day_from(inputs[name])

    return EventAccount(
        home=document["home"],
        event=document["event"],
        asks=None if document["asks"] is None else Asks(document["asks"]),
        intervals=intervals_from(document["intervals"]),
        asked=None if asked is None else asked_from(asked, day_of),
        dispatched=None if dispatched is None else dispatched_from(dispatched),
        rules=tuple(document["rules"]),
        programme_rule=document["programme_rule"],
        terms=None if terms is None else terms_from(terms),
        prices=None if document["prices"] is None else tuple(map(Decimal, document["prices"])),
        agreed_wh=document["agreed_wh"],
        agreed_w=document["agreed_w"],
        after=_after_from(document["after"], day_of),
        given_up=given_up_from(document["given_up"]),
        replaces=document["replaces"],
    )


def followed_up(
    found: Receipt,
    *,
    asked: Asked | None,
    after: After | Missing,
    given_up: GivenUp | None,
    dispatched: Dispatched | None = None,
) -> Receipt | None:
    """Return the receipt that follows up one, by what is known of the home's other hours now.

    ``asked`` and ``dispatched`` None: nothing is known of them any more, and what was known stays. None when
    nothing changed. Raises as ``account_from``.
    """
    account = account_from(found)
    newer = replace(
        account,
        asked=asked or account.asked,
        dispatched=dispatched or account.dispatched,
        after=after,
        given_up=given_up,
    )
    if receipt(newer).document == found.document:
        return None
    return receipt(replace(newer, replaces=found.digest))


def results_of(account: EventAccount, *, with_widths: bool = True) -> dict[str, Json]:
    """Return what follows from an account, as it stands in a receipt under ``results``.

    Energies in whole Wh, ``delivered_wh`` in the direction that was asked for; shares and money are texts.
    Without ``with_widths`` it is not tried how far rules of history are off: that is most of the work.
    Raises KeyError for a rule that is not known or was not asked.
    """
    limits = exceeded(account.intervals)
    baselines = {
        name: _against(account, answer, is_rerun=name == AS_DISPATCHED)
        for name, answer in _answers(account, with_widths=with_widths).items()
    }
    used_wh = sum(interval.used_wh for interval in account.intervals)
    rule = account.programme_rule or _first_known(account.rules, baselines)
    return {
        "used_wh": used_wh if any(interval.covered_ms for interval in account.intervals) else None,
        "known": share_text(known_share(account.intervals)),
        "opted_out_s": _seconds(sum(interval.opted_out_ms for interval in account.intervals)),
        "limit": None
        if limits is None
        else {
            "exceeded_wh": limits.energy_wh,
            "worst_w": limits.worst_w,
            "kept_share": None if limits.kept_share is None else share_text(limits.kept_share),
        },
        "baselines": baselines,
        "rule": rule,
        "paid": baselines[rule].get("paid"),
        "rebound": _rebound(account.after),
        "given_up": given_up_in_all(account.given_up),
    }


def _first_known(rules: Sequence[str], baselines: Mapping[str, Mapping[str, Json]]) -> str:
    known = (name for name in (AS_DISPATCHED, *rules) if "missing" not in baselines[name])
    return next(known, AS_DISPATCHED)


def _answers(account: EventAccount, *, with_widths: bool) -> dict[str, Answer | NotMetered]:
    answers: dict[str, Answer | NotMetered] = {
        name: Missing.NO_HISTORY
        if account.asked is None
        else _of_history(account, account.asked, name, with_widths=with_widths)
        for name in account.rules
    }
    answers[AS_DISPATCHED] = (
        Missing.NOT_MEASURED_BEFORE if account.dispatched is None else as_dispatched(account.dispatched)
    )
    return answers


def _of_history(account: EventAccount, asked: Asked, name: str, *, with_widths: bool) -> Answer:
    """Return what a rule says of quarter-hours, for the measured part of each interval."""
    rule = HISTORY_RULES[name]
    answer = with_half_width(rule, asked) if with_widths else rule(asked)
    if not isinstance(answer, Baseline):
        return answer
    length_ms = 1000 * asked.interval_s
    parts = [Fraction(answer.use_wh[each.quarter] * each.covered_ms, length_ms) for each in account.intervals]
    share = Fraction(sum(each.covered_ms for each in account.intervals), length_ms * len(asked.window))
    width_wh = answer.half_width_wh
    return replace(
        answer,
        use_wh=rounded(parts),
        half_width_wh=None if width_wh is None else half_up(width_wh * share),
    )


def _against(account: EventAccount, answer: Answer | NotMetered, *, is_rerun: bool) -> dict[str, Json]:
    """Return a baseline, what was delivered against it, and for how long it is an estimate."""
    if not isinstance(answer, Baseline):
        return {"missing": str(answer)}
    found = delivered(account.intervals, answer, account.asks or Asks.LESS)
    told: dict[str, Json] = {
        "use_wh": list(answer.use_wh),
        "days": [day.isoformat() for day in answer.days],
        "is_adjusted": answer.is_adjusted,
        "half_width_wh": found.half_width_wh,
    }
    if is_rerun and account.dispatched is not None and account.dispatched.sun_held_ms:
        told["estimated_s"] = _seconds(sum(account.dispatched.sun_held_ms))
    if account.asks is None:
        return told
    return {**told, "delivered_wh": found.delivered_wh, "paid": _paid(account, found)}


def _paid(account: EventAccount, found: Delivered) -> Json:
    if account.terms is None or found.delivered_wh is None:
        return None
    worth = None
    if account.prices is not None:
        pairs = zip(found.by_interval_wh, account.prices, strict=True)
        worth = sum((energy_wh * price for energy_wh, price in pairs), Decimal(0)) / 1000
    paid = pay(
        account.terms,
        delivered_wh=found.delivered_wh,
        worth=worth,
        agreed_wh=account.agreed_wh,
        agreed_w=account.agreed_w,
        length_s=sum(each.length_ms for each in account.intervals) // 1000,
    )
    return str(paid.total)


def _after_from(
    told: str | Mapping[str, Any] | None, day_of: Callable[[str], UseDay]
) -> After | Missing | None:
    if told is None:
        return None
    return Missing(told) if isinstance(told, str) else after_from(told, day_of)


def _rebound(after: After | Missing | None) -> Json:
    if after is None:
        return None
    if isinstance(after, Missing):
        return {"missing": after.value}
    found = rebound(after)
    if isinstance(found, Missing):
        return {"missing": found.value}
    return {**_taken_back(found), "currency": after.currency}


def _taken_back(found: Rebound) -> dict[str, Json]:
    return {
        "energy_wh": found.energy_wh,
        "half_width_wh": found.half_width_wh,
        "known": share_text(found.known),
        "length_s": found.length_s,
        "rule": found.rule,
        "cost": None if found.cost is None else decimal_text(found.cost),
        "carbon_g": None if found.carbon_g is None else half_up(Fraction(found.carbon_g)),
    }


def _seconds(milliseconds: int) -> int:
    return half_up(Fraction(milliseconds, 1000))


def share_text(share: Fraction) -> str:
    """Return a share (0..1) as receipts tell it, in four places."""
    return str((Decimal(share.numerator) / share.denominator).quantize(Decimal("0.0001"), ROUND_HALF_UP))
