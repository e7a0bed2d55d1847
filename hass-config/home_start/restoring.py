"""Where a backup is unpacked: on the card, and not in the memory that the service's /tmp is."""

import logging
import shutil
from pathlib import Path

_LOGGER = logging.getLogger(__name__)

# homeassistant.backup_restore: with the first a start restores, and ends; the second outlives that.
_INSTRUCTION = ".HA_RESTORE"
_KEPT = "backups"


def room_to_restore(config_folder: Path) -> dict[str, str]:
    """Return what the environment of the next start gains: when it restores, a place for a whole home.

    What an interrupted restore left there goes. A disk that takes no folder leaves it to memory.
    """
    place = config_folder / _KEPT / ".restore"
    try:
        if place.exists():
            shutil.rmtree(place)
        if not (config_folder / _INSTRUCTION).exists():
            return {}
        place.mkdir(parents=True)
    except OSError as error:
        _LOGGER.warning("There is no room beside the backups: %s", error.strerror)
        return {}
    return {"TMPDIR": str(place)}
