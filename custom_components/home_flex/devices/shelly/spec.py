"""Shelly over local HTTP, as the registry knows it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from aiohttp import ClientSession

from ...core.model import DeviceIdentity, DeviceKind
from ..driver import DeviceError, Driver
from ..kept import KeptDocument, NothingKept
from ..spec import (
    WIRED_PHASES,
    Announced,
    Data,
    DriverSpec,
    Field,
    FieldType,
    Form,
    ProbeResources,
    Resources,
    host_or_phase_missing,
    thousands,
)
from .api import ShellyApi
from .http import ShellyHttp
from .measuring import MeasuringShelly
from .meter import ShellyMeter, ShellySubMeter
from .netting import NettedCounters
from .pv import ShellyPv
from .switch import ShellySwitch

_IMPORT, _FEED_IN = "import", "feed_in"
_TOGETHER, _EACH = "together", "each"


@dataclass(frozen=True, kw_only=True, slots=True)
class ShellySettings:
    """Where it is, its password, and which of its clamps or switches is meant."""

    host: str
    password: str | None = None
    channel: int = 0
    is_feed_in_positive: bool = False
    rated_power_w: float = 0.0
    nets_phases: bool = False


def _parse(data: Data) -> ShellySettings:
    """Return how it is reached, and the power when on in W."""
    return ShellySettings(
        host=str(data["host"]).strip(),
        password=data.get("password"),
        channel=int(data.get("channel", 0)),
        is_feed_in_positive=data.get("positive_power", _IMPORT) == _FEED_IN,
        nets_phases=data.get("counting", _EACH) == _TOGETHER,
        rated_power_w=thousands(data, "rated_power_kw") or 0.0,
    )


def _api(session: ClientSession, settings: ShellySettings) -> ShellyApi:
    try:
        return ShellyApi(ShellyHttp(session, settings.host, settings.password))
    except ValueError as error:
        raise DeviceError("unreachable", f"{settings.host} is no host") from error


def _measuring(
    kind: DeviceKind,
    settings: ShellySettings,
    resources: ProbeResources | Resources,
    kept: KeptDocument,
    monotonic_s: Callable[[], float],
) -> MeasuringShelly | None:
    """Return the driver of a kind that is only measured, None for any other."""
    api, clock = _api(resources.web_session, settings), resources.clock
    turned = settings.is_feed_in_positive
    match kind:
        case DeviceKind.GRID_METER:
            return ShellyMeter(
                api,
                clock=clock,
                channel=settings.channel,
                is_feed_in_positive=turned,
                netting=NettedCounters(kept, monotonic_s) if settings.nets_phases else None,
            )
        case DeviceKind.SUB_METER:
            return ShellySubMeter(api, clock=clock, channel=settings.channel, is_feed_in_positive=turned)
        case DeviceKind.PV:
            return ShellyPv(
                api,
                clock=clock,
                channel=settings.channel,
                is_feed_in_positive=turned,
                rated_power_w=settings.rated_power_w,
            )
    return None


def _device(
    kind: DeviceKind,
    settings: ShellySettings,
    resources: ProbeResources | Resources,
    kept: KeptDocument,
    monotonic_s: Callable[[], float],
) -> MeasuringShelly | ShellySwitch:
    return _measuring(kind, settings, resources, kept, monotonic_s) or ShellySwitch(
        _api(resources.web_session, settings),
        clock=resources.clock,
        monotonic_s=monotonic_s,
        kept=kept,
        channel=settings.channel,
        rated_power_w=settings.rated_power_w,
    )


async def _probe(kind: DeviceKind, settings: ShellySettings, resources: ProbeResources) -> DeviceIdentity:
    device = _device(kind, settings, resources, NothingKept(), lambda: 0.0)
    await device.read()
    assert device.identity is not None  # noqa: S101 - set by every reading
    return device.identity


def _build(kind: DeviceKind, settings: ShellySettings, resources: Resources) -> Driver:
    return _device(kind, settings, resources, resources.kept, resources.monotonic_s)


_HOW: Final = (Field(name="host"), Field(name="password", secret=True, optional=True))
_CHANNEL: Final = Field(name="channel", type=FieldType.WHOLE_NUMBER, low=0, high=3, suggested=0)

_RATED: Final = Field(name="rated_power_kw", type=FieldType.NUMBER, low=0.01, high=100.0, unit="kW")
_PHASES: Final = Field(name=WIRED_PHASES, type=FieldType.WIRED_PHASES)


def _which_way(suggested: str) -> Field:
    return Field(
        name="positive_power", type=FieldType.CHOICE, options=(_IMPORT, _FEED_IN), suggested=suggested
    )


_COUNTING: Final = Field(
    name="counting", type=FieldType.CHOICE, options=(_TOGETHER, _EACH), suggested=_TOGETHER
)
_ANNOUNCED: Final = Announced(service="_shelly._tcp.local.")

SHELLY = DriverSpec(
    id="shelly",
    kinds=frozenset({DeviceKind.GRID_METER, DeviceKind.SUB_METER, DeviceKind.PV, DeviceKind.SWITCHED_LOAD}),
    forms=(
        Form(
            step="shelly",
            fields=(*_HOW, _CHANNEL, _which_way(_IMPORT), _COUNTING),
            kinds=frozenset({DeviceKind.GRID_METER}),
            announced=_ANNOUNCED,
        ),
        Form(
            step="shelly",
            fields=(*_HOW, _CHANNEL, _which_way(_IMPORT)),
            kinds=frozenset({DeviceKind.SUB_METER}),
            announced=_ANNOUNCED,
        ),
        Form(
            step="shelly",
            fields=(*_HOW, _CHANNEL, _which_way(_FEED_IN), _RATED, _PHASES),
            kinds=frozenset({DeviceKind.PV}),
            announced=_ANNOUNCED,
        ),
        Form(
            step="shelly",
            fields=(*_HOW, _CHANNEL, _RATED, _PHASES),
            kinds=frozenset({DeviceKind.SWITCHED_LOAD}),
            announced=_ANNOUNCED,
        ),
    ),
    parse=_parse,
    mistake=host_or_phase_missing,
    probe=_probe,
    build=_build,
)
