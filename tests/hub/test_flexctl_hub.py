"""``flexctl hub`` does over the hub's interface what the console does, from an invitation to a statement."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
from community_hub.flexctl.__main__ import main
from community_hub.flexctl.hub_client import HubClient

from .flexibility.communities import Flexible, flexible
from .running import Running, made

SCOPES = [
    f"{thing}:{verb}"
    for thing in ("program", "offer", "invitation", "dispatch", "settlement", "request")
    for verb in ("read", "write")
    if (thing, verb) != ("offer", "write")
]


class Flexctl:
    """The command line, run in a thread beside the hub that it speaks to."""

    def __init__(
        self, url: str, token: str, patch: pytest.MonkeyPatch, out: pytest.CaptureFixture[str]
    ) -> None:
        patch.setenv("FLEXCTL_HUB", url)
        patch.setenv("FLEXCTL_TOKEN", token)
        self._patch, self._out = patch, out

    async def run(self, *words: str) -> tuple[int, str]:
        """Return the exit code and what was printed."""
        self._patch.setattr("sys.argv", ["flexctl", "hub", *words])
        self._out.readouterr()
        code = await asyncio.to_thread(main)
        printed = self._out.readouterr()
        return code, printed.out + printed.err

    async def json(self, *words: str) -> Any:
        code, printed = await self.run("--json", *words)
        assert code == 0, printed
        return json.loads(printed)


@asynccontextmanager
async def listening(hub: Running) -> AsyncIterator[str]:
    config = uvicorn.Config(hub.app, host="127.0.0.1", port=0, log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 # uvicorn has no event for it
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving


async def offering(hub: Running) -> tuple[Flexible, str]:
    here = await flexible(hub, "home-1", "home-2")
    for ven_id, price in (("home-1", 0.10), ("home-2", 0.20)):
        await here.offer(ven_id, 2.0, price=price)
    token = await made(here.operator, "/api/v1/tokens", {"name": "c", "scopes": SCOPES, "lifetime_s": 86_400})
    return here, token["token"]


async def test_from_an_offer_to_a_statement_on_the_command_line(
    hub: Running, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    here, token = await offering(hub)
    start = "2026-11-29T12:30:00Z"
    call = ("--program", here.program_id, "--start", start, "--duration", "30m")
    async with listening(hub) as url:
        flexctl = Flexctl(url, token, monkeypatch, capsys)
        offers = await flexctl.json("offers", "--feeder", "north")
        invitation = await flexctl.json("invite", *call, "--energy", "1kWh")
        unanswered = await flexctl.json("answers")
        answers = await flexctl.json("answers", invitation["id"])
        rehearsal = await flexctl.json("rehearse", *call, "--need", "3kW", "--all-at-once")
        dispatch = await flexctl.json(
            "dispatch", *call, "--need", "3kW", "--cap", "north=10kW", "--all-at-once"
        )
        homes = await flexctl.json("homes", dispatch["id"])
        hub.clock.go_on(minutes=31)
        delivery = await flexctl.json("delivery", dispatch["id"])
        hub.clock.go_on(hours=2)
        settlement = await flexctl.json("settle", dispatch["id"])
        lines = await flexctl.json("lines", settlement["id"])
        statement = await flexctl.json("lines", settlement["id"], "home-1")

    assert offers["power_kw"] == 4.0
    assert [each["id"] for each in unanswered] == [invitation["id"]]
    assert {row["state"] for row in answers} == {"unanswered"}
    assert rehearsal["homes_called"] == 2
    assert [row["called_kw"] for row in homes] == [[2.0], [1.0]]
    assert delivery["needed_kw"] == 3.0
    assert [line["state"] for line in lines] == ["unknown", "unknown"]
    assert statement["kind"] == "dispatch"


async def test_a_request_is_made_and_followed_on_the_command_line(
    hub: Running, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    here, token = await offering(hub)
    start = "2026-11-29T12:30:00Z"
    async with listening(hub) as url:
        flexctl = Flexctl(url, token, monkeypatch, capsys)
        words = ("--program", here.program_id, "--start", start, "--duration", "30m", "--battery", "-2kW")
        asked = await flexctl.json("ask", "home-1", *words)
        found = await flexctl.json("requests", "home-1")

    assert (asked["kind"], asked["asked"]["power_kw"]) == ("battery_power", -2.0)
    assert [each["id"] for each in found] == [asked["id"]]


async def test_what_the_hub_refuses_is_one_line_and_an_exit_code(
    hub: Running, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    here, token = await offering(hub)
    words = ("--program", here.program_id, "--start", "2026-11-28T12:30:00Z", "--duration", "30m")
    async with listening(hub) as url:
        flexctl = Flexctl(url, token, monkeypatch, capsys)
        refused = await flexctl.run("dispatch", *words, "--need", "3kW")
        table = await flexctl.run("offers")
        monkeypatch.setenv("FLEXCTL_TOKEN", "hf_nothing")
        nobody = await flexctl.run("programs")

    assert refused == (3, "flexctl: It starts now or within 31 days. (wrong-time)\n")
    assert table[0] == 0
    assert "home-1" in table[1]
    assert nobody == (3, "flexctl: Sign in, or show a valid token. (not-signed-in)\n")


@pytest.mark.parametrize("url", ["http://hub.example", "ftp://hub.example", "hub.example"])
def test_a_token_is_shown_to_no_hub_in_the_open(url: str) -> None:
    with pytest.raises(ValueError, match="https only"):
        HubClient.of(url, "token")
