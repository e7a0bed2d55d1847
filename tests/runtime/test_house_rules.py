"""The rules of the house as they are kept: read as they were written, and what is damaged joins nothing."""

from datetime import time

import pytest

from custom_components.home_flex.core.events.house_rules import HouseRules, QuietHours
from custom_components.home_flex.runtime.house_rules import house_rules_document, house_rules_from

NIGHT = QuietHours(start=time(21), end=time(8))


@pytest.mark.parametrize(
    "rules",
    [
        HouseRules(),
        HouseRules(quiet=NIGHT),
        HouseRules(most_a_week=3),
        HouseRules(quiet=NIGHT, most_a_week=0),
        HouseRules(never_away=True),
    ],
)
def test_rules_are_read_as_they_were_kept(rules: HouseRules) -> None:
    assert house_rules_from(house_rules_document(rules)) == rules


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        {"quiet_from": "21:00"},
        {"quiet_from": "21:00", "quiet_until": "21:00"},
        {"quiet_from": "late", "quiet_until": "08:00"},
        {"most_a_week": -1},
        {"most_a_week": "3"},
        {"most_a_week": True},
        {"never_away": "yes"},
    ],
)
def test_with_rules_that_cannot_be_read_nothing_is_joined_without_a_yes(document: object) -> None:
    assert house_rules_from(document) == HouseRules(most_a_week=0)
