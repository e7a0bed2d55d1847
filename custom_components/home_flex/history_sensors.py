"""The sensor of what the home's own history has to derive yet, and of what is being filled in."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, override

from homeassistant.components.sensor import SensorEntity, SensorEntityDescription, SensorStateClass
from homeassistant.const import EntityCategory

from .coordinator import HomeFlexCoordinator
from .entity import SiteEntity

_DAY_S: Final = 86_400

HISTORY_BACKLOG: Final = SensorEntityDescription(
    key="history_backlog",
    translation_key="history_backlog",
    entity_category=EntityCategory.DIAGNOSTIC,
    state_class=SensorStateClass.MEASUREMENT,
)


class HistoryBacklog(SiteEntity, SensorEntity):
    """How many days of figures are to be derived yet; unknown while the series cannot be opened."""

    entity_description: SensorEntityDescription

    def __init__(self, coordinator: HomeFlexCoordinator) -> None:
        """Rest: it is written with the figures."""
        super().__init__(coordinator, HISTORY_BACKLOG)
        self._is_figure = True

    @property
    @override
    def native_value(self) -> int | None:
        """How many blocks are to be done."""
        series = self.coordinator.series.open
        return None if series is None else series.work.backlog.todo

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        """What waits, and what is being filled in."""
        if (series := self.coordinator.series.open) is None:
            return {}
        backlog, progress = series.work.backlog, series.task.progress
        return {
            "oldest_day": None
            if backlog.oldest_day is None
            else datetime.fromtimestamp(backlog.oldest_day * _DAY_S, UTC).date().isoformat(),
            "faulty": backlog.faulty,
            "waiting_slots": series.keeper.backlog,
            "task": progress.task if progress is not None else None,
            "progress": round(100 * progress.share) if progress is not None else None,
        }
