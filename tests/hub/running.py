"""A hub in the test's own process, its clock, and who talks to it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import httpx
from argon2 import PasswordHasher
from community_hub.accounts import codes
from community_hub.accounts.passwords import Passwords
from community_hub.accounts.sealing import Vault
from community_hub.app import build
from community_hub.hub import Hub
from community_hub.settings import Settings
from community_hub.store import Store

ORIGIN: Final = "https://hub.example"
PASSWORD: Final = "a long enough password"
VTN: Final = "/openadr3/3.1"
SETTINGS: Final = Settings(
    database="", public_url=ORIGIN, secret="a secret of nobody at all", mqtt_url="mqtts://hub.example:8883"
)
VEN_SCOPES: Final = (
    "read_targets",
    "read_ven_objects",
    "write_reports",
    "write_subscriptions",
    "write_vens",
)
BUSINESS_SCOPES: Final = ("read_all", "write_programs", "write_events", "write_subscriptions", "write_vens")


@dataclass
class Clock:
    """A clock that goes on when it is told to."""

    now: datetime = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def go_on(self, **duration: float) -> None:
        self.now += timedelta(**duration)


@dataclass
class Running:
    """A hub without a network. Whoever talks to it is a client of their own, with cookies of their own."""

    store: Store
    clock: Clock = field(default_factory=Clock)
    settings: Settings = SETTINGS

    def __post_init__(self) -> None:
        hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        self.hub = Hub(
            settings=self.settings,
            store=self.store,
            vault=Vault(self.settings.secret),
            passwords=Passwords(hasher),
            clock=self.clock,
        )
        self.app = build(self.hub)

    def visitor(self, token: str | None = None) -> httpx.AsyncClient:
        """Return somebody who is not signed in, or a program with a token."""
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        return httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=headers)

    async def first_code(self) -> str:
        """Return the code that makes the first operator."""
        async with self.store.writing() as session:
            code = await codes.first_operator(session, self.clock())
        assert code is not None
        return code

    async def operator(self) -> httpx.AsyncClient:
        """Make the first operator, signed in."""
        code = await self.first_code()
        body = {"code": code, "password": PASSWORD, "email": "olga@hub.example", "name": "Olga"}
        await made(self.visitor(), "/api/v1/codes/redeem", body)
        return await self.signed_in("olga@hub.example")

    async def signed_in(self, email: str) -> httpx.AsyncClient:
        """Sign somebody in who has the tests' password."""
        visitor = self.visitor()
        await made(visitor, "/api/v1/sessions", {"email": email, "password": PASSWORD})
        return visitor

    async def person(self, operator: httpx.AsyncClient, role: str, name: str = "Hanna") -> httpx.AsyncClient:
        """Invite somebody, who sets the tests' password; return them signed in."""
        email = f"{name.lower()}@hub.example"
        invited = await made(operator, "/api/v1/people", {"email": email, "name": name, "role": role})
        await made(self.visitor(), "/api/v1/codes/redeem", {"code": invited["code"], "password": PASSWORD})
        return await self.signed_in(email)

    async def program(
        self, operator: httpx.AsyncClient, *scopes: str, name: str = "a program"
    ) -> tuple[httpx.AsyncClient, str]:
        """Admit a program to the VTN; return it with a token, and its clientID."""
        client = await made(operator, "/api/v1/clients", {"name": name, "scopes": scopes})
        form = {
            "grant_type": "client_credentials",
            "client_id": client["client_id"],
            "client_secret": client["client_secret"],
        }
        answer = await self.visitor().post(f"{VTN}/auth/token", data=form)
        assert answer.status_code == 200, answer.text
        return self.visitor(answer.json()["access_token"]), client["client_id"]


async def made(visitor: httpx.AsyncClient, path: str, body: Any) -> Any:
    """Post what must be taken; return what was made."""
    answer = await visitor.post(path, json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def person_id(visitor: httpx.AsyncClient) -> str:
    """Return the id of who is signed in."""
    answer = await visitor.get("/api/v1/account")
    identifier: str = answer.json()["id"]
    return identifier


def problem(answer: httpx.Response) -> tuple[int, str]:
    """Return status and slug of a problem document."""
    document = answer.json()
    assert document["status"] == answer.status_code
    assert document["title"]
    assert document["detail"]
    return answer.status_code, document["type"].removeprefix("urn:home-flex:problem:")
