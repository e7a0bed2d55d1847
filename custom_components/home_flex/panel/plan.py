"""The plan as columns: one number a step and series, and of each device what it does block by block.

Powers in W (positive = consumption; what the sun may give is 0 or more), prices in the site's currency
per kWh, shares 0 to 1, times as ISO 8601, lengths in seconds; None is not known, or no limit.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..const import DOMAIN
from ..coordinator import HomeFlexCoordinator
from ..core.events.model import OPEN
from ..core.forecast import Forecast
from ..core.planner.alternative import Alternative
from ..core.planner.plan import DevicePlan, IntentKind
from ..core.planner.problem import LimitOwner, Problem
from ..plan_sentences import PlanSentences, bent_document, left_out_document, plan_sentences
from ..runtime.planning.alternatives import alternative_document
from ..runtime.planning.made import MadePlan
from ..runtime.planning.showing import Stretch, WaysOut
from .shown import told
from .wishes import wishes_depend_on, wishes_document

# One in ten is below the first and one in ten above the second.
_BAND = (0.1, 0.9)
_NO_INTENTS = frozenset({IntentKind.LEAVE_ALONE})


def plan_depends_on(coordinator: HomeFlexCoordinator) -> tuple[object, ...]:
    """Return what the document is made of, and not the document: it is asked for each second."""
    planning, data = coordinator.controller.planning, coordinator.data
    return (
        0 if planning is None else planning.held,
        _alternatives(coordinator),
        _ways_out(coordinator),
        coordinator.hass.config.language,
        wishes_depend_on(coordinator),
        [(each.event, each.opted_out) for each in data.records if each.status in OPEN],
    )


def plan_document(coordinator: HomeFlexCoordinator) -> Mapping[str, Any]:
    """Return the plan that is there; ``plan`` None while there is none."""
    planning = coordinator.controller.planning
    made = None if planning is None else planning.made
    plan = None if made is None else _plan(coordinator, made, _alternatives(coordinator))
    left_out = [] if made is None else left_out_document(made.plan.left_out, plan_sentences(coordinator))
    return {"plan": plan, "left_out": left_out, **_beside(coordinator)}


def _alternatives(coordinator: HomeFlexCoordinator) -> Mapping[str, Alternative]:
    """Return by device what it could do instead; who looks at a plan has that reckoned, and sees it then."""
    planning = coordinator.controller.planning
    made = None if planning is None else planning.made
    if planning is None or made is None:
        return {}
    if (known := planning.alternatives.known(made)) is None:
        coordinator.config_entry.async_create_background_task(
            coordinator.hass, planning.alternatives.of(made), f"{DOMAIN} alternatives"
        )
    return known or {}


def _beside(coordinator: HomeFlexCoordinator) -> Mapping[str, Any]:
    """Return what is told beside a plan: wishes, what is bent of them, and events."""
    bent = _ways_out(coordinator)
    return {
        "currency": coordinator.site.currency,
        "is_followed": coordinator.data.wishes.site.follow_plan,
        "bent": bent_document(bent, plan_sentences(coordinator)) if bent else [],
        "wishes": wishes_document(coordinator),
        "events": [
            {
                "event_id": each.event.event_id,
                "name": each.event.name,
                "start": told(each.event.start),
                "end": told(each.event.end),
                "opted_out": each.opted_out,
            }
            for each in coordinator.data.records
            if each.status in OPEN
        ],
    }


def _ways_out(coordinator: HomeFlexCoordinator) -> tuple[WaysOut, ...]:
    planning = coordinator.controller.planning
    made = None if planning is None else planning.made
    return () if planning is None or made is None else planning.changes.of(made)


def _plan(
    coordinator: HomeFlexCoordinator, made: MadePlan, others: Mapping[str, Alternative]
) -> Mapping[str, Any]:
    plan, problem = made.plan, made.problem
    sentences = plan_sentences(coordinator)
    signals = problem.signals
    names = {key: device.name for key, device in coordinator.data.devices.items()}
    return {
        "start": told(plan.grid.start),
        "lengths_s": plan.grid.lengths_s,
        "made_at": told(made.made_at),
        "status": plan.status.value,
        "cost": round(plan.money.total, 2),
        "import_price": _prices(signals.import_per_kwh),
        "export_price": _prices(signals.export_per_kwh),
        "marginal_price": _prices(plan.marginal_per_kwh),
        "guessed_from": signals.guessed_from,
        "carbon_g_per_kwh": None if signals.carbon_g_per_kwh is None else _powers(signals.carbon_g_per_kwh),
        "grid_w": _powers(plan.net_w),
        "load_w": _powers(problem.load_w),
        "load_band_w": _band(None if made.outlook.load is None else [made.outlook.load], len(plan.grid)),
        "pv_available_w": _sum(tuple(pv.available_w for pv in problem.pv)),
        "pv_available_band_w": _band(made.outlook.production.values(), len(plan.grid)),
        "import_limit_w": _limit(problem),
        "devices": [
            {
                **_device(device, made.stretches[key], problem, names.get(key, key)),
                "alternative": _alternative(others[key], sentences) if key in others else None,
            }
            for key, device in plan.devices.items()
        ],
    }


def _device(device: DevicePlan, does: Iterable[Stretch], problem: Problem, name: str) -> Mapping[str, Any]:
    capacity_wh = next(
        (each.capacity_wh for each in problem.batteries if each.device_id == device.device_id), None
    )
    return {
        "device_id": device.device_id,
        "kind": device.kind.value,
        "name": name,
        "power_w": _powers(device.power_w),
        "state_of_charge": (
            None
            if device.stored_wh is None or not capacity_wh
            else [round(stored_wh / capacity_wh, 3) for stored_wh in device.stored_wh]
        ),
        "blocks": [_block(each) for each in does if each.kind not in _NO_INTENTS],
    }


def _alternative(one: Alternative, sentences: PlanSentences) -> Mapping[str, Any]:
    """Return what a device could do now instead, and what would then be bent."""
    bent = [WaysOut(each, None) for each in one.bent]
    return {**alternative_document(one), "bent": bent_document(bent, sentences)}


def _block(each: Stretch) -> Mapping[str, Any]:
    reason = each.reason
    return {
        "start": told(each.start),
        "end": told(each.end),
        "does": each.kind.value,
        "power_w": round(each.power_w),
        "reason": None if reason is None else reason.code.value,
        "numbers": {} if reason is None else {key: round(value, 4) for key, value in reason.numbers.items()},
        "later": [{"start": told(start), "reason": later.code.value} for start, later in each.later_reasons],
    }


def _powers(values: Sequence[float]) -> list[int | None]:
    return [round(value) if math.isfinite(value) else None for value in values]


def _prices(values: Sequence[float]) -> list[float | None]:
    return [round(value, 4) if math.isfinite(value) else None for value in values]


def _sum(series: Sequence[Sequence[float]]) -> list[int | None] | None:
    return _powers([math.fsum(values) for values in zip(*series, strict=True)]) if series else None


def _band(forecasts: Iterable[Forecast] | None, steps: int) -> list[list[int | None]] | None:
    """Return the low and the high of what is expected together; None where one of them has no band."""
    known = list(forecasts or ())
    if not known or any(level not in each.quantiles_w for each in known for level in _BAND):
        return None
    bounds = [_sum([each.quantiles_w[level].tolist() for each in known]) or [] for level in _BAND]
    return None if any(len(bound) != steps for bound in bounds) else bounds


def _limit(problem: Problem) -> list[int | None] | None:
    """Return the lowest limit on what is drawn in each step, besides the fuse; None without any."""
    limits = [each.import_w for each in problem.meter_limits if each.owner is not LimitOwner.FUSE]
    return _powers([min(values) for values in zip(*limits, strict=True)]) if limits else None
