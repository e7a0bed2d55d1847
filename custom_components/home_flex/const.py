"""Names shared by the Home Assistant face of Home Flex."""

import logging
from typing import Final

DOMAIN: Final = "home_flex"
LOGGER: Final = logging.getLogger(__package__)

# The site (config entry).
CONF_PHASES: Final = "phases"
CONF_MAIN_FUSE_A: Final = "main_fuse_a"
CONF_IMPORT_PRICE: Final = "import_price_per_kwh"
CONF_EXPORT_PRICE: Final = "export_price_per_kwh"
CONF_OCPP_PORT: Final = "ocpp_port"
DEFAULT_OCPP_PORT: Final = 8887

# Subentry types: the values of DeviceKind, the link to the aggregator, and where measurements are written.
SUBENTRY_AGGREGATOR: Final = "aggregator"
SUBENTRY_MEASUREMENT_STORE: Final = "measurement_store"

# A device: the id of its driver (devices/registry.py), beside what that driver's form asks for.
CONF_DRIVER: Final = "driver"
CONF_IDENTITY: Final = "identity"

# Aggregator: host, port, TLS with its PEM texts, user and password, topic prefix, venID, and the programs
# whose capacity limits are the grid operator's.
CONF_TLS: Final = "tls"
CONF_CA_CERTIFICATE: Final = "ca_certificate"
CONF_CLIENT_CERTIFICATE: Final = "client_certificate"
CONF_CLIENT_KEY: Final = "client_key"
CONF_VEN_ID: Final = "ven_id"
CONF_ENROLMENT_URL: Final = "enrolment_url"
CONF_GRID_OPERATOR_PROGRAMS: Final = "grid_operator_programs"

# Measurement store (InfluxDB 2): url, verify_ssl, organisation, bucket, token or its file, home's identity.
CONF_ORG: Final = "org"
CONF_BUCKET: Final = "bucket"
CONF_TOKEN_FILE: Final = "token_file"  # noqa: S105 # the name of a field
CONF_HEALTH_URL: Final = "health_url"
CONF_HOME_ID: Final = "home_id"
