"""The entry point: ``python3 -m home_broker`` makes accounts and configuration, and becomes Mosquitto."""

import os
import socket
import ssl
import sys
from typing import NoReturn

from .accounts import accounts, password_file
from .configuration import access_rules, configuration
from .defaults import BrokerSettings, Centre, load
from .settings import SettingsError, write_secret

HEALTH_TIMEOUT_S = 3.0


def main(arguments: list[str]) -> int:
    """Run the broker, or ask whether it takes connections (``health``)."""
    try:
        settings = load()
        match arguments:
            case []:
                prepare(settings)
                _become_mosquitto(settings)
            case ["health"]:
                return _health(settings)
            case _:
                print("usage: python3 -m home_broker [health]", file=sys.stderr)
                return 2
    except (SettingsError, OSError) as error:
        print(f"home_broker: {error}", file=sys.stderr)
        return 1


def _become_mosquitto(settings: BrokerSettings) -> NoReturn:
    where = f"{settings.centre.host}:{settings.centre.port}" if settings.centre else "none is set"
    print(f"home_broker: home {settings.home_id}, centre: {where}", flush=True)
    os.execvp("mosquitto", ["mosquitto", "-c", str(settings.run / "mosquitto.conf")])  # noqa: S606, S607 # becomes it


def prepare(settings: BrokerSettings) -> None:
    """Write everything Mosquitto reads. Raises SettingsError, OSError."""
    settings.run.mkdir(mode=0o700, parents=True, exist_ok=True)
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    known = accounts(settings.credentials, settings.group_id)
    write_secret(settings.run / "passwords", password_file(known))
    write_secret(settings.run / "access", access_rules(settings))
    if settings.centre is not None:
        _write_identity(settings, settings.centre)
    write_secret(settings.run / "mosquitto.conf", configuration(settings))


def _write_identity(settings: BrokerSettings, centre: Centre) -> None:
    files = {
        "authority.pem": centre.authority,
        "certificate.pem": centre.certificate,
        "key.pem": centre.private_key,
    }
    for name, text in files.items():
        write_secret(settings.run / name, text)
    context = ssl.create_default_context()
    try:
        context.load_verify_locations(settings.run / "authority.pem")
    except ssl.SSLError as error:
        raise SettingsError("CENTRAL_CA is not a certificate in PEM form") from error
    try:
        context.load_cert_chain(settings.run / "certificate.pem", settings.run / "key.pem")
    except ssl.SSLError as error:
        raise SettingsError(
            "HOME_CERTIFICATE and HOME_PRIVATE_KEY do not belong together, or are no PEM"
        ) from error


def _health(settings: BrokerSettings) -> int:
    with socket.create_connection((settings.host or "127.0.0.1", settings.port), HEALTH_TIMEOUT_S):
        return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
