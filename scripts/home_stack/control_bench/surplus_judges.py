"""What is read off a home under clouds and off several cars on one fuse."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field

from .charger import Charger
from .clouds import CLEAR
from .combination import Combination, Outcome
from .house import House
from .judges import too_large
from .knowing import Drive, Taken, all_taken, best, taken
from .pv import Pv, PvSpec
from .references import Nobody, perfect_charge_w
from .run import MakesController, Record

HOUR_S = 3600.0
WRITES_PER_H = 60.0
IMPORT_OVER_WH = {True: 20.0, False: 60.0}
EXPORT_WH = 100.0
# Of one home under one sky, where who knows the odds need not buy more; what a home may lose and buy over
# all skies is a target of the figures.
LOST_SHARE = 0.25
GRID_SHARE = 0.26
CLOSINGS = 4.0
FUSE_USE = 0.89
WAIT_S = 900.0
_DRAWS_W = 500.0


def judge_zero_export(combination: Combination, makes: MakesController) -> Outcome:
    """Judge what not exporting costs: writes, and more import than the same home without control."""
    record = combination.run(makes)
    alone = combination.run(Nobody)
    with_battery = bool(combination.bounds["battery"])
    writes = writes_per_h(record, combination.length_s)
    over_wh = record.exchanged_wh["import"] - alone.exchanged_wh["import"]
    key = "import_over_wh_battery" if with_battery else "import_over_wh_pv"
    figures = {
        "zero_export_writes_per_h": writes["pv"],
        key: over_wh,
        "export_wh": record.exchanged_wh["export"],
    }
    targets = {
        "zero_export_writes_per_h": WRITES_PER_H,
        key: IMPORT_OVER_WH[with_battery],
        "export_wh": EXPORT_WH,
    }
    if with_battery:
        figures["battery_writes"] = float(sum(write.device_id == "battery" for write in record.writes))
        targets["battery_writes"] = 0.0
    return Outcome(name=combination.name, figures=figures, failures=too_large(figures, targets))


@dataclass(kw_only=True, slots=True)
class _Sun:
    """What of the sun a car got, and what two followers would have, by hour; in Wh."""

    solar_wh: float = 0.0
    charged_wh: float = 0.0
    followers_wh: dict[tuple[int, int], float] = field(default_factory=dict)
    surplus_w: list[float] = field(default_factory=list)

    def watch(self, house: House) -> None:
        """Add one step."""
        pv, charger = house.devices["pv"], house.devices["charger"]
        assert isinstance(pv, Pv)  # noqa: S101 # the house has these two
        assert isinstance(charger, Charger)  # noqa: S101 # the same
        hours = house.spec.step_s / HOUR_S
        surplus_w = max(0.0, pv.sun_w - house.rest_w)
        self.surplus_w.append(surplus_w)
        self.charged_wh += charger.power_w * hours
        self.solar_wh += min(charger.power_w, surplus_w) * hours
        for phases in (1, 3):
            key = (phases, int(house.now_s / HOUR_S))
            followed_w = perfect_charge_w(surplus_w, phases, charger.spec.max_a)
            self.followers_wh[key] = self.followers_wh.get(key, 0.0) + followed_w * hours

    def follower_wh(self, phase_counts: Sequence[int]) -> float:
        """Return what a perfect follower gets that takes the better of these phase counts each hour."""
        hours = {hour for _, hour in self.followers_wh}
        return sum(max(self.followers_wh[phases, hour] for phases in phase_counts) for hour in hours)


def judge_surplus(combination: Combination, makes: MakesController) -> Outcome:
    """Judge how much of the sun a car gets, how much it buys beside, and how often its contactor closes."""
    sun = _Sun()
    record = combination.run(makes, watch=sun.watch)
    charger = record.house.devices["charger"]
    assert isinstance(charger, Charger)  # noqa: S101 # the house has one
    counts = (1, 3) if charger.spec.switches_phases else (len(charger.spec.wired),)
    follower_wh = sun.follower_wh(counts)
    figures = {
        "solar_wh": sun.solar_wh,
        "follower_wh": follower_wh,
        "charged_wh": sun.charged_wh,
        "lost_share": 1.0 - sun.solar_wh / follower_wh,
        "grid_share": 1.0 - sun.solar_wh / sun.charged_wh if sun.charged_wh else 0.0,
        "closings": float(closings_in_an_hour(charger.starts_s)),
        "charger_writes_per_h": writes_per_h(record, combination.length_s)["charger"],
    }
    if combination.asked.export_limit_w is not None:
        figures["hidden_export_wh_per_h"] = record.exchanged_wh["export"] * HOUR_S / combination.length_s
    grid_share = GRID_SHARE
    if knowing := _knowing(combination, sun, charger, follower_wh):
        figures["knowing_grid_share"] = best(knowing, follower_wh).grid_share
        grid_share = max(GRID_SHARE, figures["knowing_grid_share"])
    targets = {"lost_share": LOST_SHARE, "grid_share": grid_share, "closings": CLOSINGS}
    failures = too_large(figures, targets)
    return Outcome(name=combination.name, figures=figures, failures=failures, knowing=knowing)


def _knowing(combination: Combination, sun: _Sun, charger: Charger, follower_wh: float) -> tuple[Taken, ...]:
    """Return what one gets who knows the odds, at each price; nothing where phases are switched."""
    name = combination.name.split("/")[1]
    pv = next(device for device in combination.house.devices if isinstance(device, PvSpec))
    if charger.spec.switches_phases:
        return ()
    if name == CLEAR:
        return all_taken(follower_wh)
    drive = Drive(
        sky=name,
        sun=pv.sun,
        surplus_w=sun.surplus_w,
        phases=len(charger.spec.wired),
        max_a=charger.most_a,
        wakes_s=charger.spec.car.wakes_s,
        late_s=combination.house.meter.rhythm.age_s + charger.spec.response.dead_s,
        hidden=combination.asked.export_limit_w is not None,
    )
    return taken(drive)


@dataclass(kw_only=True, slots=True)
class _Fuse:
    """How much of a fuse is used, of what cars on the same phases could take, and who waits how long."""

    used: list[float] = field(default_factory=list)
    waits_s: dict[str, float] = field(default_factory=dict)
    longest_s: float = 0.0

    def watch(self, house: House) -> None:
        """Add one step."""
        hungry = [
            device for device in house.devices.values() if isinstance(device, Charger) and device.hungry
        ]
        for device in hungry:
            device_id = device.spec.device_id
            waited_s = 0.0 if device.power_w > _DRAWS_W else self.waits_s.get(device_id, 0.0)
            self.waits_s[device_id] = waited_s + house.spec.step_s
            self.longest_s = max(self.longest_s, self.waits_s[device_id])
        if hungry:
            others_a = max(house.phase_a) - sum(device.amperes for device in hungry)
            could_a = others_a + sum(device.most_a for device in hungry)
            self.used.append(min(1.0, max(house.phase_a) / min(could_a, house.spec.site.fuse_a)))


def judge_cars(combination: Combination, makes: MakesController) -> Outcome:
    """Judge how fully cars that want more use the fuse, how long one waits, and the fuse itself."""
    fuse = _Fuse()
    record = combination.run(makes, watch=fuse.watch)
    figures = {
        "fuse_unused": 1.0 - (statistics.fmean(fuse.used) if fuse.used else 1.0),
        "wait_s": fuse.longest_s,
        "trips": float(record.trips),
    }
    targets = {"fuse_unused": 1.0 - FUSE_USE, "wait_s": WAIT_S, "trips": 0.0}
    return Outcome(name=combination.name, figures=figures, failures=too_large(figures, targets))


def writes_per_h(record: Record, length_s: float) -> dict[str, float]:
    """Return how often each device was told something new, per hour; what only renews is not counted."""
    counts = dict.fromkeys(record.house.devices, 0)
    for write in record.writes:
        counts[write.device_id] += write.changed
    return {device_id: count * HOUR_S / length_s for device_id, count in counts.items()}


def closings_in_an_hour(starts_s: Sequence[float]) -> int:
    """Return the most starts in any hour."""
    return max(
        (sum(start_s <= other_s < start_s + HOUR_S for other_s in starts_s) for start_s in starts_s),
        default=0,
    )
