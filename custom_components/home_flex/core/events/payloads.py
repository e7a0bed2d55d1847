"""The commands of an interval: which types, in which unit, within which range; and what they pay.

Sources: OpenADR 3.1.1 enumerations event-interval-payloads and units (PERCENT is a fraction).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from .fields import JsonObject, finite_number, json_array, json_object, text
from .model import Payload, PayloadType
from .prices import PRICE, price_per_kwh
from .refusal import Refusal, RefusalReason

MAX_POWER_W: Final = 1e6
MAX_ENERGY_WH: Final = 1e6
MAX_PAYLOADS: Final = 16
_MAX_DESCRIPTORS: Final = 64


@dataclass(frozen=True, kw_only=True, slots=True)
class Scale:
    """How a wire value becomes ours: its factor, its range after that, and whether it is energy or whole."""

    factor: float = 1.0
    minimum: float
    maximum: float
    is_energy: bool = False
    whole: bool = False


_LIMIT: Final = Scale(factor=1000, minimum=0, maximum=MAX_POWER_W)
_SETPOINT: Final = Scale(factor=1000, minimum=-MAX_POWER_W, maximum=MAX_POWER_W)

# By payload type, then by unit; None is the unit of a payload without descriptor. A state of charge has no
# default: 0.8 could be 80 % or 0.8 kWh.
SCALES: Final[Mapping[PayloadType, Mapping[str | None, Scale]]] = {
    PayloadType.IMPORT_CAPACITY_LIMIT: {None: _LIMIT, "KW": _LIMIT},
    PayloadType.EXPORT_CAPACITY_LIMIT: {None: _LIMIT, "KW": _LIMIT},
    PayloadType.DISPATCH_SETPOINT: {None: _SETPOINT, "KW": _SETPOINT},
    PayloadType.DISPATCH_SETPOINT_RELATIVE: {None: _SETPOINT, "KW": _SETPOINT},
    PayloadType.CHARGE_STATE_SETPOINT: {
        "PERCENT": Scale(minimum=0, maximum=1),
        "KWH": Scale(factor=1000, minimum=0, maximum=MAX_ENERGY_WH, is_energy=True),
    },
    PayloadType.SIMPLE: {None: Scale(minimum=0, maximum=3, whole=True)},
}


def parse_units(descriptors: object) -> dict[str, str | None]:
    """Return the unit of each payload type from an event's payloadDescriptors (absent: none told)."""
    if descriptors is None:
        return {}
    units: dict[str, str | None] = {}
    entries = json_array(descriptors, "payloadDescriptors")
    if len(entries) > _MAX_DESCRIPTORS:
        raise Refusal(RefusalReason.MALFORMED, "payloadDescriptors")
    for entry in entries:
        descriptor = json_object(entry, "payloadDescriptors")
        payload_type = text(descriptor.get("payloadType"), "payloadDescriptors.payloadType")
        unit = descriptor.get("units")
        unit = None if unit is None else text(unit, "payloadDescriptors.units")
        if units.setdefault(payload_type, unit) != unit:
            raise Refusal(RefusalReason.WRONG_UNIT, payload_type)
    return units


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """The commands of an interval, the types that Home Flex does not act on, and what a kWh of it pays."""

    payloads: tuple[Payload, ...]
    left_out: tuple[str, ...]
    pays_per_kwh: float | None


def parse_payloads(values: object, units: Mapping[str, str | None]) -> Asked:
    """Return what is asked in one interval, each command at most once.

    There are 1 to 16 payloads of all types together. Raises Refusal.
    """
    entries = json_array(values, "payloads")
    if not 1 <= len(entries) <= MAX_PAYLOADS:
        raise Refusal(RefusalReason.MALFORMED, "payloads")
    payloads, left_out, pays = [], [], None
    for entry in entries:
        payload = json_object(entry, "payloads")
        name = text(payload.get("type"), "payloads.type")
        if name in PayloadType:
            payloads.append(_parse_payload(PayloadType(name), payload, units))
            continue
        values = json_array(payload.get("values"), "payloads.values")
        if name == PRICE and pays is None and (price := price_per_kwh(values, units.get(PRICE))) is not None:
            pays = price
        else:
            left_out.append(name)
    if len({payload.type for payload in payloads}) < len(payloads):
        raise Refusal(RefusalReason.DUPLICATE_PAYLOAD_TYPE)
    if pays is not None and not payloads:
        # A price alone asks nothing that a home could do.
        left_out, pays = [*left_out, PRICE], None
    return Asked(payloads=tuple(payloads), left_out=tuple(left_out), pays_per_kwh=pays)


def _parse_payload(
    payload_type: PayloadType, values_map: JsonObject, units: Mapping[str, str | None]
) -> Payload:
    name = payload_type.value
    scale = SCALES[payload_type].get(units.get(name))
    if scale is None:
        raise Refusal(RefusalReason.WRONG_UNIT, name)
    values = values_map.get("values")
    if not isinstance(values, list) or len(values) != 1:
        raise Refusal(RefusalReason.WRONG_VALUE, name)
    value = finite_number(values[0]) * scale.factor
    if not scale.minimum <= value <= scale.maximum or (scale.whole and not value.is_integer()):
        raise Refusal(RefusalReason.OUT_OF_RANGE, name)
    return Payload(type=payload_type, value=value, is_energy=scale.is_energy)
