"""The heartbeat's document keeps to its published schema, and its tags to what the fleet tool reads."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fleet.model import TAG_ACCESS_POINT, TAG_HEALTH, TAG_HEARTBEAT, Device
from fleet.rings import Health
from home_agent.access_point import STATES, AccessPoint
from home_agent.backup.keeper import BackupRecord
from home_agent.heartbeat import document as module
from home_agent.heartbeat.document import Beat, document, essence, tags
from home_agent.heartbeat.problems import problems
from home_agent.home.view import DeviceLink, Dispatch, DispatchState, HomeView
from home_agent.machine import Machine, look
from home_agent.probes import Findings
from home_agent.watchdog.decision import Reboot, Restart
from hypothesis import given
from hypothesis import strategies as st
from influxdb_edge import status
from influxdb_edge.hours import Gaps
from influxdb_edge.queue_health import QueueSample, judge
from jsonschema import Draft202012Validator  # type: ignore[import-untyped] # it has no types

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SCHEMA = json.loads(Path(module.__file__).with_name("schema.json").read_text())
VALID = Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER)

TIMES = st.datetimes(timezones=st.just(UTC))
NUMBERS = st.floats(min_value=-(10**6), max_value=10**6)
COUNTS = st.none() | st.integers(0, 2**40)
TEXTS = st.none() | st.text(max_size=20)
SERVICES = st.dictionaries(
    st.sampled_from(["mosquitto", "influxdb", "home_assistant", "nginx"]), st.booleans()
)


def store_says(**change: Any) -> dict[str, Any]:
    """Return what the real InfluxDB service would say."""
    sample = QueueSample(
        at=NOW,
        uptime_s=100.0,
        remaining_bytes=10,
        queue_bytes=20,
        most_bytes=1000,
        latest_response_code=500,
        points_not_queued=1,
        bytes_dropped=0,
    )
    told: dict[str, Any] = {
        "at": NOW,
        "home_id": "home-1",
        "influxdb_passes": True,
        "reconciled": True,
        "replication_configured": True,
        "queue": judge(None, sample),
        "gaps": Gaps(
            checked_at=NOW,
            missing_hours=(NOW, NOW - timedelta(hours=1)),
            stubborn_hours=(NOW,),
            rewritten_hours=3,
        ),
        "more_problems": ("gap_check_failed",),
        **change,
    }
    return json.loads(json.dumps(status.document(**told)))  # type: ignore[no-any-return] # a document of ours


STORES = st.sampled_from(
    [None, {}, {"problems": []}, store_says(), store_says(queue=None, gaps=None, influxdb_passes=False)]
)
VIEWS = st.builds(
    HomeView,
    version=TEXTS,
    home_flex_version=TEXTS,
    devices=st.lists(
        st.builds(
            DeviceLink, device_id=st.text(max_size=9), kind=st.sampled_from(["pv", "battery", "ev_charger"])
        ),
        max_size=3,
    ).map(tuple),
    dispatch=st.builds(
        Dispatch, event_id=st.none() | st.text(max_size=128), starts=TIMES, ends=st.none() | TIMES
    ),
    measurements_waiting=COUNTS,
    measurements_dropped=COUNTS,
)
MACHINES = st.builds(
    Machine,
    uptime_s=st.floats(0, 10**9),
    temperature_c=st.none() | NUMBERS,
    disk_used=st.none() | st.floats(0, 1),
    disk_free_bytes=COUNTS,
    memory_total_bytes=COUNTS,
    memory_available_bytes=COUNTS,
)
FINDINGS = st.builds(Findings, services=SERVICES, influxdb=STORES, release=TEXTS, supervisor_version=TEXTS)


@st.composite
def beats(draw: st.DrawFn) -> Beat:
    """Draw any home at any moment, with the problems that follow from it."""
    view, machine, found = draw(VIEWS), draw(MACHINES), draw(FINDINGS)
    jump_s, bridge = draw(NUMBERS), draw(st.none() | st.booleans())
    flags = {name: draw(st.booleans()) for name in ("backup_overdue", "log_ins_refused", "watchdog_acted")}
    names = problems(view, machine, found, clock_jump_s=jump_s, bridge_connected=bridge, **flags)
    return draw(
        st.builds(
            Beat,
            home_id=st.from_regex(r"[A-Za-z0-9_-]{1,64}", fullmatch=True),
            at=TIMES,
            host_os=TEXTS,
            device_type=TEXTS,
            machine=st.just(machine),
            clock_jump_s=st.just(jump_s),
            found=st.just(found),
            view=st.just(view),
            bridge_connected=st.just(bridge),
            messages_waiting=st.integers(0, 100),
            messages_kept=COUNTS,
            watchdog=st.none()
            | st.tuples(TIMES, st.sampled_from([Restart(service="nginx"), Reboot(service="nginx")])),
            restarts=st.integers(0, 9),
            backup=st.none() | st.just(BackupRecord(at=NOW, name="a.hfb", size=7)),
            home_assistant_auth_failures=COUNTS,
            agent_auth_failures=st.integers(0, 9),
            access_point=st.none()
            | st.builds(AccessPoint, state=st.sampled_from(STATES), reason=st.text(max_size=200)),
            problems=st.just(names),
        )
    )


def device(told: dict[str, str]) -> Device:
    """Return what the fleet tool sees of a device with these tags."""
    return Device(
        id=1,
        uuid="u",
        name="n",
        device_type="t",
        is_online=True,
        running_release=1,
        pinned_release=None,
        target_release=None,
        tags=told,
    )


@given(beats())
def test_the_document_of_any_home_is_valid(beat: Beat) -> None:
    told = json.loads(json.dumps(document(beat), allow_nan=False))
    VALID.validate(told)
    assert told["healthy"] is (tags(told)["health"] == "ok")


@given(beats())
def test_the_tags_tell_the_fleet_tool_the_moment_and_the_health(beat: Beat) -> None:
    told = document(beat)
    written = tags(told)
    assert set(written) == {TAG_HEARTBEAT, TAG_HEALTH, TAG_ACCESS_POINT}
    assert all(0 < len(value) <= 255 for value in written.values())
    seen = device(written)
    assert seen.heartbeat_at() == beat.at
    expected = Health.HEALTHY if told["healthy"] else Health.UNHEALTHY
    assert seen.health(beat.at, silent_after=timedelta(minutes=15)) is expected


def home(**change: Any) -> Beat:
    """Return a plain home at a moment."""
    view = HomeView(reachable=True, dispatch=Dispatch(state=DispatchState.IDLE))
    plain: dict[str, Any] = {
        "home_id": "home-1",
        "at": NOW,
        "host_os": None,
        "device_type": None,
        "machine": look(proc=Path("/proc"), sys=Path("/sys"), disk=Path("/")),
        "clock_jump_s": 0.0,
        "found": Findings(),
        "view": view,
        "mqtt_connected": True,
        "bridge_connected": None,
        "messages_waiting": 0,
        "messages_kept": None,
        "update_lock_held": False,
        "watchdog": None,
        "restarts": 0,
        "backup": None,
        "backup_configured": False,
        "home_assistant_auth_failures": None,
        "agent_auth_failures": 0,
        "access_point": AccessPoint(state="on", reason="commissioning"),
        "problems": (),
    }
    return Beat(**{**plain, **change})


def test_this_machine_is_told_in_a_valid_document() -> None:
    told = document(home())
    VALID.validate(told)
    machine = told["machine"]
    assert machine["uptime_s"] > 0
    assert 0 < machine["memory_available_bytes"] <= machine["memory_total_bytes"]
    assert 0 <= machine["disk_used"] <= 1


def test_the_health_tag_names_what_is_serious_and_not_what_asks_for_a_look() -> None:
    told = document(home(problems=("hot", "bridge_down", "nginx_down")))
    assert tags(told) == {
        "heartbeat_at": NOW.isoformat(),
        "health": "bridge_down,nginx_down",
        "access_point": "on: commissioning",
    }
    assert tags(document(home(problems=("hot",))))["health"] == "ok"


def test_what_the_store_says_of_its_queue_is_told() -> None:
    queues = document(home(found=Findings(influxdb=store_says())))["queues"]
    assert queues["replication"]["remaining_bytes"] == 10
    assert queues["missing_hours"] == 2


@pytest.mark.parametrize(
    ("change", "is_news"),
    [
        ({"at": NOW + timedelta(minutes=1), "messages_waiting": 3, "clock_jump_s": 0.1}, False),
        ({"problems": ("hot",)}, True),
        ({"update_lock_held": True}, True),
        ({"found": Findings(release="abc")}, True),
        ({"access_point": AccessPoint(state="off", reason="not wanted")}, True),
    ],
)
def test_a_heartbeat_is_sent_at_once_for_news_only(change: dict[str, Any], *, is_news: bool) -> None:
    assert (essence(document(home())) != essence(document(home(**change)))) is is_news


@pytest.mark.parametrize("extra", ["address", "name", "latitude"])
def test_the_schema_admits_nothing_that_is_not_in_it(extra: str) -> None:
    told = {**document(home()), extra: "x"}
    assert not VALID.is_valid(told)
