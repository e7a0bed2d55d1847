"""The profiles there are: those that come with Home Flex, and those of the home, which win.

Reading blocks; Home Assistant calls it in its executor.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from .profile import Profile
from .profile_schema import profile
from .profile_yaml import MAX_CHARACTERS, Place, ProfileError, parse

OWN_PROFILES: Final = Path(__file__).parent / "profiles"
MAX_FILES: Final = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class LoadedProfiles:
    """The profiles by their ids, and why files were refused. A refused file takes nothing else away."""

    profiles: Mapping[str, Profile]
    refused: tuple[ProfileError, ...] = ()


def load_profile(text: str, *, file: str) -> Profile:
    """Return the profile that a file's text is. Raises ProfileError with file, line, path and reason."""
    return profile(parse(text, file=file))


def load_profiles(homes_folder: Path | None = None) -> LoadedProfiles:
    """Return Home Flex' own profiles and those of ``homes_folder``, of which one with the same id wins.

    The home's folder may be missing. Files other than ``*.yaml`` are left alone.
    """
    own = _load_folder(OWN_PROFILES)
    home = LoadedProfiles(profiles={}) if homes_folder is None else _load_folder(homes_folder)
    return LoadedProfiles(profiles={**own.profiles, **home.profiles}, refused=(*own.refused, *home.refused))


def _load_folder(folder: Path) -> LoadedProfiles:
    profiles: dict[str, Profile] = {}
    refused: list[ProfileError] = []
    try:
        paths = sorted(path for path in folder.glob("*.yaml") if path.is_file())
    except OSError as error:
        return LoadedProfiles(profiles={}, refused=(_unreadable(folder, error),))
    for index, path in enumerate(paths):
        start = Place(file=path.name, line=1)
        try:
            if index >= MAX_FILES:
                raise start.wrong(f"at most {MAX_FILES} files are read")
            found = load_profile(_read(path), file=path.name)
            if found.id in profiles:
                raise start.wrong(f"another file of this folder has the id {found.id!r}")
            profiles[found.id] = found
        except ProfileError as error:
            refused.append(error)
    return LoadedProfiles(profiles=profiles, refused=tuple(refused))


def _read(path: Path) -> str:
    """Return a file's text, of a large one no more than is needed to refuse it. Raises ProfileError."""
    try:
        with path.open(encoding="utf-8") as file:
            return file.read(MAX_CHARACTERS + 1)
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: Exception) -> ProfileError:
    reason = error.strerror if isinstance(error, OSError) else "it is no text in UTF-8"
    return Place(file=path.name, line=1).wrong(f"it cannot be read: {reason}")
