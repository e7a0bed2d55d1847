"""What a driver must remember of its device over a restart."""

from collections.abc import Mapping
from typing import Any, Protocol


class KeptDocument(Protocol):
    """One document of one device in the home's own store."""

    async def load(self) -> Mapping[str, Any] | None:
        """Return what was kept, None where nothing was or it cannot be read."""
        ...

    def put(self, document: Mapping[str, Any]) -> None:
        """Keep a JSON object, its version in it; it is written behind, and nobody waits."""
        ...


class NothingKept:
    """Keeps nothing: for a device that is only tried out."""

    async def load(self) -> Mapping[str, Any] | None:
        """Return nothing."""
        return None

    def put(self, document: Mapping[str, Any]) -> None:
        """Forget it."""
