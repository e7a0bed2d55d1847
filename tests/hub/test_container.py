"""The hub's container: what it takes of options and certificate, and that it ends as a whole."""

import asyncio
import json
import signal
import sys
from pathlib import Path
from typing import Any, Final

import pytest
import trustme
from community_hub import container
from community_hub.container import Places, commands, environment, is_healthy, prepare
from home_common.settings import Settings

STARTS_S: Final = 120.0
# As Supervisor writes them.
OPTIONS: Final[dict[str, Any]] = {
    "hub_public_url": "https://hub.example.org:8090",
    "hub_tls_certificate": "fullchain.pem",
    "hub_tls_key": "privkey.pem",
    "hub_keep_reports_days": 90,
    "hub_dispatch_password": "a password of nobody",
}


@pytest.fixture
def places(tmp_path: Path) -> Places:
    found = Places(data=tmp_path / "data", certificates=tmp_path / "ssl", run=tmp_path / "run")
    found.data.mkdir()
    found.certificates.mkdir()
    own = trustme.CA().issue_cert("hub.example.org")
    (found.certificates / "fullchain.pem").write_bytes(b"".join(each.bytes() for each in own.cert_chain_pems))
    own.private_key_pem.write_to_path(found.certificates / "privkey.pem")
    write(found)
    return found


def write(places: Places, **changes: Any) -> None:
    (places.data / "options.json").write_text(json.dumps(OPTIONS | changes))


def settings_of(places: Places) -> Settings:
    return Settings.load(container.OPTIONS, environ={}, options=places.data / "options.json")


def test_no_secret_is_a_word_of_a_command_line_and_all_are_in_the_environment(places: Places) -> None:
    write(places, hub_broker="broker.example.org:8884", hub_broker_ca="broker.pem")
    settings = settings_of(places)

    serve, wire = commands(settings, places)

    assert not any("nobody" in word for word in (*serve, *wire))
    assert wire[2:] == [
        "community_hub.wire",
        "--broker",
        "broker.example.org:8884",
        "--broker-ca",
        str(places.certificates / "broker.pem"),
    ]
    assert environment(settings, {"A": "b"})["HUB_DISPATCH_PASSWORD"] == "a password of nobody"


def test_without_a_broker_the_wire_does_not_run(places: Places) -> None:
    assert [words[2] for words in commands(settings_of(places), places)] == ["community_hub.serve"]


@pytest.mark.parametrize(
    "changes",
    [{"hub_public_url": None}, {"hub_public_url": "http://hub.example.org"}, {"hub_tls_key": "another.pem"}],
)
def test_without_an_encrypted_address_and_a_key_it_does_not_start(
    places: Places, changes: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    kept = {name: value for name, value in (OPTIONS | changes).items() if value is not None}
    (places.data / "options.json").write_text(json.dumps(kept))

    assert container.main([], places) == 78

    assert "nobody" not in caplog.text
    assert not list(places.data.glob("hub.*"))


async def test_the_real_hub_answers_over_tls_and_a_signal_ends_it(
    places: Places, unused_tcp_port: int
) -> None:
    settings = settings_of(places)
    prepare(settings, places)
    told = environment(settings, {"PYTHONPATH": ":".join(sys.path), "PATH": "/usr/bin"})
    told["HUB_DATABASE"] = f"sqlite:///{places.data}/hub.sqlite"
    running = asyncio.ensure_future(container.run(commands(settings, places, port=unused_tcp_port), told))

    async with asyncio.timeout(STARTS_S):
        while not await asyncio.to_thread(is_healthy, places, port=unused_tcp_port):
            assert not running.done()
            await asyncio.sleep(0.2)
    signal.raise_signal(signal.SIGTERM)

    assert await running == 0
    assert not is_healthy(places, port=unused_tcp_port)
    assert (places.data / "hub.secret").stat().st_mode & 0o077 == 0


async def test_when_one_process_ends_the_others_are_ended_too(places: Places) -> None:
    waits = [sys.executable, "-c", "import time; time.sleep(600)"]

    async with asyncio.timeout(STARTS_S):
        assert await container.run([waits, [sys.executable, "-c", ""]], {}) == 1
