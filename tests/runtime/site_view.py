"""A home as it is shown, of which a test says only what it is about."""

from collections.abc import Mapping
from datetime import datetime

from custom_components.home_flex.core.control.state import PowerBalance
from custom_components.home_flex.runtime.view import DeviceView, SiteView


def site_view(
    time: datetime, devices: Mapping[str, DeviceView], *, balance: PowerBalance | None = None
) -> SiteView:
    """Return a home in which nothing is asked and nobody is connected."""
    return SiteView(
        time=time,
        devices=devices,
        balance=balance,
        import_limit_w=None,
        export_limit_w=None,
        limit_owner=None,
        shortfall_w=0.0,
        records=(),
        active=None,
        next=None,
        participating=True,
        aggregator_connected=None,
        aggregator_reason=None,
    )
