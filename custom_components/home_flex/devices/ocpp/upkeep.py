"""What we ask of a charger at each boot, and to notice that it is gone."""

from typing import Final

from ocpp.v16 import call  # type: ignore[import-untyped]  # the library has no types
from ocpp.v16.enums import (  # type: ignore[import-untyped]  # the library has no types
    AvailabilityType,
    MessageTrigger,
)

from .asking import ask
from .session import Session
from .settings import Patience

# Each second sample of a slow charger is of little use, and none is of less.
_INTERVALS_S: Final = (2, 5, 10, 30, 60)
_SAMPLED_DATA: Final = ("Power.Active.Import", "Energy.Active.Import.Register", "Current.Import", "Voltage")
_TAKEN: Final = frozenset({"Accepted", "RebootRequired"})


async def configure(session: Session, patience: Patience) -> None:
    """Ask for frequent meter values and heartbeats. A charger that refuses is used as it is."""
    await _change(session, patience, "HeartbeatInterval", str(patience.heartbeat_s))
    await _negotiate_interval(session, patience)
    await _negotiate_measurands(session, patience)
    # Else each sample of the session is sent once more at its end, all in one message.
    await _change(session, patience, "StopTxnSampledData", "")


async def _negotiate_interval(session: Session, patience: Patience) -> None:
    """Ask for the shortest interval that the charger takes."""
    for interval_s in _INTERVALS_S:
        if await _change(session, patience, "MeterValueSampleInterval", str(interval_s)) != "Rejected":
            return


async def _negotiate_measurands(session: Session, patience: Patience) -> None:
    """Ask for all we can use; where that is refused (section 9.1.17) for each, then for all it takes."""
    status = await _change(session, patience, "MeterValuesSampledData", ",".join(_SAMPLED_DATA))
    if status != "Rejected":
        return
    taken = [
        measurand
        for measurand in _SAMPLED_DATA
        if await _change(session, patience, "MeterValuesSampledData", measurand) in _TAKEN
    ]
    while len(taken) > 1:
        if await _change(session, patience, "MeterValuesSampledData", ",".join(taken)) in _TAKEN:
            return
        taken.pop()
    if taken:
        await _change(session, patience, "MeterValuesSampledData", taken[0])


async def ask_who_it_is(session: Session, patience: Patience) -> bool:
    """Trigger the BootNotification that a charger sends only when it starts; whether it will send one."""
    answer = await ask(session, call.TriggerMessage(MessageTrigger.boot_notification), patience)
    return answer.get("status") == "Accepted"


async def ask_for_news(session: Session, patience: Patience, connector_id: int) -> None:
    """Trigger what the charger would else tell only at the next change."""
    for trigger in (MessageTrigger.status_notification, MessageTrigger.meter_values):
        await ask(session, call.TriggerMessage(trigger, connector_id), patience)


async def ask_for_values(session: Session, patience: Patience, connector_id: int) -> bool:
    """Trigger MeterValues; whether the charger does such a thing at all."""
    answer = await ask(session, call.TriggerMessage(MessageTrigger.meter_values, connector_id), patience)
    return answer.get("status") in {"Accepted", "Rejected"}


async def make_operative(session: Session, patience: Patience, connector_id: int) -> None:
    """Take back an Inoperative that somebody left behind."""
    message = call.ChangeAvailability(connector_id=connector_id, type=AvailabilityType.operative)
    await ask(session, message, patience)


async def start_session(session: Session, patience: Patience, connector_id: int, id_tag: str) -> bool:
    """Start a session for whoever is plugged in; whether the charger took it."""
    message = call.RemoteStartTransaction(id_tag=id_tag, connector_id=connector_id)
    return (await ask(session, message, patience)).get("status") == "Accepted"


async def prove_alive(session: Session, patience: Patience) -> None:
    """Provoke an answer from a charger that was silent for long: even a refusal is a sign of life."""
    await ask(session, call.TriggerMessage(MessageTrigger.heartbeat), patience)


async def _change(session: Session, patience: Patience, key: str, value: str) -> str:
    """Change a configuration key; return what the charger says to it, "" when it says nothing."""
    answer = await ask(session, call.ChangeConfiguration(key=key, value=value), patience)
    return str(answer.get("status", ""))
