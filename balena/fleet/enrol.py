"""Enrols a batch: for each home a key, a certificate, its own secrets, a one-time code and a job sheet.

Everything is made once and kept in the operator's folder, so that an enrolment that was interrupted is
simply run again.
"""

from collections.abc import Sequence
from datetime import datetime

from community_hub.enrolment.authority import AuthorityError, FleetAuthority
from community_hub.enrolment.codes import new_code
from rich.progress import Progress

from . import job_sheet
from .batch import BatchHome
from .context import CommandError, Context
from .folder import HomeFolder
from .home_secrets import issue_certificate, issue_secrets, write_accepted_tokens
from .model import TAG_VEN_ID, Device
from .sheets import print_sheet
from .variables import remove_all


async def enrol(
    context: Context, homes: Sequence[BatchHome], *, new_codes: bool, replace_devices: bool
) -> None:
    """Enrol every home of a batch.

    ``new_codes`` replaces codes that were lost, used or have expired; ``replace_devices`` lets a home
    that is enrolled move to the gateway the batch names.

    Raises CommandError before anything is made when a home contradicts what was enrolled before.
    """
    devices = {device.uuid: device for device in await context.fleet.devices()}
    authority = _authority(context)
    for home in homes:
        _require_consistent(context, home, devices, replace_devices=replace_devices)
    if context.dry_run:
        for home in homes:
            kept = context.folder.home(home.ven_id).certificate.exists()
            context.say(f"would {'complete' if kept else 'enrol'} {home.ven_id}")
        return
    with Progress(console=context.console) as progress:
        for home in progress.track(homes, description="Enrolling"):
            await _enrol_home(context, home, authority, devices, new_code_wanted=new_codes)
    write_accepted_tokens(context.folder)
    context.say(
        f"{len(homes)} homes enrolled; job sheets are in {context.folder.path / 'homes'}/*/job_sheet.html"
    )


def _authority(context: Context) -> FleetAuthority:
    try:
        return FleetAuthority.load(context.folder.authority)
    except AuthorityError as error:
        raise CommandError(f"{error}; make one with: fleet-tool authority NAME") from error


def _require_consistent(
    context: Context, home: BatchHome, devices: dict[str, Device], *, replace_devices: bool
) -> None:
    """Refuse to give one venID to two devices, or to enrol again what was revoked."""
    kept = context.folder.home(home.ven_id).read("home")
    if kept is not None and kept["device_uuid"] != home.device_uuid and not replace_devices:
        raise CommandError(f"{home.ven_id} is enrolled on another device: use enrol --replace-device")
    if kept is not None and kept.get("revoked_at"):
        raise CommandError(f"{home.ven_id} is revoked: rotate it to let it in again")
    if home.device_uuid and home.device_uuid not in devices:
        raise CommandError(f"{home.ven_id}: device {home.device_uuid} is not in the fleet; register it first")


async def _enrol_home(
    context: Context,
    home: BatchHome,
    authority: FleetAuthority,
    devices: dict[str, Device],
    *,
    new_code_wanted: bool,
) -> None:
    folder = context.folder.home(home.ven_id)
    document = {"ven_id": home.ven_id, "device_uuid": home.device_uuid, "address": home.address}
    kept = folder.read("home") or {}
    before = kept.get("device_uuid")
    if before != home.device_uuid and before in devices:
        count = await remove_all(context.fleet, devices[before])
        await context.fleet.remove_tag(devices[before], TAG_VEN_ID)
        context.say(f"{home.ven_id}: {count} variables removed from its old gateway {before[:7]}")
    former = {*kept.get("former_devices", []), before or home.device_uuid} - {home.device_uuid}
    folder.write("home", {**document, "former_devices": sorted(former), "record": home.record})
    issue_certificate(folder, home.ven_id, authority, context.clock())
    issue_secrets(folder)
    # A gateway in the fleet gets its certificate with its variables: a code would be a second way in.
    code = None if home.device_uuid else await _code(context, home, folder, new_code_wanted=new_code_wanted)
    print_sheet(context, home, folder, code=code)
    if home.device_uuid:
        await context.fleet.set_tag(devices[home.device_uuid], TAG_VEN_ID, home.ven_id)


async def _code(
    context: Context, home: BatchHome, folder: HomeFolder, *, new_code_wanted: bool
) -> job_sheet.Code:
    """Make the code, then admit it at the centre. Whichever step was the last, all can be repeated."""
    now = context.clock()
    kept = folder.read("code")
    if kept is None or new_code_wanted:
        expires_at = now + context.configuration.code_valid
        kept = {"code": new_code(), "made_at": now.isoformat(), "expires_at": expires_at.isoformat()}
        folder.write("code", kept)
    expires_at = datetime.fromisoformat(kept["expires_at"])
    state = await context.centre.admit(home.ven_id, kept["code"], expires_at)
    if state not in {None, "open"}:
        context.say(f"{home.ven_id}: its one-time code is {state}; --new-code issues another")
    return job_sheet.Code(
        words=kept["code"], url=context.configuration.centre.enrolment_url or "", expires_at=expires_at
    )
