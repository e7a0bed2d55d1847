"""Remembers which commands were obeyed, so that none is twice, and keeps a line of audit of each.

Blocks for a moment: a command is on the disk before it is obeyed.
"""

import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from home_common.files import read_json, write_json

MOST_REMEMBERED: Final = 1000
MOST_AUDIT_BYTES: Final = 256 * 1024

type Answer = dict[str, Any]


class Ledger:
    """Two files in the agent's data folder: ``commands.json`` and ``audit.jsonl``."""

    def __init__(self, folder: Path) -> None:
        """Go on with what the files hold."""
        self._commands = folder / "commands.json"
        self._audit = folder / "audit.jsonl"
        self._known: dict[str, dict[str, Any]] = read_json(self._commands)

    def knows(self, command_id: str) -> bool:
        """Whether a command of this id was begun, now or before a restart."""
        return command_id in self._known

    def answer(self, command_id: str) -> Answer | None:
        """Return what was answered; None when it is under way, or a power cut ended it."""
        found = self._known.get(command_id, {}).get("answer")
        return found if isinstance(found, dict) else None

    def begin(self, command_id: str, valid_until: datetime, *, now: datetime) -> bool:
        """Remember that a command is begun; False when too many are remembered. Raises OSError.

        A command is forgotten only after its validity, and only when another needs its place: a clock that
        was wrong for a while makes no command new. Its answer, which may be long, goes with its validity.
        """
        over = {known for known, row in self._known.items() if datetime.fromisoformat(row["until"]) <= now}
        kept = {
            known: {**row, "answer": None} if known in over else row for known, row in self._known.items()
        }
        oldest_first = sorted(over, key=lambda known: kept[known]["until"])
        for known in oldest_first[: max(0, len(kept) + 1 - MOST_REMEMBERED)]:
            del kept[known]
        if len(kept) >= MOST_REMEMBERED:
            return False
        kept[command_id] = {"until": valid_until.isoformat(), "answer": None}
        write_json(self._commands, kept)
        self._known = kept
        return True

    def finish(self, command_id: str, answer: Answer) -> None:
        """Remember the answer. Raises OSError."""
        if (row := self._known.get(command_id)) is not None:
            row["answer"] = answer
            write_json(self._commands, self._known)

    def note(self, **line: Any) -> None:
        """Add a line of audit; the file is followed by another when it is large. Raises OSError."""
        if self._audit.exists() and self._audit.stat().st_size > MOST_AUDIT_BYTES:
            self._audit.replace(self._audit.with_suffix(".1.jsonl"))
        descriptor = os.open(self._audit, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(json.dumps(line, separators=(",", ":")) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def notes(self, most: int) -> list[dict[str, Any]]:
        """Return the latest lines of audit, the newest last."""
        try:
            lines = self._audit.read_text(encoding="utf-8").splitlines()[-most:]
        except OSError:
            return []
        found = []
        for line in lines:
            try:
                found.append(json.loads(line))
            except ValueError:
                continue
        return found
