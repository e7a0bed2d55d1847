"""What prices were: from the statistics that Home Assistant's recorder keeps of an entity, where it does."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

from homeassistant.const import ATTR_UNIT_OF_MEASUREMENT
from homeassistant.core import HomeAssistant

from .core.signals import Signal, SignalError, Slot, unit_factor
from .optional_parts import part

_BACK: Final = timedelta(days=56)
_HOUR: Final = timedelta(hours=1)


async def async_past(hass: HomeAssistant, entity_id: str | None, empty: Signal, now: datetime) -> Signal:
    """Return the hourly means of the last eight weeks in the unit of ``empty``.

    It is empty without a recorder, and for an entity in a unit that is none of the signal's.
    """
    recorder, statistics = part(hass, "recorder"), part(hass, "recorder", "statistics")
    if entity_id is None or recorder is None or statistics is None:
        return empty
    state = hass.states.get(entity_id)
    unit = state.attributes.get(ATTR_UNIT_OF_MEASUREMENT) if state is not None else None
    try:
        factor = unit_factor(empty.kind, unit, empty.unit.partition("/")[0]).factor
    except SignalError:
        return empty
    rows = await recorder.get_instance(hass).async_add_executor_job(
        statistics.statistics_during_period, hass, now - _BACK, now, {entity_id}, "hour", None, {"mean"}
    )
    slots = []
    for row in rows.get(entity_id, ()):
        mean = row.get("mean")
        if mean is None:
            continue
        start = datetime.fromtimestamp(row["start"], UTC)
        slots.append(
            Slot(
                start=start,
                end=start + _HOUR,
                value=Decimal(str(mean)) * factor,
                known_at=start + _HOUR,
                source=entity_id,
            )
        )
    return replace(empty, slots=tuple(slots))
