"""Command line: tags to digests in Compose files and Dockerfiles, all of them or none."""

import argparse
import sys
from datetime import UTC, date, datetime
from pathlib import Path

from .references import ImageNameError, Reference, used, with_digests
from .refresh import EXPLOITED, LIFECYCLES, RefreshError, refresh
from .registry import RegistryError, digest
from .support import OURS, Bases, BasesError

PATTERNS = (
    "docker-compose.yml",
    "docker-compose.demo.yml",
    "addons/*/Dockerfile",
    "hass-config/Dockerfile",
    "nginx/Dockerfile",
)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="balena/release",
        description="Write the digest of every image beside its tag, before a release is pushed.",
    )
    parser.add_argument("--root", type=Path, default=Path.cwd(), help="the repository (default: here)")
    parser.add_argument(
        "--dry-run", action="store_true", help="ask the registries, say what would change, write nothing"
    )
    parser.add_argument(
        "--registry",
        action="append",
        default=[],
        metavar="HOST=URL",
        help="ask this address in place of a registry, such as a mirror",
    )
    parser.add_argument("--bases", type=Path, default=OURS, help="what is known of images (default: ours)")
    parser.add_argument(
        "--refresh", action="store_true", help="look for ended branches and exploited holes; release nothing"
    )
    parser.add_argument(
        "--lifecycles", default=LIFECYCLES, metavar="URL", help="ask this address for ends of support"
    )
    parser.add_argument("--exploited", default=EXPLOITED, metavar="URL", help="take this catalogue of holes")
    return parser


def files(root: Path) -> list[Path]:
    """Return what a release is built from."""
    return sorted(path for pattern in PATTERNS for path in root.glob(pattern))


def release(root: Path, *, addresses: dict[str, str], dry_run: bool) -> list[tuple[Path, Reference, str]]:
    """Return each file's images with their digests, and write them unless it is a dry run.

    Nothing is written before every digest is known. Raises ImageNameError, RegistryError and OSError.
    """
    texts = {path: path.read_text() for path in files(root)}
    images = {path: list(used(text)) for path, text in texts.items()}
    wanted = sorted({image for found in images.values() for image in found}, key=str)
    digests = {image: digest(image, addresses=addresses) for image in wanted}
    if not dry_run:
        for path, text in texts.items():
            written = with_digests(text, digests)
            if written != text:
                path.write_text(written)
    return [(path, image, digests[image]) for path, found in images.items() for image in found]


def complaints(root: Path, bases: Bases, today: date) -> list[str]:
    """Return what speaks against a release today. Raises ImageNameError and OSError."""
    images = {image for path in files(root) for image in used(path.read_text())}
    found = [complaint for image in sorted(images, key=str) for complaint in bases.complaints(image, today)]
    return [*bases.staleness(today), *found]


def _look(arguments: argparse.Namespace, today: date) -> int:
    """Bring what is known of images up to date; exit code 1 while something is left to a person."""
    try:
        left = refresh(arguments.bases, today, lifecycles=arguments.lifecycles, exploited=arguments.exploited)
    except (RefreshError, OSError, ValueError, KeyError) as error:
        sys.stderr.write(f"release: {error}; nothing is changed\n")
        return 1
    sys.stderr.write("".join(f"release: {line}\n" for line in left))
    sys.stdout.write(f"{arguments.bases}: {'not ' if left else ''}looked through on {today}\n")
    return 1 if left else 0


def main() -> int:
    """Run; exit code 1 with one line when a digest cannot be had, and then nothing is changed."""
    arguments = _parser().parse_args()
    if arguments.refresh:
        return _look(arguments, datetime.now(UTC).date())
    addresses = dict(pair.split("=", 1) for pair in arguments.registry)
    try:
        if against := complaints(arguments.root, Bases.read(arguments.bases), datetime.now(UTC).date()):
            sys.stderr.write("".join(f"release: {complaint}\n" for complaint in against))
            sys.stderr.write("release: nothing is changed\n")
            return 1
        changes = release(arguments.root, addresses=addresses, dry_run=arguments.dry_run)
    except (BasesError, ImageNameError, RegistryError, OSError) as error:
        sys.stderr.write(f"release: {error}; nothing is changed\n")
        return 1
    for path, image, found in changes:
        verb = "is at" if image.digest == found else "would get" if arguments.dry_run else "gets"
        sys.stdout.write(f"{path.relative_to(arguments.root)}: {image.name}:{image.tag} {verb} {found}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
