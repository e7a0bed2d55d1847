"""What we ask of a charger once it is connected, and how we notice that it is gone."""

import asyncio
import logging
from collections.abc import Iterator
from typing import Any, Final

from ocpp.v16 import call  # type: ignore[import-untyped]  # the library has no types
from ocpp.v16.enums import MessageTrigger  # type: ignore[import-untyped]  # the library has no types

from ..driver import DeviceError
from . import fields
from .session import Payload, Session
from .settings import Patience

_LOGGER = logging.getLogger(__name__)

_SAMPLE_INTERVAL_S: Final = 2
_SAMPLED_DATA: Final = "Power.Active.Import,Current.Import,Voltage,Energy.Active.Import.Register"
# A charger refuses the whole list when it lacks one of them (section 9.1.17).
_LEAST_SAMPLED_DATA: Final = "Power.Active.Import,Energy.Active.Import.Register"
_STACK_LEVEL_KEY: Final = "ChargeProfileMaxStackLevel"
_HIGHEST_STACK_LEVEL: Final = 100
_SWITCHES_KEY: Final = "ConnectorSwitch3to1PhaseSupported"


async def configure(session: Session, patience: Patience) -> None:
    """Ask for frequent meter values and heartbeats. A charger that refuses is used as it is."""
    await _try(session, _change("HeartbeatInterval", str(patience.heartbeat_s)), patience)
    await _try(session, _change("MeterValueSampleInterval", str(_SAMPLE_INTERVAL_S)), patience)
    answer = await _try(session, _change("MeterValuesSampledData", _SAMPLED_DATA), patience)
    if answer.get("status") == "Rejected":
        await _try(session, _change("MeterValuesSampledData", _LEAST_SAMPLED_DATA), patience)


async def highest_stack_level(session: Session, patience: Patience) -> int:
    """Return the stack level on which our profiles win over installed ones; 0 when not told."""
    answer = await _try(session, call.GetConfiguration(key=[_STACK_LEVEL_KEY]), patience)
    for entry in _entries(answer):
        level = fields.integer(entry, "value")
        if entry.get("key") == _STACK_LEVEL_KEY and level is not None and level >= 0:
            return min(level, _HIGHEST_STACK_LEVEL)
    return 0


async def switches_phases(session: Session, patience: Patience) -> bool:
    """Return whether it switches from three phases to one (section 9.4); silence says that it does not."""
    answer = await _try(session, call.GetConfiguration(key=[_SWITCHES_KEY]), patience)
    return any(
        entry.get("key") == _SWITCHES_KEY and str(entry.get("value")).lower() == "true"
        for entry in _entries(answer)
    )


async def ask_for_news(
    session: Session, patience: Patience, connector_id: int, *, identity_known: bool
) -> None:
    """Trigger what the charger would else tell only at the next change."""
    if not identity_known:
        await _try(session, call.TriggerMessage(MessageTrigger.boot_notification), patience)
    for trigger in (MessageTrigger.status_notification, MessageTrigger.meter_values):
        await _try(session, call.TriggerMessage(trigger, connector_id), patience)


async def prove_alive(session: Session, patience: Patience) -> None:
    """Provoke an answer from a charger that was silent for long: even a refusal is a sign of life."""
    await _try(session, call.TriggerMessage(MessageTrigger.heartbeat), patience)


def _change(key: str, value: str) -> call.ChangeConfiguration:
    return call.ChangeConfiguration(key=key, value=value)


async def _try(session: Session, message: object, patience: Patience) -> Payload:
    """Return the answer, or an empty one when the charger refuses or keeps silent."""
    try:
        async with asyncio.timeout(2 * patience.limit_s):
            return await session.call(message, timeout_s=patience.set_up_s)
    except (DeviceError, TimeoutError) as error:
        _LOGGER.debug("A charger did not take %s: %s", type(message).__name__, error)
        return {}


def _entries(answer: Payload) -> Iterator[dict[str, Any]]:
    """Yield the entries of a GetConfiguration answer that are any."""
    keys = answer.get("configurationKey")
    if isinstance(keys, list):
        yield from (entry for entry in keys if isinstance(entry, dict))
