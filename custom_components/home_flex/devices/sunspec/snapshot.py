"""The registers of one poll, and the values in them."""

from collections.abc import Iterable, Mapping

from ..driver import DeviceError
from .discovery import SunSpecDevice
from .models import GROUPS, MODELS
from .points import PointName
from .reads import Span
from .registers import decode_number, decode_string
from .roles import Role


class Snapshot:
    """What a device's registers held at one poll."""

    def __init__(self, device: SunSpecDevice, words: Mapping[int, int]) -> None:
        """Keep the words by register address.

        Raises DeviceError ``map_shifted`` when a model does not stand where it was found.
        """
        self.device = device
        self.words_by_address = words
        for model in device.models.chain:
            if model.address not in words:
                continue
            header = words[model.address], words.get(model.address + 1, model.length)
            if header != (model.model_id, model.length):
                raise DeviceError("map_shifted", f"model {model.model_id} is not where it was")

    def has(self, model: int) -> bool:
        """Whether the device has a model, and it was read."""
        found = self.device.models.first(model)
        return found is not None and found.address in self.words_by_address

    def address(self, name: PointName, index: int = 0) -> int:
        """Return the first register of a point; ``index`` counts the groups of a repeating one."""
        model, point = name
        found = self.device.models.first(model)
        assert found is not None  # noqa: S101 - whoever asks has seen that the device has it
        place = MODELS[model][point]
        return found.address + place.offset + place.stride * index

    def groups(self, model: int) -> range:
        """Return the indices of a model's repeating groups, of those it has room for."""
        if not self.has(model):
            return range(0)
        found = self.device.models.first(model)
        assert found is not None  # noqa: S101 - it was just asked
        stride = max(point.stride for point in MODELS[model].values())
        count, first = GROUPS[model]
        told = self.number((model, count)) or 0
        return range(min(int(told), (found.span - first) // stride))

    def words(self, name: PointName, index: int = 0) -> list[int]:
        """Return the registers of a point."""
        start = self.address(name, index)
        registers = MODELS[name[0]][name[1]].registers
        return [self.words_by_address[address] for address in range(start, start + registers)]

    def number(self, name: PointName, index: int = 0) -> float | None:
        """Return the number of a point as coded, without its scale; None when it is not implemented."""
        return decode_number(MODELS[name[0]][name[1]].type, self.words(name, index))

    def text(self, name: PointName, index: int = 0) -> str:
        """Return the text of a point."""
        return decode_string(self.words(name, index))

    def scale(self, name: PointName) -> float | None:
        """Return what one unit of a point is worth; None when its scale factor is not implemented."""
        model, point = name
        factor = MODELS[model][point].scale_factor
        if factor is None:
            return 1.0
        exponent = self.number((model, factor))
        return None if exponent is None else 10.0**exponent

    def value(self, name: PointName, index: int = 0) -> float | None:
        """Return a point in its unit; None when it, or its scale factor, is not implemented."""
        number, scale = self.number(name, index), self.scale(name)
        if number is None or scale is None:
            return None
        # Dividing by the inverse keeps 235 tenths at 23.5.
        return number * scale if scale >= 1.0 else number / round(1.0 / scale)

    def first(self, role: Role) -> float | None:
        """Return the value of the first model that tells the quantity."""
        values = (self.value(name) for name in role if self.has(name[0]))
        return next((value for value in values if value is not None), None)

    def positive(self, role: Role) -> float | None:
        """Return the first value above zero: a rating of zero is one that was never filled in."""
        values = (self.value(name) for name in role if self.has(name[0]))
        return next((value for value in values if value is not None and value > 0), None)

    def require(self, role: Role) -> float:
        """Return the value of a quantity, or raise DeviceError ``missing_value``."""
        return required(self.first(role), role)

    def require_positive(self, role: Role) -> float:
        """Return a value above zero, or raise DeviceError ``missing_value``."""
        return required(self.positive(role), role)


def spans(device: SunSpecDevice, models: Iterable[int]) -> list[Span]:
    """Return the registers of those models that the device has, from header to last point in use."""
    found = sorted(filter(None, map(device.models.first, set(models))), key=lambda model: model.address)
    return [(model.address, _extent(model.model_id, model.span)) for model in found]


def required(value: float | None, role: Role) -> float:
    """Return a value that must be told, or raise DeviceError ``missing_value``."""
    if value is None:
        raise DeviceError("missing_value", f"the device does not tell {role[0][1]}")
    return value


def _extent(model: int, span: int) -> int:
    points = MODELS[model].values()
    if any(point.stride for point in points):
        return span
    return max(point.offset + point.registers for point in points)
