"""Residents who wish mail of a community that can send it, and the real server that it goes to."""

import email
import email.message
import email.policy
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, Final

import httpx
from community_hub.app import build
from community_hub.hub import Hub
from community_hub.mail.relay import Relay
from community_hub.mail.sending import MailSender
from community_hub.outcomes.telling import OutcomeMail

from ..flexibility.communities import Flexible, flexible
from ..mail.smtp_server import SmtpServer
from ..running import SETTINGS, Running

PATH: Final = "/api/v1/account/mail"
WISH: Final = {"language": "en", "zone": "Europe/Amsterdam", "text": "Mail me what comes of invitations."}


@dataclass
class Mailed:
    """A community whose hub sends mail to ``server``."""

    here: Flexible
    hub: Hub
    server: SmtpServer

    async def wish(self, ven_id: str = "home-1", who: httpx.AsyncClient | None = None, **changed: Any) -> Any:
        """Let the household wish mail of a home."""
        answer = await (who or self.here.household).put(f"{PATH}/{ven_id}", json=WISH | changed)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def tell(self) -> list[email.message.EmailMessage]:
        """Let the hub look what there is to tell, and send it; return what came since."""
        await OutcomeMail(hub=self.hub).once()
        return await self.send()

    async def send(self) -> list[email.message.EmailMessage]:
        """Send what is due; return what came."""
        relay = self.hub.settings.relay
        assert relay is not None
        sender = MailSender(hub=self.hub, relay=relay, tls=self.server.trust)
        while await sender.send_due():
            pass
        raw, self.server.mails[:] = list(self.server.mails), []
        return [read(each) for each in raw]


def read(raw: str) -> email.message.EmailMessage:
    """Return a mail as a reader has it."""
    return email.message_from_string(raw.removesuffix("\r\n.\r\n"), policy=email.policy.default)


@asynccontextmanager
async def mailed(hub: Running, *homes: str) -> AsyncIterator[Mailed]:
    """Give a community with these homes, whose hub sends mail."""
    server = SmtpServer()
    async with server.running():
        relay = Relay(host="127.0.0.1", port=server.port, is_tls=True, sender="hub@hub.example")
        hub.hub = replace(hub.hub, settings=replace(SETTINGS, relay=relay))
        hub.app = build(hub.hub)
        yield Mailed(here=await flexible(hub, *homes), hub=hub.hub, server=server)
