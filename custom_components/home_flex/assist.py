"""What a resident asks and says to Assist: sentences in five languages, answered in the one that is spoken.

Home Assistant reads no sentences from an integration's folder; it takes them where automations put theirs.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations
from homeassistant.setup import async_when_setup
from homeassistant.util import dt as dt_util
from homeassistant.util.yaml import load_yaml_dict

from .assist_words import AssistWords
from .const import DOMAIN
from .coordinator import HomeFlexCoordinator
from .core.events.model import EventRecord, Source
from .core.model import DeviceKind
from .core.signals import SignalKind
from .core.wishes import Weekday, WishError, Wishes, pause, resume, set_reserve
from .core.wishes.local_time import end_of
from .optional_parts import part
from .panel.answering import may_look, may_steer, running
from .panel.now import now_document
from .runtime.view import RequestError
from .written import Written

_SENTENCES: Final = Path(__file__).with_name("sentences.yaml")
_DAYS: Final = "days"
_TOMORROW: Final = "tomorrow"
_A_DAY: Final = timedelta(days=1)
_AHEAD: Final = timedelta(hours=24)
_MORNING: Final = timedelta(hours=6)
_CATEGORIES: Final = ("common", "entity", "exceptions")

type Said = Mapping[str, str]
type Answer = Callable[[HomeFlexCoordinator, Said, AssistWords], Awaitable[str]]


async def async_setup_assist(hass: HomeAssistant) -> None:
    """Understand the sentences once Assist is there, for the life of the process; a site need not run."""
    sentences = await hass.async_add_executor_job(load_yaml_dict, str(_SENTENCES))

    async def register(hass: HomeAssistant, _component: str) -> None:
        agents = part(hass, "conversation", "agent_manager")
        assert agents is not None  # noqa: S101 # it was just set up
        manager = agents.get_agent_manager(hass)
        for meant, answer in _ANSWERS.items():
            manager.register_trigger(
                [each for of_language in sentences[meant].values() for each in of_language],
                _spoken(hass, sentences[_DAYS], answer, may_only_look=meant.startswith("asks_")),
            )

    async_when_setup(hass, "conversation", register)


def _spoken(
    hass: HomeAssistant, days: Mapping[str, list[str]], answer: Answer, *, may_only_look: bool
) -> Callable[[Any, Any], Awaitable[str | None]]:
    """Return what answers a sentence, in the language that is spoken."""

    async def speak(heard: Any, understood: Any) -> str | None:
        # Assist knows more regions of a language than there are texts of.
        language = heard.language.partition("-")[0]
        texts: dict[str, str] = {}
        for category in _CATEGORIES:
            texts |= await async_get_translations(hass, language, category, {DOMAIN})
        said = {name: entity.text.strip() for name, entity in understood.entities.items()}
        words = AssistWords(texts=texts, days=days, written=Written(language=heard.language))
        user_id = heard.context.user_id
        # A loudspeaker has no user, and may what a switch on the wall may.
        if user_id is not None:
            user = await hass.auth.async_get_user(user_id)
            if user is None or not may_look(hass, user):
                return words.text("panel_state_forbidden")
            if not may_only_look and not may_steer(hass, user):
                return words.text("panel_only_look")
        try:
            return await answer(running(hass), said, words)
        except (RequestError, WishError) as error:
            return words.refusal(error.reason)

    return speak


def _asks_of(kind: DeviceKind) -> Answer:
    async def answer(coordinator: HomeFlexCoordinator, _said: Said, words: AssistWords) -> str:
        devices = [each for each in now_document(coordinator)["devices"] if each["kind"] == kind]
        if not devices:
            return words.text("assist_no_device")
        return " ".join(words.device(each) for each in devices)

    return answer


async def _asks_price(coordinator: HomeFlexCoordinator, _said: Said, words: AssistWords) -> str:
    now = dt_util.utcnow()
    slots = coordinator.prices.signal(SignalKind.IMPORT_PRICE, now, now + _AHEAD).slots
    if not slots:
        return words.text("assist_no_price")
    cheapest = min(slots, key=lambda slot: slot.value)
    if all(slot.value == cheapest.value for slot in slots):
        return words.text("assist_same_price")
    price = words.written.price(cheapest.value, coordinator.site.currency)
    if cheapest.start <= now:
        return words.text("assist_cheapest_now", price=price)
    return words.text("assist_cheapest", time=words.time(cheapest.start), price=price)


def _asked_event(coordinator: HomeFlexCoordinator) -> EventRecord | None:
    return coordinator.data.active or coordinator.data.next


def _of_tonight(answer: Answer) -> Answer:
    """Return an answer that is of the event of tonight and of no later one: the night ends in the morning."""

    async def of_tonight(coordinator: HomeFlexCoordinator, said: Said, words: AssistWords) -> str:
        morning = dt_util.start_of_local_day(dt_util.now().date() + timedelta(days=1)) + _MORNING
        record = _asked_event(coordinator)
        if record is None or record.event.start >= morning:
            return words.text("assist_none_tonight")
        return await answer(coordinator, said, words)

    return of_tonight


async def _skips(coordinator: HomeFlexCoordinator, _said: Said, words: AssistWords) -> str:
    if (record := _asked_event(coordinator)) is None:
        return words.text("panel_events_none")
    await coordinator.controller.requests.opt_out(record.event.event_id)
    return words.text("panel_event_skipped")


async def _joins(coordinator: HomeFlexCoordinator, _said: Said, words: AssistWords) -> str:
    if (record := _asked_event(coordinator)) is None:
        return words.text("panel_events_none")
    if record.event.source is not Source.GRID_OPERATOR:
        await coordinator.controller.requests.opt_in(record.event.event_id)
    return words.text("panel_event_joined")


async def _keeps(coordinator: HomeFlexCoordinator, said: Said, words: AssistWords) -> str:
    number = said["percent"].removesuffix("%").strip()
    if not number.isdecimal() or int(number) > 100:
        return words.text("assist_no_number", said=said["percent"])
    batteries = [key for key, each in coordinator.data.devices.items() if each.kind is DeviceKind.BATTERY]
    if not batteries:
        return words.text("assist_no_device")

    def keep(wishes: Wishes) -> Wishes:
        for device_id in batteries:
            wishes = set_reserve(wishes, device_id, int(number) / 100, until=None)
        return wishes

    await coordinator.controller.requests.change_wishes(keep)
    return words.text("assist_kept", percent=number)


async def _rests(coordinator: HomeFlexCoordinator, said: Said, words: AssistWords) -> str:
    day, until = said.get("day"), None
    if day is not None:
        if (name := words.day(day)) is None:
            return words.text("assist_no_day", said=day)
        wishes = coordinator.controller.wishes
        tomorrow = wishes.now.astimezone(wishes.zone) + _A_DAY
        weekday = Weekday(tomorrow.weekday()) if name == _TOMORROW else Weekday[name.upper()]
        until = end_of(wishes.now, wishes.zone, until=weekday, lasts=None)
    await coordinator.controller.requests.change_wishes(lambda wishes: pause(wishes, until))
    return words.text("assist_rests") if until is None else words.text("assist_rests_until", day=str(day))


async def _goes_on(coordinator: HomeFlexCoordinator, _said: Said, words: AssistWords) -> str:
    await coordinator.controller.requests.change_wishes(resume)
    return words.text("assist_goes_on")


_ANSWERS: Final[Mapping[str, Answer]] = {
    "asks_car": _asks_of(DeviceKind.EV_CHARGER),
    "asks_battery": _asks_of(DeviceKind.BATTERY),
    "asks_price": _asks_price,
    "skips": _skips,
    "skips_tonight": _of_tonight(_skips),
    "joins": _joins,
    "joins_tonight": _of_tonight(_joins),
    "keeps": _keeps,
    "rests": _rests,
    "goes_on": _goes_on,
}
