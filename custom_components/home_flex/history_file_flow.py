"""A meter's file as an option of the site: uploaded, its columns named, taken in behind, and reported."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

import probatio
from homeassistant.components.file_upload import process_uploaded_file
from homeassistant.config_entries import ConfigFlowResult, OptionsFlow
from homeassistant.const import ATTR_DEVICE_ID
from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import (
    BooleanSelector,
    DeviceSelector,
    DeviceSelectorConfig,
    FileSelector,
    FileSelectorConfig,
)
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .core.statistics.meter_file import UNITS, FileLayout, MeterFileError, column_names
from .form_fields import TEXT, choice, without_blanks
from .history.database import HistoryError
from .history_files import MOST_BYTES, REGISTERS, async_import, devices_with, lines_of
from .runtime.view import RequestError

_FILE: Final = "file"
_TIME, _UNIT, _ZONE, _COUNTER, _TIME_IS_END = "time_column", "unit", "time_zone", "counter", "time_is_end"
_LOOK_EVERY_S: Final = 0.5
_SHOWN: Final = 200


class HistoryFileFlow(OptionsFlow):
    """Asks for the file, then what its columns are; nothing of the options changes."""

    def __init__(self) -> None:
        """No file is uploaded yet."""
        self._name = ""
        self._lines: list[str] = []
        self._names: list[str] = []
        self._entered: Mapping[str, Any] = {}
        self._taking: asyncio.Task[list[dict[str, Any]]] | None = None
        self._errors: dict[str, str] = {}
        self._detail = ""

    async def async_step_history_file(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Take the file that is uploaded."""
        errors: dict[str, str] = {}
        if user_input is not None:
            read = self.hass.async_add_executor_job(_uploaded, self.hass, user_input[_FILE])
            self._name, self._lines = await read
            self._names = column_names(self._lines)
            if len(self._names) > 1:
                return await self.async_step_history_columns()
            errors = {_FILE: "meter_file_nothing_readable"}
        file = FileSelector(FileSelectorConfig(accept=".csv,.txt,.tsv"))
        return self.async_show_form(
            step_id="history_file",
            data_schema=probatio.Schema({probatio.Required(_FILE): file}),
            errors=errors,
            description_placeholders={"file": self._name},
        )

    async def async_step_history_columns(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask which column is what, in which unit, and what its times are."""
        errors, self._errors = self._errors, {}
        if user_input is not None:
            self._entered = without_blanks(user_input)
            if self._columns() and await self._zone_is_known():
                return await self.async_step_history_import()
            errors = {"base": "no_columns"} if not self._columns() else {_ZONE: "unknown_zone"}
        suggested = self._entered or {_TIME: self._names[0], _UNIT: "kWh", _ZONE: self.hass.config.time_zone}
        return self.async_show_form(
            step_id="history_columns",
            data_schema=self.add_suggested_values_to_schema(self._schema(), suggested),
            errors=errors,
            description_placeholders={
                "detail": self._detail,
                "file": self._name,
                "header": self._lines[0][:_SHOWN],
            },
        )

    async def async_step_history_import(self, _: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Show how far it is; once it is over go on to the report, or back to the columns."""
        if self._taking is None:
            self._taking = self.hass.async_create_task(self._take())
        if not self._taking.done():
            return self.async_show_progress(
                step_id="history_import", progress_action="history_import", progress_task=self._taking
            )
        error = self._taking.exception()
        if isinstance(error, MeterFileError):
            self._errors, self._detail = {"base": f"meter_file_{error.reason}"}, error.detail
        elif isinstance(error, RequestError):
            self._errors = {"base": error.reason}
        elif isinstance(error, HistoryError):
            self._errors = {"base": "no_series"}
        elif error is not None:
            raise error
        if error is not None:
            self._taking = None
        return self.async_show_progress_done(next_step_id="history_columns" if error else "history_report")

    async def async_step_history_report(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Say what was found, kept and refused."""
        if user_input is not None or self._taking is None:
            return self.async_create_entry(data=dict(self.config_entry.options))
        texts = await async_get_translations(self.hass, self.hass.config.language, "common", [DOMAIN])
        said = {
            key.removeprefix(prefix): text
            for key, text in texts.items()
            if key.startswith(prefix := f"component.{DOMAIN}.common.history_")
        }
        return self.async_show_form(
            step_id="history_report",
            data_schema=probatio.Schema({}),
            description_placeholders={"report": report_text(self._taking.result(), said)},
        )

    async def _take(self) -> list[dict[str, Any]]:
        coordinator, entered = self.config_entry.runtime_data, self._entered
        zone = await dt_util.async_get_time_zone(entered[_ZONE]) if _ZONE in entered else None
        layout = FileLayout(
            time=entered[_TIME],
            columns=self._columns(),
            unit=entered[_UNIT],
            zone=zone,
            is_register=entered.get(_COUNTER, False),
            tells_end=entered.get(_TIME_IS_END, False),
        )
        device_id = entered.get(ATTR_DEVICE_ID)
        taking = asyncio.ensure_future(async_import(coordinator, self._lines, layout, device_id))
        try:
            while not taking.done():
                await asyncio.wait([taking], timeout=_LOOK_EVERY_S)
                series = coordinator.series.open
                if series is not None and series.task.progress is not None:
                    self.async_update_progress(series.task.progress.share)
            return taking.result()
        finally:
            taking.cancel()

    def _columns(self) -> dict[str, str]:
        return {name: self._entered[name] for name in self._registers() if name in self._entered}

    def _registers(self) -> list[str]:
        coordinator = self.config_entry.runtime_data
        return [name for name in REGISTERS if devices_with(coordinator, name)]

    async def _zone_is_known(self) -> bool:
        name = self._entered.get(_ZONE)
        return name is None or await dt_util.async_get_time_zone(name) is not None

    def _schema(self) -> probatio.Schema:
        names, coordinator = choice(self._names), self.config_entry.runtime_data
        is_ambiguous = any(len(devices_with(coordinator, name)) > 1 for name in self._registers())
        device = DeviceSelector(DeviceSelectorConfig(integration=DOMAIN))
        return probatio.Schema(
            {
                probatio.Required(_TIME): names,
                **{probatio.Optional(name): names for name in self._registers()},
                probatio.Required(_UNIT): choice(list(UNITS)),
                probatio.Optional(_ZONE): TEXT,
                probatio.Optional(_COUNTER): BooleanSelector(),
                probatio.Optional(_TIME_IS_END): BooleanSelector(),
                **({probatio.Optional(ATTR_DEVICE_ID): device} if is_ambiguous else {}),
            }
        )


def report_text(columns: list[dict[str, Any]], texts: Mapping[str, str]) -> str:
    """Return what became of columns as a list, in the words of ``texts`` (``history_…`` of ``common``)."""
    lines = []
    for column in columns:
        told = {**column, "start": (column["start"] or "")[:10], "end": (column["end"] or "")[:10]}
        kind = "nothing" if not column["found"] else "found"
        lines.append(f"* {texts[kind].format(**told)}")
        if column["looks_like"]:
            lines.append(f"  * {texts['looks_like'].format(**told)}")
        lines += [
            f"  * {texts[f'refused_{reason}']}: {count}"
            for reason, count in sorted(column["refused"].items())
        ]
    return "\n".join(lines)


def _uploaded(hass: HomeAssistant, file_id: str) -> tuple[str, list[str]]:
    """Return name and lines of a file that was uploaded, and remove it; no lines of one that is too long."""
    try:
        with process_uploaded_file(hass, file_id) as path:
            return path.name, lines_of(path) if path.stat().st_size <= MOST_BYTES else []
    except ValueError, RequestError:
        return "", []
