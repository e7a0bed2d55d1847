"""What was found to reach much of a parser is still stood: ``scripts/fuzz`` finds it, and what is not."""

import pytest

from tests.fuzz.targets import TARGETS


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_each_kept_input_is_stood(name: str) -> None:
    target = TARGETS[name]
    assert target.seeds()
    for data in [*target.first(), *target.seeds()]:
        target.check(data)
