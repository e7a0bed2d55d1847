"""Asks the measurement store's own health page how it is (the page of addons/influxdb)."""

import json
from typing import Final

import aiohttp

_TIMEOUT: Final = aiohttp.ClientTimeout(total=10)
_MOST_BYTES: Final = 64 * 1024


async def store_problems(session: aiohttp.ClientSession, url: str) -> frozenset[str] | None:
    """Return the stable names of what the page says is wrong; None when it says nothing intelligible."""
    try:
        async with session.get(url, timeout=_TIMEOUT, allow_redirects=False) as answer:
            if answer.status != 200:
                return None
            told = json.loads(await _bounded(answer.content))
    except aiohttp.ClientError, OSError, TimeoutError, ValueError:
        return None
    names = told.get("problems") if isinstance(told, dict) else None
    if not isinstance(names, list):
        return None
    return frozenset(name for name in names if isinstance(name, str))


async def _bounded(content: aiohttp.StreamReader) -> bytes:
    """Return a body. Raises ValueError when it is longer than a health page can be."""
    body = b""
    while chunk := await content.read(_MOST_BYTES):
        body += chunk
        if len(body) > _MOST_BYTES:
            raise ValueError("The page is too long")
    return body
