"""What cannot be undone is signed with a key that is not in the operator's folder."""

import json
from pathlib import Path

import pytest
from home_common.signed_command import is_signed

from .operator import enrolled, ven_id


async def test_homes_are_told_the_public_half_and_the_key_stays_where_it_was_made(tmp_path: Path) -> None:
    async with enrolled(tmp_path, 1) as someone:
        key = tmp_path / "stick" / "key.pem"
        await someone.done("operator-key", str(key))
        await someone.done("variables")
        told = someone.balena.variable(someone.balena.devices[1], "home_agent", "OPERATOR_KEY")
        assert told == someone.operator_key()
        secret = key.read_bytes()
        assert not [name for name, content in someone.files().items() if secret in content]
        assert key.stat().st_mode & 0o077 == 0
        assert (await someone.run("operator-key", str(tmp_path / "other.pem"))).code == 1


@pytest.mark.parametrize("kind", ["restore", "factory_erase"])
async def test_a_command_that_cannot_be_undone_is_signed_or_not_made(tmp_path: Path, kind: str) -> None:
    async with enrolled(tmp_path, 1) as someone:
        key = tmp_path / "key.pem"
        await someone.done("operator-key", str(key))
        argument = {"restore": "name=a.hfb", "factory_erase": "code=01234567"}[kind]
        refused = await someone.run("command", ven_id(1), kind, argument)
        assert refused.code == 1
        assert "needs a signature" in refused.output
        document = json.loads(await someone.done("command", ven_id(1), kind, argument, "--key", str(key)))
        assert is_signed(someone.operator_key(), ven_id(1), kind, document)
        assert not is_signed(someone.operator_key(), ven_id(2), kind, document)


async def test_any_other_command_needs_no_key(tmp_path: Path) -> None:
    async with enrolled(tmp_path, 1) as someone:
        document = json.loads(await someone.done("command", ven_id(1), "restart_service", "service=nginx"))
        assert document["arguments"] == {"service": "nginx"}
        assert "signature" not in document
        assert (await someone.run("command", ven_id(1), "backup", "--valid", "8d")).code == 1
        assert (await someone.run("command", ven_id(1), "backup", "name")).code == 1
