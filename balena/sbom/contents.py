"""What a Dockerfile puts into an image, as far as the repository pins it."""

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from image_digests.dockerfile import instructions
from image_digests.references import Reference, parse

# Commands of RUN that bring nothing from outside.
_BRING_NOTHING: Final = frozenset({"addgroup", "chmod", "chown", "install", "ls", "mkdir", "python3"})
_PIN: Final = re.compile(
    r"(?P<name>[A-Za-z0-9_.-]+)==(?P<version>[^\s;\\]+)(?P<hashes>(?:\s+--hash=sha256:[0-9a-f]{64})+)"
)
_HASH: Final = re.compile(r"sha256:([0-9a-f]{64})")


class ContentsError(Exception):
    """It cannot be said what an image holds; the message names the Dockerfile and the instruction."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Base:
    """An image that another rests on; ``taken`` is the one path copied out of it, None for all of it."""

    image: Reference
    taken: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SystemPackage:
    """A package of Alpine by name; ``version`` is what is asked for, None when the base decides."""

    name: str
    version: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class PythonPackage:
    """A package of Python; the file installed has one of ``sha256`` (hexadecimal)."""

    name: str
    version: str
    sha256: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Contents:
    """What an image holds; ``own`` are folders of this repository."""

    bases: tuple[Base, ...]
    system: tuple[SystemPackage, ...]
    python: tuple[PythonPackage, ...]
    own: tuple[str, ...]


def contents(dockerfile: Path, context: Path) -> Contents:
    """Return what the image of a Dockerfile built in ``context`` holds.

    Raises ContentsError for an instruction that may bring what cannot be named here, OSError for files.
    """
    reading = _Reading(dockerfile, context)
    for name, value in instructions(dockerfile.read_text(encoding="utf-8")):
        reading.instruction(name, value)
    return reading.contents()


def python_packages(requirements: str) -> tuple[PythonPackage, ...]:
    """Return the packages of a file of requirements, each with its hashes."""
    text = re.sub(r"^\s*#.*$", "", requirements, flags=re.MULTILINE).replace("\\\n", " ")
    return tuple(
        PythonPackage(name=pin["name"], version=pin["version"], sha256=tuple(_HASH.findall(pin["hashes"])))
        for pin in _PIN.finditer(text)
    )


class _Reading:
    """Reads one instruction after the other; a new FROM forgets all but what is copied out of it later."""

    def __init__(self, dockerfile: Path, context: Path) -> None:
        self._dockerfile = dockerfile
        self._context = context
        self._stages: dict[str, Reference] = {}
        self._copied: dict[str, str] = {}
        self._bases: list[Base] = []
        self._system: list[SystemPackage] = []
        self._python: list[PythonPackage] = []
        self._own: list[str] = []

    def contents(self) -> Contents:
        return Contents(
            bases=tuple(self._bases),
            system=tuple(self._system),
            python=tuple(self._python),
            own=tuple(self._own),
        )

    def instruction(self, name: str, value: str) -> None:
        match name:
            case "FROM":
                self._from(value)
            case "COPY":
                self._copy(value.split())
            case "RUN":
                for command in re.split(r"&&|;|\|\|?", value):
                    self._command(shlex.split(command))
            case "ADD":
                raise self._unknown(f"ADD {value}")

    def _from(self, value: str) -> None:
        if self._system or self._python or self._own:
            raise self._unknown(f"FROM {value} after a stage that is built here")
        image, *alias = re.split(r"\s+as\s+", value, flags=re.IGNORECASE)
        self._stages |= dict.fromkeys(alias, parse(image))
        self._bases = [Base(image=parse(image))]

    def _copy(self, words: Sequence[str]) -> None:
        options = [word for word in words if word.startswith("--")]
        *sources, target = [word for word in words if not word.startswith("--")]
        origins = [option.partition("=")[2] for option in options if option.startswith("--from=")]
        if origins:
            image = self._stages.get(origins[0]) or parse(origins[0])
            self._bases += [Base(image=image, taken=source) for source in sources]
            return
        for source in sources:
            if PurePosixPath(source).name == "requirements.txt":
                self._copied[target] = source
            else:
                self._own.append(source)

    def _command(self, words: Sequence[str]) -> None:
        match words:
            case ["env", "-u", _, *rest]:
                self._command(rest)
            case ["apk", "add", *rest]:
                self._system += [_system_package(word) for word in rest if not word.startswith("-")]
            case ["pip", "install", *rest] | ["uv", "pip", "install", *rest]:
                self._install(rest)
            case [name, *_] if name in _BRING_NOTHING and "pip" not in words:
                pass
            case _:
                raise self._unknown(shlex.join(words))

    def _install(self, words: Sequence[str]) -> None:
        """Take what a file of requirements lists; anything else could bring what nobody wrote down."""
        files = [words[at + 1] for at, word in enumerate(words[:-1]) if word == "--requirement"]
        named = [word for word in words if not word.startswith("-") and word not in {*files, ":all:"}]
        if not files or named or "--require-hashes" not in words or not self._copied.keys() >= set(files):
            raise self._unknown(shlex.join(words))
        for file in files:
            text = (self._context / self._copied[file]).read_text(encoding="utf-8")
            self._python += python_packages(text)

    def _unknown(self, what: str) -> ContentsError:
        return ContentsError(f"{self._dockerfile}: it cannot be said what this brings: {what}")


def _system_package(word: str) -> SystemPackage:
    name, _, version = re.sub(r"[=~<>]+", " ", word).partition(" ")
    return SystemPackage(name=name, version=version or None)
