"""Fees and the price of the peak that were changed: what was before stays as it was."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from custom_components.home_flex.core.statistics import Fee, Grouping, Period, civil_period
from custom_components.home_flex.core.statistics.charges import Charges, charged, with_newest
from custom_components.home_flex.runtime.kept_charges import charges_document, charges_from

BRUSSELS = ZoneInfo("Europe/Brussels")
TODAY, EARLIER = date(2026, 6, 15), date(2026, 6, 1)


def a_day(amount: str, since: date | None = None) -> Charges:
    return Charges(since=since, fees=(Fee(amount=Decimal(amount), per=Grouping.DAY),))


NOTHING = Charges()


@pytest.mark.parametrize(
    ("kept", "now", "expected"),
    [
        ((), NOTHING, (NOTHING,)),
        ((), a_day("0.20"), (a_day("0.20"),)),
        ((NOTHING,), a_day("0.20"), (a_day("0.20"),)),
        ((a_day("0.20"),), a_day("0.20"), (a_day("0.20"),)),
        ((a_day("0.20"),), a_day("0.35"), (a_day("0.20"), a_day("0.35", TODAY))),
        ((a_day("0.20"),), NOTHING, (a_day("0.20"), Charges(since=TODAY))),
        ((a_day("0.20"), a_day("0.30", TODAY)), a_day("0.35"), (a_day("0.20"), a_day("0.35", TODAY))),
        ((a_day("0.20"), a_day("0.30", TODAY)), a_day("0.20"), (a_day("0.20"),)),
        (
            (a_day("0.20"), a_day("0.30", EARLIER)),
            a_day("0.20"),
            (a_day("0.20"), a_day("0.30", EARLIER), a_day("0.20", TODAY)),
        ),
    ],
    ids=[
        "nothing is paid",
        "what is entered first was paid before",
        "and also when nothing was kept of it",
        "nothing changed",
        "it became dearer today",
        "it ended today",
        "a slip is mended on the same day",
        "and taken back",
        "it is again as it was",
    ],
)
def test_a_change_counts_from_today_on(
    kept: tuple[Charges, ...], now: Charges, expected: tuple[Charges, ...]
) -> None:
    assert with_newest(kept, now, TODAY) == expected
    assert charges_from(charges_document(expected)) == expected


def test_a_month_in_which_it_changed_has_both() -> None:
    june = civil_period(datetime(2026, 6, 3, tzinfo=BRUSSELS), Grouping.MONTH, BRUSSELS)
    found = list(charged((a_day("0.20"), a_day("0.35", TODAY)), june, BRUSSELS))
    change = datetime(2026, 6, 15, tzinfo=BRUSSELS).astimezone(UTC)
    assert found == [
        (a_day("0.20"), Period(start=june.start, end=change)),
        (a_day("0.35", TODAY), Period(start=change, end=june.end)),
    ]


def test_a_home_of_which_nothing_is_known_pays_nothing() -> None:
    june = civil_period(datetime(2026, 6, 3, tzinfo=BRUSSELS), Grouping.MONTH, BRUSSELS)
    assert list(charged((), june, BRUSSELS)) == []


@pytest.mark.parametrize(
    "document", [None, [], {}, {"charges": 3}, {"charges": [{}]}, {"charges": [{"since": "soon"}]}], ids=str
)
def test_what_cannot_be_read_is_not_made_up(document: object) -> None:
    assert charges_from(document) == ()
