"""How the tool behaves towards an API that pages, limits, fails and refuses."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import ClientSession
from fleet.api import PAGE, BalenaApi, BalenaError
from fleet.balena import BalenaFleet

from .fake_balena import BAD, GOOD, SLUG, TOKEN, FakeBalena, Fault, serve


class Pauses(list[float]):
    """Notes the pauses that were wished for, and takes none."""

    async def __call__(self, seconds: float) -> None:
        self.append(seconds)


@asynccontextmanager
async def connected(
    balena: FakeBalena, pauses: Pauses | None = None, *, token: str = TOKEN, dry_run: bool = False
) -> AsyncIterator[BalenaApi]:
    """Connect to a fake."""
    async with serve(balena.application()) as url, ClientSession() as session:
        yield BalenaApi(
            session, token, url=url, dry_run=dry_run, pause=Pauses() if pauses is None else pauses
        )


async def test_every_page_of_a_large_fleet_is_read() -> None:
    balena = FakeBalena(2 * PAGE)
    async with connected(balena) as api:
        devices = await (await BalenaFleet.find(api, SLUG)).devices()
    assert [device.id for device in devices] == list(balena.devices)


async def test_it_waits_as_long_as_a_limit_asks() -> None:
    balena, pauses = FakeBalena(1), Pauses()
    balena.faults = [Fault(429, {"Retry-After": "7"}), Fault(503, {"Retry-After": "999999"}), Fault(500)]
    async with connected(balena, pauses) as api:
        await BalenaFleet.find(api, SLUG)
    assert pauses[:2] == [7, 120]
    assert 0 < pauses[2] < 10


async def test_a_server_that_keeps_failing_is_given_up_with_a_reason() -> None:
    balena = FakeBalena(1)
    balena.faults = [Fault(500)] * 50
    async with connected(balena) as api:
        with pytest.raises(BalenaError, match=r"500 \(6 attempts\)"):
            await BalenaFleet.find(api, SLUG)
    assert balena.requests == 6


async def test_a_creation_that_may_have_happened_is_not_sent_again() -> None:
    balena = FakeBalena(1)
    async with connected(balena) as api:
        fleet = await BalenaFleet.find(api, SLUG)
        device = (await fleet.devices())[0]
        balena.faults = [Fault(502)]
        with pytest.raises(BalenaError, match="502"):
            await fleet.set_tag(device, "ring", "lab")
        assert not balena.faults
        assert await fleet.set_tag(device, "ring", "lab")
    assert balena.devices[1].tags["ring"] == "lab"


async def test_a_wrong_token_is_explained_and_never_shown() -> None:
    async with connected(FakeBalena(1), token="secret-of-mine") as api:  # a test's
        with pytest.raises(BalenaError, match="does not accept the token") as refused:
            await BalenaFleet.find(api, SLUG)
    assert "secret-of-mine" not in str(refused.value)


async def test_an_unreachable_server_is_an_error_and_not_a_hang() -> None:
    async with ClientSession() as session:
        api = BalenaApi(session, TOKEN, url="http://127.0.0.1:9", pause=Pauses())
        with pytest.raises(BalenaError, match="cannot be reached"):
            await api.rows("device")


async def test_in_a_dry_run_nothing_is_sent_but_reads() -> None:
    balena = FakeBalena(2)
    async with connected(balena, dry_run=True) as api:
        fleet = await BalenaFleet.find(api, SLUG)
        device = (await fleet.devices())[0]
        await fleet.pin_device(device, BAD)
        await fleet.pin_fleet(BAD)
        await fleet.set_tag(device, "ring", "lab")
        await fleet.purge(device)
        await fleet.create_variable(device, 11, "mosquitto", "HOME_PRIVATE_KEY", "private")
    assert not balena.writes
    assert balena.fleet_release == GOOD
    assert len(api.withheld) == 5
    assert "private" not in " ".join(api.withheld)


@pytest.mark.parametrize("name", ["x' or true", "1.1.0' or 'a' eq 'a", ""])
async def test_names_cannot_change_the_query(name: str) -> None:
    async with connected(FakeBalena(1)) as api:
        fleet = await BalenaFleet.find(api, SLUG)
        with pytest.raises(BalenaError, match="no name"):
            await fleet.release(name)
