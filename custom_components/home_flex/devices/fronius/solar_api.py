"""Asking a Fronius inverter or data logger over HTTP, in turn, and not twice for what is still new."""

import asyncio
from collections.abc import Mapping
from json import JSONDecodeError, loads
from typing import Any, Final
from weakref import WeakValueDictionary

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout
from yarl import URL

from ..driver import DeviceError

POWER_FLOW: Final = "GetPowerFlowRealtimeData.fcgi"
METERS: Final = "GetMeterRealtimeData.cgi"
STORAGES: Final = "GetStorageRealtimeData.cgi"
INVERTERS: Final = "GetInverterInfo.cgi"
_OF_THE_SYSTEM: Final = {METERS, STORAGES}

# Data loggers ask their inverters one after the other before they answer.
_TIMEOUT = ClientTimeout(total=8.0)
_MOST_BYTES = 256 * 1024
_MOVED = {301, 302, 307, 308}
# What the drivers of one inverter ask for within this time is asked once.
_NEW_S = 0.9
# Status codes of the API's document, 2.4: not supported, and what may pass.
_NOT_SUPPORTED = {1, 6, 11, 255}
_MAY_PASS = {2, 3, 4, 5, 7, 8, 12}

type Answer = Mapping[str, Any]


class SolarApi:
    """The Solar API of one host; all drivers of the host share it (``solar_api_of``)."""

    def __init__(self, session: ClientSession, host: str) -> None:
        """Remember where it is; raises ValueError for a host that is none."""
        self.host = host
        self._session = session
        self._root = URL.build(scheme="http", authority=host, path="/solar_api/v1/")
        self._turn = asyncio.Lock()
        self._last: dict[str, tuple[float, Answer]] = {}

    async def ask(self, path: str, *, older_s: float = _NEW_S) -> Answer:
        """Return the ``Body.Data`` of an answer, which may be ``older_s`` seconds old.

        Raises DeviceError: ``unreachable``, ``timeout``, ``not_fronius`` (something else answers),
        ``solar_api_disabled``, ``not_supported`` (this device does not know the request), ``busy`` (the
        logger does not reach the inverter now), ``bad_answer``.
        """
        now = asyncio.get_running_loop().time
        async with self._turn:
            if path in self._last and now() - self._last[path][0] < older_s:
                return self._last[path][1]
            answer = _data(path, await self._get(path))
            self._last[path] = now(), answer
            return answer

    async def _get(self, path: str) -> Any:
        url = self._root.join(URL(path))
        if path in _OF_THE_SYSTEM:
            url = url.with_query(Scope="System")
        try:
            response = await self._request(url)
            async with response:
                return await _document(response)
        except TimeoutError as error:
            raise DeviceError("timeout", f"{url}: no answer in time") from error
        except (ClientError, OSError) as error:
            raise DeviceError("unreachable", f"{url}: {error}") from error

    async def _request(self, url: URL) -> ClientResponse:
        # Newer inverters send to HTTPS, with a certificate that they signed themselves.
        response = await self._session.get(url, timeout=_TIMEOUT, allow_redirects=False, ssl=False)
        to = URL(response.headers.get("Location", ""))
        if response.status in _MOVED and (to.scheme, to.host) == ("https", url.host):
            response.release()
            self._root = self._root.with_scheme("https").with_port(to.port)
            url = to if to.query else to.with_query(url.query)
            response = await self._session.get(url, timeout=_TIMEOUT, allow_redirects=False, ssl=False)
        return response


async def _document(response: ClientResponse) -> Any:
    """Return the JSON of an answer. Raises DeviceError for what is none."""
    body = bytearray()
    async for piece in response.content.iter_any():
        body += piece
        if len(body) > _MOST_BYTES:
            raise DeviceError("not_fronius", f"{response.url}: an endless answer")
    text = body.decode("utf-8", "replace")
    if response.status in {403, 404} and "disabled" in text.lower():
        raise DeviceError("solar_api_disabled", f"{response.url}: the Solar API is switched off")
    if response.status >= 500:
        raise DeviceError("busy", f"{response.url}: answers {response.status}")
    if response.status != 200:
        raise DeviceError("not_fronius", f"{response.url}: answers {response.status}")
    try:
        return loads(text)
    except (JSONDecodeError, RecursionError) as error:
        raise DeviceError("not_fronius", f"{response.url}: no JSON") from error


def _data(path: str, document: Any) -> Answer:
    """Return what an answer is about. Raises DeviceError for one that tells an error, or is none."""
    try:
        status = document["Head"]["Status"]
        code, reason = int(status["Code"]), str(status.get("Reason", ""))
        data = document["Body"]["Data"]
    except (KeyError, TypeError, ValueError) as error:
        raise DeviceError("not_fronius", f"{path}: not an answer of a Solar API") from error
    if code in _NOT_SUPPORTED:
        raise DeviceError("not_supported", f"{path}: {reason}")
    if code in _MAY_PASS:
        raise DeviceError("busy", f"{path}: {reason}")
    if code != 0 or not isinstance(data, Mapping):
        raise DeviceError("bad_answer", f"{path}: code {code} {reason}")
    return data


_SHARED: Final[WeakValueDictionary[tuple[int, str], SolarApi]] = WeakValueDictionary()


def solar_api_of(session: ClientSession, host: str) -> SolarApi:
    """Return the API of a host, the same for all who ask there. Raises ValueError for a host that is none."""
    key = id(session), host.lower()
    if (api := _SHARED.get(key)) is None:
        api = _SHARED[key] = SolarApi(session, host)
    return api
