"""What a home's energy came to in a period: counted, bought, sold and emitted, each with what is known of it.

Energies in Wh, money in the site's currency and carbon in g, exact until they are shown.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from ..core.signals import SignalKind, unit_of
from ..core.statistics import Coverage, Period, Prices, SlotSeries, energy_cost
from ..core.statistics.registers import EXPORT, IMPORT, WH, family_of, tariff_of
from ..history.series_rows import SeriesKey, Sum
from ..history.series_store import SeriesStore, Stretch
from .metered import metered

_ALL: Final = "all"


@dataclass(frozen=True, kw_only=True, slots=True)
class Amount:
    """What was counted, and how its slots are covered."""

    energy_wh: int = 0
    coverage: Coverage = field(default_factory=Coverage)

    def __add__(self, other: Amount) -> Amount:
        """Return both together."""
        return Amount(energy_wh=self.energy_wh + other.energy_wh, coverage=self.coverage + other.coverage)


@dataclass(frozen=True, kw_only=True, slots=True)
class Valued:
    """What energy is worth, or emits, exactly; slots of which that is unknown are in no sum."""

    amount: Decimal = Decimal(0)
    known_slots: int = 0
    unknown_slots: int = 0

    @property
    def known_share(self) -> float:
        """Share of the slots of which it is known, 0 to 1; 0 without any."""
        slots = self.known_slots + self.unknown_slots
        return self.known_slots / slots if slots else 0.0

    def __add__(self, other: Valued) -> Valued:
        """Return both together."""
        return Valued(
            amount=self.amount + other.amount,
            known_slots=self.known_slots + other.known_slots,
            unknown_slots=self.unknown_slots + other.unknown_slots,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """What each device counted in a period by family (``import``: of all tariffs), and what came of it.

    The home itself is the device without an id.
    """

    period: Period
    devices: Mapping[str, Mapping[str, Amount]]
    bought: Valued
    sold: Valued
    carbon_g: Valued

    def of(self, family: str) -> Amount | None:
        """Return what all devices counted under a name, None where none of them ever did."""
        found = [families[family] for families in self.devices.values() if family in families]
        return sum(found[1:], found[0]) if found else None


async def accounts(store: SeriesStore, currency: str, periods: Sequence[Period]) -> list[Account]:
    """Return the account of each period. Raises HistoryError."""
    keys = [key for key in store.keys if key.unit == WH]
    sums = await store.sums(keys, [_stretch(each) for each in periods])
    return [await _account(store, currency, each, its) for each, its in zip(periods, sums, strict=True)]


def together(parts: Sequence[Account]) -> Account:
    """Return the account of periods that follow each other. Raises ValueError without any."""
    if not parts:
        raise ValueError("A period has parts")
    devices: defaultdict[str, dict[str, Amount]] = defaultdict(dict)
    for part in parts:
        for device_id, families in part.devices.items():
            for name, amount in families.items():
                devices[device_id][name] = devices[device_id].get(name, Amount()) + amount
    return Account(
        period=Period(start=parts[0].period.start, end=parts[-1].period.end),
        devices=devices,
        bought=sum((part.bought for part in parts), Valued()),
        sold=sum((part.sold for part in parts), Valued()),
        carbon_g=sum((part.carbon_g for part in parts), Valued()),
    )


async def _account(
    store: SeriesStore, currency: str, period: Period, sums: Mapping[SeriesKey, Sum]
) -> Account:
    stretch = _stretch(period)
    imports, exports = await metered(store, IMPORT, stretch), await metered(store, EXPORT, stretch)
    told = {
        kind: await store.prices(kind, unit_of(kind, currency), period.start, period.end)
        for kind in SignalKind
    }
    # A month of slots takes longer to multiply than control may wait.
    bought, sold, carbon_g = await asyncio.to_thread(
        lambda: (
            _valued(imports, told[SignalKind.IMPORT_PRICE], stretch),
            _valued(exports, told[SignalKind.EXPORT_PRICE], stretch),
            _valued(imports, told[SignalKind.CARBON_INTENSITY], stretch),
        )
    )
    return Account(
        period=period,
        devices=_devices(sums),
        bought=bought,
        sold=sold,
        carbon_g=carbon_g,
    )


def _valued(energy: Mapping[str, SlotSeries], prices: Prices, stretch: Stretch) -> Valued:
    amount, known, unknown = energy_cost(energy, prices, stretch.first_slot, stretch.end_slot)
    return Valued(amount=amount, known_slots=known, unknown_slots=unknown)


def _devices(sums: Mapping[SeriesKey, Sum]) -> dict[str, dict[str, Amount]]:
    """Return what devices counted. One that tells nothing beside one that does is a meter that is no more."""
    registers: defaultdict[tuple[str, str], dict[str, Sum]] = defaultdict(dict)
    for key, one in sums.items():
        registers[key.device_id, family_of(key.name)][tariff_of(key.name)] = one
    amounts = {key: _of_registers(each) for key, each in registers.items()}
    speaking = {family for (_, family), each in amounts.items() if each.coverage.known_share}
    devices: defaultdict[str, dict[str, Amount]] = defaultdict(dict)
    for (device_id, family), amount in amounts.items():
        if amount.coverage.known_share or family not in speaking:
            devices[device_id][family] = amount
    return devices


def _of_registers(registers: Mapping[str, Sum]) -> Amount:
    """Return a meter's registers together: where it tells tariffs it tells no register for all of them."""
    tariffs = [one for name, one in registers.items() if name != _ALL and one.coverage.known_share]
    parts = [min((one.coverage for one in tariffs), key=lambda each: each.known_share)] if tariffs else []
    if (whole := registers.get(_ALL)) is not None:
        parts.append(whole.coverage)
    if not parts:
        parts = [one.coverage for one in registers.values()][:1]
    return Amount(
        energy_wh=sum(one.total for one in registers.values()), coverage=_one_after_the_other(parts)
    )


def _one_after_the_other(parts: Iterable[Coverage]) -> Coverage:
    """Return how slots are covered by registers of which only one speaks at a time."""
    listed = list(parts)
    found = sum(listed[1:], listed[0])
    return Coverage(
        measured=found.measured,
        interpolated=found.interpolated,
        estimated=found.estimated,
        missing=max(0, found.missing - found.slots + listed[0].slots),
    )


def _stretch(period: Period) -> Stretch:
    slots = period.slots()
    return Stretch(first_slot=slots.start, end_slot=slots.stop)
