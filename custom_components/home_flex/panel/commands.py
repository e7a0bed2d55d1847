"""The panel's websocket commands: watch a topic, and steer what the entities let the same user steer."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

import probatio
from homeassistant.components import websocket_api
from homeassistant.components.websocket_api import ActiveConnection
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from ..coordinator import HomeFlexCoordinator
from ..core.events.consent import JoinRule
from ..core.events.house_rules import QuietHours
from ..core.settlement.verify import verify
from ..core.wishes import WishError, with_device
from ..runtime.house_rules import MOST_A_WEEK
from .answering import Message, answer, may_look_only, may_steer, may_steer_only
from .deeds import DEEDS
from .devices import devices_document, ledger_document
from .events import events_document, receipt_document
from .feed import MOST_OF_ONE, Feed, Topic
from .figures import FIGURES
from .now import now_document
from .plan import plan_depends_on, plan_document
from .wishes import WISHES, change_wish

FEED: Final[HassKey[Feed]] = HassKey(f"{DOMAIN}_panel_feed")
TOPICS: Final[Mapping[str, Topic]] = {
    "now": Topic(document=now_document),
    "plan": Topic(document=plan_document, depends_on=plan_depends_on),
    "events": Topic(document=events_document),
    "devices": Topic(document=devices_document),
}
_LEDGER_SINCE: Final = timedelta(days=7)
_LEDGER_SHOWN: Final = 50
_TEXT: Final = probatio.All(str, probatio.Length(max=128))
_ID: Final = probatio.All(str, probatio.Length(min=1, max=128))


def _whole_number(value: object) -> int:
    """Return a number of things. Raises Invalid for all else: a yes is no number, though Python's is one."""
    if type(value) is not int:
        raise probatio.Invalid("A whole number is needed")
    return value


@callback
def async_register_commands(hass: HomeAssistant) -> None:
    """Register the commands, once; they are there whether a site is or not."""
    hass.data[FEED] = Feed(hass, TOPICS)
    for command in (
        _about,
        _watch,
        _steer,
        _spare,
        _permit,
        _wish,
        _agree,
        _house_rules,
        _ledger,
        _receipt,
        *FIGURES,
    ):
        websocket_api.async_register_command(hass, command)


@websocket_api.websocket_command({probatio.Required("type"): f"{DOMAIN}/about"})
@callback
def _about(hass: HomeAssistant, connection: ActiveConnection, msg: Message) -> None:
    """Tell what the one who asks may do: steer, and set up."""
    user = connection.user
    connection.send_result(msg["id"], {"may_steer": may_steer(hass, user), "may_set_up": user.is_admin})


@websocket_api.websocket_command(
    {probatio.Required("type"): f"{DOMAIN}/watch", probatio.Required("topic"): probatio.In(list(TOPICS))}
)
@callback
def _watch(hass: HomeAssistant, connection: ActiveConnection, msg: Message) -> None:
    """Watch a topic until the connection or the subscription ends."""
    feed = hass.data[FEED]
    if not may_look_only(hass, connection, msg):
        return
    if feed.watched_by(connection) >= MOST_OF_ONE:
        connection.send_error(msg["id"], websocket_api.ERR_NOT_ALLOWED, "This connection watches enough")
        return
    connection.subscriptions[msg["id"]] = feed.subscribe(connection, msg["id"], msg["topic"])


@websocket_api.websocket_command(
    {
        probatio.Required("type"): f"{DOMAIN}/steer",
        probatio.Required("does"): probatio.In(list(DEEDS)),
        # The event or the device that is meant; empty for the whole home.
        probatio.Optional("target", default=""): _TEXT,
    }
)
@websocket_api.async_response
async def _steer(hass: HomeAssistant, connection: ActiveConnection, msg: Message) -> None:
    """Do one thing that a resident decides; it is decided on at once."""
    if may_steer_only(hass, connection, msg):
        deed = DEEDS[msg["does"]]
        await answer(hass, connection, msg, lambda coordinator: deed(coordinator, msg["target"]))


@websocket_api.websocket_command(
    {
        probatio.Required("type"): f"{DOMAIN}/spare",
        probatio.Required("event_id"): _ID,
        probatio.Required("device_id"): _ID,
        probatio.Required("value"): bool,
    }
)
@websocket_api.async_response
async def _spare(hass: HomeAssistant, connection: ActiveConnection, msg: Message) -> None:
    """Keep a device out of one event, or let that move it again."""
    if may_steer_only(hass, connection, msg):
        await answer(
            hass,
            connection,
            msg,
            lambda coordinator: coordinator.controller.requests.spare(
                msg["event_id"], msg["device_id"], spared=msg["value"]
            ),
        )


@websocket_api.websocket_command(
    {
        probatio.Required("type"): f"{DOMAIN}/permit",
        probatio.Required("device_id"): _ID,
        probatio.Required("permission"): probatio.In(["managed", "automatic", "quiet"]),
        probatio.Required("value"): bool,
    }
)
@websocket_api.async_response
async def _permit(hass: HomeAssistant, connection: ActiveConnection, msg: Message) -> None:
    """Say what a device may be told."""

    async def permit(coordinator: HomeFlexCoordinator) -> None:
        if not coordinator.settable.get(msg["device_id"]):
            raise WishError("unknown_device", f"There is no device {msg['device_id']} that is steered")
        await coordinator.controller.requests.change_wishes(
            lambda wishes: with_device(wishes, msg["device_id"], **{msg["permission"]: msg["value"]})
        )

    if may_steer_only(hass, connection, msg):
        await answer(hass, connection, msg, permit)


@websocket_api.websocket_command(
    {
        probatio.Required("type"): f"{DOMAIN}/wish",
        # Empty for the whole home.
        probatio.Required("device_id"): _TEXT,
        probatio.Required("wish"): probatio.In(WISHES),
        probatio.Required("value"): probatio.Any(bool, int, float, _TEXT),
    }
)
@websocket_api.async_response
async def _wish(hass: HomeAssistant, connection: ActiveConnection, msg: Message) -> None:
    """Wish something else of a device."""
    if may_steer_only(hass, connection, msg):
        await answer(
            hass,
            connection,
            msg,
            lambda coordinator: change_wish(coordinator, msg["device_id"], msg["wish"], msg["value"]),
        )


@websocket_api.websocket_command(
    {
        probatio.Required("type"): f"{DOMAIN}/agree",
        probatio.Required("program_id"): _ID,
        probatio.Required("rule"): probatio.In([rule.value for rule in JoinRule]),
    }
)
@websocket_api.async_response
async def _agree(hass: HomeAssistant, connection: ActiveConnection, msg: Message) -> None:
    """Say what is done about the events of a programme."""
    if may_steer_only(hass, connection, msg):
        rule = JoinRule(msg["rule"])
        await answer(
            hass,
            connection,
            msg,
            lambda coordinator: coordinator.controller.requests.set_programme(msg["program_id"], rule=rule),
        )


@websocket_api.websocket_command(
    {
        probatio.Required("type"): f"{DOMAIN}/house_rules",
        # Local times; both None: no quiet hours.
        probatio.Required("quiet_from"): probatio.Any(None, cv.time),
        probatio.Required("quiet_until"): probatio.Any(None, cv.time),
        probatio.Required("never_away"): bool,
        probatio.Required("most_a_week"): probatio.Any(
            None, probatio.All(_whole_number, probatio.Range(min=0, max=MOST_A_WEEK))
        ),
    }
)
@websocket_api.async_response
async def _house_rules(hass: HomeAssistant, connection: ActiveConnection, msg: Message) -> None:
    """Say how far the home joins events by itself."""

    async def say(coordinator: HomeFlexCoordinator) -> None:
        start, end = msg["quiet_from"], msg["quiet_until"]
        quiet = None
        if start is not None or end is not None:
            if start is None or end is None or start == end:
                raise WishError("invalid_wish", "Quiet hours have a start and another end")
            quiet = QuietHours(start=start, end=end)
        await coordinator.controller.requests.set_house_rules(
            quiet, msg["most_a_week"], never_away=msg["never_away"]
        )

    if may_steer_only(hass, connection, msg):
        await answer(hass, connection, msg, say)


@websocket_api.websocket_command(
    {probatio.Required("type"): f"{DOMAIN}/ledger", probatio.Required("device_id"): _ID}
)
@websocket_api.async_response
async def _ledger(hass: HomeAssistant, connection: ActiveConnection, msg: Message) -> None:
    """Tell who told a device what lately, the newest first."""

    async def rows(coordinator: HomeFlexCoordinator) -> list[Mapping[str, Any]]:
        since = dt_util.utcnow() - _LEDGER_SINCE
        entries = await coordinator.controller.ledger.rows(
            _LEDGER_SHOWN, since=since, device_id=msg["device_id"]
        )
        return [ledger_document(each) for each in entries]

    await answer(hass, connection, msg, rows)


@websocket_api.websocket_command(
    {probatio.Required("type"): f"{DOMAIN}/receipt", probatio.Required("event_id"): _ID}
)
@websocket_api.async_response
async def _receipt(hass: HomeAssistant, connection: ActiveConnection, msg: Message) -> None:
    """Tell what came of an event and whether that holds, reckoned again; None while there is no receipt."""

    async def newest(coordinator: HomeFlexCoordinator) -> Mapping[str, Any] | None:
        found = await coordinator.receipts.receipts(kind="event", subject=msg["event_id"], limit=1)
        if not found:
            return None
        differences = await hass.async_add_executor_job(verify, found[0])
        return {**receipt_document(found[0]), "holds": not differences}

    await answer(hass, connection, msg, newest)
