"""Takes a home's access to the centre away.

Its certificates go on the revocation list, its tokens out of the list.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from community_hub.enrolment.authority import REVOCATION_LIST_VALID, FleetAuthority

from .certificates import all_serials
from .context import CommandError, Context
from .folder import OperatorFolder, write_public
from .home_secrets import write_accepted_tokens

AFTERWARDS: Final = (
    "Copy centre/ to the central broker and the ingest proxy, and restart the broker: an open connection"
    " outlives a revocation until then."
)


async def revoke(context: Context, ven_ids: Sequence[str]) -> None:
    """Revoke every certificate and token of homes, wherever they were issued.

    Raises CommandError for unknown homes.
    """
    for ven_id in ven_ids:
        if context.folder.home(ven_id).read("home") is None:
            raise CommandError(f"{ven_id} is not enrolled")
    for ven_id in ven_ids:
        found = await all_serials(context, ven_id)
        if context.dry_run:
            context.say(f"would revoke {len(found)} certificates and the tokens of {ven_id}")
            continue
        mark_revoked(context.folder, ven_id, context.clock())
        revoke_serials(context.folder, found, context.clock())
        write_accepted_tokens(context.folder)
        context.say(f"{ven_id}: {len(found)} certificates revoked")
    if not context.dry_run:
        context.say(AFTERWARDS)


def mark_revoked(folder: OperatorFolder, ven_id: str, now: datetime) -> None:
    """Keep in mind that a home may not be given anything any more."""
    home = folder.home(ven_id)
    home.write("home", {"revoked_at": now.isoformat(), **(home.read("home") or {})})


def revoke_serials(folder: OperatorFolder, found: Iterable[int], now: datetime) -> None:
    """Add serial numbers to the list for the central broker, and sign it anew."""
    revoked = folder.revoked()
    for serial in found:
        revoked.setdefault(format(serial, "x"), now.isoformat())
    folder.write_revoked(revoked)
    write_revocation_list(folder, now)


def write_revocation_list(folder: OperatorFolder, now: datetime) -> None:
    """Sign the list anew. Without a fresh one a broker refuses *every* home after REVOCATION_LIST_VALID."""
    authority = FleetAuthority.load(folder.authority)
    revoked = {int(serial, 16): datetime.fromisoformat(at) for serial, at in folder.revoked().items()}
    signed = authority.revocation_list(revoked, number=int(now.timestamp()), now=now)
    write_public(folder.revocation_list, signed)


def renew_list(context: Context) -> None:
    """Sign the list anew, as a monthly job does."""
    if context.dry_run:
        context.say("would sign the revocation list anew")
        return
    write_revocation_list(context.folder, context.clock())
    context.say(f"{context.folder.revocation_list} holds for {REVOCATION_LIST_VALID.days} days. {AFTERWARDS}")
