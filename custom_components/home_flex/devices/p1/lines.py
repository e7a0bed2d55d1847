"""The lines of a telegram: ``medium-channel:register(value*unit)(value*unit)`` (IEC 62056-21 6.6)."""

import re
from typing import Final

_CODE = re.compile(r"(?P<medium>\d)-(?P<channel>\d{1,2}):(?P<register>\d{1,3}\.\d{1,3}\.\d{1,3})")
_LINE = re.compile(_CODE.pattern + r"(?:\*\d{1,3})?(?P<values>(?:\([^()]*\))+)\s*")
_UNREADABLE = ("",)
_VALUE = re.compile(r"\(([^()]*)\)")
_NUMBER = re.compile(r"[+-]?\d{1,12}(?:\.\d{0,9})?")
_ELECTRICITY = "1"
# Units in any case, as meters write them, and what one is in W, Wh, A, V or m3.
_UNITS: Final = {
    "W": {"w": 1.0, "kw": 1e3},
    "Wh": {"wh": 1.0, "kwh": 1e3, "mwh": 1e6, "gj": 1e9 / 3600, "mj": 1e6 / 3600},
    "A": {"a": 1.0, "ka": 1e3},
    "V": {"v": 1.0, "kv": 1e3},
    "m3": {"m3": 1.0, "dm3": 1e-3, "l": 1e-3},
}


class Lines:
    """What each line says. Electricity is found by its register on whatever channel, the lowest one first.

    ``unread`` names the lines that were asked for and could not be read.
    """

    def __init__(self, telegram: str) -> None:
        """Take the lines apart; a line that begins with a bracket goes on with the one before (DSMR 2.2)."""
        self.unread: set[str] = set()
        self._values: dict[str, tuple[str, ...]] = {}
        self._channels: dict[str, int] = {}
        for line in telegram.replace("\r\n(", "(").splitlines():
            if match := _LINE.fullmatch(line):
                self._take(match, tuple(_VALUE.findall(match["values"])))
            elif match := _CODE.match(line):
                self._take(match, _UNREADABLE)

    def values(self, code: str) -> tuple[str, ...]:
        """Return what stands in the brackets of a line; nothing when there is no such line."""
        return self._values.get(code, ())

    def number(self, code: str, unit: str) -> float | None:
        """Return the last value of a line in W, Wh, A, V or m3; None when it is not there or unreadable.

        Where a time stands beside it, that may come before or after.
        """
        values = self.values(code)
        with_unit = [value for value in values if "*" in value]
        return self.measured(code, (with_unit or values)[-1], unit) if values else None

    def measured(self, code: str, value: str, unit: str) -> float | None:
        """Return ``value`` (a number and its unit, of the line ``code``) in ``unit``, None if it is none."""
        number, _, told_unit = value.partition("*")
        scale = _UNITS[unit].get(told_unit.strip().lower())
        if scale is None or _NUMBER.fullmatch(number) is None:
            self.unread.add(code)
            return None
        return round(float(number) * scale, 6)

    def count(self, code: str) -> int | None:
        """Return the whole number of a line; None when it is not there or unreadable."""
        values = self.values(code)
        if not values:
            return None
        if not (values[0].isdecimal() and values[0].isascii() and len(values[0]) < 10):
            self.unread.add(code)
            return None
        return int(values[0])

    def _take(self, match: re.Match[str], values: tuple[str, ...]) -> None:
        channel = int(match["channel"])
        is_electricity = match["medium"] == _ELECTRICITY
        code = match["register"] if is_electricity else f"{match['medium']}-{channel}:{match['register']}"
        if code not in self._values or channel < self._channels[code]:
            self._values[code] = values
            self._channels[code] = channel
