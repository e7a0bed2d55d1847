"""What a resident may change, each as one step from wishes to wishes; what cannot be raises WishError.

An ``until`` (an aware UTC instant) makes a wish a passing one: it remembers what it takes the place of, and a
passing wish upon a passing one still returns to the lasting one.
"""

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from ..control.charging import ChargeMode
from .model import (
    LARGEST_POWER_W,
    BatteryWishes,
    ChargerWishes,
    Export,
    WishError,
    Wishes,
)

type Change = Callable[[Wishes], Wishes]


def with_site(wishes: Wishes, **changes: Any) -> Wishes:
    """Return the wishes with fields of the site's changed."""
    return replace(wishes, site=replace(wishes.site, **changes))


def with_device(wishes: Wishes, device_id: str, **changes: Any) -> Wishes:
    """Return the wishes with fields of a device's changed."""
    changed = replace(wishes.device(device_id), **changes)
    return replace(wishes, devices={**wishes.devices, device_id: changed})


def with_battery(wishes: Wishes, device_id: str, **changes: Any) -> Wishes:
    """Return the wishes with fields of a battery's changed."""
    changed: BatteryWishes = replace(wishes.battery(device_id), **changes)
    return replace(wishes, batteries={**wishes.batteries, device_id: changed})


def with_charger(wishes: Wishes, device_id: str, **changes: Any) -> Wishes:
    """Return the wishes with fields of a charger's changed."""
    changed: ChargerWishes = replace(wishes.charger(device_id), **changes)
    return replace(wishes, chargers={**wishes.chargers, device_id: changed})


def set_export(
    wishes: Wishes, export: Export, *, limit_w: float | None = None, until: datetime | None = None
) -> Wishes:
    """Allow, limit or forbid feeding in; ``limit_w`` None leaves the limit as it is."""
    site = wishes.site
    limit_w = site.export_limit_w if limit_w is None else _within(limit_w, 0.0, LARGEST_POWER_W)
    lasting, lasting_limit_w = site.export, site.export_limit_w
    if site.export_until is not None:
        lasting = site.export_after or Export.ALLOWED
        if site.export_limit_after_w is not None:
            lasting_limit_w = site.export_limit_after_w
    return with_site(
        wishes,
        export=export,
        export_limit_w=limit_w,
        export_until=until,
        export_after=lasting if until else None,
        export_limit_after_w=lasting_limit_w if until else None,
    )


def pause(wishes: Wishes, until: datetime | None = None) -> Wishes:
    """Leave everything alone; None is an open end."""
    return with_site(wishes, paused=True, paused_until=until)


def resume(wishes: Wishes) -> Wishes:
    """Take everything up again."""
    return with_site(wishes, paused=False, paused_until=None)


def set_away(wishes: Wishes, *, away: bool, until: datetime | None = None) -> Wishes:
    """Say that nobody is at home, or that somebody is."""
    return with_site(wishes, away=away, away_until=until if away else None)


def set_reserve(
    wishes: Wishes,
    device_id: str,
    reserve: float,
    *,
    until: datetime | None = None,
    restore: bool | None = None,
) -> Wishes:
    """Keep this state of charge (0 to 1) in a battery; ``restore`` None leaves charging back as it is."""
    battery = wishes.battery(device_id)
    lasting = battery.reserve
    if battery.reserve_until is not None and battery.reserve_after is not None:
        lasting = battery.reserve_after
    return with_battery(
        wishes,
        device_id,
        reserve=_within(reserve, 0.0, 1.0),
        reserve_until=until,
        reserve_after=lasting if until else None,
        restore_reserve=battery.restore_reserve if restore is None else restore,
    )


def set_charge_mode(
    wishes: Wishes, device_id: str, mode: ChargeMode, *, until: datetime | None = None
) -> Wishes:
    """Charge in this mode."""
    charger = wishes.charger(device_id)
    lasting = charger.mode if charger.mode_until is None else charger.mode_after
    return with_charger(wishes, device_id, mode=mode, mode_until=until, mode_after=lasting if until else None)


def set_currents(
    wishes: Wishes, device_id: str, *, min_a: float | None = None, max_a: float | None = None
) -> Wishes:
    """Set the least or the most current of a charger, per phase; None leaves it as it is."""
    charger = wishes.charger(device_id)
    least_a = charger.min_current_a if min_a is None else min_a
    most_a = charger.max_current_a if max_a is None else max_a
    if least_a is not None and most_a is not None and least_a > most_a:
        raise WishError("currents_crossed", "The least current is more than the most")
    return with_charger(wishes, device_id, min_current_a=least_a, max_current_a=most_a)


def _within(value: float, low: float, high: float) -> float:
    if not math.isfinite(value) or not low <= value <= high:
        raise WishError("out_of_range", f"{value} is not between {low} and {high}")
    return value
