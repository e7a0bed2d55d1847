"""What devices were told and what came of it, row by row, as the home keeps it."""

from collections.abc import Callable, Sequence
from datetime import datetime

from ..history.store import LedgerEntry
from .journal import Journal


class Ledger:
    """Collects the rows of a tick and hands them to the journal; ``listener`` is told of each at once."""

    def __init__(self, journal: Journal) -> None:
        """Start with no row."""
        self.listener: Callable[[LedgerEntry], None] | None = None
        self._journal = journal
        self._rows: list[LedgerEntry] = []

    def note(self, entry: LedgerEntry) -> None:
        """Collect a row; written with the others of this tick."""
        self._rows.append(entry)
        if self.listener is not None:
            self.listener(entry)

    def write(self) -> None:
        """Hand what was collected to the journal, which writes behind."""
        rows, self._rows = self._rows, []
        self._journal.append_ledger(rows)

    async def rows(
        self, limit: int, *, since: datetime | None = None, device_id: str | None = None
    ) -> Sequence[LedgerEntry]:
        """Return the newest rows, of one device where that is named."""
        return await self._journal.store.ledger(since, limit, device_id)
