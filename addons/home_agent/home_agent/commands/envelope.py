"""Reads a command strictly. Pure.

A command is a JSON object on ``{prefix}/vens/{venID}/agent/commands/{kind}``: ``id``, ``issued_at`` and
``valid_until`` (ISO 8601 with offset), ``arguments`` where the kind takes some, and the operator's
``signature`` where what it does cannot be undone. Nothing else.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from home_common.signed_command import is_final, is_signed

MOST_BYTES: Final = 4096
LONGEST_VALIDITY: Final = timedelta(days=7)
CLOCKS_MAY_DIFFER: Final = timedelta(minutes=5)

_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
_FIELDS = frozenset({"id", "issued_at", "valid_until", "arguments", "signature"})

# Each kind of command and the arguments it takes, with the form of each; a trailing ``?`` makes one optional.
KINDS: Final[Mapping[str, Mapping[str, str]]] = {
    "heartbeat": {},
    "backup": {},
    "diagnostics": {},
    "restart_service": {"service": r"home_assistant|mosquitto|influxdb|nginx|wifi_ap|config_editor"},
    "restore": {"name": r"[A-Za-z0-9_-]{1,100}\.hfb"},
    "factory_erase": {"code?": r"[0-9]{8}", "dry_run?": r"true|false"},
}


class CommandError(Exception):
    """A command that is not obeyed, for a ``reason`` with a stable name; ``command_id`` None: unreadable."""

    def __init__(self, reason: str, *, command_id: str | None = None) -> None:
        """Keep the reason."""
        super().__init__(reason)
        self.reason = reason
        self.command_id = command_id


@dataclass(frozen=True, kw_only=True, slots=True)
class Command:
    """A command that is to be obeyed."""

    id: str
    kind: str
    valid_until: datetime
    arguments: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Authority:
    """Whose home this is: its identity, and the key of who may erase and restore it; None: nobody may."""

    home: str
    operator_key: str | None

    def require(self, kind: str, document: Mapping[str, Any], arguments: Mapping[str, str]) -> None:
        """Raise CommandError when a command that cannot be undone is not signed by the operator."""
        if not is_final(kind, arguments):
            return
        if self.operator_key is None:
            raise CommandError("no_operator_key")
        if not is_signed(self.operator_key, self.home, kind, document):
            raise CommandError("not_signed")


def parse(kind: str, payload: bytes, authority: Authority, *, now: datetime) -> Command:
    """Return the command. Raises CommandError."""
    if len(payload) > MOST_BYTES:
        raise CommandError("too_large")
    try:
        document = json.loads(payload)
    except ValueError, RecursionError:
        raise CommandError("not_json") from None
    if not isinstance(document, dict):
        raise CommandError("not_an_object")
    command_id = document.get("id")
    if not isinstance(command_id, str) or not _ID.fullmatch(command_id):
        raise CommandError("invalid_id")
    try:
        command = _checked(kind, command_id, document, now)
        authority.require(kind, document, command.arguments)
    except CommandError as error:
        error.command_id = command_id
        raise
    return command


def _checked(kind: str, command_id: str, document: Mapping[str, Any], now: datetime) -> Command:
    if kind not in KINDS:
        raise CommandError("unknown_command")
    if not document.keys() <= _FIELDS:
        raise CommandError("unknown_field")
    issued_at, valid_until = _time(document, "issued_at"), _time(document, "valid_until")
    if issued_at - now > CLOCKS_MAY_DIFFER:
        raise CommandError("from_the_future")
    if not timedelta() < valid_until - issued_at <= LONGEST_VALIDITY:
        raise CommandError("invalid_validity")
    if now >= valid_until:
        raise CommandError("expired")
    return Command(
        id=command_id,
        kind=kind,
        valid_until=valid_until,
        arguments=_arguments(document.get("arguments", {}), KINDS[kind]),
    )


def _arguments(given: Any, wanted: Mapping[str, str]) -> dict[str, str]:
    forms = {name.removesuffix("?"): form for name, form in wanted.items()}
    required = {name for name in wanted if not name.endswith("?")}
    if not isinstance(given, dict) or not required <= given.keys() <= forms.keys():
        raise CommandError("invalid_arguments")
    for name, value in given.items():
        if not isinstance(value, str) or not re.fullmatch(forms[name], value):
            raise CommandError("invalid_arguments")
    return dict(given)


def _time(document: Mapping[str, Any], name: str) -> datetime:
    try:
        time = datetime.fromisoformat(document[name])
        if time.tzinfo is not None:
            return time.astimezone(UTC)
    except KeyError, TypeError, ValueError, OverflowError:
        pass
    raise CommandError(f"invalid_{name}")
