"""Rules for imports: what a service's modules ask for is in its image, in the grammar its Python reads."""

import ast
import importlib.metadata
import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .dockerfile_rules import instructions
from .stack_files import ROOT, Finding, context

# Home Assistant's image brings what Home Assistant needs.
BRINGS_ITS_OWN = {"hass-config"}
# Alpine's Python where the base is not Python's own image.
OLDER_PYTHON = {"addons/mosquitto": (3, 12), "nginx": (3, 12)}
# Where the repository's own packages are.
_PYTEST = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["pytest"]["ini_options"]
_PYTHON_PATH: list[str] = _PYTEST["pythonpath"]
_REQUIREMENT = re.compile(r"^([A-Za-z0-9_.-]+)==", re.MULTILINE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Service:
    """The Python of one image: its packages by name, the one that is started, what pip brings."""

    folder: str
    packages: dict[str, Path]
    entry: str
    brought: frozenset[str] | None


def service(dockerfile: Path) -> Service:
    """Read a Dockerfile of the repository."""
    packages, entry = {}, ""
    for step in instructions((ROOT / dockerfile).read_text()):
        words = step.value.split()
        if step.name == "COPY" and "--from=" not in step.value and "/usr/src/" in words[-1]:
            source = context(dockerfile) / words[0]
            if (source / "__init__.py").exists():
                packages[Path(words[-1]).name] = source
        if step.name == "ENTRYPOINT":
            entry = re.findall(r'"([^"]+)"', step.value)[2].split(".")[0]
    folder = str(dockerfile.parent)
    return Service(
        folder=folder,
        packages=packages,
        entry=entry,
        brought=None if folder in BRINGS_ITS_OWN else frozenset(_brought(ROOT / folder / "requirements.txt")),
    )


def findings(service: Service) -> Iterator[Finding]:
    """Follow the imports of the service's own package through everything its image holds."""
    waiting = sorted(_modules(service.packages[service.entry], service.entry))
    seen = set(waiting)
    while waiting:
        module = waiting.pop()
        for name in sorted(_imported(module, service)):
            top = name.split(".")[0]
            if top in service.packages:
                found = {part for part in _and_parents(name) if _file(part, service)} - seen
                seen |= found
                waiting += sorted(found)
            elif not _is_there(top, service):
                yield Finding(service.folder, f"{module} imports {name}, which its image does not hold")


def grammar_findings(service: Service) -> Iterator[Finding]:
    """Parse every module of an image whose Python is older than ours."""
    if service.folder not in OLDER_PYTHON:
        return
    for package in service.packages.values():
        for path in package.rglob("*.py"):
            try:
                ast.parse(path.read_text(), feature_version=OLDER_PYTHON[service.folder])
            except SyntaxError as error:
                yield Finding(service.folder, f"{path.name} is not for its Python: {error.msg}")


def _is_there(top: str, service: Service) -> bool:
    if top in sys.stdlib_module_names:
        return True
    if service.brought is None:
        return not any((ROOT / folder / top).is_dir() for folder in _PYTHON_PATH)
    return top in service.brought


def _brought(requirements: Path) -> Iterator[str]:
    if not requirements.exists():
        return
    pinned = {name.lower().replace("_", "-") for name in _REQUIREMENT.findall(requirements.read_text())}
    for module, names in importlib.metadata.packages_distributions().items():
        if pinned & {name.lower().replace("_", "-") for name in names}:
            yield module


def _modules(package: Path, name: str) -> Iterator[str]:
    for path in package.rglob("*.py"):
        parts = path.relative_to(package).with_suffix("").parts
        yield ".".join([name, *(part for part in parts if part != "__init__")])


def _imported(module: str, service: Service) -> Iterator[str]:
    path = _file(module, service)
    if path is None:
        return
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield base
            yield from (
                f"{base}.{alias.name}" for alias in node.names if _file(f"{base}.{alias.name}", service)
            )


def _file(module: str, service: Service) -> Path | None:
    top, *rest = module.split(".")
    if top not in service.packages:
        return None
    place = service.packages[top].joinpath(*rest)
    return next((path for path in (place / "__init__.py", place.with_suffix(".py")) if path.exists()), None)


def _and_parents(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[:count]) for count in range(1, len(parts) + 1)]
