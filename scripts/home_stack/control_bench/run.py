"""A house and its controller in one loop, and what is written down meanwhile."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import thread_time

from .battery import Battery
from .charger import Charger
from .exchange import Asked, Controller, DeviceFacts, Order, SiteFacts
from .house import House, HouseSpec
from .pv import Pv

type MakesController = Callable[[SiteFacts, Sequence[DeviceFacts]], Controller]
type AskedAt = Callable[[float], Asked]
type Watcher = Callable[[House], None]

OVER_FUSE = 1.1
_OPPOSED_W = 100.0


@dataclass(frozen=True, slots=True)
class Write:
    """An order as it was written; ``changed``: it is not the value that was written before."""

    at_s: float
    device_id: str
    value: float | None
    changed: bool


@dataclass(kw_only=True, slots=True)
class Record:
    """What happened, one value a step: the true power, and how far that is from the best that was possible.

    ``beyond_s`` is the longest time without a break that a device was ordered more than it gave,
    ``over_fuse_s`` the longest that a phase carried more than 1.1 times the fuse. ``opposed_s`` is how long
    one battery charged while another discharged. ``ticks_s`` is processor time.
    """

    step_s: float
    grid_w: list[float] = field(default_factory=list)
    astray_w: list[float] = field(default_factory=list)
    writes: list[Write] = field(default_factory=list)
    ticks_s: list[float] = field(default_factory=list)
    beyond_s: float = 0.0
    over_fuse_s: float = 0.0
    opposed_s: float = 0.0
    trips: int = 0
    meter_lost_s: float | None = None
    exchanged_wh: dict[str, float] = field(default_factory=lambda: {"import": 0.0, "export": 0.0})
    house: House

    def part(self, values: Sequence[float], start_s: float, end_s: float) -> Sequence[float]:
        """Return the values after ``start_s`` and before ``end_s``; the first of all is of ``step_s``."""
        return values[round(start_s / self.step_s) : round(end_s / self.step_s) - 1]


def run(
    spec: HouseSpec,
    makes: MakesController,
    asked: AskedAt,
    length_s: float,
    *,
    watch: Watcher | None = None,
) -> Record:
    """Close the loop for ``length_s``: the controller acts each second and with each telegram."""
    house = House(spec)
    controller = makes(spec.site, house.facts)
    record = Record(step_s=spec.step_s, house=house)
    stretches = dict.fromkeys(house.devices, 0.0)
    over_s = [0.0] * spec.site.phases
    written: dict[str, Order] = {}
    for number in range(1, round(length_s / spec.step_s) + 1):
        heard = house.step()
        now_asked = asked(house.now_s)
        if heard or number % max(1, round(1.0 / spec.step_s)) == 0:
            _act(house, controller, now_asked, record, written)
        _write_down(house, record, now_asked, stretches, written)
        _watch_fuse(house, record, over_s)
        if watch is not None:
            watch(house)
    record.trips = sum(breaker.tripped for breaker in house.breakers)
    return record


def best_w(house: House, asked: Asked) -> float:
    """Return the power at the connection that its batteries could reach at best, going by what is asked."""
    batteries = [device for device in house.devices.values() if isinstance(device, Battery)]
    without_w = house.grid_w - sum(battery.power_w for battery in batteries)
    low_w = without_w + sum(battery.reach_w[0] for battery in batteries)
    high_w = without_w + sum(battery.reach_w[1] for battery in batteries)
    if asked.target_w is not None:
        return min(max(asked.target_w, low_w), high_w)
    aim_w = without_w
    if asked.import_limit_w is not None:
        aim_w = min(aim_w, asked.import_limit_w)
    if asked.export_limit_w is not None:
        aim_w = max(aim_w, -asked.export_limit_w)
    return min(max(aim_w, low_w), high_w)


def _act(
    house: House, controller: Controller, asked: Asked, record: Record, written: dict[str, Order]
) -> None:
    began = thread_time()
    telegram = house.heard.telegram if house.heard is not None else None
    orders = controller.tick(house.now_s, telegram, house.reports, asked)
    record.ticks_s.append(thread_time() - began)
    if controller.meter_lost and record.meter_lost_s is None:
        record.meter_lost_s = house.now_s
    for order in orders:
        before = written.get(order.device_id)
        changed = (before.value if before else None) != order.value or (
            before is not None and before.phases != order.phases
        )
        record.writes.append(Write(house.now_s, order.device_id, order.value, changed))
        written[order.device_id] = order
        house.order(order)


def _write_down(
    house: House, record: Record, asked: Asked, stretches: dict[str, float], written: dict[str, Order]
) -> None:
    record.grid_w.append(house.grid_w)
    record.astray_w.append(house.grid_w - best_w(house, asked))
    flow = "import" if house.grid_w > 0.0 else "export"
    record.exchanged_wh[flow] += abs(house.grid_w) * record.step_s / 3600.0
    batteries_w = [device.power_w for device in house.devices.values() if isinstance(device, Battery)]
    if batteries_w and min(batteries_w) < -_OPPOSED_W and max(batteries_w) > _OPPOSED_W:
        record.opposed_s += record.step_s
    for device_id, order in written.items():
        beyond = order.value is not None and house.devices[device_id].beyond(order.value)
        stretches[device_id] = stretches[device_id] + record.step_s if beyond else 0.0
        record.beyond_s = max(record.beyond_s, stretches[device_id])


def _watch_fuse(house: House, record: Record, over_s: list[float]) -> None:
    for phase, current_a in enumerate(house.phase_a):
        over = abs(current_a) > OVER_FUSE * house.spec.site.fuse_a
        over_s[phase] = over_s[phase] + record.step_s if over else 0.0
        record.over_fuse_s = max(record.over_fuse_s, over_s[phase])


def coarsest_w(house: House) -> float:
    """Return the coarsest step of the devices that moved the connection's power."""
    return max((device.step_w for device in house.devices.values() if not _idle(device)), default=0.0)


def _idle(device: Battery | Pv | Charger) -> bool:
    return isinstance(device, Charger) and not device.hungry
