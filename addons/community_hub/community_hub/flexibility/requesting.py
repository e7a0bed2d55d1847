"""Requests to one home: what an operator of a building of their own would have done.

Each is an OpenADR event of a programme that the home's resident consents to, for that home alone. The home's
arbiter obeys or refuses it by its order of control, as any other event: nothing goes around it.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from http import HTTPStatus
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncSession

from ..openadr.issuing import HomeEvent, Issuing
from ..store import Written, as_json, new_id
from ..store.audit import Act, record
from ..store.database import Turn, take_turn
from ..store.tables import HomeRequest
from ..web import Problem, correlation_id
from ..web.fields import Moment, ObjectId
from .guard import Asks
from .needs import Minutes, require_ahead
from .reported import Reported, Standing
from .targets import Targets
from .willing import NO_CONSENT, ONLY_DEVICES, Call, willing_for

_MOST_KW: Final = 1000.0
_MOST_STEPS: Final = 288
_MOST_LENGTH: Final = timedelta(days=7)
_NORMAL: Final = 0

type Power = Annotated[float, Field(strict=True, ge=-_MOST_KW, le=_MOST_KW, allow_inf_nan=False)]
type Limit = Annotated[float, Field(strict=True, ge=0, le=_MOST_KW, allow_inf_nan=False)]


class _Asked(BaseModel):
    """What each request has: its programme, its start (None: now), and the group of devices that is meant."""

    model_config = ConfigDict(extra="forbid")

    program_id: ObjectId
    start: Moment | None = None
    group: ObjectId | None = None


class _Lasting(_Asked):
    duration_minutes: Minutes


class BatteryPower(_Lasting):
    """Charge (above 0) or discharge (below 0) by a power.

    With a group, it draws that; without one, the site draws so much more or less than it would have.
    """

    kind: Literal["battery_power"]
    power_kw: Power


class ChargeState(_Lasting):
    """Have the batteries charged to a level, 0 to 1, by the end."""

    kind: Literal["charge_state"]
    level: Annotated[float, Field(strict=True, ge=0, le=1, allow_inf_nan=False)]


class SetPoint(_Lasting):
    """What the site, or a group of its devices, is to draw (below 0: give)."""

    kind: Literal["setpoint"]
    power_kw: Power


class PowerLimit(_Lasting):
    """The most that the site or a group may draw or give."""

    kind: Literal["power_limit"]
    import_kw: Limit | None = None
    export_kw: Limit | None = None


class Optimise(_Lasting):
    """Leave the home to its own plan: an event that asks nothing of its power."""

    kind: Literal["optimise"]


class Step(BaseModel):
    """A stretch of a schedule."""

    model_config = ConfigDict(extra="forbid")

    duration_minutes: Minutes
    power_kw: Power


class Schedule(_Asked):
    """What the site or a group is to draw, stretch after stretch."""

    kind: Literal["schedule"]
    steps: Annotated[list[Step], Field(min_length=1, max_length=_MOST_STEPS)]


type NewRequest = Annotated[
    BatteryPower | ChargeState | SetPoint | PowerLimit | Optimise | Schedule, Field(discriminator="kind")
]
type _Payloads = list[tuple[str, float, str | None]]


async def ask(
    session: AsyncSession, issuing: Issuing, ven_id: str, wanted: NewRequest, *, actor: str
) -> HomeRequest:
    """Send a request to a home. Raises Problem 403 without consent, 400 and 409 for what cannot be asked."""
    now = issuing.hub.clock()
    start = wanted.start or now
    require_ahead(start, now)
    stretches = _stretches(wanted)
    end = start + sum((length for length, _ in stretches), timedelta(0))
    if end - start > _MOST_LENGTH:
        raise Problem(HTTPStatus.BAD_REQUEST, "too-long", "A request lasts 7 days at most.")
    await take_turn(session, Turn.CALLING)
    await _require_willing(session, now, ven_id, wanted, start, end)
    document = Written(as_json(_event_request(wanted, ven_id, start, stretches)))
    event = HomeEvent(ven_id, new_id(), document)
    await issuing.calls(session, wanted.program_id, [event], end)
    request = HomeRequest(
        id=new_id(),
        ven_id=ven_id,
        program_id=wanted.program_id,
        kind=wanted.kind,
        asked=wanted.model_dump(mode="json", exclude={"program_id", "kind"}),
        event_id=event.event_id,
        starts_at=start,
        ends_at=end,
        created_at=now,
        created_by=actor,
        correlation_id=correlation_id(),
    )
    session.add(request)
    details = {"ven_id": ven_id, "kind": request.kind, "correlation_id": request.correlation_id}
    await record(session, now, Act(actor=actor, act="request.make", object=request.id, details=details))
    return request


async def _require_willing(
    session: AsyncSession, now: datetime, ven_id: str, wanted: NewRequest, start: datetime, end: datetime
) -> None:
    """Raise Problem 403 unless the home consents to all that is meant, 409 where something forbids it."""
    power_kw = wanted.power_kw if isinstance(wanted, BatteryPower) else 0.0
    asks = Asks.NEITHER if power_kw == 0 else Asks.MORE if power_kw > 0 else Asks.LESS
    call = Call(
        program_id=wanted.program_id,
        start=start,
        end=end,
        asks=asks,
        targets=Targets(ven_ids=[ven_id]),
        devices=frozenset() if wanted.group is None else frozenset({wanted.group}),
    )
    found = await willing_for(session, now, call)
    reason = found.left_out.get(ven_id, NO_CONSENT)
    if reason in {NO_CONSENT, ONLY_DEVICES} and not found.homes:
        raise Problem(
            HTTPStatus.FORBIDDEN, "no-consent", "The home's resident did not consent to that at that time."
        )
    if not found.homes:
        raise Problem(HTTPStatus.CONFLICT, reason.replace("_", "-"), f"It is refused: {reason}.")


async def withdraw(session: AsyncSession, issuing: Issuing, request: HomeRequest, *, actor: str) -> None:
    """Take a request back. Raises Problem 409 for one that is over or was taken back."""
    now = issuing.hub.clock()
    if request.withdrawn_at is not None or now >= request.ends_at:
        raise Problem(HTTPStatus.CONFLICT, "request-over", "This request is over or was taken back.")
    await issuing.delete(session, request.event_id)
    request.withdrawn_at = now
    details = {"ven_id": request.ven_id, "correlation_id": request.correlation_id}
    await record(session, now, Act(actor=actor, act="request.withdraw", object=request.id, details=details))


class State(StrEnum):
    """What became of a request, by what the home reported."""

    SENT = "sent"
    ACCEPTED = "accepted"
    ASKED = "asked"
    REFUSED = "refused"
    RUNNING = "running"
    DONE = "done"
    ABORTED = "aborted"
    WITHDRAWN = "withdrawn"


_STATES: Final[Mapping[str, State]] = {
    "NEW": State.ACCEPTED,
    "ACCEPTED": State.ACCEPTED,
    "REJECTED": State.REFUSED,
    "STARTED": State.RUNNING,
    "SUCCEEDED": State.DONE,
    "ABORTED": State.ABORTED,
    "REVOKED": State.WITHDRAWN,
}


def state_of(request: HomeRequest, told: Reported | None) -> tuple[State, str | None]:
    """Return what became of a request, and the home's reason where it gave one."""
    if request.withdrawn_at is not None:
        return State.WITHDRAWN, None
    if told is None:
        return State.SENT, None
    reason = told.text("REASON")
    if told.standing is Standing.ASKED:
        return State.ASKED, reason
    if told.standing is Standing.LEFT:
        return State.REFUSED, reason
    return _STATES.get(told.text("INSTRUCTION_STATUS") or "", State.SENT), reason


def described(request: HomeRequest, told: Reported | None) -> dict[str, Any]:
    """Return what is told of a request."""
    state, reason = state_of(request, told)
    return {
        "id": request.id,
        "ven_id": request.ven_id,
        "program_id": request.program_id,
        "kind": request.kind,
        "asked": request.asked,
        "event_id": request.event_id,
        "start": request.starts_at,
        "end": request.ends_at,
        "created_at": request.created_at,
        "created_by": request.created_by,
        "state": state,
        "reason": reason,
        "correlation_id": request.correlation_id,
    }


def _limits(wanted: PowerLimit) -> _Payloads:
    found: _Payloads = [
        (name, value, "KW")
        for name, value in (
            ("IMPORT_CAPACITY_LIMIT", wanted.import_kw),
            ("EXPORT_CAPACITY_LIMIT", wanted.export_kw),
        )
        if value is not None
    ]
    if not found:
        raise Problem(HTTPStatus.BAD_REQUEST, "no-limit", "A limit is of import, export, or both.")
    return found


_PAYLOADS: Final[Mapping[type[_Lasting], Callable[[Any], _Payloads]]] = {
    BatteryPower: lambda wanted: [
        ("DISPATCH_SETPOINT_RELATIVE" if wanted.group is None else "DISPATCH_SETPOINT", wanted.power_kw, "KW")
    ],
    ChargeState: lambda wanted: [("CHARGE_STATE_SETPOINT", wanted.level, "PERCENT")],
    SetPoint: lambda wanted: [("DISPATCH_SETPOINT", wanted.power_kw, "KW")],
    PowerLimit: _limits,
    # Level 0 of SIMPLE is normal operation: the home follows its own plan.
    Optimise: lambda _: [("SIMPLE", _NORMAL, None)],
}


def _stretches(wanted: NewRequest) -> list[tuple[timedelta, _Payloads]]:
    if isinstance(wanted, Schedule):
        return [
            (timedelta(minutes=step.duration_minutes), [("DISPATCH_SETPOINT", step.power_kw, "KW")])
            for step in wanted.steps
        ]
    return [(timedelta(minutes=wanted.duration_minutes), _PAYLOADS[type(wanted)](wanted))]


def _event_request(
    wanted: NewRequest, ven_id: str, start: datetime, stretches: list[tuple[timedelta, _Payloads]]
) -> dict[str, Any]:
    units = {kind: unit for _, payloads in stretches for kind, _, unit in payloads if unit is not None}
    intervals = []
    for number, (length, payloads) in enumerate(stretches):
        intervals.append(
            {
                "id": number,
                "intervalPeriod": {
                    "start": start.isoformat().replace("+00:00", "Z"),
                    "duration": f"PT{int(length.total_seconds())}S",
                },
                "payloads": [{"type": kind, "values": [value]} for kind, value, _ in payloads],
            }
        )
        start += length
    return {
        "programID": wanted.program_id,
        "eventName": wanted.kind,
        # A group is named alone: a home that has no such group refuses it, and moves nothing else for it.
        "targets": [ven_id if wanted.group is None else wanted.group],
        "payloadDescriptors": [
            {"objectType": "EVENT_PAYLOAD_DESCRIPTOR", "payloadType": kind, "units": unit}
            for kind, unit in sorted(units.items())
        ],
        "intervals": intervals,
    }
