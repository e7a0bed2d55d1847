"""An erased home leaves no access, no variable, no data and no key; an erasure that is cut short goes on."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import web

from .fake_balena import serve
from .operator import accepted, enrolled, listed, serial, ven_id


@asynccontextmanager
async def erasure_desk(requests: list[Any]) -> AsyncIterator[str]:
    """Run whoever erases central data."""

    async def take(request: web.Request) -> web.Response:
        requests.append(await request.json())
        return web.Response(status=202)

    application = web.Application()
    application.router.add_post("/erasures", take)
    async with serve(application) as url:
        yield f"{url}/erasures"


async def test_an_erased_home_leaves_no_access_no_variable_no_data_and_no_key(tmp_path: Path) -> None:
    requests: list[Any] = []
    async with (
        erasure_desk(requests) as url,
        enrolled(tmp_path, 1, 2, centre={"erasure_url": url}) as someone,
    ):
        balena, device = someone.balena, someone.balena.devices[1]
        held = serial(someone.file(1, "certificate.pem"))
        outcome = await someone.run_process("erase", ven_id(1), typed=f"{ven_id(1)}\n")
        assert outcome.code == 0, outcome.output
        assert listed(someone) == {held}
        assert set(accepted(someone)) == {ven_id(2)}
        assert balena.variable(device, "mosquitto", "HOME_PRIVATE_KEY") is None
        assert balena.variable(balena.devices[2], "mosquitto", "HOME_PRIVATE_KEY") is not None
        assert balena.purged == [device.uuid]
        assert [request["ven_id"] for request in requests] == [ven_id(1)]
        assert not (someone.folder / "homes" / ven_id(1)).exists()
        assert (someone.folder / "erasures" / f"{ven_id(1)}.json").exists()


async def test_nothing_is_erased_when_another_name_is_typed(tmp_path: Path) -> None:
    async with enrolled(tmp_path, 1) as someone:
        before = someone.files()
        outcome = await someone.run_process("erase", ven_id(1), typed="home-0002\n")
        assert outcome.code == 1
        assert someone.files() == before
        assert not someone.balena.purged


async def test_an_erasure_that_cannot_reach_the_device_takes_the_access_away_and_goes_on_later(
    tmp_path: Path,
) -> None:
    async with enrolled(tmp_path, 1) as someone:
        someone.balena.offline = True
        outcome = await someone.run("erase", ven_id(1), "--confirm", ven_id(1))
        assert outcome.code == 1
        assert "not erased yet: device" in outcome.output
        assert listed(someone)
        assert (someone.folder / "homes" / ven_id(1)).exists()
        someone.balena.offline = False
        assert "erase it by hand" in (someone.folder / "erasures" / f"{ven_id(1)}.json").read_text()
        await someone.done("erase", ven_id(1), "--confirm", ven_id(1))
        assert someone.balena.purged == [someone.balena.devices[1].uuid]
        assert not (someone.folder / "homes" / ven_id(1)).exists()
