"""A release goes through the fleet ring by ring, and a bad one stops by itself."""

import asyncio
import json
from pathlib import Path

from .fake_balena import BAD, FIXED, GOOD
from .operator import QUICK, Operator, operator


async def test_a_good_release_reaches_every_home_and_becomes_the_fleets(tmp_path: Path) -> None:
    async with operator(tmp_path, size=30) as community:
        output = await community.done("rollout", "1.1.1")
        fleet = community.balena
        assert fleet.fleet_release == FIXED
        assert all(device.pinned is None and device.running == FIXED for device in fleet.devices.values())
    assert "every ring runs it" in output


async def test_a_bad_release_on_two_hundred_homes_stops_at_the_first_ring_by_itself(tmp_path: Path) -> None:
    async with operator(tmp_path, size=200) as community:
        fleet = community.balena
        fleet.health_of_all(lambda release: "broker unreachable" if release == BAD else "ok")
        outcome = await community.run_process("rollout", "1.1.0")
        told = fleet.told(BAD)
        assert outcome.code == 3, outcome.output
        assert len(told) == 2  # 1 % of 200; no home is tagged for the lab
        assert fleet.fleet_release == GOOD
        assert [write for write in fleet.writes if write[0] == "PATCH"] == fleet.writes
        assert len(fleet.writes) == 2
    assert "stopped by itself in ring canary" in outcome.output
    assert "2 of 2 homes that were healthy before now fail" in outcome.output
    assert "unhealthy: broker unreachable" in outcome.output
    assert "2 homes were told to run 1.1.0; 198 were not touched" in outcome.output


async def test_homes_that_fall_silent_stop_it_as_well(tmp_path: Path) -> None:
    async with operator(tmp_path, size=30) as community:
        community.balena.health_of_all(lambda release: None if release == BAD else "ok")
        outcome = await community.run("rollout", "1.1.0")
        assert len(community.balena.told(BAD)) == 1
    assert outcome.code == 3
    assert "silent" in outcome.output


async def test_a_rollout_without_a_lab_says_so(tmp_path: Path) -> None:
    async with operator(tmp_path, size=3) as community:
        assert "No home is tagged ring=lab" in await community.done("rollout", "1.1.1")
    (tmp_path / "other").mkdir()
    async with operator(tmp_path / "other", size=3) as community:
        community.balena.devices[1].tags["ring"] = "lab"
        assert "No home is tagged" not in await community.done("rollout", "1.1.1")


async def test_the_lab_goes_first_and_shields_the_canaries(tmp_path: Path) -> None:
    async with operator(tmp_path, size=30) as community:
        community.balena.devices[7].tags["ring"] = "lab"
        community.balena.health_of_all(lambda release: "ill" if release == BAD else "ok")
        outcome = await community.run("rollout", "1.1.0")
        assert [device.id for device in community.balena.told(BAD)] == [7]
    assert outcome.code == 3


async def test_a_stopped_rollout_stays_stopped_until_it_is_resumed_after_a_fix(tmp_path: Path) -> None:
    async with operator(tmp_path, size=30) as community:
        fleet = community.balena
        fleet.health_of_all(lambda release: "ill" if release == BAD else "ok")
        assert (await community.run("rollout", "1.1.0")).code == 3
        fleet.health_of_all(lambda _: "ok")
        writes = len(fleet.writes)
        assert (await community.run("rollout", "1.1.0")).code == 3
        assert len(fleet.writes) == writes
        await community.done("resume")
        assert fleet.fleet_release == BAD


async def test_a_fixed_release_takes_over_and_is_judged_by_the_homes_the_bad_one_broke(
    tmp_path: Path,
) -> None:
    async with operator(tmp_path, size=30) as community:
        fleet = community.balena
        fleet.health_of_all(lambda release: "ill" if release == BAD else "ok")
        assert (await community.run("rollout", "1.1.0")).code == 3
        await community.done("rollout", "1.1.1")
        assert fleet.fleet_release == FIXED
        assert all(device.running == FIXED for device in fleet.devices.values())


async def test_rolling_back_returns_each_home_to_what_it_ran_before(tmp_path: Path) -> None:
    async with operator(tmp_path, size=200) as community:
        fleet = community.balena
        for device in fleet.devices.values():
            device.pinned = GOOD if device.id % 2 else None
        before = {device.id: device.pinned for device in fleet.devices.values()}
        fleet.health_of_all(lambda release: "ill" if release == BAD else "ok")
        assert (await community.run("rollout", "1.1.0")).code == 3
        assert fleet.told(BAD)
        await community.done("rollback")
        assert {device.id: device.pinned for device in fleet.devices.values()} == before


async def test_a_home_that_was_pinned_elsewhere_meanwhile_goes_back_to_what_it_ran_at_first(
    tmp_path: Path,
) -> None:
    async with operator(tmp_path, size=10) as community:
        await community.done("rollout", "1.1.1", "--once")
        told = next(device for device in community.balena.devices.values() if device.pinned == FIXED)
        told.pinned = BAD
        await community.done("rollout", "1.1.1", "--once")
        assert told.pinned == FIXED
        await community.done("rollback")
        assert told.pinned is None


async def test_old_faults_stop_no_release(tmp_path: Path) -> None:
    async with operator(tmp_path, size=30) as community:
        for number in range(1, 10):
            community.balena.devices[number].health = lambda _: None
        await community.done("rollout", "1.1.1")
        assert community.balena.fleet_release == FIXED


async def test_a_home_on_hold_is_left_alone(tmp_path: Path) -> None:
    async with operator(tmp_path, size=10) as community:
        held = community.balena.devices[4]
        held.tags["hold"], held.pinned = "true", GOOD
        await community.done("rollout", "1.1.1")
        assert held.pinned == GOOD


async def test_nothing_changes_in_a_dispatch_season_unless_it_is_urgent(tmp_path: Path) -> None:
    frozen = QUICK + 'freeze = ["01-01/12-31"]\n'
    async with operator(tmp_path, size=10, extra=frozen) as community:
        output = await community.done("rollout", "1.1.1", "--once")
        assert "dispatch season" in output
        assert not community.balena.writes
        await community.done("rollout", "1.1.1", "--despite-freeze")
        assert community.balena.fleet_release == FIXED


async def test_step_by_step_from_a_timer_is_the_same_rollout(tmp_path: Path) -> None:
    async with operator(tmp_path, size=10) as community:
        async with asyncio.timeout(20):
            while community.balena.fleet_release != FIXED:
                await community.done("rollout", "1.1.1", "--once")
        record = json.loads((community.folder / "rollout.json").read_text())
        assert record["phase"] == "finished"


async def test_a_fleet_that_follows_its_newest_release_is_refused(tmp_path: Path) -> None:
    async with operator(tmp_path) as community:
        community.balena.tracks_latest = True
        outcome = await community.run("rollout", "1.1.1")
        assert outcome.code == 1
        assert "pin it first" in outcome.output
        await community.done("pin-fleet", "1.0.0")
        assert not community.balena.tracks_latest


async def test_a_dry_run_of_any_rollout_command_writes_nothing(tmp_path: Path) -> None:
    async with operator(tmp_path, size=30) as community:
        files = community.files()
        await community.done("rollout", "1.1.1", "--dry-run")
        await community.done("pin", "--release", "1.1.0", "--dry-run", community.balena.devices[1].uuid)
        await community.done("pin-fleet", "1.1.0", "--dry-run")
        assert community.files() == files
        await _stop_a_bad_release(community)
        files, writes = community.files(), len(community.balena.writes)
        await community.done("rollback", "--dry-run")
        await community.run("resume", "--dry-run")
        assert community.files() == files
        assert len(community.balena.writes) == writes


async def _stop_a_bad_release(community: Operator) -> None:
    assert not community.balena.writes
    community.balena.health_of_all(lambda release: "ill" if release == BAD else "ok")
    assert (await community.run("rollout", "1.1.0")).code == 3
