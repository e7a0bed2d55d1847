"""The live picture of the homes: who is there, what was asked of them, what they say they did."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from home_common.plain_text import plain
from rich.table import Table
from rich.text import Text

from ..flexibility.report_values import values_by_type
from .documents import Document


@dataclass
class Home:
    """What a home said last."""

    ven_id: str
    presence: str = "?"
    name: str = ""
    event_id: str = ""
    status: str = ""
    values: dict[str, list[Any]] = field(default_factory=dict)
    heard: datetime | None = None


class Homes:
    """Folds presence and reports into one row a home."""

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        """Start with nobody."""
        self._clock = clock
        self.rows: dict[str, Home] = {}

    def presence(self, ven_id: str, document: Document) -> None:
        """Take a home's retained status."""
        home = self.rows.setdefault(ven_id, Home(ven_id))
        home.presence = plain(str(document.get("status", "?")))
        home.name = plain(str(document.get("venName", "")))
        home.heard = self._clock()

    def report(self, ven_id: str, report: Document) -> None:
        """Take a home's report."""
        home = self.rows.setdefault(ven_id, Home(ven_id))
        if home.event_id != report.get("eventID"):
            home.event_id = plain(str(report.get("eventID", "")))
            home.values = {}
        home.values |= told_values(report)
        home.status = plain(str(_first(home.values, "INSTRUCTION_STATUS") or home.status))
        home.heard = self._clock()

    def table(self) -> Table:
        """Return the rows as a table to print."""
        table = Table(title="Homes")
        for heading in (
            "home",
            "name",
            "presence",
            "event",
            "status",
            "demand kW",
            "baseline kW",
            "change kWh",
            "heard",
        ):
            table.add_column(heading)
        for home in sorted(self.rows.values(), key=lambda home: home.ven_id):
            cells = (
                home.ven_id,
                home.name,
                home.presence,
                home.event_id[:8],
                home.status,
                _number(home.values, "DEMAND"),
                _number(home.values, "BASELINE"),
                _number(home.values, "DELTA_USAGE"),
                home.heard.astimezone().strftime("%H:%M:%S") if home.heard else "",
            )
            # What a home calls itself is no markup of ours.
            table.add_row(*map(Text, cells))
        return table


def told_report(document: Document) -> Document:
    """Return the report of a notification, empty when there is none."""
    report = document.get("object")
    return report if isinstance(report, dict) else {}


def told_values(report: Document) -> dict[str, list[Any]]:
    """Return what a report says by the type of its payloads; of one of another shape nothing."""
    try:
        told: dict[str, Any] = values_by_type(report)
    except AttributeError, KeyError, TypeError:
        return {}
    return {kind: values for kind, values in told.items() if isinstance(values, list)}


def _first(values: dict[str, list[Any]], kind: str) -> Any:
    return (values.get(kind) or [None])[0]


def _number(values: dict[str, list[Any]], kind: str) -> str:
    value = _first(values, kind)
    return f"{value:.3f}" if isinstance(value, int | float) else ""
