"""Residents who wish it are told by mail what came of invitations: once, one mail a day, none at night."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from community_hub.outcomes import telling
from community_hub.store.tables import Home, Invitation, Mail, MailWish, ToldOutcome
from sqlalchemy import func, select

from ..flexibility.test_invitations import invited, say
from ..running import PASSWORD, Running, made, person_id
from .residents import Mailed, mailed

LINK = "https://hub.example/console/#/home"


async def rule(here: Any, answer: str = "yes", **more: Any) -> None:
    """Let home-1 answer by a rule."""
    path = f"/api/v1/homes/home-1/answer-rules/{here.program_id}"
    assert (await here.household.put(path, json={"answer": answer} | more)).status_code == 200


async def text_of(told: Mailed, **duration: float) -> str:
    """Return the text of the one mail that comes after a while."""
    told.here.hub.clock.go_on(**duration or {"minutes": 30})
    (mail,) = await told.tell()
    text: str = mail.get_content()
    return text


async def call(here: Any, invitation: Any) -> Any:
    return await made(here.operator, f"/api/v1/invitations/{invitation['id']}/dispatch", {})


async def settle(here: Any, dispatch: Any, kwh: float = 0.9) -> Any:
    """Let home-1 tell what came of its call, and settle it."""
    called = await here.homes_of(dispatch["id"])
    start, end = (datetime.fromisoformat(dispatch[name]) for name in ("start", "end"))
    values = {
        "INSTRUCTION_STATUS": "SUCCEEDED",
        "BASELINE": kwh / ((end - start) / timedelta(hours=1)),
        "USAGE": 0.0,
        "DELTA_USAGE": -kwh,
        "BASELINE_RULE": "ten_working_days",
    }
    period = {"start": dispatch["start"], "duration": f"PT{(end - start).total_seconds()}S"}
    await here.say("home-1", called["home-1"]["event_id"], "settlement", values, period=period)
    return await made(here.operator, "/api/v1/settlements", {"dispatch_id": dispatch["id"]})


async def test_nobody_is_mailed_who_did_not_wish_it(hub: Running) -> None:
    async with mailed(hub, "home-1") as told:
        await rule(told.here)
        await invited(told.here)
        hub.clock.go_on(hours=1)

        assert await told.tell() == []


async def test_an_answer_by_rule_is_told_with_what_was_asked_and_what_it_pays(hub: Running) -> None:
    async with mailed(hub, "home-1") as told:
        await told.wish()
        await rule(told.here)
        await invited(told.here, load_kwh=1.2, price_per_kwh="0.25")

        hub.clock.go_on(minutes=30)
        (mail,) = await told.tell()

    assert mail["To"] == "hanna@hub.example"
    assert mail["Subject"] == "What came of invitations to Home-1"
    text = mail.get_content()
    assert "2026-11-29 15:00, 60 minutes (evening): use 1.2 kWh less" in text
    assert "Your rule answered yes." in text
    assert "It pays 0.25 EUR for a kWh: 0.30 EUR if all of it comes." in text
    assert LINK in text


async def test_a_call_and_its_settlement_are_told_each_on_its_day(hub: Running) -> None:
    async with mailed(hub, "home-1") as told:
        await told.wish(language="nl")
        invitation = await invited(told.here, load_kwh=1.0, price_per_kwh="0.40")
        await say(told.here, invitation["id"], "home-1", answer="yes")
        dispatch = await call(told.here, invitation)

        called = await text_of(told)
        hub.clock.go_on(hours=3)
        settlement = await settle(told.here, dispatch)
        hub.clock.go_on(minutes=30)
        same_day = await told.tell()
        settled = await text_of(told, days=1)

    assert "Uw woning werd opgeroepen voor 1 kWh." in called
    assert "Het betaalt 0,4 EUR per kWh: 0,40 EUR als alles komt." in called
    assert same_day == []
    assert settlement["amount"] == "0.36"
    assert "Afgerekend: 0,9 kWh kwam van de 1 kWh waarvoor uw woning werd opgeroepen." in settled
    assert "U ontvangt 0,36 EUR." in settled
    assert "opgeroepen voor" not in settled
    assert LINK in settled


async def test_what_comes_together_is_one_mail_for_each_home(hub: Running) -> None:
    async with mailed(hub, "home-1", "home-2") as told:
        for ven_id in ("home-1", "home-2"):
            await told.wish(ven_id)
        for hours in (2, 4):
            event_time = (hub.clock() + timedelta(hours=hours)).isoformat()
            invitation = await invited(told.here, event_time=event_time)
            for ven_id in ("home-1", "home-2"):
                await say(told.here, invitation["id"], ven_id, answer="yes")
            await call(told.here, invitation)

        hub.clock.go_on(minutes=29)
        early = await told.tell()
        hub.clock.go_on(minutes=1)
        mails = await told.tell()
        again = await told.tell()

    assert (early, again) == ([], [])
    assert sorted(mail["Subject"][-6:] for mail in mails) == ["Home-1", "Home-2"]
    assert [mail.get_content().count("was called for") for mail in mails] == [2, 2]


async def test_what_was_promised_and_not_called_or_taken_back_is_told(hub: Running) -> None:
    async with mailed(hub, "home-1", "home-2") as told:
        await told.wish()
        withdrawn = await invited(told.here, duration_minutes=30)
        cancelled, left_out = await invited(told.here), await invited(told.here, duration_minutes=90)
        for each in (withdrawn, cancelled, left_out):
            await say(told.here, each["id"], "home-1", answer="partly", promised_kwh=0.5)
        await say(told.here, left_out["id"], "home-2", answer="yes")
        await told.here.operator.post(f"/api/v1/invitations/{withdrawn['id']}/withdraw")
        dispatch = await call(told.here, cancelled)
        await told.here.operator.post(f"/api/v1/dispatches/{dispatch['id']}/cancel")
        (consent,) = (await told.here.household.get("/api/v1/homes/home-1/consents")).json()
        await told.here.household.post(f"/api/v1/consents/{consent['id']}/end")
        await call(told.here, left_out)

        text = await text_of(told)

    assert text.count("It was taken back") == 2
    assert "You had promised 0.5 kWh. Your home was not called." in text
    assert "It pays" not in text


async def test_at_night_nothing_goes_out_also_of_what_waits(hub: Running) -> None:
    async with mailed(hub, "home-1") as told:
        await told.wish(quiet_from="14:00", quiet_until="18:00")
        await rule(told.here)
        await invited(told.here)
        hub.clock.go_on(minutes=30)
        await telling.OutcomeMail(hub=told.hub).once()
        hub.clock.go_on(minutes=30)

        assert await told.send() == []
        async with hub.store.reading() as session:
            (waiting,) = await session.scalars(select(Mail))
        assert (waiting.attempts, waiting.due_at.isoformat()) == (0, "2026-11-29T17:00:00+00:00")
        hub.clock.go_on(hours=4)
        assert len(await told.send()) == 1


async def test_in_quiet_hours_what_comes_is_gathered(hub: Running) -> None:
    async with mailed(hub, "home-1") as told:
        await told.wish(quiet_from="13:00", quiet_until="14:30")
        await rule(told.here)
        await invited(told.here)
        hub.clock.go_on(hours=1)
        quiet = await told.tell()
        await invited(told.here, duration_minutes=90)
        text = await text_of(told)

    assert quiet == []
    assert text.count("Your rule answered yes.") == 2


async def test_what_came_before_the_wish_is_not_told(hub: Running) -> None:
    async with mailed(hub, "home-1") as told:
        await rule(told.here)
        await invited(told.here)
        hub.clock.go_on(minutes=1)
        await told.wish()
        hub.clock.go_on(hours=1)

        assert await told.tell() == []


async def test_a_wish_anew_brings_no_second_mail_that_day(hub: Running) -> None:
    async with mailed(hub, "home-1") as told:
        await told.wish()
        await rule(told.here)
        await invited(told.here)
        await text_of(told)
        await told.wish(language="fr")
        await invited(told.here)
        hub.clock.go_on(hours=1)

        assert await told.tell() == []


async def test_of_two_workers_one_tells(hub: Running) -> None:
    async with mailed(hub, "home-1") as told:
        await told.wish()
        await rule(told.here)
        await invited(told.here)
        hub.clock.go_on(minutes=30)
        for _ in range(2):
            await telling.OutcomeMail(hub=told.hub).once()

        assert len(await told.send()) == 1


async def test_what_waits_for_room_is_told_when_there_is_and_alerts_keep_theirs(
    hub: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("community_hub.mail.sending.MOST_WAITING", telling.KEPT_FOR_ALERTS + 1)
    monkeypatch.setattr(telling, "PAGE", 1)
    async with mailed(hub, "home-1", "home-2") as told:
        for ven_id in ("home-1", "home-2"):
            await told.wish(ven_id)
        invitation = await invited(told.here)
        for ven_id in ("home-1", "home-2"):
            await say(told.here, invitation["id"], ven_id, answer="yes")
        await call(told.here, invitation)
        hub.clock.go_on(minutes=30)

        assert [len(await told.tell()) for _ in range(3)] == [1, 1, 0]


async def test_who_leaves_is_mailed_no_more_and_nothing_of_it_is_kept(hub: Running) -> None:
    async with mailed(hub, "home-1") as told:
        await told.wish()
        await rule(told.here)
        await invited(told.here)
        hub.clock.go_on(minutes=30)
        await telling.OutcomeMail(hub=told.hub).once()
        leave = {"password": PASSWORD}
        assert (await told.here.household.post("/api/v1/account/leave", json=leave)).status_code == 204

        assert await told.tell() == []
    async with hub.store.reading() as session:
        for table in (MailWish, ToldOutcome, Mail):
            assert await session.scalar(select(func.count()).select_from(table)) == 0


async def test_who_is_not_the_homes_resident_any_more_is_told_nothing_of_it(hub: Running) -> None:
    async with mailed(hub, "home-1") as told:
        await told.wish()
        await rule(told.here)
        await invited(told.here)
        nina = await hub.person(told.here.operator, "household", "Nina")
        async with hub.store.writing() as session:
            home = await session.get_one(Home, "home-1")
            home.owner_id = await person_id(nina)
        hub.clock.go_on(minutes=30)

        assert await told.tell() == []


async def test_what_is_older_than_two_weeks_is_told_no_more_and_forgotten_later(hub: Running) -> None:
    async with mailed(hub, "home-1") as told:
        await told.wish()
        await rule(told.here)
        await invited(told.here)
        await text_of(told)
        hub.clock.go_on(days=60)
        async with hub.store.writing() as session:
            await telling.forget(session, hub.clock())

        assert await told.tell() == []
        async with hub.store.reading() as session:
            assert await session.scalar(select(func.count()).select_from(ToldOutcome)) == 0
            assert await session.scalar(select(func.count()).select_from(Invitation)) == 1


async def test_a_name_of_many_characters_and_languages_stays_in_its_line(hub: Running) -> None:
    async with mailed(hub) as told:
        name = "Überhaus „Zürich“ 北 " * 6
        await told.here.join("home-1", name=name)
        await told.wish(language="de")
        await rule(told.here)
        await invited(told.here)
        hub.clock.go_on(minutes=30)
        (mail,) = await told.tell()

    assert mail["Subject"] == f"Was aus Einladungen an {name.strip()} wurde"
    assert "Ihre Regel antwortete ja." in mail.get_content()


async def test_a_price_named_by_nobody_is_told_as_such(hub: Running) -> None:
    async with mailed(hub, "home-1") as told:
        await told.wish()
        await rule(told.here, most_kwh=0.5)
        await invited(told.here)
        text = await text_of(told)

    assert "Your rule answered: partly, 0.5 kWh." in text
    assert "No pay was named for it." in text
