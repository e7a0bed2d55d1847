"""Command line: run one house until SIGTERM or SIGINT; the ready line on stdout tells its ports."""

import argparse
import asyncio
import json
import logging
import os
import signal
import sys
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from .battery import BatteryMode
from .ocpp_link import CentralSystem
from .settings import DUTCH_TIME, Settings
from .simulator import Simulator
from .sunspec_hybrid import HYBRID_UNIT_ID
from .sunspec_map import BATTERY_UNIT_ID, PV_UNIT_ID

PASSWORD_VARIABLE = "OCPP_PASSWORD"  # noqa: S105 - the name of a variable, no secret


def _share(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError("from 0 to 1")
    return value


def _speed(text: str) -> float:
    value = float(text)
    if not 1 <= value <= 600:
        raise argparse.ArgumentTypeError("from 1 to 600")
    return value


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="home_simulator", description="A house on the wire.")
    add = parser.add_argument
    add("--bind", default="127.0.0.1", help="address for P1 and Modbus (the control API stays on loopback)")
    for port in ("p1", "modbus", "rtu", "solar", "shelly", "control"):
        add(f"--{port}-port", type=int, default=0, help="0 takes a free one")
    add("--ocpp-url", help="central system the charge point dials, ws:// or wss://, without the identity")
    add("--ocpp-identity", default="SIM-EVSE-0001")
    add("--ocpp-password-file", type=Path, help=f"else the environment variable {PASSWORD_VARIABLE}")
    add("--seed", type=int, default=1)
    add("--timezone", type=ZoneInfo, default=DUTCH_TIME)
    add("--at", type=datetime.fromisoformat, help="the house's local time at the start (default: now)")
    add("--speed", type=_speed, default=1.0, help="how many times as fast as real time the house's day goes")
    add("--series", type=Path, help="CSV with timestamp_utc and load_w that the base load follows")
    add("--base-load-w", type=float, help="a base load that never changes")
    add("--replay", type=Path, help="P1 capture to play in place of the model's meter")
    add("--hybrid", action="store_true", help="one inverter with PV and battery behind it, unit 1")
    add("--battery-mode", type=BatteryMode, choices=list(BatteryMode), default=BatteryMode.IDLE)
    add("--battery-soc", type=_share, default=0.5, help="state of charge, 0 to 1")
    add("--car", choices=["plugged", "away"], default="plugged")
    add("--car-soc", type=_share, default=0.4, help="state of charge, 0 to 1")
    add("--cloud", type=_share, default=0.2, help="0 clear to 1 overcast")
    return parser


def _central_system(arguments: argparse.Namespace) -> CentralSystem | None:
    if arguments.ocpp_url is None:
        return None
    password = os.environ.get(PASSWORD_VARIABLE)
    if arguments.ocpp_password_file is not None:
        password = arguments.ocpp_password_file.read_text(encoding="utf-8").strip()
    return CentralSystem(url=arguments.ocpp_url, identity=arguments.ocpp_identity, password=password)


def _settings(arguments: argparse.Namespace) -> Settings:
    return Settings(
        bind=arguments.bind,
        p1_port=arguments.p1_port,
        modbus_port=arguments.modbus_port,
        rtu_port=arguments.rtu_port,
        solar_port=arguments.solar_port,
        shelly_port=arguments.shelly_port,
        control_port=arguments.control_port,
        seed=arguments.seed,
        timezone=arguments.timezone,
        start=arguments.at,
        speed=arguments.speed,
        series=arguments.series,
        replay=arguments.replay,
        base_load_w=arguments.base_load_w,
        cloud=arguments.cloud,
        hybrid=arguments.hybrid,
        battery_mode=arguments.battery_mode,
        battery_state_of_charge=arguments.battery_soc,
        car_plugged=arguments.car == "plugged",
        car_state_of_charge=arguments.car_soc,
        central_system=_central_system(arguments),
    )


async def _serve(simulator: Simulator, *, is_hybrid: bool) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with simulator:
        ready = {
            "p1_port": simulator.p1.port,
            "modbus_port": simulator.modbus.port,
            "rtu_port": simulator.rtu.port,
            "solar_port": simulator.solar_api.port,
            "shelly_port": simulator.shelly.port,
            "control_port": simulator.control.port,
            "pv_unit_id": HYBRID_UNIT_ID if is_hybrid else PV_UNIT_ID,
            "battery_unit_id": HYBRID_UNIT_ID if is_hybrid else BATTERY_UNIT_ID,
        }
        print(json.dumps(ready), flush=True)
        running = asyncio.create_task(simulator.run())
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if running.done():
            running.result()
        running.cancel()


def main() -> int:
    """Run; exit code 2 with one line on stderr when a port is taken or a file cannot be used."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    arguments = _parser().parse_args()
    try:
        asyncio.run(_serve(Simulator(_settings(arguments)), is_hybrid=arguments.hybrid))
    except (OSError, ValueError) as error:
        print(f"home_simulator: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
