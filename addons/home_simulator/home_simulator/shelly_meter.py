"""The meter at the grid as a Shelly Pro 3EM: RPC over HTTP (Gen2), only to be read."""

from typing import Any, override

from aiohttp import web

from .faults import FaultSwitch
from .house import House
from .http_listener import HttpListener

_MAC = "34987A45C1D2"
_ABOUT = {
    "name": None,
    "id": f"shellypro3em-{_MAC.lower()}",
    "mac": _MAC,
    "slot": 0,
    "model": "SPEM-003CEBEU",
    "gen": 2,
    "fw_id": "20250101-000000/1.5.0-g0000000",
    "ver": "1.5.0",
    "app": "Pro3EM",
    "auth_en": False,
    "auth_domain": None,
    "profile": "triphase",
}
_NO_HANDLER = 404


class ShellyMeter(HttpListener):
    """Import is positive, as where the clamps' arrows point to the house."""

    def __init__(self, house: House, faults: FaultSwitch, *, host: str, port: int) -> None:
        """Build a meter that does not listen yet; ``port`` 0 takes a free one."""
        super().__init__(host=host, port=port)
        self._house = house
        self._faults = faults

    @override
    def _application(self) -> web.Application:
        application = web.Application()
        application.router.add_get("/shelly", self._about)
        application.router.add_get("/rpc/{method}", self._answer)
        return application

    async def _about(self, _request: web.Request) -> web.Response:
        return web.json_response(_ABOUT)

    async def _answer(self, request: web.Request) -> web.Response:
        methods = {
            "Shelly.GetDeviceInfo": lambda: _ABOUT,
            "Shelly.GetStatus": self._status,
            "EM.GetStatus": self._measured,
            "EMData.GetStatus": self._counted,
        }
        method = request.match_info["method"]
        if method not in methods:
            body = {"code": _NO_HANDLER, "message": f"No handler for {method}"}
            return web.json_response(body, status=_NO_HANDLER)
        return web.json_response(methods[method]())

    def _status(self) -> dict[str, Any]:
        return {"em:0": self._measured(), "emdata:0": self._counted(), "sys": {"mac": _MAC}}

    def _measured(self) -> dict[str, Any]:
        grid = self._house.read_grid()
        phases = zip("abc", grid.phase_powers_w, grid.phase_voltages_v, grid.phase_currents_a, strict=True)
        found: dict[str, Any] = {"id": 0, "n_current": None}
        for name, power_w, voltage_v, current_a in phases:
            found[f"{name}_current"] = round(current_a, 3)
            found[f"{name}_voltage"] = round(voltage_v, 1)
            found[f"{name}_act_power"] = round(power_w, 1)
            found[f"{name}_freq"] = 50.0
        found["total_current"] = round(sum(grid.phase_currents_a), 3)
        found["total_act_power"] = round(grid.power_w, 3)
        if self._faults.now.shelly_loses_clamp:
            found |= {"c_act_power": None, "total_act_power": None, "errors": ["power_meter_failure"]}
        return found

    def _counted(self) -> dict[str, Any]:
        grid = self._house.read_grid()
        return {
            "id": 0,
            "total_act": round(sum(grid.energy_import_wh.values()), 2),
            "total_act_ret": round(sum(grid.energy_export_wh.values()), 2),
        }
