"""What a resident does with one tap, by its name: to an event, an invitation, a device, or the whole home."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from homeassistant.util import dt as dt_util

from ..coordinator import HomeFlexCoordinator
from ..core.invitations import Said
from ..core.wishes import WishError, Wishes, pause, resume, with_site
from .overrides import AS_BEFORE, CHARGE_NOW, KEEP, LASTS, NOT_NOW, Deciding, changed

type Deed = Callable[[HomeFlexCoordinator, str], Awaitable[None]]


async def _join(coordinator: HomeFlexCoordinator, event_id: str) -> None:
    await coordinator.controller.requests.opt_in(event_id)


async def _skip(coordinator: HomeFlexCoordinator, event_id: str) -> None:
    await coordinator.controller.requests.opt_out(event_id)


async def _join_partly(coordinator: HomeFlexCoordinator, event_id: str) -> None:
    await coordinator.controller.requests.join_partly(event_id)


def _answer(said: Said) -> Deed:
    async def answer(coordinator: HomeFlexCoordinator, invitation_id: str) -> None:
        await coordinator.controller.requests.answer_invitation(invitation_id, said)

    return answer


def _participating(value: bool) -> Deed:
    async def participate(coordinator: HomeFlexCoordinator, _target: str) -> None:
        await coordinator.controller.requests.set_participating(value)

    return participate


def _wish(change: Callable[[Wishes], Wishes]) -> Deed:
    async def wish(coordinator: HomeFlexCoordinator, _target: str) -> None:
        await coordinator.controller.requests.change_wishes(change)

    return wish


def _override(does: str) -> Deed:
    async def override(coordinator: HomeFlexCoordinator, device_id: str) -> None:
        if (device := coordinator.data.devices.get(device_id)) is None:
            raise WishError("unknown_device", f"There is no device {device_id}")
        deciding = Deciding(device=device, now=dt_util.utcnow())
        await coordinator.controller.requests.change_wishes(lambda wishes: changed(wishes, does, deciding))

    return override


DEEDS: Final[Mapping[str, Deed]] = {
    "join": _join,
    "join_partly": _join_partly,
    "skip": _skip,
    "accept": _answer(Said.YES),
    "decline": _answer(Said.NO),
    "pause": _wish(lambda wishes: pause(wishes, dt_util.utcnow() + LASTS)),
    "resume": _wish(resume),
    "take_part": _participating(True),
    "stay_out": _participating(False),
    "follow_plan": _wish(lambda wishes: with_site(wishes, follow_plan=True)),
    "only_show_plan": _wish(lambda wishes: with_site(wishes, follow_plan=False)),
    **{does: _override(does) for does in (CHARGE_NOW, NOT_NOW, KEEP, AS_BEFORE)},
}
