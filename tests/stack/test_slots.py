"""Deployed homes beside each other: each takes a place, and its names and addresses follow from that."""

import os
import signal
from pathlib import Path

import pytest

from scripts.home_stack.deployed import compose
from scripts.home_stack.deployed.network import Network
from scripts.home_stack.deployed.slots import COUNT, HeldFolder, Slot
from scripts.home_stack.processes import StackError


def test_each_takes_a_place_of_its_own_and_gives_it_back(tmp_path: Path) -> None:
    first, second = Slot.take(tmp_path), Slot.take(tmp_path)
    assert (first.number, second.number) == (0, 1)
    first.close()
    assert Slot.take(tmp_path).number == 0


def test_a_place_of_a_process_that_was_killed_is_free(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    if (child := os.fork()) == 0:
        held = Slot.take(tmp_path)
        os.write(writing, bytes([held.number]))
        signal.pause()
    assert os.read(reading, 1) == b"\0"
    assert Slot.take(tmp_path).number == 1
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    assert Slot.take(tmp_path).number == 0


def test_more_homes_than_there_are_places_are_refused(tmp_path: Path) -> None:
    held = [Slot.take(tmp_path) for _ in range(COUNT)]
    assert len({slot.number for slot in held}) == COUNT
    with pytest.raises(StackError, match=str(COUNT)):
        Slot.take(tmp_path)


def test_a_second_home_never_runs_on_the_volumes_of_the_first(tmp_path: Path) -> None:
    first = HeldFolder(tmp_path / "home")
    with pytest.raises(StackError, match="another folder"):
        HeldFolder(tmp_path / "home")
    HeldFolder(tmp_path / "other")
    first.close()
    HeldFolder(tmp_path / "home")


def test_two_homes_share_no_address_and_no_name() -> None:
    first, last = (compose.load(compose.DEMO, number=number) for number in (0, COUNT - 1))
    assert not first.network.overlaps(last.network)
    assert last.gateway in last.network
    for service in last.services.values():
        assert service.address is None or service.address in last.network
    names = [
        {network.namespace(name) for name in network.addresses}
        for network in (Network(first, {}, number=0), Network(last, {}, number=COUNT - 1))
    ]
    assert names[0].isdisjoint(names[1])


def test_addresses_in_settings_move_with_the_network() -> None:
    moved = compose.load(compose.DEMO, number=1).services
    door = moved["nginx"].address
    assert moved["home_assistant"].environment["TRUSTED_PROXIES"] == f"{door}/32"
    assert f"{door}/32" in moved["config_editor"].environment["ALLOWED_NETWORKS"]
