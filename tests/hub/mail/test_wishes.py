"""Mail to residents: off until they wish it on their account, and ended by one click without signing in."""

import logging
import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from community_hub.mail.words import WORDS
from community_hub.store.tables import Mail
from sqlalchemy import func, select

from ..flexibility.test_invitations import invited
from ..outcomes.residents import PATH, WISH, Mailed, mailed
from ..outcomes.test_outcomes import rule
from ..running import Running, problem

HTML = "text/html; charset=utf-8"


async def link_in_a_mail(told: Mailed) -> str:
    """Return the link of RFC 8058 of the one mail that goes out."""
    await told.wish()
    await rule(told.here)
    await invited(told.here)
    told.here.hub.clock.go_on(minutes=30)
    (mail,) = await told.tell()
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link: str = mail["List-Unsubscribe"]
    assert link in f"<{link.strip('<>')}>"
    assert link.strip("<>") in mail.get_content()
    return link.strip("<>")


async def is_wished(told: Mailed) -> bool:
    (home,) = (await told.here.household.get(PATH)).json()["homes"]
    return home["wish"] is not None


async def test_it_is_off_until_the_resident_wishes_it_and_off_again_by_a_word(hub: Running) -> None:
    async with mailed(hub, "home-1") as told:
        before = (await told.here.household.get(PATH)).json()
        assert before == {
            "is_sent": True,
            "email": "hanna@hub.example",
            "homes": [{"ven_id": "home-1", "name": "Home-1", "wish": None}],
        }
        wish = await told.wish()
        assert (wish["quiet_from"], wish["quiet_until"], wish["agreed_how"]) == ("21:00", "08:00", "session")
        assert wish["text"] == WISH["text"]
        assert await is_wished(told)
        export = (await told.here.household.get("/api/v1/account/export")).json()
        assert [each["ven_id"] for each in export["mail"]] == ["home-1"]

        assert (await told.here.household.delete(f"{PATH}/home-1")).status_code == 204

        assert not await is_wished(told)
        assert [len(await told.here.acts(act)) for act in ("mail.grant", "mail.end")] == [1, 1]


async def test_nobody_wishes_it_for_another(hub: Running) -> None:
    async with mailed(hub, "home-1") as told:
        stranger = await hub.person(told.here.operator, "household", "Stefan")
        for who in (stranger, told.here.operator):
            assert problem(await who.put(f"{PATH}/home-1", json=WISH)) == (404, "no-such-home")
            assert problem(await who.delete(f"{PATH}/home-1")) == (404, "no-such-home")
        assert problem(await hub.visitor().put(f"{PATH}/home-1", json=WISH))[0] == 401


@pytest.mark.parametrize(
    "changed",
    [
        {"language": "xx"},
        {"zone": "Mars/Olympus"},
        {"quiet_from": "24:00"},
        {"quiet_until": "8"},
        {"text": ""},
        {"hour": 7},
    ],
)
async def test_a_wish_that_makes_no_sense_is_refused(hub: Running, changed: dict[str, object]) -> None:
    async with mailed(hub, "home-1") as told:
        answer = await told.here.household.put(f"{PATH}/home-1", json=WISH | changed)
        assert problem(answer) == (400, "invalid-request")
        assert not await is_wished(told)


async def test_a_hub_without_mail_takes_no_wish(hub: Running) -> None:
    async with mailed(hub, "home-1"):
        pass
    plain = Running(hub.store, hub.clock)
    household = await plain.signed_in("hanna@hub.example")
    assert (await household.get(PATH)).json()["is_sent"] is False
    assert problem(await household.put(f"{PATH}/home-1", json=WISH)) == (409, "no-mail")


async def test_looking_at_the_link_ends_nothing_and_one_click_without_signing_in_does(
    hub: Running,
) -> None:
    async with mailed(hub, "home-1") as told:
        link = await link_in_a_mail(told)
        looked = await hub.visitor().get(link)
        assert (looked.status_code, looked.headers["content-type"]) == (200, HTML)
        assert '<form method="post">' in looked.text
        assert await is_wished(told)

        click = {"List-Unsubscribe": "One-Click"}
        headers = {"Sec-Fetch-Site": "cross-site", "Origin": "https://mail.example.org"}
        ended = await hub.visitor().post(link, data=click, headers=headers)

        assert (ended.status_code, ended.headers["content-type"]) == (200, HTML)
        assert "You get no more mail" in ended.text
        assert not await is_wished(told)
        assert [act["details"]["how"] for act in await told.here.acts("mail.end")] == ["link"]
        again = await hub.visitor().post(link, data=click)
        assert (again.status_code, "You get no more mail" in again.text) == (200, True)
        assert len(await told.here.acts("mail.end")) == 1


async def test_a_mail_that_waits_does_not_go_out_after_the_click(hub: Running) -> None:
    async with mailed(hub, "home-1") as told:
        link = await link_in_a_mail(told)
        hub.clock.go_on(days=1)
        await invited(told.here)
        hub.clock.go_on(minutes=30)
        await told.here.hub.visitor().post(link)

        assert await told.tell() == []
    async with hub.store.reading() as session:
        assert await session.scalar(select(func.count()).select_from(Mail)) == 0


async def test_a_link_that_this_hub_did_not_make_ends_nothing(hub: Running) -> None:
    async with mailed(hub, "home-1") as told:
        await told.wish()
        foreign = hub.hub.vault.seal("JBSWY3DPEHPK3PXP").decode()
        for sealed in ("", "home-1", "ü", "x" * 400, foreign):
            answer = await hub.visitor().post("/mail/unsubscribe", params={"wish": sealed})
            assert answer.status_code == 404
            assert "<form" not in (await hub.visitor().get("/mail/unsubscribe", params={"wish": sealed})).text
        assert await is_wished(told)


async def test_no_log_holds_a_link(hub: Running, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="community_hub")
    async with mailed(hub, "home-1") as told:
        link = await link_in_a_mail(told)
        await hub.visitor().post(link)

    own = [record for record in caplog.records if record.name.startswith("community_hub")]
    logged = "\n".join(record.getMessage() for record in own)
    assert "POST /mail/unsubscribe" in logged
    assert link.partition("=")[2] not in logged


def test_each_language_has_all_words_with_the_same_places_to_fill_in() -> None:
    def places(words: Mapping[str, str]) -> dict[str, set[str]]:
        return {name: set(re.findall(r"{(\w+)}", text)) for name, text in words.items()}

    languages = {path.stem for path in Path("frontend/src/console/texts").glob("*.json")}
    assert set(WORDS) == languages
    english = places(WORDS["en"])
    assert all(places(words) == english for words in WORDS.values())
