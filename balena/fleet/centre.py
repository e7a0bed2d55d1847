"""The operator's routes of the centre: enrolment codes and erasure."""

from datetime import datetime
from typing import Any

import aiohttp

_TIMEOUT = aiohttp.ClientTimeout(total=30)


class CentreError(Exception):
    """The centre refused or cannot be reached; the message holds no code and no token."""


class CentreClient:
    """Speaks to the enrolment service and to whoever erases a home's data.

    In a dry run nothing is changed.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        token: str,
        *,
        enrolment_url: str | None,
        erasure_url: str | None,
        dry_run: bool,
    ) -> None:
        """Nothing is sent yet."""
        self._session = session
        self._headers = {"Authorization": f"Bearer {token}"}
        self._enrolment_url = enrolment_url.rstrip("/") if enrolment_url else None
        self._erasure_url = erasure_url
        self._dry_run = dry_run

    async def admit(self, ven_id: str, code: str, expires_at: datetime) -> str | None:
        """Let a home redeem its code.

        Returns the state of the enrolment, None when there is no enrolment service.
        """
        if self._enrolment_url is None or self._dry_run:
            return None
        body = {"code": code, "expires_at": expires_at.isoformat()}
        answer = await self._send("PUT", f"{self._enrolment_url}/enrolments/{ven_id}", body)
        return str(answer.get("state", "unknown"))

    async def serials(self, ven_id: str) -> list[int]:
        """Return the serial numbers the enrolment service issued to a home."""
        if self._enrolment_url is None:
            return []
        url = f"{self._enrolment_url}/enrolments/{ven_id}"
        answer = await self._send("GET", url, None, absent_is_fine=True)
        return [int(serial, 16) for serial in answer.get("serials", [])]

    async def forget(self, ven_id: str) -> None:
        """Make the enrolment service forget a home."""
        if self._enrolment_url is not None and not self._dry_run:
            await self._send("DELETE", f"{self._enrolment_url}/enrolments/{ven_id}", None)

    async def request_erasure(self, ven_id: str, at: datetime) -> bool:
        """Ask the centre to erase a home's data. Returns False when nobody there takes such requests."""
        if self._erasure_url is None:
            return False
        if not self._dry_run:
            await self._send("POST", self._erasure_url, {"ven_id": ven_id, "requested_at": at.isoformat()})
        return True

    async def _send(
        self, method: str, url: str, body: dict[str, str] | None, *, absent_is_fine: bool = False
    ) -> dict[str, Any]:
        try:
            async with self._session.request(
                method, url, json=body, headers=self._headers, timeout=_TIMEOUT, allow_redirects=False
            ) as response:
                if response.status == 404 and absent_is_fine:
                    return {}
                if response.status >= 300:
                    raise CentreError(f"the centre answered {method} {url} with {response.status}")
                if "json" not in response.content_type:
                    return {}
                document: dict[str, Any] = await response.json()
                return document
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise CentreError(
                f"the centre cannot be reached: {method} {url}: {type(error).__name__}"
            ) from error
