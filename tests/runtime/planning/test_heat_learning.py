"""What is learned of a store of heat."""

import pytest

from custom_components.home_flex.runtime.planning.heat_learning import HeatLearner, Learned


class Boiler:
    """A boiler of 200 Wh for a kelvin that cools by half a kelvin an hour, read every minute."""

    def __init__(self, learner: HeatLearner) -> None:
        self.learner = learner
        self.temperature_c = 50.0
        self.seconds = 0.0

    def run(self, hours: float, power_w: float, *, silent_s: float = 0.0) -> None:
        self.seconds += silent_s
        for _ in range(round(hours * 60)):
            self.learner.note("boiler", power_w, self.temperature_c, self.seconds)
            self.temperature_c += (power_w / 200.0 - (0.0 if power_w else 0.5)) / 60.0
            self.seconds += 60.0

    def day(self) -> None:
        self.run(1.0, 2000.0)
        self.run(20.0, 0.0)


def test_nothing_is_known_before_a_few_spells() -> None:
    boiler = Boiler(HeatLearner())
    boiler.day()
    boiler.run(0.1, 2000.0)

    assert boiler.learner.of("boiler") == Learned()


def test_what_warms_it_and_how_fast_it_cools_is_learned_from_its_spells() -> None:
    boiler = Boiler(HeatLearner())
    for _ in range(4):
        boiler.day()

    found = boiler.learner.of("boiler")

    assert found.wh_per_k == pytest.approx(200.0, rel=0.05)
    assert found.cooling_k_per_h == pytest.approx(0.5, rel=0.05)


def test_a_day_on_which_much_is_drawn_changes_little() -> None:
    boiler = Boiler(HeatLearner())
    for _ in range(5):
        boiler.day()
    boiler.run(1.0, 2000.0)
    boiler.temperature_c -= 9.0
    boiler.day()

    assert boiler.learner.of("boiler").wh_per_k == pytest.approx(200.0, rel=0.05)


def test_a_time_without_readings_is_no_spell() -> None:
    boiler = Boiler(HeatLearner())
    for _ in range(8):
        boiler.run(0.5, 2000.0)
        boiler.run(0.5, 0.0, silent_s=40_000.0)

    assert boiler.learner.of("boiler").wh_per_k is None


def test_what_was_learned_outlives_a_restart_and_rubbish_is_left_out() -> None:
    boiler = Boiler(HeatLearner())
    for _ in range(4):
        boiler.day()
    kept = boiler.learner.document()
    kept["wh_per_k"]["other"] = ["much", None, float("nan"), -3.0]

    again = HeatLearner(kept)

    assert again.of("boiler").wh_per_k == pytest.approx(boiler.learner.of("boiler").wh_per_k)
    assert again.of("other") == Learned()


@pytest.mark.parametrize("document", [None, [], {"wh_per_k": 3}, {"wh_per_k": {"boiler": "x"}}])
def test_what_is_no_document_is_nothing(document: object) -> None:
    assert HeatLearner(document).of("boiler") == Learned()


def test_without_a_temperature_nothing_is_learned() -> None:
    learner = HeatLearner()

    assert not learner.note("boiler", 2000.0, None, 0.0)
    assert not learner.note("boiler", 2000.0, float("nan"), 60.0)
