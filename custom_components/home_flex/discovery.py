"""Devices that make themselves known in the network, offered for one confirmation.

Only what Home Flex reads better than by entities is offered, and only while the site has nothing of its kind
that it might be counted twice with.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from homeassistant.config_entries import ConfigEntryState, ConfigSubentry
from homeassistant.const import CONF_HOST, CONF_PORT
from homeassistant.core import HomeAssistant, callback

from .const import CONF_DRIVER
from .coordinator import HomeFlexConfigEntry
from .core.model import DeviceIdentity, DeviceKind
from .device_drivers import HomeAssistantProbeResources, device_unique_id
from .devices.driver import DeviceError
from .devices.entities.spec import ENTITIES
from .devices.fronius.spec import FRONIUS
from .devices.p1.spec import P1
from .devices.spec import WIRED_PHASES, DriverSpec
from .devices.sunspec.spec import SUNSPEC


@dataclass(frozen=True, kw_only=True, slots=True)
class Offer:
    """A make of device: what it would be here, and what is kept beside its address."""

    kind: DeviceKind
    spec: DriverSpec[Any]
    data: Mapping[str, Any] = field(default_factory=dict)
    usual_port: int | None = None


_MODBUS: Final = 502
# The manifest names the same services and makers; tests compare.
BY_SERVICE: Final[Mapping[str, Offer]] = {
    "_hwenergy._tcp.local.": Offer(kind=DeviceKind.GRID_METER, spec=P1, data={"type": "homewizard"}),
    "_solaredge-modbus._tcp.local.": Offer(
        kind=DeviceKind.PV, spec=SUNSPEC, data={"unit_id": 1}, usual_port=_MODBUS
    ),
}
BY_MAKER: Final[Mapping[str, Offer]] = {
    "0003AC": Offer(kind=DeviceKind.PV, spec=FRONIUS),
    # SMA's SunSpec profile answers as unit 126, once Modbus is switched on.
    "0015BB": Offer(kind=DeviceKind.PV, spec=SUNSPEC, data={"unit_id": 126}, usual_port=_MODBUS),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """A device that answered, and is not of the site yet."""

    offer: Offer
    data: Mapping[str, Any]
    identity: DeviceIdentity

    @property
    def unique_id(self) -> str:
        """What its subentry is known by."""
        return device_unique_id(self.offer.kind, self.identity.serial_number)

    @property
    def name(self) -> str:
        """Maker and model."""
        return f"{self.identity.manufacturer} {self.identity.model}".strip()

    def subentry(self, title: str, entered: Mapping[str, Any]) -> ConfigSubentry:
        """Return what is kept of it."""
        return ConfigSubentry(
            data=MappingProxyType({**self.data, **entered}),
            subentry_type=self.offer.kind,
            title=title.strip() or self.name,
            unique_id=self.unique_id,
        )


async def async_found(
    hass: HomeAssistant, entry: HomeFlexConfigEntry, offer: Offer, host: str, port: int | None
) -> Found | str:
    """Let an announced device answer: return it, or the slug of why it is not offered."""
    of_kind = entry.get_subentries_of_type(offer.kind)
    if any(_is_in_the_way(other, host) for other in of_kind):
        return "device_known"
    where = (
        {CONF_HOST: host}
        if offer.usual_port is None
        else {CONF_HOST: host, CONF_PORT: port or offer.usual_port}
    )
    data = {CONF_DRIVER: offer.spec.id, **where, **offer.data}
    assert offer.spec.probe is not None  # noqa: S101 # whoever is offered is spoken to by us
    try:
        resources = HomeAssistantProbeResources(hass=hass)
        identity = await offer.spec.probe(offer.kind, offer.spec.parse(data), resources)
    except DeviceError:
        return "no_answer"
    found = Found(offer=offer, data=data, identity=identity)
    known = next((other for other in of_kind if other.unique_id == found.unique_id), None)
    if known is not None:
        _follow(hass, entry, known, where)
        return "device_known"
    if of_kind and offer.kind is DeviceKind.GRID_METER:
        return "device_known"
    return found


@callback
def _follow(
    hass: HomeAssistant, entry: HomeFlexConfigEntry, known: ConfigSubentry, where: Mapping[str, Any]
) -> None:
    """Take up the new address of a device that is lost at its old one.

    While it can be read where it is, who else says to be it is not believed.
    """
    if entry.state is not ConfigEntryState.LOADED or known.data.get(CONF_HOST) is None:
        return
    device = entry.runtime_data.data.devices.get(known.subentry_id)
    if device is not None and device.link_reason is not None:
        hass.config_entries.async_update_subentry(entry, known, data={**known.data, **where})


def _is_in_the_way(other: ConfigSubentry, host: str) -> bool:
    """Whether a device of the site is this one, or may be: by entities nobody can tell."""
    return other.data.get(CONF_HOST) == host or other.data.get(CONF_DRIVER) == ENTITIES.id


def asks_for_phases(offer: Offer) -> bool:
    """Whether a person must say which phases it is wired to."""
    return any(
        each.name == WIRED_PHASES
        for form in offer.spec.forms
        if form.is_for(offer.kind)
        for each in form.fields
    )
