"""Warnings that could come by the thousand: the first of a kind is said, the others are counted."""

import logging
from collections.abc import Callable
from typing import Final

SAY_EVERY_S: Final = 3600.0


class SeldomWarnings:
    """Says a warning of each kind at most once an hour, with how many there were since."""

    def __init__(self, logger: logging.Logger, monotonic_s: Callable[[], float]) -> None:
        """Start with nothing said."""
        self._logger = logger
        self._monotonic_s = monotonic_s
        self._said: dict[str, tuple[float, int]] = {}

    def warn(self, kind: str, message: str, *, exc_info: bool = False) -> None:
        """Say or count a warning, with the traceback of the exception at hand; ``kind`` is one of few."""
        now_s = self._monotonic_s()
        said_s, count = self._said.get(kind, (-SAY_EVERY_S, 0))
        if now_s - said_s < SAY_EVERY_S:
            self._said[kind] = (said_s, count + 1)
            return
        self._said[kind] = (now_s, 0)
        counted = f" ({count} more of these since the last)" if count else ""
        self._logger.warning("%s%s", message, counted, exc_info=exc_info)
