"""What was set up in this home once: what a person then removes or changes is not brought back."""

import asyncio
import json
from pathlib import Path

from ..volume import Volume, read_json, write_text
from .api import eventually

_STORE_PATIENCE_S = 15.0


class Memory:
    """Names of what was set up, each with a fingerprint of what it was set up with."""

    def __init__(self, volume: Volume) -> None:
        """Read what is known."""
        self._volume = volume
        self._path: Path = volume.own("provisioned")
        self._known: dict[str, str] = read_json(self._path) or {}

    def __contains__(self, name: str) -> bool:
        """Whether this was set up before."""
        return name in self._known

    def fingerprint(self, name: str) -> str | None:
        """Return what it was set up with."""
        return self._known.get(name)

    def keep(self, name: str, fingerprint: str = "") -> None:
        """Remember that this is set up."""
        if self._known.get(name) != fingerprint:
            self._known[name] = fingerprint
            write_text(self._path, json.dumps(self._known, indent=2))

    def keep_owner_token(self, token: str) -> None:
        """Keep the agent's token with the volume, so that it comes with a backup as the owner does."""
        path = self._volume.owner_token
        if not path.exists() or path.read_text() != token:
            write_text(path, token, mode=0o600)

    async def stored(self, key: str, *words: str, timeout_s: float = _STORE_PATIENCE_S) -> bool:
        """Return whether Home Assistant's store ``key`` soon holds all ``words``: it writes late."""
        path = self._volume.store(key)

        def holds() -> bool:
            text = path.read_text() if path.exists() else ""
            return all(f'"{word}"' in text for word in words)

        async def look() -> bool:
            return await asyncio.to_thread(holds)

        return await eventually(look, timeout_s=timeout_s)
