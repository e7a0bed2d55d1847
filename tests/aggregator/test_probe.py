"""What the config flow is told about a broker, over real sockets."""

import asyncio
import datetime as dt
import gc
import os
import tempfile
from pathlib import Path

import pytest

from custom_components.home_flex.aggregator.errors import AggregatorError
from custom_components.home_flex.aggregator.probe import probe
from custom_components.home_flex.aggregator.settings import AggregatorSettings
from scripts.home_stack.processes import free_port

from .broker import Broker
from .certificates import (
    Pem,
    authority_without_key_usage,
    new_authority,
    server_options,
    with_password,
)
from .conftest import StartBroker
from .home import Home, settings_for


async def failure(settings: AggregatorSettings, timeout_s: float = 10) -> AggregatorError:
    with pytest.raises(AggregatorError) as caught:
        await probe(settings, timeout_s=timeout_s)
    assert settings.password is None or settings.password not in str(caught.value)
    return caught.value


async def test_an_open_broker_is_fine(broker: Broker) -> None:
    await probe(settings_for(broker))


async def test_the_right_password_is_fine_and_a_wrong_one_is_told(start_broker: StartBroker) -> None:
    broker = start_broker(users={"home-1": "right"})
    await probe(settings_for(broker, username="home-1", password="right"))
    wrong = await failure(settings_for(broker, username="home-1", password="wrong-secret"))
    assert wrong.reason == "bad_credentials"


async def test_a_broker_that_wants_a_user_name_says_so(start_broker: StartBroker) -> None:
    broker = start_broker(users={"home-1": "right"})
    assert (await failure(settings_for(broker))).reason == "not_authorised"


async def test_nobody_listening_and_an_unknown_host_are_told_apart() -> None:
    nobody = Broker(folder=Path(), port=free_port())
    assert (await failure(settings_for(nobody))).reason == "cannot_connect"
    unknown = settings_for(nobody, host="no-such-host.invalid")
    assert (await failure(unknown)).reason == "unknown_host"
    assert (await failure(settings_for(nobody, host="a" * 300))).reason == "unknown_host"


@pytest.mark.parametrize(
    ("says", "stays", "reason"),
    [
        (b"", True, "timeout"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", False, "protocol"),
        (b"", False, "protocol"),
    ],
    ids=["silence", "HTTP", "hanging up"],
)
async def test_what_is_no_broker_is_said_so(says: bytes, stays: bool, reason: str) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(says)
        if stays:
            await reader.read()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        error = await failure(settings_for(Broker(folder=Path(), port=port)), timeout_s=1)
        server.close_clients()
    assert error.reason == reason


async def test_a_trusted_certificate_is_fine(start_broker: StartBroker, tmp_path: Path) -> None:
    authority = new_authority()
    broker = start_broker(*server_options(tmp_path, authority.issue("localhost")))
    await probe(settings_for(broker, host="localhost", tls=True, ca_certificate=authority.certificate))


async def test_a_certificate_of_another_authority_is_refused(
    start_broker: StartBroker, tmp_path: Path
) -> None:
    broker = start_broker(*server_options(tmp_path, new_authority().issue("localhost")))
    for certificate in (new_authority().certificate, None):
        error = await failure(settings_for(broker, host="localhost", tls=True, ca_certificate=certificate))
        assert (error.reason, error.detail) == ("bad_certificate", "unknown_authority")


async def test_a_certificate_for_another_host_or_address_is_refused(
    start_broker: StartBroker, tmp_path: Path
) -> None:
    authority = new_authority()
    broker = start_broker(*server_options(tmp_path, authority.issue("broker.example")))
    for host in ("localhost", "127.0.0.1"):
        error = await failure(settings_for(broker, host=host, tls=True, ca_certificate=authority.certificate))
        assert (error.reason, error.detail) == ("bad_certificate", "hostname")


async def test_an_expired_certificate_is_refused(start_broker: StartBroker, tmp_path: Path) -> None:
    authority = new_authority()
    yesterday = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
    broker = start_broker(*server_options(tmp_path, authority.issue("localhost", not_after=yesterday)))
    error = await failure(
        settings_for(broker, host="localhost", tls=True, ca_certificate=authority.certificate)
    )
    assert (error.reason, error.detail) == ("bad_certificate", "expired")


async def test_an_authority_without_key_usage_is_refused_and_named(
    start_broker: StartBroker, tmp_path: Path
) -> None:
    certificate, server = authority_without_key_usage("localhost")
    broker = start_broker(*server_options(tmp_path, server))
    error = await failure(settings_for(broker, host="localhost", tls=True, ca_certificate=certificate))
    assert (error.reason, error.detail) == ("bad_certificate", "key_usage")
    assert "keyUsage" in str(error)


async def test_tls_to_a_plain_broker_and_plain_to_a_tls_broker_are_protocol_errors(
    broker: Broker, start_broker: StartBroker, tmp_path: Path
) -> None:
    assert (await failure(settings_for(broker, tls=True))).reason == "protocol"
    secure = start_broker(*server_options(tmp_path, new_authority().issue("localhost")))
    assert (await failure(settings_for(secure))).reason == "protocol"


async def test_the_broker_knows_the_home_by_its_client_certificate(
    start_broker: StartBroker, tmp_path: Path
) -> None:
    authority, stranger = new_authority(), new_authority()
    broker = start_broker(
        *server_options(tmp_path, authority.issue("localhost"), client_authority=authority.certificate)
    )

    def settings(client: Pem | None) -> AggregatorSettings:
        return settings_for(
            broker,
            host="localhost",
            tls=True,
            ca_certificate=authority.certificate,
            client_certificate=client and client.certificate,
            client_key=client and client.key,
        )

    await probe(settings(authority.issue_client("home-1")))
    for refused in (stranger.issue_client("home-1"), None):
        assert (await failure(settings(refused))).reason == "client_certificate_refused"


async def test_texts_that_are_no_pem_are_told_apart_and_leave_no_file(
    broker: Broker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temp"))
    (tmp_path / "temp").mkdir()  # a test
    authority = new_authority()
    client, other = authority.issue_client("home-1"), authority.issue_client("home-2")
    for changes, words in (
        ({"ca_certificate": "nonsense é"}, "CA certificate"),
        ({"ca_certificate": client.key}, "CA certificate"),
        ({"client_certificate": client.certificate}, "both"),
        ({"client_certificate": client.certificate, "client_key": "nonsense"}, "both"),
        ({"client_certificate": client.certificate, "client_key": other.key}, "belong"),
        (
            {
                "client_certificate": client.certificate,
                "client_key": with_password(client.key, b"secret"),
            },
            "without a password",
        ),
    ):
        error = await failure(settings_for(broker, tls=True, **changes))
        assert error.reason == "invalid_pem"
        assert words in str(error)
    assert os.listdir(tmp_path / "temp") == []  # noqa: PTH208 # a test


@pytest.mark.parametrize("changes", [{"ven_id": "+"}, {"ven_id": ""}, {"ven_id": "a/b"}, {"prefix": "x\0"}])
async def test_a_ven_id_that_would_listen_to_others_is_refused(
    broker: Broker, changes: dict[str, str]
) -> None:
    assert (await failure(settings_for(broker, **changes))).reason == "invalid_topic"


async def test_a_probe_leaves_a_running_home_alone(broker: Broker) -> None:
    async with Home(settings_for(broker)).running() as home:
        await probe(settings_for(broker))
        assert home.connections == [(True, None)]


async def test_cancelling_a_probe_at_any_moment_leaves_nothing(
    start_broker: StartBroker, tmp_path: Path
) -> None:
    authority = new_authority()
    broker = start_broker(*server_options(tmp_path, authority.issue("localhost")))
    settings = settings_for(broker, host="localhost", tls=True, ca_certificate=authority.certificate)
    before = asyncio.all_tasks()
    for milliseconds in range(0, 40, 2):
        task = asyncio.create_task(probe(settings))
        await asyncio.sleep(milliseconds / 1000)
        task.cancel()
        await asyncio.wait((task,))
    assert asyncio.all_tasks() == before
    gc.collect()  # an unclosed socket would warn, and warnings are errors


def test_the_representation_holds_no_secret() -> None:
    settings = settings_for(
        Broker(folder=Path(), port=1), username="u-secret", password="p-secret", client_key="k-secret"
    )
    assert "secret" not in repr(settings)
