"""A setpoint reaches what docs/developer.md adds: a driver that is new, and a kind that is."""

import asyncio
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from custom_components.home_flex.core.control.arbiter import arbitrate
from custom_components.home_flex.core.control.demand import SITE, Demand, Envelope
from custom_components.home_flex.core.control.state import ControlMemory, SiteState
from custom_components.home_flex.core.model import DeviceKind, MeterReading, Owner, Site
from custom_components.home_flex.devices.driver import settable
from custom_components.home_flex.devices.spec import Resources
from custom_components.home_flex.runtime.device_slot import DeviceSlot

from .line_switch import LINE_SWITCH

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "developer.md").read_text(encoding="utf-8")
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOME = Site(
    name="Home",
    currency="EUR",
    phases=3,
    main_fuse_a=25.0,
    import_price_per_kwh=Decimal("0.30"),
    export_price_per_kwh=Decimal("0.08"),
)
LIMIT = Demand(
    owner=Owner.AGGREGATOR, scope=SITE, asks=Envelope(high_w=1000.0), reason="import_capacity_limit"
)


class Socket:
    """A socket with 2 kW on it, at the other end of the wire."""

    def __init__(self) -> None:
        self.is_on = True
        self.told: list[bool] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        listening = asyncio.create_task(self._listen(reader))
        with suppress(ConnectionError):
            while not listening.done():
                told = {"serial": "7", "on": self.is_on, "power_w": 2000.0 if self.is_on else 0.0}
                writer.write(json.dumps(told).encode() + b"\n")
                await writer.drain()
                await asyncio.sleep(0.01)
        writer.close()

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        while line := await reader.readline():
            self.is_on = json.loads(line)["on"]
            self.told.append(self.is_on)


class Home:
    """A slot with the socket's driver, and the arbiter; its clock goes by hand."""

    def __init__(self, port: int) -> None:
        self.now_s = 1000.0
        self.memory = ControlMemory()
        data = {"host": "127.0.0.1", "port": port, "rated_power_w": 2000}
        resources = cast("Resources", SimpleNamespace(clock=lambda: NOON))
        self.slot = DeviceSlot(
            device_id="pump",
            name="Pump",
            kind=DeviceKind.SWITCHED_LOAD,
            wired_phases=(),
            site=HOME,
            driver=LINE_SWITCH.build(DeviceKind.SWITCHED_LOAD, LINE_SWITCH.parse(data), resources),
            clock=lambda: NOON,
            monotonic_s=lambda: self.now_s,
            on_reading=lambda _: None,
            on_ledger=lambda _: None,
        )

    @property
    def power_w(self) -> float:
        """What the socket was last read to draw."""
        return self.slot.reading.power_w if self.slot.reading is not None else 0.0

    async def decide(self, *demands: Demand, until: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not until():
                self.now_s += 1.0
                await asyncio.sleep(0.03)
                time = NOON + timedelta(seconds=self.now_s)
                meter = MeterReading(time=time, power_w=500.0 + self.power_w)
                state = SiteState(
                    site=HOME, meter=meter, meter_heard_s=self.now_s, devices=(self.slot.state(),)
                )
                decision, self.memory = arbitrate(state, demands, self.memory, self.now_s)
                for setpoint in decision.setpoints:
                    self.slot.want(setpoint)


async def test_a_limit_switches_a_load_off_through_its_new_driver_and_then_back_on() -> None:
    socket = Socket()
    server = await asyncio.start_server(socket.serve, "127.0.0.1", 0)
    home = Home(server.sockets[0].getsockname()[1])
    assert settable(home.slot.driver) == home.slot.driver.quantities  # type: ignore[attr-defined] # TakesValues
    running = asyncio.create_task(home.slot.run())
    try:
        # It has run for its least time.
        await home.decide(until=lambda: home.now_s > 1100.0)
        assert socket.told == []
        await home.decide(LIMIT, until=lambda: socket.told == [False])
        await home.decide(
            LIMIT, until=lambda: home.slot.reading is not None and home.slot.reading.power_w == 0
        )
        await home.decide(until=lambda: socket.told == [False, True])
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        server.close()
        await server.wait_closed()


def _added(to: str) -> list[str]:
    """Return what the document adds to a file, as it is written there."""
    row = re.search(rf"^\| `{re.escape(to)}` \|(.*)\|$", DOCUMENT, re.MULTILINE)
    assert row is not None, to
    return re.findall(r"`([^`]+)`", row[1])


def _edit(path: Path, *changes: tuple[str, str]) -> None:
    text = path.read_text(encoding="utf-8")
    for before, after in changes:
        assert before in text, (path, before)
        text = text.replace(before, after, 1)
    path.write_text(text, encoding="utf-8")


SCRIPT = """
import asyncio
from datetime import UTC, datetime
from decimal import Decimal
from custom_components.home_flex.core.control.arbiter import arbitrate
from custom_components.home_flex.core.control.policy import Surplus
from custom_components.home_flex.core.control.state import ControlMemory, SiteState
from custom_components.home_flex.core.kinds.ventilation import VentilationReading
from custom_components.home_flex.core.model import DeviceKind, MeterReading, Quantity, Site
from custom_components.home_flex.device_sensors import DEVICE_SENSORS
from custom_components.home_flex.runtime.device_slot import DeviceSlot

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
told = []

class Fan:
    identity = None
    quantities = frozenset({Quantity.STAGE})
    async def run(self, publish):
        while True:
            publish(VentilationReading(time=NOON, power_w=40.0, basic_w=40.0, strong_w=300.0))
            await asyncio.sleep(0.01)
    async def set_value(self, quantity, value, *, expires_in_s):
        told.append((quantity.value, value))

async def main():
    now_s = 1000.0
    site = Site(name="Home", currency="EUR", phases=3, main_fuse_a=25.0, import_price_per_kwh=Decimal("0.3"),
        export_price_per_kwh=Decimal("0.1"))
    slot = DeviceSlot(site=site, device_id="fan", name="Fan", kind=DeviceKind.VENTILATION, wired_phases=(),
        driver=Fan(), clock=lambda: NOON, monotonic_s=lambda: now_s, on_reading=lambda _: None,
        on_ledger=lambda _: None,
        policy=Surplus())
    running = asyncio.create_task(slot.run())
    memory = ControlMemory()
    for _ in range(150):
        now_s += 1.0
        await asyncio.sleep(0.012)
        state = SiteState(site=site, meter=MeterReading(time=NOON, power_w=-1000.0), meter_heard_s=now_s,
            devices=(slot.state(),))
        decision, memory = arbitrate(state, (), memory, now_s)
        for setpoint in decision.setpoints:
            slot.want(setpoint)
    running.cancel()

asyncio.run(main())
assert [each.key for each in DEVICE_SENSORS[DeviceKind.VENTILATION]] == ["load_power"]
print(told[-1])
"""


def test_a_new_kind_is_its_file_and_the_lines_of_the_table_and_a_setpoint_reaches_it(tmp_path: Path) -> None:
    package = tmp_path / "custom_components" / "home_flex"
    shutil.copytree(
        ROOT / "custom_components", package.parent, ignore=shutil.ignore_patterns("__pycache__", "frontend")
    )
    (kind,) = re.findall(r'```python\n("""A ventilation.*?)```', DOCUMENT, re.DOTALL)
    (package / "core" / "kinds" / "ventilation.py").write_text(kind, encoding="utf-8")
    _, word, _, quantity = _added("core/model/kind.py")
    meter, power = '    GRID_METER = "grid_meter"\n', '    POWER_W = "power_w"\n'
    _edit(
        package / "core" / "model" / "kind.py",
        (meter, f"{meter}    {word}\n"),
        (power, f"{power}    {quantity}\n"),
    )
    imported, row, table = _added("core/kinds/__init__.py")
    before = "from .water_heater import WATER_HEATER\n"
    _edit(
        package / "core" / "kinds" / "__init__.py",
        (before, f"{imported}\n{before}"),
        (f"{table}: Final = table(", f"{table}: Final = table({row}, "),
    )
    ran: Any = subprocess.run(  # noqa: S603 # this interpreter, our own script
        [sys.executable, "-c", SCRIPT], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip() == "('stage', 2.0)"
