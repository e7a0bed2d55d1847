"""Our VTN, as a process, and clients of it that others wrote."""

import copy
import json
import re
import socket
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml  # type: ignore[import-untyped] # its stubs are a package of their own
from community_hub.accounts.roles import SCOPES

from ...hub.running import BUSINESS_SCOPES, PASSWORD, VEN_SCOPES, VTN, made
from ..programs import FOLDER, output, program, running

ROOT = Path(__file__).parents[3]
CLIENTS = FOLDER.parent / "vtn-clients" / "bin"
DOCUMENT = ROOT / "tests" / "data" / "openadr" / "openadr3-3.1.1.yaml"
_PATHS = ("addons/community_hub", "packages", "packages/home_flex_core")
# Bounds for a machine that does much else.
_STARTS_S = 120.0
_FUZZING_S = 900.0
_CODE = re.compile(r"good for a day: (\S+)")


@dataclass(frozen=True, kw_only=True)
class Hub:
    """A hub that runs, with an operator's token."""

    url: str
    operator: httpx.AsyncClient
    business: httpx.AsyncClient

    async def client(self, *scopes: str) -> tuple[str, str]:
        made_client = await made(
            self.operator, "/api/v1/clients", {"name": "c", "scopes": sorted(set(scopes))}
        )
        return made_client["client_id"], made_client["client_secret"]

    async def token(self, *scopes: str) -> str:
        client_id, secret = await self.client(*scopes)
        form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
        token: str = (await self.operator.post(f"{VTN}/auth/token", data=form)).json()["access_token"]
        return token


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncIterator[Hub]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    environment = {
        "PYTHONPATH": ":".join(str(ROOT / path) for path in _PATHS),
        "HUB_DATABASE": f"sqlite:///{tmp_path / 'hub.sqlite'}",
        "HUB_PUBLIC_URL": url,
    }
    command = (sys.executable, "-m", "community_hub.serve", "--port", str(port))
    async with (
        running(*command, env=environment, longest_s=2 * _FUZZING_S) as process,
        httpx.AsyncClient(base_url=url) as operator,
        httpx.AsyncClient(base_url=url) as business,
    ):
        await process.until(lambda: any("running on" in line for line in process.text), _STARTS_S)
        [code] = [found[1] for line in process.text if (found := _CODE.search(line))]
        body = {"code": code, "password": PASSWORD, "email": "o@b", "name": "Olga"}
        await made(operator, "/api/v1/codes/redeem", body)
        answer = await operator.post("/api/v1/sessions", json={"email": "o@b", "password": PASSWORD})
        # A browser sends such a cookie to its own machine without TLS too; httpx does not.
        operator.headers["Cookie"] = answer.headers["Set-Cookie"].partition(";")[0]
        yield Hub(url=url, operator=operator, business=business)


async def test_openadr3_client_joins_as_a_ven(hub: Hub) -> None:
    python = program(CLIENTS / "python")
    business = hub.business
    business.headers["Authorization"] = f"Bearer {await hub.token(*BUSINESS_SCOPES)}"
    made_program = await made(business, f"{VTN}/programs", {"programName": "evening"})
    event = {
        "programID": made_program["id"],
        "eventName": "less",
        "intervalPeriod": {"start": "2026-11-30T17:00:00+01:00", "duration": "PT1H"},
        "intervals": [{"id": 0, "payloads": [{"type": "IMPORT_CAPACITY_LIMIT", "values": [3.5]}]}],
    }
    for name, targets in (("less", []), ("for others", ["f2"])):
        await made(business, f"{VTN}/events", event | {"eventName": name, "targets": targets})
    client_id, secret = await hub.client(*VEN_SCOPES)

    code, printed = await output(
        python,
        str(Path(__file__).with_name("ven.py")),
        hub.url + VTN,
        client_id,
        secret,
        env={"OAUTHLIB_INSECURE_TRANSPORT": "1"},
    )

    assert code == 0, printed
    told = json.loads(printed.splitlines()[-1])
    assert told == {
        "ven": ["a foreign VEN"],
        "resources": ["battery"],
        "programs": ["evening"],
        "events": [["less", "2026-11-30T16:00:00+00:00", 3.5]],
        "reports": [0.25],
        "client": [client_id] * 3,
    }
    [report] = (await business.get(f"{VTN}/reports")).json()
    assert report["resources"][0]["intervals"][0]["payloads"] == [{"type": "USAGE", "values": [0.25]}]


@pytest.fixture
def document(tmp_path: Path) -> Path:
    """Return the document as we read it.

    Its ``ven`` is told with objectType VEN by ``objectMetadata`` and BL_VEN_REQUEST by what else it is, and
    its ``resource`` likewise: we answer VEN and RESOURCE. Null is the same as absent, as clients send it.
    """
    described = yaml.safe_load(DOCUMENT.read_text())
    schemas = described["components"]["schemas"]
    for name, request in (("ven", "BlVenRequest"), ("resource", "BlResourceRequest")):
        told = copy.deepcopy(schemas[request])
        told["required"].remove("objectType")
        del told["properties"]["objectType"]
        schemas[name]["allOf"] = [{"$ref": "#/components/schemas/objectMetadata"}, told]
    _take_null_as_absent(schemas)
    path = tmp_path / "openadr3.yaml"
    path.write_text(yaml.safe_dump(described))
    return path


def _take_null_as_absent(described: Any) -> None:
    """Let each property that is not required be null, wherever it is described."""
    parts = described if isinstance(described, list) else [*described.values()]
    if isinstance(described, dict) and isinstance(described.get("properties"), dict):
        properties = described["properties"]
        for name in properties.keys() - set(described.get("required", ())):
            properties[name] = (
                {"nullable": True, "allOf": [properties[name]]}
                if "$ref" in properties[name]
                else properties[name] | {"nullable": True}
            )
    for part in parts:
        if isinstance(part, dict | list):
            _take_null_as_absent(part)


@pytest.mark.timeout(2 * _FUZZING_S)
@pytest.mark.parametrize("phases", ["coverage", "fuzzing", "stateful"])
async def test_the_document_holds_under_whatever_is_sent(hub: Hub, document: Path, phases: str) -> None:
    schemathesis = program(CLIENTS / "schemathesis")
    token = await hub.token(*BUSINESS_SCOPES, *VEN_SCOPES)

    code, printed = await output(
        schemathesis,
        "run",
        str(document),
        f"--url={hub.url}{VTN}",
        f"--header=Authorization: Bearer {token}",
        f"--phases={phases}",
        "--max-examples=10",
        "--seed=1",
        "--mode=all",
        # We are stricter than the document (``openadr.shapes``).
        "--exclude-checks=positive_data_acceptance",
        cwd=document.parent,  # where it keeps what it found before
        longest_s=_FUZZING_S,
    )

    assert code == 0, printed


# What it takes for a refusal, and 413 besides: a list may be made so long that its body is too large.
REFUSALS = """
[checks.negative_data_rejection]
expected-statuses = [400, 401, 403, 404, 405, 406, 409, 413, 415, 422, 428, 429, "5xx"]
"""


@pytest.mark.timeout(2 * _FUZZING_S)
async def test_our_own_document_holds_too(hub: Hub, tmp_path: Path) -> None:
    schemathesis = program(CLIENTS / "schemathesis")
    # Without the right to the own account's tokens it cannot revoke what it asks with.
    scopes = sorted(SCOPES - {"token:write"})
    body = {"name": "all", "scopes": scopes, "lifetime_s": 3600}
    token = (await made(hub.operator, "/api/v1/tokens", body))["token"]
    (tmp_path / "schemathesis.toml").write_text(REFUSALS)

    code, printed = await output(
        schemathesis,
        "run",
        f"{hub.url}/openapi.json",
        f"--header=Authorization: Bearer {token}",
        "--phases=coverage,fuzzing",
        "--max-examples=10",
        "--seed=1",
        "--mode=all",
        # Of rules such as "the consent ends after it begins" an OpenAPI document knows nothing; and it
        # takes the words of one path for the id in another.
        "--exclude-checks=positive_data_acceptance,allow_header_conformance",
        # An answer that goes on for minutes is no answer to it; tests/hub/feed try that one.
        "--exclude-path=/api/v1/feed",
        cwd=tmp_path,
        longest_s=_FUZZING_S,
    )

    assert code == 0, printed
