"""What is remembered of a rollout between two runs of the tool."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from .admission import Admission
from .balena import Release
from .folder import read_json, write_json
from .rings import Progress, RingProgress, Stop


class Phase(StrEnum):
    """Where a rollout stands."""

    RUNNING = "running"
    STOPPED = "stopped"
    FINISHED = "finished"
    ROLLED_BACK = "rolled back"


@dataclass(frozen=True, kw_only=True, slots=True)
class RolloutRecord:
    """A rollout; ``previous`` is what each touched home was pinned to before (None: its fleet's release).

    ``admission`` is why it may go to homes at all; None in a record of a version that did not ask.
    """

    release: Release
    fleet_before: int | None
    phase: Phase
    progress: Progress
    previous: Mapping[str, int | None]
    admission: Admission | None = None

    def save(self, path: Path) -> None:
        """Write the record, whole or not at all."""
        write_json(path, self._document())

    def _document(self) -> dict[str, Any]:
        stop = self.progress.stop
        return {
            "version": 1,
            "release": {
                "id": self.release.id,
                "commit": self.release.commit,
                "version": self.release.version,
            },
            "fleet_before": self.fleet_before,
            "phase": self.phase.value,
            "previous": dict(self.previous),
            "admission": self.admission and self.admission.document(),
            "expected": sorted(self.progress.expected),
            "rings": {name: _ring_document(ring) for name, ring in self.progress.rings.items()},
            "stop": stop and {"ring": stop.ring, "failing": dict(stop.failing), "counted": stop.counted},
        }


def load(path: Path) -> RolloutRecord | None:
    """Return the record in a file, None when there is none."""
    if (document := read_json(path)) is None:
        return None
    stop, admission = document["stop"], document.get("admission")
    return RolloutRecord(
        release=Release(**document["release"]),
        fleet_before=document["fleet_before"],
        phase=Phase(document["phase"]),
        previous=document["previous"],
        admission=Admission.of(admission) if admission else None,
        progress=Progress(
            rings={name: _ring(kept) for name, kept in document["rings"].items()},
            expected=frozenset(document["expected"]),
            stop=Stop(**stop) if stop else None,
        ),
    )


def _ring_document(ring: RingProgress) -> dict[str, Any]:
    return {
        "started_at": ring.started_at.isoformat(),
        "counted": sorted(ring.counted),
        "healthy_since": ring.healthy_since and ring.healthy_since.isoformat(),
    }


def _ring(kept: Mapping[str, Any]) -> RingProgress:
    since = kept["healthy_since"]
    return RingProgress(
        started_at=datetime.fromisoformat(kept["started_at"]),
        counted=frozenset(kept["counted"]),
        healthy_since=datetime.fromisoformat(since) if since else None,
    )
