"""What a driver must remember of its device over a restart."""

from collections.abc import Mapping
from typing import Any, Protocol


class Keepsake(Protocol):
    """One small document of one device; it is written behind, and nothing waits for it."""

    async def load(self) -> Mapping[str, Any] | None:
        """Return what was kept last; None when there is nothing, or it cannot be read."""
        ...

    def keep(self, document: Mapping[str, Any]) -> None:
        """Keep a JSON object in place of the one before; its owner writes a version into it."""
        ...


class Forgetful:
    """Keeps nothing: for a device that is only tried out."""

    async def load(self) -> Mapping[str, Any] | None:
        """Return nothing."""
        return None

    def keep(self, document: Mapping[str, Any]) -> None:
        """Forget it."""
