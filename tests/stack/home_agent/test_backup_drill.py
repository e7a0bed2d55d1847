"""The restore drill: a gateway dies, and an empty one becomes the home it was. Real Home Assistant, twice."""

import io
import tarfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest
import pytest_asyncio
from home_agent.backup.keeper import BackupRecord

from scripts.home_stack.api import HomeAssistantApi
from scripts.home_stack.broker import Broker
from tests.stack.home_start.conftest import surroundings_in
from tests.stack.home_start.home import Home

from .backup_drill import (
    AREA,
    METER_NAME,
    SET_UP,
    Seen,
    aggregator_connects,
    keeper_of,
    knows_password,
    live_in,
    local_backups,
    lose,
    new_passwords,
    see,
)
from .backup_folder import BackupFolder, backup_folder

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(500)]

# What begins a tar's members and a gzip stream, and what every backup of Home Assistant holds.
READABLE = (b"ustar", b"backup.json", b"homeassistant.tar", b".storage")
GZIP = b"\x1f\x8b\x08"


@dataclass(frozen=True, kw_only=True, slots=True)
class Drill:
    """A home and its backup; the empty home on a new gateway, and what that became."""

    folder: BackupFolder
    record: BackupRecord
    opened: bytes
    secrets: dict[str, str]
    left_on_the_card: list[str]
    first: Seen
    empty: Seen
    home: Home
    restored: Seen


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def drill(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Drill]:
    place = tmp_path_factory.mktemp("drill")
    async with AsyncExitStack() as stack:
        around = await stack.enter_async_context(surroundings_in(place))
        folder = await stack.enter_async_context(backup_folder())

        first = around.home()
        stack.push_async_callback(first.kill)
        await first.start()
        await first.says(SET_UP)
        await live_in(first)
        first_seen = await see(first)
        async with keeper_of(first, folder) as keeper:
            record = await keeper.back_up()
            opened = b"".join([piece async for piece in keeper.read(record.name)])
        left_on_the_card = await local_backups(first)
        secrets = {name: first.secret(name) for name in ("owner_password", "owner_token")}
        secrets["mqtt_password"] = around.broker.home.password

        second = await lose(first, place / "lost")
        stack.push_async_callback(second.kill)
        broker = Broker(place / "broker of the new gateway")
        stack.push_async_callback(broker.stop)
        await broker.start()
        new_passwords(second, broker, influxdb_token=around.store.token)
        await second.start()
        await second.says(SET_UP)
        empty_seen = await see(second)
        async with keeper_of(second, folder) as keeper:
            await keeper.restore(record.name)
        yield Drill(
            folder=folder,
            record=record,
            opened=opened,
            secrets=secrets,
            left_on_the_card=left_on_the_card,
            first=first_seen,
            empty=empty_seen,
            home=second,
            restored=await see(second),
        )


async def test_one_file_with_the_home_s_name_and_the_day_arrives(drill: Drill) -> None:
    (upload,) = drill.folder.uploads
    assert drill.folder.files.keys() == {drill.record.name}
    assert drill.record.name == f"home-1-{drill.record.at:%Y%m%dT%H%M%SZ}.hfb"
    assert upload.length == drill.record.size == len(upload.content)


async def test_the_folder_holds_nothing_readable(drill: Drill) -> None:
    kept = drill.folder.files[drill.record.name]
    known = [*READABLE, *(secret.encode() for secret in drill.secrets.values()), AREA.encode()]
    assert not [words for words in known if words in kept]
    assert GZIP not in kept[:1024]


async def test_with_the_key_it_is_a_whole_backup_of_home_assistant(drill: Drill) -> None:
    stores = ("core.config_entries", "core.area_registry", "auth")
    with tarfile.open(fileobj=io.BytesIO(drill.opened)) as outer:
        packed = outer.extractfile("homeassistant.tar.gz")
        assert packed is not None
        with tarfile.open(fileobj=packed, mode="r:gz") as inner:
            found = {name: inner.extractfile(f"data/.storage/{name}") for name in stores}
            texts = {name: file.read().decode() for name, file in found.items() if file is not None}
            names = inner.getnames()
    assert drill.secrets["mqtt_password"] in texts["core.config_entries"], "it is what has to stay secret"
    assert AREA in texts["core.area_registry"]
    assert not [name for name in names if "home-assistant_v2.db" in name]


async def test_no_backup_stays_on_the_memory_card(drill: Drill) -> None:
    assert not drill.left_on_the_card
    assert not await local_backups(drill.home)


async def test_the_new_gateway_is_the_first_home_with_each_of_its_parts(drill: Drill) -> None:
    assert drill.restored.entries == drill.first.entries
    assert not drill.empty.entries.keys() & drill.first.entries.keys() - {"site"}, "they were two homes"
    assert drill.empty.entries["site"] != drill.first.entries["site"]


async def test_what_a_person_changed_is_there(drill: Drill) -> None:
    assert AREA not in drill.empty.areas
    assert AREA in drill.restored.areas
    assert (drill.empty.meter_name, drill.restored.meter_name) == (None, METER_NAME)
    assert drill.restored == drill.first


async def test_the_owner_logs_in_as_before(drill: Drill) -> None:
    async with HomeAssistantApi(drill.home.url) as api:
        api.token = drill.secrets["owner_token"]
        assert (await api.websocket({"type": "auth/current_user"}))["is_owner"]
    assert await knows_password(drill.home, drill.secrets["owner_password"])


async def test_the_agent_of_the_new_gateway_goes_on_with_the_owner_s_token(drill: Drill) -> None:
    assert drill.home.secret("owner_token") == drill.secrets["owner_token"]
    assert not (drill.home.owner / "owner_password").exists(), "a password nobody can use is handed to nobody"


async def test_the_restored_home_speaks_to_the_broker_of_the_new_gateway(drill: Drill) -> None:
    await drill.home.says("home_start: Changed aggregator\n", timeout_s=120)
    assert await aggregator_connects(drill.home)


async def test_no_secret_is_in_the_log_of_either_home(drill: Drill) -> None:
    logs = drill.home.text() + (drill.home.config.parent.parent / "lost" / "home.log").read_text()
    assert SET_UP in logs
    assert not [name for name, secret in drill.secrets.items() if secret in logs]
