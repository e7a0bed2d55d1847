"""From a Home Assistant nobody has seen yet to a home that is set up."""

import asyncio
import logging

from home_common.retry import BackOff
from home_common.settings import Settings, SettingsError

from ..defaults import load
from ..fields import RecordError
from ..owner_folder import OwnerFolder
from ..record import HomeRecord, parse
from ..supervisor import TRY_LATER
from ..volume import Volume, VolumeError
from . import energy, provisioning
from .api import ApiError, HomeAssistantApi, eventually
from .flows import FlowError
from .memory import Memory
from .owner import NotOwnerError, log_in
from .parts import NotYetError, Part, parts_of

_LOGGER = logging.getLogger(__name__)

# A Raspberry Pi with a full disk of add-ons takes its time.
_START_PATIENCE_S = 900.0
_ENERGY_PATIENCE_S = 900.0
_ENERGY_INTERVAL_S = 5.0


def run() -> int:
    """Set the home up; return 0 when nothing is left, TRY_LATER when something needs hours, else 1."""
    try:
        settings = load()
        return 0 if asyncio.run(_set_up(settings)) else TRY_LATER
    except (NotOwnerError, SettingsError) as error:
        _LOGGER.error("%s: nothing is set up", error)  # noqa: TRY400 - the line says it all
    except provisioning.RemovedError:
        _LOGGER.info("Home Flex was removed by a person and is not brought back")
    except (ApiError, FlowError, VolumeError) as error:
        _LOGGER.warning("Set-up stopped: %s", error)
        return 1
    return 0


async def _set_up(settings: Settings) -> bool:
    """Return whether everything is set up that ever will be."""
    host = settings.optional("HTTP_HOST") or "127.0.0.1"
    url = f"http://{host}:{int(settings.number('HTTP_PORT', 1, 65535))}"
    owner = OwnerFolder.of(settings)
    memory = Memory(Volume(settings.path("CONFIG_FOLDER")))
    record = _record(settings)
    async with HomeAssistantApi(url) as api:
        await _answers(api)
        language = record.location["language"] if record else "en"
        await log_in(api, owner, memory, language=language)
        if record is None:
            return True
        await _runs(api)
        await provisioning.set_location(api, memory, record)
        site = await provisioning.site(api, memory, record)
        back_off = BackOff(
            settings.number("LEAST_RETRY_S", 0.1, 3600), settings.number("MOST_RETRY_S", 0.1, 86400)
        )
        await _add_all(api, memory, site, parts_of(record, settings, owner), back_off, record)
        _LOGGER.info("The home is set up")
        return await _fill_energy(api, memory, site, record)


def _record(settings: Settings) -> HomeRecord | None:
    text = settings.optional("HOME_RECORD")
    if text is None:
        _LOGGER.info("There is no HOME_RECORD: Home Assistant starts without Home Flex set up")
        return None
    try:
        return parse(text)
    except RecordError as error:
        _LOGGER.error("%s: Home Assistant starts without Home Flex set up", error)  # noqa: TRY400
        return None


async def _answers(api: HomeAssistantApi) -> None:
    async def look() -> bool:
        try:
            await api.get("/manifest.json")
            await api.get("/auth/providers")
        except ApiError as error:
            # Before onboarding ends, some addresses answer with a refusal: an answer all the same.
            return error.status == 400
        return True

    if not await eventually(look, timeout_s=_START_PATIENCE_S):
        raise ApiError("Home Assistant did not start")


async def _runs(api: HomeAssistantApi) -> None:
    async def look() -> bool:
        return bool((await api.get("/api/config"))["state"] == "RUNNING")

    if not await eventually(look, timeout_s=_START_PATIENCE_S):
        _LOGGER.warning("Home Assistant is still starting; going on")


async def _add_all(
    api: HomeAssistantApi,
    memory: Memory,
    site: provisioning.Site,
    parts: list[Part],
    back_off: BackOff,
    record: HomeRecord,
) -> None:
    """Add every part; what does not answer is tried again later, for as long as it takes."""
    told: dict[str, str] = {}
    while True:
        left = []
        for part in parts:
            try:
                await provisioning.add(api, memory, site, part)
            except NotYetError as error:
                left.append(part)
                if told.get(part.name) != str(error):
                    told[part.name] = str(error)
                    _LOGGER.warning("%s is not set up yet, and tried again later: %s", part.name, error)
        parts = left
        if not parts:
            return
        _LOGGER.info("The home is set up, but for %s", ", ".join(part.name for part in parts))
        await energy.fill(api, memory, site, record)
        await asyncio.sleep(back_off.next_s())


async def _fill_energy(
    api: HomeAssistantApi, memory: Memory, site: provisioning.Site, record: HomeRecord
) -> bool:
    """Return whether every device is in the dashboard: one that has counted nothing yet comes later."""

    async def look() -> bool:
        return await energy.fill(api, memory, site, record)

    if await eventually(look, timeout_s=_ENERGY_PATIENCE_S, every_s=_ENERGY_INTERVAL_S):
        _LOGGER.info("The Energy dashboard is filled")
        return True
    return False
