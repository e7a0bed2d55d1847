"""``flexctl hub`` does all that the hub's REST interface does: no route is without a command."""

import argparse
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from community_hub.app import build
from community_hub.flexctl.hub_arguments import add_hub_commands
from community_hub.flexctl.hub_client import HubClient
from community_hub.flexctl.hub_commands import COMMANDS
from community_hub.flexctl.hub_routes import HubRoute
from community_hub.flexctl.hub_table import ROUTES
from community_hub.store import Store

from .running import Running

# Routes that a command line has no use for, and why.
WITHOUT: dict[str, str] = {
    "POST /api/v1/sessions": "a browser signs in; a command line has a token",
    "DELETE /api/v1/sessions": "a browser's",
    "DELETE /api/v1/sessions/current": "a browser's",
    "POST /api/v1/sessions/passkey/challenge": "a browser's, which asks an authenticator",
    "POST /api/v1/sessions/passkey": "a browser signs in",
    "POST /api/v1/account/passkeys/challenge": "a browser's, which asks an authenticator",
    "POST /api/v1/account/passkeys": "a browser's, which asks an authenticator",
    "POST /api/v1/account/passkeys/{passkey_id}/removal": "wants a password",
    "POST /api/v1/codes/redeem": "wants a new password, which belongs on no command line",
    "POST /api/v1/account/password": "wants a password",
    "POST /api/v1/account/second-factor": "wants a password, and shows a square code",
    "POST /api/v1/account/second-factor/confirmation": "the browser goes on with it",
    "POST /api/v1/account/second-factor/removal": "wants a password",
    "POST /api/v1/account/leave": "wants a password",
    "POST /api/v1/account/identities/{identity_id}/removal": "wants a password or a proof",
    "POST /api/v1/openid-connect/{name}/sign-in": "a browser goes to a provider",
    "POST /api/v1/openid-connect/{name}/join": "a browser goes to a provider",
    "POST /api/v1/openid-connect/{name}/link": "a browser goes to a provider",
    "POST /api/v1/openid-connect/{name}/proof": "a browser goes to a provider",
    "POST /api/v1/openid-connect/second-factor": "a browser that came back from a provider",
    "POST /api/v1/tokens/introspect": "services ask it about tokens that they are shown",
    "GET /api/v1/feed": "a stream for browsers and programs",
    "GET /metrics": "Prometheus reads it",
    "GET /health": "whatever watches the process asks it",
}
# What is typed for the commands that have code of their own.
CODED: dict[str, list[str]] = {
    "offers": [],
    "invite": ["--program", "p", "--duration", "1h", "--energy", "10kWh", "--price", "0.25"],
    "answers": ["i"],
    "call-willing": ["i"],
    "dispatch": ["--program", "p", "--duration", "1h", "--need", "2kW"],
    "rehearse": ["--program", "p", "--duration", "1h", "--need", "2kW"],
    "settle": ["d"],
    "lines": ["s"],
    "lines home": ["s", "home-1"],
    "ask": ["home-1", "--program", "p", "--duration", "15m", "--optimise"],
}


def parsed(command: str, words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_hub_commands(parser.add_subparsers())
    return parser.parse_args(["hub", command, *words])


def asked(command: str, words: list[str]) -> httpx.Request:
    """Return what a command asks of a hub."""
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"statement": {}} if command == "lines" and len(words) > 1 else [])

    client = httpx.Client(base_url="https://hub.example", transport=httpx.MockTransport(answer))
    COMMANDS[command](HubClient(client=client, token="t"), parsed(command, words))
    [request] = seen
    return request


def words_of(route: HubRoute, folder: Path) -> list[str]:
    """Return words for a row: each of its path, and all of its options."""
    file = folder / "file.json"
    file.write_text("{}")
    # What else reads an option reads a file.
    values: dict[Any, str | None] = {int: "1", float: "1.5", None: None, str: "text"}
    typed = [f"the {word}" for word in route.words]
    for option in route.options:
        value = values.get(option.read, str(file))
        typed += [option.word] if value is None else [option.word, value]
    return [*typed, str(file)] if route.body_file else typed


@pytest.fixture(scope="module")
def interface() -> dict[str, Any]:
    """Return the OpenAPI document of a hub that speaks to grid operators, too; nothing is stored or asked."""
    hub = Running(store=cast("Store", None)).hub
    return build(replace(hub, settings=replace(hub.settings, uftp_domain="aggregator.example"))).openapi()


def routes_of(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        if path.startswith(("/api/", "/metrics", "/health", "/stats", "/services")):
            yield from ((method.upper(), path, told) for method, told in methods.items())


def route_of(request: httpx.Request, document: dict[str, Any]) -> str:
    """Return the route that a request reaches, the one with the fewest words in braces."""
    found = [
        path
        for method, path, _ in routes_of(document)
        if method == request.method and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", path), request.url.path)
    ]
    return f"{request.method} {min(found, key=lambda path: path.count('{'))}" if found else "nothing"


def test_every_route_has_a_command(interface: dict[str, Any]) -> None:
    reached = {route_of(asked(name.split()[0], words), interface) for name, words in CODED.items()}
    reached |= {f"{each.method} {each.path}" for each in ROUTES.values()}

    there = {f"{method} {path}" for method, path, _ in routes_of(interface)}

    assert there - reached - set(WITHOUT) == set()
    assert (reached | set(WITHOUT)) - there == set()
    assert reached & set(WITHOUT) == set()


def test_every_command_is_a_row_or_has_code_of_its_own() -> None:
    assert set(COMMANDS) == set(ROUTES) | {name.split()[0] for name in CODED}


@pytest.mark.parametrize("command", sorted(ROUTES))
def test_a_row_asks_its_route_for_all_that_the_route_can_be_told(
    command: str, interface: dict[str, Any], tmp_path: Path
) -> None:
    route = ROUTES[command]

    request = asked(command, words_of(route, tmp_path))

    assert route_of(request, interface) == f"{route.method} {route.path}"
    told = {(each["name"], each.get("required", False)) for each in parameters(interface, route)}
    if not route.body_file:
        told |= fields(interface, route)
        assert {(each.name, each.is_needed) for each in route.options} == told
        body = json.loads(request.content) if request.content else dict(request.url.params)
        assert set(body) == {each.name for each in route.options}


def parameters(document: dict[str, Any], route: HubRoute) -> list[dict[str, Any]]:
    told = document["paths"][route.path][route.method.lower()].get("parameters", [])
    return [each for each in told if each["in"] == "query"]


def fields(document: dict[str, Any], route: HubRoute) -> set[tuple[str, bool]]:
    body = document["paths"][route.path][route.method.lower()].get("requestBody")
    if body is None:
        return set()
    name = body["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    schema = document["components"]["schemas"][name]
    return {(each, each in schema.get("required", ())) for each in schema["properties"]}


@pytest.mark.parametrize("words", [["--price", "free"], ["--price", "-1"], ["--currency", "euro"]])
def test_a_price_that_is_none_is_refused_before_anything_is_sent(words: list[str]) -> None:
    with pytest.raises(SystemExit):
        parsed("invite", [*CODED["invite"], *words])


def test_a_word_of_a_path_leads_nowhere_else() -> None:
    assert asked("consents", ["../people?x=1"]).url.raw_path == b"/api/v1/homes/..%2Fpeople%3Fx%3D1/consents"
