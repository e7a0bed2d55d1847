"""Entry point: idles unless CONFIG_EDITOR is on, else serves the editor; ``health`` asks whether it does."""

import importlib
import ipaddress
import logging
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from home_common.health import http_status
from home_common.settings import Settings, SettingsError

from .guard import guarded
from .paths import HIDDEN

DEFAULTS = {
    "CONFIG_EDITOR": "off",
    "CONFIG_FOLDER": "/config",
    "LISTEN_ADDRESS": "0.0.0.0",  # noqa: S104 - inside the container; nothing is published
    "PORT": "3218",
    # From where it may be asked: nginx and the health check.
    "ALLOWED_NETWORKS": "127.0.0.1/32",
    "OPTIONS_FILE": "/data/options.json",
}

_LOGGER = logging.getLogger("config_editor")
_PATIENCE_S = 3.0


def _networks(settings: Settings) -> list[str]:
    names = settings.text("ALLOWED_NETWORKS").split(",")
    try:
        networks = [ipaddress.ip_network(name.strip()) for name in names]
    except ValueError:
        raise SettingsError("ALLOWED_NETWORKS is not a list of networks") from None
    if any(network.num_addresses > 256 for network in networks):
        raise SettingsError("ALLOWED_NETWORKS holds a network that is too wide")
    return [str(network) for network in networks]


def _serve(settings: Settings) -> None:
    # Only here: a home whose editor is off does not pay for it.
    configurator: Any = importlib.import_module("hass_configurator.configurator")

    base = settings.path("CONFIG_FOLDER").resolve()
    if not base.is_dir():
        raise SettingsError("CONFIG_FOLDER is not a folder")
    configurator.BASEPATH = str(base)
    configurator.ENFORCE_BASEPATH = True
    configurator.HASS_API = None
    configurator.GIT = False
    configurator.HIDEHIDDEN = True
    configurator.IGNORE_PATTERN = list(HIDDEN)
    configurator.ALLOWED_NETWORKS = networks = _networks(settings)
    address = (settings.text("LISTEN_ADDRESS"), int(settings.number("PORT", 0, 65535)))
    os.chdir(base)
    with configurator.SimpleServer(address, guarded(configurator.RequestHandler, base)) as server:
        _LOGGER.warning(
            "audit: the configuration editor is ON for %s, port %d, asked from %s only; what it changes can "
            "run code in Home Assistant. Turn CONFIG_EDITOR off when you are done",
            base,
            server.server_address[1],
            ", ".join(networks),
        )
        threading.Thread(target=server.serve_forever, daemon=True).start()
        _wait_for_the_end()
        server.shutdown()


def _wait_for_the_end() -> None:
    """Sleep without cost until the container is stopped: a service that ends is started again."""
    signal.sigwait({signal.SIGTERM, signal.SIGINT})


def _is_healthy(settings: Settings) -> bool:
    if not settings.flag("CONFIG_EDITOR"):
        return True
    port = int(settings.number("PORT", 1, 65535))
    return http_status("127.0.0.1", port, "/style.css", timeout_s=_PATIENCE_S) == 200


def main(arguments: list[str]) -> int:
    """Serve or idle; exit code 2 and one line when a setting is wrong."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(name)s: %(message)s")
    # Blocked before any thread begins, so that none takes what the main thread waits for.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    try:
        settings = Settings.load(
            DEFAULTS, options=Path(os.environ.get("OPTIONS_FILE", DEFAULTS["OPTIONS_FILE"]))
        )
        if arguments == ["health"]:
            return 0 if _is_healthy(settings) else 1
        if settings.flag("CONFIG_EDITOR"):
            _serve(settings)
        else:
            _LOGGER.warning("off: set CONFIG_EDITOR to on for as long as it is needed")
            _wait_for_the_end()
    except SettingsError as error:
        _LOGGER.error("%s", error)  # noqa: TRY400 - the message is for a person
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
