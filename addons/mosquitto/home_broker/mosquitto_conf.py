"""Mosquitto's configuration of a home (mosquitto.conf(5) of version 2.1)."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from .configuration import Centre, Configuration

# What goes to the centre and what comes from there, below the home's own topics; named alike at both ends.
UP: Final = (
    *("reports/create", "resources/create", "resources/update", "status", "events/request"),
    "invitations/answer",
    *("agent/heartbeat", "agent/answers", "agent/revocation"),
)
DOWN: Final = (
    *("events/create", "events/update", "events/delete", "events/response", "reports/received"),
    *("invitations/told", "invitations/received"),
    "agent/commands/#",
)

MAX_PACKET_BYTES: Final = 256 * 1024
# Longer than a holiday without a line. The centre keeps a home's commands for as long.
SESSION_DAYS: Final = 30
# Of 96 MiB for the whole container; a full queue of each kind stays below it (README).
MEMORY_LIMIT_BYTES: Final = 72 * 2**20


@dataclass(frozen=True, slots=True)
class Files:
    """What the configuration refers to, in the run folder."""

    folder: Path

    @property
    def configuration(self) -> Path:
        """Mosquitto's own."""
        return self.folder / "mosquitto.conf"

    @property
    def passwords(self) -> Path:
        """Hashes."""
        return self.folder / "passwords"

    @property
    def access_rules(self) -> Path:
        """Who may do what."""
        return self.folder / "access_rules"

    @property
    def authority(self) -> Path:
        """Who vouches for the centre."""
        return self.folder / "central_authority.pem"

    @property
    def certificate(self) -> Path:
        """Who the home is."""
        return self.folder / "home_certificate.pem"

    @property
    def private_key(self) -> Path:
        """What proves it."""
        return self.folder / "home_private_key.pem"


def render(wanted: Configuration, files: Files, *, remembers: bool = True) -> str:
    """Return the text of mosquitto.conf; a broker that ``remembers`` keeps what waits on the disk."""
    lines = [*_broker(wanted, files), *(_memory(wanted) if remembers else ())]
    if wanted.centre is not None:
        lines += _bridge(wanted, wanted.centre, files)
    return "\n".join([*lines, ""])


def _broker(wanted: Configuration, files: Files) -> Iterator[str]:
    yield f"listener {wanted.port} {wanted.listen_address or ''}".rstrip()
    yield "max_connections 64"
    yield "allow_anonymous false"
    yield f"global_plugin {wanted.plugins}/mosquitto_password_file.so"
    yield f"plugin_opt_password_file {files.passwords}"
    yield f"global_plugin {wanted.plugins}/mosquitto_acl_file.so"
    yield f"plugin_opt_acl_file {files.access_rules}"
    # Beyond these the newest is dropped, which the log tells once.
    yield f"max_queued_messages {wanted.max_queued_messages}"
    yield f"max_queued_bytes {wanted.max_queued_bytes}"
    yield f"max_packet_size {MAX_PACKET_BYTES}"
    yield f"memory_limit {MEMORY_LIMIT_BYTES}"
    yield f"persistent_client_expiration {SESSION_DAYS}d"
    yield "set_tcp_nodelay true"
    yield "sys_interval 60"
    yield "log_dest stdout"
    yield "log_timestamp_format %Y-%m-%dT%H:%M:%S"
    yield from (f"log_type {kind}" for kind in ("error", "warning", "notice"))
    # The health check connects every minute.
    yield "connection_messages false"


def _memory(wanted: Configuration) -> Iterator[str]:
    # Written in the turn of the loop that acknowledges: with a period, a kill loses what came within it.
    yield f"global_plugin {wanted.plugins}/mosquitto_persist_sqlite.so"
    yield "plugin_opt_flush_period 0"
    yield f"persistence_location {wanted.data}"


def _bridge(wanted: Configuration, centre: Centre, files: Files) -> Iterator[str]:
    yield ""
    yield "connection centre"
    yield f"address {centre.host}:{centre.port}"
    yield "bridge_protocol_version mqttv50"
    # Understood by brokers of every make.
    yield "try_private false"
    yield f"bridge_cafile {files.authority}"
    yield f"bridge_certfile {files.certificate}"
    yield f"bridge_keyfile {files.private_key}"
    yield "bridge_tls_version tlsv1.2"
    yield "bridge_insecure false"
    yield f"remote_clientid {wanted.home_id}"
    yield f"local_clientid centre.{wanted.home_id}"
    yield "cleansession false"
    yield "local_cleansession false"
    # Without it, version 5 ends the session at the centre, and what is queued there, with the connection.
    yield f"bridge_session_expiry_interval {SESSION_DAYS * 86_400}"
    yield f"bridge_max_packet_size {MAX_PACKET_BYTES}"
    yield f"keepalive_interval {centre.keepalive_s}"
    # Jittered, so that a thousand homes do not return at once; the last is how long a good connection lasts.
    yield f"restart_timeout {centre.retry_least_s} {max(centre.retry_least_s, centre.retry_most_s)} 30"
    yield "notifications true"
    yield f"notification_topic {wanted.topics}/bridge/state"
    yield from (f"topic {wanted.topics}/{topic} out 1" for topic in UP)
    yield from (f"topic {wanted.topics}/{topic} in 1" for topic in DOWN)
