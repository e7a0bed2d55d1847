"""What this service is told, with what holds where nothing is said."""

import os
from pathlib import Path

from home_common.settings import Settings

DEFAULTS = {
    "HOME_ID": "",
    "BALENA_DEVICE_UUID": "",
    # The provisioning record of the home: see record.py.
    "HOME_RECORD": "",
    "CONFIG_FOLDER": "/config",
    # What the image brings: the integration and the files a new volume begins with.
    "COMPONENT_FOLDER": "/usr/src/home_flex/custom_components/home_flex",
    "SEED_FOLDER": "/usr/src/home_flex/seed",
    "CREDENTIALS_FOLDER": "/credentials",
    "OWNER_FOLDER": "/credentials_owner",
    "HOME_GROUP_ID": "2000",
    "HTTP_PORT": "8123",
    # Where Home Assistant listens; empty: on every address of its container.
    "HTTP_HOST": "",
    # Addresses and networks whose X-Forwarded-For is believed, separated by commas: nginx and nothing else.
    "TRUSTED_PROXIES": "",
    "LOGIN_ATTEMPTS": "10",
    "MQTT_HOST": "mosquitto",
    "MQTT_PORT": "1883",
    "MQTT_PREFIX": "home_flex",
    "INFLUXDB_URL": "http://influxdb:8086",
    "INFLUXDB_BUCKET": "measurements",
    "INFLUXDB_HEALTH_URL": "http://influxdb:8087/health",
    # More words for the command line of Home Assistant.
    "HOME_ASSISTANT_OPTIONS": "",
    "LEAST_RETRY_S": "15",
    "MOST_RETRY_S": "300",
}


def load() -> Settings:
    """Read the settings of this process. Raises SettingsError."""
    credentials = Path(os.environ.get("CREDENTIALS_FOLDER", DEFAULTS["CREDENTIALS_FOLDER"]))
    options = Path(os.environ.get("OPTIONS_FILE", "/data/options.json"))
    return Settings.load(DEFAULTS, options=options, secrets=[credentials])
