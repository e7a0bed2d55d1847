"""Who makes itself known in the home's network, as far as Home Assistant has heard of it.

Nothing is claimed here: what is found stands in a form, and its maker's own integration is offered as ever.
"""

from collections.abc import Iterator

from homeassistant.core import HomeAssistant, callback

from .devices.spec import Announced

_POINTER, _INTERNET = 12, 1  # RFC 1035: PTR, IN


@callback
def announced_hosts(hass: HomeAssistant, announced: Announced | None) -> dict[str, str]:
    """Return the names of devices by their addresses; none where nobody listens for them."""
    if announced is None:
        return {}
    found = dict(_by_service(hass, announced))
    return {**dict(_by_mac(hass, announced)), **found}


def _by_service(hass: HomeAssistant, announced: Announced) -> Iterator[tuple[str, str]]:
    if announced.service is None or "zeroconf" not in hass.config.components:
        return
    # Their libraries come with those integrations only.
    from homeassistant.components import zeroconf  # noqa: PLC0415
    from zeroconf.asyncio import AsyncServiceInfo  # noqa: PLC0415

    heard = zeroconf.async_get_async_zeroconf(hass).zeroconf
    for record in heard.cache.async_all_by_details(announced.service, _POINTER, _INTERNET):
        name = str(getattr(record, "alias", ""))
        if not name.endswith(announced.service):
            continue
        service = AsyncServiceInfo(announced.service, name)
        if not service.load_from_cache(heard) or (info := zeroconf.info_from_service(service)) is None:
            continue
        if announced.properties.items() <= info.properties.items():
            host = info.host if info.port in {None, 80} else f"{info.host}:{info.port}"
            yield host, f"{name.removesuffix(f'.{announced.service}')} ({host})"


def _by_mac(hass: HomeAssistant, announced: Announced) -> Iterator[tuple[str, str]]:
    if announced.mac is None or "dhcp" not in hass.config.components:
        return
    from homeassistant.components.dhcp import helpers  # noqa: PLC0415 # as above

    for info in helpers.async_discovered_service_info(hass):
        if info.macaddress.replace(":", "").upper().startswith(announced.mac):
            yield info.ip, f"{info.hostname or info.macaddress} ({info.ip})"
