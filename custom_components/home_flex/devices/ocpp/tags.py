"""Whose id tag may charge (OCPP 1.6 section 7.2, IdTagInfo)."""

from typing import Final

from ocpp.v16.datatypes import IdTagInfo  # type: ignore[import-untyped]  # the library has no types
from ocpp.v16.enums import AuthorizationStatus  # type: ignore[import-untyped]  # the library has no types

from .settings import ChargerSettings, TagRule

# With this tag Home Flex starts sessions itself.
OUR_TAG: Final = "HOMEFLEX"


def is_welcome(id_tag: str, settings: ChargerSettings) -> bool:
    """Return whether a tag may charge; tags are compared without case (section 7.28, CiString20)."""
    tag = id_tag.casefold()
    if tag == OUR_TAG.casefold():
        return True
    match settings.tag_rule:
        case TagRule.FREE:
            return True
        case TagRule.LIST:
            return tag in {each.casefold() for each in settings.tags}
        case TagRule.USER:
            return False


def tag_info(*, welcome: bool) -> IdTagInfo:
    """Return what a charger is answered."""
    return IdTagInfo(status=AuthorizationStatus.accepted if welcome else AuthorizationStatus.invalid)
