"""Who decides when several want something: the table of precedence, row by row.

Order: fuse, grid operator, resident, a device's times, aggregator, plan or rule. Each line only tightens what
the lines above it left.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf
from typing import Any

import pytest

from custom_components.home_flex.core.control.charging import ChargeGoal, ChargeMode
from custom_components.home_flex.core.control.demand import SITE, Envelope, Target
from custom_components.home_flex.core.control.demand import device as one
from custom_components.home_flex.core.control.dimming import Dimming, GroupSettings, group_demands
from custom_components.home_flex.core.control.nodes import SITE_METER
from custom_components.home_flex.core.control.section_14a import Registered
from custom_components.home_flex.core.events.model import Command, PayloadType, Source
from custom_components.home_flex.core.model import Circuit, Group, GroupKind, Network, Owner

from .house import START, command
from .precedence_home import NEVER_INTO_CARS, Home, asked, charges, keeps

HOUSE_ONLY = {"feeds_cars": NEVER_INTO_CARS}
FAST = charges(ChargeMode.FAST)
SUN = charges(ChargeMode.SURPLUS)
NEVER_EXPORT = asked(Owner.RESIDENT, SITE, Envelope(low_w=0.0), reason="export", standing=True)
PAUSED = {"reach": Owner.GRID_OPERATOR}


def limit(kilowatts: float, source: Source = Source.AGGREGATOR) -> Command:
    return command(PayloadType.IMPORT_CAPACITY_LIMIT, 1000 * kilowatts, source=source)


def export(kilowatts: float, source: Source = Source.AGGREGATOR) -> Command:
    return command(PayloadType.EXPORT_CAPACITY_LIMIT, 1000 * kilowatts, source=source)


def twenty_kwh(hours: float) -> tuple[ChargeGoal, ...]:
    return (ChargeGoal(left_wh=20_000.0, deadline_s=hours * 3600.0),)


def on_one_phase(phase: int, **changes: object) -> Callable[[], Home]:
    phases = tuple(float(number == phase) for number in (1, 2, 3))
    return lambda: Home(noise_w=0.0, base_phases=phases, **changes)  # type: ignore[arg-type] # fields of Home


def pv_on_phase_one() -> Home:
    home = Home(noise_w=0.0, sun_w=7360)
    home.pv.wired = (1,)
    return home


def calibrating() -> Home:
    home = Home(noise_w=0.0, car_max_a=16, covers=False, battery_own_w=1000)
    home.battery.deaf = True
    return home


def silent() -> Home:
    home = Home(noise_w=0.0, car_max_a=16)
    home.run(10)
    home.meter_lost = True
    return home


def wired(*members: str, garage_a: float | None = None) -> Network:
    """Return the home's network: with ``members`` in a group under section 14a, the car behind a sub-fuse."""
    sub = () if garage_a is None else ("charger",)
    main = Circuit(
        circuit_id="main",
        fuse_a=(25.0,) * 3,
        meter_id=SITE_METER,
        device_ids=tuple(each for each in ("battery", "charger", "pv") if each not in sub),
    )
    garage = Circuit(
        circuit_id="garage",
        fuse_a=(garage_a or 1.0,) * 3,
        parent_id="main",
        other_load_a=0.0,
        device_ids=sub,
    )
    return Network(
        circuits=(main, garage) if sub else (main,),
        device_ids=frozenset({"battery", "charger", "pv"}),
        groups=(Group(group_id="grid", kind=GroupKind.SECTION_14A, device_ids=members),) if members else (),
    )


def dimmed(*members: str, **changes: Any) -> Home:
    """Return a home in which the grid operator dims ``members``, by a relay."""
    network = wired(*members)
    settings = GroupSettings(group=network.group("grid"), registered=Registered(count=len(members)))
    asks = tuple(group_demands([settings], {"grid": Dimming()}, START))
    return Home(network=network, asks=asks, noise_w=0.0, car_max_a=16, **changes)


@dataclass(frozen=True, kw_only=True)
class Row:
    """A situation, and between which values its devices end; ``by`` says who decides what a device does."""

    home: Callable[[], Home]
    commands: tuple[Command, ...] = ()
    seconds: float = 60
    battery_w: tuple[float, float] = (-inf, inf)
    car_a: tuple[float, float] = (-inf, inf)
    pv_w: tuple[float, float] = (-inf, inf)
    shortfall_w: tuple[float, float] = (-inf, inf)
    by: dict[str, tuple[Owner, str]] = field(default_factory=dict)
    free: frozenset[str] = frozenset()


ROWS = {
    "1 fuse before a fast car": Row(
        home=on_one_phase(
            1, base_w=3220, car_max_a=16, soc=0.5, wishes={"battery": HOUSE_ONLY, "charger": FAST}
        ),
        battery_w=(-3300, 50),
        car_a=(9, 15.5),
        by={"charger": (Owner.FUSE, "main_fuse")},
    ),
    "2 fuse, and a battery at its reserve": Row(
        home=on_one_phase(1, base_w=3220, car_max_a=16, soc=0.3, wishes={"battery": HOUSE_ONLY | keeps(0.3)}),
        battery_w=(-50, 50),
        car_a=(0, 10.6),
        by={"charger": (Owner.FUSE, "main_fuse"), "battery": (Owner.RESIDENT, "reserve")},
    ),
    "3 one-phase PV beyond the fuse": Row(home=pv_on_phase_one, battery_w=(4000, 5000), pv_w=(-7360, -5000)),
    "4 a silent meter": Row(
        home=silent, car_a=(5.9, 11.1), by={"charger": (Owner.FUSE, "meter_lost")}, seconds=30
    ),
    "5 a sub-fuse before a fast car": Row(
        home=lambda: Home(
            network=wired(garage_a=10.0),
            noise_w=0.0,
            car_max_a=16,
            wishes={"battery": HOUSE_ONLY, "charger": FAST},
        ),
        battery_w=(-550, 50),
        car_a=(8.9, 10.0),
        by={"charger": (Owner.FUSE, "circuit_fuse")},
    ),
    "6 dimmed, the car the only member, no sun": Row(
        home=lambda: dimmed("charger", base_w=3000, wishes={"battery": HOUSE_ONLY, "charger": FAST}),
        battery_w=(-3050, 50),
        car_a=(5.9, 6.1),
        by={"charger": (Owner.GRID_OPERATOR, "section_14a")},
    ),
    "7 dimmed, the car the only member, sun beyond the house": Row(
        home=lambda: dimmed(
            "charger", base_w=2000, sun_w=6000, soc=1.0, covers=False, wishes={"charger": FAST}
        ),
        battery_w=(-50, 50),
        car_a=(10.9, 11.1),
        by={"charger": (Owner.GRID_OPERATOR, "section_14a")},
    ),
    "8 dimmed, car and battery members, the battery full": Row(
        home=lambda: dimmed(
            "charger", "battery", base_w=3000, soc=1.0, covers=False, wishes={"charger": FAST}
        ),
        battery_w=(-3050, 50),
        car_a=(9.9, 10.1),
        by={"charger": (Owner.GRID_OPERATOR, "section_14a")},
    ),
    "11 a control box that is silent counts as one that dims: nothing is stored from the grid": Row(
        home=lambda: dimmed(
            "charger",
            "battery",
            soc=0.2,
            covers=False,
            wishes={"charger": FAST, "battery": keeps(0.3, restore=True)},
        ),
        battery_w=(-50, 50),
        car_a=(5.9, 10.1),
        by={"charger": (Owner.GRID_OPERATOR, "section_14a")},
    ),
    "9 a grid operator's limit keeps a reserve from buying": Row(
        home=lambda: Home(soc=0.2, noise_w=0.0, wishes={"battery": keeps(0.3, restore=True)}),
        commands=(limit(4, Source.GRID_OPERATOR),),
        battery_w=(-50, 50),
    ),
    "9 without it the reserve buys": Row(
        home=lambda: Home(soc=0.2, noise_w=0.0, wishes={"battery": keeps(0.3, restore=True)}),
        battery_w=(2400, 2600),
        by={"battery": (Owner.RESIDENT, "reserve_restored")},
    ),
    "10 a grid operator's feed-in limit, the car on the sun": Row(
        home=lambda: Home(sun_w=8000, noise_w=0.0, car_max_a=16, car_phases=1, wishes={"charger": SUN}),
        commands=(export(0, Source.GRID_OPERATOR),),
        seconds=120,
        battery_w=(4700, 5000),
        car_a=(8, 11),
    ),
    "12 a reserve that is reached": Row(
        home=lambda: Home(soc=0.3, base_w=1500, noise_w=0.0, wishes={"battery": keeps(0.3)}),
        battery_w=(-1, 1),
        by={"battery": (Owner.RESIDENT, "reserve")},
    ),
    "13 an import limit against the reserve": Row(
        home=lambda: Home(
            soc=0.3, base_w=3000, car_max_a=16, noise_w=0.0, wishes={"battery": keeps(0.3), "charger": FAST}
        ),
        commands=(limit(1.5),),
        battery_w=(-1, 1),
        car_a=(0, 0),
        shortfall_w=(1400, 1600),
    ),
    "14 discharging against never exporting": Row(
        home=lambda: Home(
            base_w=1000,
            noise_w=0.0,
            asks=(asked(Owner.AGGREGATOR, one("battery"), Target(power_w=-4000)), NEVER_EXPORT),
        ),
        battery_w=(-1000, -900),
        by={"battery": (Owner.RESIDENT, "export")},
    ),
    "15 an export limit forces no car to start": Row(
        home=lambda: Home(sun_w=6000, noise_w=0.0, car_max_a=16, car_starts=True, wishes={"charger": SUN}),
        commands=(export(0),),
        battery_w=(4900, 5000),
        car_a=(0, 0),
        pv_w=(-5700, -5300),
        by={"pv": (Owner.AGGREGATOR, "export_capacity_limit")},
    ),
    "16 a fast car that may not be slowed": Row(
        home=lambda: Home(
            base_w=1000,
            car_max_a=16,
            noise_w=0.0,
            wishes={"battery": HOUSE_ONLY, "charger": charges(ChargeMode.FAST, may_slow=False)},
        ),
        commands=(limit(4),),
        battery_w=(-1050, -950),
        car_a=(15.9, 16),
    ),
    "17 a fast car that may be slowed": Row(
        home=lambda: Home(
            base_w=1000, car_max_a=16, noise_w=0.0, wishes={"battery": HOUSE_ONLY, "charger": FAST}
        ),
        commands=(limit(4),),
        car_a=(0, 0),
        by={"charger": (Owner.AGGREGATOR, "import_capacity_limit")},
    ),
    "18 ready by morning, and time enough": Row(
        home=lambda: Home(
            car_max_a=16,
            noise_w=0.0,
            wishes={
                "battery": HOUSE_ONLY,
                "charger": charges(ChargeMode.FAST, goals=twenty_kwh(hours=7)),
            },
        ),
        commands=(limit(0),),
        battery_w=(-600, -400),
        car_a=(0, 0),
        by={"charger": (Owner.AGGREGATOR, "import_capacity_limit")},
    ),
    "19 ready by morning, past the latest start": Row(
        home=lambda: Home(
            car_max_a=16,
            noise_w=0.0,
            wishes={
                "battery": HOUSE_ONLY,
                "charger": charges(ChargeMode.FAST, goals=twenty_kwh(hours=1.5)),
            },
        ),
        commands=(limit(0),),
        battery_w=(-600, -400),
        car_a=(15.9, 16),
    ),
    "20 paused until Monday": Row(
        home=lambda: Home(
            car_max_a=16,
            noise_w=0.0,
            wishes={"battery": PAUSED, "charger": PAUSED, "pv": PAUSED},
            asks=(asked(Owner.PLAN, one("battery"), Target(power_w=3000)),),
        ),
        commands=(limit(0),),
        car_a=(15.9, 16),
        free=frozenset({"battery", "charger", "pv"}),
    ),
    "20 paused, and what the resident dispatched before": Row(
        home=lambda: Home(
            car_max_a=16,
            noise_w=0.0,
            wishes={"battery": PAUSED, "charger": PAUSED, "pv": PAUSED},
        ),
        commands=(limit(0, Source.RESIDENT),),
        car_a=(15.9, 16),
        free=frozenset({"battery", "charger", "pv"}),
    ),
    "21 paused, and a phase beyond the fuse": Row(
        home=on_one_phase(
            2, base_w=3220, car_max_a=16, soc=0.0, wishes={"battery": PAUSED, "charger": PAUSED}
        ),
        car_a=(9, 10.6),
        by={"charger": (Owner.FUSE, "main_fuse")},
    ),
    "23 a battery that calibrates": Row(
        home=calibrating,
        commands=(limit(2),),
        seconds=90,
        battery_w=(1000, 1000),
        car_a=(0, 0),
        by={"charger": (Owner.AGGREGATOR, "import_capacity_limit")},
    ),
    "24 minimum and surplus at night, the battery never into the car": Row(
        home=lambda: Home(
            car_max_a=16,
            noise_w=0.0,
            wishes={"battery": HOUSE_ONLY, "charger": charges(ChargeMode.MINIMUM_SURPLUS)},
        ),
        seconds=90,
        battery_w=(-560, -440),
        car_a=(5.9, 6.1),
        by={"battery": (Owner.RESIDENT, "not_into_the_car"), "charger": (Owner.PLAN, "minimum")},
    ),
    "25 never export, the battery full, a car on the sun": Row(
        home=lambda: Home(
            sun_w=8000,
            soc=1.0,
            noise_w=0.0,
            car_max_a=16,
            car_starts=True,
            wishes={"charger": SUN},
            asks=(NEVER_EXPORT,),
        ),
        seconds=600,
        car_a=(9, 12.1),
        pv_w=(-8000, -6500),
    ),
    "26 an aggregator caps the plan": Row(
        home=lambda: Home(
            base_w=600, noise_w=0.0, asks=(asked(Owner.PLAN, one("battery"), Target(power_w=3000)),)
        ),
        commands=(limit(2),),
        battery_w=(1250, 1400),
        by={"battery": (Owner.AGGREGATOR, "import_capacity_limit")},
    ),
    "27 of two limits of one rank the tighter": Row(
        home=lambda: Home(base_w=4000, noise_w=0.0, covers=False),
        commands=(limit(4), limit(2)),
        battery_w=(-2100, -2000),
    ),
}


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_the_higher_line_decides(row: Row) -> None:
    home = row.home()
    home.run(20)

    home.run(row.seconds, *row.commands)

    assert row.battery_w[0] <= home.battery.power_w <= row.battery_w[1]
    assert row.car_a[0] <= home.drawn_a <= row.car_a[1]
    assert row.pv_w[0] <= home.pv.power_w <= row.pv_w[1]
    assert home.decision is not None
    assert row.shortfall_w[0] <= home.decision.shortfall_w <= row.shortfall_w[1]
    told = {key: (home.told(key).owner, home.told(key).reason) for key in row.by}
    assert told == row.by
    assert {key for key in row.free if home.told(key).value is not None} == set()
    assert all(abs(power_w) <= 25.0 * 230.0 for power_w in home.phases)


def test_22_the_contactors_time_stands_above_an_aggregator() -> None:
    home = Home(
        sun_w=8000,
        soc=0.9,
        noise_w=0.0,
        car_max_a=16,
        car_starts=True,
        wishes={"charger": SUN, "battery": HOUSE_ONLY},
    )
    home.run(100)
    assert home.drawn_a >= 6
    home.sun_w = 0
    home.run(60, limit(0))
    assert home.drawn_a == pytest.approx(6, abs=0.1)
    told = home.told("charger")
    assert (told.owner, told.reason) == (Owner.DEVICE_SAFETY, "minimum_time")
    assert home.decision is not None
    assert home.decision.shortfall_w == pytest.approx(6 * 690, abs=100)
    home.run(300, limit(0))
    assert home.drawn_a == 0
    assert home.told("charger").reason == "waits_for_sun"
    assert home.decision.shortfall_w == 0


def test_a_contactors_time_holds_nothing_once_the_event_that_it_stands_above_is_over() -> None:
    home = Home(noise_w=0.0, covers=False, car_max_a=16, wishes={"charger": FAST, "battery": keeps(0.9)})
    home.charger.power_w = 0.0
    home.car_max_a, ready_a = 0.01, 16.0
    home.run(10)
    home.car_max_a = ready_a
    home.run(20)
    home.run(20, limit(2))
    assert home.told("charger").owner is Owner.DEVICE_SAFETY
    home.run(4)
    assert home.charger.value is None
