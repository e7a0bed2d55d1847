"""What is sent to the home: a backup passes however large, everything else is bounded."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from scripts.home_stack.api import wait_until

from .conftest import Entrance, HomeEntrance
from .home import BACKUP_ID, write_backup
from .visitors import browser, offer, speak, visit

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(240)]

MIB = 1024 * 1024
LIMITS = {
    "/api/states/sensor.large": 16 * MIB,
    "/auth/token": 16 * MIB,
    "/api/backup/upload?agent_id=backup.local": 2048 * MIB,
    "/api/file_upload": 101 * MIB,
    "/api/media_source/local_source/upload": 21 * MIB,
    "/configurator/save": 16 * MIB,
    "/influxdb/api/v2/write": 16 * MIB,
}


async def test_a_backup_of_150_megabytes_is_restored_through_the_door(
    home_entrance: HomeEntrance, tmp_path: Path
) -> None:
    path = tmp_path / "backup.tar"
    await asyncio.to_thread(write_backup, path, 150 * MIB)
    with path.open("rb") as backup:
        form = aiohttp.FormData()
        form.add_field("file", backup, filename="backup.tar")
        async with (
            aiohttp.ClientSession() as session,
            session.post(
                f"{home_entrance.door.url}/api/backup/upload?agent_id=backup.local",
                data=form,
                headers={"Authorization": f"Bearer {home_entrance.home.api.token}"},
            ) as answer,
        ):
            assert (answer.status, await answer.json()) == (201, {"backup_id": BACKUP_ID})
    known = await home_entrance.home.api.websocket({"type": "backup/details", "backup_id": BACKUP_ID})
    assert known["backup"]["agents"]["backup.local"]["size"] == path.stat().st_size
    await home_entrance.home.api.websocket({"type": "backup/delete", "backup_id": BACKUP_ID})


async def test_what_is_uploaded_arrives_while_it_is_sent(entrance: Entrance) -> None:
    home = entrance.behind["HOME_ASSISTANT"]
    before = home.received_bytes

    async def has_arrived() -> bool:
        return home.received_bytes >= before + MIB

    async def slowly() -> AsyncIterator[bytes]:
        yield bytes(MIB)
        await wait_until(has_arrived, "the first part to arrive", timeout_s=60)
        yield bytes(MIB)

    answer = await visit(entrance.door, "/api/backup/upload", method="POST", data=slowly())
    assert answer.status == 200
    assert home.received_bytes == before + 2 * MIB
    assert not list((entrance.door.run / "body").iterdir())


async def test_what_is_downloaded_arrives_while_it_is_made(entrance: Entrance) -> None:
    async with browser() as session, session.get(f"{entrance.door.url}/trickle") as answer:
        home = entrance.behind["HOME_ASSISTANT"]
        assert await answer.content.readexactly(5) == b"first"
        home.go_on.set()
        assert await answer.content.read() == b"second"


@pytest.mark.parametrize("path", LIMITS)
async def test_a_body_is_bounded_as_its_receiver_bounds_it(path: str, entrance: Entrance) -> None:
    for service in entrance.behind.values():
        service.asked.clear()
    assert await offer(entrance.door.http_port, path, LIMITS[path] + 1) == 413
    asked = [asked.path for service in entrance.behind.values() for asked in service.asked]
    assert [each for each in asked if each != "/check"] == []
    assert await offer(entrance.door.http_port, path, LIMITS[path]) == 100


async def test_a_body_that_hides_its_length_is_bounded_too(entrance: Entrance) -> None:
    chunk = b"100000\r\n" + bytes(MIB) + b"\r\n"
    head = b"POST /api/states/x HTTP/1.1\r\nHost: home.local\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert b" 413 " in await speak(entrance.door.http_port, head + 17 * chunk)
