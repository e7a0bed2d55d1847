"""A current limit as OCPP 1.6 charging profiles (Smart Charging profile, section 3.13)."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ocpp.v16 import call  # type: ignore[import-untyped]  # the library has no types
from ocpp.v16.datatypes import (  # type: ignore[import-untyped]  # the library has no types
    ChargingProfile,
    ChargingSchedule,
    ChargingSchedulePeriod,
)
from ocpp.v16.enums import (  # type: ignore[import-untyped]  # the library has no types
    ChargingProfileKindType,
    ChargingProfilePurposeType,
    ChargingRateUnitType,
)

from .fields import wire_time
from .meter import NOMINAL_VOLTAGE_V
from .shapes import Purpose, Shape, Timing, Unit

LONGEST_LIMIT_S: Final = 24 * 3600

# Our profiles carry these ids, so that only they are cleared; each further socket has ten more of its own.
_PROFILE_IDS: Final = {Purpose.TX: 9301, Purpose.TX_DEFAULT: 9302, Purpose.CHARGE_POINT_MAX: 9303}
# The lasting default stands below the limits we renew, and is never cleared with them.
_DEFAULT_PROFILE_ID: Final = 9304

# A charger whose clock is behind by less than this has its limit all the same.
_EARLIER: Final = timedelta(minutes=5)
# One that lasts has begun also for a charger that takes the local time for UTC.
_MUCH_EARLIER: Final = timedelta(days=1)
_RELATIVE: Final = frozenset({Timing.RELATIVE_ENDING, Timing.RELATIVE_LASTING})


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """What a profile is for: a connector of a charger that has stack levels 0 to ``highest_level``.

    ``phases`` is how many it is told to use, ``drawing_phases`` how many the vehicle uses; ``ahead`` is by
    how much its clock was ahead of ours when it told the time last. OCPP 1.6 calls a transaction by the
    number that we gave it, 2.0.1 by the charger's own name.
    """

    connector_id: int
    highest_level: int
    phases: int
    drawing_phases: int
    transaction_id: int | None = None
    transaction_name: str | None = None
    ahead: timedelta = timedelta()


def profile_id(purpose: Purpose, connector_id: int) -> int:
    """Return the id of our profile of a purpose."""
    return _PROFILE_IDS[purpose] + 10 * (connector_id - 1)


def default_id(connector_id: int) -> int:
    """Return the id of a connector's lasting default."""
    return _DEFAULT_PROFILE_ID + 10 * (connector_id - 1)


def permitted_current_a(current_a: float, *, min_current_a: float, max_current_a: float) -> float:
    """Return the largest current a charger may be told: one decimal, rounded down, at most ``max_current_a``.

    Below ``min_current_a`` no vehicle can charge (IEC 61851-1): that is a pause, 0.
    """
    tenths = math.floor(min(current_a, max_current_a) * 10.0 + 1e-6) / 10.0
    return tenths if tenths >= min_current_a else 0.0


@dataclass(frozen=True, slots=True)
class When:
    """When a schedule begins on the wire (None: with the session), and how long it lasts (None: for good)."""

    start: str | None
    duration_s: int | None


def when_of(shape: Shape, place: Place, *, now: datetime, duration_s: float) -> When:
    """Return when a limit holds that begins ``now`` and lasts ``duration_s``.

    An absolute one begins before ``now`` and ends by its duration alone: the charger's clock is not ours.
    """
    seconds = max(1, math.ceil(min(duration_s, LONGEST_LIMIT_S)))
    start = now - (_MUCH_EARLIER if shape.timing is Timing.LASTING else _EARLIER)
    if shape.timing is Timing.ENDING_BY_ITS_CLOCK:
        start += place.ahead
    absolute_s = seconds + int(_EARLIER.total_seconds())
    durations = {
        Timing.ENDING: absolute_s,
        Timing.ENDING_BY_ITS_CLOCK: absolute_s,
        Timing.RELATIVE_ENDING: seconds,
    }
    is_relative = shape.timing in _RELATIVE
    return When(None if is_relative else wire_time(start), durations.get(shape.timing))


def set_limit(
    shape: Shape, place: Place, current_a: float, *, now: datetime, duration_s: float
) -> call.SetChargingProfile:
    """Return SetChargingProfile for ``current_a`` per phase, from ``now`` on for ``duration_s``."""
    when = when_of(shape, place, now=now, duration_s=duration_s)
    is_of_transaction = shape.purpose is Purpose.TX
    profile = ChargingProfile(
        charging_profile_id=profile_id(shape.purpose, place.connector_id),
        stack_level=shape.stack_level(place.highest_level),
        charging_profile_purpose=ChargingProfilePurposeType(shape.purpose.value),
        charging_profile_kind=(
            ChargingProfileKindType.relative if when.start is None else ChargingProfileKindType.absolute
        ),
        transaction_id=place.transaction_id if is_of_transaction else None,
        charging_schedule=_schedule(
            shape,
            place,
            current_a,
            duration_s=when.duration_s,
            start=when.start,
        ),
    )
    return call.SetChargingProfile(connector_id=connector_of(shape, place), cs_charging_profiles=profile)


def set_default(shape: Shape, place: Place, current_a: float) -> call.SetChargingProfile:
    """Return SetChargingProfile for the current per phase that holds for good when no other profile does.

    A TxDefaultProfile without an end (section 3.13.1), relative to the start of each transaction, one level
    below the limits that are renewed.
    """
    profile = ChargingProfile(
        charging_profile_id=default_id(place.connector_id),
        stack_level=shape.stack_level(place.highest_level) - 1,
        charging_profile_purpose=ChargingProfilePurposeType.tx_default_profile,
        charging_profile_kind=ChargingProfileKindType.relative,
        charging_schedule=_schedule(shape, place, current_a, duration_s=None, start=None),
    )
    return call.SetChargingProfile(connector_id=connector_of(shape, place), cs_charging_profiles=profile)


def composite_schedule(connector_id: int, duration_s: int) -> call.GetCompositeSchedule:
    """Return GetCompositeSchedule, in A, for what holds of now and later."""
    return call.GetCompositeSchedule(
        connector_id=connector_id, duration=duration_s, charging_rate_unit=ChargingRateUnitType.amps
    )


def clear_default(connector_id: int) -> call.ClearChargingProfile:
    """Return ClearChargingProfile for the lasting default of a connector, and no other."""
    return call.ClearChargingProfile(id=default_id(connector_id))


def clear_limit(purpose: Purpose, connector_id: int) -> call.ClearChargingProfile:
    """Return ClearChargingProfile for our profile of this purpose, and no other."""
    return call.ClearChargingProfile(id=profile_id(purpose, connector_id))


def connector_of(shape: Shape, place: Place) -> int:
    """Return the connector that a profile is sent to: 0 is the whole charger."""
    return 0 if shape.whole_charger else place.connector_id


def limit_in_unit(shape: Shape, place: Place, current_a: float) -> float:
    """Return the limit in the shape's unit; in W it is what the phases in use draw at the nominal voltage."""
    if shape.unit is Unit.WATTS:
        return float(math.floor(current_a * NOMINAL_VOLTAGE_V * place.drawing_phases))
    return current_a


def _schedule(
    shape: Shape, place: Place, current_a: float, *, duration_s: int | None, start: str | None
) -> ChargingSchedule:
    """Return the schedule of one period."""
    return ChargingSchedule(
        charging_rate_unit=ChargingRateUnitType(shape.unit.value),
        duration=duration_s,
        start_schedule=start,
        charging_schedule_period=[
            ChargingSchedulePeriod(
                start_period=0,
                limit=limit_in_unit(shape, place, current_a),
                number_phases=place.phases if shape.tells_phases else None,
            )
        ],
    )
