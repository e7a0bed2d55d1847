"""What is known of one connector of a charger: status, meter, transaction."""

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from ...core.model import ChargerReading, ChargerStatus
from .backlog import Backlog
from .meter import Meter
from .meter_values import LARGEST_POWER_W, MeterSample
from .register import EnergyRegister
from .settings import ChargerSettings
from .transactions import Transactions

_LOGGER = logging.getLogger(__name__)

_OCCUPIED: Final = frozenset(ChargerStatus) - {
    ChargerStatus.AVAILABLE,
    ChargerStatus.RESERVED,
    ChargerStatus.UNAVAILABLE,
    ChargerStatus.FAULTED,
}
_NAMES: Final = 8
# A sample that was under way when the charging stopped comes this much later at most.
_UNDER_WAY_S: Final = 10.0


@dataclass(kw_only=True)
class Connector:
    """A connector of a charger. What arrived last counts: its own times are no measure of what is new.

    ``now_s`` is monotonic. ``wire_id`` is the number by which the charger calls the connector,
    ``transaction_numbers`` are our numbers of transactions by the charger's own names (OCPP 2.0.1), and
    ``event_numbers`` its numbers of the newest event of each; ``fault`` is what it says is wrong, if
    anything.
    """

    settings: ChargerSettings
    wire_id: int = 1
    transaction_numbers: dict[str, int] = field(default_factory=dict)
    event_numbers: dict[str, int] = field(default_factory=dict)
    status: ChargerStatus | None = None
    fault: str | None = None
    ignored_values: int = 0
    sampled_s: float | None = None
    told_time: datetime | None = None
    transactions: Transactions = field(default_factory=Transactions)
    _meter: Meter = field(init=False)
    _register: EnergyRegister = field(default_factory=EnergyRegister)
    _backlog: Backlog = field(default_factory=Backlog)
    _stopped_s: float | None = None
    _is_still: bool = True
    _told_at_s: float = 0.0

    def __post_init__(self) -> None:
        """Have a meter for the phases it is wired to."""
        self._meter = Meter(self.settings.phases)

    @property
    def power_w(self) -> float:
        """What it draws; nothing once it said that it stopped, until it is measured again."""
        return 0.0 if self._is_still else self._meter.power_w

    @property
    def phase_current_a(self) -> tuple[float, ...]:
        """What it draws by phase, empty while that was never told."""
        currents = self._meter.phase_current_a
        return tuple(0.0 for _ in currents) if self._is_still else currents

    def its_time(self, now_s: float) -> datetime | None:
        """Return what the charger's own clock shows now; None while it told no time."""
        if self.told_time is None:
            return None
        try:
            return self.told_time + timedelta(seconds=now_s - self._told_at_s)
        except OverflowError:
            return None

    @property
    def active_phases(self) -> int | None:
        """On how many phases it is measured to draw; None while it draws nothing or tells none."""
        return sum(current > 1.0 for current in self.phase_current_a) or None

    @property
    def transaction_name(self) -> str | None:
        """The charger's own name for the transaction that runs."""
        running = self.transactions.running
        return next((name for name, number in self.transaction_numbers.items() if number == running), None)

    def name_transaction(self, name: str, number: int) -> None:
        """Remember a transaction's name beside our number of it."""
        self.transaction_numbers = dict([*self.transaction_numbers.items(), (name, number)][-_NAMES:])

    def is_newest_event(self, name: str, number: int) -> bool:
        """Note an event of a transaction; whether none with a higher number came before it.

        Chargers tell again what was not answered, and what they kept, out of their order (OCPP 2.0.1 E04).
        """
        if number < self.event_numbers.get(name, number):
            return False
        self.event_numbers.pop(name, None)
        self.event_numbers = dict([*self.event_numbers.items(), (name, number)][-_NAMES:])
        return True

    @property
    def is_occupied(self) -> bool:
        """Whether a vehicle is there, or may be."""
        return self.transactions.running is not None or self.status in _OCCUPIED

    @property
    def is_charging(self) -> bool:
        """Whether it may draw now, by its own words."""
        return self.status is ChargerStatus.CHARGING or self.transactions.running is not None

    def connect(self) -> None:
        """Note that the charger has come back: what it queued comes first."""
        self._backlog.connected()

    def boot(self, now_s: float) -> None:
        """Note that the charger started anew: it draws nothing, and its register may begin elsewhere."""
        self._register.restart()
        self._backlog.connected()
        self.event_numbers = {}
        self._stand_still(now_s)

    def take_status(self, status: ChargerStatus, now_s: float) -> None:
        """Take a new status: when not charging the power is zero, and without a vehicle nothing runs."""
        self.status = status
        if status is ChargerStatus.CHARGING:
            self._stopped_s = None
        else:
            self._stand_still(now_s)
        if status is ChargerStatus.AVAILABLE:
            self.transactions.end(now_s)

    def take_sample(self, sample: MeterSample, transaction_id: int | None, now_s: float) -> bool:
        """Take a sample that arrived at ``now_s``; whether it tells what is drawn now.

        One of a transaction that is over, or that the charger queued, moves no power and no register.
        """
        self.ignored_values += sample.ignored
        is_over = transaction_id is not None and self.transactions.is_over(transaction_id, now_s)
        if self._backlog.is_late(sample.time, now_s) or is_over:
            return False
        if sample.energy_wh is not None:
            self._take_energy(sample.energy_wh, now_s, is_its_own=transaction_id is not None)
        self._meter.take(sample.values, now_s)
        self.told_time, self._told_at_s = sample.time, now_s
        if not self._meter.is_told:
            return True
        self.sampled_s = now_s
        self._register.draw(self._meter.power_w, now_s)
        if self._stopped_s is None or now_s - self._stopped_s > _UNDER_WAY_S:
            self._is_still = False
        return True

    def take_last_samples(self, samples: list[MeterSample], now_s: float) -> None:
        """Take what a transaction's end tells of the whole of it: its energy."""
        for sample in samples:
            self.ignored_values += sample.ignored
            if sample.energy_wh is not None:
                self._take_energy(sample.energy_wh, now_s, is_its_own=True)

    def stop_transaction(self, transaction_id: int, meter_stop_wh: float | None, now_s: float) -> None:
        """End a transaction: from then on nothing is drawn, until it is measured again."""
        if self.transactions.stop(transaction_id, meter_stop_wh, now_s):
            self._stand_still(now_s)

    def begin_transaction(self, now_s: float) -> None:
        """Note that a transaction began: some chargers count each from zero."""
        self._register.restart()
        self.transactions.begin(now_s)
        self._stopped_s = None

    def reading(self, now: datetime, current_limit_a: float | None, phases: int) -> ChargerReading:
        """Return the connector at ``now``; ``phases`` is how many it was told to connect."""
        return ChargerReading(
            time=now,
            power_w=self.power_w,
            status=self.status or self._likely_status(),
            phases=phases,
            min_current_a=self.settings.min_current_a,
            max_current_a=self.settings.max_current_a,
            current_limit_a=current_limit_a,
            phase_current_a=self.phase_current_a,
            energy_wh=None if self._register.is_behind else self._register.energy_wh,
            session_energy_wh=None if self._register.is_behind else self.transactions.session_energy_wh,
            transaction_id=self.transactions.running,
        )

    def _stand_still(self, now_s: float) -> None:
        self._stopped_s = now_s
        self._is_still = True

    def _likely_status(self) -> ChargerStatus:
        """Return what the status must be while the charger has told none."""
        if self.power_w > 0.0:
            return ChargerStatus.CHARGING
        return ChargerStatus.AVAILABLE if self.transactions.running is None else ChargerStatus.PREPARING

    def _take_energy(self, told_wh: float, now_s: float, *, is_its_own: bool) -> None:
        energy_wh = self.transactions.of_lifetime_wh(told_wh, now_s, is_its_own=is_its_own)
        was_behind = self._register.is_behind
        if self._register.take(energy_wh, now_s, LARGEST_POWER_W):
            self.transactions.take_energy(energy_wh)
        else:
            self.ignored_values += 1
        if self._register.is_behind and not was_behind:
            _LOGGER.warning(
                "Charger %s counts next to nothing of the energy that it draws: its register is not believed",
                self.settings.identity,
            )
