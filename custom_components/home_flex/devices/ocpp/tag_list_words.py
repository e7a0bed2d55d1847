"""The list of tags that a charger keeps, in the words of OCPP 1.6 (sections 3.5.2, 5.10, 5.15 and 9.3)."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from ocpp.v16 import call  # type: ignore[import-untyped]  # the library has no types
from ocpp.v16.datatypes import AuthorizationData  # type: ignore[import-untyped]  # the library has no types
from ocpp.v16.enums import UpdateType  # type: ignore[import-untyped]  # the library has no types

from . import fields
from .asking import ask
from .configuration import read_values
from .session import Session
from .settings import Patience
from .tags import tag_info

_ENABLED: Final = "LocalAuthListEnabled"
_MOST_TAGS: Final = "LocalAuthListMaxLength"
_MOST_AT_ONCE: Final = "SendLocalListMaxLength"


@dataclass(frozen=True, kw_only=True, slots=True)
class ListLimits:
    """How many tags a charger keeps, and takes in one message; None while it does not say."""

    most_tags: int | None = None
    most_at_once: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ListWords:
    """How a version of OCPP speaks of the list.

    ``version`` asks for the number of the list it has: 0 for an empty one, None where it keeps none.
    ``prepare`` switches the list on and asks for its limits. ``send`` tells tags that are added and removed,
    or with ``is_full`` all there are, and returns the charger's word.
    """

    version: Callable[[Session, Patience], Awaitable[int | None]]
    prepare: Callable[[Session, Patience], Awaitable[ListLimits]]
    send: Callable[..., Awaitable[str]]


async def _version(session: Session, patience: Patience) -> int | None:
    answer = await ask(session, call.GetLocalListVersion(), patience)
    version = fields.integer(answer, "listVersion")
    return None if version is None or version < 0 else version


async def _prepare(session: Session, patience: Patience) -> ListLimits:
    told = await read_values(session, patience, (_ENABLED, _MOST_TAGS, _MOST_AT_ONCE))
    if str(told.get(_ENABLED)).lower() == "false":
        await ask(session, call.ChangeConfiguration(key=_ENABLED, value="true"), patience)
    return ListLimits(
        most_tags=at_least_one(told, _MOST_TAGS), most_at_once=at_least_one(told, _MOST_AT_ONCE)
    )


async def _send(
    session: Session,
    patience: Patience,
    *,
    version: int,
    is_full: bool,
    added: tuple[str, ...],
    removed: tuple[str, ...] = (),
) -> str:
    entries = [AuthorizationData(id_tag=tag, id_tag_info=tag_info(welcome=True)) for tag in added]
    entries += [AuthorizationData(id_tag=tag) for tag in removed]
    message = call.SendLocalList(
        list_version=version,
        update_type=UpdateType.full if is_full else UpdateType.differential,
        local_authorization_list=entries,
    )
    return str((await ask(session, message, patience)).get("status", ""))


def at_least_one(told: dict[str, object], name: str) -> int | None:
    """Return a number that a charger told as one of its limits; None for what limits nothing sensibly."""
    number = fields.integer(told, name)
    return number if number is not None and number > 0 else None


WORDS_16: Final = ListWords(version=_version, prepare=_prepare, send=_send)
