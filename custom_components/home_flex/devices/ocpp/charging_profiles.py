"""A current limit as OCPP 1.6 charging profiles (Smart Charging profile, section 3.13)."""

import math
from collections.abc import Iterator
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

LONGEST_LIMIT_S: Final = 24 * 3600

# Our profiles carry these ids, so that only they are cleared; in the order in which they are tried.
PROFILE_IDS: Final = {"TxProfile": 9301, "TxDefaultProfile": 9302, "ChargePointMaxProfile": 9303}

# The lasting default stands below the limits we renew, and is never cleared with them.
DEFAULT_PROFILE_ID: Final = 9304

# A profile of a transaction belongs to its connector; the others to the whole charger, which is connector 0.
_CONNECTOR: Final = {"TxProfile": 1, "TxDefaultProfile": 0, "ChargePointMaxProfile": 0}


def purposes(transaction_id: int | None) -> Iterator[str]:
    """Yield the purposes worth trying, best first: a TxProfile needs a transaction (section 3.13.1)."""
    for purpose in PROFILE_IDS:
        if purpose != "TxProfile" or transaction_id is not None:
            yield purpose


def permitted_current_a(current_a: float, *, min_current_a: float, max_current_a: float) -> float:
    """Return the largest current a charger may be told: one decimal, rounded down, at most ``max_current_a``.

    Below ``min_current_a`` no vehicle can charge (IEC 61851-1): that is a pause, 0.
    """
    tenths = math.floor(min(current_a, max_current_a) * 10.0 + 1e-6) / 10.0
    return tenths if tenths >= min_current_a else 0.0


def set_limit(  # the fields of one message
    *,
    purpose: str,
    current_a: float,
    phases: int,
    transaction_id: int | None,
    stack_level: int,
    now: datetime,
    duration_s: float,
) -> call.SetChargingProfile:
    """Return SetChargingProfile for ``current_a`` per phase, from ``now`` on for ``duration_s``.

    ``duration`` and ``validTo`` both end it: when we are gone the charger returns to its own control.
    """
    whole_s = max(1, math.ceil(min(duration_s, LONGEST_LIMIT_S)))
    profile = ChargingProfile(
        charging_profile_id=PROFILE_IDS[purpose],
        stack_level=stack_level,
        charging_profile_purpose=ChargingProfilePurposeType(purpose),
        charging_profile_kind=ChargingProfileKindType.absolute,
        transaction_id=transaction_id if purpose == "TxProfile" else None,
        valid_to=wire_time(now + timedelta(seconds=whole_s)),
        charging_schedule=ChargingSchedule(
            charging_rate_unit=ChargingRateUnitType.amps,
            duration=whole_s,
            start_schedule=wire_time(now),
            charging_schedule_period=[
                ChargingSchedulePeriod(start_period=0, limit=current_a, number_phases=phases)
            ],
        ),
    )
    return call.SetChargingProfile(connector_id=_CONNECTOR[purpose], cs_charging_profiles=profile)


def set_default(*, current_a: float, phases: int, stack_level: int) -> call.SetChargingProfile:
    """Return SetChargingProfile for the current per phase that holds for good when no other profile does.

    A TxDefaultProfile without an end (section 3.13.1), relative to the start of each transaction.
    """
    profile = ChargingProfile(
        charging_profile_id=DEFAULT_PROFILE_ID,
        stack_level=stack_level,
        charging_profile_purpose=ChargingProfilePurposeType.tx_default_profile,
        charging_profile_kind=ChargingProfileKindType.relative,
        charging_schedule=ChargingSchedule(
            charging_rate_unit=ChargingRateUnitType.amps,
            charging_schedule_period=[
                ChargingSchedulePeriod(start_period=0, limit=current_a, number_phases=phases)
            ],
        ),
    )
    return call.SetChargingProfile(connector_id=0, cs_charging_profiles=profile)


def clear_default() -> call.ClearChargingProfile:
    """Return ClearChargingProfile for the lasting default, and no other."""
    return call.ClearChargingProfile(id=DEFAULT_PROFILE_ID)


def clear_limit(purpose: str) -> call.ClearChargingProfile:
    """Return ClearChargingProfile for our profile of this purpose, and no other."""
    return call.ClearChargingProfile(id=PROFILE_IDS[purpose])
