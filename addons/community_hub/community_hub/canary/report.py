"""The report of a canary: what the fleet tool asks for before it releases a ring."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Self

from home_common.files import write_whole

FORMAT: Final = 1
_MOST_BYTES: Final = 20_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """How a version did beside the one before it.

    ``release`` is the name that it goes to homes by; ``old`` and ``new`` are the digests of the code
    (``versions``), ``scenarios`` those of the files that were planned. ``rows`` and ``left_out``, ``lost``
    are for a person.
    """

    release: str
    made_at: datetime
    old: str
    new: str
    passed: bool
    compared: int
    scenarios: Sequence[str]
    rows: Sequence[Mapping[str, Any]] = ()
    left_out: Mapping[str, str] | None = None
    lost: Mapping[str, str] | None = None

    def save(self, path: Path) -> None:
        """Write the report, whole or not at all."""
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        document = {"format": FORMAT, **asdict(self), "made_at": self.made_at.isoformat()}
        write_whole(path, json.dumps(document, indent=1) + "\n")

    @classmethod
    def load(cls, path: Path) -> Self:
        """Return the report of a file. Raises ValueError where it is none; FileNotFoundError without it."""
        if path.stat().st_size > _MOST_BYTES:
            raise ValueError(f"{path} is no report of a canary: too large")
        try:
            document = json.loads(path.read_bytes())
            has_form = document.pop("format") == FORMAT
            are_told = isinstance(document["passed"], bool) and isinstance(document["compared"], int)
            made_at = datetime.fromisoformat(document.pop("made_at"))
            report = cls(made_at=made_at, **document)
        except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
            raise ValueError(f"{path} is no report of a canary") from error
        if not has_form or not are_told or made_at.tzinfo is None:
            raise ValueError(f"{path} is no report of a canary")
        return report
