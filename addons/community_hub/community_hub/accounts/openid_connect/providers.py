"""Which OpenID providers the operator set, and how far their second factor is believed."""

import json
from dataclasses import dataclass, field
from typing import Annotated, Final

from home_common.settings import Settings, SettingsError
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from ...addresses import is_encrypted_or_here

PROVIDERS: Final = "HUB_OPENID_PROVIDERS"
SECRETS: Final = "HUB_OPENID_SECRETS"
_MOST: Final = 8

type _Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,32}$")]
type _Text = Annotated[str, StringConstraints(min_length=1, max_length=255)]


@dataclass(frozen=True, kw_only=True, slots=True)
class Provider:
    """A provider. ``title`` is what people read; ``issuer`` is its URL, just as its tokens name it.

    Its sign-in stands for the second factor too where ``is_second_factor``, or where its token's ``amr``
    names one of ``amr`` or its ``acr`` is one of ``acr`` (OpenID Connect Core 1.0, 2). Else ours is asked
    for.
    """

    name: str
    title: str
    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    is_second_factor: bool = False
    amr: frozenset[str] = frozenset()
    acr: tuple[str, ...] = ()


class _Told(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    name: _Name
    title: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    issuer: _Text
    client_id: _Text
    is_second_factor: bool = False
    amr: Annotated[list[_Text], Field(max_length=16)] = []
    acr: Annotated[list[_Text], Field(max_length=16)] = []


_ALL_TOLD: Final = TypeAdapter(Annotated[list[_Told], Field(max_length=_MOST)])
_ALL_SECRETS: Final = TypeAdapter(dict[str, _Text])


def providers_of(found: Settings) -> tuple[Provider, ...]:
    """Read the providers, none by default. Raises SettingsError, which names no secret."""
    listed = found.optional(PROVIDERS)
    if listed is None:
        return ()
    try:
        told = _ALL_TOLD.validate_json(listed)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise SettingsError(f"{PROVIDERS} is not a list of providers: {where} {first['msg']}") from None
    secrets = _secrets(found)
    names = [each.name for each in told]
    if len(set(names)) < len(names) or len({each.issuer for each in told}) < len(told):
        raise SettingsError(f"{PROVIDERS} names a provider or an issuer twice")
    if set(secrets) != set(names):
        raise SettingsError(f"{SECRETS} does not hold a secret for each provider, by its name, and no other")
    for each in told:
        if not is_encrypted_or_here(each.issuer) or set("?#") & set(each.issuer):
            raise SettingsError(
                f"{PROVIDERS}: the issuer of {each.name} is no address that begins with https://"
            )
    return tuple(
        Provider(
            name=each.name,
            title=each.title,
            issuer=each.issuer,
            client_id=each.client_id,
            client_secret=secrets[each.name],
            is_second_factor=each.is_second_factor,
            amr=frozenset(each.amr),
            acr=tuple(each.acr),
        )
        for each in told
    )


def _secrets(found: Settings) -> dict[str, str]:
    try:
        secrets: dict[str, str] = _ALL_SECRETS.validate_python(json.loads(found.text(SECRETS)))
    except ValueError:
        # Its own message would show what it holds.
        raise SettingsError(f"{SECRETS} is not a JSON object of names and secrets") from None
    return secrets
