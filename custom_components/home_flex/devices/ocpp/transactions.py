"""The transactions of one connector: their ids, which one runs, and the energy of the session."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from .meter_values import LARGEST_POWER_W

_EPOCH: Final = datetime(2020, 1, 1, tzinfo=UTC)
_REMEMBERED: Final = 8
# What was queued of one that is over has come by then; what still comes is of one that goes on.
_OVER_FOR_S: Final = 300.0
# What a transaction may have taken before anybody heard that it began.
_SLACK_WH: Final = 500.0


@dataclass(frozen=True, slots=True)
class TransactionStart:
    """What a charger says of a transaction's start: equal when it sends the same start again."""

    connector_id: int
    id_tag: str
    meter_start_wh: float
    timestamp: datetime | None


class TransactionIds:
    """Gives ids that are never given twice, by one counter for all chargers."""

    def __init__(self) -> None:
        """Have given none."""
        self._last = 0

    def next(self, now: datetime) -> int:
        """Return an id that grows with the time, so that it is new also after a restart."""
        self._last = max(self._last + 1, int((now - _EPOCH).total_seconds()))
        return self._last


@dataclass(kw_only=True)
class Transactions:
    """``running`` is the id of the one that runs; ``session_energy_wh`` is of that, or of the last one."""

    running: int | None = None
    session_energy_wh: float | None = None
    _meter_start_wh: float | None = None
    _began_s: float = 0.0
    _counts_itself: bool = False
    _last_start: TransactionStart | None = None
    _last_id: int = 0
    _starts_wh: dict[int, float] = field(default_factory=dict)
    _ended_s: dict[int, float] = field(default_factory=dict)

    def start(self, start: TransactionStart, ids: TransactionIds, now: datetime) -> int:
        """Begin one and return its id; a start that is sent again gets the id it had, and begins nothing."""
        if start == self._last_start:
            return self._last_id
        self._last_start = start
        self._last_id = ids.next(now)
        self._starts_wh = dict(
            [*self._starts_wh.items(), (self._last_id, start.meter_start_wh)][-_REMEMBERED:]
        )
        self._run(self._last_id)
        return self._last_id

    def carry_on(self, transaction_id: int, now_s: float) -> None:
        """Take over what runs by the charger's own words: begun before us, or before a queued one."""
        if transaction_id <= 0 or self.is_over(transaction_id, now_s) or transaction_id == self.running:
            return
        if self.running is None or transaction_id in self._starts_wh:
            self._run(transaction_id)

    def stop(self, transaction_id: int, meter_stop_wh: float | None, now_s: float) -> bool:
        """End one; whether it was the one that runs, which an id that was never given means too.

        A ``meterStop`` rounded below what the meter already said takes nothing back. ``now_s`` is monotonic.
        """
        is_running = self.running is not None and transaction_id in {self.running, 0, -1}
        if not is_running:
            self._note_end(transaction_id, now_s)
            return False
        if meter_stop_wh is not None:
            self.take_energy(meter_stop_wh)
        self.end(now_s)
        return True

    def end(self, now_s: float) -> None:
        """End the one that runs, if one does."""
        if self.running is not None:
            self._note_end(self.running, now_s)
            self.running = None

    def is_over(self, transaction_id: int, now_s: float) -> bool:
        """Whether this one ended a short while ago, so that what comes of it is late."""
        ended_s = self._ended_s.get(transaction_id)
        return ended_s is not None and now_s - ended_s < _OVER_FOR_S

    def _note_end(self, transaction_id: int, now_s: float) -> None:
        self._ended_s = dict([*self._ended_s.items(), (transaction_id, now_s)][-_REMEMBERED:])

    def take_energy(self, register_wh: float) -> None:
        """Take what the import register shows."""
        if self.running is not None and self._meter_start_wh is not None:
            self.session_energy_wh = max(self.session_energy_wh or 0.0, register_wh - self._meter_start_wh)

    def begin(self, now_s: float) -> None:
        """Note when the one that runs began."""
        self._began_s = now_s

    def of_lifetime_wh(self, energy_wh: float, now_s: float, *, is_its_own: bool) -> float:
        """Return a value as one of the import register.

        Some chargers tell of that with a transaction's start and stop, and in between, in values that are
        the transaction's own, what it took itself.
        """
        start_wh = self._meter_start_wh
        if self.running is None or start_wh is None:
            return energy_wh
        most_wh = LARGEST_POWER_W * max(0.0, now_s - self._began_s) / 3600.0 + _SLACK_WH
        begins = energy_wh <= min(start_wh / 2.0, most_wh)
        self._counts_itself |= begins
        return start_wh + energy_wh if begins or (self._counts_itself and is_its_own) else energy_wh

    def _run(self, transaction_id: int) -> None:
        self.running = transaction_id
        self._counts_itself = False
        self._meter_start_wh = self._starts_wh.get(transaction_id)
        self.session_energy_wh = None if self._meter_start_wh is None else 0.0
