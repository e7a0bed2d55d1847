"""What PV inverter and battery say and obey in SunSpec, where positive = production."""

from typing import Protocol

from .battery import Battery
from .faults import FaultSwitch
from .house import House
from .phases import PhasePowers
from .pv import PvInverter
from .sunspec_control import Control, ControlPoints
from .sunspec_models import Value
from .sunspec_unit import PointId, SunSpecUnit

PV_UNIT_ID, BATTERY_UNIT_ID = 1, 2

_UINT16, _UINT32 = (0, 0xFFFF), (0, 0xFFFFFFFF)
_INT32 = (-0x80000000, 0x7FFFFFFF)
_SWITCH = (0, 1)
_PERCENT = (0, 10_000)  # in hundredths
_SIGNED_PERCENT = (-10_000, 10_000)

_PV_MODELS = (1, 103, 120, 123)
_PV_FIXED: dict[PointId, Value] = {
    (1, "Mn"): "Home Flex Simulator",
    (1, "Md"): "PV inverter",
    (1, "Vr"): "1.0",
    (1, "SN"): "SIM-PV-0001",
    (1, "DA"): PV_UNIT_ID,
    (103, "A_SF"): -2,
    (103, "V_SF"): -1,
    (103, "W_SF"): 0,
    (103, "Hz"): 5000,
    (103, "Hz_SF"): -2,
    (103, "WH_SF"): 0,
    (103, "TmpCab"): 312,
    (103, "Tmp_SF"): -1,
    (103, "Evt1"): 0,
    (103, "Evt2"): 0,
    (120, "DERTyp"): 4,
    (120, "WRtg_SF"): 1,
    (123, "Conn"): 1,
    (123, "WMaxLimPct"): 10_000,
    (123, "WMaxLimPct_WinTms"): 0,
    (123, "WMaxLimPct_RvrtTms"): 0,
    (123, "WMaxLimPct_RmpTms"): 0,
    (123, "WMaxLim_Ena"): 0,
    (123, "OutPFSet_Ena"): 0,
    (123, "VArPct_Ena"): 0,
    (123, "WMaxLimPct_SF"): -2,
}
_PV_WRITABLE = {
    (123, "WMaxLimPct"): _PERCENT,
    (123, "WMaxLimPct_WinTms"): _UINT16,
    (123, "WMaxLimPct_RvrtTms"): _UINT16,
    (123, "WMaxLimPct_RmpTms"): _UINT16,
    (123, "WMaxLim_Ena"): _SWITCH,
}
PV_LIMIT = ControlPoints(
    model=123,
    enable="WMaxLim_Ena",
    values=("WMaxLimPct",),
    timer="WMaxLimPct_RvrtTms",
    after_reversion=(("WMaxLim_Ena", None),),
)

_BATTERY_MODELS = (1, 701, 702, 704, 713)
_BATTERY_FIXED: dict[PointId, Value] = {
    (1, "Mn"): "Home Flex Simulator",
    (1, "Md"): "Home battery",
    (1, "Vr"): "1.0",
    (1, "SN"): "SIM-BAT-0001",
    (1, "DA"): BATTERY_UNIT_ID,
    (701, "ACType"): 2,
    (701, "St"): 1,
    (701, "ConnSt"): 1,
    (701, "Alrm"): 0,
    (701, "DERMode"): 1,
    (701, "Hz"): 5000,
    (701, "A_SF"): -2,
    (701, "V_SF"): -1,
    (701, "Hz_SF"): -2,
    (701, "W_SF"): 0,
    (701, "TotWh_SF"): 0,
    (702, "W_SF"): 1,
    (702, "V_SF"): 0,
    (702, "VNomRtg"): 230,
    (702, "CtrlModes"): 3,
    (704, "WMaxLimPctEna"): 0,
    (704, "WMaxLimPct"): 10_000,
    (704, "WMaxLimPctRvrt"): 10_000,
    (704, "WMaxLimPctEnaRvrt"): 0,
    (704, "WMaxLimPctRvrtTms"): 0,
    (704, "WMaxLimPctRvrtRem"): 0,
    (704, "WSetEna"): 0,
    (704, "WSetMod"): 1,
    (704, "WSet"): 0,
    (704, "WSetRvrt"): 0,
    (704, "WSetPct"): 0,
    (704, "WSetPctRvrt"): 0,
    (704, "WSetEnaRvrt"): 0,
    (704, "WSetRvrtTms"): 0,
    (704, "WSetRvrtRem"): 0,
    (704, "WMaxLimPct_SF"): -2,
    (704, "WSet_SF"): -1,
    (704, "WSetPct_SF"): -2,
    (713, "SoH"): 9800,
    (713, "Sta"): 0,
    (713, "WH_SF"): 1,
    (713, "Pct_SF"): -2,
}
_BATTERY_WRITABLE = {
    (704, "WMaxLimPctEna"): _SWITCH,
    (704, "WMaxLimPct"): _PERCENT,
    (704, "WMaxLimPctRvrt"): _PERCENT,
    (704, "WMaxLimPctEnaRvrt"): _SWITCH,
    (704, "WMaxLimPctRvrtTms"): _UINT32,
    (704, "WSetEna"): _SWITCH,
    (704, "WSetMod"): _SWITCH,
    (704, "WSet"): _INT32,
    (704, "WSetRvrt"): _INT32,
    (704, "WSetPct"): _SIGNED_PERCENT,
    (704, "WSetPctRvrt"): _SIGNED_PERCENT,
    (704, "WSetEnaRvrt"): _SWITCH,
    (704, "WSetRvrtTms"): _UINT32,
}
_BATTERY_LIMIT = ControlPoints(
    model=704,
    enable="WMaxLimPctEna",
    values=("WMaxLimPct",),
    timer="WMaxLimPctRvrtTms",
    remaining="WMaxLimPctRvrtRem",
    after_reversion=(("WMaxLimPct", "WMaxLimPctRvrt"), ("WMaxLimPctEna", "WMaxLimPctEnaRvrt")),
)
_BATTERY_SETPOINT = ControlPoints(
    model=704,
    enable="WSetEna",
    values=("WSet", "WSetPct", "WSetMod"),
    timer="WSetRvrtTms",
    remaining="WSetRvrtRem",
    after_reversion=(("WSet", "WSetRvrt"), ("WSetPct", "WSetPctRvrt"), ("WSetEna", "WSetEnaRvrt")),
)


class SunSpecDevice(Protocol):
    """A unit on the Modbus line, joined to its part of the house."""

    unit: SunSpecUnit

    def written(self, points: set[PointId], now: float) -> None:
        """Obey what was just written at ``now`` (monotonic seconds)."""

    def refresh(self, now: float) -> None:
        """Run the timers, pass controls on to the house and fetch its measurements."""


class PvSunSpec:
    """Unit 1: models 1, 103, 120, 123."""

    def __init__(self, house: House, faults: FaultSwitch) -> None:
        """Show the nameplate; measurements come with the first refresh."""
        self._house = house
        self._faults = faults
        self.unit = SunSpecUnit(_PV_MODELS, _PV_FIXED, _PV_WRITABLE)
        self.unit.values[120, "WRtg"] = round(house.pv.configuration.rated_power_w / 10)
        self._limit = Control(self.unit, PV_LIMIT, faults)

    def written(self, points: set[PointId], now: float) -> None:
        """Start the reversion timer and obey at once."""
        self._limit.written(points, now)
        self._command(self._house.pv)

    def refresh(self, now: float) -> None:
        """Keep registers and house in step."""
        self._limit.tick(now)
        self._command(self._house.pv)
        if not self._faults.now.pv_frozen:
            self._measure(self._house.pv)

    def _command(self, pv: PvInverter) -> None:
        if self._faults.now.pv_ignores_commands:
            return
        share = self.unit.number(123, "WMaxLimPct") / 10_000
        pv.limit_w = share * pv.configuration.rated_power_w if self._limit.enabled else None

    def _measure(self, pv: PvInverter) -> None:
        values = self.unit.values
        voltages = self._house.read_grid().phase_voltages_v
        values[103, "W"] = round(-pv.power_w)
        values[103, "WH"] = round(pv.energy_produced_wh)
        currents = phase_currents(pv.phase_powers, voltages)
        values[103, "A"] = sum(currents)
        values.update(((103, f"Aph{phase}"), current) for phase, current in zip("ABC", currents, strict=True))
        values.update(
            ((103, f"PhVph{phase}"), round(voltage * 10))
            for phase, voltage in zip("ABC", voltages, strict=True)
        )
        throttled = pv.limit_w is not None and pv.limit_w < pv.available_w
        values[103, "St"] = 5 if throttled else 4 if pv.available_w > 0 else 2


class BatterySunSpec:
    """Unit 2: models 1, 701, 702, 704, 713."""

    def __init__(self, house: House, faults: FaultSwitch) -> None:
        """Show the nameplate; measurements come with the first refresh."""
        self._house = house
        self._faults = faults
        self.unit = SunSpecUnit(_BATTERY_MODELS, _BATTERY_FIXED, _BATTERY_WRITABLE)
        ratings = house.battery.configuration
        for suffix in ("Rtg", ""):
            self.unit.values[702, f"WMax{suffix}"] = round(ratings.max_discharge_w / 10)
            self.unit.values[702, f"WChaRteMax{suffix}"] = round(ratings.max_charge_w / 10)
            self.unit.values[702, f"WDisChaRteMax{suffix}"] = round(ratings.max_discharge_w / 10)
        self.unit.values[713, "WHRtg"] = round(ratings.capacity_wh / 10)
        self._limit = Control(self.unit, _BATTERY_LIMIT, faults)
        self._setpoint = Control(self.unit, _BATTERY_SETPOINT, faults)

    def written(self, points: set[PointId], now: float) -> None:
        """Start the reversion timers and obey at once."""
        self._limit.written(points, now)
        self._setpoint.written(points, now)
        self._command(self._house.battery)

    def refresh(self, now: float) -> None:
        """Keep registers and house in step."""
        self._limit.tick(now)
        self._setpoint.tick(now)
        self._command(self._house.battery)
        if not self._faults.now.battery_frozen:
            self._measure(self._house.battery)

    def _command(self, battery: Battery) -> None:
        battery.clipped_to_w = self._faults.now.battery_clips_w or None
        if self._faults.now.battery_ignores_commands:
            return
        most = battery.configuration.max_discharge_w
        production = (
            self.unit.number(704, "WSet") / 10
            if self.unit.number(704, "WSetMod") == 1
            else self.unit.number(704, "WSetPct") / 10_000 * most
        )
        battery.setpoint_w = -production if self._setpoint.enabled else None
        share = self.unit.number(704, "WMaxLimPct") / 10_000
        battery.production_limit_w = share * most if self._limit.enabled else None

    def _measure(self, battery: Battery) -> None:
        values = self.unit.values
        voltages = self._house.read_grid().phase_voltages_v
        powers = battery.phase_powers
        currents = phase_currents(powers, voltages)
        values[701, "W"] = round(-battery.power_w)
        values[701, "A"] = sum(currents)
        values[701, "InvSt"] = 3 if battery.power_w else 7
        values[701, "LNV"] = round(sum(voltages) / 3 * 10)
        values[701, "TotWhInj"] = round(battery.energy_discharged_wh)
        values[701, "TotWhAbs"] = round(battery.energy_charged_wh)
        for phase in range(3):
            values[701, f"WL{phase + 1}"] = round(-powers[phase])
            values[701, f"AL{phase + 1}"] = currents[phase]
            values[701, f"VL{phase + 1}"] = round(voltages[phase] * 10)
        values[713, "SoC"] = round(battery.state_of_charge * 10_000)
        values[713, "WHAvail"] = round(battery.state_of_charge * battery.configuration.capacity_wh / 10)


def phase_currents(powers: PhasePowers, voltages: tuple[float, float, float]) -> list[int]:
    """Currents in hundredths of an ampere."""
    return [round(abs(power) / voltage * 100) for power, voltage in zip(powers, voltages, strict=True)]
