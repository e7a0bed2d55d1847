"""Reads scenarios: diagnostics downloads of homes, or files that hold a problem of the planner."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, TypeIs

MOST_BYTES: Final = 10_000_000
MOST_SCENARIOS: Final = 2000


@dataclass(frozen=True, kw_only=True, slots=True)
class Scenario:
    """What a home's plan was made from, as JSON values; ``digest`` is the file's SHA-256."""

    name: str
    problem: Mapping[str, Any]
    digest: str


def read_scenarios(paths: Iterable[Path], *, now: datetime, within: timedelta | None) -> list[Scenario]:
    """Return the scenarios of files and of folders of ``*.json``, each once, in the order of their names.

    ``within``: only those whose first step began so long before ``now`` at most. Raises ValueError for a
    file that holds none, for none at all, and for too many.
    """
    found: dict[str, Scenario] = {}
    for path in _files(paths):
        scenario = _read(path)
        if within is None or _start(scenario) >= now - within:
            found.setdefault(scenario.digest, scenario)
        if len(found) > MOST_SCENARIOS:
            raise ValueError(f"more than {MOST_SCENARIOS} scenarios")
    if not found:
        raise ValueError("there is no scenario")
    return sorted(found.values(), key=lambda each: (each.name, each.digest))


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        yield from sorted(path.glob("*.json")) if path.is_dir() else [path]


def _read(path: Path) -> Scenario:
    if path.stat().st_size > MOST_BYTES:
        raise ValueError(f"{path} is larger than {MOST_BYTES // 1_000_000} MB")
    content = path.read_bytes()
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path} is no JSON") from error
    # Home Assistant puts what an integration downloads under "data".
    document = _within(_within(document, "data"), "scenario")
    if not _is_object(document) or not _is_object(document.get("problem")):
        raise ValueError(f"{path} holds no scenario")
    return Scenario(name=path.stem, problem=document["problem"], digest=hashlib.sha256(content).hexdigest())


def _within(document: Any, key: str) -> Any:  # JSON
    """Return the object under a key, or what there is where it has none."""
    inner = document.get(key) if _is_object(document) else None
    return inner if _is_object(inner) else document


def _is_object(value: object) -> TypeIs[dict[str, Any]]:
    return isinstance(value, dict)


def _start(scenario: Scenario) -> datetime:
    try:
        start = datetime.fromisoformat(scenario.problem["grid"]["start"])
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{scenario.name} does not say when it begins") from error
    if start.tzinfo is None:
        raise ValueError(f"{scenario.name} begins at a time without a zone")
    return start
