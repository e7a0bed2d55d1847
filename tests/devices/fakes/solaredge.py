"""A SolarEdge inverter with a battery and a meter at the grid, after the maker's application notes.

"SunSpec Logging in SolarEdge Inverters" tells where inverter and meter are, "Power Control Protocol" where
battery and control are, whose values of two registers have the low one first. The house is made up.
"""

import struct
from dataclasses import dataclass, field

from .sunspec_images import MARK, Words, model, words_of

_COMMON, _METER_COMMON = 40000, 40121
_CONTROL, _BATTERY, _BATTERY_END = 57348, 57600, 57736
_MODE, _COMMAND, _CHARGE_LIMIT, _DISCHARGE_LIMIT = 57348, 57357, 57358, 57360
_REMOTE, _CHARGE, _MOST_EXPORT = 4, 3, 4
_SELF_CONSUMPTION = 7


@dataclass
class SolarEdgeHouse:
    """Powers in W in our sign, but for ``pv_w``, which is what the modules give."""

    house_w: float = 3000.0
    pv_w: float = 2000.0
    registers: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.registers |= dict.fromkeys(range(_CONTROL, _DISCHARGE_LIMIT + 2), 0)
        self.registers |= dict.fromkeys(range(_BATTERY, _BATTERY_END), 0)
        self._put(_COMMAND, [_SELF_CONSUMPTION])
        for address, limit_w in ((_CHARGE_LIMIT, 5000.0), (_DISCHARGE_LIMIT, 5000.0)):
            self._put(address, _float(limit_w))
        for address, text in ((57600, "LG"), (57616, "RESU10"), (57632, "1.0"), (57648, "BAT-1")):
            self._put(address, words_of(text.encode().ljust(32, b"\0")))
        # Rated energy; the largest powers, lasting and for a moment; full energy, energy, health and charge.
        for address, value in (
            (57666, 9800.0),
            (57668, 5000.0),
            (57670, 5000.0),
            (57672, 5000.0),
            (57674, 5000.0),
            (57726, 9800.0),
            (57728, 5390.0),
            (57730, 98.0),
            (57732, 55.0),
        ):
            self._put(address, _float(value))
        self.measure()

    @property
    def told(self) -> tuple[int, int, float, float]:
        """Mode, command, and the limits of charging and discharging in W."""
        at = self.registers
        return at[_MODE], at[_COMMAND], self._read(_CHARGE_LIMIT), self._read(_DISCHARGE_LIMIT)

    @property
    def battery_w(self) -> float:
        """What the battery does as it was told; it rests when it was told nothing."""
        mode, command, charge_w, discharge_w = self.told
        if mode != _REMOTE:
            return 0.0
        return {_CHARGE: charge_w, _MOST_EXPORT: -discharge_w}.get(command, 0.0)

    def take(self, image: dict[int, int], address: int, words: tuple[int, ...]) -> None:
        """Do what is written."""
        image.update(enumerate(words, start=address))
        self.measure()

    def measure(self) -> None:
        """Put what is measured now into the registers."""
        battery_w = self.battery_w
        inverter_w = self.pv_w - battery_w
        self._put(_COMMON, [*MARK, *_common("SolarEdge ", "SE5000H", "INV-1"), *_inverter(inverter_w)])
        self._put(
            _METER_COMMON, [*_common("SolarEdge", "MTR-240", "MTR-1"), *_meter(inverter_w - self.house_w)]
        )
        self._put(57716, _float(battery_w))

    def _put(self, address: int, words: Words) -> None:
        self.registers.update(enumerate(words, start=address))

    def _read(self, address: int) -> float:
        low, high = self.registers[address], self.registers[address + 1]
        value: float = struct.unpack(">f", struct.pack(">HH", high, low))[0]
        return value


def _float(value: float) -> Words:
    high, low = words_of(struct.pack(">f", value))
    return [low, high]


def _common(manufacturer: str, model_name: str, serial: str) -> Words:
    """Return the common model as SolarEdge has it, without the register that pads it."""
    words = model(1, Mn=manufacturer, Md=model_name, Vr="4.18.32", SN=serial, DA=1)
    return [words[0], words[1] - 1, *words[2:-1]]


def _inverter(power_w: float) -> Words:
    return model(
        103, W=round(power_w), W_SF=0, DCW=round(power_w), DCW_SF=0, WH=9000, WH_SF=0, St=4, A=0, A_SF=0
    )


def _meter(power_w: float) -> Words:
    """Return the meter, whose positive power is export."""
    phases = {f"Wph{phase}": round(power_w / 3) for phase in "ABC"}
    counters = {"TotWhExp": 40_000, "TotWhImp": 100_000, "TotWh_SF": 0}
    return model(203, W=round(power_w), W_SF=0, **phases, **counters)
