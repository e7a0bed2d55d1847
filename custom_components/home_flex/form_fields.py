"""The fields that forms share: each is a selector and the type its value is kept as."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import probatio
from homeassistant.helpers.selector import (
    BooleanSelector,
    EntitySelector,
    EntitySelectorConfig,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    SerialPortSelector,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)

from .devices.spec import Field, FieldType

TEXT = TextSelector()
PASSWORD = TextSelector(TextSelectorConfig(type=TextSelectorType.PASSWORD))
MULTILINE = TextSelector(TextSelectorConfig(multiline=True))
TEXTS = TextSelector(TextSelectorConfig(multiple=True))


def number(minimum: float, maximum: float, *, step: float | None = None, unit: str | None = None) -> Any:
    """Return a number field, kept as float; what is no number is refused."""
    config = NumberSelectorConfig(min=minimum, max=maximum, step=step or "any", mode=NumberSelectorMode.BOX)
    if unit is not None:
        config["unit_of_measurement"] = unit
    # The selector lets NaN through, which is neither below nor above a bound.
    within = probatio.Range(min=minimum, max=maximum)
    return probatio.All(NumberSelector(config), probatio.Coerce(float), within)


def whole_number(minimum: int, maximum: int) -> Any:
    """Return a field for a whole number, kept as int."""
    selector = NumberSelector(
        NumberSelectorConfig(min=minimum, max=maximum, step=1, mode=NumberSelectorMode.BOX)
    )
    return probatio.All(selector, probatio.Coerce(int))


def choice(options: list[str], translation_key: str | None = None, *, multiple: bool = False) -> Any:
    """Return a choice of texts; ``translation_key`` names their translations."""
    config = SelectSelectorConfig(options=options, multiple=multiple, mode=SelectSelectorMode.DROPDOWN)
    if translation_key is not None:
        config["translation_key"] = translation_key
        config["mode"] = SelectSelectorMode.LIST
    return SelectSelector(config)


def device_choice(names: Mapping[str, str], *, multiple: bool = True, as_list: bool = False) -> Any:
    """Return a choice among devices (or circuits) by their names, kept as ids; ``as_list``: all shown."""
    options = [SelectOptionDict(value=key, label=name) for key, name in names.items()]
    mode = SelectSelectorMode.LIST if as_list else SelectSelectorMode.DROPDOWN
    return SelectSelector(SelectSelectorConfig(options=options, multiple=multiple, mode=mode))


def found_or_typed(names: Mapping[str, str]) -> Any:
    """Return a choice among addresses by the names of what is there, in which any other can be typed."""
    options = [SelectOptionDict(value=address, label=name) for address, name in names.items()]
    return SelectSelector(
        SelectSelectorConfig(options=options, custom_value=True, mode=SelectSelectorMode.DROPDOWN)
    )


def entity(domains: list[str], *, device_class: str | None = None, multiple: bool = False) -> Any:
    """Return a choice among entities of these domains, kept as their ids."""
    config = EntitySelectorConfig(domain=domains, multiple=multiple)
    if device_class is not None:
        config["device_class"] = device_class
    return EntitySelector(config)


PORT = whole_number(1, 65535)


def wired_phases(site_phases: list[str]) -> Any:
    """Return the choice of phases a device is wired to, of those the site has."""
    return choice(site_phases, "wired_phases", multiple=True)


def device_field(field: Field, site_phases: list[str]) -> Any:
    """Return the field that a driver asks for."""
    match field.type:
        case FieldType.TEXT:
            return TEXT
        case FieldType.LINES:
            return MULTILINE
        case FieldType.NUMBER:
            return number(field.low, field.high, unit=field.unit)
        case FieldType.WHOLE_NUMBER:
            return whole_number(int(field.low), int(field.high))
        case FieldType.SERIAL_PORT:
            return SerialPortSelector()
        case FieldType.SWITCH:
            return BooleanSelector()
        case FieldType.WIRED_PHASES:
            return wired_phases(site_phases)
        case FieldType.CHOICE:
            return choice(list(field.options), field.name)


def decimal_text(value: float) -> str:
    """Return a typed number as the decimal that was typed, never as a float's expansion."""
    return format(Decimal(str(value)), "f")


def without_blanks(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields with surrounding spaces cut off, and without the ones left empty."""
    stripped = {key: value.strip() if isinstance(value, str) else value for key, value in data.items()}
    return {key: value for key, value in stripped.items() if value not in ("", None, [])}
