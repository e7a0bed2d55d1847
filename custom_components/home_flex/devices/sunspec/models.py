"""The SunSpec models and points Home Flex uses, as data.

Source: SunSpec Device Information Model Specification and its model definitions. Offsets count registers
from the start of the model, its identifier (0) and length (1) included.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class PointType(StrEnum):
    """Types of the points in use, named as the specification names them."""

    INT16 = "int16"
    UINT16 = "uint16"
    INT32 = "int32"
    UINT32 = "uint32"
    UINT64 = "uint64"
    ACC32 = "acc32"
    FLOAT32 = "float32"
    ENUM16 = "enum16"
    BITFIELD16 = "bitfield16"
    SCALE_FACTOR = "sunssf"
    STRING = "string"


@dataclass(frozen=True, slots=True)
class Point:
    """Where a value stands in its model, how it is coded, and the point that holds its power of ten."""

    offset: int
    type: PointType
    scale_factor: str | None = None
    registers: int = 1


type Model = Mapping[str, Point]
type PointName = tuple[int, str]
type Role = tuple[PointName, ...]
"""One quantity in the order of preference of the models that may tell it."""

_INT16, _UINT16, _ENUM16, _SF = PointType.INT16, PointType.UINT16, PointType.ENUM16, PointType.SCALE_FACTOR

_INVERTER: Model = {
    "W": Point(14, _INT16, "W_SF"),
    "W_SF": Point(15, _SF),
    "WH": Point(24, PointType.ACC32, "WH_SF", registers=2),
    "WH_SF": Point(26, _SF),
    "St": Point(38, _ENUM16),
}
_FLOAT_INVERTER: Model = {
    "W": Point(22, PointType.FLOAT32, registers=2),
    "WH": Point(32, PointType.FLOAT32, registers=2),
    "St": Point(48, _ENUM16),
}

MODELS: Mapping[int, Model] = {
    1: {
        "Mn": Point(2, PointType.STRING, registers=16),
        "Md": Point(18, PointType.STRING, registers=16),
        "Vr": Point(42, PointType.STRING, registers=8),
        "SN": Point(50, PointType.STRING, registers=16),
    },
    **dict.fromkeys((101, 102, 103), _INVERTER),
    **dict.fromkeys((111, 112, 113), _FLOAT_INVERTER),
    120: {
        "WRtg": Point(3, _UINT16, "WRtg_SF"),
        "WRtg_SF": Point(4, _SF),
        "WHRtg": Point(19, _UINT16, "WHRtg_SF"),
        "WHRtg_SF": Point(20, _SF),
        "MaxChaRte": Point(23, _UINT16, "MaxChaRte_SF"),
        "MaxChaRte_SF": Point(24, _SF),
        "MaxDisChaRte": Point(25, _UINT16, "MaxDisChaRte_SF"),
        "MaxDisChaRte_SF": Point(26, _SF),
    },
    121: {
        "WMax": Point(2, _UINT16, "WMax_SF"),
        "WMax_SF": Point(22, _SF),
    },
    123: {
        "WMaxLimPct": Point(5, _UINT16, "WMaxLimPct_SF"),
        "WMaxLimPct_WinTms": Point(6, _UINT16),
        "WMaxLimPct_RvrtTms": Point(7, _UINT16),
        "WMaxLimPct_RmpTms": Point(8, _UINT16),
        "WMaxLim_Ena": Point(9, _ENUM16),
        "WMaxLimPct_SF": Point(23, _SF),
    },
    124: {
        "WChaMax": Point(2, _UINT16, "WChaMax_SF"),
        "StorCtl_Mod": Point(5, PointType.BITFIELD16),
        "ChaState": Point(8, _UINT16, "ChaState_SF"),
        "OutWRte": Point(12, _INT16, "InOutWRte_SF"),
        "InWRte": Point(13, _INT16, "InOutWRte_SF"),
        "InOutWRte_WinTms": Point(14, _UINT16),
        "InOutWRte_RvrtTms": Point(15, _UINT16),
        "WChaMax_SF": Point(18, _SF),
        "ChaState_SF": Point(22, _SF),
        "InOutWRte_SF": Point(25, _SF),
    },
    701: {
        "InvSt": Point(4, _ENUM16),
        "W": Point(10, _INT16, "W_SF"),
        "TotWhInj": Point(19, PointType.UINT64, "TotWh_SF", registers=4),
        "TotWhAbs": Point(23, PointType.UINT64, "TotWh_SF", registers=4),
        "W_SF": Point(116, _SF),
        "TotWh_SF": Point(120, _SF),
    },
    702: {
        "WMaxRtg": Point(2, _UINT16, "W_SF"),
        "WChaRteMaxRtg": Point(10, _UINT16, "W_SF"),
        "WDisChaRteMaxRtg": Point(11, _UINT16, "W_SF"),
        "WMax": Point(26, _UINT16, "W_SF"),
        "WChaRteMax": Point(34, _UINT16, "W_SF"),
        "WDisChaRteMax": Point(35, _UINT16, "W_SF"),
        "W_SF": Point(45, _SF),
    },
    704: {
        "WMaxLimPctEna": Point(14, _ENUM16),
        "WMaxLimPct": Point(15, _UINT16, "WMaxLimPct_SF"),
        "WMaxLimPctRvrt": Point(16, _UINT16, "WMaxLimPct_SF"),
        "WMaxLimPctEnaRvrt": Point(17, _ENUM16),
        "WMaxLimPctRvrtTms": Point(18, PointType.UINT32, registers=2),
        "WSetEna": Point(22, _ENUM16),
        "WSetMod": Point(23, _ENUM16),
        "WSet": Point(24, PointType.INT32, "WSet_SF", registers=2),
        "WSetRvrt": Point(26, PointType.INT32, "WSet_SF", registers=2),
        "WSetPct": Point(28, _INT16),
        "WSetPctRvrt": Point(29, _INT16),
        "WSetEnaRvrt": Point(30, _ENUM16),
        "WSetRvrtTms": Point(31, PointType.UINT32, registers=2),
        "WMaxLimPct_SF": Point(54, _SF),
        "WSet_SF": Point(55, _SF),
    },
    713: {
        "WHRtg": Point(2, _UINT16, "WH_SF"),
        "SoC": Point(4, _UINT16, "Pct_SF"),
        "WH_SF": Point(7, _SF),
        "Pct_SF": Point(8, _SF),
    },
}

_INVERTER_MODELS = (113, 112, 111, 103, 102, 101)

ACTIVE_POWER: Role = ((701, "W"), *((model, "W") for model in _INVERTER_MODELS))
ENERGY_INJECTED: Role = ((701, "TotWhInj"), *((model, "WH") for model in _INVERTER_MODELS))
ENERGY_ABSORBED: Role = ((701, "TotWhAbs"),)
OPERATING_STATE: Role = ((701, "InvSt"), *((model, "St") for model in _INVERTER_MODELS))
RATED_POWER: Role = ((702, "WMaxRtg"), (120, "WRtg"))
MAX_POWER: Role = ((702, "WMax"), (121, "WMax"))
CAPACITY: Role = ((713, "WHRtg"), (120, "WHRtg"))
STATE_OF_CHARGE: Role = ((713, "SoC"), (124, "ChaState"))
RATED_CHARGE: Role = ((702, "WChaRteMaxRtg"), (120, "MaxChaRte"), (124, "WChaMax"), *RATED_POWER)
RATED_DISCHARGE: Role = ((702, "WDisChaRteMaxRtg"), (120, "MaxDisChaRte"), (124, "WChaMax"), *RATED_POWER)
CHARGE_SETTING: Role = ((702, "WChaRteMax"), (124, "WChaMax"))
DISCHARGE_SETTING: Role = ((702, "WDisChaRteMax"),)

# OFF and SLEEPING, counted from 0 in model 701 and from 1 in the inverter models.
ASLEEP: Mapping[int, frozenset[float]] = {
    701: frozenset({0, 1}),
    **dict.fromkeys(_INVERTER_MODELS, frozenset({1, 2})),
}
