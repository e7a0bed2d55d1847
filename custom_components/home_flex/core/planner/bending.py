"""What a plan could not keep, and what it could not use: as values that a sentence is made of at the edge."""

from dataclasses import dataclass
from enum import StrEnum


class BentWish(StrEnum):
    """Which kind of limit or wish was bent; ``amount`` of a bend is in the unit that is named here."""

    IMPORT_LIMIT = "import_limit"  # Wh drawn above it
    EXPORT_LIMIT = "export_limit"  # Wh given above it
    CIRCUIT_LIMIT = "circuit_limit"  # Wh beyond it
    COMMITMENT = "commitment"  # Wh beyond it
    READY_BY = "ready_by"  # Wh short
    SLOWED = "slowed"  # Wh that a car which is charged at once takes later
    READY_EARLY = "ready_early"  # s of the margin given up
    RESERVE = "reserve"  # Wh below it, the most in any step
    TOO_COLD = "too_cold"  # Wh of heat below comfort, the most in any step
    TOO_HOT = "too_hot"  # Wh of heat above it, the most in any step
    PROGRAMME = "programme"  # 1 programme that does not run


@dataclass(frozen=True, kw_only=True, slots=True)
class Bend:
    """One limit or wish that was bent: whose (a device's or a limit's id), by how much, in which steps."""

    wish: BentWish
    subject_id: str
    amount: float
    first_step: int
    last_step: int


class LeftOutCode(StrEnum):
    """What of the input was not used, and what stood in for it."""

    PRICES_MISSING = "prices_missing"  # where none is known: the dearest known, or a usual one
    PRICES_ABSURD = "prices_absurd"  # taken as missing: all of them where most are in ct, or per MWh
    PEAK_ABSURD = "peak_absurd"  # the month's peak costs nothing
    LOAD_MISSING = "load_missing"  # the highest known, or a usual one
    LOAD_ABSURD = "load_absurd"  # taken as missing
    PRODUCTION_MISSING = "production_missing"  # nothing
    PRODUCTION_ABSURD = "production_absurd"  # the most that the plant can give
    STORED_ABSURD = "stored_absurd"  # the device is not planned
    DEVICE_ABSURD = "device_absurd"  # the device is not planned
    LIMIT_ABSURD = "limit_absurd"  # the limit is taken as 0
    FULL_BUT_CHARGES = "full_but_charges"  # it is planned on for an hour
    LOAD_UNFORESEEN = "load_unforeseen"  # like yesterday: every forecast did worse
    DEVICE_UNFORESEEN = "device_unforeseen"  # like yesterday, of a roof or a load
    NEED_UNKNOWN = "need_unknown"  # as much as a large battery holds
    HEAT_ASSUMED = "heat_assumed"  # not learned yet: it stores as little as a light house
    CARBON_MISSING = "carbon_missing"  # carbon does not count
    NO_SOLVER = "no_solver"  # the safe rule


@dataclass(frozen=True, kw_only=True, slots=True)
class LeftOut:
    """One thing that was left out: of which device or limit (empty: the site), and in how many steps."""

    code: LeftOutCode
    subject_id: str = ""
    steps: int = 0
