"""The truth about the house, and the hand that changes it: HTTP and JSON, on loopback only."""

import json
import math
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, cast, override

from aiohttp import web

from .charge_point import ChargePoint
from .connector import Connector
from .faults import FaultSwitch, parse_faults
from .house import House
from .http_listener import HttpListener
from .ocpp_link import CentralSystem
from .phases import PhasePowers

_LOOPBACK = "127.0.0.1"
_LARGEST_BODY_BYTES = 16 * 1024
_HIGHEST_LOAD_W = 100_000.0

type Body = dict[str, Any]


class ControlApi(HttpListener):
    """GET /state; GET and PUT /faults; PUT /house; PUT /charge_point. README.md lists the fields."""

    def __init__(
        self, house: House, connector: Connector, charge_point: ChargePoint, faults: FaultSwitch, *, port: int
    ) -> None:
        """Build an API that does not listen yet; ``port`` 0 takes a free one."""
        super().__init__(host=_LOOPBACK, port=port)
        self._house = house
        self._connector = connector
        self._charge_point = charge_point
        self._faults = faults

    @override
    def _application(self) -> web.Application:
        application = web.Application(client_max_size=_LARGEST_BODY_BYTES)
        application.router.add_get("/state", self._get_state)
        application.router.add_get("/faults", self._get_faults)
        application.router.add_put("/faults", _with_body(self._put_faults))
        application.router.add_put("/house", _with_body(self._put_house))
        application.router.add_put("/charge_point", _with_body(self._put_charge_point))
        return application

    async def _get_state(self, _request: web.Request) -> web.Response:
        return web.json_response(self._state())

    async def _get_faults(self, _request: web.Request) -> web.Response:
        return web.json_response(asdict(self._faults.now))

    def _put_faults(self, body: Body) -> Body:
        self._faults.now = parse_faults(body)
        return asdict(self._faults.now)

    def _put_house(self, body: Body) -> Body:
        house = self._house
        changes: dict[str, tuple[Callable[[object], object], Callable[[Any], None]]] = {
            "cloud": (_share, lambda value: setattr(house, "cloud", value)),
            "base_load_w": (_load, lambda value: setattr(house, "base_load_override_w", value)),
            "battery_soc": (_share, lambda value: setattr(house.battery, "state_of_charge", value)),
            "car_plugged": (_switch, lambda value: setattr(house.car, "plugged", value)),
            "car_soc": (_share, lambda value: setattr(house.car, "state_of_charge", value)),
        }
        if unknown := body.keys() - changes.keys():
            raise ValueError(f"the house has no {', '.join(sorted(unknown))}")
        checked = {name: _checked(name, changes[name][0], value) for name, value in body.items()}
        for name, value in checked.items():
            changes[name][1](value)
        return self._state()

    def _put_charge_point(self, body: Body) -> Body:
        if unknown := body.keys() - {"url", "identity", "password"}:
            raise ValueError(f"the charge point has no {', '.join(sorted(unknown))}")
        url, identity, password = body.get("url"), body.get("identity"), body.get("password")
        if url is None:
            self._charge_point.dial(None)
            return {"dialling": False}
        if not isinstance(url, str) or not url.startswith(("ws://", "wss://")):
            raise ValueError("url is ws://… or wss://…, or null to hang up")
        if not isinstance(identity, str) or not identity:
            raise ValueError("identity is a text")
        if password is not None and not isinstance(password, str):
            raise ValueError("password is a text or null")
        self._charge_point.dial(CentralSystem(url=url, identity=identity, password=password))
        return {"dialling": True}

    def _state(self) -> Body:
        house, connector = self._house, self._connector
        grid = house.read_grid()
        pv, battery, car = house.pv, house.battery, house.car
        transaction = connector.transaction
        return {
            "time": grid.time.isoformat(),
            "wall_time": datetime.now(UTC).isoformat(),
            "cloud": house.cloud,
            "grid": {
                **_powers(grid.phase_powers_w),
                "phase_voltage_v": grid.phase_voltages_v,
                "phase_current_a": grid.phase_currents_a,
                "energy_import_wh": sum(grid.energy_import_wh.values()),
                "energy_export_wh": sum(grid.energy_export_wh.values()),
            },
            "base_load": _powers(house.base_load_powers),
            "pv": {
                **_powers(pv.phase_powers),
                "available_w": pv.available_w,
                "limit_w": pv.limit_w,
                "energy_produced_wh": pv.energy_produced_wh,
            },
            "battery": {
                **_powers(battery.phase_powers),
                "setpoint_w": battery.setpoint_w,
                "production_limit_w": battery.production_limit_w,
                "state_of_charge": battery.state_of_charge,
                "energy_charged_wh": battery.energy_charged_wh,
                "energy_discharged_wh": battery.energy_discharged_wh,
            },
            "car": {
                **_powers(car.phase_powers),
                "plugged": car.plugged,
                "state_of_charge": car.state_of_charge,
                "energy_wh": car.energy_wh,
            },
            "charge_point": {
                "online": connector.online,
                "status": connector.status,
                "offered_current_a": car.offered_current_a,
                "offered_phases": car.offered_phases,
                "transaction_id": transaction.transaction_id if transaction else None,
                "profiles": len(connector.profiles.profiles),
            },
            "faults": asdict(self._faults.now),
        }


def _powers(phases: PhasePowers) -> Body:
    return {"power_w": sum(phases), "phase_power_w": phases}


def _with_body(change: Callable[[Body], Body]) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Give ``change`` the request's JSON object; what it refuses is answered by 400 and a sentence."""

    async def handle(request: web.Request) -> web.Response:
        try:
            return web.json_response(change(_json_object(await request.text())))
        except ValueError as error:
            return web.json_response({"error": str(error)}, status=400)

    return handle


def _json_object(text: str) -> Body:
    body = json.loads(text)
    if not isinstance(body, dict):
        raise ValueError("the body is a JSON object")  # noqa: TRY004 - a bad request, not a bad program
    return body


def _checked(name: str, check: Callable[[object], object], value: object) -> object:
    try:
        return check(value)
    except ValueError as error:
        raise ValueError(f"{name} is {error}") from None


def _share(value: object) -> float:
    return _number(value, 1.0)


def _load(value: object) -> float | None:
    return None if value is None else _number(value, _HIGHEST_LOAD_W)


def _switch(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("true or false")  # noqa: TRY004 - a bad request, not a bad program
    return value


def _number(value: object, highest: float) -> float:
    if type(value) not in {int, float}:
        raise ValueError("a number")
    number = float(cast("float", value))
    if not math.isfinite(number) or not 0 <= number <= highest:
        raise ValueError(f"a number from 0 to {highest:g}")
    return number
