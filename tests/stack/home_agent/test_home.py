"""The agent beside the real Home Assistant, from its first start on."""

import asyncio
import io
import re
import zipfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from home_agent.home import watch as watch_module
from home_agent.home.watch import HomeWatch

from scripts.home_stack.aggregator import Aggregator
from scripts.home_stack.api import wait_until
from tests.stack.home_start.conftest import Surroundings, surroundings_in
from tests.stack.home_start.home import Home, record_of
from tests.stack.mosquitto.brokers import HomeBroker

from .agent_process import OPERATOR_SECRET, AgentProcess

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(240)]

OPERATOR = {"Authorization": aiohttp.encode_basic_auth("operator", OPERATOR_SECRET)}
CHARGER = "CP001"


@dataclass(frozen=True, kw_only=True, slots=True)
class Living:
    """A home that lives, and its agent as seen over HTTP."""

    around: Surroundings
    home: Home
    agent: AgentProcess
    session: aiohttp.ClientSession
    owner: dict[str, str]

    async def beat(self, condition: Any, what: str, *, timeout_s: float = 60) -> Any:
        """Wait until the agent's latest look at the home fulfils a condition, and return it."""
        latest: Any = None

        async def look() -> Any:
            nonlocal latest
            async with self.session.get(f"{self.agent.url}/status.json") as answer:
                latest = await answer.json()
            return latest if "error" not in latest and condition(latest) else None

        try:
            return await wait_until(look, what, timeout_s=timeout_s)
        except Exception as error:
            error.add_note(f"{latest}\n{self.agent.log()[-3000:]}")
            raise


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def living(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Living]:
    """Return a home whose charger got its password from the agent's page, as an installer types it in."""
    async with (
        surroundings_in(tmp_path_factory.mktemp("living")) as around,
        AsyncExitStack() as stack,
        aiohttp.ClientSession() as session,
    ):
        record = record_of(around.house)
        devices = [*record["devices"], {"type": "ev_charger", "identity": CHARGER}]
        home = around.home(site=record["site"], devices=devices)
        agent = _agent_of(home, around.folder)
        for service in (agent, home):
            stack.push_async_callback(service.kill)
            await service.start()
        password = await wait_until(
            lambda: _charger_password(session, agent), "the charger's password", timeout_s=120
        )
        url = f"ws://127.0.0.1:{record['site']['ocpp_port']}"
        await around.house.connect_charge_point(url=url, identity=CHARGER, password=password)
        await home.says("home_start: The home is set up\n", timeout_s=120)
        async with session.post(
            f"{agent.url}/owner", headers={**OPERATOR, "Accept": "application/json"}
        ) as answer:
            owner = await answer.json()
        yield Living(around=around, home=home, agent=agent, session=session, owner=owner)


def _agent_of(home: Home, folder: Path) -> AgentProcess:
    """Return an agent that finds the home and its first start's folder; its broker and store are away."""
    agent = AgentProcess(folder, HomeBroker(folder / "mosquitto"), HOME_ASSISTANT_URL=home.url)
    agent.settings["OWNER_FOLDER"] = str(home.owner)
    return agent


async def _charger_password(session: aiohttp.ClientSession, agent: AgentProcess) -> str | None:
    async with session.post(
        f"{agent.url}/owner",
        headers={**OPERATOR, "Accept": "application/json"},
        data={"show": "chargers"},
    ) as answer:
        found: dict[str, str] = await answer.json()
        return found.get(CHARGER)


async def test_it_sees_every_device_linked_and_the_versions(living: Living) -> None:
    kinds = {"battery", "ev_charger", "grid_meter", "pv"}
    beat = await living.beat(
        lambda beat: {device["kind"] for device in beat["devices"] if device["linked"]} == kinds,
        "four linked devices",
    )
    assert len(beat["devices"]) == 4
    assert beat["services"]["home_assistant"] == "ok"
    assert beat["versions"]["home_assistant"] == "2026.11.0"
    assert beat["versions"]["home_flex"]
    assert beat["dispatch"]["state"] == "idle"
    await living.beat(lambda beat: beat["aggregator_connected"] is True, "the aggregator's messages")
    await living.beat(lambda beat: beat["queues"]["measurements_dropped"] == 0, "the measurements' count")
    # The store is away.
    await living.beat(lambda beat: beat["queues"]["measurements_waiting"], "measurements that wait")


async def test_a_renamed_entity_is_followed_on_the_same_connection(
    living: Living, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []

    def counted(name: str) -> None:
        real = getattr(watch_module, name)

        def call(*arguments: Any) -> Any:
            calls.append(name)
            return real(*arguments)

        monkeypatch.setattr(watch_module, name, call)

    counted("connected")
    counted("flex_entities")
    watch = HomeWatch(living.session, living.home.url, living.home.owner, lambda: None)
    task = asyncio.create_task(watch.run())

    async def is_seen(times: int) -> bool:
        return calls.count("flex_entities") >= times and watch.view.aggregator_connected is True

    try:
        await wait_until(lambda: is_seen(1), "the aggregator's entity", timeout_s=60)
        registry = await watch.command("config/entity_registry/list")
        name = next(row["entity_id"] for row in registry if row["unique_id"].endswith("aggregator_connected"))
        renamed = {"entity_id": name, "new_entity_id": f"{name}_renamed"}
        await watch.command("config/entity_registry/update", **renamed)
        await wait_until(lambda: is_seen(2), "the entity by its new name", timeout_s=60)
        back = {"entity_id": f"{name}_renamed", "new_entity_id": name}
        await watch.command("config/entity_registry/update", **back)
        await wait_until(lambda: is_seen(3), "the entity by its old name", timeout_s=60)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert calls.count("connected") == 1


async def test_the_owner_logs_in_with_the_password_that_was_handed_over(living: Living) -> None:
    client = f"{living.home.url}/"
    flow = {"client_id": client, "handler": ["homeassistant", None], "redirect_uri": client}
    async with living.session.post(f"{living.home.url}/auth/login_flow", json=flow) as answer:
        flow_id = (await answer.json())["flow_id"]
    step = {"client_id": client, **living.owner}
    async with living.session.post(f"{living.home.url}/auth/login_flow/{flow_id}", json=step) as answer:
        assert (await answer.json())["type"] == "create_entry"


async def test_an_administrators_token_opens_the_operators_pages_and_a_wrong_one_is_counted(
    living: Living,
) -> None:
    before = await living.beat(lambda beat: beat["auth_failures"]["home_assistant"] is not None, "a count")
    for token, status in ((living.home.secret("owner_token"), 204), ("eyJhbGciOiJIUzI1NiJ9.e30.wrong", 401)):
        headers = {"Authorization": f"Bearer {token}"}
        async with living.session.get(f"{living.agent.url}/check", headers=headers) as answer:
            assert answer.status == status
    beat = await living.beat(
        lambda beat: (
            beat["auth_failures"]["home_assistant"] > before["auth_failures"]["home_assistant"]
            and beat["auth_failures"]["agent"] > before["auth_failures"]["agent"]
        ),
        "refused log-ins to be counted",
    )
    assert "log_ins_refused" in beat["problems"]


async def test_the_diagnostics_of_a_real_home_hold_no_secret_and_not_where_it_is(living: Living) -> None:
    async with living.session.get(f"{living.agent.url}/status/diagnostics.zip") as answer:
        archive = await answer.read()
    with zipfile.ZipFile(io.BytesIO(archive)) as files:
        found = {name: files.read(name).decode() for name in files.namelist()}
    assert "subentries" in found["home_flex.json"] or "devices" in found["home_flex.json"]
    everything = "\n".join(found.values())
    secrets = {
        path.name: path.read_text().strip()
        for folder in (living.home.owner, living.home.credentials)
        for path in folder.iterdir()
        if not path.name.endswith(("_username", "_org"))
    }
    assert {"owner_token", "owner_password", "mqtt_password", f"charger_{CHARGER}_password"} <= set(secrets)
    for name, secret in secrets.items():
        assert secret[:40] not in everything, name
    # Not a time's seconds.
    assert not re.search(r"(?<![\d:])52\.09", everything)


async def test_the_update_lock_follows_a_real_event_and_outlasts_home_assistant_until_its_end(
    living: Living,
) -> None:
    aggregator = Aggregator(living.around.broker)
    async with aggregator.listening():
        duration = timedelta(seconds=10)
        await aggregator.dispatch(import_limit_w=2000, duration=duration)
        beat = await living.beat(
            lambda beat: beat["dispatch"]["state"] == "running" and beat["update_lock_held"], "the lock"
        )
    assert living.agent.lock_file.exists()
    ends = datetime.fromisoformat(beat["dispatch"]["ends"])
    assert timedelta() < ends - datetime.now(UTC) <= duration
    await living.home.kill()
    beat = await living.beat(lambda beat: "home_assistant_unreachable" in beat["problems"], "a dead home")
    if datetime.now(UTC) < ends - timedelta(seconds=2):
        assert beat["update_lock_held"]
    await living.beat(lambda beat: not beat["update_lock_held"], "the event's end")
    assert datetime.now(UTC) >= ends
    assert not living.agent.lock_file.exists()
