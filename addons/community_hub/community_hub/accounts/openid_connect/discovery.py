"""What a provider says of itself: its endpoints and its keys, asked for anew once an hour."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, KeySet, RSAKey

from ...addresses import is_encrypted_or_here
from .fetching import Fetching, ProviderError
from .providers import Provider

KEPT_S: Final = 3600.0
# So often at most keys are asked for since a token names one that is not known.
AGAIN_S: Final = 60.0
# 2048 bits in base64url.
_LEAST_MODULUS: Final = 342
_MOST_KEYS: Final = 64
_ENDPOINTS: Final = ("authorization_endpoint", "token_endpoint", "jwks_uri")


@dataclass(frozen=True, kw_only=True, slots=True)
class Metadata:
    """Its endpoints (OpenID Connect Discovery 1.0, 3).

    ``posts_secret``: our secret goes into the form, not the header. ``names_issuer``: it says, whenever it
    sends a browser back, who it is (RFC 9207).
    """

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    posts_secret: bool
    names_issuer: bool


class Directory:
    """Of one provider. ``monotonic`` tells seconds."""

    def __init__(
        self, provider: Provider, fetching: Fetching, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        """Nothing is asked before it is needed."""
        self._provider, self._fetching, self._monotonic = provider, fetching, monotonic
        self._metadata: tuple[float, Metadata] | None = None
        self._keys: tuple[float, KeySet] | None = None

    async def metadata(self) -> Metadata:
        """Return its endpoints. Raises ProviderError."""
        if self._metadata is None or self._age(self._metadata[0]) >= KEPT_S:
            address = f"{self._provider.issuer.rstrip('/')}/.well-known/openid-configuration"
            document = await self._fetching.get(address)
            self._metadata = (self._monotonic(), _metadata(document, self._provider.issuer))
        return self._metadata[1]

    async def keys(self) -> KeySet:
        """Return its keys. Raises ProviderError."""
        if self._keys is None or self._age(self._keys[0]) >= KEPT_S:
            return await self._newest_keys()
        return self._keys[1]

    async def newer_keys(self) -> KeySet | None:
        """Return its keys asked for anew, None when that was within the last minute. Raises ProviderError."""
        if self._keys is not None and self._age(self._keys[0]) < AGAIN_S:
            return None
        return await self._newest_keys()

    async def _newest_keys(self) -> KeySet:
        document = await self._fetching.get((await self.metadata()).jwks_uri)
        self._keys = (self._monotonic(), key_set(document))
        return self._keys[1]

    def _age(self, since: float) -> float:
        return self._monotonic() - since


def _metadata(document: dict[str, Any], issuer: str) -> Metadata:
    if document.get("issuer") != issuer:
        raise ProviderError("it says that it is another issuer")
    found = {}
    for name in _ENDPOINTS:
        address = document.get(name)
        if not isinstance(address, str) or not is_encrypted_or_here(address):
            raise ProviderError(f"its {name} is no address that begins with https://")
        if address.startswith("http://") and not issuer.startswith("http://"):
            raise ProviderError(f"its {name} is not encrypted, though the issuer is")
        found[name] = address
    methods = document.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    return Metadata(
        **found,
        posts_secret=isinstance(methods, list)
        and "client_secret_basic" not in methods
        and "client_secret_post" in methods,
        names_issuer=document.get("authorization_response_iss_parameter_supported") is True,
    )


def key_set(document: dict[str, Any]) -> KeySet:
    """Return the keys that may have signed a token: RSA of 2048 bits at least, and EC. Raises ProviderError.

    No other is taken: least of all a symmetric one, by which whoever knows it could sign.
    """
    listed = document.get("keys")
    if not isinstance(listed, list) or len(listed) > _MOST_KEYS:
        raise ProviderError("its keys are no list, or too many")
    keys: list[Key] = [key for each in listed if (key := _signing_key(each)) is not None]
    if not keys:
        raise ProviderError("none of its keys is one that signs")
    return KeySet(keys)


def _signing_key(told: Any) -> RSAKey | ECKey | None:
    if not isinstance(told, dict) or told.get("use", "sig") != "sig":
        return None
    try:
        if told.get("kty") == "EC":
            return ECKey.import_key(told)
        is_long = told.get("kty") == "RSA" and len(told["n"]) >= _LEAST_MODULUS
        return RSAKey.import_key(told) if is_long else None
    except JoseError, ValueError, TypeError, KeyError:
        return None
