"""Command line: tags to digests in Compose files and Dockerfiles, all of them or none."""

import argparse
import sys
from pathlib import Path

from .references import ImageNameError, Reference, used, with_digests
from .registry import RegistryError, digest

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


def main() -> int:
    """Run; exit code 1 with one line when a digest cannot be had, and then nothing is changed."""
    arguments = _parser().parse_args()
    addresses = dict(pair.split("=", 1) for pair in arguments.registry)
    try:
        changes = release(arguments.root, addresses=addresses, dry_run=arguments.dry_run)
    except (ImageNameError, RegistryError, OSError) as error:
        sys.stderr.write(f"release: {error}; nothing is changed\n")
        return 1
    for path, image, found in changes:
        verb = "is at" if image.digest == found else "would get" if arguments.dry_run else "gets"
        sys.stdout.write(f"{path.relative_to(arguments.root)}: {image.name}:{image.tag} {verb} {found}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
