"""The community's measurement store: InfluxDB 2, or VictoriaMetrics for those who run that."""

import asyncio
import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, Protocol

import aiohttp

_HOUR_MS: Final = 3_600_000
_MOST_ANSWER_BYTES: Final = 64 * 1024 * 1024


class CentralError(Exception):
    """The store cannot answer now."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CentralAnswer:
    """How the store answered a write."""

    status: int
    retry_after: str | None = None


class Central(Protocol):
    """What the ingest service asks of a store."""

    async def write(self, session: aiohttp.ClientSession, points: bytes, precision: str) -> CentralAnswer:
        """Write line protocol. Raises aiohttp.ClientError, TimeoutError."""

    async def points_per_hour(
        self, session: aiohttp.ClientSession, home: str, start: datetime, stop: datetime
    ) -> Mapping[str, int]:
        """Count a home's field values by hour. Raises CentralError, aiohttp.ClientError, TimeoutError."""


@dataclass(frozen=True, kw_only=True, slots=True)
class InfluxCentral:
    """InfluxDB 2.x or Cloud: one organisation, one bucket, one token that writes and reads it."""

    url: str
    org: str
    bucket: str
    token: str = field(repr=False)

    async def write(self, session: aiohttp.ClientSession, points: bytes, precision: str) -> CentralAnswer:
        """See Central."""
        query = {"org": self.org, "bucket": self.bucket, "precision": precision}
        return await _write(session, f"{self.url}/api/v2/write", query, points, self._headers())

    async def points_per_hour(
        self, session: aiohttp.ClientSession, home: str, start: datetime, stop: datetime
    ) -> Mapping[str, int]:
        """See Central. The home's name has letters, digits, _ and - only: it needs no quoting."""
        flux = (
            f'from(bucket: "{self.bucket}")\n'
            f"  |> range(start: {start:%Y-%m-%dT%H:%M:%SZ}, stop: {stop:%Y-%m-%dT%H:%M:%SZ})\n"
            f'  |> filter(fn: (r) => r.home == "{home}")\n'
            '  |> aggregateWindow(every: 1h, fn: count, createEmpty: false, timeSrc: "_start")\n'
            '  |> group(columns: ["_time"])\n'
            "  |> sum()\n"
        )
        body = {"query": flux, "type": "flux", "dialect": {"header": True, "annotations": []}}
        async with session.post(
            f"{self.url}/api/v2/query", params={"org": self.org}, json=body, headers=self._headers()
        ) as answer:
            if answer.status != 200:
                raise CentralError(f"the store answered {answer.status} to a count")
            return _hours_of_csv(await _text(answer))

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Token {self.token}"}


@dataclass(frozen=True, kw_only=True, slots=True)
class VictoriaCentral:
    """VictoriaMetrics: takes line protocol, keeps numbers in milliseconds as ``measurement_field``."""

    url: str

    async def write(self, session: aiohttp.ClientSession, points: bytes, precision: str) -> CentralAnswer:
        """See Central."""
        return await _write(session, f"{self.url}/api/v2/write", {"precision": precision}, points, {})

    async def points_per_hour(
        self, session: aiohttp.ClientSession, home: str, start: datetime, stop: datetime
    ) -> Mapping[str, int]:
        """See Central."""
        first, end = (int(moment.timestamp() * 1000) for moment in (start, stop))
        # Without its last millisecond: both ends of VictoriaMetrics' span belong to it.
        query = {"match[]": f'{{home="{home}"}}', "start": str(first / 1000), "end": str((end - 1) / 1000)}
        async with session.get(f"{self.url}/api/v1/export", params=query) as answer:
            if answer.status != 200:
                raise CentralError(f"the store answered {answer.status} to a count")
            return _hours_of_export(await _text(answer))


async def _write(
    session: aiohttp.ClientSession,
    url: str,
    query: Mapping[str, str],
    points: bytes,
    headers: Mapping[str, str],
) -> CentralAnswer:
    packed = {"Content-Encoding": "gzip", "Content-Type": "text/plain; charset=utf-8", **headers}
    # Up to 8 MB: others are answered meanwhile.
    body = await asyncio.to_thread(gzip.compress, points, compresslevel=1)
    async with session.post(url, params=query, data=body, headers=packed, allow_redirects=False) as answer:
        return CentralAnswer(status=answer.status, retry_after=answer.headers.get("Retry-After"))


async def _text(answer: aiohttp.ClientResponse) -> str:
    content = bytearray()
    async for piece in answer.content.iter_chunked(65_536):
        content += piece
        if len(content) > _MOST_ANSWER_BYTES:
            raise CentralError("the store's answer has no end")
    return content.decode(errors="replace")


def _hours_of_csv(text: str) -> dict[str, int]:
    counts: dict[str, int] = {}
    header: list[str] = []
    for line in text.splitlines():
        cells = line.split(",")
        if not any(cells):
            header = []
        elif not header:
            header = cells
        else:
            row = dict(zip(header, cells, strict=False))
            try:
                counts[row["_time"]] = int(row["_value"])
            except KeyError, ValueError:
                raise CentralError("the store's count cannot be read") from None
    return counts


def _hours_of_export(text: str) -> dict[str, int]:
    counts: dict[str, int] = {}
    for line in text.splitlines():
        try:
            times = json.loads(line)["timestamps"]
        except ValueError, KeyError, TypeError:
            raise CentralError("the store's export cannot be read") from None
        for time in times:
            hour = datetime.fromtimestamp(time // _HOUR_MS * _HOUR_MS / 1000, UTC)
            stamp = f"{hour:%Y-%m-%dT%H:%M:%SZ}"
            counts[stamp] = counts.get(stamp, 0) + 1
    return counts
