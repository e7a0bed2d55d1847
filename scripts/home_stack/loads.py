"""Loads that other integrations have in Home Assistant: a power that is new each second, and a switch."""

from .flows import create_subentry
from .home_flex import DOMAIN, HomeFlex

# Together they draw less than the simulated house's base load, which has to hold them.
_RATED_KW = 0.1


def configuration(count: int, *, switched: bool) -> str:
    """Return the YAML of ``count`` loads for ``add_loads``; a switched one draws nothing while it is off."""
    if not switched:
        lines = (
            f"  - {{platform: random, name: load {number}, minimum: 5, maximum: 50, unit_of_measurement: W, "
            "scan_interval: 1}\n"
            for number in range(1, count + 1)
        )
        return "sensor:\n" + "".join(lines)
    switches = (f"  load_{number}: {{initial: true}}\n" for number in range(1, count + 1))
    sensors = (
        f"      - {{name: load {number}, unit_of_measurement: W, device_class: power, state: "
        f"\"{{{{ range(10, 21) | random if is_state('input_boolean.load_{number}', 'on') else 0 }}}}\"}}\n"
        for number in range(1, count + 1)
    )
    trigger = '  - triggers: [{trigger: time_pattern, seconds: "/1"}]\n    sensor:\n'
    return "input_boolean:\n" + "".join(switches) + "template:\n" + trigger + "".join(sensors)


async def add_loads(home_flex: HomeFlex, count: int, *, switched: bool) -> None:
    """Add the loads of ``configuration`` to the site, one flow each, and wait until all can be read."""
    for number in range(1, count + 1):
        answers = {
            "menu": "entities",
            "entities": "by_hand",
            "name": f"Load {number}",
            "power": f"sensor.load_{number}",
            "rated_power": {"active_choice": "number", "number": _RATED_KW},
            "reported_s": 1,
            "only_changes": False,
            "wired_phases": ["1"],
        }
        if switched:
            answers["switch"] = f"input_boolean.load_{number}"
        await create_subentry(home_flex.api, DOMAIN, home_flex.entry_id, "switched_load", answers)
        await home_flex.loaded()
    await home_flex.ready()
