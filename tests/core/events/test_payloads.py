"""What an interval asks, in which unit; what cannot be is refused with the field that is wrong."""

from typing import Any

import pytest

from custom_components.home_flex.core.events.model import Payload, PayloadType
from custom_components.home_flex.core.events.payloads import MAX_PAYLOADS, parse_payloads, parse_units
from custom_components.home_flex.core.events.refusal import Refusal, RefusalReason

LIMIT = {"type": "IMPORT_CAPACITY_LIMIT", "values": [2.5]}
UNKNOWN = {"type": "ALERT_GRID_EMERGENCY", "values": ["now"]}
DESCRIPTOR = {"payloadType": "IMPORT_CAPACITY_LIMIT", "units": "KW"}


def refused(values: Any, units: Any = None) -> tuple[RefusalReason, str | None]:
    with pytest.raises(Refusal) as caught:
        parse_payloads(values, parse_units(units))
    return caught.value.reason, caught.value.detail


@pytest.mark.parametrize(
    ("units", "reason", "detail"),
    [
        ({}, RefusalReason.MALFORMED, "payloadDescriptors"),
        ([1], RefusalReason.MALFORMED, "payloadDescriptors"),
        ([DESCRIPTOR] * 65, RefusalReason.MALFORMED, "payloadDescriptors"),
        ([{"payloadType": 1}], RefusalReason.MALFORMED, "payloadDescriptors.payloadType"),
        ([DESCRIPTOR | {"units": 1}], RefusalReason.MALFORMED, "payloadDescriptors.units"),
        ([DESCRIPTOR, DESCRIPTOR | {"units": "W"}], RefusalReason.WRONG_UNIT, "IMPORT_CAPACITY_LIMIT"),
        ([DESCRIPTOR | {"units": "W"}], RefusalReason.WRONG_UNIT, "IMPORT_CAPACITY_LIMIT"),
    ],
)
def test_units_that_cannot_be_are_refused_with_their_field(
    units: Any, reason: RefusalReason, detail: str
) -> None:
    assert refused([LIMIT], units) == (reason, detail)


@pytest.mark.parametrize(
    ("values", "reason", "detail"),
    [
        ({}, RefusalReason.MALFORMED, "payloads"),
        ([], RefusalReason.MALFORMED, "payloads"),
        ([UNKNOWN] * (MAX_PAYLOADS + 1), RefusalReason.MALFORMED, "payloads"),
        ([1], RefusalReason.MALFORMED, "payloads"),
        ([{"type": 1, "values": [1]}], RefusalReason.MALFORMED, "payloads.type"),
        ([{"type": "PRICE", "values": 1}], RefusalReason.MALFORMED, "payloads.values"),
        ([LIMIT | {"values": 1}], RefusalReason.WRONG_VALUE, "IMPORT_CAPACITY_LIMIT"),
        ([LIMIT | {"values": [1, 2]}], RefusalReason.WRONG_VALUE, "IMPORT_CAPACITY_LIMIT"),
        ([LIMIT | {"values": [-0.001]}], RefusalReason.OUT_OF_RANGE, "IMPORT_CAPACITY_LIMIT"),
        ([LIMIT | {"values": [1000.001]}], RefusalReason.OUT_OF_RANGE, "IMPORT_CAPACITY_LIMIT"),
        ([{"type": "SIMPLE", "values": [1.5]}], RefusalReason.OUT_OF_RANGE, "SIMPLE"),
        (
            [{"type": "CHARGE_STATE_SETPOINT", "values": [0.8]}],
            RefusalReason.WRONG_UNIT,
            "CHARGE_STATE_SETPOINT",
        ),
    ],
)
def test_commands_that_cannot_be_are_refused_with_their_field(
    values: Any, reason: RefusalReason, detail: str
) -> None:
    assert refused(values) == (reason, detail)


@pytest.mark.parametrize("count", [0, 64])
def test_as_many_units_as_an_event_may_tell_are_read(count: int) -> None:
    descriptors = [{"payloadType": f"T{number}", "units": None} for number in range(count)]
    assert parse_units(descriptors) == {f"T{number}": None for number in range(count)}


def test_as_many_payloads_as_an_interval_may_have_are_read_and_unknown_types_left_out() -> None:
    asked = parse_payloads([LIMIT, *[UNKNOWN] * (MAX_PAYLOADS - 1)], parse_units([DESCRIPTOR]))
    assert asked.payloads == (Payload(type=PayloadType.IMPORT_CAPACITY_LIMIT, value=2500.0, is_energy=False),)
    assert asked.left_out == ("ALERT_GRID_EMERGENCY",) * (MAX_PAYLOADS - 1)


PRICE = {"type": "PRICE", "values": [0.2]}


@pytest.mark.parametrize(
    ("values", "units", "pays", "left_out"),
    [
        ([LIMIT, PRICE], {}, 0.2, ()),
        ([PRICE, LIMIT], {"PRICE": "KWH"}, 0.2, ()),
        ([LIMIT, PRICE], {"PRICE": "KW"}, None, ("PRICE",)),
        ([LIMIT, PRICE | {"values": ["much"]}], {}, None, ("PRICE",)),
        ([LIMIT, PRICE, PRICE | {"values": [0.3]}], {}, 0.2, ("PRICE",)),
        ([LIMIT, UNKNOWN], {}, None, ("ALERT_GRID_EMERGENCY",)),
        ([PRICE], {}, None, ("PRICE",)),
        ([UNKNOWN, PRICE], {}, None, ("ALERT_GRID_EMERGENCY", "PRICE")),
    ],
)
def test_a_price_is_one_of_what_is_asked_beside_it(
    values: Any, units: dict[str, str | None], pays: float | None, left_out: tuple[str, ...]
) -> None:
    asked = parse_payloads(values, units)
    assert (asked.pays_per_kwh, asked.left_out) == (pays, left_out)


def test_of_one_type_there_is_one_command_in_an_interval() -> None:
    assert refused([LIMIT, LIMIT])[0] is RefusalReason.DUPLICATE_PAYLOAD_TYPE


@pytest.mark.parametrize(
    ("name", "unit", "wire", "value", "is_energy"),
    [
        ("IMPORT_CAPACITY_LIMIT", "KW", 0, 0.0, False),
        ("EXPORT_CAPACITY_LIMIT", None, 1000, 1e6, False),
        ("DISPATCH_SETPOINT", "KW", -1000, -1e6, False),
        ("CHARGE_STATE_SETPOINT", "PERCENT", 0.85, 0.85, False),
        ("CHARGE_STATE_SETPOINT", "KWH", 8.5, 8500.0, True),
        ("SIMPLE", None, 3, 3.0, False),
    ],
)
def test_a_value_is_read_in_its_unit_up_to_its_bounds(
    name: str, unit: str | None, wire: float, value: float, *, is_energy: bool
) -> None:
    (payload,) = parse_payloads([{"type": name, "values": [wire]}], {name: unit}).payloads
    assert payload == Payload(type=PayloadType(name), value=value, is_energy=is_energy)
