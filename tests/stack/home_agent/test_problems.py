"""What is wrong with a home: stable names, and which of them stop a rollout."""

from dataclasses import replace
from typing import Any

import pytest
from home_agent.heartbeat.problems import WARNINGS, is_healthy, problems
from home_agent.home.view import DEVICE_KINDS, DeviceLink, HomeView, device_links
from home_agent.machine import Machine
from home_agent.probes import Findings
from home_agent.web.page import IN_WORDS, KINDS

from custom_components.home_flex.core.model import DeviceKind
from custom_components.home_flex.subentry_flows import SUBENTRY_FLOWS

WELL = HomeView(
    reachable=True,
    home_flex_set_up=True,
    devices=(DeviceLink(device_id="a", kind="pv", linked=True),),
    aggregator_connected=True,
    store_connected=True,
    measurements_waiting=20,
    measurements_dropped=0,
)
GATEWAY = Machine(
    boot_id="1",
    uptime_s=100.0,
    temperature_c=55.0,
    under_voltage=False,
    disk_used=0.4,
    disk_free_bytes=10**9,
    memory_total_bytes=2 * 10**9,
    memory_available_bytes=10**9,
    clock_synchronized=True,
)
SERVICES = Findings(
    services={"mosquitto": True, "influxdb": True, "home_assistant": True, "nginx": True},
    influxdb={"influxdb": "pass", "problems": []},
)
OTHERS: dict[str, Any] = {
    "clock_jump_s": 0.0,
    "backup_overdue": False,
    "log_ins_refused": False,
    "watchdog_acted": False,
    "bridge_connected": True,
}


def found(
    view: HomeView = WELL, machine: Machine = GATEWAY, services: Findings = SERVICES, **others: Any
) -> tuple[str, ...]:
    return problems(view, machine, services, **{**OTHERS, **others})


def test_a_home_that_works_has_no_problem() -> None:
    assert found() == ()
    assert is_healthy(found())


def test_what_nobody_knows_is_no_problem() -> None:
    unknown = HomeView(reachable=True)
    blind = replace(
        GATEWAY,
        temperature_c=None,
        under_voltage=None,
        disk_used=None,
        memory_available_bytes=None,
        clock_synchronized=None,
    )
    assert found(unknown, blind, Findings(), bridge_connected=None) == ()


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"reachable": False}, "home_assistant_unreachable"),
        ({"home_flex_set_up": False}, "home_flex_missing"),
        ({"devices": (DeviceLink(device_id="a", kind="pv", linked=False),)}, "pv_link_down"),
        ({"aggregator_connected": False}, "aggregator_disconnected"),
        ({"store_connected": False}, "measurements_waiting"),
        ({"measurements_dropped": 1}, "measurements_dropped"),
    ],
)
def test_a_home_that_does_not_do_its_work_is_unhealthy(change: dict[str, Any], name: str) -> None:
    assert found(replace(WELL, **change)) == (name,)
    assert not is_healthy((name,))


@pytest.mark.parametrize("service", SERVICES.services)
def test_a_service_that_fails_makes_a_home_unhealthy(service: str) -> None:
    failing = replace(SERVICES, services={**SERVICES.services, service: False})
    assert found(services=failing) == (f"{service}_down",)
    assert not is_healthy((f"{service}_down",))


@pytest.mark.parametrize(
    "name",
    [
        "replication_stalled",
        "replication_blocked",
        "replication_queue_nearly_full",
        "replication_points_dropped",
        "gaps",
        "not_reconciled",
    ],
)
def test_faults_of_replication_make_a_home_unhealthy(name: str) -> None:
    assert found(services=replace(SERVICES, influxdb={"problems": [name]})) == (name,)
    assert not is_healthy((name,))


def test_a_bridge_that_is_down_makes_a_home_unhealthy() -> None:
    assert found(bridge_connected=False) == ("bridge_down",)
    assert not is_healthy(("bridge_down",))


@pytest.mark.parametrize("told", [None, 7, {"a": 1}, [None, 7, ""], ["influxdb_down"]])
def test_what_the_store_does_not_say_in_its_words_is_left_out(told: Any) -> None:
    assert found(services=replace(SERVICES, influxdb={"problems": told})) == ()


def test_a_name_from_the_store_is_brought_into_the_form_of_names() -> None:
    odd = replace(SERVICES, influxdb={"problems": ["Gap <b>check</b>!" + "x" * 100]})
    assert found(services=odd) == (("gap__b_check__b__" + "x" * 100)[:64],)


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"temperature_c": 80.0}, "hot"),
        ({"under_voltage": True}, "under_voltage"),
        ({"clock_synchronized": False}, "clock_not_synchronized"),
    ],
)
def test_a_gateway_under_strain_asks_for_a_look_and_stops_no_rollout(
    change: dict[str, Any], name: str
) -> None:
    assert found(machine=replace(GATEWAY, **change)) == (name,)
    assert is_healthy((name,))


@pytest.mark.parametrize(
    ("change", "name"),
    [({"disk_used": 0.9}, "disk_full"), ({"memory_available_bytes": 10**7}, "memory_full")],
)
def test_a_gateway_without_room_is_unhealthy(change: dict[str, Any], name: str) -> None:
    assert found(machine=replace(GATEWAY, **change)) == (name,)
    assert not is_healthy((name,))


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ({"clock_jump_s": -5.0}, "clock_jumped"),
        ({"backup_overdue": True}, "backup_overdue"),
        ({"log_ins_refused": True}, "log_ins_refused"),
        ({"watchdog_acted": True}, "watchdog_acted"),
    ],
)
def test_anomalies_are_told_and_stop_no_rollout(told: dict[str, Any], name: str) -> None:
    assert found(**told) == (name,)
    assert is_healthy((name,))


def test_what_is_set_in_a_home_beside_its_devices_has_no_link_to_lose() -> None:
    subentries = {f"id-{kind}": kind for kind in SUBENTRY_FLOWS}
    kinds = [link.kind for link in device_links(subentries, [], {})]
    assert set(kinds) == set(DeviceKind)


def test_every_kind_of_device_is_known_and_has_a_word() -> None:
    assert set(DeviceKind) == DEVICE_KINDS == set(KINDS)


def test_every_warning_is_explained_on_the_status_page() -> None:
    assert set(IN_WORDS) >= WARNINGS | {"bridge_down"}
