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
CONF_CONNECTOR_ID: Final = "connector_id"
CONF_OCPP_PORT: Final = "ocpp_port"
EVENT_OCPP: Final = f"{DOMAIN}_ocpp"
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

# What the resident shares with the community, and until which day.
SUBENTRY_SHARING: Final = "sharing"
CONF_SHARED_BATTERIES: Final = "batteries"
SUBENTRY_SHARED_ROOM: Final = "shared_room"
CONF_AREA: Final = "area"
CONF_SHARED_QUARTER_HOURS: Final = "quarter_hours"
CONF_SHARED_SINCE: Final = "since"
CONF_SHARED_UNTIL: Final = "until"

# Measurement store (InfluxDB 2): url, verify_ssl, organisation, bucket, token or its file, home's identity.
CONF_ORG: Final = "org"
CONF_BUCKET: Final = "bucket"
CONF_TOKEN_FILE: Final = "token_file"  # noqa: S105 # the name of a field
CONF_HEALTH_URL: Final = "health_url"
CONF_HOME_ID: Final = "home_id"

# How the site is supplied (GridKind), and who gets the surplus first (Preference).
CONF_GRID: Final = "grid"
CONF_PREFERENCE: Final = "preference"

# Circuits and groups, each a subentry. A circuit: fuse, phases, what feeds it, its own meter, its devices.
SUBENTRY_CIRCUIT: Final = "circuit"
SUBENTRY_GROUP: Final = "group"
CONF_FUSE_A: Final = "fuse_a"
CONF_CIRCUIT_PHASES: Final = "circuit_phases"
CONF_PARENT: Final = "parent"
CONF_POWER_LIMIT_W: Final = "power_limit_w"
CONF_OTHER_LOAD_A: Final = "other_load_a"
CONF_METER_DEVICE: Final = "meter_device"
CONF_METER_POWER: Final = "meter_power"
CONF_METER_CURRENTS: Final = "meter_currents"

# A group: why its devices share a limit (GroupKind); under section 14a how it is dimmed, and by which entity.
CONF_KIND: Final = "kind"
CONF_DIMMING_MODE: Final = "dimming_mode"
CONF_REGISTERED: Final = "registered"
CONF_HEAT_PUMPS_W: Final = "heat_pumps_w"
CONF_COOLING_W: Final = "cooling_w"
CONF_SIGNAL: Final = "signal"

# A tariff: which signal it is of (SignalKind) or the peak; prices and their hours, or an entity with what is
# added to what it tells.
SUBENTRY_TARIFF: Final = "tariff"
CONF_PRICE: Final = "price_per_kwh"
CONF_LOW_PRICE: Final = "low_price_per_kwh"
CONF_LOW_SINCE: Final = "low_since"
CONF_LOW_UNTIL: Final = "low_until"
CONF_WEEKENDS_LOW: Final = "weekends_low"
CONF_HIGH_PRICE: Final = "high_price_per_kwh"
CONF_HIGH_SINCE: Final = "high_since"
CONF_HIGH_UNTIL: Final = "high_until"
CONF_ENTITY: Final = "entity"
CONF_FACTOR: Final = "factor"
CONF_ADDITION: Final = "addition_per_kwh"
CONF_VAT_PERCENT: Final = "vat_percent"
CONF_PEAK_PRICE: Final = "price_per_kw_month"
CONF_FEE_PER_DAY: Final = "fee_per_day"
CONF_FEE_PER_MONTH: Final = "fee_per_month"
CONF_FEE_PER_YEAR: Final = "fee_per_year"
CONF_LEAST_KW: Final = "least_kw"

# A building: the entities that show how it keeps its heat, what warms it, and who lives there.
SUBENTRY_BUILDING: Final = "building"
CONF_INDOOR: Final = "indoor"
CONF_OUTDOOR: Final = "outdoor"
CONF_HEAT_SOURCE: Final = "heat_source"
CONF_HEAT: Final = "heat"
CONF_HEAT_FACTOR: Final = "heat_factor"
CONF_HOT_WATER_KWH: Final = "hot_water_kwh_a_day"
CONF_ELECTRICITY: Final = "electricity"
CONF_PEOPLE: Final = "people"
CONF_SUN: Final = "sun"

# Helpers of a device (options of the entry, by subentry id): when it is not to be disturbed, and its car.
CONF_HELPERS: Final = "helpers"
CONF_QUIET: Final = "quiet"
CONF_CAR_SOC: Final = "car_soc"
CONF_CAR_CAPACITY_KWH: Final = "car_capacity_kwh"
