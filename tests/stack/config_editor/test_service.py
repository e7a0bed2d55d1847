"""The real entry point before the real hass-configurator; off, it needs nothing."""

import http.client
import importlib.util
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import create_connection

import pytest

from scripts.home_stack.processes import free_port, python_path

PACKAGE = Path(__file__).parents[3] / "addons" / "config_editor"

needs_editor = pytest.mark.skipif(
    importlib.util.find_spec("hass_configurator") is None,
    reason="hass-configurator is not there: run scripts/setup",
)


def environment(folder: Path, port: int, **settings: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join([python_path("addons/config_editor"), *sys.path]),
        "CONFIG_FOLDER": str(folder),
        "LISTEN_ADDRESS": "127.0.0.1",
        "PORT": str(port),
        **settings,
    }


def run(folder: Path, port: int, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own entry point
        [sys.executable, "-m", "config_editor", *words],
        env=environment(folder, port, **settings),
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )


@contextmanager
def service(folder: Path, port: int, **settings: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "config_editor"]
    with subprocess.Popen(  # noqa: S603 - our own entry point
        command, env=environment(folder, port, **settings), stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.terminate()


@pytest.fixture(name="folder")
def folder_fixture(tmp_path: Path) -> Path:
    (tmp_path / ".storage").mkdir()
    (tmp_path / ".storage" / "auth").write_text("log-ins")
    (tmp_path / "secrets.yaml").write_text("key: hidden-value")
    (tmp_path / "configuration.yaml").write_text("a: 1\n")
    return tmp_path


def test_it_is_off_unless_asked_for_and_stays_up_listening_to_nobody(folder: Path) -> None:
    port = free_port()
    with service(folder, port) as process:
        assert process.stderr is not None
        assert "off: set CONFIG_EDITOR to on" in process.stderr.readline()
        with pytest.raises(ConnectionRefusedError):
            create_connection(("127.0.0.1", port), timeout=1)
        assert process.poll() is None
        process.terminate()
        assert process.wait(10) == 0


def test_off_is_healthy(folder: Path) -> None:
    assert run(folder, free_port(), "health").returncode == 0


def test_on_and_silent_is_unhealthy(folder: Path) -> None:
    assert run(folder, free_port(), "health", CONFIG_EDITOR="on").returncode == 1


def test_an_unclear_switch_is_refused(folder: Path) -> None:
    refused = run(folder, free_port(), CONFIG_EDITOR="perhaps")
    assert refused.returncode == 2
    assert "CONFIG_EDITOR is neither on nor off" in refused.stderr


@needs_editor
@pytest.mark.parametrize("networks", ["0.0.0.0/0", "192.168.0.0/16", "nginx", "172.28.64.250/24"])
def test_it_does_not_start_for_the_whole_world(folder: Path, networks: str) -> None:
    refused = run(folder, free_port(), CONFIG_EDITOR="on", ALLOWED_NETWORKS=networks)
    assert refused.returncode == 2
    assert "ALLOWED_NETWORKS" in refused.stderr


def ask(
    port: int, method: str, target: str, body: str | None = None, **headers: str
) -> tuple[int, str, http.client.HTTPMessage]:
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        link.request(method, target, body, {name.replace("_", "-"): value for name, value in headers.items()})
        answer = link.getresponse()
        return answer.status, answer.read().decode(), answer.headers
    finally:
        link.close()


def wait_for(port: int) -> None:
    deadline = time.monotonic() + 10
    while True:
        try:
            create_connection(("127.0.0.1", port), timeout=1).close()
        except ConnectionRefusedError:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        else:
            return


@needs_editor
def test_an_operator_reads_and_changes_what_is_not_hidden(folder: Path) -> None:
    port = free_port()
    with service(folder, port, CONFIG_EDITOR="on") as process:
        wait_for(port)
        page, _, _ = ask(port, "GET", "/configurator/")
        listed, listing, _ = ask(port, "GET", "/configurator/api/listdir?path=.")
        read, text, headers = ask(port, "GET", "/configurator/api/file?filename=configuration.yaml")
        saved, _, _ = ask(port, "POST", "/configurator/api/save", "filename=configuration.yaml&text=b%3A%202")
        hidden = [
            ask(port, "GET", f"/api/file?filename={name}")[0]
            for name in ("secrets.yaml", ".storage/auth", "%252e%252e%252fx", "/etc/passwd")
        ]
        command, _, _ = ask(port, "POST", "/api/exec_command", "command=touch%20made")
        elsewhere, _, _ = ask(
            port, "POST", "/api/save", "filename=configuration.yaml&text=c", Sec_Fetch_Site="cross-site"
        )
        elsewhere_by_http = [
            ask(port, "POST", "/api/save", "filename=configuration.yaml&text=c", Origin=origin)[0]
            for origin in ("http://evil.example", "null", f"http://127.0.0.1.evil.example:{port}")
        ]
        from_its_page, _, _ = ask(
            port,
            "POST",
            "/api/save",
            "filename=configuration.yaml&text=b%3A%202",
            Origin=f"http://127.0.0.1:{port}",
        )
        too_long, _, _ = ask(port, "POST", "/api/save", "", Content_Length="99999999")
        assert run(folder, port, "health", CONFIG_EDITOR="on").returncode == 0
        process.terminate()
        assert process.wait(10) == 0
        assert process.stderr is not None
        log = process.stderr.read()
    assert (page, listed, read, text, saved) == (200, 200, 200, "a: 1\n", 200)
    assert "configuration.yaml" in listing
    assert "secrets" not in listing
    assert ".storage" not in listing
    assert headers["Content-Security-Policy"].startswith("sandbox")
    assert hidden == [403, 403, 403, 403]
    assert (command, elsewhere, too_long) == (403, 403, 403)
    assert (elsewhere_by_http, from_its_page) == ([403, 403, 403], 200)
    assert not (folder / "made").exists()
    assert (folder / "configuration.yaml").read_text() == "b: 2"
    assert "audit: the configuration editor is ON" in log
    assert "asks /api/save" in log
    assert "hidden-value" not in log
