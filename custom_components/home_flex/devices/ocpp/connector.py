"""What is known of the charger's connector: status, meter, transaction."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from ...core.model import ChargerReading, ChargerStatus
from .meter_values import MeterSample
from .register import EnergyRegister
from .set_back import SetBack
from .settings import ChargerSettings

_OCCUPIED: Final = frozenset(ChargerStatus) - {
    ChargerStatus.AVAILABLE,
    ChargerStatus.RESERVED,
    ChargerStatus.UNAVAILABLE,
    ChargerStatus.FAULTED,
}
_TRANSACTION_ID_EPOCH: Final = datetime(2020, 1, 1, tzinfo=UTC)
# A value that was measured longer after a status than this was so by a clock that has been set since.
_LONGEST_AFTER: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class TransactionStart:
    """What a charger says of a transaction's start: equal when it sends the same start again."""

    connector_id: int
    id_tag: str
    meter_start_wh: int
    timestamp: datetime | None


@dataclass(kw_only=True)
class Connector:
    """Connector 1 of a charger. The charger's times are only compared to each other."""

    settings: ChargerSettings
    status: ChargerStatus | None = None
    power_w: float = 0.0
    is_sampled: bool = False
    phase_current_a: tuple[float, ...] = ()
    transaction_id: int | None = None
    session_energy_wh: float | None = None
    ignored_values: int = 0
    _register: EnergyRegister = field(default_factory=EnergyRegister)
    _set_back: SetBack = field(default_factory=SetBack)
    _meter_start_wh: float | None = None
    _last_start: TransactionStart | None = None
    _last_id: int = 0
    _sampled: datetime | None = None
    _stopped: datetime | None = None

    @property
    def is_occupied(self) -> bool:
        """Whether a vehicle is there, or may be."""
        return self.transaction_id is not None or self.status in _OCCUPIED

    def boot(self) -> None:
        """Note that the charger started anew: its energy register may begin elsewhere."""
        self._register.restart()

    def take_status(self, status: ChargerStatus, time: datetime | None) -> None:
        """Take a new status; when not charging the power is zero, unless the meter said otherwise later."""
        self.status = status
        if status is ChargerStatus.CHARGING:
            self._stopped = None
        elif not _is_later(self._sampled, time) or not _is_later(_after(time), self._sampled):
            self._stopped = time
            self.power_w = 0.0
            self.phase_current_a = tuple(0.0 for _ in self.phase_current_a)

    def take_sample(self, sample: MeterSample, now: datetime) -> None:
        """Take a sample that arrived at ``now``; measured before the charging stopped, it moves no power."""
        self.is_sampled = True
        self.ignored_values += sample.ignored
        if sample.energy_wh is not None:
            self._take_energy(sample.energy_wh, now)
        if self._is_late(sample.time, now):
            return
        self._sampled = sample.time
        if sample.power_w is not None:
            self.power_w = sample.power_w
        if sample.phase_current_a:
            self.phase_current_a = sample.phase_current_a

    def start_transaction(self, start: TransactionStart, now: datetime) -> int:
        """Return the id for a transaction; a start that is sent again gets the id it had.

        Ids grow with the time, so that one is never given twice across restarts.
        """
        if start != self._last_start:
            self._last_start = start
            self._last_id = max(self._last_id + 1, int((now - _TRANSACTION_ID_EPOCH).total_seconds()))
            if start.connector_id == 1:
                self.transaction_id = self._last_id
                self._meter_start_wh = float(start.meter_start_wh)
                self.session_energy_wh = 0.0
                self._register.restart()
        return self._last_id

    def continue_transaction(self, transaction_id: int) -> None:
        """Take over a transaction that began before we did."""
        if self.transaction_id is None and transaction_id > 0 and transaction_id != self._last_id:
            self.transaction_id = transaction_id
            self._meter_start_wh = None
            self.session_energy_wh = None

    def stop_transaction(self, transaction_id: int, meter_stop_wh: int | None) -> None:
        """End a transaction; a ``meterStop`` rounded below what the meter already said takes nothing back."""
        if meter_stop_wh is not None and transaction_id == self.transaction_id:
            self._take_session_energy(float(meter_stop_wh))
        if transaction_id == self.transaction_id:
            self._last_id = max(self._last_id, transaction_id)
            self.transaction_id = None

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
            energy_wh=self._register.energy_wh,
            session_energy_wh=self.session_energy_wh,
            transaction_id=self.transaction_id,
        )

    def _is_late(self, time: datetime | None, now: datetime) -> bool:
        """Whether something newer was told before, by a clock that was not set back since."""
        is_old = _is_later(self._sampled, time) or _is_later(self._stopped, time)
        if time is None or not is_old:
            self._set_back.forget()
            return is_old
        if not self._set_back.shows(time, now):
            return True
        self._stopped = None
        return False

    def _likely_status(self) -> ChargerStatus:
        """Return what the status must be while the charger has told none."""
        if self.power_w > 0.0:
            return ChargerStatus.CHARGING
        return ChargerStatus.AVAILABLE if self.transaction_id is None else ChargerStatus.PREPARING

    def _take_energy(self, energy_wh: float, now: datetime) -> None:
        if self._register.take(energy_wh, now, self.settings.max_power_w):
            self._take_session_energy(energy_wh)
        else:
            self.ignored_values += 1

    def _take_session_energy(self, energy_wh: float) -> None:
        if self.transaction_id is not None and self._meter_start_wh is not None:
            self.session_energy_wh = max(self.session_energy_wh or 0.0, energy_wh - self._meter_start_wh)


def _after(time: datetime | None) -> datetime | None:
    try:
        return None if time is None else time + _LONGEST_AFTER
    except OverflowError:
        return None


def _is_later(time: datetime | None, than: datetime | None) -> bool:
    """Whether both are known and the first is later."""
    return time is not None and than is not None and time > than
