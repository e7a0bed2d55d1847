"""Checks of what comes from outside: each field says what it takes, as a check and as JSON schema."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol


class RecordError(ValueError):
    """Something outside is not as agreed; the message names the place and the rule, never the value."""


class Field(Protocol):
    """One value."""

    def check(self, value: Any, place: str) -> Any:
        """Return the value as it is used. Raises RecordError."""

    def schema(self) -> dict[str, Any]:
        """Return its JSON schema (2020-12)."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text of a form."""

    pattern: str
    rule: str

    def check(self, value: Any, place: str) -> str:
        """Return the text."""
        if not isinstance(value, str) or not re.fullmatch(self.pattern, value):
            raise RecordError(f"{place} must be {self.rule}")
        return value

    def schema(self) -> dict[str, Any]:
        """Return its JSON schema."""
        return {"type": "string", "pattern": f"^(?:{self.pattern})$", "description": self.rule}


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few values."""

    options: tuple[str | int, ...]

    def check(self, value: Any, place: str) -> str | int:
        """Return the value."""
        for option in self.options:
            if type(value) is type(option) and value == option:
                return option
        raise RecordError(f"{place} must be one of {', '.join(map(str, self.options))}")

    def schema(self) -> dict[str, Any]:
        """Return its JSON schema."""
        return {"enum": list(self.options)}


@dataclass(frozen=True, slots=True)
class Number:
    """A number of a range, both ends included."""

    low: float
    high: float
    whole: bool = False

    def check(self, value: Any, place: str) -> float:
        """Return the number."""
        kinds = (int,) if self.whole else (int, float)
        if type(value) not in kinds or not self.low <= value <= self.high:
            kind = "whole number" if self.whole else "number"
            raise RecordError(f"{place} must be a {kind} from {self.low:g} to {self.high:g}")
        number: float = value
        return number

    def schema(self) -> dict[str, Any]:
        """Return its JSON schema."""
        return {
            "type": "integer" if self.whole else "number",
            "minimum": self.low,
            "maximum": self.high,
        }


@dataclass(frozen=True, slots=True)
class Price:
    """Money per kWh as a decimal text, so that it never passes through a float of somebody's JSON."""

    low: int = -100
    high: int = 1000

    def check(self, value: Any, place: str) -> Decimal:
        """Return the decimal."""
        try:
            if isinstance(value, str) and re.fullmatch(_DECIMAL, value):
                price = Decimal(value)
                if self.low <= price <= self.high:
                    return price
        except InvalidOperation:
            pass
        raise RecordError(f'{place} must be a decimal text such as "0.30", from {self.low} to {self.high}')

    def schema(self) -> dict[str, Any]:
        """Return its JSON schema; the range is checked by the home."""
        return {"type": "string", "pattern": f"^{_DECIMAL}$"}


_DECIMAL = r"-?[0-9]{1,4}(\.[0-9]{1,6})?"


@dataclass(frozen=True, slots=True)
class Several:
    """A list of different values."""

    each: Field
    least: int
    most: int

    def check(self, value: Any, place: str) -> list[Any]:
        """Return the list."""
        if not isinstance(value, list) or not self.least <= len(value) <= self.most:
            raise RecordError(f"{place} must be a list of {self.least} to {self.most}")
        checked = [self.each.check(item, f"{place}[{index}]") for index, item in enumerate(value)]
        if any(item in checked[:index] for index, item in enumerate(checked)):
            raise RecordError(f"{place} holds something twice")
        return checked

    def schema(self) -> dict[str, Any]:
        """Return its JSON schema."""
        return {
            "type": "array",
            "items": self.each.schema(),
            "minItems": self.least,
            "maxItems": self.most,
            "uniqueItems": True,
        }


@dataclass(frozen=True, slots=True)
class Group:
    """An object of named fields, and no others."""

    required: Mapping[str, Field]
    optional: Mapping[str, Field]

    def check(self, value: Any, place: str) -> dict[str, Any]:
        """Return the checked fields that are there."""
        if not isinstance(value, dict):
            raise RecordError(f"{place} must be an object")
        for name in self.required:
            if name not in value:
                raise RecordError(f"{place}.{name} is missing")
        known = {**self.required, **self.optional}
        if unknown := sorted(set(value) - set(known)):
            raise RecordError(f"{place} has a field nobody knows: {unknown[0][:40]!r}")
        return {name: known[name].check(found, f"{place}.{name}") for name, found in value.items()}

    def schema(self) -> dict[str, Any]:
        """Return its JSON schema."""
        fields = {**self.required, **self.optional}
        return {
            "type": "object",
            "properties": {name: field.schema() for name, field in fields.items()},
            "required": list(self.required),
            "additionalProperties": False,
        }


@dataclass(frozen=True, slots=True)
class Variant:
    """One of several groups, told apart by the values of some of their fields."""

    groups: tuple[Group, ...]
    keys: tuple[str, ...]

    def check(self, value: Any, place: str) -> dict[str, Any]:
        """Return the checked fields of the group that the keys tell."""
        if not isinstance(value, dict):
            raise RecordError(f"{place} must be an object")
        groups = self.groups
        for key in self.keys:
            said = [group for group in groups if _says(group, key, value.get(key))]
            if not said and any(key in group.required for group in groups):
                options = sorted({str(option) for group in groups for option in _options(group, key)})
                raise RecordError(f"{place}.{key} must be one of {', '.join(options)}")
            groups = tuple(said) or groups
        return groups[0].check(value, place)

    def schema(self) -> dict[str, Any]:
        """Return its JSON schema."""
        return {"oneOf": [group.schema() for group in self.groups]}


def _options(group: Group, key: str) -> tuple[str | int, ...]:
    field = group.required.get(key)
    return field.options if isinstance(field, Choice) else ()


def _says(group: Group, key: str, value: Any) -> bool:
    return isinstance(value, str) and value in _options(group, key)
