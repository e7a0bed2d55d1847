"""The volume Home Assistant keeps its state on, and what we remember there about it."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from home_common.files import PRIVATE, PUBLIC, write_whole

_OWN_FOLDER = ".home_start"


class VolumeError(Exception):
    """The volume cannot be brought forward; the message says why in one line."""


@dataclass(kw_only=True, slots=True)
class VolumeState:
    """What was done to a volume: its version, the hash of each file we wrote, and whom we made it trust."""

    version: int = 0
    written: dict[str, str] = field(default_factory=dict)
    trusted_proxies: list[str] = field(default_factory=list)


class Volume:
    """A folder, written to so that a power cut leaves each file either old or new."""

    def __init__(self, folder: Path) -> None:
        """Use ``folder``, which must exist."""
        self.folder = folder
        self._state_file = self.own("volume")

    def own(self, name: str) -> Path:
        """Return where we keep something of ours."""
        return self.folder / _OWN_FOLDER / f"{name}.state"

    @property
    def owner_token(self) -> Path:
        """Where the agent's token is kept: no more of a secret than the keys of all log-ins beside it."""
        return self.own("owner_token")

    def store(self, key: str) -> Path:
        """Return where Home Assistant keeps its store ``key``."""
        return self.folder / ".storage" / key

    def load_store(self, key: str) -> dict[str, Any] | None:
        """Return a store, None when there is none. Raises VolumeError when it is damaged."""
        return read_json(self.store(key))

    def save_store(self, key: str, document: dict[str, Any]) -> None:
        """Replace a store, while Home Assistant does not run; only it may read it."""
        write_text(self.store(key), json.dumps(document, indent=2), mode=PRIVATE)

    @contextmanager
    def state(self) -> Iterator[VolumeState]:
        """Give what is remembered, and keep what was changed about it."""
        state = VolumeState(**(read_json(self._state_file) or {}))
        before = deepcopy(state)
        yield state
        if state != before:
            write_text(self._state_file, json.dumps(asdict(state), indent=2))


def digest(content: bytes) -> str:
    """Return the SHA-256 of a file's content in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def read_json(path: Path) -> dict[str, Any] | None:
    """Return the object in a file, None when there is none. Raises VolumeError when it is damaged."""
    try:
        document = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise VolumeError(f"{path} is not JSON") from error
    if not isinstance(document, dict):
        raise VolumeError(f"{path} holds no object")
    return document


def write_text(path: Path, text: str, *, mode: int = PUBLIC) -> None:
    """Replace a file at once and durably, in a folder that may be new."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, text, mode=mode)
