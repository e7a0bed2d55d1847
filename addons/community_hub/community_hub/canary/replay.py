"""Plans scenarios with the core in a folder: run as a process of its own, once for each version.

``replay.py CORE SCENARIOS PLANS``: SCENARIOS holds a list of ``{"name", "problem"}``; PLANS gets a list of
``{"name", "status", "device_power_w", "cpu_s"}`` (W by device and step, positive = consumption; seconds of
processor time), or ``{"name", "error"}``. It needs nothing but that core and its dependencies.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

_TIMES: Final = 3
# On a busy machine the search is not to be ended by the clock: processor time is what is compared.
_LIMIT_S: Final = 30.0


def main(core: str, scenarios: str, plans: str) -> None:
    """Plan each scenario and write what came of it."""
    sys.path.insert(0, core)
    # Of the version that is tried, which only this process knows.
    from home_flex_core.planner.planner import Planner  # noqa: PLC0415
    from home_flex_core.planner.scenario import problem_from  # noqa: PLC0415

    def planned(problem: dict[str, Any]) -> Any:  # a plan of that version
        return Planner(limit_s=_LIMIT_S).plan(problem_from(problem))

    told = [_replayed(each, planned) for each in json.loads(Path(scenarios).read_text())]
    Path(plans).write_text(json.dumps(told))


def _replayed(scenario: dict[str, Any], planned: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
    try:
        plan, least_s = planned(scenario["problem"]), float("inf")
        for _ in range(_TIMES):
            started_s = time.process_time()
            plan = planned(scenario["problem"])
            least_s = min(least_s, time.process_time() - started_s)
    except Exception as error:  # noqa: BLE001 # whatever it is, this version cannot plan this home
        return {"name": scenario["name"], "error": f"{type(error).__name__}: {error}"[:300]}
    return {
        "name": scenario["name"],
        "status": plan.status.value,
        "device_power_w": {name: list(device.power_w) for name, device in plan.devices.items()},
        "cpu_s": least_s,
    }


if __name__ == "__main__":
    main(*sys.argv[1:])
