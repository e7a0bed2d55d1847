"""The hub's interface, as a command line speaks it: with a person's token, over TLS but on this machine."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self

import httpx

from ..addresses import is_encrypted_or_here

_TIMEOUT_S: Final = 60.0


class RefusedByHubError(Exception):
    """The hub refuses; the message is its reason. ``slug`` is for programs."""

    def __init__(self, slug: str, detail: str) -> None:
        """Say why."""
        super().__init__(f"{detail} ({slug})")
        self.slug = slug


@dataclass(frozen=True, kw_only=True)
class HubClient:
    """A hub and a token of a person's. ``client`` is what it is asked over."""

    client: httpx.Client
    token: str = field(repr=False)

    @classmethod
    def of(cls, url: str, token: str) -> Self:
        """Return the client of a hub's address. Raises ValueError for one that would show the token."""
        if not is_encrypted_or_here(url):
            raise ValueError("a hub elsewhere is reached by https only")
        return cls(client=httpx.Client(base_url=url, timeout=_TIMEOUT_S), token=token)

    def get(self, path: str, **parameters: Any) -> Any:
        """Ask for something; what is None is not told. Raises RefusedByHubError and httpx.HTTPError."""
        return self.send("GET", path, **parameters)

    def post(self, path: str, body: Mapping[str, Any] | None = None, **parameters: Any) -> Any:
        """Have something done. Raises as ``get``."""
        return self.send("POST", path, body or {}, **parameters)

    def send(self, method: str, path: str, body: Mapping[str, Any] | None = None, **parameters: Any) -> Any:
        """Send any request, None for no body. Raises as ``get``."""
        content = None if body is None else _told(body)
        answer = self.client.request(
            method, path, json=content, params=_told(parameters), headers=self._headers
        )
        return self._answer(answer)

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def _answer(self, answer: httpx.Response) -> Any:
        if answer.is_success:
            if answer.headers.get("Content-Type", "").startswith("application/x-ndjson"):
                return [json.loads(line) for line in answer.text.splitlines()]
            return answer.json() if answer.content else None
        try:
            problem = answer.json()
            slug = str(problem["type"]).rpartition(":")[2]
            raise RefusedByHubError(slug, str(problem["detail"]))
        except (KeyError, TypeError, ValueError) as error:
            raise RefusedByHubError(str(answer.status_code), answer.reason_phrase) from error


def _told(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def read_token(path: Path | None) -> str:
    """Return the token of a file, or of FLEXCTL_TOKEN. Raises ValueError without one."""
    token = path.read_text().strip() if path else os.environ.get("FLEXCTL_TOKEN", "")
    if not token:
        raise ValueError("a token is needed: --token-file or FLEXCTL_TOKEN")
    return token
