"""The list of tags that a charger keeps, in the words of OCPP 2.0.1 (block D)."""

from typing import Final

from ocpp.v201 import call  # type: ignore[import-untyped]  # the library has no types
from ocpp.v201.datatypes import (  # type: ignore[import-untyped]  # the library has no types
    AuthorizationData,
    IdTokenInfoType,
    IdTokenType,
)
from ocpp.v201.enums import (  # type: ignore[import-untyped]  # the library has no types
    AuthorizationStatusEnumType,
    IdTokenEnumType,
    UpdateEnumType,
)

from .. import fields
from ..asking import ask
from ..session import Session
from ..settings import Patience
from ..tag_list_words import ListLimits, ListWords, at_least_one
from ..tags import OUR_TAG
from .upkeep import read_variables, set_variable

_COMPONENT: Final = "LocalAuthListCtrlr"
_ENABLED: Final = (_COMPONENT, "Enabled")
_MOST_TAGS: Final = (_COMPONENT, "Entries")
_MOST_AT_ONCE: Final = (_COMPONENT, "ItemsPerMessage")


async def _version(session: Session, patience: Patience) -> int | None:
    version = fields.integer(await ask(session, call.GetLocalListVersion(), patience), "versionNumber")
    return None if version is None or version < 0 else version


async def _prepare(session: Session, patience: Patience) -> ListLimits:
    told = await read_variables(session, patience, (_ENABLED, _MOST_AT_ONCE))
    # How many it can hold is the greatest value of a variable that tells how many it holds.
    most = await read_variables(session, patience, (_MOST_TAGS,), attribute="MaxSet")
    if str(told.get(_ENABLED[1])).lower() == "false":
        await set_variable(session, patience, _ENABLED, "true")
    return ListLimits(
        most_tags=at_least_one(most, _MOST_TAGS[1]), most_at_once=at_least_one(told, _MOST_AT_ONCE[1])
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
    welcome = IdTokenInfoType(status=AuthorizationStatusEnumType.accepted)
    entries = [AuthorizationData(id_token=_token(tag), id_token_info=welcome) for tag in added]
    entries += [AuthorizationData(id_token=_token(tag)) for tag in removed]
    message = call.SendLocalList(
        version_number=version,
        update_type=UpdateEnumType.full if is_full else UpdateEnumType.differential,
        local_authorization_list=entries or None,
    )
    return str((await ask(session, message, patience)).get("status", ""))


def _token(tag: str) -> IdTokenType:
    """Return a tag as what it most likely is: an RFID card, unless it is the one we start sessions with."""
    kind = IdTokenEnumType.central if tag == OUR_TAG else IdTokenEnumType.iso14443
    return IdTokenType(id_token=tag, type=kind)


WORDS_201: Final = ListWords(version=_version, prepare=_prepare, send=_send)
