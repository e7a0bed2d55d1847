"""The entry point: ``python3 -m home_start`` brings the volume forward and runs Home Assistant."""

import asyncio
import json
import logging
import sys

from home_common.settings import SettingsError

from . import record
from .defaults import load
from .migrations import bring_forward
from .supervisor import supervise
from .volume import Volume, VolumeError


def main(arguments: list[str]) -> int:
    """Perform one command: none of them runs the home, ``schema`` prints the form of a home record."""
    logging.basicConfig(level=logging.INFO, format="home_start: %(message)s", stream=sys.stdout)
    match arguments:
        case []:
            return _run()
        case ["bootstrap"]:
            from .bootstrap import run as bootstrap  # noqa: PLC0415 - aiohttp stays out of the supervisor

            return bootstrap()
        case ["schema"]:
            sys.stdout.write(json.dumps(record.json_schema(), indent=2) + "\n")
            return 0
    sys.stderr.write("usage: python3 -m home_start [bootstrap | schema]\n")
    return 2


def _run() -> int:
    try:
        settings = load()
        folder = settings.path("CONFIG_FOLDER")
        folder.mkdir(parents=True, exist_ok=True)
        bring_forward(Volume(folder), settings)
        return asyncio.run(supervise(settings))
    except (SettingsError, VolumeError) as error:
        logging.getLogger(__package__).error("%s", error)  # noqa: TRY400 - the line says it all
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
