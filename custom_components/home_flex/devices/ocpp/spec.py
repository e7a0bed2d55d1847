"""Chargers that dial in by OCPP, as the registry knows them."""

import re
from urllib.parse import urlsplit

from ...core.model import DeviceKind
from ..spec import WIRED_PHASES, Data, DriverSpec, Field, FieldType, Form, Resources
from .charger import OcppCharger
from .forwarding import Forwarder, ForwardSettings, trusting
from .settings import ChargerSettings, TagRule

# The identity is the last part of the address the charger dials (OCPP-J 1.6 section 3.1.1).
_IDENTITY = re.compile(r"[A-Za-z0-9._~-]{1,48}")
# OCPP 1.6 security white paper, AuthorizationKey: up to 40 characters; shorter than 8 is no secret.
_PASSWORD = re.compile(r"[!-~]{8,40}")
# IdToken, OCPP 1.6 section 7.28.
_TAG = re.compile(r"[!-~]{1,20}")


def _parse(data: Data) -> ChargerSettings:
    """Return what a charger must say to be let in, and what it can draw."""
    return ChargerSettings(
        identity=data["identity"],
        password=None if data.get("without_password") else data["password"],
        phases=len(data[WIRED_PHASES]),
        min_current_a=float(data["min_current_a"]),
        max_current_a=float(data["max_current_a"]),
        connector_id=int(data.get("connector_id", 1)),
        tag_rule=TagRule(data.get("tag_rule", TagRule.FREE)),
        tags=_tags(data),
        starts_itself=bool(data.get("starts_itself", False)),
        forward=_forward(data),
    )


def _forward(data: Data) -> ForwardSettings | None:
    """Return the second back end, while forwarding is switched on."""
    if not data.get("forwards"):
        return None
    return ForwardSettings(
        url=data["forward_url"],
        identity=data.get("forward_identity") or data["identity"],
        password=data.get("forward_password"),
        id_tag=data.get("forward_tag"),
        may_start=bool(data.get("forward_may_start", False)),
        ca_certificate=data.get("forward_ca"),
    )


def _tags(data: Data) -> tuple[str, ...]:
    return tuple(str(data.get("tags") or "").replace(",", " ").split())


def _mistake(data: Data) -> str | None:
    if not _IDENTITY.fullmatch(data.get("identity", "")):
        return "invalid_identity"
    if not data.get("without_password") and not _PASSWORD.fullmatch(data.get("password", "")):
        return "invalid_password"
    if not all(_TAG.fullmatch(tag) for tag in _tags(data)):
        return "invalid_tags"
    if data.get("forwards") and (mistake := _forward_mistake(data)) is not None:
        return mistake
    if data["min_current_a"] > data["max_current_a"]:
        return "current_range"
    return None if data[WIRED_PHASES] else "no_phase"


def _forward_mistake(data: Data) -> str | None:
    """Find what cannot be right about a second back end, before anybody dials it."""
    try:
        url = urlsplit(data.get("forward_url", ""))
        is_whole = url.scheme in {"ws", "wss"} and bool(url.hostname) and (url.port or 1) > 0
    except ValueError:
        return "invalid_forward_url"
    if not is_whole or url.username is not None or url.query or url.fragment:
        return "invalid_forward_url"
    if not _IDENTITY.fullmatch(data.get("forward_identity") or data["identity"]):
        return "invalid_forward_identity"
    if ca_certificate := data.get("forward_ca"):
        try:
            trusting(ca_certificate)
        except ValueError:
            return "invalid_forward_ca"
    tag = data.get("forward_tag")
    return "invalid_tags" if tag is not None and not _TAG.fullmatch(tag) else None


def _build(_kind: DeviceKind, settings: ChargerSettings, resources: Resources) -> OcppCharger:
    if settings.forward is None:
        return resources.central_system.add(settings)
    forwarder = Forwarder(
        settings.identity,
        settings.forward,
        http=resources.web_session,
        kept=resources.kept,
        clock=resources.clock,
        monotonic_s=resources.monotonic_s,
    )
    return resources.central_system.add(settings, forwarder)


OCPP = DriverSpec(
    id="ocpp",
    kinds=frozenset({DeviceKind.EV_CHARGER}),
    forms=(
        Form(
            step="ocpp",
            change_step="ocpp_change",
            fields=(
                Field(name="identity", suggested="CP001", fixed=True),
                Field(name="password", secret=True, optional=True),
                Field(name="without_password", type=FieldType.SWITCH, suggested=False, optional=True),
                Field(name="min_current_a", type=FieldType.NUMBER, low=6, high=32, unit="A", suggested=6),
                Field(name="max_current_a", type=FieldType.NUMBER, low=6, high=80, unit="A", suggested=16),
                Field(name=WIRED_PHASES, type=FieldType.WIRED_PHASES),
                Field(
                    name="connector_id",
                    type=FieldType.WHOLE_NUMBER,
                    low=1,
                    high=8,
                    suggested=1,
                    fixed=True,
                    optional=True,
                ),
                Field(
                    name="starts_itself", type=FieldType.SWITCH, suggested=False, optional=True, later=True
                ),
                Field(
                    name="tag_rule",
                    type=FieldType.CHOICE,
                    options=tuple(TagRule),
                    suggested=TagRule.FREE.value,
                    optional=True,
                    later=True,
                ),
                Field(name="tags", optional=True, later=True),
                Field(name="forwards", type=FieldType.SWITCH, suggested=False, optional=True, later=True),
                Field(name="forward_url", optional=True, later=True),
                Field(name="forward_identity", optional=True, later=True),
                Field(name="forward_password", secret=True, optional=True, later=True),
                Field(name="forward_ca", type=FieldType.LINES, optional=True, later=True),
                Field(name="forward_tag", optional=True, later=True),
                Field(
                    name="forward_may_start",
                    type=FieldType.SWITCH,
                    suggested=False,
                    optional=True,
                    later=True,
                ),
            ),
        ),
    ),
    parse=_parse,
    mistake=_mistake,
    build=_build,
    dials_in=True,
)
