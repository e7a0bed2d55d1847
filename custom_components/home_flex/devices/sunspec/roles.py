"""What SunSpec points are used for: each quantity, the preferred of the points that may tell it first."""

from collections.abc import Mapping

from .points import PointName

type Role = tuple[PointName, ...]

INVERTER_MODELS = (113, 112, 111, 103, 102, 101)

AC_POWER: Role = ((701, "W"), *((model, "W") for model in INVERTER_MODELS))
ENERGY_INJECTED: Role = ((701, "TotWhInj"), *((model, "WH") for model in INVERTER_MODELS))
ENERGY_ABSORBED: Role = ((701, "TotWhAbs"),)
OPERATING_STATE: Role = ((701, "InvSt"), *((model, "St") for model in INVERTER_MODELS))
RATED_POWER: Role = ((702, "WMaxRtg"), (120, "WRtg"))
MAX_POWER: Role = ((702, "WMax"), (121, "WMax"))
CAPACITY: Role = ((713, "WHRtg"), (802, "WHRtg"), (120, "WHRtg"))
STATE_OF_CHARGE: Role = ((713, "SoC"), (802, "SoC"), (124, "ChaState"))
RATED_CHARGE: Role = (
    (702, "WChaRteMaxRtg"),
    (120, "MaxChaRte"),
    (802, "WChaRteMax"),
    (124, "WChaMax"),
    *RATED_POWER,
)
RATED_DISCHARGE: Role = (
    (702, "WDisChaRteMaxRtg"),
    (120, "MaxDisChaRte"),
    (802, "WDisChaRteMax"),
    (124, "WChaMax"),
    *RATED_POWER,
)
CHARGE_SETTING: Role = ((702, "WChaRteMax"), (124, "WChaMax"))
DISCHARGE_SETTING: Role = ((702, "WDisChaRteMax"),)
LOCAL_CONTROL: Role = ((715, "LocRemCtl"), (802, "LocRemCtl"))

# Running and throttled, counted from 0 in model 701 and from 1 in the inverter models; nothing else produces.
PRODUCING: Mapping[int, frozenset[float]] = {
    701: frozenset({3, 4}),
    **dict.fromkeys(INVERTER_MODELS, frozenset({4, 5})),
}

# What is written on the name plate changes only when the device is another one.
NAMEPLATES = frozenset({120, 121, 702})
