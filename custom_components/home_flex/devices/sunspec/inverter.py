"""A PV inverter that speaks SunSpec."""

from collections.abc import Callable
from datetime import UTC, datetime

from ...core.model import DeviceIdentity, PvReading
from ..driver import DeviceError, Publish
from ..energy import EnergyCounter
from .controls import PRODUCTION_LIMITS
from .measurement import Remembered, counted_wh, is_idle, plausible_pv_w
from .nameplate import Nameplate
from .polling import Access, SunSpecPoller
from .roles import AC_POWER, ENERGY_INJECTED, INVERTER_MODELS, RATED_POWER
from .snapshot import Snapshot, required
from .sources import has_storage, pv_energy_wh, pv_power_w

_MODELS = frozenset({120, 121, 123, 124, 160, 701, 702, 704, 713, 714, 715, 802, *INVERTER_MODELS})


class SunSpecInverter:
    """Measures PV production and limits it; models 101 to 103, 111 to 113 or 701, and 123 or 704.

    Of a hybrid it measures the PV inputs, and limits what inverter and battery produce together.
    """

    # Behind a slow gateway each request takes some seconds, and an order takes several.
    write_timeout_s = 20.0

    def __init__(
        self,
        access: Access,
        *,
        clock: Callable[[], datetime],
        nameplate: Nameplate | None = None,
        poll_interval_s: float = 1.0,
    ) -> None:
        """Remember the unit; ``clock`` gives the aware UTC time of a reading."""
        self.identity: DeviceIdentity | None = None
        self._access = access
        self._clock = clock
        self._nameplate = nameplate or Nameplate()
        self._begin()
        self._poller = SunSpecPoller(
            access,
            models=_MODELS,
            required=(AC_POWER,),
            controls=PRODUCTION_LIMITS,
            poll_interval_s=poll_interval_s,
        )

    @property
    def troubles(self) -> frozenset[str]:
        """See ``devices.driver.TellsTroubles``."""
        return self._poller.actuator.troubles

    async def run(self, publish: Publish) -> None:
        """Poll until cancelled, as ``devices.driver.Driver`` says."""
        await self._poller.run(self._reading, publish)

    async def read(self) -> PvReading:
        """Read once. Raises DeviceError."""
        return self._reading(await self._poller.read())

    async def set_production_limit(self, limit_w: float | None, *, expires_in_s: float) -> None:
        """Produce at most ``limit_w`` (>= 0); None lifts the limit. Raises DeviceError."""
        if limit_w is not None and limit_w < 0:
            raise DeviceError("invalid_setpoint", f"a production limit is not negative: {limit_w:g} W")
        await self._poller.set(limit_w, expires_in_s)

    def _begin(self) -> None:
        self._energy = EnergyCounter()
        self._ratings = Remembered()

    def _reading(self, snapshot: Snapshot) -> PvReading:
        if self.identity != snapshot.device.identity:
            self._begin()
        rated_w = self._nameplate.rated_power_w or self._ratings.value(
            "rated_power", lambda: snapshot.positive(RATED_POWER)
        )
        if rated_w is None:
            raise DeviceError("missing_rating", "the device does not tell its rated power")
        is_hybrid = has_storage(snapshot)
        power_w = pv_power_w(snapshot)
        if power_w is None and is_idle(snapshot):
            power_w = 0.0
        reading = PvReading(
            time=self._clock(),
            power_w=plausible_pv_w(required(power_w, AC_POWER), rated_w, is_dc=is_hybrid),
            rated_power_w=rated_w,
            production_limit_w=self._poller.actuator.told_w(snapshot),
            energy_produced_wh=self._produced_wh(snapshot, rated_w, is_hybrid=is_hybrid),
        )
        self.identity = snapshot.device.identity
        return reading

    def _produced_wh(self, snapshot: Snapshot, rated_w: float, *, is_hybrid: bool) -> float | None:
        now_s = self._access.monotonic_s()
        if is_hybrid:
            return self._energy.total_wh(pv_energy_wh(snapshot), now_s=now_s, most_w=rated_w)
        return counted_wh(snapshot, self._energy, ENERGY_INJECTED, now_s=now_s, most_w=rated_w)


async def probe_inverter(
    access: Access, nameplate: Nameplate | None = None
) -> tuple[DeviceIdentity, PvReading]:
    """Return the identity and one reading of the inverter on a unit. Raises DeviceError."""
    inverter = SunSpecInverter(access, clock=lambda: datetime.now(UTC), nameplate=nameplate)
    reading = await inverter.read()
    assert inverter.identity is not None  # noqa: S101 - set by every reading
    return inverter.identity, reading
