"""``/api/v1/rollouts``: how the fleet tool's rollout stands, read from the file that it keeps.

The file is the tool's own (balena/fleet, ``rollout.json``) and is only read. What of it is told is checked
field by field, since the tool may be of another version.
"""

import asyncio
import json
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any, Final

from fastapi import APIRouter, Request
from pydantic import AwareDatetime, BaseModel, Field, ValidationError

from ..accounts.identity import Asking, require
from ..accounts.roles import Thing, Verb
from ..hub import hub_of
from ..web import Problem, StrictRoute

VERSION: Final = 1
_MOST_BYTES: Final = 5_000_000

router = APIRouter(prefix="/api/v1/rollouts", tags=["rollouts"], route_class=StrictRoute)

type Text = Annotated[str, Field(max_length=512)]


class _Release(BaseModel):
    id: int
    commit: Text
    version: Text


class _Ring(BaseModel):
    started_at: AwareDatetime
    counted: list[Text]
    healthy_since: AwareDatetime | None


class _Stop(BaseModel):
    ring: Text
    failing: dict[Text, Text]
    counted: int


class Record(BaseModel):
    """What the fleet tool keeps of a rollout (balena/fleet/rollout_record.py)."""

    version: int
    release: _Release
    phase: Text
    previous: dict[Text, int | None]
    expected: list[Text]
    rings: dict[Text, _Ring]
    stop: _Stop | None


@router.get("")
async def list_rollouts(who: Asking, request: Request) -> list[dict[str, Any]]:
    """Tell the rollout that the fleet tool is at, or was at last; none without its file."""
    require(who, Verb.READ, Thing.ROLLOUT)
    path = hub_of(request).settings.rollouts
    record = None if path is None else await asyncio.to_thread(_read, path)
    return [] if record is None else [_told(record)]


def _read(path: Path) -> Record | None:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise _unreadable()
        record = Record.model_validate(json.loads(path.read_bytes()))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError, ValidationError) as error:
        raise _unreadable() from error
    if record.version != VERSION:
        raise _unreadable()
    return record


def _unreadable() -> Problem:
    return Problem(
        HTTPStatus.CONFLICT, "no-rollout-record", "The fleet tool's file is none that this hub reads."
    )


def _told(record: Record) -> dict[str, Any]:
    rings = [
        {
            "name": name,
            "started_at": ring.started_at,
            "healthy_since": ring.healthy_since,
            "homes": len(ring.counted),
        }
        for name, ring in sorted(record.rings.items(), key=lambda each: each[1].started_at)
    ]
    stop = record.stop and {
        "ring": record.stop.ring,
        "counted": record.stop.counted,
        "failing": [
            {"ven_id": ven_id, "reason": reason} for ven_id, reason in sorted(record.stop.failing.items())
        ],
    }
    return {
        "release": record.release.version,
        "commit": record.release.commit,
        "phase": record.phase,
        "told_homes": len(record.previous),
        "expected_homes": len(record.expected),
        "rings": rings,
        "stop": stop,
    }
