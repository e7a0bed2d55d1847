"""Sets up Home Flex through its own flows, as a resident would in the browser."""

import asyncio
import secrets
from collections.abc import Callable
from typing import Any

from .api import HomeAssistantApi, wait_until
from .broker import PREFIX, VEN_ID, Broker
from .flows import create_entry, create_subentry
from .house import House
from .processes import StackError, free_port

DOMAIN = "home_flex"
CHARGER_IDENTITY = "CP001"
MAIN_FUSE_A = 25

type Tell = Callable[[str], None]


class HomeFlex:
    """One site with every device of the simulated house, and the aggregator behind the broker."""

    def __init__(self, api: HomeAssistantApi) -> None:
        """Nothing is set up yet."""
        self.api = api
        self.entry_id: str
        self.ocpp_port = free_port()

    async def set_up(self, house: House, broker: Broker, *, tell: Tell) -> None:
        """Create the site, then add everything to it, one flow each."""
        await self.create_site()
        tell(f"site with a main fuse of {MAIN_FUSE_A} A on three phases")
        await self.add_grid_meter(house)
        tell("grid meter: DSMR P1 telegrams over TCP")
        await self.add_sunspec("pv", house, house.ports.pv_unit_id)
        tell("PV inverter: SunSpec over Modbus TCP")
        await self.add_sunspec("battery", house, house.ports.battery_unit_id)
        tell("battery: SunSpec over Modbus TCP")
        await self.add_charger(house)
        tell("EV charger: dialled in with OCPP 1.6J")
        await self.add_aggregator(broker)
        tell(f"aggregator: MQTT, as {VEN_ID}")
        await self.ready()

    async def create_site(self) -> None:
        """Create the config entry."""
        self.entry_id = await create_entry(
            self.api,
            DOMAIN,
            {
                "name": "Home",
                "currency": "EUR",
                "phases": "3",
                "main_fuse_a": MAIN_FUSE_A,
                "import_price_per_kwh": 0.28,
                "export_price_per_kwh": 0.06,
                "ocpp_port": self.ocpp_port,
            },
        )
        await self.loaded()

    async def add_grid_meter(self, house: House) -> None:
        """Add the P1 meter."""
        await self._add("grid_meter", {"menu": "tcp", "host": "127.0.0.1", "port": house.ports.p1_port})

    async def add_sunspec(self, kind: str, house: House, unit_id: int) -> None:
        """Add the PV inverter or the battery."""
        address = {
            "menu": "sunspec",
            "host": "127.0.0.1",
            "port": house.ports.modbus_port,
            "unit_id": unit_id,
        }
        await self._add(kind, {**address, "wired_phases": ["1", "2", "3"]})

    async def add_charger(self, house: House) -> None:
        """Add the charger; it is told to dial as soon as the flow waits for it."""
        password = secrets.token_hex(8)
        url = f"ws://127.0.0.1:{self.ocpp_port}"
        dialling: list[asyncio.Task[None]] = []

        def dial(_: Any) -> None:
            dialling.append(
                asyncio.create_task(
                    house.connect_charge_point(url=url, identity=CHARGER_IDENTITY, password=password)
                )
            )

        await create_subentry(
            self.api,
            DOMAIN,
            self.entry_id,
            "ev_charger",
            {
                "menu": "ocpp",
                "identity": CHARGER_IDENTITY,
                "password": password,
                "wired_phases": ["1", "2", "3"],
            },
            on_progress=dial,
        )
        await asyncio.gather(*dialling)
        await self.loaded()

    async def add_aggregator(self, broker: Broker) -> None:
        """Add the aggregator behind the broker."""
        await self._add(
            "aggregator",
            {
                "menu": "broker",
                "host": "127.0.0.1",
                "port": broker.port,
                "tls": False,
                "username": broker.home.username,
                "password": broker.home.password,
                "prefix": PREFIX,
                "ven_id": VEN_ID,
            },
        )

    async def loaded(self) -> None:
        """Wait until the site runs, after a change too. Raises StackError when it does not."""
        await wait_until(self._is_loaded, "Home Flex to be loaded", timeout_s=60)

    async def ready(self) -> None:
        """Wait until every device has been read and the aggregator is connected."""
        await wait_until(self._is_ready, "every device and the aggregator to be connected", timeout_s=60)

    async def reload(self) -> None:
        """Have the site begin anew, as after a restart, and wait until all of it is ready."""
        await self.api.post(f"/api/config/config_entries/entry/{self.entry_id}/reload")
        await self.loaded()
        await self.ready()

    async def status(self) -> dict[str, Any]:
        """Return what the action ``home_flex.get_status`` answers."""
        answer: dict[str, Any] = await self.api.call(DOMAIN, "get_status", {}, answers=True)
        return answer

    async def _add(self, kind: str, answers: dict[str, Any]) -> None:
        await create_subentry(self.api, DOMAIN, self.entry_id, kind, answers)
        await self.loaded()

    async def _is_ready(self) -> bool:
        try:
            status = await self.status()
        except StackError:
            return False  # after a restart its actions take a moment to be there
        devices = status["devices"].values()
        return bool(status["aggregator_connected"]) and all(
            device["reading"] and device["link_reason"] is None for device in devices
        )

    async def _is_loaded(self) -> bool:
        entry = await self.api.config_entry(DOMAIN)
        return entry is not None and entry["state"] == "loaded"
