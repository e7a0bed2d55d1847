"""Which SunSpec models a Modbus unit holds, and where.

SunSpec Device Information Model Specification: the map begins with "SunS" at register 40000, 50000 or 0;
then come models, each with identifier and length, up to the end model 0xFFFF. A device that also shows what
hangs on it (a meter on an inverter) says who that is by a further model 1 in front of it.

``modbus_connection.model.sunspec.scan`` is not used for the walk: it gives up on maps that end with zeros
(SolarEdge) or just stop, and begins anew after each request that went unanswered.
"""

from dataclasses import dataclass

from modbus_connection import ModbusUnit
from modbus_connection.model.sunspec import SunSpecModel, SunSpecModels

from ...core.model import DeviceIdentity
from ..driver import DeviceError
from .models import MODELS
from .points import PointName
from .reads import REFUSALS, Reads
from .registers import decode_string
from .requests import REQUEST_TIMEOUT_S, Read
from .roles import AC_POWER, Role

_BASE_ADDRESSES = (40000, 50000, 0)
_MARK = [0x5375, 0x6E53]  # "SunS"
_HEADER_REGISTERS = 2
_END_MODELS = (0xFFFF, 0)
_MAX_MODELS = 100
_LAST_REGISTER = 0xFFFF
_COMMON_MODEL = 1
_COMMON_REGISTERS = 66  # identifier to serial number; the rest is optional padding
# What else may answer at a base address where there is no map: the next one is tried.
_NOT_HERE = frozenset({"read_refused", "asleep", "wrong_unit_id", "timeout", "bad_answer"})


@dataclass(frozen=True, slots=True)
class SunSpecDevice:
    """A unit's SunSpec map: its models, and who each common model (by its address) says it is."""

    base_address: int
    models: SunSpecModels
    identities: dict[int, DeviceIdentity]

    @property
    def identity(self) -> DeviceIdentity:
        """Who the unit is."""
        return next(iter(self.identities.values()))

    def identity_of(self, model: int) -> DeviceIdentity:
        """Return who a model belongs to: the common model that comes before it."""
        found = self.models.first(model)
        before = [key for key in self.identities if found is not None and key < found.address]
        return self.identities[max(before)] if before else self.identity

    def require(self, *roles: Role) -> None:
        """Raise DeviceError ``missing_model``, naming the models that would do, for a role none can fill.

        ``several_inverters``: a collector shows its inverters one after the other, and one is not them all.
        """
        if any(len(self.models.get(model, ())) > 1 for model, _ in AC_POWER):
            raise DeviceError("several_inverters", "the map holds several inverters")
        for role in roles:
            models = [model for model, _ in role]
            if self.models.first(*models) is None:
                raise missing_model(models, role[0])


def missing_model(models: list[int], name: PointName) -> DeviceError:
    """Return the error that names the models that would tell something."""
    wanted = " or ".join(str(model) for model in sorted(set(models)))
    return DeviceError("missing_model", f"the device has no SunSpec model {wanted} ({name[1]})")


class Discovery:
    """Finds the SunSpec map of a unit; after a request that went unanswered it goes on where it stopped."""

    def __init__(self, unit: ModbusUnit, polled: Read) -> None:
        """Begin with nothing known; ``polled`` reads in turn with the other units of the link."""
        self._unit = unit
        self._read = polled
        self._base: int | None = None
        self._models = SunSpecModels()
        self._next = 0
        self._ended = False

    async def find(self) -> SunSpecDevice:
        """Return the map.

        Raises DeviceError ``cannot_connect``, ``timeout``, ``busy``, ``no_answer`` (the link is up, and this
        unit says nothing at all), ``wrong_unit_id`` (a gateway has no such unit), ``asleep`` (it answers that
        it cannot serve now), ``not_sunspec``, ``missing_model`` (no model 1).
        """
        self._unit.require_timeout(REQUEST_TIMEOUT_S)
        if self._base is None:
            self._base = await self._find_base()
            self._next = self._base + len(_MARK)
        while not self._ended:
            await self._step()
        if _COMMON_MODEL not in self._models:
            raise DeviceError("missing_model", "the device has no SunSpec model 1 (its identity)")
        identities = {}
        for common in self._models[_COMMON_MODEL]:
            words = await Reads([(common.address, _COMMON_REGISTERS)]).take(self._patiently)
            identities[common.address] = _identity(list(words.values()))
        return SunSpecDevice(self._base, self._models, identities)

    async def _find_base(self) -> int:
        reasons: dict[str, DeviceError | None] = {}
        for address in _BASE_ADDRESSES:
            try:
                words = await (self._read if reasons else self._patiently)(address, len(_MARK))
            except DeviceError as err:
                if err.reason not in _NOT_HERE or not self._unit.connected:
                    raise
                reasons.setdefault(err.reason, err)
                continue
            if words == _MARK:
                return address
            reasons.setdefault("other", None)
        raise _judged(reasons)

    async def _step(self) -> None:
        """Take note of one model of the chain."""
        if self._next + _HEADER_REGISTERS > _LAST_REGISTER or len(self._models.chain) >= _MAX_MODELS:
            self._ended = True
            return
        try:
            model_id, length = await self._patiently(self._next, _HEADER_REGISTERS)
        except DeviceError as err:
            if err.reason in REFUSALS and self._models:
                self._ended = True  # some maps just stop
                return
            raise
        if model_id in _END_MODELS:
            self._ended = True
            return
        model = SunSpecModel(model_id=model_id, address=self._next, length=length)
        self._next += model.span
        if length >= _needed_length(model_id) and self._next <= _LAST_REGISTER:
            self._models.setdefault(model_id, []).append(model)

    async def _patiently(self, address: int, count: int) -> list[int]:
        """Read, and ask once more when the first time there was no answer."""
        try:
            return await self._read(address, count)
        except DeviceError as err:
            if err.reason not in {"timeout", "bad_answer"} or not self._unit.connected:
                raise
        return await self._read(address, count)


def _judged(reasons: dict[str, DeviceError | None]) -> DeviceError:
    """Return why there is no map, of what happened at the base addresses."""
    if set(reasons) == {"timeout"}:
        return DeviceError("no_answer", "the link is up, but the unit does not answer")
    if "asleep" in reasons and "other" not in reasons:
        return DeviceError("asleep", "the unit answers that it cannot serve now")
    if set(reasons) <= {"wrong_unit_id", "timeout"}:
        return DeviceError("wrong_unit_id", "a gateway says that it cannot reach the unit")
    return DeviceError("not_sunspec", "there is no SunSpec map at register 40000, 50000 or 0")


def _needed_length(model: int) -> int:
    """Return the length a model must have to hold the points in use; any will do for a model not in use."""
    points = [point for point in MODELS.get(model, {}).values() if not point.stride]
    return max((point.offset + point.registers for point in points), default=0) - _HEADER_REGISTERS


def _identity(words: list[int]) -> DeviceIdentity:
    texts = {
        name: decode_string(words[point.offset : point.offset + point.registers])
        for name, point in MODELS[_COMMON_MODEL].items()
    }
    return DeviceIdentity(
        manufacturer=texts["Mn"], model=texts["Md"], serial_number=texts["SN"], firmware=texts["Vr"] or None
    )
