"""Starts Home Assistant (``python3 -m home_start.home_assistant``) with a place for what integrations need.

The image is read-only, so that a package it lacks cannot be installed beside its own. Where uv is not told an
interpreter, Home Assistant installs into the user's packages instead (``homeassistant.util.package``); these
are on the volume, in a folder that backups leave out. They come last: what the image brings was tested,
and no integration of the resident replaces it.
"""

import runpy
import site
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

# Set by the base image: they tell uv an interpreter, and to unpack in /tmp, which is memory here.
_UNSET = {"UV_SYSTEM_PYTHON", "UV_PYTHON", "UV_NO_CACHE"}


def with_packages(environment: Mapping[str, str], config_folder: Path) -> dict[str, str]:
    """Return an environment in which Home Assistant installs onto the volume."""
    kept = {name: value for name, value in environment.items() if name not in _UNSET}
    cache = config_folder / ".cache"
    return kept | {"PYTHONUSERBASE": str(cache / "packages"), "UV_CACHE_DIR": str(cache / "uv")}


def main() -> None:
    """Become Home Assistant; its arguments are ours."""
    packages = site.getusersitepackages()
    with suppress(OSError):  # a full disk takes no packages, and still runs the home
        Path(packages).mkdir(parents=True, exist_ok=True)
    sys.path = [*(folder for folder in sys.path if folder != packages), packages]
    runpy.run_module("homeassistant", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
