"""What this service is told, with what holds where nothing is said."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from home_common.identity import home_id, topic_prefix
from home_common.secret_files import new_secret, write_secret
from home_common.settings import Settings, SettingsError
from home_common.signed_command import read_public_key

DEFAULTS: Final[Mapping[str, str]] = {
    "HOME_ID": "",
    "BALENA_DEVICE_UUID": "",
    "BALENA_DEVICE_TYPE": "",
    "BALENA_HOST_OS_VERSION": "",
    # balena's Supervisor on the gateway; empty: this is no balena device.
    "BALENA_SUPERVISOR_ADDRESS": "",
    "BALENA_SUPERVISOR_API_KEY": "",
    "BALENA_APP_ID": "",
    "MQTT_PREFIX": "home_flex",
    "MQTT_HOST": "mosquitto",
    "MQTT_PORT": "1883",
    "HOME_ASSISTANT_URL": "http://home_assistant:8123",
    "INFLUXDB_HEALTH_URL": "http://influxdb:8087/health",
    # host:port; its answers depend on the host asked for, so that a connection has to be proof enough.
    "NGINX_ADDRESS": "nginx:80",
    # Where the agent listens; empty: on every address of its container.
    "HTTP_HOST": "",
    "HTTP_PORT": "8099",
    "DATA_FOLDER": "/data",
    "CREDENTIALS_FOLDER": "/credentials",
    "OWNER_FOLDER": "/credentials_owner",
    # What the access point says of itself.
    "ACCESS_POINT_FOLDER": "/access_point",
    "LOCK_FILE": "/tmp/balena/updates.lock",  # noqa: S108 - balena's own place
    "PROC_FOLDER": "/proc",
    "SYS_FOLDER": "/sys",
    # A folder of the operator's, by HTTPS; empty: no backup leaves the home.
    "BACKUP_URL": "",
    "BACKUP_KEY": "",
    "BACKUP_DATABASE": "off",
    "BACKUP_EVERY_DAYS": "7",
    # Opens the status page; made at first start when it is not given.
    "OPERATOR_SECRET": "",
    # Who may erase and restore the home: a public Ed25519 key in base64; empty: nobody, by command.
    "OPERATOR_KEY": "",
    "HEARTBEAT_S": "300",
    "PROBE_S": "30",
}
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, kw_only=True, slots=True)
class SupervisorAddress:
    """How balena's Supervisor is reached."""

    url: str
    key: str = field(repr=False)
    app_id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class BackupSettings:
    """Where backups go, sealed with which key, and every how many days; ``url`` may hold a password."""

    url: str = field(repr=False)
    key: str = field(repr=False)
    with_database: bool
    every_days: float


@dataclass(frozen=True, kw_only=True, slots=True)
class AgentSettings:
    """Everything this service is told."""

    home_id: str
    prefix: str
    device_type: str | None
    host_os: str | None
    supervisor: SupervisorAddress | None
    mqtt_host: str
    mqtt_port: int
    home_assistant_url: str
    influxdb_health_url: str
    nginx_address: str | None
    http_host: str | None
    http_port: int
    data: Path
    credentials: Path
    owner: Path
    access_point: Path
    lock_file: Path
    proc: Path
    sys: Path
    backup: BackupSettings | None
    operator_secret: str = field(repr=False)
    operator_key: str | None
    heartbeat_s: float
    probe_s: float

    @property
    def root(self) -> str:
        """The topics of this home begin so."""
        return f"{self.prefix}/vens/{self.home_id}"


def load(settings: Settings | None = None) -> AgentSettings:
    """Read and check the settings of this process; the operator's secret is made when missing.

    Raises SettingsError.
    """
    settings = settings or Settings.load(DEFAULTS)
    data = settings.path("DATA_FOLDER")
    data.mkdir(parents=True, exist_ok=True)
    return AgentSettings(
        home_id=home_id(settings),
        prefix=topic_prefix(settings),
        device_type=settings.optional("BALENA_DEVICE_TYPE"),
        host_os=settings.optional("BALENA_HOST_OS_VERSION"),
        supervisor=_supervisor(settings),
        mqtt_host=settings.text("MQTT_HOST"),
        mqtt_port=int(settings.number("MQTT_PORT", 1, 65535)),
        home_assistant_url=settings.text("HOME_ASSISTANT_URL").rstrip("/"),
        influxdb_health_url=settings.text("INFLUXDB_HEALTH_URL"),
        nginx_address=settings.optional("NGINX_ADDRESS"),
        http_host=settings.optional("HTTP_HOST"),
        http_port=int(settings.number("HTTP_PORT", 1, 65535)),
        data=data,
        credentials=settings.path("CREDENTIALS_FOLDER"),
        owner=settings.path("OWNER_FOLDER"),
        access_point=settings.path("ACCESS_POINT_FOLDER"),
        lock_file=settings.path("LOCK_FILE"),
        proc=settings.path("PROC_FOLDER"),
        sys=settings.path("SYS_FOLDER"),
        backup=_backup(settings),
        operator_secret=_operator_secret(settings, data),
        operator_key=_operator_key(settings),
        heartbeat_s=settings.number("HEARTBEAT_S", 0.1, 3600),
        probe_s=settings.number("PROBE_S", 0.1, 600),
    )


def _supervisor(settings: Settings) -> SupervisorAddress | None:
    if (url := settings.optional("BALENA_SUPERVISOR_ADDRESS")) is None:
        return None
    return SupervisorAddress(
        url=url.rstrip("/"),
        key=settings.text("BALENA_SUPERVISOR_API_KEY"),
        app_id=settings.text("BALENA_APP_ID"),
    )


def _backup(settings: Settings) -> BackupSettings | None:
    if (url := settings.optional("BACKUP_URL")) is None:
        return None
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise SettingsError("BACKUP_URL must begin with https://")
    return BackupSettings(
        url=url.rstrip("/"),
        key=settings.secret("BACKUP_KEY", least_characters=32),
        with_database=settings.flag("BACKUP_DATABASE"),
        every_days=settings.number("BACKUP_EVERY_DAYS", 1, 90),
    )


def _operator_key(settings: Settings) -> str | None:
    if (key := settings.optional("OPERATOR_KEY")) is None:
        return None
    try:
        read_public_key(key)
    except ValueError:
        raise SettingsError("OPERATOR_KEY is no Ed25519 key in base64") from None
    return key


def _operator_secret(settings: Settings, data: Path) -> str:
    if settings.optional("OPERATOR_SECRET") is not None:
        return settings.secret("OPERATOR_SECRET", least_characters=32)
    path = data / "operator_secret"
    if not path.exists():
        write_secret(path, new_secret())
    kept = Settings({"OPERATOR_SECRET": path.read_text()})
    return kept.secret("OPERATOR_SECRET", least_characters=32)
