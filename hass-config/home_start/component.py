"""Brings the integration of the image onto the volume, where Home Assistant looks for it."""

import hashlib
import logging
import shutil
from pathlib import Path

from .volume import Volume, VolumeError

_LOGGER = logging.getLogger(__name__)

_LEFT_OUT = shutil.ignore_patterns("__pycache__")


def install(volume: Volume, source: Path) -> None:
    """Put the image's copy in place whenever another one, or a damaged one, is there.

    A disk that takes no copy leaves the one that is there, which controls the home as before. Raises
    VolumeError when there is none.
    """
    folder = volume.folder / "custom_components"
    folder.mkdir(exist_ok=True)
    place = folder / source.name
    # Names with a dot are no integrations; what is left of an interrupted exchange goes.
    new, old = (folder / f".{source.name}.{word}" for word in ("new", "old"))
    for rest in (new, old):
        _remove(rest)
    if place.is_dir() and not place.is_symlink() and tree_digest(place) == tree_digest(source):
        return
    try:
        shutil.copytree(source, new, ignore=_LEFT_OUT)
    except OSError as error:
        _remove(new)
        if not (place / "manifest.json").exists():
            raise VolumeError(
                f"{source.name} cannot be brought onto the volume: is the disk full?"
            ) from error
        _LOGGER.warning("The disk takes no other %s: the one that is there goes on", source.name)
        return
    if place.exists() or place.is_symlink():
        place.rename(old)
    new.rename(place)
    _remove(old)
    _LOGGER.info("Brought %s onto the volume", source.name)


def tree_digest(folder: Path) -> str:
    """Return one hash over the names and contents of all files of a folder, compiled Python left out."""
    total = hashlib.sha256()
    for file in sorted(file for file in folder.rglob("*") if file.is_file()):
        name = file.relative_to(folder)
        if "__pycache__" not in name.parts:
            total.update(f"{name}\0{hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    return total.hexdigest()


def _remove(path: Path) -> None:
    if path.is_symlink():
        path.unlink()
    else:
        shutil.rmtree(path, ignore_errors=True)
