"""The wishes as a document: what was written is read, what cannot be read is kept, told and not guessed."""

import dataclasses
import json
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.core.wishes import (
    AfterUnplug,
    BatteryWishes,
    CarUse,
    ChargeMode,
    ChargerWishes,
    DeviceWishes,
    Export,
    LoadMode,
    PhaseWish,
    ReadyBy,
    ReadyOnce,
    SiteWishes,
    Target,
    Weekday,
    WeeklyRow,
    Wishes,
    set_export,
    set_reserve,
    with_charger,
)
from custom_components.home_flex.core.wishes.codec import Kept, decode, encode, still_unread
from custom_components.home_flex.core.wishes.fields import FIELDS, to_document

INSTANTS = st.datetimes(datetime(2001, 1, 1), datetime(2199, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
ENDS = st.none() | INSTANTS
SHARES = st.floats(0.0, 1.0)
ENERGIES = st.floats(0.0, 200_000.0)
POWERS = st.floats(0.0, 1_000_000.0)
CURRENTS = st.none() | st.floats(6.0, 80.0)
TARGETS = st.none() | st.builds(Target, soc=SHARES) | st.builds(Target, energy_wh=ENERGIES)
ROWS = st.builds(
    WeeklyRow,
    days=st.sets(st.sampled_from(Weekday), min_size=1).map(lambda days: tuple(sorted(days))),
    at=st.times().map(lambda at: at.replace(microsecond=0)),
    target=TARGETS,
)
READY_BY = st.builds(
    ReadyBy,
    weekly_on=st.booleans(),
    weekly=st.lists(ROWS, max_size=4).map(tuple),
    once=st.none() | st.builds(ReadyOnce, at=INSTANTS, target=TARGETS),
    settled=ENDS,
)
SITES = st.builds(
    SiteWishes,
    export=st.sampled_from(Export),
    export_limit_w=POWERS,
    export_until=ENDS,
    export_after=st.none() | st.sampled_from(Export),
    export_limit_after_w=st.none() | POWERS,
    paused=st.booleans(),
    paused_until=ENDS,
    away=st.booleans(),
    away_until=ENDS,
)
BATTERIES = st.builds(
    BatteryWishes,
    reserve=SHARES,
    restore_reserve=st.booleans(),
    grid_charging=st.booleans(),
    reserve_until=ENDS,
    reserve_after=st.none() | SHARES,
    car=st.sampled_from(CarUse),
    car_floor=SHARES,
)
CHARGERS = st.builds(
    ChargerWishes,
    mode=st.none() | st.sampled_from(ChargeMode),
    mode_until=ENDS,
    mode_after=st.none() | st.sampled_from(ChargeMode),
    after_unplug=st.sampled_from(AfterUnplug),
    ready_by=READY_BY,
    target_soc=SHARES,
    target_energy_wh=ENERGIES,
    session_limit_wh=st.none() | ENERGIES,
    minimum_soc=st.none() | SHARES,
    phases=st.sampled_from(PhaseWish),
    priority=st.integers(1, 9),
    min_current_a=CURRENTS,
    max_current_a=CURRENTS,
    may_slow=st.booleans(),
    charge_now=st.booleans(),
    in_one_go=st.booleans(),
)
DEVICES = st.builds(
    DeviceWishes,
    managed=st.booleans(),
    automatic=st.booleans(),
    quiet=st.booleans(),
    load_mode=st.sampled_from(LoadMode),
)
IDS = st.text(min_size=1, max_size=8)
WISHES = st.builds(
    Wishes,
    site=SITES,
    devices=st.dictionaries(IDS, DEVICES, max_size=2),
    batteries=st.dictionaries(IDS, BATTERIES, max_size=2),
    chargers=st.dictionaries(IDS, CHARGERS, max_size=2),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)


def through_json(document: object) -> Any:
    return json.loads(json.dumps(document))


@given(WISHES)
def test_what_was_written_is_read(wishes: Wishes) -> None:
    assert decode(through_json(encode(Kept(wishes=wishes)))) == Kept(wishes=wishes)


@given(JSON)
def test_reading_never_fails_and_keeps_what_it_did_not_understand(document: object) -> None:
    kept = decode(document)
    again = decode(through_json_or_same(encode(kept)))
    assert again.wishes == kept.wishes
    assert bool(again.unread) == bool(kept.unread)


def through_json_or_same(document: object) -> Any:
    return json.loads(json.dumps(document, allow_nan=True))


PLACES = [(kind, name) for kind, rows in FIELDS.items() for name, row in rows.items() if row.section is None]


@pytest.mark.parametrize(("kind", "name"), PLACES, ids=lambda value: getattr(value, "__name__", value))
@given(value=JSON)
def test_any_value_in_any_field_is_read_or_set_aside(kind: type[Any], name: str, value: object) -> None:
    document = in_section(kind, {name: value})
    kept = decode(document)
    written = encode(kept)
    if kept.unread:
        assert section_of(kind, written)[name] == value or value != value  # noqa: PLR0124 # not a number
    again = decode(written)
    assert again.wishes == kept.wishes
    assert [row.path for row in again.unread] == [row.path for row in kept.unread]


def in_section(kind: type[Any], section: dict[str, Any]) -> dict[str, Any]:
    return {
        SiteWishes: {"site": section},
        DeviceWishes: {"devices": {"a": section}},
        BatteryWishes: {"batteries": {"a": section}},
        ChargerWishes: {"chargers": {"a": section}},
        ReadyBy: {"chargers": {"a": {"ready_by": section}}},
    }[kind]


def section_of(kind: type[Any], document: dict[str, Any]) -> Any:
    if kind is SiteWishes:
        return document["site"]
    if kind is ReadyBy:
        return document["chargers"]["a"]["ready_by"]
    return document[{DeviceWishes: "devices", BatteryWishes: "batteries", ChargerWishes: "chargers"}[kind]][
        "a"
    ]


def test_every_field_of_every_section_is_written() -> None:
    for kind, rows in FIELDS.items():
        assert set(rows) == {field.name for field in dataclasses.fields(kind)}
        assert set(to_document(kind())) == set(rows)


@pytest.mark.parametrize(
    ("kind", "name", "raw", "used"),
    [
        (SiteWishes, "export", "sometimes", Export.NEVER),
        (SiteWishes, "export_limit_w", -5, 0.0),
        (SiteWishes, "export_limit_w", True, 0.0),
        (SiteWishes, "paused", "maybe", True),
        (SiteWishes, "paused_until", "monday", None),
        (SiteWishes, "paused_until", "2026-11-28T12:00:00", None),
        (SiteWishes, "paused_until", "9999-12-31T23:59:59+00:00", None),
        (DeviceWishes, "managed", 0, True),
        (DeviceWishes, "automatic", None, False),
        (DeviceWishes, "quiet", "x", True),
        (DeviceWishes, "load_mode", "always", LoadMode.BY_ITSELF),
        (BatteryWishes, "reserve", 3, 1.0),
        (BatteryWishes, "reserve", float("nan"), 1.0),
        (BatteryWishes, "restore_reserve", "x", False),
        (BatteryWishes, "grid_charging", "x", False),
        (BatteryWishes, "car", "often", CarUse.NEVER),
        (ChargerWishes, "mode", "plan", None),
        (ChargerWishes, "max_current_a", 5, 6.0),
        (ChargerWishes, "priority", 2.5, 5),
        (ChargerWishes, "may_slow", "x", False),
    ],
)
def test_what_cannot_be_is_set_aside_for_the_cautious_reading(
    kind: type[Any], name: str, raw: object, used: object
) -> None:
    kept = decode(in_section(kind, {name: raw}))
    assert section_of_wishes(kind, kept.wishes, name) == used
    assert [row.path[-1] for row in kept.unread] == [name]


def section_of_wishes(kind: type[Any], wishes: Wishes, name: str) -> object:
    section = {
        SiteWishes: wishes.site,
        DeviceWishes: wishes.device("a"),
        BatteryWishes: wishes.battery("a"),
        ChargerWishes: wishes.charger("a"),
    }[kind]
    return getattr(section, name)


@pytest.mark.parametrize(
    ("document", "name"),
    [
        ("not a document", "document"),
        ({"site": 5}, "site"),
        ({"chargers": ["a"]}, "chargers"),
        ({"batteries": {"a": None}}, "batteries.a"),
        ({"heat_pumps": {"a": {"boost": True}}}, "heat_pumps"),
        ({"chargers": {"a": {"tempo": 1}}}, "chargers.a.tempo"),
        ({"chargers": {"a": {"ready_by": {"holidays": []}}}}, "chargers.a.ready_by.holidays"),
    ],
)
def test_what_is_not_known_is_named(document: object, name: str) -> None:
    assert [row.name for row in decode(document).unread] == [name]


def test_a_home_without_a_document_has_asked_for_nothing() -> None:
    assert decode(None) == Kept(wishes=Wishes())


def test_rows_of_a_newer_release_are_still_there_after_a_change_by_this_one() -> None:
    newer = {
        "version": 7,
        "site": {"export": "never", "island": True},
        "chargers": {"car": {"mode": "plan", "tempo": {"x": 1}}},
        "heat_pumps": {"hp": {"boost": True}},
    }
    kept = decode(newer)
    changed = Kept(wishes=set_reserve(kept.wishes, "battery", 0.4), unread=kept.unread)
    document = through_json(encode(changed))
    assert document["site"]["island"] is True
    assert document["heat_pumps"] == {"hp": {"boost": True}}
    assert document["chargers"]["car"]["tempo"] == {"x": 1}
    assert document["chargers"]["car"]["mode"] == "plan"
    assert document["batteries"]["battery"]["reserve"] == 0.4


def test_a_value_that_was_set_aside_gives_way_to_the_resident() -> None:
    kept = decode({"site": {"export": "sometimes"}, "chargers": {"car": {"mode": "plan"}}})
    wishes = with_charger(set_export(kept.wishes, Export.ALLOWED), "car", mode=ChargeMode.SURPLUS)
    changed = Kept(wishes=wishes, unread=kept.unread)
    assert list(still_unread(changed)) == []
    assert decode(encode(changed)) == Kept(wishes=wishes)


def test_one_bad_row_of_the_week_does_not_take_the_others_along() -> None:
    good = {"days": ["monday"], "at": "07:00:00", "target": None}
    weekly = [good, {"days": ["noday"], "at": "07:00"}, {"days": ["friday"], "at": "99:00"}, 5]
    kept = decode({"chargers": {"car": {"ready_by": {"weekly_on": True, "weekly": weekly}}}})
    ready_by = kept.wishes.charger("car").ready_by
    assert ready_by == ReadyBy(weekly_on=True, weekly=(WeeklyRow(days=(Weekday.MONDAY,), at=time(7)),))
    assert [row.name for row in kept.unread] == ["chargers.car.ready_by.weekly"]


def test_an_instant_of_another_zone_is_the_same_instant() -> None:
    kept = decode({"site": {"paused": True, "paused_until": "2026-11-30T00:00:00+01:00"}})
    until = kept.wishes.site.paused_until
    assert until == datetime(2026, 11, 29, 23, tzinfo=UTC)
    assert until is not None
    assert until.utcoffset() == timedelta(0)
