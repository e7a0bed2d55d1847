"""A Fronius inverter's Solar API v1, after the maker's document and recorded answers, in a made-up house."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from .http_server import serving_http

NOON = "2026-06-01T12:00:00+02:00"
_NOT_SUPPORTED = 255


@dataclass
class SolarNet:
    """A house with one inverter, its meter and, if ``battery_wh``, a battery; powers in W, as in the API.

    Production and discharging are positive, export is negative. ``pv_w`` None: the inverter does not tell.
    ``inverter_w`` None: it follows from PV and battery. ``status`` is the inverter's status code (7 running,
    13 sleeping). ``location`` is the meter's: 0 at the feed-in, 1 in the path of the loads. ``answers``
    replace whole answers by path; ``delay_s`` holds each back.
    """

    pv_w: float | None = 3000.0
    battery_w: float | None = 0.0
    house_w: float = 1000.0
    battery_wh: float | None = None
    soc_percent: float | None = 55.0
    battery_mode: str = "normal"
    inverter_w: float | None = None
    inverters: bool = True
    energy_wh: float | None = 44_188_000.0
    peak_w: float = 5000.0
    status: int = 7
    location: int | None = 0
    phases: int = 3
    answers: dict[str, web.Response] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    @property
    def grid_w(self) -> float:
        return self.house_w - (self.pv_w or 0.0) - (self.battery_w or 0.0)

    def power_flow(self) -> dict[str, Any]:
        produced_w = (self.pv_w or 0.0) + (self.battery_w or 0.0)
        inverter: dict[str, Any] = {
            "DT": 1,
            "E_Day": None,
            "E_Total": self.energy_wh,
            "E_Year": None,
            "P": produced_w if self.inverter_w is None else self.inverter_w,
        }
        if self.battery_wh is not None:
            inverter |= {"Battery_Mode": self.battery_mode, "SOC": self.soc_percent}
        site = {
            "E_Day": None,
            "E_Total": self.energy_wh if self.inverters else None,
            "E_Year": None,
            "Meter_Location": {0: "grid", 1: "load"}.get(self.location, "unknown")
            if self.location is not None
            else "unknown",
            "Mode": "meter",
            "P_Akku": self.battery_w if self.battery_wh is not None else None,
            "P_Grid": self.grid_w if self.location is not None else None,
            "P_Load": -self.house_w if self.location is not None else None,
            "P_PV": self.pv_w,
            "rel_Autonomy": None,
            "rel_SelfConsumption": None,
        }
        return {"Inverters": {"1": inverter} if self.inverters else {}, "Site": site, "Version": "12"}

    def meters(self) -> dict[str, Any]:
        if self.location is None:
            return {}
        power_w = self.grid_w if self.location == 0 else -self.house_w
        each = range(1, self.phases + 1)
        return {
            "0": {
                **{f"Current_AC_Phase_{phase}": 4.5 for phase in each},
                **{f"Voltage_AC_Phase_{phase}": 230.0 + phase for phase in each},
                **{f"PowerReal_P_Phase_{phase}": power_w / self.phases for phase in each},
                "Details": {"Manufacturer": "Fronius", "Model": "Smart Meter TS 65A-3", "Serial": "MTR-1"},
                "Enable": 1,
                "EnergyReal_WAC_Sum_Consumed": 2_013_105.0,
                "EnergyReal_WAC_Sum_Produced": 3_863_340.0,
                "Meter_Location_Current": float(self.location),
                "PowerReal_P_Sum": power_w,
                "TimeStamp": 1637924872.0,
                "Visible": 1.0,
            }
        }

    def storages(self) -> dict[str, Any]:
        if self.battery_wh is None:
            return {}
        details = {"Manufacturer": "BYD", "Model": "BYD Battery-Box Premium HV", "Serial": "BAT-1   "}
        controller = {
            "Capacity_Maximum": self.battery_wh,
            "DesignedCapacity": self.battery_wh,
            "Details": details,
            "Enable": 1,
            "StateOfCharge_Relative": self.soc_percent,
            "Status_BatteryCell": 3.0,
            "TimeStamp": 1638105056.0,
        }
        return {"0": {"Controller": controller, "Modules": []}}

    def inverter_info(self) -> dict[str, Any]:
        inverter = {
            "CustomName": "&#83;&#121;&#109;&#111;",
            "DT": 1,
            "ErrorCode": 0,
            "InverterState": {7: "Running", 13: "Sleeping"}.get(self.status, "Unknown"),
            "PVPower": self.peak_w,
            "Show": 1,
            "StatusCode": self.status,
            "UniqueID": "INV-1",
        }
        return {"1": inverter} if self.inverters else {}

    def common_data(self) -> dict[str, Any]:
        return {
            "DAY_ENERGY": {"Unit": "Wh", "Value": None},
            "DeviceStatus": {"ErrorCode": 0, "InverterState": "Running", "StatusCode": self.status},
            "PAC": {"Unit": "W", "Value": self.pv_w},
            "TOTAL_ENERGY": {"Unit": "Wh", "Value": self.energy_wh},
            "YEAR_ENERGY": {"Unit": "Wh", "Value": None},
        }


def answered(data: object, *, code: int = 0, reason: str = "") -> web.Response:
    """Return an answer in the envelope of the Solar API."""
    status = {"Code": code, "Reason": reason, "UserMessage": ""}
    return web.json_response(
        {"Body": {"Data": data}, "Head": {"RequestArguments": {}, "Status": status, "Timestamp": NOON}}
    )


@asynccontextmanager
async def solar_api(house: SolarNet) -> AsyncIterator[str]:
    """Serve the Solar API of ``house``; yields host and port."""
    told = {
        "GetPowerFlowRealtimeData.fcgi": house.power_flow,
        "GetMeterRealtimeData.cgi": house.meters,
        "GetStorageRealtimeData.cgi": house.storages,
        "GetInverterInfo.cgi": house.inverter_info,
        "GetInverterRealtimeData.cgi": house.common_data,
        "GetOhmPilotRealtimeData.cgi": dict[str, Any],
    }

    async def answer(request: web.Request) -> web.Response:
        path = request.match_info["path"]
        house.asked.append(path)
        if replaced := house.answers.get(path):
            return replaced
        if path not in told:
            return answered({}, code=_NOT_SUPPORTED, reason=f"{path} request is not supported.")
        return answered(told[path]())

    async def version(_request: web.Request) -> web.Response:
        if replaced := house.answers.get("GetAPIVersion.cgi"):
            return replaced
        return web.json_response(
            {"APIVersion": 1, "BaseURL": "/solar_api/v1/", "CompatibilityRange": "1.8-1"}
        )

    app = web.Application()
    app.router.add_get("/solar_api/GetAPIVersion.cgi", version)
    app.router.add_get("/solar_api/v1/{path}", answer)
    async with serving_http(app) as host:
        yield host
