"""A home as it is shown, of which a test says only what it is about."""

from collections.abc import Mapping
from datetime import datetime

from custom_components.home_flex.core.control.memory import Judgement
from custom_components.home_flex.core.control.state import PowerBalance
from custom_components.home_flex.core.model import DeviceKind, Reading, Setpoint
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


def device_view(
    kind: DeviceKind,
    reading: Reading | None = None,
    *,
    device_id: str = "one",
    link_reason: str | None = None,
    setpoint: Setpoint | None = None,
    reserve: float = 0.0,
) -> DeviceView:
    """Return a device of which nothing is asked and nothing known beside what is given."""
    return DeviceView(
        device_id=device_id,
        kind=kind,
        name=device_id,
        reading=reading,
        identity=None,
        link_reason=link_reason,
        setpoint=setpoint,
        judgement=Judgement.UNKNOWN,
        charge_now=False,
        reserve=reserve,
    )
