"""How the panel is answered: by the site that runs, or with why not; what takes long is kept a while."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from weakref import WeakKeyDictionary

from homeassistant.auth.models import User
from homeassistant.auth.permissions.const import POLICY_CONTROL, POLICY_READ
from homeassistant.components import websocket_api
from homeassistant.components.websocket_api import ActiveConnection
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from ..const import DOMAIN
from ..coordinator import HomeFlexCoordinator
from ..core.wishes import WishError
from ..history.database import HistoryError
from ..runtime.view import RequestError

# How many answers are kept: what a few people leaf through; and how many are reckoned at once.
MOST_KEPT: Final = 32
MOST_AT_ONCE: Final = 4

type Message = dict[str, Any]
type Work = Callable[[HomeFlexCoordinator], Awaitable[Any]]


def may_steer(hass: HomeAssistant, user: User) -> bool:
    """Whether a user may control any entity of the home, and so may do what its actions do."""
    return any(user.permissions.check_entity(each, POLICY_CONTROL) for each in _entities(hass))


def _entities(hass: HomeAssistant) -> list[str]:
    return [each.entity_id for each in er.async_get(hass).entities.values() if each.platform == DOMAIN]


def may_steer_only(hass: HomeAssistant, connection: ActiveConnection, msg: Message) -> bool:
    """Whether to go on; who may only look is told so."""
    if may_steer(hass, connection.user):
        return True
    connection.send_error(msg["id"], websocket_api.ERR_UNAUTHORIZED, "This user may look, not steer")
    return False


def may_look(hass: HomeAssistant, user: User) -> bool:
    """Whether a user may see any entity of the home, and so sees it; one that is not there hides nothing."""
    entities, permissions = _entities(hass), user.permissions
    return not entities or any(permissions.check_entity(each, POLICY_READ) for each in entities)


def may_look_only(hass: HomeAssistant, connection: ActiveConnection, msg: Message) -> bool:
    """Whether to go on; who may see nothing of the home is told so."""
    if may_look(hass, connection.user):
        return True
    connection.send_error(msg["id"], websocket_api.ERR_UNAUTHORIZED, "This user may see nothing of the home")
    return False


def running(hass: HomeAssistant) -> HomeFlexCoordinator:
    """Return the site. Raises RequestError while there is none."""
    for entry in hass.config_entries.async_loaded_entries(DOMAIN):
        coordinator: HomeFlexCoordinator = entry.runtime_data
        return coordinator
    raise RequestError("not_running", "Home Flex is not running")


async def answer(hass: HomeAssistant, connection: ActiveConnection, msg: Message, work: Work) -> None:
    """Answer with what is done, or with why it was not, in words that can be translated."""
    if not may_look_only(hass, connection, msg):
        return
    try:
        connection.send_result(msg["id"], await work(running(hass)))
    except (RequestError, WishError) as error:
        _refuse(connection, msg, error.reason, str(error))
    except HistoryError as error:
        _refuse(connection, msg, "store_unreadable", str(error))


def _refuse(connection: ActiveConnection, msg: Message, reason: str, message: str) -> None:
    connection.send_error(
        msg["id"],
        websocket_api.ERR_HOME_ASSISTANT_ERROR,
        message,
        translation_key=reason,
        translation_domain=DOMAIN,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Kept:
    """An answer that is being reckoned or was, and until when it is as good as a new one."""

    task: asyncio.Task[Any]
    until_s: float


class KeptAnswers:
    """Answers that take long: each is reckoned once for all who ask, and kept for a while.

    However much is asked, few are reckoned at once and few are kept; whoever asks for more waits.
    """

    def __init__(self) -> None:
        """Start empty."""
        self._of_sites: WeakKeyDictionary[HomeFlexCoordinator, dict[Hashable, _Kept]] = WeakKeyDictionary()

    def count(self, coordinator: HomeFlexCoordinator) -> int:
        """Return how many answers of a site are kept or being reckoned."""
        return len(self._of_sites.get(coordinator, {}))

    async def get(self, coordinator: HomeFlexCoordinator, key: Hashable, work: Work, *, keep_s: float) -> Any:
        """Return an answer that is at most ``keep_s`` old. Raises what ``work`` does, and keeps no failure.

        Raises RequestError when the site ends meanwhile.
        """
        kept, clock = self._of_sites.setdefault(coordinator, {}), coordinator.hass.loop.time
        while (found := _still_good(kept, key, clock())) is None:
            if len(running := [each.task for each in kept.values() if not each.task.done()]) < MOST_AT_ONCE:
                found = _Kept(
                    task=coordinator.config_entry.async_create_background_task(
                        coordinator.hass, _awaited(work(coordinator)), f"{DOMAIN} answer"
                    ),
                    until_s=clock() + keep_s,
                )
                _make_room(kept, clock())
                kept[key] = found
                break
            done, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            _raise_if_ended(done)
        # Who asked first and went away takes nothing from the others.
        await asyncio.wait([found.task])
        _raise_if_ended([found.task])
        return found.task.result()


def _still_good(kept: Mapping[Hashable, _Kept], key: Hashable, now_s: float) -> _Kept | None:
    found = kept.get(key)
    return None if found is None or now_s >= found.until_s or _failed(found.task) else found


def _make_room(kept: dict[Hashable, _Kept], now_s: float) -> None:
    """Forget what is as good as none and the oldest beyond what is kept; nothing that is reckoned still."""
    over = [key for key, each in kept.items() if each.task.done()]
    for key in over:
        if _still_good(kept, key, now_s) is None or len(kept) >= MOST_KEPT:
            del kept[key]


def _raise_if_ended(tasks: Iterable[asyncio.Task[Any]]) -> None:
    if any(each.cancelled() for each in tasks):
        raise RequestError("not_running", "Home Flex ended while it reckoned")


def _failed(task: asyncio.Task[Any]) -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)


async def _awaited(work: Awaitable[Any]) -> Any:
    return await work
