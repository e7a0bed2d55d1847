"""The register maps agree with the SunSpec Alliance's own model definitions."""

from typing import Any

import pytest

from custom_components.home_flex.devices.sunspec import meter, roles
from custom_components.home_flex.devices.sunspec.models import GROUPS, MODELS
from custom_components.home_flex.devices.sunspec.roles import Role

from ..fakes.sunspec_images import definition_points, repeating_points

ROLES: dict[str, Role] = {
    name: role
    for name, role in {**vars(roles), "METER_POWER": meter.METER_POWER}.items()
    if name.isupper() and isinstance(role, tuple) and name != "INVERTER_MODELS"
}


def defined(model_id: int) -> list[tuple[str, int, dict[str, Any]]]:
    """Return the points that the Alliance defines, those of a repeating group as its first has them."""
    fixed = definition_points(model_id)
    first = sum(point["size"] for _, _, point in fixed)
    found = [*fixed]
    for point in repeating_points(model_id):
        found.append((point["name"], first, point))
        first += point["size"]
    return found


@pytest.mark.parametrize("model_id", GROUPS)
def test_every_group_is_as_long_as_the_alliance_has_it(model_id: int) -> None:
    strides = {point.stride for point in MODELS[model_id].values() if point.stride}
    assert GROUPS[model_id][1] == sum(point["size"] for _, _, point in definition_points(model_id))
    assert strides == {sum(point["size"] for point in repeating_points(model_id))}


@pytest.mark.parametrize("model_id", MODELS)
def test_every_point_stands_where_the_alliance_puts_it(model_id: int) -> None:
    definition = {name: (offset, point) for name, offset, point in defined(model_id)}
    for name, ours in MODELS[model_id].items():
        offset, theirs = definition[name]
        expected = (offset, theirs["type"], theirs["size"])
        assert (ours.offset, ours.type, ours.registers) == expected, name


@pytest.mark.parametrize("model_id", MODELS)
def test_every_scaled_point_names_its_own_scale_factor(model_id: int) -> None:
    definition = {name: point for name, _, point in defined(model_id)}
    for name, ours in MODELS[model_id].items():
        if ours.scale_factor is not None:
            assert ours.scale_factor == definition[name]["sf"], name
            assert ours.scale_factor in MODELS[model_id]
        elif name not in {"WSetPct", "WSetPctRvrt"}:  # written back as read, never scaled
            assert "sf" not in definition[name], name


@pytest.mark.parametrize("role", ROLES)
def test_every_role_names_points_of_the_maps(role: str) -> None:
    assert all(point in MODELS[model_id] for model_id, point in ROLES[role])
