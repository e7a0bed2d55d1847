"""Who gets into the central broker, and that a home there is its certificate and nothing else."""

import asyncio
import time
from dataclasses import replace
from pathlib import Path

import pytest
from aiomqtt import MqttError
from community_hub.wire.mqtt5 import Opening
from community_hub.wire.session import Broker, Publication, opened

from .brokers import CentralBroker, HomeBroker, bridged
from .community import Community
from .conftest import Start
from .messages import Door, Listener, answer, as_home, into_centre, publish_numbers
from .test_access import is_accepted


async def test_a_home_gets_in_with_its_certificate(centre: CentralBroker, community: Community) -> None:
    assert await answer(as_home(centre, community.home("home-1"))) == "accepted"


@pytest.mark.parametrize("shown", ["nothing", "another community's", "the servers' authority's"])
async def test_a_home_does_not_get_in_otherwise(
    centre: CentralBroker, community: Community, shown: str
) -> None:
    identities = {
        "nothing": None,
        "another community's": Community().home("home-1"),
        "the servers' authority's": community.server("home-1"),
    }
    assert await answer(as_home(centre, identities[shown])) == "ended"


async def test_a_password_opens_nothing_on_the_homes_door(centre: CentralBroker) -> None:
    hub = into_centre(centre, "hub.dispatch")
    assert await answer(hub) == "accepted"
    assert await answer(replace(hub, port=centre.port)) == "ended"


async def test_a_plain_connection_gets_nowhere(centre: CentralBroker) -> None:
    for port in (centre.port, centre.hub_port):
        assert await answer(Door(port=port, username="hub.dispatch", password="password")) == "ended"


@pytest.mark.parametrize("username", [None, "hub.dispatch", "home-1"])
async def test_the_hubs_door_wants_a_password_whoever_shows_a_certificate(
    centre: CentralBroker, community: Community, username: str | None
) -> None:
    home = as_home(centre, community.home("home-1"))
    for password in (None, "wrong-password-0123456789") if username else (None,):
        door = replace(home, port=centre.hub_port, username=username, password=password)
        assert await answer(door) == "not authorised"


async def test_a_revoked_certificate_is_refused_from_its_next_connection_on(
    centre: CentralBroker, community: Community
) -> None:
    lost, kept = community.home("home-1"), community.home("home-2")
    assert await answer(as_home(centre, lost)) == "accepted"
    centre.write("revoked_homes.pem", community.revocation_list(lost))
    centre.reload()
    await answers(as_home(centre, lost), "ended")
    assert await answer(as_home(centre, kept)) == "accepted"
    await centre.kill()
    await centre.start()
    assert await answer(as_home(centre, lost)) == "ended"
    assert await answer(as_home(centre, kept)) == "accepted"


async def test_the_signal_throws_nobody_off_who_came_by_certificate_or_password(
    centre: CentralBroker, community: Community
) -> None:
    lost, home = community.home("home-1"), as_home(centre, community.home("home-2"))
    topic = "home_flex/vens/home-2/events/create"
    async with Listener.on(home, topic) as listener, into_centre(centre, "hub.dispatch").client() as hub:
        centre.write("revoked_homes.pem", community.revocation_list(lost))
        centre.reload()
        await answers(as_home(centre, lost), "ended")
        await hub.publish(topic, b"1", qos=1)
        await listener.has(range(1, 2))
    assert "session taken over" not in centre.log()


async def answers(door: Door, wanted: str) -> None:
    """Knock until the answer is as wanted: a signal takes effect a moment later."""
    deadline = time.monotonic() + 5
    while (heard := await answer(door)) != wanted:
        assert time.monotonic() < deadline, heard
        await asyncio.sleep(0.05)


@pytest.mark.parametrize(
    ("topic", "allowed"),
    [
        ("home_flex/vens/home-1/reports/create", True),
        ("home_flex/vens/home-1/status", True),
        ("home_flex/vens/home-1/agent/heartbeat", True),
        ("home_flex/vens/home-1/invitations/answer", True),
        ("home_flex/vens/home-1/invitations/told", False),
        ("home_flex/vens/home-2/invitations/answer", False),
        ("home_flex/vens/home-1/events/create", False),
        ("home_flex/vens/home-2/reports/create", False),
        ("home_flex/vens/home-2/status", False),
        ("home_flex/vens/home-1/other", False),
        ("$SYS/broker/uptime", False),
    ],
)
async def test_a_home_writes_below_its_own_name_only(
    centre: CentralBroker, community: Community, topic: str, allowed: object
) -> None:
    async with as_home(centre, community.home("home-1")).client() as client:
        assert await is_accepted(client, topic) is allowed


async def test_a_home_reads_its_own_events_only(centre: CentralBroker, community: Community) -> None:
    dispatch = into_centre(centre, "hub.dispatch")
    async with Listener.on(as_home(centre, community.home("home-1")), "#") as listener:
        await publish_numbers(dispatch, "home_flex/vens/home-2/events/create", range(5))
        await publish_numbers(dispatch, "home_flex/vens/home-1/events/create", range(5, 6))
        await listener.has(range(5, 6))
        assert listener.numbers == [5]


async def test_a_home_cannot_take_the_session_of_another(centre: CentralBroker, community: Community) -> None:
    victim = as_home(centre, community.home("home-1"), session="home-1")
    async with victim.client() as client:
        await client.subscribe("home_flex/vens/home-1/events/create", qos=1)
    await publish_numbers(
        into_centre(centre, "hub.dispatch"), "home_flex/vens/home-1/events/create", range(3)
    )
    thief = as_home(centre, community.home("home-2"), session="home-1")
    async with thief.client():
        pass
    async with Listener.on(victim, "home_flex/vens/home-1/events/create") as listener:
        await listener.has(range(3))


async def test_a_second_user_of_a_homes_certificate_throws_the_home_off_and_stands_in_the_log(
    centre: CentralBroker, community: Community
) -> None:
    home = community.home("home-1")
    rightful, thief = as_home(centre, home, session="home-1"), as_home(centre, home, session="another")
    async with rightful.client() as client:
        async with thief.client():
            await centre.logs("Client home-1 .*session taken over")
        with pytest.raises(MqttError):
            await client.publish("home_flex/vens/home-1/status", qos=1, timeout=10)


@pytest.mark.parametrize(
    ("user", "topic", "allowed"),
    [
        ("hub.dispatch", "home_flex/vens/home-1/events/create", True),
        ("hub.dispatch", "home_flex/vens/home-1/reports/create", False),
        ("hub.dispatch", "home_flex/vens/home-1/agent/commands/restart", False),
        ("hub.ingest", "home_flex/vens/home-1/events/create", False),
        ("hub.ingest", "home_flex/vens/home-1/reports/received", True),
        ("hub.ingest", "home_flex/vens/home-1/events/response", False),
        ("hub.dispatch", "home_flex/vens/home-1/events/response", True),
        ("hub.ingest", "home_flex/vens/home-1/reports/create", False),
        ("hub.dispatch", "home_flex/vens/home-1/reports/received", False),
        ("hub.dispatch", "home_flex/vens/home-1/invitations/told", True),
        ("hub.dispatch", "home_flex/vens/home-1/invitations/received", True),
        ("hub.dispatch", "home_flex/vens/home-1/invitations/answer", False),
        ("hub.ingest", "home_flex/vens/home-1/invitations/told", False),
        ("hub.operator", "home_flex/vens/home-1/invitations/told", False),
        ("hub.operator", "home_flex/vens/home-1/agent/commands/restart", True),
        ("hub.operator", "home_flex/vens/home-1/events/create", False),
    ],
)
async def test_each_service_of_the_hub_writes_its_own_kind_only(
    centre: CentralBroker, user: str, topic: str, allowed: object
) -> None:
    async with into_centre(centre, user).client() as client:
        assert await is_accepted(client, topic) is allowed


async def test_the_hubs_one_reader_gets_what_homes_send_and_may_say_that_it_has_it(
    centre: CentralBroker, community: Community
) -> None:
    door = into_centre(centre, "hub.ingest")
    broker = Broker(host="127.0.0.1", port=centre.hub_port, context=door.tls)
    opening = Opening(
        client_id="hub.ingest", username=door.username, password=door.password, session_expiry_s=60
    )
    async with opened(broker, opening) as session:
        await session.subscribe(["home_flex/vens/+/reports/create"])
    home = as_home(centre, community.home("home-1"))
    await publish_numbers(home, "home_flex/vens/home-1/reports/create", range(20))

    async with opened(broker, opening) as session:
        messages = await session.messages(20, 5)
        received = Publication("home_flex/vens/home-1/reports/received", b"{}", 60)
        asked = Publication("home_flex/vens/home-1/events/create", b"{}", 60)
        reasons = await session.publish([received, asked])

    assert {each.topic for each in messages} == {"home_flex/vens/home-1/reports/create"}
    assert len(messages) == 20
    assert [reason < 0x80 for reason in reasons] == [True, False]


class TestABridge:
    """A home whose bridge the centre, or which the centre, may not believe."""

    async def bridge_says(self, folder: Path, start: Start, settings: dict[str, str], log: str) -> None:
        home = HomeBroker(folder / "home", **settings)
        await start(home)
        await home.logs(log)
        assert await home.is_healthy()

    async def test_does_not_speak_to_a_centre_of_another_authority(
        self, folder: Path, start: Start, centre: CentralBroker, community: Community
    ) -> None:
        settings = bridged(Community(), centre.port, community.home("home-1"))
        await self.bridge_says(folder, start, settings, "certificate verify failed")

    async def test_does_not_speak_to_a_centre_of_another_name(
        self, folder: Path, start: Start, community: Community
    ) -> None:
        centre = CentralBroker(folder / "centre", community, server=community.server("other.example.org"))
        await start(centre)
        settings = bridged(community, centre.port, community.home("home-1"))
        await self.bridge_says(folder, start, settings, "certificate verify failed|[Hh]ost ?name")

    async def test_is_not_let_in_with_a_certificate_of_another_authority(
        self, folder: Path, start: Start, centre: CentralBroker, community: Community
    ) -> None:
        identity = Community().home("home-1")
        settings = bridged(community, centre.port, identity)
        await start(HomeBroker(folder / "home", **settings))
        await centre.logs("unknown ca|certificate verify failed|certificate signature failure")
