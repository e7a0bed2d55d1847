"""A current limit as charging profiles of OCPP 2.0.1 (block K, Smart Charging)."""

from datetime import datetime
from typing import Final

from ocpp.v201 import call  # type: ignore[import-untyped]  # the library has no types
from ocpp.v201.datatypes import (  # type: ignore[import-untyped]  # the library has no types
    ChargingProfileType,
    ChargingSchedulePeriodType,
    ChargingScheduleType,
)
from ocpp.v201.enums import (  # type: ignore[import-untyped]  # the library has no types
    ChargingProfileKindEnumType,
    ChargingProfilePurposeEnumType,
    ChargingRateUnitEnumType,
)

from ..charging_profiles import (
    Place,
    When,
    connector_of,
    default_id,
    limit_in_unit,
    profile_id,
    when_of,
)
from ..shapes import Purpose, Shape

_PURPOSES: Final = {
    Purpose.TX: ChargingProfilePurposeEnumType.tx_profile,
    Purpose.TX_DEFAULT: ChargingProfilePurposeEnumType.tx_default_profile,
    Purpose.CHARGE_POINT_MAX: ChargingProfilePurposeEnumType.charging_station_max_profile,
}
_FOREVER: Final = When(None, None)


def set_limit(
    shape: Shape, place: Place, current_a: float, *, now: datetime, duration_s: float
) -> call.SetChargingProfile:
    """Return SetChargingProfile for ``current_a`` per phase, from ``now`` on for ``duration_s``."""
    when = when_of(shape, place, now=now, duration_s=duration_s)
    level = shape.stack_level(place.highest_level)
    return _message(profile_id(shape.purpose, place.connector_id), level, shape, place, current_a, when)


def set_default(shape: Shape, place: Place, current_a: float) -> call.SetChargingProfile:
    """Return SetChargingProfile for what holds for good when no other profile does, one level below those."""
    level = shape.stack_level(place.highest_level) - 1
    return _message(default_id(place.connector_id), level, shape, place, current_a, _FOREVER)


def composite_schedule(evse_id: int, duration_s: int) -> call.GetCompositeSchedule:
    """Return GetCompositeSchedule, in A, for what holds of now and later."""
    return call.GetCompositeSchedule(
        duration=duration_s, evse_id=evse_id, charging_rate_unit=ChargingRateUnitEnumType.amps
    )


def clear_default(evse_id: int) -> call.ClearChargingProfile:
    """Return ClearChargingProfile for the lasting default of an EVSE, and no other."""
    return call.ClearChargingProfile(charging_profile_id=default_id(evse_id))


def clear_limit(purpose: Purpose, evse_id: int) -> call.ClearChargingProfile:
    """Return ClearChargingProfile for our profile of this purpose, and no other."""
    return call.ClearChargingProfile(charging_profile_id=profile_id(purpose, evse_id))


def _message(
    id_: int, level: int, shape: Shape, place: Place, current_a: float, when: When
) -> call.SetChargingProfile:
    period = ChargingSchedulePeriodType(
        start_period=0,
        limit=limit_in_unit(shape, place, current_a),
        number_phases=place.phases if shape.tells_phases else None,
    )
    schedule = ChargingScheduleType(
        id=id_,
        charging_rate_unit=ChargingRateUnitEnumType(shape.unit.value),
        charging_schedule_period=[period],
        start_schedule=when.start,
        duration=when.duration_s,
    )
    is_relative = when.start is None
    profile = ChargingProfileType(
        id=id_,
        stack_level=level,
        charging_profile_purpose=_PURPOSES[shape.purpose],
        charging_profile_kind=(
            ChargingProfileKindEnumType.relative if is_relative else ChargingProfileKindEnumType.absolute
        ),
        charging_schedule=[schedule],
        transaction_id=place.transaction_name if shape.purpose is Purpose.TX else None,
    )
    return call.SetChargingProfile(evse_id=connector_of(shape, place), charging_profile=profile)
