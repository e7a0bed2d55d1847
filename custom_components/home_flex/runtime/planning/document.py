"""A plan as JSON values: for a person, an automation, or a dashboard."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from ...core.planner.alternative import Alternative
from ...core.planner.plan import DevicePlan
from ...core.planner.reason import Reason
from .alternatives import alternative_document
from .made import MadePlan
from .showing import Stretch


def plan_document(
    made: MadePlan,
    currency: str,
    names: Mapping[str, str],
    alternatives: Mapping[str, Alternative] | None = None,
) -> dict[str, Any]:
    """Return what is planned: step by step at the meter, and of each device what it does in which stretch.

    What could not be kept, and what was left out, is told beside it, in sentences. ``alternatives``: what
    devices could do instead, by their ids; None: nobody reckoned.

    Powers in W (positive = consumption), energies in Wh, money in ``currency``, times as ISO 8601.
    """
    plan, signals = made.plan, made.problem.signals
    return {
        "made_at": made.made_at.isoformat(),
        "until": plan.grid.end.isoformat(),
        "status": plan.status.value,
        "currency": currency,
        "cost": {**_rounded(asdict(plan.money)), "total": round(plan.money.total, 4)},
        "may_be_dearer_by": round(plan.gap, 4),
        "carbon_g": plan.carbon_g,
        "steps": [
            {
                "start": step.start.isoformat(),
                "end": step.end.isoformat(),
                "power_w": round(plan.net_w[index], 1),
                "import_price_per_kwh": round(signals.import_per_kwh[index], 5),
                "export_price_per_kwh": round(signals.export_per_kwh[index], 5),
                "price_is_guessed": signals.guessed_from is not None and index >= signals.guessed_from,
                "marginal_per_kwh": round(plan.marginal_per_kwh[index], 5),
            }
            for index, step in enumerate(plan.grid)
        ],
        "devices": [
            {
                "name": names.get(key, key),
                **_device(device, made.stretches[key]),
                "alternative": (
                    alternative_document(alternatives[key]) if alternatives and key in alternatives else None
                ),
            }
            for key, device in plan.devices.items()
        ],
    }


def _device(device: DevicePlan, does: Iterable[Stretch]) -> dict[str, Any]:
    return {
        "device_id": device.device_id,
        "kind": device.kind.value,
        "stretches": [_stretch(each) for each in does],
        "power_w": _series(device.power_w),
        "stored_wh": None if device.stored_wh is None else _series(device.stored_wh),
        "worth_per_kwh": (
            None if device.worth_per_kwh is None else [round(each, 5) for each in device.worth_per_kwh]
        ),
    }


def _stretch(each: Stretch) -> dict[str, Any]:
    return {
        "start": each.start.isoformat(),
        "end": each.end.isoformat(),
        "does": each.kind.value,
        "power_w": round(each.power_w, 1),
        "reason": None if each.reason is None else _reason(each.reason),
        "later_reasons": [
            {"start": start.isoformat(), **_reason(reason)} for start, reason in each.later_reasons
        ],
    }


def _reason(reason: Reason) -> dict[str, Any]:
    return {"code": reason.code.value, "subject": reason.subject, **_rounded(reason.numbers)}


def _series(values: tuple[float, ...]) -> list[float]:
    return [round(value, 1) for value in values]


def _rounded(values: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, 5) for name, value in values.items()}
