"""The files a home begins with: kept up to date for as long as nobody changes them."""

import logging
from pathlib import Path

from .volume import Volume, digest, write_text

_LOGGER = logging.getLogger(__name__)

# Files that nobody has changed although we did not write them: what Home Assistant's own image puts there.
_PRISTINE = {
    # Of 2026.11, and the same since 2023.
    "configuration.yaml": {"059cdfdd606b83ff2e59dbd5b8abb46226e7189fd693ecc7803835aa428e4d34"},
}


def refresh(volume: Volume, seeds: Path) -> None:
    """Write each seed file whose place is empty, or holds what was written there by us.

    A file that a person changed or deleted stays as it is.
    """
    with volume.state() as state:
        for seed in sorted(seeds.iterdir()):
            text = seed.read_text()
            place = volume.folder / seed.name
            there = digest(place.read_bytes()) if place.exists() else None
            wanted = digest(text.encode())
            if there == wanted:
                state.written[seed.name] = wanted
            elif _is_ours(seed.name, there, state.written):
                write_text(place, text)
                state.written[seed.name] = wanted
                _LOGGER.info("Wrote %s", seed.name)
            elif state.written.get(seed.name) != wanted:
                _LOGGER.info("%s was changed by a person: it stays as it is, without what is new", seed.name)


def _is_ours(name: str, there: str | None, written: dict[str, str]) -> bool:
    if there is None:
        return name not in written
    return there == written.get(name) or there in _PRISTINE.get(name, ())
