"""The values of roles: signed, summed, and no fresher than their integration lets them be."""

from dataclasses import dataclass, field

import pytest

from custom_components.home_flex.core.model import DeviceKind
from custom_components.home_flex.devices.entities.binding import (
    Constant,
    EntitySource,
    Source,
    decode,
    encode,
)
from custom_components.home_flex.devices.entities.profile import Fresh, FreshBy
from custom_components.home_flex.devices.entities.reader import RoleReader
from custom_components.home_flex.devices.entities.roles import MEASURED_ROLES
from custom_components.home_flex.devices.entities.values import Lack, NoValue
from tests.devices.fakes.entities import Clock, FakeEntities

POLLED = Fresh(by=FreshBy.REPORTED, interval_s=10.0)
PUSHED = Fresh(by=FreshBy.CHANGES, interval_s=10.0)


@dataclass
class Battery:
    """A reader of a battery's roles, and the entities behind it."""

    fresh: Fresh = POLLED
    home: FakeEntities = field(default_factory=FakeEntities)
    clock: Clock = field(default_factory=Clock)

    def reader(self, **roles: Source) -> RoleReader:
        measures = MEASURED_ROLES[DeviceKind.BATTERY]
        reader = RoleReader(roles, measures, self.fresh, self.home, self.clock)
        self.home.watch(reader.entities, reader.heard)
        return reader


def lack(value: object) -> Lack | None:
    return value.lack if isinstance(value, NoValue) else None


def test_a_role_is_the_signed_sum_of_what_is_added_less_what_is_subtracted() -> None:
    battery = Battery(PUSHED)
    one, two = battery.home.add("sensor.one", "1", "kW"), battery.home.add("sensor.two", "500", "W")
    less = battery.home.add("sensor.less", "200", "W")
    reader = battery.reader(power=EntitySource(plus=(one, two), minus=(less,), sign=-1))
    assert reader.value("power") == -1300.0


def test_half_a_sum_is_none() -> None:
    battery = Battery(PUSHED)
    one, two = battery.home.add("sensor.one", "1", "kW"), battery.home.add("sensor.two", "unknown", "W")
    reader = battery.reader(power=EntitySource(plus=(one, two)))
    assert lack(reader.value("power")) is Lack.NO_VALUE


def test_a_number_that_somebody_entered_is_always_there() -> None:
    assert Battery().reader(capacity=Constant(value=10000.0)).value("capacity") == 10000.0


def test_what_nobody_chose_is_no_value() -> None:
    assert lack(Battery().reader().value("power")) is Lack.NOT_CHOSEN


def test_a_polled_power_counts_from_its_first_report_on_until_two_polls_were_missed() -> None:
    battery = Battery(POLLED)
    power = battery.home.add("sensor.power", "500", "W")
    reader = battery.reader(power=EntitySource(plus=(power,)))
    assert lack(reader.value("power")) is Lack.SILENT
    battery.home.report("sensor.power")
    assert reader.value("power") == 500.0
    battery.clock.pass_s(24.0)
    assert reader.value("power") == 500.0
    battery.clock.pass_s(2.0)
    assert lack(reader.value("power")) is Lack.SILENT


def test_a_pushed_power_holds_for_as_long_as_it_is_available() -> None:
    battery = Battery(PUSHED)
    power = battery.home.add("sensor.power", "500", "W")
    reader = battery.reader(power=EntitySource(plus=(power,)))
    battery.clock.pass_s(86400.0)
    assert reader.value("power") == 500.0
    battery.home.lose("sensor.power")
    assert lack(reader.value("power")) is Lack.UNAVAILABLE


def test_what_is_polled_more_seldom_beside_the_power_is_given_five_minutes() -> None:
    battery = Battery(POLLED)
    charge = battery.home.add("sensor.charge", "55", "%")
    reader = battery.reader(state_of_charge=EntitySource(plus=(charge,)))
    battery.clock.pass_s(299.0)
    assert reader.value("state_of_charge") == pytest.approx(0.55)
    battery.clock.pass_s(2.0)
    assert lack(reader.value("state_of_charge")) is Lack.SILENT


def test_a_rating_never_grows_old() -> None:
    battery = Battery(POLLED)
    capacity = battery.home.add("sensor.capacity", "10", "kWh")
    reader = battery.reader(capacity=EntitySource(plus=(capacity,)))
    battery.clock.pass_s(86400.0)
    assert reader.value("capacity") == 10000.0


def test_sources_are_the_same_after_they_were_kept_as_json() -> None:
    roles: dict[str, Source] = {
        "power": EntitySource(plus=("a", "b"), minus=("c",), sign=-1, unit="kW", fresh=POLLED),
        "status": EntitySource(plus=("d",), attribute="state", words={"on": "charging"}),
        "capacity": Constant(value=9500.0),
    }
    assert decode(encode(roles)) == roles


@pytest.mark.parametrize(
    "kept",
    [
        {"type": "none"},
        {"type": "entity", "value": []},
        {"type": "entity", "value": ["a"], "sign": 2},
        {"value": 1},
    ],
)
def test_what_is_no_source_is_refused(kept: dict[str, object]) -> None:
    with pytest.raises((ValueError, KeyError)):
        decode({"power": kept})
