"""What the configuration editor shows and changes, and what it never does."""

import os
from pathlib import Path
from urllib.parse import parse_qs, quote, unquote

import pytest
from config_editor.paths import ForbiddenPathError, checked, checked_name, is_hidden
from config_editor.requests import READS, WRITES, RefusedError, parameters, route_of
from hypothesis import given
from hypothesis import strategies as st


@pytest.fixture(name="folder")
def folder_fixture(tmp_path: Path) -> Path:
    base = tmp_path / "config"
    (base / ".storage").mkdir(parents=True)
    (base / "packages").mkdir()
    (base / "configuration.yaml").write_text("a: 1")
    (base / "secrets.yaml").write_text("key: x")
    (base / "way_out").symlink_to("/etc")
    (base / "way_in").symlink_to(base / ".storage")
    (base / ".linked").symlink_to(base / "configuration.yaml")
    (tmp_path / "config_of_another").mkdir()
    return base


@pytest.mark.parametrize(
    "path", ["configuration.yaml", "./configuration.yaml", "packages/new.yaml", ".", "packages/"]
)
def test_a_plain_file_below_the_folder_may_be_reached(folder: Path, path: str) -> None:
    assert checked(folder, path).is_relative_to(folder)


@pytest.mark.parametrize(
    "path",
    [
        "../config_of_another/x",
        "/etc/passwd",
        "way_out/passwd",
        "way_in/auth",
        ".storage/auth",
        ".storage/../configuration.yaml",
        ".linked",
        "packages/../.storage/auth",
        ".STORAGE/auth",
        "secrets.yaml",
        "secrets.yaml.bak",
        "secrets.yaml~",
        "old_secrets.txt",
        "zigbee.sqlite",
        "zigbee.sqlite-wal",
        "home-assistant_v2.db.corrupt.2026-11-01",
        "privkey.pem.bak",
        "configuration.yaml.bak",
        "backup.tar.gz",
        "Secrets.YAML",
        "packages/secrets.yml",
        "home-assistant_v2.db",
        "home-assistant_v2.db-wal",
        "home-assistant.log",
        "custom_components/home_flex/__init__.py",
        "ssl/privkey.pem",
        "packages/\0",
        "",
    ],
)
def test_secrets_log_ins_code_and_the_rest_of_the_system_are_out_of_reach(folder: Path, path: str) -> None:
    if path == "":
        assert checked(folder, path) == folder
        return
    with pytest.raises(ForbiddenPathError):
        checked(folder, path)


@pytest.mark.parametrize("name", ["", ".", "..", ".hidden", "a/b", "a\\b", "secrets.yaml", "x\0"])
def test_a_new_file_has_a_plain_name(name: str) -> None:
    with pytest.raises(ForbiddenPathError):
        checked_name(name)


@given(st.text(max_size=60))
def test_no_text_leads_out_of_the_folder_or_to_what_is_hidden(path: str) -> None:
    base = Path("/nowhere/config")
    try:
        found = checked(base, path)
    except ForbiddenPathError, OSError:
        return
    assert found.is_relative_to(base)
    assert not any(is_hidden(part) for part in found.relative_to(base).parts)


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\0/\\."), min_size=1, max_size=40))
def test_a_checked_path_survives_being_decoded_twice(name: str) -> None:
    base = Path("/nowhere/config")
    try:
        encoded = parameters("/api/file", f"filename={quote(quote(name))}", READS, base)
    except RefusedError:
        return
    assert unquote(parse_qs(encoded)["filename"][0]) == str(base / name)


@pytest.mark.parametrize(
    "target",
    [
        "/api/exec_command",
        "/api/upload",
        "/api/gitadd",
        "/api/push",
        "/api/netstat",
        "/api/allowed_networks",
        "/api/restart",
        "/api/rename",
        "/api/prefs",
        "/api/file/../save2",
        "/x",
    ],
)
def test_commands_git_networks_and_uploads_do_not_exist(target: str) -> None:
    for routes in (READS, WRITES):
        with pytest.raises(RefusedError):
            route_of(target, routes)


def test_reading_never_reaches_a_route_that_writes() -> None:
    with pytest.raises(RefusedError):
        route_of("/api/save?x=/api/file", READS)


def test_what_a_route_does_not_know_is_left_out(folder: Path) -> None:
    assert parameters("/", "loadfile=%27%3Balert(1)%2F%2F", READS, folder) == ""
    text = "filename=configuration.yaml&text=b%3A+2&filename=secrets.yaml&mode=x"
    given = parse_qs(parameters("/api/save", text, WRITES, folder))
    assert given == {"filename": [os.fspath(folder / "configuration.yaml")], "text": ["b: 2"]}


def test_a_missing_parameter_is_refused(folder: Path) -> None:
    with pytest.raises(RefusedError, match="text is missing"):
        parameters("/api/save", "filename=configuration.yaml", WRITES, folder)
