"""What a browser does: it goes to a provider, comes back, and is sent on."""

from typing import Any, Final

import httpx

from ...running import PASSWORD, Running, made

CITY: Final = "/api/v1/openid-connect/city"
CONSOLE: Final = "/console/#/"


async def begun(visitor: httpx.AsyncClient, what: str, body: Any = None) -> str:
    """Return where a browser is sent."""
    location: str = (await made(visitor, f"{CITY}/{what}", body))["location"]
    return location


async def let_in(location: str) -> str:
    """Let the provider let somebody in; return the address that it sends the browser back to."""
    async with httpx.AsyncClient() as browser:
        answer = await browser.get(location)
    assert answer.status_code == 302, answer.text
    return answer.headers["Location"]


async def back(visitor: httpx.AsyncClient, address: str) -> str:
    """Return where in the console a browser goes on that comes back by an address."""
    answer = await visitor.get(address)
    assert answer.status_code == 303, answer.text
    place: str = answer.headers["Location"]
    # Whatever was asked for: nowhere else.
    assert place.startswith(CONSOLE)
    return place.removeprefix(CONSOLE)


async def there_and_back(visitor: httpx.AsyncClient, what: str, body: Any = None) -> str:
    """Go to the provider and come back; return where in the console it goes on."""
    return await back(visitor, await let_in(await begun(visitor, what, body)))


async def invited(operator: httpx.AsyncClient, name: str = "Hanna") -> str:
    """Invite somebody; return their code."""
    body = {"email": f"{name.lower()}@hub.example", "name": name, "role": "household"}
    code: str = (await made(operator, "/api/v1/people", body))["code"]
    return code


async def joined(hub: Running, operator: httpx.AsyncClient, name: str = "Hanna") -> httpx.AsyncClient:
    """Invite somebody who joins by the provider; return them signed in, without a password."""
    visitor = hub.visitor()
    assert await there_and_back(visitor, "join", {"code": await invited(operator, name)}) == ""
    return visitor


async def linked(visitor: httpx.AsyncClient) -> None:
    """Link the provider to somebody who has the tests' password."""
    assert await there_and_back(visitor, "link", {"password": PASSWORD}) == "account"


async def account(visitor: httpx.AsyncClient) -> dict[str, Any]:
    """Return who is signed in."""
    answer = await visitor.get("/api/v1/account")
    found: dict[str, Any] = answer.json()
    return found
