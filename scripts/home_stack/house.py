"""The simulated house as a process, and its control line: the truth that measurements are compared with."""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from .processes import ROOT, ManagedProcess, StackError

# A winter evening with a steady household: figures and tests do not depend on when they run.
STEADY = ("--base-load-w", "500", "--at", "2026-11-21T18:00")


# What the charger offers when no profile is in force; a profile that has run out stays in its list.
CHARGER_CURRENT_A = 16.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Ports:
    """Where the house is spoken to, all on 127.0.0.1."""

    p1_port: int
    modbus_port: int
    control_port: int
    pv_unit_id: int
    battery_unit_id: int


@dataclass(frozen=True, kw_only=True, slots=True)
class HouseState:
    """What is physically so, in W, positive = consumption; a setpoint None: the device runs by itself."""

    grid_power_w: float
    setpoints: Mapping[str, float | None]

    @property
    def controlled(self) -> bool:
        """Whether any device is under somebody's control."""
        return any(value is not None for value in self.setpoints.values())


class House:
    """The simulator of addons/home_simulator."""

    def __init__(self, folder: Path, *, options: tuple[str, ...] = ()) -> None:
        """Prepare; ``options`` go to the simulator's command line."""
        folder.mkdir(parents=True, exist_ok=True)
        self.ports: Ports
        self._session: aiohttp.ClientSession
        self._process = ManagedProcess(
            "The simulated house",
            [sys.executable, "-m", "home_simulator", *options],
            log=folder / "house.log",
            environment={"PYTHONPATH": str(ROOT / "addons" / "home_simulator")},
            pipe_output=True,
        )

    async def start(self) -> None:
        """Start it; returns when all its devices can be reached."""
        await self._process.start()
        ready = json.loads(await self._process.read_line(timeout_s=30))
        self.ports = Ports(**{name: ready[name] for name in Ports.__slots__})
        self._session = aiohttp.ClientSession(f"http://127.0.0.1:{self.ports.control_port}")

    async def stop(self) -> None:
        """End it."""
        if hasattr(self, "_session"):
            await self._session.close()
        await self._process.stop(patience_s=10)

    async def raw_state(self) -> dict[str, Any]:
        """Return everything the simulator tells of itself."""
        async with self._session.get("/state") as answer:
            state: dict[str, Any] = await answer.json()
            return state

    async def state(self) -> HouseState:
        """Return the physical truth: what the meter should show, and what each device was told."""
        state = await self.raw_state()
        offered_a = state["charge_point"]["offered_current_a"]
        limited = state["charge_point"]["profiles"] and offered_a < CHARGER_CURRENT_A
        return HouseState(
            grid_power_w=state["grid"]["power_w"],
            setpoints={
                "battery W": state["battery"]["setpoint_w"],
                "PV limit W": state["pv"]["limit_w"],
                "charger A": offered_a if limited else None,
            },
        )

    async def put(self, path: str, body: Mapping[str, Any]) -> None:
        """Change something about the house. Raises StackError when the simulator refuses."""
        async with self._session.put(path, json=body) as answer:
            if answer.status >= 400:
                raise StackError(f"The house refused {path}: {(await answer.text())[:300]}")

    async def set_faults(self, **faults: Any) -> None:
        """Make things go wrong; what is not named is sound."""
        await self.put("/faults", faults)

    async def connect_charge_point(self, *, url: str, identity: str, password: str) -> None:
        """Let the charge point dial."""
        await self.put("/charge_point", {"url": url, "identity": identity, "password": password})
