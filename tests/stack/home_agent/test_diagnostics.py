"""The diagnostics bundle: what helps to find a fault, and no secret whatever place it stood in."""

import base64
import io
import json
import zipfile
from pathlib import Path

import aiohttp
import pytest

from .agent_process import OPERATOR_SECRET, Operator, Stack
from .fake_home_assistant import TOKEN
from .fake_supervisor import KEY

pytestmark = pytest.mark.asyncio(loop_scope="module")

OWNER_PASSWORD = "owner-password-Zx81-_0123456789abcdefABCDEF"
CHARGER_PASSWORD = "charger-password-Qw3r-0123456789abcdefghijk"
OTHERS_PASSWORD = "a-password-nobody-told-the-agent"
JSON_WEB_TOKEN = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJzb21lYm9keSJ9.c2lnbmF0dXJl"
PRIVATE_KEY = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIHx4\n-----END PRIVATE KEY-----"


def put_secrets_everywhere(stack: Stack) -> list[str]:
    """Leave secrets in every place the bundle is made of, and return them."""
    credentials = stack.broker.folder / "credentials" / "home_agent"
    mqtt_password = (credentials / "mqtt_password").read_text()
    (stack.agent.owner / "owner_password").write_text(OWNER_PASSWORD)
    (stack.agent.owner / "charger_CHARGER-1_password").write_text(CHARGER_PASSWORD)
    known = [mqtt_password, OWNER_PASSWORD, CHARGER_PASSWORD[:40], OPERATOR_SECRET, TOKEN, KEY]
    stack.supervisor.journal = "".join(
        [
            *(f"service: refused {secret} of somebody\n" for secret in known),
            f"Authorization: Bearer {OTHERS_PASSWORD}\n",
            f'{{"password": "{OTHERS_PASSWORD}", "host": "meter"}}\n',
            f"MQTT_PASSWORD={OTHERS_PASSWORD}\n",
            f"GET https://somebody:{OTHERS_PASSWORD}@example.org/folder\n",
            f"token is {JSON_WEB_TOKEN}\n{PRIVATE_KEY}\n",
            "mail to resident@example.org from 192.168.1.23 at aa:bb:cc:dd:ee:ff\n",
            "latitude: 52.0907\n",
            "nginx: this helps to find the fault\n",
        ]
    )
    stack.home_assistant.log = [
        {"name": "custom_components.home_flex", "message": [f"refused {secret}"], "level": "ERROR"}
        for secret in [*known, JSON_WEB_TOKEN, PRIVATE_KEY]
    ]
    stack.home_assistant.diagnostics = {
        "site": {"latitude": 52.0907, "name": "Family Jansen", "main_fuse_a": 25},
        "aggregator": {"password": OTHERS_PASSWORD, "note": f"with {mqtt_password}"},
    }
    return [
        *known,
        OTHERS_PASSWORD,
        JSON_WEB_TOKEN,
        "MC4CAQAwBQYDK2VwBCIEIHx4",
        "resident@example.org",
        "192.168.1.23",
        "aa:bb:cc:dd:ee:ff",
        "52.0907",
        "Family Jansen",
    ]


def texts(archive: bytes) -> dict[str, str]:
    """Return every file of a bundle by its name."""
    with zipfile.ZipFile(io.BytesIO(archive)) as files:
        assert files.testzip() is None
        return {name: files.read(name).decode() for name in files.namelist()}


async def test_a_commanded_bundle_helps_and_holds_no_secret(stack: Stack, operator: Operator) -> None:
    secrets = put_secrets_everywhere(stack)
    await operator.beat(lambda beat: beat["devices"])
    answer = await operator.ask("diagnostics")
    assert answer["status"] == "DONE"
    found = texts(base64.b64decode(answer["result"]["zip_base64"]))
    assert set(found) == {
        "heartbeat.json",
        "watchdog.json",
        "audit.json",
        "home_assistant.json",
        "home_flex.json",
        "services.log",
    }
    everything = "\n".join([*found, *found.values()])
    assert [secret for secret in secrets if secret in everything] == []
    assert "this helps to find the fault" in found["services.log"]
    assert json.loads(found["home_flex.json"])["site"]["main_fuse_a"] == 25
    assert json.loads(found["heartbeat.json"])["devices"][0]["kind"] == "pv"


async def test_the_same_bundle_can_be_fetched_from_the_status_page(stack: Stack) -> None:
    secrets = put_secrets_everywhere(stack)
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{stack.agent.url}/status/diagnostics.zip") as answer,
    ):
        assert answer.status == 200
        assert answer.headers["Cache-Control"] == "no-store"
        everything = "\n".join(texts(await answer.read()).values())
    assert [secret for secret in secrets if secret in everything] == []


async def test_a_bundle_comes_also_when_nothing_else_works(stack: Stack, operator: Operator) -> None:
    stack.supervisor.broken = True
    stack.home_assistant.diagnostics = {}
    answer = await operator.ask("diagnostics")
    stack.supervisor.broken = False
    found = texts(base64.b64decode(answer["result"]["zip_base64"]))
    assert "The Supervisor refused POST /v2/journal-logs: 500" in found["services.log"]


async def test_nothing_secret_is_logged_or_left_readable_for_others(stack: Stack) -> None:
    log = stack.agent.log()
    kept = "".join(path.read_text() for path in _files(stack.agent.data) if path.name != "operator_secret")
    for secret in put_secrets_everywhere(stack):
        assert secret not in log
        assert secret not in kept
    assert all(path.stat().st_mode & 0o077 == 0 for path in _files(stack.agent.data))


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]
