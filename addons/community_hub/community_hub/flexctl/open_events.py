"""The events sent that are not over: kept in one file, for cancelling and for homes that ask."""

import json
import os
import re
from datetime import datetime, timedelta
from pathlib import Path

from .documents import Document

_SECONDS = re.compile(r"^PT(\d+)S$")


def default_path() -> Path:
    """Return where the events are kept when nobody says otherwise (XDG base directories)."""
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state) / "flexctl" / "events.json"


def end_of(document: Document) -> datetime:
    """Return when an event built by this program is over at the latest."""
    period = document["intervalPeriod"]
    seconds = sum(
        int(match[1])
        for key in ("duration", "randomizeStart")
        if (match := _SECONDS.match(period.get(key, "")))
    )
    return datetime.fromisoformat(period["start"]) + timedelta(seconds=seconds)


class OpenEvents:
    """A small file of events by id; written whole and renamed into place."""

    def __init__(self, path: Path) -> None:
        """Use ``path``; it need not exist."""
        self._path = path

    def all(self, now: datetime) -> dict[str, Document]:
        """Return the events that are not over at ``now``."""
        if not self._path.exists():
            return {}
        documents: dict[str, Document] = json.loads(self._path.read_text())
        return {key: document for key, document in documents.items() if end_of(document) > now}

    def put(self, document: Document, now: datetime) -> None:
        """Remember an event, and forget those that are over."""
        self._write({**self.all(now), document["id"]: document})

    def remove(self, event_id: str, now: datetime) -> None:
        """Forget an event."""
        self._write({key: document for key, document in self.all(now).items() if key != event_id})

    def _write(self, documents: dict[str, Document]) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        draft = self._path.with_suffix(".new")
        draft.write_text(json.dumps(documents, indent=1))
        draft.replace(self._path)
