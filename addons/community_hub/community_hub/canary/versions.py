"""A version of Home Flex's core: the wheel it comes in, and the digest of what the wheel holds."""

import hashlib
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PACKAGE: Final = "home_flex_core"
_MOST_BYTES: Final = 50_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Version:
    """A wheel and the digest of the code in it (``digest_of``)."""

    wheel: Path
    digest: str


def version_at(path: Path) -> Version:
    """Return the version of a wheel, or of the one wheel of a folder. Raises ValueError without one."""
    wheels = sorted(path.glob("*.whl")) if path.is_dir() else [path]
    if len(wheels) != 1:
        raise ValueError(f"{path} holds {len(wheels)} wheels, and not one")
    try:
        with zipfile.ZipFile(wheels[0]) as archive:
            if sum(each.file_size for each in archive.infolist()) > _MOST_BYTES:
                raise ValueError(f"{wheels[0]} is no wheel of {PACKAGE}: too large")
            files = [
                (name.removeprefix(f"{PACKAGE}/"), archive.read(name))
                for name in archive.namelist()
                if name.startswith(f"{PACKAGE}/")
            ]
    except (OSError, zipfile.BadZipFile) as error:
        raise ValueError(f"{wheels[0]} is no wheel: {error}") from error
    if not files:
        raise ValueError(f"{wheels[0]} is no wheel of {PACKAGE}")
    return Version(wheel=wheels[0], digest=digest_of(files))


def digest_of_source(core: Path) -> str:
    """Return the digest of the core's source in a folder: that of a wheel which was built from it."""
    return digest_of((path.relative_to(core).as_posix(), path.read_bytes()) for path in core.rglob("*.py"))


def digest_of(files: Iterable[tuple[str, bytes]]) -> str:
    """Return the SHA-256 of Python files, by the names they have in the package; others do not count."""
    whole = hashlib.sha256()
    for name, content in sorted(files):
        if name.endswith(".py"):
            whole.update(f"{name}\0{hashlib.sha256(content).hexdigest()}\n".encode())
    return whole.hexdigest()
