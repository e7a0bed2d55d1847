"""What is expected of the next two days besides what the home itself wants."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ...core.forecast import Forecast
from ...core.planner.problem import Signals


@dataclass(frozen=True, kw_only=True, slots=True)
class Outlook:
    """Signals on the grid of a plan, and forecasts over it (None: there is none, and the plan says so).

    ``load`` is that of the house without what is planned; ``production`` holds what each PV device may give.
    """

    signals: Signals
    load: Forecast | None = None
    production: Mapping[str, Forecast] = field(default_factory=dict)
