"""The house behind one Fronius inverter, as its Solar API v1 tells it: HTTP and JSON, only to be read."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, override

from aiohttp import web

from .faults import FaultSwitch
from .house import House
from .http_listener import HttpListener

_DARK_W: Final = 1.0
_RUNNING, _SLEEPING = 7, 13
_SERIAL, _METER_SERIAL, _BATTERY_SERIAL = "28136001", "28136002", "28136003"
_NOT_SUPPORTED = 11

type Data = dict[str, Any]


class SolarApi(HttpListener):
    """GetPowerFlowRealtimeData, GetMeterRealtimeData, GetStorageRealtimeData and GetInverterInfo.

    Production, discharging and import are positive. By night the power of the sun is null.
    """

    def __init__(
        self, house: House, clock: Callable[[], datetime], faults: FaultSwitch, *, host: str, port: int
    ) -> None:
        """Build an API that does not listen yet; ``port`` 0 takes a free one."""
        super().__init__(host=host, port=port)
        self._house = house
        self._clock = clock
        self._faults = faults

    @override
    def _application(self) -> web.Application:
        application = web.Application()
        application.router.add_get("/solar_api/v1/{request}", self._answer)
        return application

    async def _answer(self, request: web.Request) -> web.Response:
        if self._faults.now.solar_api_disabled:
            return web.Response(status=404, text="Solar API disabled by customer config")
        told: dict[str, Callable[[], Data]] = {
            "GetPowerFlowRealtimeData.fcgi": self._power_flow,
            "GetMeterRealtimeData.cgi": self._meters,
            "GetStorageRealtimeData.cgi": self._storages,
            "GetInverterInfo.cgi": self._inverters,
        }
        name = request.match_info["request"]
        if name not in told:
            return self._envelope({}, code=_NOT_SUPPORTED, reason=f"v1/{name} request is not supported.")
        return self._envelope(told[name]())

    def _envelope(self, data: Data, *, code: int = 0, reason: str = "") -> web.Response:
        status = {"Code": code, "Reason": reason, "UserMessage": ""}
        head = {"RequestArguments": {}, "Status": status, "Timestamp": self._clock().isoformat()}
        return web.json_response({"Body": {"Data": data}, "Head": head})

    def _power_flow(self) -> Data:
        house, battery = self._house, self._house.battery
        inverter_w = -house.pv.power_w - battery.power_w
        grid_w = house.read_grid().power_w
        is_untold = self._is_dark or self._faults.now.solar_api_forgets_sun
        inverter = {
            "Battery_Mode": "normal",
            "DT": 1,
            "E_Day": None,
            "E_Total": house.pv.energy_produced_wh,
            "E_Year": None,
            "P": inverter_w,
            "SOC": 100.0 * battery.state_of_charge,
        }
        site = {
            "BatteryStandby": False,
            "E_Day": None,
            "E_Total": house.pv.energy_produced_wh,
            "E_Year": None,
            "Meter_Location": "grid",
            "Mode": "bidirectional",
            "P_Akku": -battery.power_w,
            "P_Grid": grid_w,
            "P_Load": -(grid_w + inverter_w),
            "P_PV": None if is_untold else -house.pv.power_w,
            "rel_Autonomy": None,
            "rel_SelfConsumption": None,
        }
        return {"Inverters": {"1": inverter}, "Site": site, "Version": "12"}

    def _meters(self) -> Data:
        grid = self._house.read_grid()
        phases = zip(grid.phase_powers_w, grid.phase_voltages_v, grid.phase_currents_a, strict=True)
        meter: Data = {
            "Details": {
                "Manufacturer": "Fronius",
                "Model": "Smart Meter TS 65A-3",
                "Serial": _METER_SERIAL,
            },
            "Enable": 1,
            "EnergyReal_WAC_Sum_Consumed": sum(grid.energy_import_wh.values()),
            "EnergyReal_WAC_Sum_Produced": sum(grid.energy_export_wh.values()),
            "Meter_Location_Current": 0.0,
            "PowerReal_P_Sum": grid.power_w,
            "TimeStamp": self._clock().timestamp(),
            "Visible": 1.0,
        }
        for number, (power_w, voltage_v, current_a) in enumerate(phases, start=1):
            meter[f"PowerReal_P_Phase_{number}"] = power_w
            meter[f"Voltage_AC_Phase_{number}"] = voltage_v
            meter[f"Current_AC_Phase_{number}"] = current_a
        return {"0": meter}

    def _storages(self) -> Data:
        battery = self._house.battery
        capacity_wh = battery.configuration.capacity_wh
        controller = {
            "Capacity_Maximum": capacity_wh,
            "DesignedCapacity": capacity_wh,
            "Details": {"Manufacturer": "BYD", "Model": "Battery-Box HV", "Serial": _BATTERY_SERIAL},
            "Enable": 1,
            "StateOfCharge_Relative": 100.0 * battery.state_of_charge,
            "TimeStamp": self._clock().timestamp(),
        }
        return {"0": {"Controller": controller, "Modules": []}}

    def _inverters(self) -> Data:
        is_asleep = self._is_dark and abs(self._house.battery.power_w) < _DARK_W
        inverter = {
            "CustomName": "Symo GEN24",
            "DT": 1,
            "ErrorCode": 0,
            "InverterState": "Sleeping" if is_asleep else "Running",
            "PVPower": self._house.pv.configuration.peak_power_w,
            "Show": 1,
            "StatusCode": _SLEEPING if is_asleep else _RUNNING,
            "UniqueID": _SERIAL,
        }
        return {"1": inverter}

    @property
    def _is_dark(self) -> bool:
        return self._house.pv.available_w < _DARK_W
