"""The P1 port as the registry knows it."""

from ...core.model import DeviceIdentity, DeviceKind
from ..spec import Announced, Data, DriverSpec, Field, FieldType, Form, ProbeResources, Resources
from .deciphering import PUBLIC_AUTHENTICATION_KEY, MeterKeys
from .meter import P1Meter, probe_p1
from .port import P1Settings

_SERIAL = "serial"
_TCP = "tcp"
_HOMEWIZARD = "homewizard"
_KEY = "key"
_AUTHENTICATION_KEY = "authentication_key"
_RELAY_PORT = "relay_port"
# What ser2net and most P1 adapters on the network listen on.
_USUAL_PORT = 2001


_RELAY = Field(name=_RELAY_PORT, type=FieldType.WHOLE_NUMBER, low=1024, high=65535, optional=True)
_OPTIONS = (
    Field(name=_KEY, secret=True, optional=True),
    Field(name=_AUTHENTICATION_KEY, secret=True, optional=True),
    _RELAY,
)


def _parse(data: Data) -> P1Settings:
    """Return how the meter is reached, and what it needs."""
    relay_port = data.get(_RELAY_PORT)
    kind = data["type"]
    return P1Settings(
        host=data["host"] if kind == _TCP else None,
        port=int(data["port"]) if kind == _TCP else None,
        device=data["device"] if kind == _SERIAL else None,
        api_host=data["host"] if kind == _HOMEWIZARD else None,
        keys=_keys(data),
        relay_port=None if relay_port is None else int(relay_port),
    )


def _keys(data: Data) -> MeterKeys | None:
    """Return the keys of a meter that encrypts; raises ValueError for what are none."""
    if _KEY not in data:
        return None
    authentication = data.get(_AUTHENTICATION_KEY)
    return MeterKeys(
        bytes.fromhex(data[_KEY]),
        PUBLIC_AUTHENTICATION_KEY if authentication is None else bytes.fromhex(authentication),
    )


def _mistake(data: Data) -> str | None:
    if "host" not in data and "device" not in data:
        return "address_missing"
    try:
        _keys(data)
    except ValueError:
        return "not_a_key"
    return None


async def _probe(_kind: DeviceKind, settings: P1Settings, resources: ProbeResources) -> DeviceIdentity:
    return (await probe_p1(settings, resources.web_session)).identity


def _build(_kind: DeviceKind, settings: P1Settings, resources: Resources) -> P1Meter:
    return P1Meter(settings, session=resources.web_session, clock=resources.clock)


P1 = DriverSpec(
    id="p1",
    kinds=frozenset({DeviceKind.GRID_METER}),
    forms=(
        Form(
            step=_TCP,
            fields=(
                Field(name="host"),
                Field(name="port", type=FieldType.WHOLE_NUMBER, low=1, high=65535, suggested=_USUAL_PORT),
                *_OPTIONS,
            ),
            constants={"type": _TCP},
        ),
        Form(
            step=_HOMEWIZARD,
            fields=(Field(name="host"), _RELAY),
            constants={"type": _HOMEWIZARD},
            announced=Announced(service="_hwenergy._tcp.local.", properties={"product_type": "HWE-P1"}),
        ),
        Form(
            step=_SERIAL,
            fields=(Field(name="device", type=FieldType.SERIAL_PORT), *_OPTIONS),
            constants={"type": _SERIAL},
        ),
    ),
    parse=_parse,
    mistake=_mistake,
    probe=_probe,
    build=_build,
    is_told_by_serial=True,
)
