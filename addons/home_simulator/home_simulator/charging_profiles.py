"""Smart charging as the charge point sees it: OCPP 1.6 section 3.13 and 7.8 (ChargingProfile)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

CHARGE_POINT_MAX, TX_DEFAULT, TX = "ChargePointMaxProfile", "TxDefaultProfile", "TxProfile"
MAX_STACK_LEVEL = 10
MAX_PERIODS = 24
NOMINAL_VOLTAGE_V = 230.0
_DEFAULT_PHASES = 3
_RECURRENCE = {"Daily": timedelta(days=1), "Weekly": timedelta(weeks=1)}
_KINDS = {"Absolute", "Recurring", "Relative"}


@dataclass(frozen=True, slots=True)
class Period:
    """From ``start_s`` seconds after the schedule's start: at most ``limit`` A or W on ``phases`` phases."""

    start_s: int
    limit: float
    phases: int


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``current_a`` on each of ``phases`` phases."""

    current_a: float
    phases: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ChargingProfile:
    """One profile as it was installed; ``installed`` starts a schedule that names no start itself."""

    profile_id: int
    purpose: str
    kind: str
    stack_level: int
    connector_id: int
    transaction_id: int | None
    recurrency: str | None
    valid_from: datetime | None
    valid_to: datetime | None
    start_schedule: datetime | None
    duration_s: int | None
    unit: str
    periods: tuple[Period, ...]
    installed: datetime

    def limit_at(self, time: datetime, transaction_start: datetime | None) -> Limit | None:
        """Return the limit at ``time``, or None where this profile says nothing."""
        if (self.valid_from and time < self.valid_from) or (self.valid_to and time >= self.valid_to):
            return None
        start = self._start(time, transaction_start)
        elapsed = (time - start).total_seconds()
        if elapsed < 0 or (self.duration_s is not None and elapsed >= self.duration_s):
            return None
        running = [period for period in self.periods if period.start_s <= elapsed]
        if not running:
            return None
        period = running[-1]
        limit = period.limit if self.unit == "A" else period.limit / (NOMINAL_VOLTAGE_V * period.phases)
        return Limit(limit, period.phases)

    def change_times(self, time: datetime, transaction_start: datetime | None) -> list[datetime]:
        """Return when the limit may change, from this round of the schedule and the next."""
        start = self._start(time, transaction_start)
        rounds = (
            [start, start + _RECURRENCE[self.recurrency or "Daily"]] if self.kind == "Recurring" else [start]
        )
        ends = [] if self.duration_s is None else [self.duration_s]
        marks = [*(period.start_s for period in self.periods), *ends]
        bounds = [bound for bound in (self.valid_from, self.valid_to) if bound is not None]
        return [*bounds, *(begin + timedelta(seconds=mark) for begin in rounds for mark in marks)]

    def _start(self, time: datetime, transaction_start: datetime | None) -> datetime:
        if self.kind == "Relative":
            return transaction_start or self.installed
        start = self.start_schedule or self.installed
        if self.kind == "Recurring" and time > start:
            period = _RECURRENCE[self.recurrency or "Daily"]
            return start + (time - start) // period * period
        return start


def parse_profile(connector_id: int, values: Mapping[str, Any], installed: datetime) -> ChargingProfile:
    """Read ``csChargingProfiles``. Raises ValueError, TypeError or KeyError when it breaks the schema."""
    schedule = values["chargingSchedule"]
    periods = tuple(
        Period(
            int(period["startPeriod"]),
            float(period["limit"]),
            int(period.get("numberPhases", _DEFAULT_PHASES)),
        )
        for period in schedule["chargingSchedulePeriod"]
    )
    profile = ChargingProfile(
        profile_id=int(values["chargingProfileId"]),
        purpose=values["chargingProfilePurpose"],
        kind=values["chargingProfileKind"],
        stack_level=int(values["stackLevel"]),
        connector_id=connector_id,
        transaction_id=values.get("transactionId"),
        recurrency=values.get("recurrencyKind"),
        valid_from=_time(values.get("validFrom")),
        valid_to=_time(values.get("validTo")),
        start_schedule=_time(schedule.get("startSchedule")),
        duration_s=schedule.get("duration"),
        unit=schedule["chargingRateUnit"],
        periods=periods,
        installed=installed,
    )
    _check(profile)
    return profile


def _check(profile: ChargingProfile) -> None:
    starts = [period.start_s for period in profile.periods]
    sound = (
        profile.purpose in {CHARGE_POINT_MAX, TX_DEFAULT, TX}
        and profile.kind in _KINDS
        and profile.unit in {"A", "W"}
        and profile.recurrency in {None, *_RECURRENCE}
        and (profile.duration_s is None or type(profile.duration_s) is int)
        and 0 <= profile.stack_level <= MAX_STACK_LEVEL
        and 1 <= len(starts) <= MAX_PERIODS
        and starts[0] == 0
        and starts == sorted(starts)
        and all(0 <= period.limit < 1e6 and 1 <= period.phases <= 3 for period in profile.periods)
    )
    if not sound:
        raise ValueError("the charging profile breaks OCPP 1.6 section 7.8")


def _time(text: str | None) -> datetime | None:
    if text is None:
        return None
    time = datetime.fromisoformat(text)
    return time if time.tzinfo else time.replace(tzinfo=UTC)


class ProfileStore:
    """The profiles installed on a charge point with one connector."""

    def __init__(self) -> None:
        """Start empty."""
        self.profiles: list[ChargingProfile] = []

    def install(self, profile: ChargingProfile) -> None:
        """Add a profile; it replaces one with its id, or with its purpose, stack level and connector."""
        self.profiles = [
            other
            for other in self.profiles
            if other.profile_id != profile.profile_id
            and (other.purpose, other.stack_level, other.connector_id)
            != (profile.purpose, profile.stack_level, profile.connector_id)
        ]
        self.profiles.append(profile)

    def clear(self, request: Mapping[str, Any]) -> bool:
        """Remove what a ClearChargingProfile request names (section 5.3); whether anything was removed."""
        if "id" in request:
            kept = [profile for profile in self.profiles if profile.profile_id != request["id"]]
        else:
            wanted = {
                name: request[key]
                for key, name in (
                    ("connectorId", "connector_id"),
                    ("chargingProfilePurpose", "purpose"),
                    ("stackLevel", "stack_level"),
                )
                if key in request
            }
            kept = [
                profile
                for profile in self.profiles
                if any(getattr(profile, name) != value for name, value in wanted.items())
            ]
        changed = len(kept) != len(self.profiles)
        self.profiles = kept
        return changed

    def forget(self, before: datetime) -> None:
        """Forget what was installed before a time."""
        self.profiles = [profile for profile in self.profiles if profile.installed >= before]

    def end_transaction(self) -> None:
        """Forget what was meant for one transaction only (section 3.13.1)."""
        self.profiles = [profile for profile in self.profiles if profile.purpose != TX]

    def limit_at(self, time: datetime, transaction_start: datetime | None) -> Limit | None:
        """Return the composite limit at ``time``; None when nothing limits.

        The highest stack level that says something wins within a purpose, a TxProfile overrules the
        TxDefaultProfile, and the ChargePointMaxProfile caps both (sections 3.13.2 and 3.13.3).
        """
        station = self._winner(CHARGE_POINT_MAX, time, transaction_start)
        session = self._winner(TX, time, transaction_start) if transaction_start else None
        if session is None:
            session = self._winner(TX_DEFAULT, time, transaction_start)
        limits = [limit for limit in (station, session) if limit is not None]
        if not limits:
            return None
        return Limit(min(limit.current_a for limit in limits), min(limit.phases for limit in limits))

    def _winner(self, purpose: str, time: datetime, transaction_start: datetime | None) -> Limit | None:
        candidates = sorted(
            (profile for profile in self.profiles if profile.purpose == purpose),
            key=lambda profile: (profile.connector_id > 0, profile.stack_level),
            reverse=True,
        )
        limits = (profile.limit_at(time, transaction_start) for profile in candidates)
        return next((limit for limit in limits if limit is not None), None)
