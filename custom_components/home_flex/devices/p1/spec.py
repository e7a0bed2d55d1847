"""The P1 port as the registry knows it."""

from ...core.model import DeviceIdentity, DeviceKind
from ..spec import Data, DriverSpec, Field, FieldType, Form, ProbeResources, Resources
from .meter import P1Meter, probe_p1
from .port import P1Settings

_SERIAL = "serial"
_TCP = "tcp"
# What ser2net and most P1 adapters on the network listen on.
_USUAL_PORT = 2001


def _parse(data: Data) -> P1Settings:
    """Return how the meter is reached."""
    if data["type"] == _SERIAL:
        return P1Settings(device=data["device"])
    return P1Settings(host=data["host"], port=int(data["port"]))


def _mistake(data: Data) -> str | None:
    return None if "host" in data or "device" in data else "address_missing"


async def _probe(_kind: DeviceKind, settings: P1Settings, _resources: ProbeResources) -> DeviceIdentity:
    identity, _reading = await probe_p1(settings)
    return identity


def _build(_kind: DeviceKind, settings: P1Settings, resources: Resources) -> P1Meter:
    return P1Meter(settings, clock=resources.clock)


P1 = DriverSpec(
    id="p1",
    kinds=frozenset({DeviceKind.GRID_METER}),
    forms=(
        Form(
            step=_TCP,
            fields=(
                Field(name="host"),
                Field(name="port", type=FieldType.WHOLE_NUMBER, low=1, high=65535, suggested=_USUAL_PORT),
            ),
            constants={"type": _TCP},
        ),
        Form(
            step=_SERIAL,
            fields=(Field(name="device", type=FieldType.SERIAL_PORT),),
            constants={"type": _SERIAL},
        ),
    ),
    parse=_parse,
    mistake=_mistake,
    probe=_probe,
    build=_build,
)
