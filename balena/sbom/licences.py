"""The licence of each part of an image, as an expression of SPDX.

A Python package tells its own, by the version that is installed and tested here. ``licences.json`` has the
rest: images, packages of Alpine, and Python packages whose metadata name no SPDX licence.
"""

import json
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Final, Self

from cyclonedx.spdx import is_expression
from image_digests.references import Reference

from .contents import PythonPackage, SystemPackage

OWN: Final = "Apache-2.0"
OURS: Final = Path(__file__).with_name("licences.json")


class LicenceError(Exception):
    """A part's licence is not known; the message says where to write it down."""


class Licences:
    """What is known of licences."""

    def __init__(self, written_down: Mapping[str, Mapping[str, str]]) -> None:
        """Take the tables ``images``, ``system`` and ``python``, by name."""
        self._written_down = written_down

    @classmethod
    def read(cls, path: Path = OURS) -> Self:
        """Read the file. Raises OSError and ValueError."""
        return cls(json.loads(path.read_text(encoding="utf-8")))

    def of_image(self, image: Reference) -> str:
        """Return the licence of the program an image is made for. Raises LicenceError."""
        return self._known("images", f"{image.registry}/{image.repository}")

    def of_system(self, package: SystemPackage) -> str:
        """Return the licence of a package of Alpine. Raises LicenceError."""
        return self._known("system", package.name)

    def of_python(self, package: PythonPackage) -> str:
        """Return the licence of a Python package. Raises LicenceError, also when another version is here."""
        if package.name in self._written_down["python"]:
            return self._known("python", package.name)
        try:
            told = metadata.metadata(package.name)
        except metadata.PackageNotFoundError:
            raise LicenceError(f"{package.name} is not installed here: run scripts/setup") from None
        if (version := told["Version"]) != package.version:
            raise LicenceError(f"{package.name} {version} is installed here, and not {package.version}")
        for field in ("License-Expression", "License"):
            if (text := told.get(field)) and is_expression(text):
                return str(text)
        raise LicenceError(f"{package.name} names no SPDX licence: add it to {OURS.name}")

    def _known(self, table: str, name: str) -> str:
        try:
            return self._written_down[table][name]
        except KeyError:
            raise LicenceError(f"the licence of {name} is not known: add it to {OURS.name}") from None
