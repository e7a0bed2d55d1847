"""A grid meter that speaks SunSpec, on a unit of its own or behind an inverter."""

from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum

from ...core.model import DeviceIdentity, MeterReading
from ..driver import DeviceError, Publish
from .meter_models import FLOAT_METERS, INTEGER_METERS, WITHOUT_NEUTRAL
from .points import PointName
from .polling import Access, SunSpecPoller
from .roles import Role
from .snapshot import Snapshot, required

_MODELS = (*FLOAT_METERS, *INTEGER_METERS)
METER_POWER: Role = tuple((model, "W") for model in _MODELS)
_PHASES = "ABC"
# Makers whose meters count what is fed in as positive.
_FEED_IN_POSITIVE = ("solaredge",)


class PositivePower(StrEnum):
    """What a meter's positive power means."""

    BY_MAKER = "by_maker"
    IMPORT = "import"
    FEED_IN = "feed_in"


class SunSpecMeter:
    """Reads a meter; models 201 to 204 or 211 to 214. SunSpec leaves the sign of its power to the maker."""

    def __init__(
        self,
        access: Access,
        *,
        clock: Callable[[], datetime],
        positive: PositivePower = PositivePower.BY_MAKER,
        poll_interval_s: float = 1.0,
    ) -> None:
        """Remember the unit; ``clock`` gives the aware UTC time of a reading."""
        self.identity: DeviceIdentity | None = None
        self._clock = clock
        self._positive = positive
        self._poller = SunSpecPoller(
            access, models=frozenset(_MODELS), required=(METER_POWER,), poll_interval_s=poll_interval_s
        )

    async def run(self, publish: Publish) -> None:
        """Poll until cancelled, as ``devices.driver.Driver`` says."""
        await self._poller.run(self._reading, publish)

    async def read(self) -> MeterReading:
        """Read once. Raises DeviceError."""
        return self._reading(await self._poller.read())

    def _reading(self, snapshot: Snapshot) -> MeterReading:
        found = snapshot.device.models.first(*_MODELS)
        if found is None:
            raise DeviceError("missing_model", "the device has no SunSpec meter model")
        model = found.model_id
        self.identity = snapshot.device.identity_of(model)
        sign = -1.0 if self._counts_feed_in(self.identity) else 1.0
        power_w = required(snapshot.value((model, "W")), ((model, "W"),))
        is_wye = model not in WITHOUT_NEUTRAL
        return MeterReading(
            time=self._clock(),
            power_w=0.0 + sign * power_w,
            phase_power_w=_scaled(sign, _phases(snapshot, model, "Wph") if is_wye else ()),
            phase_voltage_v=_phases(snapshot, model, "PhVph") if is_wye else (),
            phase_current_a=tuple(abs(current_a) for current_a in _phases(snapshot, model, "Aph")),
            energy_import_wh=snapshot.value((model, "TotWhImp")),
            energy_export_wh=snapshot.value((model, "TotWhExp")),
        )

    def _counts_feed_in(self, identity: DeviceIdentity) -> bool:
        if self._positive is PositivePower.BY_MAKER:
            return identity.manufacturer.casefold().startswith(_FEED_IN_POSITIVE)
        return self._positive is PositivePower.FEED_IN


async def probe_meter(
    access: Access, positive: PositivePower = PositivePower.BY_MAKER
) -> tuple[DeviceIdentity, MeterReading]:
    """Return the identity and one reading of the meter on a unit. Raises DeviceError."""
    meter = SunSpecMeter(access, clock=lambda: datetime.now(UTC), positive=positive)
    reading = await meter.read()
    assert meter.identity is not None  # noqa: S101 - set by every reading
    return meter.identity, reading


def _phases(snapshot: Snapshot, model: int, point: str) -> tuple[float, ...]:
    """Return one value per phase, up to the first phase that is not told."""
    values = []
    for phase in _PHASES:
        name: PointName = (model, f"{point}{phase}")
        if (value := snapshot.value(name)) is None:
            break
        values.append(value)
    return tuple(values)


def _scaled(sign: float, values: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(0.0 + sign * value for value in values)
