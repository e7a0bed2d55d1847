"""Which SunSpec models a Modbus unit holds, and where.

SunSpec Device Information Model Specification: the map begins with "SunS" at register 40000, 50000 or 0;
then come models, each with identifier and length, up to the end model 0xFFFF.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from modbus_connection import ModbusUnit

from ...core.model import DeviceIdentity
from ..driver import DeviceError
from .models import MODELS, Role
from .registers import decode_string
from .requests import REQUEST_TIMEOUT_S, read

_BASE_ADDRESSES = (40000, 50000, 0)
_MARK = [0x5375, 0x6E53]  # "SunS"
_HEADER_REGISTERS = 2
_END_MODEL = 0xFFFF
_MAX_MODELS = 100
_LAST_REGISTER = 0xFFFF
_COMMON_MODEL = 1
_COMMON_REGISTERS = 66  # identifier to serial number; the rest is optional padding


@dataclass(frozen=True, slots=True)
class SunSpecDevice:
    """A unit's SunSpec map: who it is, and the first register of each model (its identifier)."""

    identity: DeviceIdentity
    base_address: int
    model_addresses: Mapping[int, int]

    def require(self, *roles: Role) -> None:
        """Raise DeviceError ``missing_model``, naming the models that would do, for a role none can fill."""
        for role in roles:
            models = [model for model, _ in role]
            if not any(model in self.model_addresses for model in models):
                wanted = " or ".join(str(model) for model in sorted(set(models)))
                raise DeviceError("missing_model", f"the device has no SunSpec model {wanted} ({role[0][1]})")


async def discover(unit: ModbusUnit) -> SunSpecDevice:
    """Find the SunSpec map of a unit.

    Raises DeviceError ``cannot_connect``, ``timeout``, ``wrong_unit_id`` (the link is up, but the unit does
    not answer), ``not_sunspec``, ``missing_model`` (no model 1).
    """
    unit.require_timeout(REQUEST_TIMEOUT_S)
    base_address = await _find_base(unit)
    addresses = await _walk(unit, base_address + len(_MARK))
    if _COMMON_MODEL not in addresses:
        raise DeviceError("missing_model", "the device has no SunSpec model 1 (its identity)")
    words = await read(unit, addresses[_COMMON_MODEL], _COMMON_REGISTERS)
    return SunSpecDevice(_identity(words), base_address, addresses)


async def _find_base(unit: ModbusUnit) -> int:
    for address in _BASE_ADDRESSES:
        try:
            words = await read(unit, address, len(_MARK))
        except DeviceError as err:
            if err.reason == "read_refused":
                continue
            if err.reason == "timeout" and unit.connected:
                raise DeviceError(
                    "wrong_unit_id", "the link is up, but no unit with this id answers"
                ) from err
            raise
        if words == _MARK:
            return address
    raise DeviceError("not_sunspec", "there is no SunSpec map at register 40000, 50000 or 0")


async def _walk(unit: ModbusUnit, address: int) -> dict[int, int]:
    """Return the address of the first model of each identifier."""
    addresses: dict[int, int] = {}
    for _ in range(_MAX_MODELS):
        if address + _HEADER_REGISTERS > _LAST_REGISTER:
            break
        try:
            model, length = await read(unit, address, _HEADER_REGISTERS)
        except DeviceError as err:
            if err.reason == "read_refused" and addresses:
                break  # some maps just stop
            raise
        if model in (_END_MODEL, 0):
            break
        if length >= _needed_length(model) and address + _HEADER_REGISTERS + length <= _LAST_REGISTER:
            addresses.setdefault(model, address)
        address += _HEADER_REGISTERS + length
    return addresses


def _needed_length(model: int) -> int:
    """Return the length a model must have to hold the points in use; any will do for a model not in use."""
    points = MODELS.get(model, {}).values()
    return max((point.offset + point.registers for point in points), default=0) - _HEADER_REGISTERS


def _identity(words: list[int]) -> DeviceIdentity:
    texts = {
        name: decode_string(words[point.offset : point.offset + point.registers])
        for name, point in MODELS[_COMMON_MODEL].items()
    }
    return DeviceIdentity(
        manufacturer=texts["Mn"], model=texts["Md"], serial_number=texts["SN"], firmware=texts["Vr"] or None
    )
