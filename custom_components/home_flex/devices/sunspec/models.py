"""The SunSpec models and points Home Flex uses, as data.

Source: SunSpec Device Information Model Specification and its model definitions. Offsets count registers
from the start of the model, its identifier (0) and length (1) included. What the points are used for is in
``roles``.
"""

from collections.abc import Mapping

from .meter_models import METER_MODELS
from .points import Model, Point, PointType

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
        "DERTyp": Point(2, _ENUM16),
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
        "ChaGriSet": Point(17, _ENUM16),
        "WChaMax_SF": Point(18, _SF),
        "ChaState_SF": Point(22, _SF),
        "InOutWRte_SF": Point(25, _SF),
    },
    160: {
        "DCW_SF": Point(4, _SF),
        "DCWH_SF": Point(5, _SF),
        "N": Point(8, PointType.COUNT),
        "IDStr": Point(11, PointType.STRING, registers=8, stride=20),
        "DCW": Point(21, _UINT16, "DCW_SF", stride=20),
        "DCWH": Point(22, PointType.ACC32, "DCWH_SF", registers=2, stride=20),
    },
    **METER_MODELS,
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
    714: {
        "NPrt": Point(4, _UINT16),
        "DCW_SF": Point(17, _SF),
        "DCWH_SF": Point(18, _SF),
        "PrtTyp": Point(20, _ENUM16, stride=25),
        "DCW": Point(32, _INT16, "DCW_SF", stride=25),
        "DCWhInj": Point(33, PointType.UINT64, "DCWH_SF", registers=4, stride=25),
        "DCWhAbs": Point(37, PointType.UINT64, "DCWH_SF", registers=4, stride=25),
    },
    715: {"LocRemCtl": Point(2, _ENUM16)},
    802: {
        "WHRtg": Point(3, _UINT16, "WHRtg_SF"),
        "WChaRteMax": Point(4, _UINT16, "WChaDisChaMax_SF"),
        "WDisChaRteMax": Point(5, _UINT16, "WChaDisChaMax_SF"),
        "SoC": Point(11, _UINT16, "SoC_SF"),
        "ChaSt": Point(16, _ENUM16),
        "LocRemCtl": Point(17, _ENUM16),
        "W": Point(47, _INT16, "W_SF"),
        "WHRtg_SF": Point(53, _SF),
        "WChaDisChaMax_SF": Point(54, _SF),
        "SoC_SF": Point(56, _SF),
        "W_SF": Point(63, _SF),
    },
}

# Of models with a repeating group: what counts it, and where its first begins.
GROUPS: Mapping[int, tuple[str, int]] = {160: ("N", 10), 714: ("NPrt", 20)}
