"""What the entries of Home Assistant say of a site, as values of our own."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from homeassistant.const import (
    CONF_CURRENCY,
    CONF_HOST,
    CONF_NAME,
    CONF_PASSWORD,
    CONF_PORT,
    CONF_PREFIX,
    CONF_USERNAME,
)
from homeassistant.exceptions import ConfigEntryError

from .aggregator.settings import AggregatorSettings
from .const import (
    CONF_CA_CERTIFICATE,
    CONF_CLIENT_CERTIFICATE,
    CONF_CLIENT_KEY,
    CONF_EXPORT_PRICE,
    CONF_IMPORT_PRICE,
    CONF_MAIN_FUSE_A,
    CONF_PHASES,
    CONF_TLS,
    CONF_VEN_ID,
    DOMAIN,
)
from .core.model import Site


def utc_now() -> datetime:
    """Return the time, aware and in UTC."""
    return datetime.now(UTC)


def site_of(data: Mapping[str, Any]) -> Site:
    """Return the site that a config entry describes. Raises ConfigEntryError for a fuse that is none."""
    try:
        return Site(
            name=data[CONF_NAME],
            currency=data[CONF_CURRENCY],
            phases=int(data[CONF_PHASES]),
            main_fuse_a=float(data[CONF_MAIN_FUSE_A]),
            import_price_per_kwh=_price(data.get(CONF_IMPORT_PRICE)),
            export_price_per_kwh=_price(data.get(CONF_EXPORT_PRICE)),
        )
    except ValueError as error:
        raise ConfigEntryError(
            translation_domain=DOMAIN,
            translation_key="impossible_site",
            translation_placeholders={"problem": str(error)},
        ) from error


def _price(kept: object) -> Decimal | None:
    return None if kept is None else Decimal(str(kept))


def aggregator_settings(data: Mapping[str, Any], site_name: str) -> AggregatorSettings:
    """Return how the aggregator of a subentry is reached."""
    return AggregatorSettings(
        host=data[CONF_HOST],
        port=int(data[CONF_PORT]),
        prefix=data[CONF_PREFIX],
        ven_id=data[CONF_VEN_ID],
        ven_name=site_name,
        tls=data[CONF_TLS],
        ca_certificate=data.get(CONF_CA_CERTIFICATE),
        client_certificate=data.get(CONF_CLIENT_CERTIFICATE),
        client_key=data.get(CONF_CLIENT_KEY),
        username=data.get(CONF_USERNAME),
        password=data.get(CONF_PASSWORD),
    )
