"""Mosquitto's configuration, access rules and bridge for one home (mosquitto.conf(5), 2.1)."""

from pathlib import Path

from .defaults import BrokerSettings, Centre

# Topics below the home's root, by what happens to them.
FROM_HOME_ASSISTANT = ("events/request", "reports/create", "resources/create", "resources/update", "status")
TO_HOME_ASSISTANT = ("events/create", "events/update", "events/delete", "events/response")
FROM_AGENT = ("agent/heartbeat", "agent/answers", "agent/revocation")
TO_AGENT = ("agent/commands/#",)

CLIENT_EXPIRY_S = 14 * 24 * 3600
MAX_PACKET_BYTES = 256 * 1024
# A message a minute for a week is 10,080; the bridge's queue holds five times that.
MAX_QUEUED_MESSAGES = 50_000
MAX_QUEUED_BYTES = 48 * 1024 * 1024
MEMORY_BYTES = 80 * 1024 * 1024


def configuration(settings: BrokerSettings) -> str:
    """Return mosquitto.conf."""
    listener = f"listener {settings.port} {settings.host}" if settings.host else f"listener {settings.port}"
    lines = [
        listener,
        # Mosquitto would change to a user of its own; the image has chosen one already, and it is not root.
        "user root",
        "allow_anonymous false",
        f"password_file {settings.run / 'passwords'}",
        f"acl_file {settings.run / 'access'}",
        f"max_packet_size {MAX_PACKET_BYTES}",
        f"max_queued_messages {MAX_QUEUED_MESSAGES}",
        f"max_queued_bytes {MAX_QUEUED_BYTES}",
        "max_inflight_messages 20",
        "queue_qos0_messages false",
        f"persistent_client_expiration {CLIENT_EXPIRY_S // 86400}d",
        f"memory_limit {MEMORY_BYTES}",
        "sys_interval 0",
        "set_tcp_nodelay true",
        # Acknowledged is written: without a flush period a kill costs nothing.
        f"plugin {settings.persistence_plugin}",
        "plugin_opt_flush_period 0",
        f"persistence_location {settings.data}",
        "log_dest stdout",
        "log_type error",
        "log_type warning",
        "log_type notice",
    ]
    if settings.centre is not None:
        lines += _bridge(settings, settings.centre)
    return "\n".join([*lines, ""])


def access_rules(settings: BrokerSettings) -> str:
    """Return the access file: each client its own topics, nothing else."""
    root = settings.root
    return "\n".join(
        [
            "user home_assistant",
            *(f"topic read {root}/{topic}" for topic in TO_HOME_ASSISTANT),
            *(f"topic write {root}/{topic}" for topic in FROM_HOME_ASSISTANT),
            "user home_agent",
            *(f"topic read {root}/{topic}" for topic in (*TO_AGENT, "status", "bridge/state")),
            *(f"topic write {root}/{topic}" for topic in FROM_AGENT),
            "",
        ]
    )


def _bridge(settings: BrokerSettings, centre: Centre) -> list[str]:
    run: Path = settings.run
    root = settings.root
    return [
        "connection centre",
        f"address {centre.host}:{centre.port}",
        "bridge_protocol_version mqttv50",
        f"bridge_cafile {run / 'authority.pem'}",
        f"bridge_certfile {run / 'certificate.pem'}",
        f"bridge_keyfile {run / 'key.pem'}",
        "bridge_insecure false",
        # The names are the keys to both sessions: they never change.
        f"remote_clientid {settings.home_id}",
        f"local_clientid bridge-{settings.home_id}",
        "cleansession false",
        "local_cleansession false",
        f"bridge_session_expiry_interval {CLIENT_EXPIRY_S}",
        f"bridge_max_packet_size {MAX_PACKET_BYTES}",
        "try_private false",
        "notifications true",
        f"notification_topic {root}/bridge/state",
        "keepalive_interval 30",
        # Homes that lost the same broker come back at different moments.
        "restart_timeout 5 120",
        *(f"topic {root}/{topic} out 1" for topic in (*FROM_HOME_ASSISTANT, *FROM_AGENT)),
        *(f"topic {root}/{topic} in 1" for topic in (*TO_HOME_ASSISTANT, *TO_AGENT)),
    ]
