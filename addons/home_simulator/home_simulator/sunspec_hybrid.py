"""A hybrid inverter: PV and battery behind one AC side, told apart by its DC inputs as Fronius has them."""

from .battery import Battery
from .faults import FaultSwitch
from .house import House
from .pv import PvInverter
from .sunspec_control import Control, ControlPoints
from .sunspec_map import PV_LIMIT, phase_currents
from .sunspec_models import MODULES, Value
from .sunspec_unit import PointId, SunSpecUnit

HYBRID_UNIT_ID = 1

_MODELS = (1, 103, 120, 123, 160, 124)
_FIXED: dict[PointId, Value] = {
    (1, "Mn"): "Home Flex Simulator",
    (1, "Md"): "Hybrid inverter",
    (1, "Vr"): "1.0",
    (1, "SN"): "SIM-HYB-0001",
    (1, "DA"): HYBRID_UNIT_ID,
    (103, "A_SF"): -2,
    (103, "V_SF"): -1,
    (103, "W_SF"): 0,
    (103, "Hz"): 5000,
    (103, "Hz_SF"): -2,
    (103, "WH_SF"): 0,
    (120, "DERTyp"): 82,
    (120, "WRtg_SF"): 1,
    (120, "WHRtg_SF"): 1,
    (123, "Conn"): 1,
    (123, "WMaxLimPct"): 10_000,
    (123, "WMaxLimPct_WinTms"): 0,
    (123, "WMaxLimPct_RvrtTms"): 0,
    (123, "WMaxLim_Ena"): 0,
    (123, "WMaxLimPct_SF"): -2,
    (160, "DCW_SF"): 0,
    (160, "DCWH_SF"): 0,
    (160, "N"): MODULES,
    (160, "1.IDStr"): "MPPT 1",
    (160, "2.IDStr"): "MPPT 2",
    (160, "3.IDStr"): "StCha 3",
    (160, "4.IDStr"): "StDisCha 4",
    (124, "WChaMax_SF"): 0,
    (124, "StorCtl_Mod"): 0,
    (124, "ChaState_SF"): -2,
    (124, "OutWRte"): 10_000,
    (124, "InWRte"): 10_000,
    (124, "InOutWRte_RvrtTms"): 0,
    (124, "ChaGriSet"): 1,
    (124, "InOutWRte_SF"): -2,
}
_WRITABLE = {
    (123, "WMaxLimPct"): (0, 10_000),
    (123, "WMaxLimPct_WinTms"): (0, 0xFFFF),
    (123, "WMaxLimPct_RvrtTms"): (0, 0xFFFF),
    (123, "WMaxLim_Ena"): (0, 1),
    (124, "StorCtl_Mod"): (0, 3),
    (124, "OutWRte"): (-10_000, 10_000),
    (124, "InWRte"): (-10_000, 10_000),
    (124, "InOutWRte_RvrtTms"): (0, 0xFFFF),
    (124, "ChaGriSet"): (0, 1),
}
_RATES = ControlPoints(
    model=124,
    enable="StorCtl_Mod",
    values=("OutWRte", "InWRte"),
    timer="InOutWRte_RvrtTms",
    after_reversion=(("StorCtl_Mod", None),),
)
_LIMITS_CHARGING, _LIMITS_DISCHARGING = 1, 2


class HybridSunSpec:
    """Unit 1: models 1, 103, 120, 123, 160 with two inputs for the sun and two for the battery, 124."""

    def __init__(self, house: House, faults: FaultSwitch) -> None:
        """Show the nameplate; measurements come with the first refresh."""
        self._house = house
        self._faults = faults
        self.unit = SunSpecUnit(_MODELS, _FIXED, _WRITABLE)
        ratings = house.battery.configuration
        self.unit.values[120, "WRtg"] = round(house.pv.configuration.rated_power_w / 10)
        self.unit.values[120, "WHRtg"] = round(ratings.capacity_wh / 10)
        self.unit.values[124, "WChaMax"] = round(ratings.max_charge_w)
        self._limit = Control(self.unit, PV_LIMIT, faults)
        self._rates = Control(self.unit, _RATES, faults)

    def written(self, points: set[PointId], now: float) -> None:
        """Start the reversion timers and obey at once."""
        self._limit.written(points, now)
        self._rates.written(points, now)
        self._command(self._house.pv, self._house.battery)

    def refresh(self, now: float) -> None:
        """Keep registers and house in step."""
        self._limit.tick(now)
        self._rates.tick(now)
        self._command(self._house.pv, self._house.battery)
        self._measure(self._house.pv, self._house.battery)

    def _command(self, pv: PvInverter, battery: Battery) -> None:
        faults = self._faults.now
        battery.clipped_to_w = faults.battery_clips_w or None
        if not faults.pv_ignores_commands:
            share = self.unit.number(123, "WMaxLimPct") / 10_000
            pv.limit_w = share * pv.configuration.rated_power_w if self._limit.enabled else None
        if not faults.battery_ignores_commands:
            battery.allowed_w = self._allowed_w(pv, battery)

    def _allowed_w(self, pv: PvInverter, battery: Battery) -> tuple[float, float]:
        """From and to which power the battery may charge (positive), or must."""
        limits, mode = battery.configuration, self.unit.number(124, "StorCtl_Mod")
        most_charge, most_discharge = limits.max_charge_w, limits.max_discharge_w
        if mode & _LIMITS_CHARGING:
            most_charge = self.unit.number(124, "InWRte") / 10_000 * limits.max_charge_w
        if mode & _LIMITS_DISCHARGING:
            most_discharge = self.unit.number(124, "OutWRte") / 10_000 * limits.max_charge_w
        if self.unit.number(124, "ChaGriSet") == 0:
            most_charge = min(most_charge, -pv.power_w)
        return min(-most_discharge, most_charge), most_charge

    def _measure(self, pv: PvInverter, battery: Battery) -> None:
        values = self.unit.values
        voltages = self._house.read_grid().phase_voltages_v
        powers = tuple(sun + store for sun, store in zip(pv.phase_powers, battery.phase_powers, strict=True))
        values[103, "A"] = sum(phase_currents((powers[0], powers[1], powers[2]), voltages))
        for phase, voltage in zip("ABC", voltages, strict=True):
            values[103, f"PhVph{phase}"] = round(voltage * 10)
        values[103, "W"] = round(-pv.power_w - battery.power_w)
        values[103, "WH"] = round(pv.energy_produced_wh + battery.energy_discharged_wh)
        values[103, "St"] = 4 if pv.available_w > 0 or battery.power_w else 2
        for module in (1, 2):
            values[160, f"{module}.DCW"] = round(-pv.power_w / 2)
            values[160, f"{module}.DCWH"] = round(pv.energy_produced_wh / 2)
        values[160, "3.DCW"] = round(max(0.0, battery.power_w))
        values[160, "4.DCW"] = round(max(0.0, -battery.power_w))
        values[160, "3.DCWH"] = round(battery.energy_charged_wh)
        values[160, "4.DCWH"] = round(battery.energy_discharged_wh)
        values[124, "ChaState"] = round(battery.state_of_charge * 10_000)
        values[124, "ChaSt"] = 4 if battery.power_w > 0 else 3 if battery.power_w < 0 else 6
