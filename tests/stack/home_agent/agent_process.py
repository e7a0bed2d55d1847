"""The agent as a process before the home's real broker, and its operator at the other end of the topics."""

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

import aiomqtt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from home_common.signed_command import is_final, public_text, sign

from scripts.home_stack.processes import ManagedProcess, free_port, python_path
from tests.stack.mosquitto.brokers import OBSERVER, HomeBroker, eventually
from tests.stack.mosquitto.messages import into_home

from .fake_home_assistant import TOKEN, FakeHomeAssistant
from .fake_supervisor import FakeSupervisor

OPERATOR_KEY = Ed25519PrivateKey.generate()
OPERATOR_SECRET = "operators-secret-0123456789-abcdefgh"


class AgentProcess:
    """The service ``home_agent``: the real entry point, on folders that stand for its volumes."""

    def __init__(self, folder: Path, broker: HomeBroker, **settings: str) -> None:
        """Prepare it; ``folder`` may hold the volume of an earlier run."""
        self.data = folder / "agent" / "data"
        self.owner = folder / "agent" / "owner"
        self.access_point = folder / "agent" / "access_point"
        self.lock_file = folder / "agent" / "balena" / "updates.lock"
        self.log_file = folder / "agent.log"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.owner.mkdir(parents=True, exist_ok=True)
        self.access_point.mkdir(parents=True, exist_ok=True)
        self.settings = {
            "PYTHONPATH": python_path("addons/home_agent"),
            "PYTHONDONTWRITEBYTECODE": "1",
            "HOME_ID": broker.home_id,
            "MQTT_HOST": "127.0.0.1",
            "MQTT_PORT": str(broker.port),
            "CREDENTIALS_FOLDER": str(broker.folder / "credentials" / "home_agent"),
            "OWNER_FOLDER": str(self.owner),
            "ACCESS_POINT_FOLDER": str(self.access_point),
            "DATA_FOLDER": str(self.data),
            "LOCK_FILE": str(self.lock_file),
            "NGINX_ADDRESS": "",
            "HTTP_HOST": "127.0.0.1",
            "HTTP_PORT": str(self.port),
            "OPERATOR_SECRET": OPERATOR_SECRET,
            "OPERATOR_KEY": public_text(OPERATOR_KEY),
            "PROBE_S": "0.5",
            **settings,
        }
        self._process = self._command()

    async def start(self) -> None:
        """Start it; returns when it answers over HTTP."""
        self._process = self._command()
        await self._process.start()
        await self._process.wait_for_port(self.port, timeout_s=60)

    async def stop(self) -> None:
        """Tell it to end, as the container engine does, and wait for its good end."""
        await self._process.stop(patience_s=30)
        assert self._process._process is not None
        assert self._process._process.returncode == 0, self.log()

    async def kill(self) -> None:
        """Cut its power."""
        await self._process.kill()

    async def run(self, *words: str) -> str:
        """Run it to its good end and return what it has logged. Raises StackError when it fails."""
        process = self._command(*words)
        await process.start()
        await process.wait(timeout_s=60)
        return self.log()

    def log(self) -> str:
        """Return everything it said, all runs."""
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    def _command(self, *words: str) -> ManagedProcess:
        arguments = [sys.executable, "-m", "home_agent", *words]
        return ManagedProcess("The agent", arguments, log=self.log_file, environment=self.settings)


@dataclass
class Operator:
    """Who sends commands and notes what the home says. ``said`` holds topic, payload, QoS and retain flag."""

    client: aiomqtt.Client
    topics: str
    said: list[aiomqtt.Message] = field(default_factory=list)

    @classmethod
    @asynccontextmanager
    async def of(cls, broker: HomeBroker) -> AsyncIterator[Self]:
        """Listen to all the agent says until the end of the block."""
        await broker.let_observer_in()
        async with into_home(broker, OBSERVER).client() as client:
            operator = cls(client, broker.topics)
            await client.subscribe(
                [(f"{broker.topics}/agent/{leaf}", 1) for leaf in ("heartbeat", "answers")]
            )
            await client.subscribe(f"{broker.topics}/agent/revocation", qos=1)
            task = asyncio.create_task(operator._listen())
            yield operator
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _listen(self) -> None:
        with contextlib.suppress(aiomqtt.MqttError):
            async for message in self.client.messages:
                self.said.append(message)

    async def send(self, kind: str, payload: bytes | str) -> None:
        """Send a command as it stands."""
        await self.client.publish(f"{self.topics}/agent/commands/{kind}", payload, qos=1)

    async def command(self, kind: str, *, arguments: dict[str, str] | None = None, **changes: Any) -> str:
        """Send a command and return its id."""
        document = {**envelope(), **({"arguments": arguments} if arguments else {}), **changes}
        if is_final(kind, arguments or {}) and "signature" not in changes:
            document["signature"] = sign(OPERATOR_KEY, self.topics.rpartition("/")[2], kind, document)
        await self.send(kind, json.dumps(document))
        return str(document["id"])

    async def ask(self, kind: str, *, arguments: dict[str, str] | None = None, **changes: Any) -> Any:
        """Send a command and return its answer."""
        return await self.answer(await self.command(kind, arguments=arguments, **changes))

    async def answer(self, command_id: str | None, *, times: int = 1) -> Any:
        """Wait for an answer of this id and return the latest."""
        await eventually(
            lambda: len(self.answers(command_id)) >= times, lambda: f"no answer to {command_id}: {self.said}"
        )
        return self.answers(command_id)[-1]

    def answers(self, command_id: str | None) -> list[Any]:
        """Return every answer of this id so far."""
        return [found for found in self.documents("answers") if found["id"] == command_id]

    def documents(self, leaf: str) -> list[Any]:
        """Return what arrived on a topic of the agent's."""
        topic = f"{self.topics}/agent/{leaf}"
        return [json.loads(_bytes(each)) for each in self.said if each.topic.value == topic and each.payload]

    async def beat(self, condition: Any = lambda _beat: True) -> Any:
        """Wait until the latest heartbeat fulfils a condition, and return it."""
        await eventually(
            lambda: bool(self.documents("heartbeat")) and condition(self.documents("heartbeat")[-1]),
            lambda: f"no such heartbeat: {self.documents('heartbeat')[-1:]}",
        )
        return self.documents("heartbeat")[-1]


def envelope(*, age_s: float = 0, lasts_s: float = 600) -> dict[str, Any]:
    """Return a command's id and times."""
    issued_at = datetime.now(UTC) - timedelta(seconds=age_s)
    return {
        "id": uuid4().hex,
        "issued_at": issued_at.isoformat(),
        "valid_until": (issued_at + timedelta(seconds=lasts_s)).isoformat(),
    }


def _bytes(message: aiomqtt.Message) -> bytes:
    assert isinstance(message.payload, bytes)
    return message.payload


@dataclass(kw_only=True)
class Stack:
    """A home around the agent: the real broker, and stand-ins for the rest."""

    broker: HomeBroker
    supervisor: FakeSupervisor
    home_assistant: FakeHomeAssistant
    agent: AgentProcess
    store: dict[str, Any]


@asynccontextmanager
async def stack_in(folder: Path, **settings: str) -> AsyncIterator[Stack]:
    """Start everything around an agent, which is prepared and not started."""
    store: dict[str, Any] = {"influxdb": "pass", "problems": [], "replication": None, "gaps": None}

    async def health(_request: web.Request) -> web.Response:
        return web.json_response(store)

    async with contextlib.AsyncExitStack() as stack:
        application = web.Application()
        application.router.add_get("/health", health)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.5)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        broker, supervisor, home_assistant = (
            HomeBroker(folder / "home"),
            FakeSupervisor(),
            FakeHomeAssistant(),
        )
        stack.push_async_callback(broker.kill)
        await broker.start()
        for service in (supervisor, home_assistant):
            stack.push_async_callback(service.stop)
            await service.start()
        addresses = {
            "HOME_ASSISTANT_URL": home_assistant.url,
            "INFLUXDB_HEALTH_URL": f"http://127.0.0.1:{runner.addresses[0][1]}/health",
            "NGINX_ADDRESS": home_assistant.url.removeprefix("http://"),
        }
        agent = AgentProcess(folder, broker, **{**addresses, **supervisor.settings, **settings})
        supervisor.lock_file = agent.lock_file
        (agent.owner / "owner_token").write_text(TOKEN)
        stack.push_async_callback(agent.kill)
        yield Stack(
            broker=broker, supervisor=supervisor, home_assistant=home_assistant, agent=agent, store=store
        )
