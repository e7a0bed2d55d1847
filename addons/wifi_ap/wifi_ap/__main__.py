"""The entry point; each minute's health check does not pay for D-Bus, so little is imported here."""

import sys
import time

from home_common.settings import Settings

from .alive import ALIVE_FILE, SILENCE_S

_WHERE = {"RUN_FOLDER": "/run"}


def main(arguments: list[str]) -> int:
    """Run, or ask whether the service still looks after its radio (``health``)."""
    if arguments == ["health"]:
        return _health()
    from .command_line import run  # noqa: PLC0415 # see above

    return run()


def _health() -> int:
    try:
        looked = (Settings.load(_WHERE).path("RUN_FOLDER") / ALIVE_FILE).stat().st_mtime
    except OSError:
        return 1
    return 0 if abs(time.time() - looked) < SILENCE_S else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
