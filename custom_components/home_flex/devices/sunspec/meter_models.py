"""The points of the SunSpec meter models in use, 201 to 204 and 211 to 214, as data.

Source: the SunSpec model definitions. Meters of one, two (split), three phases with and without neutral have
the same points at the same places, in 21x as floating point numbers.
"""

from collections.abc import Mapping

from .points import Model, Point, PointType

INTEGER_METERS = (201, 202, 203, 204)
FLOAT_METERS = (211, 212, 213, 214)
# 204 and 214 are wired without a neutral: what they tell of a single phase is between two of them.
WITHOUT_NEUTRAL = frozenset({204, 214})

_PHASES = "ABC"

_INTEGERS: Model = {
    **{f"Aph{phase}": Point(3 + i, PointType.INT16, "A_SF") for i, phase in enumerate(_PHASES)},
    "A_SF": Point(6, PointType.SCALE_FACTOR),
    **{f"PhVph{phase}": Point(8 + i, PointType.INT16, "V_SF") for i, phase in enumerate(_PHASES)},
    "V_SF": Point(15, PointType.SCALE_FACTOR),
    "W": Point(18, PointType.INT16, "W_SF"),
    **{f"Wph{phase}": Point(19 + i, PointType.INT16, "W_SF") for i, phase in enumerate(_PHASES)},
    "W_SF": Point(22, PointType.SCALE_FACTOR),
    "TotWhExp": Point(38, PointType.ACC32, "TotWh_SF", registers=2),
    "TotWhImp": Point(46, PointType.ACC32, "TotWh_SF", registers=2),
    "TotWh_SF": Point(54, PointType.SCALE_FACTOR),
}
_FLOATS: Model = {
    name: Point(offset, PointType.FLOAT32, registers=2)
    for name, offset in {
        **{f"Aph{phase}": 4 + 2 * i for i, phase in enumerate(_PHASES)},
        **{f"PhVph{phase}": 12 + 2 * i for i, phase in enumerate(_PHASES)},
        "W": 28,
        **{f"Wph{phase}": 30 + 2 * i for i, phase in enumerate(_PHASES)},
        "TotWhExp": 60,
        "TotWhImp": 68,
    }.items()
}

METER_MODELS: Mapping[int, Model] = {
    **dict.fromkeys(INTEGER_METERS, _INTEGERS),
    **dict.fromkeys(FLOAT_METERS, _FLOATS),
}
