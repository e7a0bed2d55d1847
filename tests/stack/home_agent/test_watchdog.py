"""The watchdog: restarts what fails, ever more patiently; reboots rarely; leaves a dispatch alone."""

from dataclasses import fields
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from home_agent.probes import Findings
from home_agent.watchdog.actor import Watchdog
from home_agent.watchdog.decision import (
    LEAST_BETWEEN_RESTARTS_S,
    MOST_BETWEEN_RESTARTS_S,
    ORDER,
    PATIENCE_S,
    Action,
    Memory,
    Observation,
    Reboot,
    Restart,
    decide,
)
from home_agent.watchdog.memory import load, store
from hypothesis import given
from hypothesis import strategies as st

LOOK_S = 30.0
DAY_S = 24 * 3600.0
# Patience, and the pauses after the first three restarts; a look for each.
THREE_IN_VAIN_S = 180 + 900 + 1800 + 3600 + 4 * LOOK_S


class Gateway:
    """A gateway whose services are looked at every 30 s."""

    def __init__(self, uptime_s: float = 2 * DAY_S, *, refuses_reboots: bool = False) -> None:
        self.refuses_reboots = refuses_reboots
        self.memory = Memory()
        self.uptime_s = uptime_s
        self.boots = 0
        self.actions: list[tuple[float, Restart | Reboot]] = []

    def look(
        self,
        *failing: str,
        dispatch: bool | None = False,
        restoring: bool = False,
        later_s: float = LOOK_S,
    ) -> Action:
        self.uptime_s += later_s
        seen = Observation(
            uptime_s=self.uptime_s,
            boot_id=f"boot-{self.boots}",
            failing=frozenset(failing),
            dispatch_active=dispatch,
            restoring=restoring,
        )
        action, self.memory = decide(seen, self.memory)
        if action is not None:
            self.actions.append((self.uptime_s, action))
        if isinstance(action, Reboot) and not self.refuses_reboots:
            self.boots += 1
            self.uptime_s = 0.0
        return action

    def fails(
        self, *failing: str, for_s: float, dispatch: bool | None = False, restoring: bool = False
    ) -> list[str]:
        """Return what was done in that time, such as ``restart nginx``."""
        known = len(self.actions)
        for _ in range(round(for_s / LOOK_S)):
            self.look(*failing, dispatch=dispatch, restoring=restoring)
        return [f"{type(done).__name__} {done.service}".lower() for _, done in self.actions[known:]]


def test_home_assistant_is_left_alone_while_it_becomes_the_home_of_a_backup() -> None:
    gateway = Gateway()
    assert gateway.fails("home_assistant", for_s=3600, restoring=True) == []
    assert gateway.fails("home_assistant", for_s=PATIENCE_S["home_assistant"]) == []
    assert gateway.fails("home_assistant", for_s=2 * LOOK_S) == ["restart home_assistant"]


def test_no_gateway_is_rebooted_during_a_restore_whatever_else_fails() -> None:
    gateway = Gateway()
    done = gateway.fails("mosquitto", for_s=2 * DAY_S, restoring=True)
    assert set(done) == {"restart mosquitto"}
    assert "reboot mosquitto" in gateway.fails("mosquitto", for_s=DAY_S)


@pytest.mark.parametrize("service", ORDER)
def test_a_failing_service_is_restarted_after_its_patience_and_not_before(service: str) -> None:
    gateway = Gateway()
    assert gateway.fails(service, for_s=PATIENCE_S[service]) == []
    assert gateway.fails(service, for_s=2 * LOOK_S) == [f"restart {service}"]


def test_home_assistant_gets_a_quarter_of_an_hour_to_start() -> None:
    assert PATIENCE_S["home_assistant"] == 900.0


def test_a_service_that_recovers_in_between_is_left_alone() -> None:
    gateway = Gateway()
    for _ in range(20):
        assert gateway.fails("nginx", for_s=150) == []
        gateway.look()


def test_what_others_need_is_restarted_first_and_gets_time_to_help_them() -> None:
    gateway = Gateway()
    done = gateway.fails("mosquitto", "home_assistant", "nginx", for_s=180 + LEAST_BETWEEN_RESTARTS_S)
    assert done == ["restart mosquitto"]


def test_restarts_in_vain_come_less_and_less_often_but_never_end() -> None:
    gateway = Gateway()
    gateway.fails("influxdb", for_s=3 * DAY_S, dispatch=True)
    times = [at for at, _ in gateway.actions]
    pauses = [later - earlier for earlier, later in pairwise(times)]
    assert pauses[:4] == pytest.approx([900.0, 1800.0, 3600.0, 7200.0], abs=2 * LOOK_S)
    assert pauses[-1] == pytest.approx(MOST_BETWEEN_RESTARTS_S, abs=LOOK_S)


def test_the_gateway_is_rebooted_only_after_three_restarts_in_vain() -> None:
    assert Gateway().fails("nginx", for_s=THREE_IN_VAIN_S) == ["restart nginx"] * 3 + ["reboot nginx"]


def test_a_gateway_that_was_switched_on_today_is_not_rebooted() -> None:
    gateway = Gateway(uptime_s=0.0)
    assert "reboot nginx" not in gateway.fails("nginx", for_s=DAY_S - LOOK_S)
    assert "reboot nginx" in gateway.fails("nginx", for_s=MOST_BETWEEN_RESTARTS_S)


def test_no_reboot_comes_during_a_dispatch_and_the_next_after_it() -> None:
    gateway = Gateway()
    assert set(gateway.fails("nginx", for_s=DAY_S, dispatch=True)) == {"restart nginx"}
    assert "reboot nginx" in gateway.fails("nginx", for_s=MOST_BETWEEN_RESTARTS_S)


def test_while_nobody_knows_whether_there_is_a_dispatch_no_other_service_causes_a_reboot() -> None:
    gateway = Gateway()
    assert "reboot nginx" not in gateway.fails("nginx", for_s=DAY_S, dispatch=None)
    # Home Assistant itself cannot tell because it is down: after two hours in vain it carries none out.
    assert "reboot home_assistant" in Gateway().fails("home_assistant", for_s=DAY_S, dispatch=None)


def test_a_reboot_that_an_update_lock_refused_is_asked_for_again_only_a_day_later() -> None:
    gateway = Gateway(refuses_reboots=True)
    gateway.fails("nginx", for_s=4 * DAY_S)
    asked = [at for at, done in gateway.actions if isinstance(done, Reboot)]
    assert len(asked) >= 3
    assert all(later - earlier >= DAY_S for earlier, later in pairwise(asked))


def test_one_good_look_does_not_make_a_service_that_flaps_a_new_one() -> None:
    gateway = Gateway()
    for _ in range(round(DAY_S / 240)):
        gateway.fails("mosquitto", for_s=210)
        gateway.look()
    restarts = [at for at, done in gateway.actions if isinstance(done, Restart)]
    assert len(restarts) <= 10
    assert restarts[-1] - restarts[-2] >= 3 * 3600
    assert not any(isinstance(done, Reboot) for _, done in gateway.actions)


def test_after_a_day_without_a_fault_a_service_begins_anew() -> None:
    gateway = Gateway()
    gateway.fails("nginx", for_s=3 * 3600, dispatch=True)
    assert gateway.memory.troubles["nginx"].restarts >= 3
    gateway.look(later_s=LOOK_S)
    gateway.look(later_s=DAY_S)
    assert gateway.memory.troubles == {}


def test_a_gateway_is_not_rebooted_for_ever_because_of_one_service() -> None:
    gateway = Gateway()
    gateway.fails("nginx", for_s=14 * DAY_S)
    assert [done.service for _, done in gateway.actions if isinstance(done, Reboot)] == ["nginx"] * 3
    # Mended by a new release, and broken again a month later: then reboots may help again.
    gateway.look(later_s=LOOK_S)
    gateway.look(later_s=DAY_S)
    assert "reboot nginx" in gateway.fails("nginx", for_s=DAY_S)


def test_the_count_of_reboots_outlives_them(tmp_path: Path) -> None:
    gateway = Gateway()
    gateway.fails("nginx", for_s=THREE_IN_VAIN_S)
    store(tmp_path / "watchdog.json", gateway.memory)
    assert load(tmp_path / "watchdog.json").reboots == {"nginx": 1}
    gateway.look("nginx")
    assert gateway.memory.reboots == {"nginx": 1}


def test_no_gateway_is_rebooted_for_a_store_that_control_does_not_need() -> None:
    gateway = Gateway()
    assert set(gateway.fails("influxdb", for_s=14 * DAY_S)) == {"restart influxdb"}


STEPS = st.lists(
    st.tuples(
        st.frozensets(st.sampled_from(ORDER)),
        st.sampled_from([LOOK_S, LOOK_S, 300.0, 3600.0, 7 * 3600.0]),
        st.sampled_from([False, False, None, True]),
        st.integers(min_value=1, max_value=12),
        st.sampled_from(["", "", "", "agent restarts", "memory is lost", "power cut"]),
    ),
    max_size=40,
)


@given(STEPS)
def test_whatever_happens_it_keeps_its_limits(
    tmp_path_factory: pytest.TempPathFactory,
    steps: list[tuple[frozenset[str], float, bool | None, int, str]],
) -> None:
    """Time here is true time; neither lost memories nor power cuts nor new agents bring a second reboot."""
    file = tmp_path_factory.mktemp("agent") / "watchdog.json"
    gateway, time_s = Gateway(uptime_s=0.0), 0.0
    reboots: list[float] = []
    for failing, later_s, dispatch, times, accident in steps:
        match accident:
            case "agent restarts":
                store(file, gateway.memory)
                assert load(file) == gateway.memory
            case "memory is lost":
                gateway.memory = Memory()
            case "power cut":
                gateway.boots, gateway.uptime_s = gateway.boots + 1, 0.0
        for _ in range(times):
            time_s += later_s
            action = gateway.look(*failing, dispatch=dispatch, later_s=later_s)
            assert action is None or action.service in failing
            if isinstance(action, Reboot):
                assert dispatch is not True
                assert not reboots or time_s - reboots[-1] >= DAY_S
                reboots.append(time_s)


def test_nothing_outside_of_the_home_is_an_input() -> None:
    """The line, the bridge, the aggregator and the clock: there is no place where they could enter."""
    assert {each.name for each in fields(Observation)} == {
        "uptime_s",
        "boot_id",
        "failing",
        "dispatch_active",
        "restoring",
    }
    outside = frozenset({"bridge", "aggregator", "internet", "replication"})
    seen = Observation(uptime_s=9 * DAY_S, boot_id="1", failing=outside, dispatch_active=False)
    assert decide(seen, Memory()) == (None, Memory(boot_id="1"))
    assert set(Findings().services) <= set(ORDER)


def test_a_damaged_memory_is_no_memory(tmp_path: Path) -> None:
    for text in ("", "[]", "{", '{"troubles": []}', '{"troubles": {"nginx": {}}}', '{"reboot_asked_s": "x"}'):
        (tmp_path / "watchdog.json").write_text(text)
        assert load(tmp_path / "watchdog.json") == Memory()


async def test_what_cannot_be_remembered_is_not_done(tmp_path: Path) -> None:
    watchdog = Watchdog(tmp_path / "missing" / "watchdog.json", None)
    failing = frozenset({"nginx"})
    for uptime_s in (0.0, 180.0):
        seen = Observation(uptime_s=uptime_s, boot_id="1", failing=failing, dispatch_active=False)
        assert await watchdog.look(seen, datetime.now(UTC)) is None
    assert watchdog.latest is None
