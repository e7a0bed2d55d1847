"""Home Assistant's long-term statistics: what was counted is read there, and what is counted published.

The recorder publishes hours only; it checks ``mean_type`` and ``unit_class``, and ``sum`` is a running total.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, Literal

from homeassistant.const import UnitOfEnergy, UnitOfVolume
from homeassistant.core import HomeAssistant

from .const import DOMAIN
from .core.statistics import SLOT_S
from .core.statistics.backfill import Interval
from .core.statistics.registers import WH
from .optional_parts import part
from .runtime.publication import Hour

_RECORDER: Final = "recorder"
_WH_PER_KWH: Final = 1000


def has_recorder(hass: HomeAssistant) -> bool:
    """Return whether there is a recorder."""
    return _RECORDER in hass.config.components


async def async_ask(
    hass: HomeAssistant, statistic_id: str, unit: str, start: datetime, end: datetime, length_s: int
) -> Iterable[Interval]:
    """Return what a statistic counted between two moments, in Wh or litres.

    It is sure where the recorder had a state; it goes on summing where there was none.
    """
    recorder, statistics = part(hass, _RECORDER), part(hass, _RECORDER, "statistics")
    if recorder is None or statistics is None:
        return []
    period: Literal["5minute", "hour"] = "5minute" if length_s == SLOT_S else "hour"
    units = {"energy": UnitOfEnergy.WATT_HOUR.value} if unit == WH else {"volume": UnitOfVolume.LITERS.value}
    rows = await recorder.get_instance(hass).async_add_executor_job(
        statistics.statistics_during_period,
        hass,
        start,
        end,
        {statistic_id},
        period,
        units,
        {"change", "state"},
    )
    return [
        Interval(start_s=int(row["start"]), amount=row.get("change"), is_sure=row.get("state") is not None)
        for row in rows.get(statistic_id, ())
    ]


def publisher(
    hass: HomeAssistant, entry_id: str, names: Mapping[str, str]
) -> Callable[[str, Sequence[Hour]], None]:
    """Return what publishes hours of a site; ``names``: what each of its statistics is called."""
    models, statistics = part(hass, _RECORDER, "models"), part(hass, _RECORDER, "statistics")
    from homeassistant.util.unit_conversion import EnergyConverter  # noqa: PLC0415

    def publish(name: str, hours: Sequence[Hour]) -> None:
        if models is None or statistics is None:
            return
        metadata = models.StatisticMetaData(
            mean_type=models.StatisticMeanType.NONE,
            has_sum=True,
            name=names[name],
            source=DOMAIN,
            statistic_id=statistic_id(entry_id, name),
            unit_class=EnergyConverter.UNIT_CLASS,
            unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        )
        rows = [
            models.StatisticData(
                start=hour.start, state=hour.amount_wh / _WH_PER_KWH, sum=hour.sum_wh / _WH_PER_KWH
            )
            for hour in hours
        ]
        statistics.async_add_external_statistics(hass, metadata, rows)

    return publish


def statistic_id(entry_id: str, name: str) -> str:
    """Return the id of a site's statistic in the recorder."""
    return f"{DOMAIN}:{entry_id.lower()}_{name}"
