"""Command line: a bill of materials for each image, all of them or none."""

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from image_digests.references import ImageNameError

from .contents import ContentsError, contents
from .document import document
from .licences import LicenceError, Licences

DOCKERFILES: Final = ("addons/*/Dockerfile", "hass-config/Dockerfile", "nginx/Dockerfile")
# What is built in its own folder; all others in the root of the repository.
_ALONE: Final = frozenset({"home_simulator"})


def bills(root: Path, made_at: datetime) -> dict[str, str]:
    """Return the bill of each image by the name of its folder.

    Raises ContentsError, ImageNameError, LicenceError, OSError and ValueError.
    """
    version = json.loads((root / "custom_components/home_flex/manifest.json").read_text())["version"]
    licences = Licences.read()
    found = {}
    for dockerfile in sorted(path for pattern in DOCKERFILES for path in root.glob(pattern)):
        image = dockerfile.parent.name
        held = contents(dockerfile, dockerfile.parent if image in _ALONE else root)
        found[image] = document(image, version, held, licences, made_at)
    return found


def main() -> int:
    """Run; exit code 1 with one line when a bill cannot be made, and then nothing is written."""
    parser = argparse.ArgumentParser(
        prog="scripts/sbom", description="Write a bill of materials (CycloneDX) for each image."
    )
    parser.add_argument("--root", type=Path, default=Path.cwd(), help="the repository (default: here)")
    parser.add_argument(
        "--into", type=Path, default=Path("artifacts/sbom"), help="folder (default: artifacts/sbom)"
    )
    arguments = parser.parse_args()
    try:
        found = bills(arguments.root, datetime.now(UTC))
        arguments.into.mkdir(parents=True, exist_ok=True)
        for image, bill in found.items():
            path = arguments.into / f"{image}.cdx.json"
            path.write_text(bill, encoding="utf-8")
            parts = len(json.loads(bill)["components"])
            sys.stdout.write(f"{path}: {parts} parts\n")
    except (ContentsError, ImageNameError, LicenceError, OSError, ValueError) as error:
        sys.stderr.write(f"sbom: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
