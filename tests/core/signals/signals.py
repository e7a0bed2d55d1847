"""Signals as tests write them."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from custom_components.home_flex.core.signals import Signal, SignalKind, Slot

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)


def slots(
    values: Iterable[str], *, start: datetime = NOON, minutes: int = 60, guessed: bool = False
) -> tuple[Slot, ...]:
    """Return slots of one length that follow each other, known since noon."""
    length = timedelta(minutes=minutes)
    return tuple(
        Slot(
            start=start + index * length,
            end=start + (index + 1) * length,
            value=Decimal(value),
            known_at=NOON,
            source="exchange",
            guessed=guessed,
        )
        for index, value in enumerate(values)
    )


def prices(*slots: Slot) -> Signal:
    """Return an import price of these slots."""
    return Signal(kind=SignalKind.IMPORT_PRICE, unit="EUR/kWh", slots=slots)
