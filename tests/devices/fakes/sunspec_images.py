"""Register images of SunSpec devices, built from the SunSpec Alliance's own model definitions."""

import json
from pathlib import Path
from typing import Any

import sunspec2  # type: ignore[import-untyped] # ships no types
from sunspec2 import mb

_DEFINITIONS = Path(sunspec2.__file__).parent / "models" / "json"
END = [0xFFFF, 0]
MARK = [0x5375, 0x6E53]

type Words = list[int]


def definition_points(model_id: int) -> list[tuple[str, int, dict[str, Any]]]:
    """Name, offset and definition of each fixed point of a model, in the Alliance's own words."""
    definition = json.loads((_DEFINITIONS / f"model_{model_id}.json").read_text())
    found: list[tuple[str, int, dict[str, Any]]] = []
    _collect(definition["group"], "", 0, found)
    return found


def _collect(
    group: dict[str, Any], prefix: str, offset: int, found: list[tuple[str, int, dict[str, Any]]]
) -> int:
    for point in group.get("points", []):
        found.append((prefix + point["name"], offset, point))
        offset += point["size"]
    for inner in group.get("groups", []):
        if isinstance(inner.get("count", 1), int) and inner.get("count", 1) > 0:
            offset = _collect(inner, f"{inner['name']}.", offset, found)
    return offset


def model(model_id: int, **values: float | str) -> Words:
    """Return one model; points that are not given are "not implemented"."""
    points = definition_points(model_id)
    length = sum(point["size"] for _, _, point in points) - 2
    values = {"ID": model_id, "L": length, **values}
    data = b""
    for name, _, point in points:
        kind, size = point["type"], point["size"]
        if name in values:
            data += mb.point_type_info[kind].to_data(values.pop(name), size * 2)
        elif kind == "string":
            data += bytes(size * 2)
        else:
            data += mb.create_unimpl_value(kind)
    assert not values, f"model {model_id} has no {', '.join(values)}"
    return words_of(data)


def repeating_points(model_id: int) -> list[dict[str, Any]]:
    """Return the points of the one group that repeats in a model, none where there is none."""
    definition = json.loads((_DEFINITIONS / f"model_{model_id}.json").read_text())["group"]
    groups = [group for group in definition.get("groups", []) if group.get("count") in {0, "NPrt"}]
    return list(groups[0]["points"]) if groups else []


def repeated(model_id: int, groups: list[dict[str, float | str]], **values: float | str) -> Words:
    """Return a model whose one group repeats, once for each of ``groups``."""
    fixed = model(model_id, **values)
    data = b""
    for group in groups:
        for point in repeating_points(model_id):
            kind, size = point["type"], point["size"]
            if point["name"] in group:
                data += mb.point_type_info[kind].to_data(group[point["name"]], size * 2)
            else:
                data += bytes(size * 2) if kind == "string" else mb.create_unimpl_value(kind)
    words = [*fixed, *words_of(data)]
    return [words[0], len(words) - 2, *words[2:]]


def words_of(data: bytes) -> Words:
    return [int.from_bytes(data[i : i + 2], "big") for i in range(0, len(data), 2)]


def image(*models: Words, base: int = 40000, end: Words = END) -> dict[int, int]:
    """Return the registers of a device: the mark, its models and the end model."""
    words = [*MARK, *(word for words in models for word in words), *end]
    return dict(enumerate(words, start=base))


def common(serial: str = "SN-1") -> Words:
    return model(1, Mn="Sunny Works", Md="Roof 5000", Vr="1.2.3", SN=serial)


def classic_pv(*, power_w: int = 3210, base: int = 40000) -> dict[int, int]:
    """Return a three-phase inverter of 5 kW, limit in hundredths of a percent."""
    return image(
        common(),
        model(103, W=power_w, W_SF=0, WH=12345, WH_SF=1, St=4),
        model(120, DERTyp=4, WRtg=5000, WRtg_SF=0),
        classic_limit(),
        base=base,
    )


def classic_limit() -> Words:
    return model(
        123,
        WMaxLimPct=10000,
        WMaxLimPct_WinTms=0,
        WMaxLimPct_RvrtTms=0,
        WMaxLimPct_RmpTms=7,
        WMaxLim_Ena=0,
        WMaxLimPct_SF=-2,
    )


def float_pv(*, power_w: float = 1234.5) -> dict[int, int]:
    return image(
        common(),
        model(113, W=power_w, WH=987654.0, St=4),
        model(120, DERTyp=4, WRtg=500, WRtg_SF=1),
        classic_limit(),
    )


def der_pv(*, power_w: int = 250, **limit: float) -> dict[int, int]:
    """Return an inverter of the IEEE 1547-2018 models, power in tens of W, WMax set to 4 of 5 kW."""
    return image(
        common(),
        model(701, W=power_w, W_SF=1, InvSt=3, TotWhInj=5_000_000_000, TotWh_SF=0),
        model(702, WMaxRtg=500, WMax=400, W_SF=1),
        model(
            704,
            WMaxLimPctEna=0,
            WMaxLimPct=1000,
            WMaxLimPctEnaRvrt=1,
            WMaxLimPctRvrtTms=0,
            WMaxLimPct_SF=-1,
            **limit,
        ),
    )


def der_battery(*, power_w: int = 1500) -> dict[int, int]:
    """Return a battery of the IEEE 1547-2018 models: 10 kWh, charges with 4 kW, discharges with 5 kW."""
    return image(
        common(),
        model(701, W=power_w, W_SF=0, InvSt=3, TotWhInj=7000, TotWhAbs=9000, TotWh_SF=0),
        model(702, WMaxRtg=5000, WChaRteMaxRtg=4000, WDisChaRteMaxRtg=5000, W_SF=0),
        model(
            704,
            WSetEna=0,
            WSetMod=0,
            WSet=0,
            WSetPct=0,
            WSetEnaRvrt=1,
            WSetRvrtTms=0,
            WMaxLimPctEna=0,
            WSet_SF=0,
        ),
        model(713, WHRtg=1000, WHAvail=550, SoC=550, WH_SF=1, Pct_SF=-1),
    )


def classic_battery(*, power_w: int = -800) -> dict[int, int]:
    """Return a battery behind an inverter of its own, with the storage model 124: 3.2 kW in and out."""
    return image(
        common(),
        model(103, W=power_w, W_SF=0, WH=4000, WH_SF=0, St=4),
        model(120, WRtg=6000, WRtg_SF=0, WHRtg=9600, WHRtg_SF=0),
        model(
            124,
            WChaMax=3200,
            WChaMax_SF=0,
            StorCtl_Mod=0,
            ChaState=7150,
            ChaState_SF=-2,
            OutWRte=10000,
            InWRte=10000,
            InOutWRte_WinTms=0,
            InOutWRte_RvrtTms=0,
            InOutWRte_SF=-2,
        ),
    )
