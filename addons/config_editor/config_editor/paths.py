"""Which files the editor may show and change."""

import fnmatch
from pathlib import Path

# Names, at any depth, that are neither listed, read nor written: what Home Assistant keeps for itself
# (log-ins, keys, tokens), secrets, databases, backups, and code, which comes with a release only.
HIDDEN = (
    ".*",
    "*secret*",
    "*.db",
    "*.db[-.]*",
    "*.sqlite*",
    "*.pem*",
    "*.key*",
    "*.crt*",
    "*.p12*",
    "*.pfx",
    "*.tar",
    "*.tar.*",
    "*.bak",
    "*.old",
    "*.orig",
    "*.swp",
    "*~",
    "*.log",
    "*.log.*",
    "backups",
    "credentials",
    "custom_components",
    "deps",
    "python_scripts",
    "ssl",
    "tts",
)


class ForbiddenPathError(Exception):
    """A path is outside of the editor's folder or hidden."""


def is_hidden(name: str) -> bool:
    """Whether a file or folder of this name is kept from the editor, in whatever case it is written."""
    return any(fnmatch.fnmatchcase(name.casefold(), pattern) for pattern in HIDDEN)


def checked(base: Path, path: str) -> Path:
    """Return where a path leads to, links followed; relative paths begin at ``base``.

    Raises ForbiddenPathError for what is outside of ``base`` or hidden, as it is written or where it leads.
    """
    if "\0" in path:
        raise ForbiddenPathError
    root = base.resolve()
    written = Path(path) if Path(path).is_absolute() else base / path
    real = written.resolve()
    if not real.is_relative_to(root) or any(is_hidden(part) for part in real.relative_to(root).parts):
        raise ForbiddenPathError
    if any(is_hidden(part) for part in written.parts if part not in {*base.parts, *root.parts}):
        raise ForbiddenPathError
    return real


def checked_name(name: str) -> str:
    """Return the name of one new file or folder. Raises ForbiddenPathError for a path or a hidden name."""
    if not name or "/" in name or "\\" in name or "\0" in name or name in {".", ".."} or is_hidden(name):
        raise ForbiddenPathError
    return name
