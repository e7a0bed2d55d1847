"""Register images of devices that have more than one thing behind one map: hybrids, and meters on inverters.

Layouts after the public register lists of their makers; all values are made up.
"""

from .sunspec_images import Words, classic_limit, common, image, model, repeated

_NAMES = ("MPPT 1", "MPPT 2", "StCha 3", "StDisCha 4")
PV_1_W, PV_2_W, CHARGING_W = 3000, 2000, 2000


def named(manufacturer: str, serial: str = "SN-1") -> Words:
    return model(1, Mn=manufacturer, Md="Hybrid", Vr="1.0", SN=serial)


def modules(*powers_w: tuple[str, int]) -> Words:
    """Return model 160 with a module for each name and power in W, each with a counter of 1 kWh."""
    groups: list[dict[str, float | str]] = [
        {"ID": number, "IDStr": name, "DCW": power_w, "DCWH": 1000, "DCSt": 4}
        for number, (name, power_w) in enumerate(powers_w, start=1)
    ]
    return repeated(160, groups, DCW_SF=0, DCWH_SF=0, N=len(groups))


def storage(*, from_grid: bool = True, **points: float) -> Words:
    """Return model 124 as Fronius has it: no reversion of its own kept at 0, charging from PV or grid."""
    values = {
        "WChaMax": 5000,
        "WChaMax_SF": 0,
        "StorCtl_Mod": 0,
        "ChaState": 5000,
        "ChaState_SF": -2,
        "OutWRte": 10000,
        "InWRte": 10000,
        "InOutWRte_RvrtTms": 0,
        "ChaGriSet": int(from_grid),
        "InOutWRte_SF": -2,
        **points,
    }
    return model(124, **values)


def gen24(
    *, ac_w: int = 3000, names: tuple[str, ...] = _NAMES, from_grid: bool = True, **points: float
) -> dict[int, int]:
    """Return a Fronius hybrid at noon: 5 kW of sun, 2 kW of them into the battery."""
    powers = (PV_1_W, PV_2_W, CHARGING_W, 0)
    return image(
        named("Fronius"),
        model(103, W=ac_w, W_SF=0, WH=9000, WH_SF=0, St=4),
        model(120, DERTyp=82, WRtg=6000, WRtg_SF=0, WHRtg=10000, WHRtg_SF=0),
        model(121, WMax=6000, WMax_SF=0),
        model(122),
        classic_limit(),
        modules(*zip(names, powers, strict=True)),
        storage(from_grid=from_grid, **points),
    )


def kostal(*, ac_w: int = 3000, battery_w: int = -2000, charge_status: int = 4) -> dict[int, int]:
    """Return a hybrid with the battery model 802 and no storage control: 2 kW into the battery."""
    return image(
        named("KOSTAL"),
        model(103, W=ac_w, W_SF=0, WH=9000, WH_SF=0, St=4),
        model(120, WRtg=8000, WRtg_SF=0),
        classic_limit(),
        model(
            802,
            WHRtg=1000,
            WHRtg_SF=1,
            WChaRteMax=40,
            WDisChaRteMax=50,
            WChaDisChaMax_SF=2,
            SoC=55,
            SoC_SF=0,
            ChaSt=charge_status,
            W=battery_w,
            W_SF=0,
        ),
    )


def der_hybrid() -> dict[int, int]:
    """Return a hybrid of the IEEE 1547-2018 models whose ports say what they are: 4 kW of sun, 1 kW out."""
    ports: list[dict[str, float | str]] = [
        {"PrtTyp": 0, "DCW": 4000, "DCWhInj": 5000, "DCWhAbs": 0},
        {"PrtTyp": 1, "DCW": 1000, "DCWhInj": 700, "DCWhAbs": 900},
    ]
    return image(
        common(),
        model(701, W=4900, W_SF=0, InvSt=3, TotWhInj=7000, TotWhAbs=9000, TotWh_SF=0),
        model(702, WMaxRtg=6000, WChaRteMaxRtg=4000, WDisChaRteMaxRtg=5000, W_SF=0),
        model(713, WHRtg=1000, SoC=550, WH_SF=1, Pct_SF=-1),
        repeated(714, ports, NPrt=2, DCW_SF=0, DCWH_SF=0),
    )


def nothing_told_apart() -> dict[int, int]:
    """Return a hybrid that says it is one, and of which only the AC side is told."""
    return image(
        common(),
        model(103, W=1000, W_SF=0, St=4),
        model(120, DERTyp=82, WRtg=6000, WRtg_SF=0, WHRtg=10000, WHRtg_SF=0),
        storage(),
    )


def solaredge(*, ac_w: int = 4000, meter_w: int = 2500) -> dict[int, int]:
    """Return an inverter without a nameplate and with a meter behind it, zeros after the last model."""
    return image(
        named("SolarEdge ", "INV-1"),
        model(101, W=ac_w, W_SF=0, WH=9000, WH_SF=0, St=4),
        named("SolarEdge", "MTR-1"),
        meter(203, meter_w),
        end=[0] * 60,
    )


def meter(model_id: int, power_w: float, phases: int = 3) -> Words:
    """Return an integer meter whose phases share its power, with 100 and 40 kWh counted."""
    each = "ABC"[:phases]
    values = {
        "W": power_w,
        "W_SF": 0,
        "TotWhExp": 40_000,
        "TotWhImp": 100_000,
        "TotWh_SF": 0,
        "A_SF": -2,
        "V_SF": -1,
        **{f"Wph{phase}": power_w // phases for phase in each},
        **{f"Aph{phase}": 500 for phase in each},
        **{f"PhVph{phase}": 2301 for phase in each},
    }
    return model(model_id, **values)


def float_meter(model_id: int, power_w: float) -> Words:
    return model(model_id, W=power_w, WphA=power_w, AphA=4.5, PhVphA=229.5, TotWhExp=40e3, TotWhImp=100e3)
