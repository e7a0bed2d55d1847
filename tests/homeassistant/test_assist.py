"""What a resident says to Assist, to Home Assistant's own agent, in five languages."""

from datetime import timedelta

import pytest
from homeassistant.auth.permissions.types import PolicyType
from homeassistant.components import conversation
from homeassistant.core import Context, HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockUser  # type: ignore[import-untyped] # has no types

from custom_components.home_flex.assist_words import AssistWords
from custom_components.home_flex.const import DOMAIN
from custom_components.home_flex.coordinator import HomeFlexConfigEntry
from custom_components.home_flex.core.wishes import BatteryWishes
from custom_components.home_flex.written import Written

from .house import until
from .test_automations import dispatched


@pytest.fixture(autouse=True)
async def _assist(hass: HomeAssistant) -> None:
    assert await async_setup_component(hass, "homeassistant", {})
    assert await async_setup_component(hass, "conversation", {})


async def say(hass: HomeAssistant, text: str, language: str = "en", context: Context | None = None) -> str:
    result = await conversation.async_converse(
        hass, text, conversation_id=None, context=context or Context(), language=language
    )
    spoken: str = result.response.speech["plain"]["speech"]
    return spoken


def battery(house: HomeFlexConfigEntry) -> BatteryWishes:
    (wishes,) = house.runtime_data.data.wishes.batteries.values()
    return wishes


@pytest.mark.parametrize(
    ("language", "asked", "answered"),
    [
        ("en", "Why is the battery charging?", "Cellar battery: "),
        ("nl", "Waarom laadt de batterij?", "Cellar battery: "),
        ("de", "Warum lädt die Batterie nicht?", "Cellar battery: "),
        ("fr", "Pourquoi la batterie charge-t-elle ?", "Cellar battery: "),
        ("pt", "Porque é que a bateria está a carregar?", "Cellar battery: "),
        ("en", "Why isn't the battery charging?", "Cellar battery: "),
        ("en", "Why isn\u2019t my car charging?", "Your home has no such device."),
        ("de", "Warum wird das Auto nicht geladen?", "Dein Zuhause hat kein solches Gerät."),
        ("fr", "Pourquoi la voiture ne se charge pas ?", "Votre maison n'a pas cet appareil."),
        ("pt", "Por que o carro não está carregando?", "A sua casa não tem esse dispositivo."),
        ("en", "What will the car do?", "Your home has no such device."),
        ("nl", "Wat gaat de auto doen?", "Je huis heeft zo'n apparaat niet."),
        ("de", "Was wird mein Auto machen?", "Dein Zuhause hat kein solches Gerät."),
        ("fr", "Que fera la voiture ?", "Votre maison n'a pas cet appareil."),
        ("pt", "O que vai o carro fazer?", "A sua casa não tem esse dispositivo."),
        ("en", "When is power cheapest?", "Power costs the same at all hours."),
        ("nl", "Wanneer is stroom het goedkoopst?", "Stroom kost op alle uren hetzelfde."),
        ("de", "Wann ist der Strom am günstigsten?", "Strom kostet zu jeder Stunde gleich viel."),
        ("fr", "Quand l'électricité est-elle la moins chère ?", "L'électricité coûte la même chose"),
        ("pt", "Quando é a eletricidade mais barata?", "A eletricidade custa o mesmo"),
        # A language is that of its regions, which Assist knows more of than Home Assistant.
        ("pt-BR", "Quando é a eletricidade mais barata?", "A eletricidade custa o mesmo"),
        ("de-CH", "Wann ist der Strom am günstigsten?", "Strom kostet zu jeder Stunde gleich viel."),
        # Whatever the language, the answer is in the one that is spoken.
        ("de", "skip this event", "Keine Ereignisse."),
    ],
)
async def test_a_question_is_answered_in_the_language_that_is_spoken(
    hass: HomeAssistant, house: HomeFlexConfigEntry, language: str, asked: str, answered: str
) -> None:
    assert (await say(hass, asked, language)).startswith(answered)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Keep 30 percent"),
        # As it is written by what listens.
        ("en", "Keep 30% in the battery."),
        ("nl", "Hou 30% in de batterij"),
        ("de", "Behalte 30 % in der Batterie."),
        ("fr", "Garde 30 %"),
        ("pt", "Mantém 30%"),
        ("nl", "Houd 30 procent in de batterij"),
        ("de", "Behalte 30 Prozent"),
        ("fr", "Garde 30 pour cent"),
        ("pt", "Mantém 30 por cento na bateria"),
    ],
)
async def test_a_reserve_is_kept(
    hass: HomeAssistant, house: HomeFlexConfigEntry, language: str, text: str
) -> None:
    assert "30" in await say(hass, text, language)
    assert battery(house).reserve == 0.3


async def test_a_question_is_understood_as_people_ask_it(
    hass: HomeAssistant, house: HomeFlexConfigEntry
) -> None:
    asked = {
        "Cellar battery: ": [
            ("pt-BR", "Por que a minha bateria não está carregando?"),
            ("pt-BR", "O que a bateria vai fazer?"),
            ("de", "Was macht der Speicher?"),
            ("de", "Warum wird der Akku nicht geladen?"),
            ("fr", "Que fait ma batterie ?"),
            ("nl", "Wat doet de accu?"),
            ("en", "Why isn't the battery charging?"),
        ],
        "Your home has no such device.": [("en", "When will my car be ready?")],
        "Je huis heeft zo'n apparaat niet.": [("nl", "Wanneer is mijn auto vol?")],
        "Dein Zuhause hat kein solches Gerät.": [
            ("de", "Was macht das E-Auto?"),
            ("de", "Wann ist mein Auto voll?"),
        ],
        "Votre maison n'a pas cet appareil.": [("fr", "Quand est-ce que ma voiture sera prête ?")],
        "A sua casa não tem esse dispositivo.": [
            ("pt-BR", "Por que o meu carro não está carregando?"),
            ("pt-BR", "Quando o meu carro vai estar pronto?"),
        ],
        "A eletricidade custa o mesmo": [("pt-BR", "Quando a energia é mais barata?")],
        "L'électricité coûte la même chose": [("fr", "Quand est-ce que l'électricité est la moins chère ?")],
    }
    for answered, questions in asked.items():
        for language, question in questions:
            assert (await say(hass, question, language)).startswith(answered), question


async def test_a_reserve_is_kept_as_people_say_it(hass: HomeAssistant, house: HomeFlexConfigEntry) -> None:
    said = [
        ("en", "Keep 31%"),
        ("de", "Behalte 32 %"),
        ("fr", "Gardez 33 % dans la batterie"),
        ("nl", "Bewaar 34% in de batterij"),
        ("pt-BR", "Mantenha 35% na bateria"),
    ]
    for language, text in said:
        await say(hass, text, language)
        assert f"{battery(house).reserve:.0%}" in text.replace(" %", "%"), text


@pytest.mark.parametrize("number", ["many", "130"])
async def test_a_number_that_is_none_changes_nothing(
    hass: HomeAssistant, house: HomeFlexConfigEntry, number: str
) -> None:
    before = house.runtime_data.data.wishes
    assert number in await say(hass, f"keep {number} percent")
    assert house.runtime_data.data.wishes == before


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Leave me alone until Monday"),
        ("nl", "Laat me met rust tot maandag"),
        ("de", "Lass mich bis Montag in Ruhe"),
        ("fr", "Laisse-moi tranquille jusqu'à lundi"),
        ("pt", "Deixa-me em paz até segunda-feira"),
        ("de", "Lass mich bis zum Montag in Ruhe"),
        ("fr", "Laisse-moi tranquille jusqu\u2019à lundi"),
        ("pt", "Deixa-me em paz até à segunda-feira"),
    ],
)
async def test_the_home_is_left_alone_until_a_day_and_goes_on(
    hass: HomeAssistant, house: HomeFlexConfigEntry, language: str, text: str
) -> None:
    await say(hass, text, language)
    site = house.runtime_data.data.wishes.site
    assert site.paused
    assert site.paused_until is not None
    assert dt_util.as_local(site.paused_until).strftime("%a %H:%M") == "Mon 00:00"
    await say(hass, "you may go on")
    assert not house.runtime_data.data.wishes.site.paused


async def test_the_home_is_left_alone_until_tomorrow(hass: HomeAssistant, house: HomeFlexConfigEntry) -> None:
    for language, text in (
        ("en", "leave us alone until tomorrow"),
        ("de", "lass uns bis morgen in Ruhe"),
        ("pt-BR", "me deixe em paz até amanhã"),
    ):
        await say(hass, text, language)
        ends = house.runtime_data.data.wishes.site.paused_until
        assert ends is not None, text
        tomorrow = dt_util.start_of_local_day() + timedelta(days=1)
        assert dt_util.as_local(ends).date() == tomorrow.date()
        await say(hass, "you may go on")


async def test_a_day_that_is_none_pauses_nothing(hass: HomeAssistant, house: HomeFlexConfigEntry) -> None:
    assert "doomsday" in await say(hass, "leave me alone until doomsday")
    assert not house.runtime_data.data.wishes.site.paused
    await say(hass, "leave me alone")
    assert house.runtime_data.data.wishes.site.paused_until is None
    assert house.runtime_data.data.wishes.site.paused


@pytest.mark.parametrize(
    ("language", "skip", "join"),
    [
        ("en", "Skip this event", "Join the event"),
        ("nl", "Sla deze gebeurtenis over", "Doe mee aan deze gebeurtenis"),
        ("de", "Überspringe dieses Ereignis", "Mach bei dem Ereignis mit"),
        ("fr", "Saute cet événement", "Participe à cet événement"),
        # Both spellings are right.
        ("fr", "Sautez l'évènement", "Participez à l'évènement"),
        ("pt", "Salta este evento", "Participa neste evento"),
        ("pt-BR", "Pule este evento", "Participar do próximo evento"),
        ("fr", "Passez l'évènement", "Participez au prochain événement"),
    ],
)
async def test_an_event_is_skipped_and_joined(
    hass: HomeAssistant, house: HomeFlexConfigEntry, language: str, skip: str, join: str
) -> None:
    await dispatched(hass, start=(dt_util.utcnow() + timedelta(hours=1)).isoformat())
    await until(lambda: house.runtime_data.data.next is not None)
    for text, is_out in ((skip, True), (join, False)):
        await say(hass, text, language)
        (record,) = house.runtime_data.data.records
        assert record.opted_out is is_out, text


@pytest.mark.parametrize(
    ("language", "skip", "join", "none"),
    [
        ("en", "Skip tonight's event", "Join tonight's event", "There is no event tonight."),
        (
            "nl",
            "Sla de gebeurtenis van vanavond over",
            "Doe mee met de gebeurtenis van vanavond",
            "Er is vanavond geen gebeurtenis.",
        ),
        (
            "de",
            "Überspringe das Ereignis heute Abend",
            "Mach bei dem Ereignis heute Abend mit",
            "Heute Abend gibt es kein Ereignis.",
        ),
        (
            "fr",
            "Saute l'événement de ce soir",
            "Participe à l'événement de ce soir",
            "Il n'y a pas d'événement ce soir.",
        ),
        (
            "pt",
            "Salta o evento desta noite",
            "Participa no evento de hoje à noite",
            "Não há nenhum evento esta noite.",
        ),
    ],
)
async def test_tonights_event_is_skipped_and_joined_and_no_later_one(
    hass: HomeAssistant, house: HomeFlexConfigEntry, language: str, skip: str, join: str, none: str
) -> None:
    await dispatched(hass, start=(dt_util.utcnow() + timedelta(hours=32)).isoformat())
    await until(lambda: house.runtime_data.data.next is not None)
    assert [await say(hass, text, language) for text in (skip, join)] == [none, none]
    (later,) = house.runtime_data.data.records
    assert not later.opted_out
    await dispatched(hass, start=(dt_util.utcnow() + timedelta(minutes=10)).isoformat())

    def next_is_tonight() -> bool:
        record = house.runtime_data.data.next
        return record is not None and record.event.event_id != later.event.event_id

    await until(next_is_tonight)
    for text, is_out in ((skip, True), (join, False)):
        await say(hass, text, language)
        outs = {each.event.event_id: each.opted_out for each in house.runtime_data.data.records}
        assert outs.pop(later.event.event_id) is False
        assert [*outs.values()] == [is_out], text


@pytest.mark.parametrize(
    ("policy", "asked", "decided"),
    [
        ({"entities": {"all": {"read": True}}}, "Cellar battery", "You may look"),
        ({}, "may see nothing", "may see nothing"),
    ],
    ids=["who may only look", "who may see nothing"],
)
async def test_who_may_not_decide_is_answered_as_far_as_he_may_look(
    hass: HomeAssistant, house: HomeFlexConfigEntry, policy: PolicyType, asked: str, decided: str
) -> None:
    user = MockUser(groups=[]).add_to_hass(hass)
    user.mock_policy(policy)
    context = Context(user_id=user.id)
    assert asked in await say(hass, "why is the battery charging", context=context)
    assert decided in await say(hass, "leave me alone", context=context)
    assert not house.runtime_data.data.wishes.site.paused


async def test_who_is_no_user_any_more_is_answered_and_obeyed_no_more(
    hass: HomeAssistant, house: HomeFlexConfigEntry
) -> None:
    context = Context(user_id="removed")
    for said in ("why is the battery charging", "leave me alone"):
        assert "may see nothing" in await say(hass, said, context=context)
    assert not house.runtime_data.data.wishes.site.paused


async def test_while_the_home_is_away_that_is_said(hass: HomeAssistant, house: HomeFlexConfigEntry) -> None:
    assert await hass.config_entries.async_unload(house.entry_id)
    assert await say(hass, "why is the battery charging") == "Home Flex is not running at the moment."
    assert await hass.config_entries.async_setup(house.entry_id)


def test_what_a_device_does_is_said_with_its_cause_and_what_comes_then() -> None:
    prefix = f"component.{DOMAIN}"
    words = AssistWords(
        texts={
            f"{prefix}.common.panel_does_ev_charger_takes": "Charges {power}",
            f"{prefix}.common.panel_car_by_plan": "{target} at {time}, by the plan",
            f"{prefix}.common.panel_car_has": "Has its {target}",
            f"{prefix}.common.panel_then": "From {time}: {does}",
            f"{prefix}.common.panel_why_by_itself": "By itself",
            f"{prefix}.entity.sensor.planned.state.off": "Off",
        },
        days={"monday": ["monday", "lundi"]},
        written=Written(language="fr"),
    )
    then = dt_util.utcnow()
    told = {
        "name": "Car",
        "kind": "ev_charger",
        "power_w": 7400.0,
        "vehicle": True,
        "link_reason": None,
        "why": "sun",
        "until": None,
        "then": {"does": "off", "start": then.isoformat()},
        "car": None,
    }
    at = words.time(then)
    assert words.device(told) == f"Car: Charges 7,4\u00a0kW. By itself. From {at}: Off."
    car = {"state_of_charge": 0.4, "target": 0.8, "ready_at": then.isoformat(), "by": "plan"}
    ready = f"Car: Charges 7,4\u00a0kW. By itself. 80% at {at}, by the plan. From {at}: Off."
    assert words.device({**told, "car": car}) == ready
    assert "Has its 80%." in words.device({**told, "car": {**car, "state_of_charge": 0.8}})
    assert "80%" not in words.device({**told, "car": {**car, "ready_at": None, "by": None}})
    assert (words.day("Lundi prochain"), words.day("le lundi"), words.day("someday")) == (
        "monday",
        "monday",
        None,
    )
