"""What is told of people, tokens and clients: never a secret, nor what was made of one."""

from typing import Any

from ..store import Store
from ..store.tables import Client, Person, Token
from .passkeys import kept
from .sign_in import has_totp
from .ways_in import has_password


async def person_as_kept(store: Store, person: Person) -> dict[str, Any]:
    """Return what a person and the operator may know, once how many passkeys there are was looked up."""
    async with store.reading() as session:
        return described_person(person, passkeys=await kept.count(session, person.id))


def described_person(person: Person, *, passkeys: int) -> dict[str, Any]:
    """Return what a person, who has so many passkeys, and the operator may know."""
    return {
        "id": person.id,
        "email": person.email,
        "name": person.name,
        "role": person.role,
        "state": person.state,
        "leaving_since": person.leaving_since,
        "has_password": has_password(person),
        "has_second_factor": has_totp(person) or passkeys > 0,
        "has_totp": has_totp(person),
        "passkeys": passkeys,
        "created_at": person.created_at,
    }


def described_token(token: Token) -> dict[str, Any]:
    """Return what a token's owner and the operator may know."""
    return {
        "id": token.id,
        "name": token.name,
        "person_id": token.person_id,
        "scopes": token.scopes,
        "created_at": token.created_at,
        "expires_at": token.expires_at,
        "last_used_at": token.last_used_at,
        "revoked_at": token.revoked_at,
    }


def described_client(client: Client) -> dict[str, Any]:
    """Return what the operator may know of a client."""
    return {
        "client_id": client.id,
        "name": client.name,
        "scopes": client.scopes,
        "created_at": client.created_at,
        "revoked_at": client.revoked_at,
    }
