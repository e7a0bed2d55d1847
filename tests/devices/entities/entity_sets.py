"""The entities of integrations as their sources make them, and the devices that must be found in them.

A file of ``entity_sets`` names its source and licence. Of a device it says each role that must be found, with
the unique ids that are added (``+``), taken away (``-``) or of unknown sign (``?``).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped] # its stubs are a package of their own

from custom_components.home_flex.devices.entities.finding import (
    DeviceProposal,
    Match,
    RegistryEntity,
    RoleProposal,
)

SETS = Path(__file__).parent / "entity_sets"


@dataclass(frozen=True, kw_only=True, slots=True)
class ExpectedDevice:
    """A device that must be found; ``enable``, ``choose`` and ``enter`` are what a person is asked to do."""

    kind: str
    roles: dict[str, list[str]]
    enable: list[str] = field(default_factory=list)
    choose: list[str] = field(default_factory=list)
    enter: list[str] = field(default_factory=list)
    control: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class EntitySet:
    """The entities of one integration in one home."""

    name: str
    profile: str
    source: str
    licence: str
    entities: tuple[RegistryEntity, ...]
    devices: tuple[ExpectedDevice, ...]


def entity_sets() -> Iterator[EntitySet]:
    """Return all sets."""
    for path in sorted(SETS.glob("*.yaml")):
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        yield EntitySet(
            name=path.stem,
            profile=data["profile"],
            source=data["source"],
            licence=data["licence"],
            entities=tuple(_entity(row, data["profile"]) for row in data["entities"]),
            devices=tuple(ExpectedDevice(**row) for row in data["devices"]),
        )


def _entity(row: dict[str, Any], platform: str) -> RegistryEntity:
    return RegistryEntity(
        id=f"{row['domain']}:{row['unique_id']}",
        platform=row.get("platform", platform),
        domain=row["domain"],
        unique_id=row["unique_id"],
        entry_id=row.get("entry", "entry"),
        device_id=row.get("device", "device"),
        translation_key=row.get("key"),
        device_class=row.get("class"),
        unit=row.get("unit"),
        is_disabled=row.get("disabled", False),
        model=row.get("model"),
        state=row.get("state"),
    )


def found(proposal: DeviceProposal) -> ExpectedDevice:
    """Return what was found, as a set says what it expects."""
    roles = proposal.roles.items()
    return ExpectedDevice(
        kind=proposal.kind,
        roles={name: _signed(role) for name, role in roles if role.match in {Match.FOUND, Match.DISABLED}},
        enable=[name for name, role in roles if role.match is Match.DISABLED],
        choose=list(proposal.to_choose),
        enter=list(proposal.to_enter),
        control=proposal.can_be_controlled,
    )


def _signed(role: RoleProposal) -> list[str]:
    assert role.alternative is not None
    if not role.alternative.is_sign_known:
        return [f"?{entity.unique_id}" for entity in role.plus]
    plus, minus = ("+", "-") if role.alternative.sign > 0 else ("-", "+")
    return [f"{plus}{entity.unique_id}" for entity in role.plus] + [
        f"{minus}{entity.unique_id}" for entity in role.minus
    ]
