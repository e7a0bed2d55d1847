"""What a home can do at all."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from custom_components.home_flex.core.events.model import Payload, PayloadType
from custom_components.home_flex.core.events.possible import SiteEnvelope, is_possible, site_envelope
from custom_components.home_flex.core.model import BatteryReading, MeterReading, Site

from .samples import make_event

SITE = Site(
    name="Home",
    currency="EUR",
    phases=3,
    main_fuse_a=25.0,
    import_price_per_kwh=Decimal("0.30"),
    export_price_per_kwh=Decimal("0.08"),
)
TIME = datetime(2026, 11, 21, 12, tzinfo=UTC)
BATTERY = BatteryReading(
    time=TIME, power_w=0.0, state_of_charge=0.5, capacity_wh=10_000, max_charge_w=5000, max_discharge_w=5000
)
ENVELOPE = SiteEnvelope(low_w=-17_250, high_w=17_250, storage_wh=10_000)
SETPOINT, RELATIVE = PayloadType.DISPATCH_SETPOINT, PayloadType.DISPATCH_SETPOINT_RELATIVE
CHARGE = PayloadType.CHARGE_STATE_SETPOINT


@pytest.mark.parametrize(
    ("kind", "value", "is_energy", "storage_wh", "expected"),
    [
        (SETPOINT, 17_250, False, 10_000, True),
        (SETPOINT, 17_251, False, 10_000, False),
        (SETPOINT, -17_250, False, 10_000, True),
        (SETPOINT, -17_251, False, 10_000, False),
        (RELATIVE, -34_500, False, 10_000, True),
        (RELATIVE, -34_501, False, 10_000, False),
        (RELATIVE, 34_501, False, 10_000, False),
        (CHARGE, 0.8, False, 10_000, True),
        (CHARGE, 0.8, False, 0, False),
        (CHARGE, 0.8, False, 0.5, True),
        (CHARGE, 0.8, False, None, True),
        (CHARGE, 10_000, True, 10_000, True),
        (CHARGE, 10_001, True, 10_000, False),
        (CHARGE, 10_001, True, None, True),
        (PayloadType.IMPORT_CAPACITY_LIMIT, 0, False, 0, True),
        (PayloadType.EXPORT_CAPACITY_LIMIT, 1e6, False, 0, True),
        (PayloadType.SIMPLE, 3, False, 0, True),
    ],
)
def test_what_neither_fuse_nor_batteries_allow_is_not_possible(
    kind: PayloadType, value: float, is_energy: bool, storage_wh: float | None, expected: bool
) -> None:
    event = make_event()
    payload = Payload(type=kind, value=value, is_energy=is_energy)
    event = replace(event, intervals=(replace(event.intervals[0], payloads=(payload,)),))
    assert is_possible(event, replace(ENVELOPE, storage_wh=storage_wh)) is expected


def test_one_impossible_command_makes_the_event_impossible() -> None:
    event = make_event()
    late = replace(event.intervals[0], payloads=(Payload(type=SETPOINT, value=500_000.0),))
    assert not is_possible(replace(event, intervals=(event.intervals[0], late)), ENVELOPE)


@pytest.mark.parametrize(
    ("readings", "batteries", "storage_wh"),
    [([BATTERY], 1, 10_000), ([BATTERY, BATTERY], 2, 20_000), ([BATTERY, None], 2, None), ([], 0, 0)],
)
def test_the_envelope_is_the_fuse_and_the_batteries_once_all_were_read(
    readings: list[BatteryReading | None], batteries: int, storage_wh: float | None
) -> None:
    meter = MeterReading(time=TIME, power_w=0.0)
    envelope = site_envelope(SITE, [meter, *readings], batteries=batteries)
    assert envelope == replace(ENVELOPE, storage_wh=storage_wh)
