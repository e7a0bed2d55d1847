"""One line for each home, for people or as JSON, and how many are how."""

import asyncio
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from cryptography import x509
from home_common.plain_text import plain
from rich.table import Table

from . import rings
from .centre import CentreError
from .context import Context
from .model import TAG_RING, Device

_SOON = timedelta(days=60)
_ASKED_AT_ONCE = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """A home as it is told; ``heartbeat_min`` is negative where the home's clock is ahead."""

    home: str
    ring: str
    online: bool
    health: str
    complaint: str
    heartbeat_min: float | None
    runs: str | None
    should_run: str | None
    certificate: str
    access_point: str


async def status(context: Context, *, as_json: bool = False, only: str | None = None) -> None:
    """Print the fleet, or the homes of one health; then homes without a device, and what expires soon."""
    now = context.clock()
    devices = sorted(await context.devices(), key=lambda device: device.ven_id)
    lines = await _lines(context, devices, now)
    shown = [line for line in lines if only in {None, line.health}]
    if as_json:
        context.say(json.dumps([asdict(line) for line in shown], indent=2))
        return
    context.console.print(_table(shown), markup=False)
    counts = Counter(line.health for line in lines)
    told = ", ".join(f"{count} {health}" for health, count in sorted(counts.items()))
    context.say(f"{len(lines)} homes: {told or 'none'}")
    for device in devices:
        if device.pretends:
            name = plain(device.pretends)[:64]
            context.say(f"Gateway {device.uuid[:7]} calls itself {name}, which it is not: who has its card?")
    if without := sorted(set(context.folder.homes()) - {device.ven_id for device in devices}):
        context.say(f"enrolled, but not in the fleet: {', '.join(without)}")
    _warn_of_revocation_list(context, now)


async def _lines(context: Context, devices: Sequence[Device], now: datetime) -> list[Line]:
    rules = context.configuration.rollout
    known = [(device.ven_id, device.device_type, device.tags.get(TAG_RING)) for device in devices]
    assigned = rings.assign(known, rules.rings)
    by_code = await _by_code(context, [device.ven_id for device in devices])
    releases = (number for each in devices for number in (each.running_release, each.target_release))
    versions = await context.fleet.versions({number for number in releases if number is not None})
    return [
        Line(
            home=device.ven_id,
            ring="held" if device.is_held else assigned[device.ven_id],
            online=device.is_online,
            health=device.health(now, silent_after=rules.silent_after).value,
            complaint=device.complaint,
            heartbeat_min=_age_min(device, now),
            runs=_version(device.running_release, versions),
            should_run=_version(device.target_release, versions),
            certificate=_certificate(context, device.ven_id, now) + by_code.get(device.ven_id, ""),
            access_point=device.access_point,
        )
        for device in devices
    ]


def _version(release: int | None, versions: Mapping[int, str]) -> str | None:
    """Return how people call a release; one that balena no longer lists by its number."""
    return None if release is None else versions.get(release, str(release))


def _table(lines: Sequence[Line]) -> Table:
    """Return a table that stays readable on 80 columns: names are folded, never cut."""
    table = Table(box=None, pad_edge=False)
    for name in ("home", "ring", "health", "heartbeat", "runs", "certificate"):
        table.add_column(name, overflow="fold", min_width=8 if name == "home" else None)
    for line in lines:
        moves = "" if line.runs == line.should_run else f" → {line.should_run or '-'}"
        table.add_row(
            line.home,
            line.ring,
            " ".join(
                filter(None, (line.health, "" if line.online else "offline", line.complaint, _no_wifi(line)))
            ),
            _ago(line.heartbeat_min),
            f"{line.runs or '-'}{moves}",
            line.certificate,
        )
    return table


def _ago(heartbeat_min: float | None) -> str:
    if heartbeat_min is None:
        return "never"
    return f"{heartbeat_min:.0f} min" if heartbeat_min > -1 else f"clock {-heartbeat_min:.0f} min ahead"


def _no_wifi(line: Line) -> str:
    state, _, reason = line.access_point.partition(": ")
    return f"(access point: {reason})" if state == "disabled" else ""


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


def _age_min(device: Device, now: datetime) -> float | None:
    beat = device.heartbeat_at()
    return None if beat is None else (now - beat).total_seconds() / 60


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
