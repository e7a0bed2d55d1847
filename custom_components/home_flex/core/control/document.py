"""What control remembers over a restart, as a document: versioned, and read tolerantly.

Kept are: who holds which device and why, how soon each answers, reserves, when contactors closed, what cars
took, and powers towards a state of charge. Instants are whole seconds since 1970 by the wall clock, as a
monotonic one begins anew. Not kept is what may be otherwise after a restart: how far a device went, which way
its meter showed it, and whether it hunted.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any

from ..model import Owner
from .charging import ChargerMemory, ChargingMemory
from .charging.contactor import Contactor
from .memory import Actuator, ChargePlan, DeviceMemory, Response
from .reserve import ReserveMemory, ReserveState
from .response import SAMPLES
from .state import ControlMemory

VERSION = 1
# How soon a device answers is believed for so long after it was kept: another may stand in its place by then.
LEARNED_FOR_S = 30 * 86400.0
_LONGEST_ANSWER_S = 300.0
_READ_ERRORS = (AttributeError, KeyError, TypeError, ValueError, OverflowError)


def encode(memory: ControlMemory, now_s: float, now: datetime) -> dict[str, Any]:
    """Return what is worth keeping, as JSON values; ``now_s`` and ``now`` are the same moment."""
    at = now.timestamp() - now_s
    return {
        "version": VERSION,
        "kept": round(now.timestamp()),
        "taken": {
            key: {
                "owner": None if one.taken is None else one.taken.name,
                "reason": one.reason,
                "source_id": one.source_id,
                "standing": one.is_standing,
            }
            for key, one in memory.devices.items()
            if is_in_hand(one)
        },
        "learned": {
            key: {
                "full_s": list(one.response.full_s),
                "report_s": list(one.response.report_s),
                "late": one.response.is_late,
            }
            for key, one in memory.devices.items()
            if one.response.full_s or one.response.report_s or one.response.is_late
        },
        "reserves": {
            key: {
                "state": one.state.value,
                "holding": one.holding,
                "fast": one.fast,
                "restores": [round(at + seconds) for seconds in one.restores_s],
            }
            for key, one in memory.reserves.items()
            if one != ReserveMemory()
        },
        "closings": {
            key: [round(at + seconds) for seconds in one.contactor.closings]
            for key, one in memory.charging.chargers.items()
            if one.contactor.closings
        },
        "sessions_w": {
            key: [round(power_w) for power_w in one.sessions_w]
            for key, one in memory.charging.chargers.items()
            if one.sessions_w
        },
        "charge_plans": [
            {
                "source_id": source_id,
                "device_id": device_id,
                "state_of_charge": plan.state_of_charge,
                "target_wh": plan.target_wh,
                "power_w": plan.power_w,
            }
            for (source_id, device_id), plan in memory.charge_plans.items()
        ],
    }


def is_in_hand(memory: DeviceMemory) -> bool:
    """Whether a device is held, or was and is not yet proven to be by itself again.

    Hand-backs follow one another: one that waits for its turn is still held by the last order.
    """
    is_ordered = bool(memory.orders) and memory.orders[-1].value is not None
    is_owed = memory.actuator.owes or memory.actuator.release_s is not None
    return memory.taken is not None or is_ordered or is_owed


def decode(document: object, now_s: float, now: datetime) -> ControlMemory:
    """Return the memory to begin with; what cannot be read is left out, a row at a time. Never raises."""
    at = now.timestamp() - now_s
    return ControlMemory(
        devices=_devices(document, now_s, now),
        reserves=dict(_rows(document, "reserves", lambda row: _reserve(row, at))),
        charging=ChargingMemory(chargers=_chargers(document, at, now_s)),
        charge_plans=dict(_plans(document)),
    )


def _rows[T](document: object, name: str, read: Callable[[Any], T]) -> Iterator[tuple[str, T]]:
    rows = document.get(name) if isinstance(document, Mapping) else None
    for key, row in rows.items() if isinstance(rows, Mapping) else ():
        with suppress(*_READ_ERRORS):
            yield str(key), read(row)


def _devices(document: object, now_s: float, now: datetime) -> dict[str, DeviceMemory]:
    devices = dict(_rows(document, "taken", lambda row: _device(row, now_s)))
    if _is_recent(document, now):
        for key, response in _rows(document, "learned", _response):
            devices[key] = replace(devices.get(key, DeviceMemory()), response=response)
    return devices


def _is_recent(document: object, now: datetime) -> bool:
    kept = document.get("kept") if isinstance(document, Mapping) else None
    with suppress(*_READ_ERRORS):
        return abs(now.timestamp() - _finite(kept)) <= LEARNED_FOR_S
    return False


def _response(row: Any) -> Response:
    return Response(
        full_s=_answers(row["full_s"]), report_s=_answers(row["report_s"]), is_late=row.get("late") is True
    )


def _answers(row: Any) -> tuple[float, ...]:
    found = tuple(_finite(each) for each in row)[-SAMPLES:]
    if not all(0.0 <= each <= _LONGEST_ANSWER_S for each in found):
        raise ValueError("no device answers like that")
    return found


def _device(row: Any, now_s: float) -> DeviceMemory:
    """Return a device that a former life wrote: it stays in hand for now, and is owed a hand-back."""
    owner = row["owner"]
    memory = DeviceMemory(actuator=Actuator(owes=True))
    if owner is None:
        return memory
    source_id = row.get("source_id")
    return replace(
        memory,
        taken=Owner[owner],
        reason=str(row["reason"]),
        source_id=None if source_id is None else str(source_id),
        bound_s=now_s,
        is_standing=row.get("standing") is True,
    )


def _reserve(row: Any, at: float) -> ReserveMemory:
    return ReserveMemory(
        state=ReserveState(row["state"]),
        holding=row["holding"] is True,
        fast=row.get("fast") is True,
        restores_s=tuple(_finite(instant) - at for instant in row.get("restores", ())),
    )


def _chargers(document: object, at: float, now_s: float) -> dict[str, ChargerMemory]:
    closings = dict(_rows(document, "closings", lambda row: _contactor(row, at, now_s)))
    sessions_w = dict(_rows(document, "sessions_w", _powers_w))
    return {
        key: ChargerMemory(contactor=closings.get(key, Contactor()), sessions_w=sessions_w.get(key, ()))
        for key in {**closings, **sessions_w}
    }


def _contactor(row: Any, at: float, now_s: float) -> Contactor:
    # A closing to come is one of a clock that was wrong: it counts as one of now.
    return Contactor(closings=tuple(sorted(min(now_s, _finite(instant) - at) for instant in row)))


def _powers_w(row: Any) -> tuple[float, ...]:
    powers_w = tuple(_finite(power_w) for power_w in row)
    if min(powers_w) <= 0.0:
        raise ValueError("what a car took is more than nothing")
    return powers_w


def _plans(document: object) -> Iterator[tuple[tuple[str, str], ChargePlan]]:
    rows = document.get("charge_plans") if isinstance(document, Mapping) else None
    for row in rows if isinstance(rows, list) else ():
        with suppress(*_READ_ERRORS):
            yield (
                (str(row["source_id"]), str(row["device_id"])),
                ChargePlan(
                    state_of_charge=_finite(row["state_of_charge"]),
                    target_wh=_finite(row["target_wh"]),
                    power_w=_finite(row["power_w"]),
                ),
            )


def _finite(value: Any) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"{value} is no number to reckon with")
    return number
