"""What the agent asks of balena's Supervisor, and what comes of refusals."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest
from home_agent.supervisor import Supervisor, SupervisorError
from home_agent.update_lock import UpdateLock
from home_agent.watchdog.actor import Watchdog
from home_agent.watchdog.decision import Memory, Observation, Reboot, Restart, Trouble
from home_agent.watchdog.memory import store

from .fake_supervisor import KEY, RELEASE, FakeSupervisor

DAY_S = 24 * 3600.0


@pytest.fixture
async def fake(tmp_path: Path) -> AsyncIterator[FakeSupervisor]:
    fake = FakeSupervisor(lock_file=tmp_path / "balena" / "updates.lock")
    await fake.start()
    yield fake
    await fake.stop()


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(trust_env=False) as session:
        yield session


@pytest.fixture
def supervisor(fake: FakeSupervisor, session: aiohttp.ClientSession) -> Supervisor:
    return Supervisor(session, fake.address)


@pytest.fixture
def lock(fake: FakeSupervisor) -> UpdateLock:
    assert fake.lock_file is not None
    return UpdateLock(fake.lock_file)


async def test_it_tells_the_release_and_the_containers(supervisor: Supervisor) -> None:
    status = await supervisor.status()
    assert status["release"] == RELEASE
    assert {container["serviceName"] for container in status["containers"]} >= {"home_assistant", "nginx"}
    assert await supervisor.version() == "17.8.3"


async def test_a_service_is_restarted_by_force_and_the_lock_taken_again(
    fake: FakeSupervisor, supervisor: Supervisor, lock: UpdateLock
) -> None:
    assert lock.acquire()
    await supervisor.restart_service("nginx")
    assert fake.restarted == ["nginx"]
    assert not lock.held
    assert lock.acquire()
    lock.release()


async def test_a_reboot_is_refused_while_the_lock_is_held(
    fake: FakeSupervisor, supervisor: Supervisor, lock: UpdateLock
) -> None:
    lock.acquire()
    with pytest.raises(SupervisorError) as refused:
        await supervisor.reboot()
    assert refused.value.is_locked
    assert fake.reboots == 0
    lock.release()
    await supervisor.reboot()
    assert fake.reboots == 1


async def test_tags_are_set_and_only_those(fake: FakeSupervisor, supervisor: Supervisor) -> None:
    fake.tags = {"ring": "lab", "health": "nginx_down"}
    await supervisor.set_tags({"heartbeat_at": "2026-11-21T12:00:00+00:00", "health": "ok"})
    assert fake.tags == {"ring": "lab", "heartbeat_at": "2026-11-21T12:00:00+00:00", "health": "ok"}


async def test_every_volume_is_emptied_when_asked(
    fake: FakeSupervisor, supervisor: Supervisor, lock: UpdateLock
) -> None:
    lock.acquire()
    await supervisor.purge()
    assert fake.purges == 1


async def test_the_journal_is_bounded(fake: FakeSupervisor, supervisor: Supervisor) -> None:
    fake.journal = "".join(f"line {number}\n" for number in range(5000))
    assert (await supervisor.journal(2)).splitlines() == ["line 4998", "line 4999"]
    fake.journal = ("x" * 1023 + "\n") * 2000
    assert len(await supervisor.journal(2000)) == 512 * 1024


async def test_a_wrong_key_and_another_home_are_refused(
    fake: FakeSupervisor, session: aiohttp.ClientSession
) -> None:
    for wrong in (replace(fake.address, key="guessed"), replace(fake.address, app_id="7")):
        with pytest.raises(SupervisorError) as refused:
            await Supervisor(session, wrong).purge()
        assert refused.value.status == 401
    assert fake.purges == 0


async def test_errors_hold_nothing_that_was_sent(fake: FakeSupervisor, supervisor: Supervisor) -> None:
    fake.broken = True
    with pytest.raises(SupervisorError, match="refused PATCH /v2/device/tags: 500") as refused:
        await supervisor.set_tags({"health": "private"})
    await fake.stop()
    with pytest.raises(SupervisorError, match="does not answer") as silent:
        await supervisor.set_tags({"health": "private"})
    for error in (refused, silent):
        assert KEY not in str(error.value)
        assert "private" not in str(error.value)


def seen(uptime_s: float, *, dispatch: bool | None = False) -> Observation:
    return Observation(uptime_s=uptime_s, boot_id="1", failing=frozenset({"nginx"}), dispatch_active=dispatch)


async def test_the_watchdog_restarts_through_the_supervisor_and_remembers_it_first(
    tmp_path: Path, fake: FakeSupervisor, supervisor: Supervisor
) -> None:
    now = datetime.now(UTC)
    watchdog = Watchdog(tmp_path / "watchdog.json", supervisor)
    assert await watchdog.look(seen(1000.0), now) is None
    assert await watchdog.look(seen(1180.0), now) == Restart(service="nginx")
    assert fake.restarted == ["nginx"]
    heir = Watchdog(tmp_path / "watchdog.json", supervisor)
    assert await heir.look(seen(1210.0), now) is None
    assert fake.restarted == ["nginx"]


async def test_a_supervisor_that_fails_is_no_reason_to_try_more_often(
    tmp_path: Path, fake: FakeSupervisor, supervisor: Supervisor
) -> None:
    fake.broken = True
    watchdog = Watchdog(tmp_path / "watchdog.json", supervisor)
    done = [await watchdog.look(seen(1000.0 + 30 * look), datetime.now(UTC)) for look in range(20)]
    assert done.count(Restart(service="nginx")) == 1


async def test_the_watchdog_reboots_once_and_leaves_update_lock_and_dispatch_their_right(
    tmp_path: Path, fake: FakeSupervisor, supervisor: Supervisor, lock: UpdateLock
) -> None:
    def after_three_restarts_in_vain() -> Watchdog:
        trouble = Trouble(since_s=DAY_S, restarts=3, restarted_s=DAY_S + 3000)
        store(tmp_path / "watchdog.json", Memory(boot_id="1", troubles={"nginx": trouble}))
        return Watchdog(tmp_path / "watchdog.json", supervisor)

    now, reboot = datetime.now(UTC), Reboot(service="nginx")
    lock.acquire()
    assert await after_three_restarts_in_vain().look(seen(DAY_S + 7000), now) == reboot
    assert fake.reboots == 0
    lock.release()
    assert await after_three_restarts_in_vain().look(seen(DAY_S + 7000, dispatch=True), now) != reboot
    assert fake.reboots == 0
    watchdog = after_three_restarts_in_vain()
    done = [await watchdog.look(seen(DAY_S + 7000 + 60 * minute), now) for minute in range(30)]
    assert done.count(reboot) == fake.reboots == 1
