"""How often an honest meter is judged lost, over more telegrams than a house could be stepped through."""

import random

from .charger import Charger, ChargerSpec
from .combination import Combination, Outcome
from .exchange import VOLTAGE_V, Asked, Report, Telegram
from .run import MakesController

# So much of a rhythm may be heard before it has to be known.
_WARMING_UP = 20
_JUST_BEFORE_S = 0.01
_HOUSE_W = 1500.0


def judge_honest_meter(combination: Combination, makes: MakesController) -> Outcome:
    """Ask just before each telegram, and with it: age only grows in between, nothing else shows a loss."""
    rhythm = combination.house.meter.rhythm
    chance = random.Random(combination.house.seed)  # noqa: S311 # a repeatable meter, no secret
    charger = next(spec for spec in combination.house.devices if isinstance(spec, ChargerSpec))
    controller = makes(combination.house.site, [Charger(charger, chance, 0.0).facts])
    charging_w = charger.max_a * VOLTAGE_V * len(charger.wired)
    telegram: Telegram | None = None
    losses, told, lost = 0, 0, False
    asked = Asked()
    for number in range(int(combination.bounds["telegrams"])):
        heard_s = (number + 1) * rhythm.period_s + rhythm.age_s + chance.uniform(0.0, rhythm.jitter_s)
        if chance.random() < rhythm.loss:
            continue
        for now_s in (heard_s - _JUST_BEFORE_S, heard_s):
            if now_s == heard_s:
                told += 1
                power_w = _HOUSE_W + charging_w
                phase_w = (power_w / 3.0,) * 3
                telegram = Telegram(heard_s=heard_s, power_w=power_w, phase_w=phase_w)
            report = Report(
                heard_s=now_s,
                power_w=charging_w,
                status="Charging",
                phase_a=(charger.max_a,) * len(charger.wired),
            )
            controller.tick(now_s, telegram, {charger.device_id: report}, asked)
            losses += controller.meter_lost and not lost and told > _WARMING_UP
            lost = controller.meter_lost
    figures = {"false_losses": float(losses), "telegrams": float(told)}
    return Outcome(name=combination.name, figures=figures)
