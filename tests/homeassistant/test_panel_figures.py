"""What the panel shows of an event is what its receipt says, and the aggregator was told."""

from dataclasses import replace
from typing import Any

import pytest

from custom_components.home_flex.coordinator import HomeFlexConfigEntry
from custom_components.home_flex.core.events.model import EventStatus
from custom_components.home_flex.panel.events import event_document
from tests.core.events.samples import NOW, make_record

RECORD = make_record(status=EventStatus.SUCCEEDED, started=NOW)
RESULTS: dict[str, Any] = {
    "used_wh": 250,
    "known": "1.0000",
    "limit": {"kept_share": "0.9512"},
    "rule": "as_dispatched",
    "baselines": {"as_dispatched": {"use_wh": [500, 250]}},
}


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        (RESULTS, {"energy_wh": 250, "less_wh": 500, "kept_share": 0.95}),
        ({**RESULTS, "known": "0.8900"}, {"energy_wh": 250, "less_wh": None, "kept_share": 0.95}),
        (
            {**RESULTS, "limit": None, "baselines": {"as_dispatched": {"missing": "no_history"}}},
            {"energy_wh": 250, "less_wh": None, "kept_share": None},
        ),
        ({**RESULTS, "used_wh": None}, None),
        (None, None),
    ],
    ids=["all known", "too little measured", "no baseline", "nothing measured", "no receipt"],
)
async def test_an_event_shows_the_figures_of_its_receipt(
    site: HomeFlexConfigEntry, results: dict[str, Any] | None, expected: dict[str, Any] | None
) -> None:
    view = replace(
        site.runtime_data.data, event_figures={} if results is None else {RECORD.event.event_id: results}
    )
    assert event_document(view, RECORD)["delivered"] == expected
