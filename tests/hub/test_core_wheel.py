"""The core of the integration is a package of its own, which needs no Home Assistant."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_IMPORT_ALL = """
import importlib, json, pkgutil, sys
import home_flex_core
names = [module.name for module in pkgutil.walk_packages(home_flex_core.__path__, "home_flex_core.")]
for name in names:
    importlib.import_module(name)
print(json.dumps({"modules": len(names), "loaded": sorted({name.split(".")[0] for name in sys.modules})}))
"""


def _uv() -> str:
    return shutil.which("uv") or str(ROOT / ".tools" / "bin" / "uv")


def _run(*command: str | Path, cwd: Path = ROOT) -> str:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(  # noqa: S603 # our own arguments
        [*map(str, command)],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if done.returncode:
        pytest.fail(f"{command[0]}: {done.stderr}")
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel, and install it alone into a new environment; its dependencies are already at hand."""
    folder = tmp_path_factory.mktemp("core")
    _run(ROOT / "scripts" / "core_wheel", folder / "wheel")
    [wheel] = (folder / "wheel").glob("*.whl")
    _run(_uv(), "venv", "-q", "--python", sys.executable, folder / "venv")
    python = folder / "venv" / "bin" / "python"
    _run(_uv(), "pip", "install", "-q", "--no-deps", "--offline", "--python", python, wheel)
    _lend(folder / "venv", "numpy", "numpy.libs", "highspy")
    return python


def _lend(venv: Path, *packages: str) -> None:
    [ours] = (ROOT / ".venv" / "lib").glob("python3*/site-packages")
    [theirs] = (venv / "lib").glob("python3*/site-packages")
    for name in packages:
        if (ours / name).exists():
            (theirs / name).symlink_to(ours / name)


def test_every_module_of_it_is_imported_without_home_assistant(installed: Path, tmp_path: Path) -> None:
    told = json.loads(_run(installed, "-c", _IMPORT_ALL, cwd=tmp_path))

    assert told["modules"] > 200
    assert not {"homeassistant", "custom_components", "aiohttp", "sqlalchemy"} & set(told["loaded"])


def test_it_reads_an_event_as_the_home_does(installed: Path, tmp_path: Path) -> None:
    code = "from home_flex_core.events.timing import parse_duration; print(parse_duration('PT15M', 'x'))"

    assert _run(installed, "-c", code, cwd=tmp_path).strip() == "0:15:00"
