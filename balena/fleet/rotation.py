"""Changes a home's certificate and tokens without a gap.

Two sets live side by side: the centre accepts the new one before the home is given it, and the old one is
revoked only after the home's heartbeat, well after the change, says that it is healthy. An interrupted
rotation is run again.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from community_hub.enrolment.authority import FleetAuthority, serial_number
from rich.progress import Progress

from .certificates import all_serials
from .context import CommandError, Context
from .folder import HomeFolder
from .home_secrets import issue_certificate, issue_secrets, write_accepted_tokens
from .model import Device
from .revocation import AFTERWARDS, revoke_serials
from .rings import Health
from .sheets import kept_home, print_sheet
from .variables import apply, wanted


async def rotate(context: Context, ven_ids: Sequence[str], *, wait: timedelta) -> None:
    """Rotate homes, then wait for their heartbeats. Raises CommandError when some did not confirm in time."""
    devices = await context.devices(list(ven_ids))
    authority = FleetAuthority.load(context.folder.authority)
    for device in devices:
        home = context.folder.home(device.ven_id)
        if home.read("credentials") is None:
            raise CommandError(f"{device.ven_id} is not enrolled")
        if context.dry_run:
            context.say(f"would rotate {device.ven_id}")
            continue
        await _hand_over(context, device, home, authority)
    if not context.dry_run:
        await _confirm_all(context, [device.ven_id for device in devices], wait)


async def _hand_over(context: Context, device: Device, home: HomeFolder, authority: FleetAuthority) -> None:
    """Make the new set, let the centre accept it, and give it to the home. Each step may be repeated."""
    new = home.successor()
    issue_certificate(new, device.ven_id, authority, context.clock())
    issue_secrets(new, backup_key=(home.read("credentials") or {})["backup_key"])
    document = home.read("home") or {}
    if document.pop("revoked_at", None):
        home.write("home", document)
    write_accepted_tokens(context.folder)
    if home.read("rotation") is None:
        home.write("rotation", {"handed_over_at": None})
    variables = wanted(
        home,
        context.configuration.centre,
        device,
        credentials_of=new,
        operator_key=context.folder.read_operator_key(),
    )
    changed = await apply(context.fleet, device, variables)
    if changed or (home.read("rotation") or {})["handed_over_at"] is None:
        home.write("rotation", {"handed_over_at": context.clock().isoformat()})
    context.say(f"{device.ven_id}: new credentials handed over; the old ones still work")


async def _confirm_all(context: Context, ven_ids: list[str], wait: timedelta) -> None:
    deadline = context.clock() + wait
    waiting = list(ven_ids)
    with Progress(console=context.console) as progress:
        task = progress.add_task("Waiting for heartbeats", total=len(waiting))
        while True:
            for device in await context.devices(waiting):
                if _is_confirmed(context, device):
                    await _retire_old(context, device.ven_id)
                    waiting.remove(device.ven_id)
                    progress.advance(task)
            if not waiting or context.clock() >= deadline:
                break
            await asyncio.sleep(context.configuration.rollout.poll.total_seconds())
    context.say(AFTERWARDS)
    if waiting:
        raise CommandError(
            f"not confirmed: {', '.join(waiting)}. Their old credentials still work; run rotate again."
        )


def _is_confirmed(context: Context, device: Device) -> bool:
    rules = context.configuration.rollout
    rotation = context.folder.home(device.ven_id).read("rotation")
    beat = device.heartbeat_at()
    if rotation is None or beat is None:
        return rotation is None
    handed_over_at = datetime.fromisoformat(rotation["handed_over_at"])
    healthy = device.health(context.clock(), silent_after=rules.silent_after) is Health.HEALTHY
    return healthy and beat > handed_over_at + context.configuration.rotation_settle


async def _retire_old(context: Context, ven_id: str) -> None:
    """Make the new set the current one and revoke every other certificate of the home, whoever issued it.

    Repeating it after an interruption does no harm. Raises CentreError before anything is changed.
    """
    home = context.folder.home(ven_id)
    new = home.successor()
    if new.certificate.exists():
        current = serial_number(new.certificate.read_text())
        old = [serial for serial in await all_serials(context, ven_id) if serial != current]
        revoke_serials(context.folder, old, context.clock())
        new.private_key.replace(home.private_key)
        home.write("credentials", new.read("credentials") or {})
        new.certificate.replace(home.certificate)
    new.forget("credentials")
    home.forget("rotation")
    write_accepted_tokens(context.folder)
    print_sheet(context, kept_home(home, ven_id), home)
    context.say(f"{ven_id}: confirmed by its heartbeat; the old credentials are revoked")
