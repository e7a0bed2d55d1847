"""The server that the hub's mail goes to: over TLS whose certificate is verified, or not at all.

``smtps://USER@HOST:465`` speaks TLS from the first byte (RFC 8314), ``smtp://USER@HOST:587`` begins it by
STARTTLS (RFC 3207) before anything is said; a server that offers none gets nothing.
"""

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, make_msgid
from typing import Final, Self
from urllib.parse import unquote, urlsplit

from home_common.settings import SettingsError

PATIENCE_S: Final = 10.0
_PORTS: Final = {"smtps": 465, "smtp": 587}


@dataclass(frozen=True, kw_only=True, slots=True)
class Relay:
    """Where mail goes, and from whom. ``is_tls``: from the first byte on."""

    host: str
    port: int
    is_tls: bool
    sender: str
    username: str | None = None
    password: str | None = None

    @classmethod
    def of(cls, url: str, *, sender: str, password: str | None) -> Self:
        """Read an address. Raises SettingsError, which names no secret."""
        try:
            parts = urlsplit(url)
            port = parts.port or _PORTS[parts.scheme]
        except (KeyError, ValueError) as error:
            raise SettingsError("HUB_SMTP_URL is neither smtps://… nor smtp://…") from error
        if not parts.hostname or parts.password is not None:
            raise SettingsError("HUB_SMTP_URL names no server, or a password: that is HUB_SMTP_PASSWORD")
        if (parts.username is None) != (password is None):
            raise SettingsError("a user in HUB_SMTP_URL and HUB_SMTP_PASSWORD belong together")
        return cls(
            host=parts.hostname,
            port=port,
            is_tls=parts.scheme == "smtps",
            sender=sender,
            username=None if parts.username is None else unquote(parts.username),
            password=password,
        )

    def __repr__(self) -> str:
        """Return where it is, without whom it signs in as."""
        return f"Relay({self.host}:{self.port})"


@dataclass(frozen=True, kw_only=True, slots=True)
class Letter:
    """What is sent to whom. ``unsubscribe``: the link that ends mail of its kind (RFC 8058, over https)."""

    recipient: str
    subject: str
    text: str
    unsubscribe: str | None = None


def send(relay: Relay, letter: Letter, tls: ssl.SSLContext | None = None) -> None:
    """Hand a mail over, within some multiples of ``PATIENCE_S``; it blocks, so call it in a thread.

    ``tls`` says whom to trust, None: the public authorities. Raises OSError (of which smtplib's are), and
    ValueError for a header of several lines.
    """
    context = tls or ssl.create_default_context()
    # A link is one word: folded, it would be encoded, and lead nowhere (RFC 5322 has lines of 998).
    message = EmailMessage(policy=SMTP.clone(max_line_length=998))
    message["From"], message["To"], message["Subject"] = relay.sender, letter.recipient, letter.subject
    message["Date"] = formatdate(usegmt=True)
    message["Message-ID"] = make_msgid(domain=relay.sender.rpartition("@")[2])
    # Nobody's holiday answers it (RFC 3834).
    message["Auto-Submitted"] = "auto-generated"
    if letter.unsubscribe is not None:
        message["List-Unsubscribe"] = f"<{letter.unsubscribe}>"
        if letter.unsubscribe.startswith("https:"):
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(letter.text)
    with _connected(relay, context) as server:
        if relay.username is not None and relay.password is not None:
            server.login(relay.username, relay.password)
        server.send_message(message)


def _connected(relay: Relay, context: ssl.SSLContext) -> smtplib.SMTP:
    if relay.is_tls:
        return smtplib.SMTP_SSL(relay.host, relay.port, timeout=PATIENCE_S, context=context)
    server = smtplib.SMTP(relay.host, relay.port, timeout=PATIENCE_S)
    try:
        server.starttls(context=context)
    except BaseException:
        server.close()
        raise
    return server
