"""When wishes end by themselves, and what is left of them then."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from ..control.charging import ChargeMode
from .model import AfterUnplug, BatteryWishes, ChargerWishes, Export, SiteWishes, Wishes
from .ready_by import OVERDUE


@dataclass(frozen=True, kw_only=True, slots=True)
class Ended:
    """A wish that ended: its name, its device (empty: the site's) and when it was to end."""

    wish: str
    device_id: str
    at: datetime


def next_change(wishes: Wishes) -> datetime | None:
    """Return the nearest end of a wish, also one that has passed; None when nothing ends by itself."""
    return min((end.at for end in _ends(wishes)), default=None)


def expired(wishes: Wishes, now: datetime) -> tuple[Wishes, tuple[Ended, ...]]:
    """Return what is left of the wishes at ``now``, and which of them ended, earliest first."""
    ended = tuple(sorted((end for end in _ends(wishes) if end.at <= now), key=lambda end: end.at))
    if not ended:
        return wishes, ()
    return (
        replace(
            wishes,
            site=_site(wishes.site, now),
            batteries={each: _battery(battery, now) for each, battery in wishes.batteries.items()},
            chargers={each: _charger(charger, now) for each, charger in wishes.chargers.items()},
        ),
        ended,
    )


def unplugged(charger: ChargerWishes, now: datetime) -> ChargerWishes:
    """Return the wishes after the vehicle has left, proven: what belonged to its session ends.

    A deadline it was working on is settled; the weekly ones to come, and the mode unless told, stay.
    """
    after = replace(
        charger,
        charge_now=False,
        session_limit_wh=None,
        ready_by=replace(charger.ready_by, once=None, settled=now),
    )
    if charger.after_unplug is AfterUnplug.KEEP:
        return after
    return replace(after, mode=ChargeMode(charger.after_unplug), mode_until=None, mode_after=None)


def plugged(charger: ChargerWishes, now: datetime) -> ChargerWishes:
    """Return the wishes after a vehicle came: a deadline that passed without it is no longer due."""
    ready_by = charger.ready_by
    once = ready_by.once if ready_by.once and ready_by.once.at > now else None
    return replace(charger, ready_by=replace(ready_by, once=once, settled=now))


def settled(charger: ChargerWishes, at: datetime) -> ChargerWishes:
    """Return the wishes after all targets up to the deadline ``at`` were reached: later ones are not over."""
    once = charger.ready_by.once
    return replace(
        charger,
        ready_by=replace(charger.ready_by, settled=at, once=once if once and once.at > at else None),
    )


def _ends(wishes: Wishes) -> Iterator[Ended]:
    site = wishes.site
    for wish, until in (
        ("export", site.export_until),
        ("paused", site.paused_until),
        ("away", site.away_until),
    ):
        if until is not None:
            yield Ended(wish=wish, device_id="", at=until)
    for device_id, battery in wishes.batteries.items():
        if battery.reserve_until is not None:
            yield Ended(wish="reserve", device_id=device_id, at=battery.reserve_until)
    for device_id, charger in wishes.chargers.items():
        if charger.mode_until is not None:
            yield Ended(wish="charge_mode", device_id=device_id, at=charger.mode_until)
        if (once := charger.ready_by.once) is not None:
            yield Ended(wish="ready_by", device_id=device_id, at=once.at + OVERDUE)


def _passed(until: datetime | None, now: datetime) -> bool:
    return until is not None and until <= now


def _site(site: SiteWishes, now: datetime) -> SiteWishes:
    if _passed(site.export_until, now):
        limit_w = site.export_limit_after_w
        site = replace(
            site,
            export=site.export_after or Export.ALLOWED,
            export_limit_w=site.export_limit_w if limit_w is None else limit_w,
            export_until=None,
            export_after=None,
            export_limit_after_w=None,
        )
    if _passed(site.paused_until, now):
        site = replace(site, paused=False, paused_until=None)
    if _passed(site.away_until, now):
        site = replace(site, away=False, away_until=None)
    return site


def _battery(battery: BatteryWishes, now: datetime) -> BatteryWishes:
    if not _passed(battery.reserve_until, now):
        return battery
    reserve = battery.reserve if battery.reserve_after is None else battery.reserve_after
    return replace(battery, reserve=reserve, reserve_until=None, reserve_after=None)


def _charger(charger: ChargerWishes, now: datetime) -> ChargerWishes:
    if _passed(charger.mode_until, now):
        charger = replace(charger, mode=charger.mode_after, mode_until=None, mode_after=None)
    once = charger.ready_by.once
    if once is not None and once.at + OVERDUE <= now:
        charger = replace(charger, ready_by=replace(charger.ready_by, once=None))
    return charger
