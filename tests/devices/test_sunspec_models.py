"""The register maps agree with the SunSpec Alliance's own model definitions."""

import pytest

from custom_components.home_flex.devices.sunspec import models
from custom_components.home_flex.devices.sunspec.models import MODELS, Role

from .fakes.sunspec_images import definition_points

ROLES: dict[str, Role] = {
    name: role
    for name, role in vars(models).items()
    if name.isupper() and isinstance(role, tuple) and not name.startswith("_")
}


@pytest.mark.parametrize("model_id", MODELS)
def test_every_point_stands_where_the_alliance_puts_it(model_id: int) -> None:
    definition = {name: (offset, point) for name, offset, point in definition_points(model_id)}
    for name, ours in MODELS[model_id].items():
        offset, theirs = definition[name]
        expected = (offset, theirs["type"], theirs["size"])
        assert (ours.offset, ours.type, ours.registers) == expected, name


@pytest.mark.parametrize("model_id", MODELS)
def test_every_scaled_point_names_its_own_scale_factor(model_id: int) -> None:
    definition = {name: point for name, _, point in definition_points(model_id)}
    for name, ours in MODELS[model_id].items():
        if ours.scale_factor is not None:
            assert ours.scale_factor == definition[name]["sf"], name
            assert ours.scale_factor in MODELS[model_id]
        elif name not in {"WSetPct", "WSetPctRvrt"}:  # written back as read, never scaled
            assert "sf" not in definition[name], name


@pytest.mark.parametrize("role", ROLES)
def test_every_role_names_points_of_the_maps(role: str) -> None:
    assert all(point in MODELS[model_id] for model_id, point in ROLES[role])
