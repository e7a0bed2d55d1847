"""balena's update locks: both at once, never longer than they may, never left behind."""

import fcntl
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from home_agent.home.view import Dispatch, DispatchState
from home_agent.update_lock import HELD_BEFORE, MOST_HELD_S, REST_S, LockKeeper, UpdateLock
from hypothesis import given, settings
from hypothesis import strategies as st

from scripts.home_stack.processes import python_path

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
RUNNING = Dispatch(state=DispatchState.RUNNING)
IDLE = Dispatch(state=DispatchState.IDLE)
BOOT_S = 5000.0
LOOK_S = 30.0


class Home:
    """A gateway with an agent, which may be killed and begun again."""

    def __init__(self, folder: Path) -> None:
        self.lock_file = folder / "balena" / "updates.lock"
        self.memory_file = folder / "update_lock.json"
        self.uptime_s = BOOT_S
        self.boot_id = "boot"
        self.begin_agent()

    def begin_agent(self) -> None:
        self.lock = UpdateLock(self.lock_file)
        self.keeper = LockKeeper(self.lock, self.memory_file)

    def kill_agent(self) -> None:
        """End the agent as the kernel does: open files are closed, nothing else happens."""
        self.lock._let_go()
        self.begin_agent()

    def tend(
        self, dispatch: Dispatch, *, after_s: float = 0.0, now: datetime = NOW, restoring: bool = False
    ) -> bool:
        self.uptime_s += after_s
        return self.keeper.tend(
            dispatch, uptime_s=self.uptime_s, boot_id=self.boot_id, now=now, restoring=restoring
        )


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def test_a_dispatch_takes_both_locks_and_its_end_frees_them(home: Home) -> None:
    assert home.tend(RUNNING)
    with pytest.raises(FileExistsError):
        home.lock_file.open("x")
    with home.lock_file.open() as other, pytest.raises(BlockingIOError):
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    assert not home.tend(IDLE, after_s=LOOK_S)
    assert not home.lock_file.exists()


def test_no_update_comes_while_home_assistant_becomes_the_home_of_a_backup(home: Home) -> None:
    assert home.tend(IDLE, restoring=True)
    assert home.tend(IDLE, after_s=MOST_HELD_S - 1, restoring=True)
    assert not home.tend(IDLE, after_s=1, restoring=True)
    home.begin_agent()
    assert not home.tend(IDLE)


@pytest.mark.parametrize(
    ("dispatch", "is_held"),
    [
        (Dispatch(), False),
        (Dispatch(state=DispatchState.OPTED_OUT), False),
        (Dispatch(state=DispatchState.ASKS, starts=NOW), False),
        (Dispatch(state=DispatchState.RUNNING, ends=NOW + timedelta(seconds=1)), True),
        (Dispatch(state=DispatchState.RUNNING, ends=NOW), False),
        (Dispatch(state=DispatchState.ANNOUNCED, starts=NOW + HELD_BEFORE), True),
        (Dispatch(state=DispatchState.ANNOUNCED, starts=NOW + HELD_BEFORE + timedelta(seconds=1)), False),
        (Dispatch(state=DispatchState.ANNOUNCED), False),
    ],
)
def test_updates_are_kept_away_from_a_quarter_of_an_hour_before_an_event_to_its_end(
    home: Home, dispatch: Dispatch, is_held: bool
) -> None:
    assert home.tend(dispatch) is is_held


def test_after_two_hours_updates_get_half_an_hour_even_while_the_event_goes_on(home: Home) -> None:
    assert home.tend(RUNNING)
    assert home.tend(RUNNING, after_s=MOST_HELD_S - 1)
    assert not home.tend(RUNNING, after_s=1)
    assert not home.lock_file.exists()
    assert not home.tend(RUNNING, after_s=REST_S - 2)
    assert home.tend(RUNNING, after_s=2)


def test_half_an_hour_without_an_event_begins_the_two_hours_anew(home: Home) -> None:
    home.tend(RUNNING)
    home.tend(RUNNING, after_s=MOST_HELD_S - 60)
    home.tend(IDLE, after_s=30)
    assert home.tend(RUNNING, after_s=REST_S)
    assert home.tend(RUNNING, after_s=MOST_HELD_S - 1)


def assert_updates_get_their_times(held: list[bool]) -> None:
    """Of any two and a half hours half an hour is free: in one piece, or in pieces that add up."""
    window, least = round((MOST_HELD_S + REST_S) / LOOK_S), round(REST_S / LOOK_S)
    for begin in range(len(held) - window):
        assert held[begin : begin + window].count(False) >= least - 1


@pytest.mark.parametrize("gap", ["none", "a look between events", "the agent is killed"])
def test_a_day_of_events_one_after_another_leaves_updates_their_times(home: Home, gap: str) -> None:
    held = []
    for look in range(24 * 120):
        is_gap = look % 20 == 0
        if is_gap and gap == "the agent is killed":
            home.kill_agent()
        dispatch = IDLE if is_gap and gap == "a look between events" else RUNNING
        held.append(home.tend(dispatch, after_s=LOOK_S))
    assert_updates_get_their_times(held)
    assert held.count(True) > len(held) / 2


MOMENTS = st.lists(
    st.tuples(
        st.sampled_from([RUNNING, RUNNING, IDLE, Dispatch()]),
        st.integers(1, 240),
        st.sampled_from(["", "", "", "kill", "the clock is set"]),
    ),
    max_size=30,
)


@settings(max_examples=40)
@given(MOMENTS)
def test_whatever_happens_updates_get_their_times(
    tmp_path_factory: pytest.TempPathFactory, moments: list[tuple[Dispatch, int, str]]
) -> None:
    home, now = Home(tmp_path_factory.mktemp("home")), NOW
    held: list[bool] = []
    for dispatch, looks, accident in moments:
        if accident == "kill":
            home.kill_agent()
        elif accident:
            now -= timedelta(days=400)
        held += [home.tend(dispatch, after_s=LOOK_S, now=now) for _ in range(looks)]
    assert_updates_get_their_times(held)


def test_the_supervisors_own_lock_is_respected_and_tried_again(home: Home) -> None:
    home.lock_file.parent.mkdir()
    home.lock_file.touch()
    if os.geteuid() == 0:
        os.chown(home.lock_file, 65534, 65534)
        home.begin_agent()
        assert home.lock_file.exists()
    assert not home.tend(RUNNING)
    home.keeper.release()
    assert home.lock_file.exists()
    home.lock_file.unlink()
    assert home.tend(RUNNING, after_s=LOOK_S)


def test_a_lock_that_somebody_holds_open_is_not_taken_from_them(home: Home) -> None:
    home.lock_file.parent.mkdir()
    with home.lock_file.open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        home.begin_agent()
        assert home.lock_file.exists()
        assert not home.tend(RUNNING)


def test_a_lock_broken_by_force_is_not_believed_to_be_ours_and_taken_again(home: Home) -> None:
    home.tend(RUNNING)
    home.lock_file.unlink()
    assert not home.keeper.held
    assert home.tend(RUNNING, after_s=LOOK_S)
    others = home.lock_file.with_name("others")
    others.touch()
    others.replace(home.lock_file)
    assert not home.keeper.held
    home.keeper.release()
    assert home.lock_file.exists()


def test_a_killed_agents_lock_goes_and_its_two_hours_go_on(home: Home) -> None:
    die_holding_the_lock(home)
    assert home.lock_file.exists()
    home.begin_agent()
    assert not home.lock_file.exists()
    assert home.tend(RUNNING, after_s=3600)
    assert not home.tend(RUNNING, after_s=3600)


@pytest.mark.parametrize("end", [Home.kill_agent, Home.begin_agent])
def test_two_hours_that_were_over_stay_over_for_the_next_agent(
    home: Home, end: Callable[[Home], None]
) -> None:
    home.tend(RUNNING)
    home.tend(RUNNING, after_s=MOST_HELD_S)
    home.keeper.release()
    end(home)
    assert not home.tend(RUNNING, after_s=REST_S - 1)
    assert home.tend(RUNNING, after_s=1)


def test_another_run_of_the_gateway_begins_anew(home: Home) -> None:
    home.tend(RUNNING)
    home.tend(RUNNING, after_s=MOST_HELD_S)
    home.boot_id, home.uptime_s = "another boot", 60.0
    home.begin_agent()
    assert home.tend(RUNNING)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"since_s": "soon"}', '{"since_s": null}'])
def test_a_damaged_memory_is_no_memory(home: Home, text: str) -> None:
    home.memory_file.write_text(text)
    home.begin_agent()
    assert home.tend(RUNNING)


def die_holding_the_lock(home: Home) -> None:
    """Take the lock in a process of its own that ends without letting go."""
    code = (
        "import os, sys; from datetime import datetime; from pathlib import Path\n"
        "from home_agent.home.view import Dispatch, DispatchState\n"
        "from home_agent.update_lock import LockKeeper, UpdateLock\n"
        "keeper = LockKeeper(UpdateLock(Path(sys.argv[1])), Path(sys.argv[2]))\n"
        "running = Dispatch(state=DispatchState.RUNNING)\n"
        "now = datetime.fromisoformat(sys.argv[4])\n"
        "assert keeper.tend(running, uptime_s=float(sys.argv[3]), boot_id='boot', now=now)\n"
        "os._exit(9)\n"
    )
    arguments = [str(home.lock_file), str(home.memory_file), str(home.uptime_s), NOW.isoformat()]
    path = {"PYTHONPATH": python_path("addons/home_agent")}
    command = [sys.executable, "-c", code, *arguments]
    ended = subprocess.run(command, env=path, check=False, timeout=60)  # noqa: S603 - our own interpreter
    assert ended.returncode == 9
