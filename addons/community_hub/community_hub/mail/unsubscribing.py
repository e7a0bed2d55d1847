"""Links by which mail is ended at once and without signing in (RFC 8058): each holds a wish, sealed."""

from typing import Final
from urllib.parse import urlencode

from ..accounts.sealing import SealError, Vault
from ..hub import Hub

PATH: Final = "/mail/unsubscribe"
# Nothing else that is sealed opens it.
_PURPOSE: Final = "end mail of "


def link_to_end(hub: Hub, wish_id: str) -> str:
    """Return the link that ends a wish. What it holds stands in its query, which is in no log."""
    sealed = hub.vault.seal(_PURPOSE + wish_id).decode()
    return f"{hub.settings.public_url}{PATH}?{urlencode({'wish': sealed})}"


def wish_of(vault: Vault, sealed: str) -> str | None:
    """Return which wish a link holds, None: it is none of this hub's."""
    try:
        opened = vault.open(sealed.encode())
    except SealError, ValueError:
        return None
    return opened.removeprefix(_PURPOSE) if opened.startswith(_PURPOSE) else None
