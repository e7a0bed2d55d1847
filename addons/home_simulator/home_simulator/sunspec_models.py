"""SunSpec models as data: the points of each model in register order, and how a point becomes registers.

Names, types and order: SunSpec Device Information Model Specification 1.2, SunSpec model definitions.
"""

import struct
from dataclasses import dataclass

type Value = int | str

# How many DC inputs the hybrid's model 160 has.
MODULES = 4


@dataclass(frozen=True, slots=True)
class Point:
    """One point of a model: ``kind`` is the SunSpec type, ``size`` its number of registers."""

    name: str
    kind: str
    size: int


_FORMATS = {
    "int16": (">h", -0x8000),
    "uint16": (">H", 0xFFFF),
    "enum16": (">H", 0xFFFF),
    "bitfield16": (">H", 0xFFFF),
    "sunssf": (">h", -0x8000),
    "pad": (">H", 0x8000),
    "acc32": (">I", 0),
    "int32": (">i", -0x80000000),
    "uint32": (">I", 0xFFFFFFFF),
    "bitfield32": (">I", 0xFFFFFFFF),
    "count": (">H", 0xFFFF),
    "uint64": (">Q", 0xFFFFFFFFFFFFFFFF),
}
"""struct format and "not implemented" value of each numeric type."""


def _points(text: str) -> tuple[Point, ...]:
    """Read ``name:type`` pairs; a string's type carries its length in registers."""
    points = []
    for word in text.split():
        name, _, kind = word.partition(":")
        if kind.startswith("string"):
            points.append(Point(name, "string", int(kind.removeprefix("string"))))
        else:
            points.append(Point(name, kind, struct.calcsize(_FORMATS[kind][0]) // 2))
    return tuple(points)


def encode(point: Point, value: Value | None) -> list[int]:
    """Turn a raw value (scale factor already applied) into registers; None is "not implemented".

    Raises struct.error when a number does not fit.
    """
    if point.kind == "string":
        data = str(value or "").encode("utf-8")[: point.size * 2].ljust(point.size * 2, b"\0")
    else:
        form, not_implemented = _FORMATS[point.kind]
        data = struct.pack(form, not_implemented if value is None else value)
    return list(struct.unpack(f">{point.size}H", data))


def decode(point: Point, registers: list[int]) -> int:
    """Read a number back from its registers."""
    number: int = struct.unpack(_FORMATS[point.kind][0], struct.pack(f">{point.size}H", *registers))[0]
    return number


MODELS: dict[int, tuple[Point, ...]] = {
    1: _points("Mn:string16 Md:string16 Opt:string8 Vr:string8 SN:string16 DA:uint16 Pad:pad"),
    103: _points(
        """
        A:uint16 AphA:uint16 AphB:uint16 AphC:uint16 A_SF:sunssf PPVphAB:uint16 PPVphBC:uint16
        PPVphCA:uint16 PhVphA:uint16 PhVphB:uint16 PhVphC:uint16 V_SF:sunssf W:int16 W_SF:sunssf Hz:uint16
        Hz_SF:sunssf VA:int16 VA_SF:sunssf VAr:int16 VAr_SF:sunssf PF:int16 PF_SF:sunssf WH:acc32
        WH_SF:sunssf DCA:uint16 DCA_SF:sunssf DCV:uint16 DCV_SF:sunssf DCW:int16 DCW_SF:sunssf TmpCab:int16
        TmpSnk:int16 TmpTrns:int16 TmpOt:int16 Tmp_SF:sunssf St:enum16 StVnd:enum16 Evt1:bitfield32
        Evt2:bitfield32 EvtVnd1:bitfield32 EvtVnd2:bitfield32 EvtVnd3:bitfield32 EvtVnd4:bitfield32
        """
    ),
    120: _points(
        """
        DERTyp:enum16 WRtg:uint16 WRtg_SF:sunssf VARtg:uint16 VARtg_SF:sunssf VArRtgQ1:int16 VArRtgQ2:int16
        VArRtgQ3:int16 VArRtgQ4:int16 VArRtg_SF:sunssf ARtg:uint16 ARtg_SF:sunssf PFRtgQ1:int16
        PFRtgQ2:int16 PFRtgQ3:int16 PFRtgQ4:int16 PFRtg_SF:sunssf WHRtg:uint16 WHRtg_SF:sunssf AhrRtg:uint16
        AhrRtg_SF:sunssf MaxChaRte:uint16 MaxChaRte_SF:sunssf MaxDisChaRte:uint16 MaxDisChaRte_SF:sunssf
        Pad:pad
        """
    ),
    123: _points(
        """
        Conn_WinTms:uint16 Conn_RvrtTms:uint16 Conn:enum16 WMaxLimPct:uint16 WMaxLimPct_WinTms:uint16
        WMaxLimPct_RvrtTms:uint16 WMaxLimPct_RmpTms:uint16 WMaxLim_Ena:enum16 OutPFSet:int16
        OutPFSet_WinTms:uint16 OutPFSet_RvrtTms:uint16 OutPFSet_RmpTms:uint16 OutPFSet_Ena:enum16
        VArWMaxPct:int16 VArMaxPct:int16 VArAvalPct:int16 VArPct_WinTms:uint16 VArPct_RvrtTms:uint16
        VArPct_RmpTms:uint16 VArPct_Mod:enum16 VArPct_Ena:enum16 WMaxLimPct_SF:sunssf OutPFSet_SF:sunssf
        VArPct_SF:sunssf
        """
    ),
    124: _points(
        """
        WChaMax:uint16 WChaGra:uint16 WDisChaGra:uint16 StorCtl_Mod:bitfield16 VAChaMax:uint16
        MinRsvPct:uint16 ChaState:uint16 StorAval:uint16 InBatV:uint16 ChaSt:enum16 OutWRte:int16 InWRte:int16
        InOutWRte_WinTms:uint16 InOutWRte_RvrtTms:uint16 InOutWRte_RmpTms:uint16 ChaGriSet:enum16
        WChaMax_SF:sunssf WChaDisChaGra_SF:sunssf VAChaMax_SF:sunssf MinRsvPct_SF:sunssf ChaState_SF:sunssf
        StorAval_SF:sunssf InBatV_SF:sunssf InOutWRte_SF:sunssf
        """
    ),
    160: _points(
        "DCA_SF:sunssf DCV_SF:sunssf DCW_SF:sunssf DCWH_SF:sunssf Evt:bitfield32 N:count TmsPer:uint16"
        + "".join(
            f" {module}.ID:uint16 {module}.IDStr:string8 {module}.DCA:uint16 {module}.DCV:uint16"
            f" {module}.DCW:uint16 {module}.DCWH:acc32 {module}.Tms:uint32 {module}.Tmp:int16"
            f" {module}.DCSt:enum16 {module}.DCEvt:bitfield32"
            for module in range(1, MODULES + 1)
        )
    ),
    701: _points(
        """
        ACType:enum16 St:enum16 InvSt:enum16 ConnSt:enum16 Alrm:bitfield32 DERMode:bitfield32 W:int16
        VA:int16 Var:int16 PF:int16 A:int16 LLV:uint16 LNV:uint16 Hz:uint32 TotWhInj:uint64 TotWhAbs:uint64
        TotVarhInj:uint64 TotVarhAbs:uint64 TmpAmb:int16 TmpCab:int16 TmpSnk:int16 TmpTrns:int16 TmpSw:int16
        TmpOt:int16 WL1:int16 VAL1:int16 VarL1:int16 PFL1:int16 AL1:int16 VL1L2:uint16 VL1:uint16
        TotWhInjL1:uint64 TotWhAbsL1:uint64 TotVarhInjL1:uint64 TotVarhAbsL1:uint64 WL2:int16 VAL2:int16
        VarL2:int16 PFL2:int16 AL2:int16 VL2L3:uint16 VL2:uint16 TotWhInjL2:uint64 TotWhAbsL2:uint64
        TotVarhInjL2:uint64 TotVarhAbsL2:uint64 WL3:int16 VAL3:int16 VarL3:int16 PFL3:int16 AL3:int16
        VL3L1:uint16 VL3:uint16 TotWhInjL3:uint64 TotWhAbsL3:uint64 TotVarhInjL3:uint64 TotVarhAbsL3:uint64
        ThrotPct:uint16 ThrotSrc:bitfield32 A_SF:sunssf V_SF:sunssf Hz_SF:sunssf W_SF:sunssf PF_SF:sunssf
        VA_SF:sunssf Var_SF:sunssf TotWh_SF:sunssf TotVarh_SF:sunssf Tmp_SF:sunssf MnAlrmInfo:string32
        """
    ),
    702: _points(
        """
        WMaxRtg:uint16 WOvrExtRtg:uint16 WOvrExtRtgPF:uint16 WUndExtRtg:uint16 WUndExtRtgPF:uint16
        VAMaxRtg:uint16 VarMaxInjRtg:uint16 VarMaxAbsRtg:uint16 WChaRteMaxRtg:uint16 WDisChaRteMaxRtg:uint16
        VAChaRteMaxRtg:uint16 VADisChaRteMaxRtg:uint16 VNomRtg:uint16 VMaxRtg:uint16 VMinRtg:uint16
        AMaxRtg:uint16 PFOvrExtRtg:uint16 PFUndExtRtg:uint16 ReactSusceptRtg:uint16 NorOpCatRtg:enum16
        AbnOpCatRtg:enum16 CtrlModes:bitfield32 IntIslandCatRtg:bitfield16 WMax:uint16 WMaxOvrExt:uint16
        WOvrExtPF:uint16 WMaxUndExt:uint16 WUndExtPF:uint16 VAMax:uint16 VarMaxInj:uint16 VarMaxAbs:uint16
        WChaRteMax:uint16 WDisChaRteMax:uint16 VAChaRteMax:uint16 VADisChaRteMax:uint16 VNom:uint16
        VMax:uint16 VMin:uint16 AMax:uint16 PFOvrExt:uint16 PFUndExt:uint16 IntIslandCat:bitfield16
        W_SF:sunssf PF_SF:sunssf VA_SF:sunssf Var_SF:sunssf V_SF:sunssf A_SF:sunssf S_SF:sunssf
        """
    ),
    704: _points(
        """
        PFWInjEna:enum16 PFWInjEnaRvrt:enum16 PFWInjRvrtTms:uint32 PFWInjRvrtRem:uint32 PFWAbsEna:enum16
        PFWAbsEnaRvrt:enum16 PFWAbsRvrtTms:uint32 PFWAbsRvrtRem:uint32 WMaxLimPctEna:enum16
        WMaxLimPct:uint16 WMaxLimPctRvrt:uint16 WMaxLimPctEnaRvrt:enum16 WMaxLimPctRvrtTms:uint32
        WMaxLimPctRvrtRem:uint32 WSetEna:enum16 WSetMod:enum16 WSet:int32 WSetRvrt:int32 WSetPct:int16
        WSetPctRvrt:int16 WSetEnaRvrt:enum16 WSetRvrtTms:uint32 WSetRvrtRem:uint32 VarSetEna:enum16
        VarSetMod:enum16 VarSetPri:enum16 VarSet:int32 VarSetRvrt:int32 VarSetPct:int16 VarSetPctRvrt:int16
        VarSetEnaRvrt:enum16 VarSetRvrtTms:uint32 VarSetRvrtRem:uint32 WRmp:uint16 WRmpRef:enum16
        VarRmp:uint16 AntiIslEna:enum16 PF_SF:sunssf WMaxLimPct_SF:sunssf WSet_SF:sunssf WSetPct_SF:sunssf
        VarSet_SF:sunssf VarSetPct_SF:sunssf PFWInj.PF:uint16 PFWInj.Ext:enum16 PFWInjRvrt.PF:uint16
        PFWInjRvrt.Ext:enum16 PFWAbs.PF:uint16 PFWAbs.Ext:enum16 PFWAbsRvrt.PF:uint16 PFWAbsRvrt.Ext:enum16
        """
    ),
    713: _points("WHRtg:uint16 WHAvail:uint16 SoC:uint16 SoH:uint16 Sta:enum16 WH_SF:sunssf Pct_SF:sunssf"),
}
