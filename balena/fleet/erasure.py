"""Erases a home: revoke, remove its variables, empty its device, forget it at the centre, then here.

Every step is recorded, so that an erasure that could not finish (the device was offline) is run again and
goes on.
"""

from collections.abc import Awaitable, Callable
from shutil import rmtree
from typing import Final

from .api import BalenaError
from .centre import CentreError
from .certificates import all_serials
from .context import CommandError, Context
from .folder import read_json, write_json
from .home_secrets import write_accepted_tokens
from .model import TAG_VEN_ID, Device
from .revocation import AFTERWARDS, mark_revoked, revoke_serials
from .variables import remove_all

type Step = Callable[[], Awaitable[str]]

OPERATORS_FOLDER: Final = "operator's folder"
NOBODY_ASKED: Final = "nobody is configured to erase central data (centre.erasure_url): erase it by hand"


async def erase(context: Context, ven_id: str) -> None:
    """Erase a home as far as possible now. Raises CommandError when steps remain, naming them."""
    kept = context.folder.home(ven_id).read("home")
    proof = context.folder.erasure(ven_id)
    done: dict[str, str] = read_json(proof) or {}
    if kept is None and not done:
        raise CommandError(f"{ven_id} is not enrolled")
    if kept is not None and OPERATORS_FOLDER in done:
        done = {}  # the home was enrolled anew since
    known = {ven_id, (kept or {}).get("device_uuid"), *(kept or {}).get("former_devices", [])}
    devices = [device for device in await context.devices() if {device.ven_id, device.uuid} & known]
    steps = _steps(context, ven_id, devices)
    if context.dry_run:
        context.say(f"would erase {ven_id}: {', '.join(name for name in steps if name not in done)}")
        return
    failed: list[str] = []
    for name, work in steps.items():
        if name in done:
            continue
        if name == OPERATORS_FOLDER and failed:
            break  # it holds what the remaining steps need
        try:
            result = await work()
        except (BalenaError, CentreError) as error:
            context.say(f"{name}: {error}")
            failed.append(name)
            continue
        done[name] = f"{context.clock().isoformat()} {result}"
        write_json(proof, done)
        context.say(f"{name}: {result}")
    if failed:
        raise CommandError(f"not erased yet: {', '.join(failed)}. Run erase again.")
    context.say(f"{ven_id} is erased; the record without personal data is {proof}. {AFTERWARDS}")


def _steps(context: Context, ven_id: str, devices: list[Device]) -> dict[str, Step]:
    """Return what is to be done, in an order in which a half-erased home can no longer reach the centre."""
    folder, fleet, centre = context.folder, context.fleet, context.centre

    async def access() -> str:
        found = await all_serials(context, ven_id)
        mark_revoked(folder, ven_id, context.clock())
        revoke_serials(folder, found, context.clock())
        write_accepted_tokens(folder)
        return f"{len(found)} certificates revoked"

    async def variables() -> str:
        return f"{sum([await remove_all(fleet, device) for device in devices])} variables removed"

    async def device() -> str:
        for each in devices:
            await fleet.purge(each)
            await fleet.remove_tag(each, TAG_VEN_ID)
        return f"{len(devices)} devices purged"

    async def enrolment() -> str:
        await centre.forget(ven_id)
        return "forgotten"

    async def central_data() -> str:
        return "requested" if await centre.request_erasure(ven_id, context.clock()) else NOBODY_ASKED

    async def operators_folder() -> str:
        rmtree(folder.home(ven_id).path, ignore_errors=True)
        return "deleted, and with it the key of the home's backups"

    return {
        "access": access,
        "variables": variables,
        "device": device,
        "enrolment": enrolment,
        "central data": central_data,
        OPERATORS_FOLDER: operators_folder,
    }
