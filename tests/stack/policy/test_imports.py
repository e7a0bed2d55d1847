"""Each image holds what its service imports: what is missing would show itself at the first start only."""

from dataclasses import replace
from pathlib import Path

import pytest

from .import_rules import Service, findings, grammar_findings, service
from .stack_files import ROOT, SHARED, dockerfiles


@pytest.mark.parametrize("dockerfile", dockerfiles(), ids=str)
def test_every_module_finds_what_it_imports_in_its_image(dockerfile: Path) -> None:
    assert [str(finding) for finding in findings(service(dockerfile))] == []


@pytest.mark.parametrize("dockerfile", dockerfiles(), ids=str)
def test_every_module_is_written_for_the_python_of_its_image(dockerfile: Path) -> None:
    assert [str(finding) for finding in grammar_findings(service(dockerfile))] == []


def test_a_package_that_is_not_copied_is_found() -> None:
    agent = service(Path("addons/home_agent/Dockerfile"))
    alone = replace(agent, packages={"home_agent": agent.packages["home_agent"]})
    assert "imports home_common" in next(findings(alone)).what


def test_a_requirement_that_is_not_installed_is_found() -> None:
    agent = service(Path("addons/home_agent/Dockerfile"))
    assert "imports aiohttp" in str([*findings(replace(agent, brought=frozenset()))])


def test_what_a_shared_module_needs_is_asked_for_only_where_it_is_imported() -> None:
    """Nginx's image has no MQTT client, and none of its modules asks for one."""
    door = service(Path("nginx/Dockerfile"))
    assert (ROOT / SHARED / "mqtt.py").exists()
    assert list(findings(door)) == []


def test_a_newer_grammar_is_found(tmp_path: Path) -> None:
    (tmp_path / "module.py").write_text("try: pass\nexcept A, B: pass")
    old = Service(folder="nginx", packages={"package": tmp_path}, entry="package", brought=frozenset())
    assert "is not for its Python" in next(grammar_findings(old)).what
