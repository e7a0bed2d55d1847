"""The archive of a release: the integration with its built panel, the same bytes for the same files."""

import sys
import zipfile
from pathlib import Path
from typing import Final

PACKAGE: Final = Path(__file__).parents[1] / "custom_components" / "home_flex"
# The earliest that a zip can tell: the archive does not depend on when it was made.
_MADE_AT: Final = (1980, 1, 1, 0, 0, 0)


class ArchiveError(Exception):
    """The archive would lack something; the message says what."""


def write(target: Path, package: Path = PACKAGE) -> None:
    """Write the archive. Raises ArchiveError where the panel was not built."""
    if not all(list(package.glob(f"frontend/{name}-*.js")) for name in ("panel", "cards")):
        raise ArchiveError("the panel is not built: run scripts/setup")
    files = sorted(path for path in package.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in files:
            name = path.relative_to(package).as_posix()
            archive.writestr(zipfile.ZipInfo(name, _MADE_AT), path.read_bytes(), zipfile.ZIP_DEFLATED)


def main() -> int:
    """Write the archive that is named on the command line."""
    if len(sys.argv) != 2:
        print("archive: name a file", file=sys.stderr)
        return 2
    try:
        write(Path(sys.argv[1]))
    except ArchiveError as error:
        print(f"archive: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
