"""Wheels of the core as it stands here, and of versions that are worse."""

import zipfile
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[3]
CORE = ROOT / "custom_components" / "home_flex" / "core"
STORIES = ROOT / "tests" / "scenarios" / "stories"
_RETURN = "return solved if isinstance(solved, Plan) else solved.explained"


def wheel(folder: Path, changed: Mapping[str, tuple[str, str]] | None = None) -> Path:
    """Write the core as a wheel; ``changed``: by file, what is written in place of what."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "home_flex_core-0.1.0-py3-none-any.whl"
    rest = dict(changed or {})
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(CORE.rglob("*.py")):
            name = file.relative_to(CORE).as_posix()
            text = file.read_text()
            if (change := rest.pop(name, None)) is not None:
                assert change[0] in text
                text = text.replace(*change)
            archive.writestr(f"home_flex_core/{name}", text)
    assert not rest
    return path


def planning(code: str) -> dict[str, tuple[str, str]]:
    """Return the change by which a planner does ``code`` to each ``plan``, which ``problem`` is of."""
    body = _RETURN.replace("return", "plan =")
    return {"planner/planner.py": (_RETURN, f"{body}\n        {code}\n        return plan")}


# A version whose batteries do nothing, and which thinks for 100 ms more where there is a car beside them.
IDLE_AND_SLOW = planning(
    "idle = {one.device_id: (0.0,) * len(problem.grid) for one in problem.batteries}\n"
    "        plan = replace(plan, devices={name: replace(device, power_w=idle.get(name, device.power_w))"
    " for name, device in plan.devices.items()})\n"
    "        until_s = time.process_time() + 0.1\n"
    "        while problem.batteries and problem.consumers and time.process_time() < until_s:\n"
    "            pass"
)
# A version that cannot plan a home with a car.
NO_CARS = planning("if problem.consumers: raise ValueError('a car')")
