"""Whether an ID token is what it seems (OpenID Connect Core 1.0, 3.1.3.7)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

# Of public keys alone: neither "none" nor what the secret of a client, or a public key taken for one, signs.
ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
# How far the provider's clock may be off ours.
LEEWAY: Final = timedelta(minutes=1)
# One that is older was not made for an attempt of now (``attempts.LIFETIME``).
_OLDEST: Final = timedelta(minutes=10)
_LONGEST_SUBJECT: Final = 255


class TokenRefusedError(Exception):
    """The token is refused; the message says why, for the log."""


class UnknownKeyError(TokenRefusedError):
    """The token names a key that is not among those that were given: the provider may have a new one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Expected:
    """What a token must say: by whom, for whom, and in answer to which request."""

    issuer: str
    client_id: str
    nonce: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Vouched:
    """What a provider vouches for.

    ``authenticated_at`` is when the person last signed in there, if it says so; ``amr`` and ``acr`` say how
    (RFC 8176; OpenID Connect Core 1.0, 2).
    """

    subject: str
    authenticated_at: datetime | None
    amr: frozenset[str]
    acr: str | None


def verified(token: str, keys: KeySet, expected: Expected, now: datetime) -> Vouched:
    """Return what a token vouches for.

    Raises TokenRefusedError, of which UnknownKeyError is for a key that is not among ``keys``.
    """
    try:
        registry = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
        claims = jwt.decode(token, keys, registry=registry).claims
    except InvalidKeyIdError as error:
        raise UnknownKeyError(str(error)) from error
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise TokenRefusedError(f"its signature: {error}") from error
    _require(claims, expected)
    _require_current(claims, now)
    return _vouched(claims)


def _require(claims: Mapping[str, Any], expected: Expected) -> None:
    if claims.get("iss") != expected.issuer:
        raise TokenRefusedError("it is of another issuer")
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    if expected.client_id not in audiences:
        raise TokenRefusedError("it is for somebody else")
    if claims.get("azp", expected.client_id) != expected.client_id:
        raise TokenRefusedError("it was issued to somebody else")
    if len(audiences) > 1 and "azp" not in claims:
        raise TokenRefusedError("it is for several, and does not say to whom it was issued")
    if claims.get("nonce") != expected.nonce:
        raise TokenRefusedError("it answers another request")


def _require_current(claims: Mapping[str, Any], now: datetime) -> None:
    issued, expires = _time(claims, "iat"), _time(claims, "exp")
    if issued is None or expires is None:
        raise TokenRefusedError("it does not say from when to when it is good")
    if expires <= now - LEEWAY:
        raise TokenRefusedError("it has expired")
    starts = max(issued, _time(claims, "nbf") or issued)
    if starts > now + LEEWAY:
        raise TokenRefusedError("it is from later than now")
    if issued < now - _OLDEST - LEEWAY:
        raise TokenRefusedError("it is too old")


def _vouched(claims: Mapping[str, Any]) -> Vouched:
    subject, amr, acr = claims.get("sub"), claims.get("amr", []), claims.get("acr")
    if not isinstance(subject, str) or not 1 <= len(subject) <= _LONGEST_SUBJECT or "\0" in subject:
        raise TokenRefusedError("it does not say whom it is about")
    return Vouched(
        subject=subject,
        authenticated_at=_time(claims, "auth_time"),
        amr=frozenset(each for each in amr if isinstance(each, str))
        if isinstance(amr, list)
        else frozenset(),
        acr=acr if isinstance(acr, str) else None,
    )


def _time(claims: Mapping[str, Any], name: str) -> datetime | None:
    """Return a NumericDate (RFC 7519, 2), None without one. Raises TokenRefusedError for what is none."""
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TokenRefusedError(f"its {name} is no time")
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise TokenRefusedError(f"its {name} is no time") from error
