"""A house whose day goes by faster: what is stored fills as fast, powers and counters are real."""

import pytest
from home_simulator.settings import Settings
from home_simulator.simulator import HouseClock, build_house


@pytest.mark.parametrize("speed", [1.0, 60.0])
def test_what_is_stored_is_so_much_smaller(speed: float) -> None:
    house = build_house(Settings(speed=speed))
    assert house.battery.configuration.capacity_wh == pytest.approx(10_000 / speed)
    assert house.car.configuration.capacity_wh == pytest.approx(60_000 / speed)
    assert house.battery.configuration.max_charge_w == 5000


def test_its_clock_runs_so_many_times_as_fast(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = [100.0]
    monkeypatch.setattr("home_simulator.simulator.time.monotonic", lambda: seconds[0])
    clock = HouseClock(Settings(speed=60.0))
    before = clock.now()
    seconds[0] += 24 * 60
    assert (clock.now() - before).total_seconds() == pytest.approx(86_400)
