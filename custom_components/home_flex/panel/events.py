"""What is asked of the home: events that come, run and are over, each with what it is worth.

Money in the site's currency, energies in Wh, powers in W (positive = consumption), times as ISO 8601.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from ..coordinator import HomeFlexCoordinator
from ..core.events.easing import is_easable
from ..core.events.model import OPEN, EventRecord, EventStatus, Interval, Source
from ..core.events.outcome import ASKED, HELD
from ..core.invitations import InvitationRecord, State
from ..core.kinds import is_flexible
from ..core.model import Owner
from ..core.planner.choice import Choice, Joining, Option
from ..core.settlement.receipt import Receipt
from ..core.settlement.settlement import LEAST_COMPLETE
from ..core.wishes.demands import reach
from ..runtime.house_rules import house_rules_document
from ..runtime.view import SiteView
from .shown import share, told

SHOWN_PAST: Final = 20
_PAST: Final = frozenset(
    {EventStatus.SUCCEEDED, EventStatus.ABORTED, EventStatus.REVOKED, EventStatus.REJECTED}
)


def events_document(coordinator: HomeFlexCoordinator) -> Mapping[str, Any]:
    """Return the events: open ones by their start, those that are over with the latest first."""
    view = coordinator.data
    by_start = sorted(view.records, key=lambda record: record.event.start)
    past = [record for record in reversed(by_start) if record.status in _PAST][:SHOWN_PAST]
    return {
        "currency": coordinator.site.currency,
        "participating": view.participating,
        "community": view.aggregator_connected,
        "programmes": [
            {"program_id": key, "rule": programme.rule.value} for key, programme in view.programmes.items()
        ],
        "house_rules": house_rules_document(coordinator.controller.events.book.house),
        "invitations": [_invitation(each) for each in _shown_invitations(view)],
        "open": [event_document(view, each) for each in by_start if each.status in OPEN],
        "past": [event_document(view, each) for each in past],
    }


def event_document(view: SiteView, record: EventRecord) -> Mapping[str, Any]:
    """Return one event: what it asks, whether it may be skipped, what that is worth, what was delivered."""
    event = record.event
    choice = None if view.plan is None else view.plan.choices.get(event.event_id)
    may_skip = event.source is not Source.GRID_OPERATOR and record.status in OPEN
    return {
        "event_id": event.event_id,
        "name": event.name,
        "source": event.source.value,
        "status": record.status.value,
        "opted_out": record.opted_out,
        "awaits_answer": record.opted_out and record.reason in ASKED,
        "held": record.reason if record.opted_out and record.reason in HELD else None,
        "may_skip": may_skip,
        "may_join_partly": may_skip and is_easable(event) and bool(choice or record.eased),
        "is_partly": bool(record.eased),
        "start": told(event.start),
        "end": told(min(record.ended, event.end) if record.ended else event.end),
        "asks": _asked(event.intervals),
        "has": _asked(record.eased),
        "reason": record.reason,
        "choice": None if choice is None else _choice(choice),
        "devices": _devices(view, record, choice) if may_skip else [],
        "delivered": _delivered(record, view.event_figures.get(event.event_id)),
    }


def _shown_invitations(view: SiteView) -> list[InvitationRecord]:
    """Return the invitations whose time has not come, those first that have to be answered first."""
    ahead = [each for each in view.invitations if each.invitation.start > view.time]
    shown = [each for each in ahead if each.invitation.state is not State.DISPATCHED]
    return sorted(shown, key=lambda each: each.invitation.answer_by)


def _invitation(record: InvitationRecord) -> Mapping[str, Any]:
    """Return one invitation: what it asks, until when, what it pays at most, and what is answered."""
    invitation, answer, worth = record.invitation, record.answer, record.invitation.worth
    return {
        "invitation_id": invitation.invitation_id,
        "program_id": invitation.program_id,
        "state": invitation.state.lower(),
        "start": told(invitation.start),
        "end": told(invitation.end),
        "answer_by": told(invitation.answer_by),
        "asked_wh": invitation.asked_wh,
        "direction": invitation.direction.lower(),
        "pays": None if worth is None else float(worth.per_kwh * invitation.asked_wh / 1000),
        "currency": None if worth is None else worth.currency,
        "answer": None if answer is None else answer.said.lower(),
        "answered_by": None if answer is None else answer.by.lower(),
        "promised_wh": None if answer is None else answer.promised_wh,
        "is_told": record.verdict is not None,
        "held": record.held,
    }


def _asked(intervals: Iterable[Interval]) -> list[Mapping[str, Any]]:
    """Return what is asked, each once, in its order."""
    payloads = (payload for interval in intervals for payload in interval.payloads)
    return [
        {"type": each.type.value.lower(), "value": each.value, "is_energy": each.is_energy}
        for each in dict.fromkeys(payloads)
    ]


def _choice(choice: Choice) -> Mapping[str, Any]:
    return {
        "join": _option(choice.options[Joining.JOIN]),
        "partly": _option(choice.options[Joining.PARTLY]),
    }


def _devices(view: SiteView, record: EventRecord, choice: Choice | None) -> list[Mapping[str, Any]]:
    """Return the devices that an event may move, with what each alone is worth (None: not reckoned)."""
    return [
        {
            "device_id": key,
            "name": device.name,
            "is_spared": key in record.spared,
            "choice": None
            if choice is None or key not in choice.devices
            else _option(choice.devices[key][Joining.JOIN]),
        }
        for key, device in view.devices.items()
        if is_flexible(device.kind)
        and reach(view.wishes, key, quiet=device.is_quiet).admits(Owner.AGGREGATOR)
    ]


def _option(option: Option) -> Mapping[str, Any]:
    """Return what joining is worth (pay less costs), emits, moves, and whether a wish is bent for it."""
    return {
        "worth": round(option.pays - option.money, 2) + 0.0,
        "carbon_g": None if option.carbon_g is None else round(option.carbon_g),
        "moved_wh": round(option.moved_wh),
        "bends_wishes": bool(option.comfort),
        "is_kept": option.is_kept,
    }


def _delivered(record: EventRecord, results: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """Return what an event has come to, as its receipt has it; None before, and where nothing was measured.

    ``less_wh``: what was not used against its baseline, None where that is not known.
    """
    if record.started is None or results is None or results["used_wh"] is None:
        return None
    baseline, limit = results["baselines"][results["rule"]], results["limit"] or {}
    is_known = "missing" not in baseline and float(results["known"]) >= LEAST_COMPLETE
    kept_share = limit.get("kept_share")
    return {
        "energy_wh": results["used_wh"],
        "less_wh": sum(baseline["use_wh"]) - results["used_wh"] if is_known else None,
        "kept_share": None if kept_share is None else share(round(float(kept_share), 2)),
    }


def receipt_document(receipt: Receipt) -> Mapping[str, Any]:
    """Return what came of an event, by the baseline that counts: its figures, and what it is known by.

    ``paid`` is a text, in ``currency``; None where nothing was agreed on or the baseline is not known.
    """
    document: Mapping[str, Any] = receipt.document
    results, terms = document["results"], document["terms"]
    baseline = results["baselines"].get(results["rule"], {})
    limit = results["limit"]
    return {
        "digest": receipt.digest,
        "rule": results["rule"],
        "known": results["known"],
        "used_wh": results["used_wh"],
        "baseline_wh": None if "use_wh" not in baseline else sum(baseline["use_wh"]),
        "delivered_wh": baseline.get("delivered_wh"),
        "half_width_wh": baseline.get("half_width_wh"),
        "asks": document["asks"],
        "kept_share": None if limit is None else limit["kept_share"],
        "paid": results["paid"],
        "currency": None if terms is None else terms["currency"],
    }
