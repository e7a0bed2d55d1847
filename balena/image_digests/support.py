"""Whether the images a release rests on are still looked after, by a file with dates that somebody keeps.

``bases.json``: the branches of each image with the day their support ends, and holes that are known, with the
versions between which an image has them. ``checked_on`` is the day on which ``balena/release --refresh`` (see
``refresh.py``) found nothing that is left to a person.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final, Self

from .references import Reference

OURS: Final = Path(__file__).with_name("bases.json")
LONGEST_UNCHECKED: Final = timedelta(days=45)

type Version = tuple[int, ...]


class BasesError(Exception):
    """The file cannot be used; the message names it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Bases:
    """What is known of images, and since when."""

    checked_on: date
    images: Mapping[str, Mapping[str, Any]]

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read the file. Raises BasesError."""
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
            return cls(checked_on=date.fromisoformat(document["checked_on"]), images=document["images"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise BasesError(f"{path} cannot be read") from error

    def complaints(self, image: Reference, today: date) -> Iterator[str]:
        """Return what speaks against resting a release on an image today, in words."""
        known = self.images.get(f"{image.registry}/{image.repository}")
        if known is None:
            yield f"{image} is watched by nobody: add it to bases.json"
            return
        version = version_of(image.tag)
        ends = [end for branch, end in known["branches"].items() if _is_of(version, version_of(branch))]
        if not ends:
            yield f"{image} is of no branch that is looked after"
        elif today > date.fromisoformat(ends[0]):
            yield f"{image} is out of support since {ends[0]}"
        for hole in known["holes"]:
            if version_of(hole["since"]) <= version < version_of(hole["mended_in"]):
                yield f"{image} has {hole['id']}, which {hole['mended_in']} mends"

    def staleness(self, today: date) -> Iterator[str]:
        """Return whether nobody has looked for too long, in words."""
        if today - self.checked_on > LONGEST_UNCHECKED:
            yield f"nobody has looked for ended branches and new holes since {self.checked_on}"


def version_of(tag: str) -> Version:
    """Return the numbers a tag begins with: ``1.30.7-alpine`` is 1, 30, 7."""
    numbers = []
    for part in tag.partition("-")[0].split("."):
        if not part.isdecimal():
            break
        numbers.append(int(part))
    return tuple(numbers)


def _is_of(version: Version, branch: Version) -> bool:
    return bool(branch) and version[: len(branch)] == branch
