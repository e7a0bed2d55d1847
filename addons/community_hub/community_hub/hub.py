"""What a running hub is made of; every route is given it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from starlette.requests import HTTPConnection

from .accounts.passwords import Passwords
from .accounts.sealing import Vault
from .settings import Settings
from .store import Store, utc_now

type Clock = Callable[[], datetime]


@dataclass(frozen=True, kw_only=True)
class Hub:
    """The parts. ``clock`` tells the time, aware, in UTC."""

    settings: Settings
    store: Store
    vault: Vault
    passwords: Passwords = field(default_factory=Passwords)
    clock: Clock = utc_now


def hub_of(connection: HTTPConnection) -> Hub:
    """Return the hub that answers a request, or holds a websocket."""
    return cast("Hub", connection.app.state.hub)
