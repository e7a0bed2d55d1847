"""``python3 -m home_broker`` becomes Mosquitto; ``python3 -m home_broker health`` asks whether it answers."""

import logging
import os
import sys
from pathlib import Path
from typing import Final

from home_common.secret_files import write_secret
from home_common.settings import Settings, SettingsError

from . import certificates, configuration, credentials, folders, health, memory, password_file, room
from .clients import CLIENTS, access_rules
from .configuration import Configuration
from .mosquitto_conf import Files, render

_LOGGER = logging.getLogger("home_broker")
_CANNOT_START: Final = 78  # EX_CONFIG of sysexits.h
# Mosquitto needs no setting of ours, least of all the private key, in its environment.
_PASSED_ON: Final = ("PATH", "LD_LIBRARY_PATH", "TZ", "LANG")


def main() -> int:
    """Become Mosquitto, or return 78 when a setting is wrong; for ``health`` return 0 or 1."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stdout)
    try:
        wanted = configuration.read(_settings())
        if sys.argv[1:] == ["health"]:
            return 0 if _is_healthy(wanted) else 1
        return _become_mosquitto(wanted)
    except (SettingsError, OSError) as error:
        _LOGGER.error("The broker cannot start: %s", error)  # noqa: TRY400 # a trace back helps no operator
        return _CANNOT_START


def _settings() -> Settings:
    options = Path(os.environ.get("OPTIONS_FILE", "/data/options.json"))
    secrets = [Path(os.environ.get("SECRETS_FOLDER", "/run/secrets"))]
    return Settings.load(configuration.DEFAULTS, options=options, secrets=secrets)


def _become_mosquitto(wanted: Configuration) -> int:
    folders.prepare(wanted, [wanted.credentials / client.name for client in CLIENTS])
    os.umask(0o077)
    passwords = credentials.ensure(wanted.credentials, group=wanted.home_group)
    files = Files(wanted.run)
    write_secret(files.passwords, password_file.render(passwords))
    write_secret(files.access_rules, access_rules(wanted.topics))
    if wanted.centre is None:
        _LOGGER.warning("CENTRAL_BROKER is not set: home %s speaks to no community", wanted.home_id)
    else:
        write_secret(files.authority, wanted.centre.authority)
        write_secret(files.certificate, wanted.centre.certificate)
        write_secret(files.private_key, wanted.centre.private_key)
        certificates.check(
            authority=files.authority,
            certificate=files.certificate,
            private_key=files.private_key,
            home_id=wanted.home_id,
        )
        _LOGGER.info("Home %s is bridged to %s:%d", wanted.home_id, wanted.centre.host, wanted.centre.port)
    if memory.set_damaged_aside(wanted.data):
        _LOGGER.warning(
            "What was remembered is damaged and set aside: what waited is lost, the broker begins anew"
        )
    remembers = room.is_there(wanted.data)
    if not remembers:
        _LOGGER.warning("The disk takes nothing: what waits is kept in memory only, and a restart loses it")
    write_secret(files.configuration, render(wanted, files, remembers=remembers))
    room.note(wanted.run, remembers=remembers)
    sys.stdout.flush()
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    os.execvpe(wanted.mosquitto, ["mosquitto", "-c", str(files.configuration)], environment)  # noqa: S606 # no shell wanted


def _is_healthy(wanted: Configuration) -> bool:
    if room.came_back(wanted.run, wanted.data):
        _LOGGER.warning("The disk takes something again: the broker starts anew to remember what waits")
        return False
    client = CLIENTS[-1].name
    password = credentials.stored(wanted.credentials / client, credentials.PASSWORD)
    return health.answers(wanted.listen_address or "127.0.0.1", wanted.port, client, password)


if __name__ == "__main__":
    sys.exit(main())
