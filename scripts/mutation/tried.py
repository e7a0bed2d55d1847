"""What became of each mutant so far, so that a run can be made in several sittings."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

# What decides whether a mutant survives: the code under test, its tests, what tries them, and the libraries.
_FOLDERS = ("custom_components/home_flex/core", "tests/core", "tests/data", "scripts/mutation")
_FILES = (
    "tests/conftest.py",
    "tests/asyncapi.py",
    "docs/asyncapi.yaml",
    "pyproject.toml",
    "requirements.lock",
)


def digest(root: Path) -> str:
    """Return the SHA-256 of all in the repository at ``root`` that decides what becomes of a mutant."""
    every = (file for folder in _FOLDERS for file in (root / folder).rglob("*"))
    files = [file for file in every if file.is_file() and file.parent.name != "__pycache__"]
    found = hashlib.sha256()
    for file in sorted((*files, *(root / name for name in _FILES))):
        content = file.read_bytes()
        found.update(f"{file.relative_to(root)}\0{len(content)}\0".encode() + content)
    return found.hexdigest()


def go_on(results: Path, of: str) -> None:
    """Make ``results`` ready for the lines of a run over what has the digest ``of``.

    The lines of a former run of the very same stay, but for a last one that was cut off; others go.
    """
    begun = json.dumps({"of": of}) + "\n"
    lines = results.read_text().splitlines(keepends=True) if results.exists() else []
    kept = [line for line in lines[1:] if line.endswith("\n")] if lines[:1] == [begun] else []
    results.parent.mkdir(parents=True, exist_ok=True)
    results.write_text("".join((begun, *kept)))


def tried(results: Path) -> Mapping[str, str]:
    """Return the state of each mutant that was tried, by its dotted name."""
    lines = [json.loads(line) for line in results.read_text().splitlines()[1:]]
    return {line["mutant"]: line["state"] for line in lines}


def untried(mutants: Mapping[str, Iterable[str]], states: Mapping[str, str]) -> dict[str, list[str]]:
    """Return the mutants of each module that were not tried yet."""
    return {
        module: [name for name in names if f"{module}.{name}" not in states]
        for module, names in mutants.items()
    }
