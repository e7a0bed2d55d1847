"""What the wishes ask of control, and whom each device may be steered by.

Sign: positive = consumption. A standing demand has no foreseeable end, also where its wish has one.
"""

import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from ..control.demand import SITE, Demand, Envelope, device
from ..model import Owner
from .model import DeviceWishes, Export, SiteWishes, Wishes


@dataclass(frozen=True, kw_only=True, slots=True)
class Reach:
    """How far down the order of control a device may be steered: to ``last``, by nobody when that is None.

    ``wish`` names the wish that says so, None when every line may.
    """

    last: Owner | None = Owner.PLAN
    wish: str | None = None

    def admits(self, owner: Owner) -> bool:
        """Whether this line may write to the device."""
        return self.last is not None and owner <= self.last


NOBODY = Reach(last=None, wish="managed")
_PAUSED = Reach(last=Owner.GRID_OPERATOR, wish="paused")
_BY_HAND = Reach(last=Owner.DEVICE_SAFETY, wish="automatic")
_QUIET = Reach(last=Owner.DEVICE_SAFETY, wish="quiet")


def reach(wishes: Wishes, device_id: str, *, quiet: bool = False) -> Reach:
    """Return by whom a device may be steered: the narrowest wish counts.

    ``quiet``: its own times say that it is not to be disturbed, as its switch may, too.
    """
    asked: DeviceWishes = wishes.device(device_id)
    if not asked.managed:
        return NOBODY
    if wishes.site.paused:
        return _PAUSED
    if not asked.automatic:
        return _BY_HAND
    return _QUIET if asked.quiet or quiet else Reach()


def demands(wishes: Wishes, charger_ids: Collection[str]) -> tuple[Demand, ...]:
    """Return what the resident demands of the site and of these chargers; nothing while all is paused."""
    if wishes.site.paused:
        return ()
    return (
        *_export(wishes.site),
        *(
            Demand(
                owner=Owner.RESIDENT,
                scope=device(each),
                asks=Envelope(low_w=math.inf),
                reason="charge_now",
                source_id="charge_now",
                standing=True,
            )
            for each in charger_ids
            if wishes.charger(each).charge_now
        ),
    )


def export_limit_w(site: SiteWishes) -> float | None:
    """Return how much may be fed in, zero or positive; None when as much as there is."""
    match site.export:
        case Export.ALLOWED:
            return None
        case Export.LIMITED:
            return site.export_limit_w
        case Export.NEVER:
            return 0.0


def _export(site: SiteWishes) -> Iterable[Demand]:
    limit_w = export_limit_w(site)
    if limit_w is not None:
        until: datetime | None = site.export_until
        yield Demand(
            owner=Owner.RESIDENT,
            scope=SITE,
            asks=Envelope(low_w=0.0 - limit_w),
            reason="export",
            source_id="export",
            until=until,
            standing=True,
        )
