"""The provisioning record: what is taken, and what is refused with the place and the rule."""

import json
from copy import deepcopy
from typing import Any

import jsonschema  # type: ignore[import-untyped] # ships no types
import pytest
from home_start.fields import RecordError
from home_start.record import json_schema, parse
from hypothesis import given
from hypothesis import strategies as st

from .home import HASS_CONFIG

RECORD: dict[str, Any] = {
    "version": 1,
    "site": {
        "name": "Home",
        "currency": "EUR",
        "main_fuse_a": 25,
        "phases": 3,
        "import_price": "0.30",
        "export_price": "0.08",
    },
    "location": {
        "latitude": 52.09,
        "longitude": 5.12,
        "time_zone": "Europe/Amsterdam",
        "country": "NL",
        "language": "en",
    },
    "devices": [
        {"type": "grid_meter", "connection": "tcp", "host": "192.0.2.7", "port": 23},
        {"type": "pv", "host": "inverter.local", "port": 502, "unit_id": 1},
        {"type": "battery", "host": "192.0.2.8", "port": 502, "unit_id": 1, "wired_phases": [1]},
        {"type": "ev_charger", "identity": "CP001"},
    ],
}


def changed(**places: Any) -> dict[str, Any]:
    """Return the record with other values at places such as ``site__phases`` or ``devices__0__port``."""
    record = deepcopy(RECORD)
    for place, value in places.items():
        *path, last = place.split("__")
        target: Any = record
        for key in path:
            target = target[int(key)] if key.isdigit() else target[key]
        target[last] = value
    return record


def test_a_complete_record_is_taken_and_each_device_has_an_identity_of_its_own() -> None:
    record = parse(json.dumps(RECORD))
    assert [device.record_id for device in record.devices] == [
        "grid_meter@192.0.2.7:23",
        "pv@inverter.local:502/1",
        "battery@192.0.2.8:502/1",
        "ev_charger@CP001",
    ]


@pytest.mark.parametrize("name", ["L", "Café 4, 1er étage", "4 Lime Street ☀", "x" * 64])
def test_a_name_that_can_be_seen_is_taken(name: str) -> None:
    assert parse(json.dumps(changed(site__name=name))).site["name"] == name


def test_a_device_keeps_the_identity_that_the_record_gives_it() -> None:
    assert parse(json.dumps(changed(devices__1__id="roof"))).devices[1].record_id == "roof"


@pytest.mark.parametrize(
    ("record", "says"),
    [
        (changed(version=2), "HOME_RECORD.version must be one of 1"),
        (changed(site__phases=2), "HOME_RECORD.site.phases must be one of 1, 3"),
        (changed(site__phases=True), "HOME_RECORD.site.phases must be one of 1, 3"),
        (changed(site__main_fuse_a=5), "HOME_RECORD.site.main_fuse_a must be a number from 6 to 250"),
        (changed(site__import_price=0.3), "HOME_RECORD.site.import_price must be a decimal text"),
        (changed(site__import_price="2000"), "HOME_RECORD.site.import_price must be a decimal text"),
        (changed(site__name=" "), "HOME_RECORD.site.name must be a name"),
        (changed(site__name="a\0b"), "HOME_RECORD.site.name must be a name"),
        (changed(site__name="\u202eL4"), "HOME_RECORD.site.name must be a name"),
        (changed(devices__0__name="a\u2028b"), "HOME_RECORD.devices[0].name must be a name"),
        (changed(location__latitude=91), "HOME_RECORD.location.latitude must be a number from -90 to 90"),
        (changed(location__time_zone="../etc"), "HOME_RECORD.location.time_zone must be a time zone"),
        (changed(site__colour="red"), "HOME_RECORD.site has a field nobody knows: 'colour'"),
        (
            changed(devices__0__type="boiler"),
            "devices[0].type must be one of battery, ev_charger",
        ),
        (
            changed(devices__0__connection="usb"),
            "devices[0].connection must be",
        ),
        (
            changed(devices__0__connection="serial", devices__0__device="/dev/ttyUSB0"),
            "HOME_RECORD.devices[0]: a meter cable reaches nothing in a gateway",
        ),
        (changed(devices__1__port=0), "HOME_RECORD.devices[1].port must be a whole number from 1 to 65535"),
        (changed(devices__1__host="a b"), "HOME_RECORD.devices[1].host must be a host name"),
        (changed(devices__3__password="short"), "HOME_RECORD.devices[3].password must be 16 to 40"),
        (changed(devices__2__wired_phases=[4]), "HOME_RECORD.devices[2].wired_phases[0] must be one of"),
        (
            changed(devices__2__wired_phases=[1, 1]),
            "devices[2].wired_phases holds something twice",
        ),
        (changed(devices=[RECORD["devices"][0]] * 33), "HOME_RECORD.devices must be a list of 0 to 32"),
        (
            changed(devices=[*RECORD["devices"], {**RECORD["devices"][0], "port": 9}]),
            "more than one grid",
        ),
        (changed(devices=[RECORD["devices"][1], {**RECORD["devices"][1], "name": "B"}]), "a device twice"),
        (changed(site__phases=1, devices__2__wired_phases=[2]), "wired to a phase the site has not"),
        ([], "HOME_RECORD must be an object"),
    ],
)
def test_a_wrong_record_is_refused_by_the_name_of_the_place(record: Any, says: str) -> None:
    with pytest.raises(RecordError) as refused:
        parse(json.dumps(record))
    assert says in str(refused.value)


@pytest.mark.parametrize(
    "text",
    ["", "{", "[" * 60_000, '{"version": NaN}', "x" * 70_000],
    ids=["empty", "cut", "deep", "NaN", "long"],
)
def test_what_is_no_record_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(RecordError) as refused:
        parse(text)
    assert len(str(refused.value)) < 100


@given(password=st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=5, max_size=15))
def test_a_refusal_never_tells_the_value(password: str) -> None:
    marked = f"~{password}~{'x' * 40}"
    with pytest.raises(RecordError) as refused:
        parse(json.dumps(changed(devices__3__password=marked)))
    assert marked not in str(refused.value)


def test_the_published_schema_is_the_one_that_is_checked() -> None:
    published = json.loads((HASS_CONFIG / "home_record.schema.json").read_text())
    assert published == json_schema()


def test_the_schema_takes_the_record_and_refuses_what_the_home_refuses() -> None:
    validator = jsonschema.Draft202012Validator(json_schema())
    validator.validate(RECORD)
    for wrong in (changed(site__phases=2), changed(site__colour="red"), changed(devices__1__port=0)):
        assert not validator.is_valid(wrong)
