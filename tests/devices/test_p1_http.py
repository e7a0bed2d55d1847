"""A HomeWizard P1 meter, over a real HTTP server."""

from collections.abc import AsyncIterator, Callable

import pytest
from aiohttp import ClientSession, web

from custom_components.home_flex.devices.driver import DeviceError
from custom_components.home_flex.devices.p1 import P1Meter, P1Settings, http_port, probe_p1

from .fakes.homewizard import homewizard
from .fakes.listener import noon, running
from .fakes.telegrams import telegram


@pytest.fixture
async def session(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ClientSession]:
    monkeypatch.setattr(http_port, "_EVERY_S", 0.02)
    async with ClientSession() as session:
        yield session


def meter(host: str, session: ClientSession) -> P1Meter:
    return P1Meter(P1Settings(api_host=host), session=session, clock=noon, silence_s=1.0)


def counting() -> Callable[[], bytes]:
    """Return telegrams of which each comes twice, as a reader is asked more often than the meter speaks."""
    asked = 0

    def next_() -> bytes:
        nonlocal asked
        asked += 1
        second = asked // 2
        clock = f"0-0:1.0.0(26060114{second // 60:02}{second % 60:02}S)"
        return telegram(clock, f"1-0:1.7.0({second / 1000:06.3f}*kW)")

    return next_


async def test_each_new_telegram_is_a_reading(session: ClientSession) -> None:
    async with homewizard(counting()) as host, running(meter(host, session)) as heard:
        await heard.until(lambda: len(heard.readings) >= 4)
    assert [reading.power_w for reading in heard.readings[:4]] == [0, 1, 2, 3]
    assert not heard.losses


async def test_a_telegram_that_comes_in_pieces_is_whole(session: ClientSession) -> None:
    async with (
        homewizard(counting(), piece_bytes=20) as host,
        running(meter(host, session)) as heard,
    ):
        await heard.until(lambda: len(heard.readings) >= 2)
    assert [reading.power_w for reading in heard.readings[:2]] == [0, 1]


async def test_a_reader_that_fails_for_a_moment_is_borne_and_one_that_goes_on_is_lost(
    session: ClientSession,
) -> None:
    telegrams, asked = counting(), 0

    def failing() -> bytes | web.Response:
        nonlocal asked
        asked += 1
        return web.Response(status=503) if asked in {4, 5} or asked > 20 else telegrams()  # a script

    async with homewizard(failing) as host, running(meter(host, session)) as heard:
        await heard.until(lambda: bool(heard.losses))
    assert len(heard.readings) >= 5
    assert heard.losses[0].reason == "connection_lost"


@pytest.mark.parametrize(("status", "reason"), [(403, "api_disabled"), (404, "not_p1"), (302, "not_p1")])
async def test_what_keeps_telegrams_away_is_said(session: ClientSession, status: int, reason: str) -> None:
    async with homewizard(lambda: web.Response(status=status, headers={"Location": "/"})) as host:
        with pytest.raises(DeviceError) as refusal:
            await probe_p1(P1Settings(api_host=host), session, timeout_s=0.5)
    assert refusal.value.reason == reason


@pytest.mark.parametrize("host", ["127.0.0.1:1", "no-such-host.invalid", "a b", "[::1", "http://x/"])
async def test_an_address_where_nobody_answers_is_said(session: ClientSession, host: str) -> None:
    with pytest.raises(DeviceError) as refusal:
        await probe_p1(P1Settings(api_host=host), session, timeout_s=0.5)
    assert refusal.value.reason == "cannot_connect"


async def test_an_endless_answer_is_cut_off(session: ClientSession) -> None:
    async with homewizard(lambda: b"x" * 10_000_000) as host:
        with pytest.raises(DeviceError) as refusal:
            await probe_p1(P1Settings(api_host=host), session, timeout_s=0.5)
    assert refusal.value.reason == "not_p1"
