"""Runs until it is told to stop."""

import asyncio
import contextlib
import logging
import os
import signal
import sys
import time
from pathlib import Path

from home_common.identity import home_id, network_name
from home_common.settings import Settings, SettingsError

from .commissioning import opening
from .decision import State, Status, Window
from .identity import PASSWORD, password
from .keeper import Keeper, tell

DEFAULTS = {
    "HOME_ID": "",
    "BALENA_DEVICE_UUID": "",
    # commissioning: on for a while after power-on; off: never.
    "ACCESS_POINT": "commissioning",
    "AP_WINDOW_MINUTES": "30",
    PASSWORD: "",
    "DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/host/run/dbus/system_bus_socket",
    "DATA_FOLDER": "/data",
    "RUN_FOLDER": "/run",
    # Shared with the home's agent, which tells it on; the password is not in it.
    "STATUS_FOLDER": "/access_point",
    "BOOT_ID_FILE": "/proc/sys/kernel/random/boot_id",
    "LOOK_S": "15",
}
_CHOICES = {"commissioning": True, "off": False}

_LOGGER = logging.getLogger("wifi_ap")


def _load() -> Settings:
    folder = Path(os.environ.get("DATA_FOLDER", DEFAULTS["DATA_FOLDER"]))
    return Settings.load(DEFAULTS, options=folder / "options.json", secrets=(folder,))


def _keeper(settings: Settings) -> Keeper:
    choice = settings.text("ACCESS_POINT")
    if choice not in _CHOICES:
        raise SettingsError("ACCESS_POINT is neither commissioning nor off")
    data = settings.path("DATA_FOLDER")
    window_s = 60 * settings.number("AP_WINDOW_MINUTES", 1, 1440)
    boot_id = settings.path("BOOT_ID_FILE").read_text().strip()
    opened = opening(data, boot_id, _uptime_s())

    def window() -> Window:
        return Window(is_wanted=_CHOICES[choice], remaining_s=opened.remaining_s(_uptime_s(), window_s))

    return Keeper(
        name=network_name(home_id(settings)),
        password=password(settings, data),
        bus_address=settings.text("DBUS_SYSTEM_BUS_ADDRESS"),
        window=window,
        told=settings.path("STATUS_FOLDER"),
        run=settings.path("RUN_FOLDER"),
    )


def _uptime_s() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)


async def _run(keeper: Keeper, look_s: float) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        while not stop.is_set():
            await keeper.look()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), look_s)
    finally:
        keeper.end()


def run() -> int:
    """Run; exit code 2 and one line when a setting is wrong or a secret weak."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(name)s: %(message)s")
    settings = None
    try:
        settings = _load()
        asyncio.run(_run(_keeper(settings), settings.number("LOOK_S", 0.05, 60)))
    except SettingsError as error:
        _LOGGER.error("%s", error)  # noqa: TRY400 - the message is for a person
        if settings is not None:
            tell(settings.path("STATUS_FOLDER"), Status(state=State.DISABLED, reason=str(error)))
        return 2
    return 0
