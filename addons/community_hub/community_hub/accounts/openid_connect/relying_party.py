"""The hub as the one that relies on a provider: where a browser is sent, and what its answer is worth."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Self
from urllib.parse import quote, urlencode, urlsplit

from joserfc.jwk import KeySet

from ...settings import Settings
from .discovery import Directory, Metadata
from .fetching import Fetching, ProviderError
from .id_token import Expected, TokenRefusedError, UnknownKeyError, Vouched, verified
from .providers import Provider

CALLBACK: Final = "/api/v1/openid-connect/{name}/callback"
_LONGEST_TOKEN: Final = 64 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What one attempt asks of a provider, all of it fit to be guessed by nobody.

    ``is_fresh``: the person is to sign in there anew, however they are signed in already.
    """

    state: str
    nonce: str
    verifier: str
    is_fresh: bool = False


@dataclass(frozen=True, kw_only=True)
class RelyingParty:
    """Of one provider; ``redirect_uri`` is where it sends browsers back to, as it must know it."""

    provider: Provider
    redirect_uri: str
    fetching: Fetching
    directory: Directory = field(repr=False)

    @classmethod
    def of(cls, provider: Provider, public_url: str, fetching: Fetching) -> Self:
        """Return that of a provider, which is asked for nothing yet."""
        return cls(
            provider=provider,
            redirect_uri=public_url + CALLBACK.format(name=provider.name),
            fetching=fetching,
            directory=Directory(provider, fetching),
        )

    async def address(self, asked: Asked) -> str:
        """Return where a browser is sent (OpenID Connect Core 1.0, 3.1.2.1; RFC 7636).

        Raises ProviderError.
        """
        metadata = await self.directory.metadata()
        challenge = base64.urlsafe_b64encode(hashlib.sha256(asked.verifier.encode()).digest())
        told = {
            "response_type": "code",
            "client_id": self.provider.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": "openid",
            "state": asked.state,
            "nonce": asked.nonce,
            "code_challenge": challenge.rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        if self.provider.acr:
            told["acr_values"] = " ".join(self.provider.acr)
        if asked.is_fresh:
            told |= {"prompt": "login", "max_age": "0"}
        mark = "&" if urlsplit(metadata.authorization_endpoint).query else "?"
        return metadata.authorization_endpoint + mark + urlencode(told)

    async def vouched(self, code: str, issuer: str | None, asked: Asked, now: datetime) -> Vouched:
        """Redeem a code and return what the provider vouches for.

        ``issuer`` is what the browser's answer says it is of (RFC 9207). Raises ProviderError and
        TokenRefusedError.
        """
        metadata = await self.directory.metadata()
        if issuer != self.provider.issuer and (issuer is not None or metadata.names_issuer):
            raise TokenRefusedError("the browser was sent back by another issuer")
        token = await self._redeemed(metadata, code, asked.verifier)
        expected = Expected(issuer=self.provider.issuer, client_id=self.provider.client_id, nonce=asked.nonce)
        try:
            return verified(token, await self.directory.keys(), expected, now)
        except UnknownKeyError:
            newer: KeySet | None = await self.directory.newer_keys()
            if newer is None:
                raise
            return verified(token, newer, expected, now)

    def is_second_factor(self, vouched: Vouched) -> bool:
        """Whether the provider's sign-in stands for the second factor, as the operator trusts it for."""
        provider = self.provider
        return provider.is_second_factor or bool(vouched.amr & provider.amr) or vouched.acr in provider.acr

    async def _redeemed(self, metadata: Metadata, code: str, verifier: str) -> str:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": verifier,
        }
        headers: dict[str, str] = {}
        if metadata.posts_secret:
            form |= {"client_id": self.provider.client_id, "client_secret": self.provider.client_secret}
        else:
            headers = _basic(self.provider)
        answer = await self.fetching.post(metadata.token_endpoint, form, headers)
        token = answer.get("id_token")
        if not isinstance(token, str) or len(token) > _LONGEST_TOKEN:
            raise ProviderError("its answer to the code holds no ID token")
        return token


def relying_parties(settings: Settings) -> Mapping[str, RelyingParty]:
    """Return one for each provider that is set, by its name."""
    if not settings.openid_providers:
        return {}
    fetching = Fetching()
    return {
        each.name: RelyingParty.of(each, settings.public_url, fetching) for each in settings.openid_providers
    }


def _basic(provider: Provider) -> dict[str, str]:
    """Return our credentials in a header (RFC 6749, 2.3.1: encoded as in a form first)."""
    pair = f"{quote(provider.client_id, safe='')}:{quote(provider.client_secret, safe='')}"
    return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
