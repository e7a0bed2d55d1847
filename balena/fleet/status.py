"""One line for each home."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from cryptography import x509
from rich.table import Table

from . import rings
from .centre import CentreError
from .context import Context
from .model import TAG_RING, Device

_SOON = timedelta(days=60)
_ASKED_AT_ONCE = 8


async def status(context: Context) -> None:
    """Print a table of the fleet, the enrolled homes without a device, and what expires soon."""
    rules = context.configuration.rollout
    now = context.clock()
    devices = sorted(await context.devices(), key=lambda device: device.ven_id)
    known = [(device.ven_id, device.device_type, device.tags.get(TAG_RING)) for device in devices]
    assigned = rings.assign(known, rules.rings)
    by_code = await _by_code(context, [device.ven_id for device in devices])
    table = Table("home", "ring", "online", "health", "heartbeat", "runs", "should run", "certificate")
    for device in devices:
        table.add_row(
            device.ven_id,
            "held" if device.is_held else assigned[device.ven_id],
            "yes" if device.is_online else "no",
            device.health(now, silent_after=rules.silent_after).value,
            _age(device, now),
            str(device.running_release or "-"),
            str(device.target_release or "-"),
            _certificate(context, device.ven_id, now) + by_code.get(device.ven_id, ""),
        )
    context.console.print(table)
    if without := sorted(set(context.folder.homes()) - {device.ven_id for device in devices}):
        context.say(f"enrolled, but not in the fleet: {', '.join(without)}")
    _warn_of_revocation_list(context, now)


async def _by_code(context: Context, ven_ids: Sequence[str]) -> dict[str, str]:
    """Return what the enrolment service has issued beside the folder's certificate, by home, in words."""
    at_once = asyncio.Semaphore(_ASKED_AT_ONCE)
    revoked = context.folder.revoked()

    async def ask(ven_id: str) -> str:
        async with at_once:
            issued = await context.centre.serials(ven_id)
        live = [serial for serial in issued if format(serial, "x") not in revoked]
        return f", {len(live)} more by code" if live else ""

    try:
        return dict(zip(ven_ids, await asyncio.gather(*map(ask, ven_ids)), strict=True))
    except CentreError as error:
        context.say(f"What was exchanged for codes is not known: {error}")
        return {}


def _age(device: Device, now: datetime) -> str:
    beat = device.heartbeat_at()
    return f"{max(0, (now - beat).total_seconds()) / 60:.0f} min ago" if beat else "never"


def _certificate(context: Context, ven_id: str, now: datetime) -> str:
    home = context.folder.home(ven_id)
    if (document := home.read("home")) is None:
        return "not enrolled"
    if document.get("revoked_at"):
        return "revoked"
    if not home.certificate.exists():
        return "missing"
    ends = x509.load_pem_x509_certificate(home.certificate.read_bytes()).not_valid_after_utc
    return f"until {ends:%Y-%m-%d}" + (", rotate soon" if ends - now < _SOON else "")


def _warn_of_revocation_list(context: Context, now: datetime) -> None:
    if not context.folder.revocation_list.exists():
        return
    listed = x509.load_pem_x509_crl(context.folder.revocation_list.read_bytes())
    ends = listed.next_update_utc
    if ends is not None and ends - now < _SOON:
        context.say(
            f"The revocation list expires on {ends:%Y-%m-%d}; then brokers refuse every home: fleet-tool crl"
        )
