"""The broker where Mosquitto is missing and may not be installed: amqtt, with passwords, on 127.0.0.1.

Run as ``python -m scripts.home_stack.embedded_broker SETTINGS.json``; ends on SIGTERM.
"""

import asyncio
import json
import logging
import signal
import sys
from dataclasses import dataclass
from hmac import compare_digest
from pathlib import Path

from amqtt.broker import Broker  # type: ignore[import-untyped] # amqtt ships no types
from amqtt.contexts import Action, BaseContext  # type: ignore[import-untyped] # amqtt ships no types
from amqtt.plugins.base import BaseAuthPlugin, BaseTopicPlugin  # type: ignore[import-untyped] # amqtt ships no types
from amqtt.session import Session  # type: ignore[import-untyped] # amqtt ships no types


class PasswordPlugin(BaseAuthPlugin):  # type: ignore[misc] # as above
    """Lets in who knows the password of an account."""

    @dataclass
    class Config:
        """Passwords by user name."""

        accounts: dict[str, str]

    def __init__(self, context: BaseContext) -> None:
        """Read the accounts."""
        super().__init__(context)
        self._accounts: dict[str, str] = self.config.accounts

    async def authenticate(self, *, session: Session) -> bool | None:
        """Compare the password."""
        known = self._accounts.get(session.username or "")
        return known is not None and compare_digest(known, session.password or "")


class OwnTopicsPlugin(BaseTopicPlugin):  # type: ignore[misc] # as above
    """Keeps a home to the topics below its own venID."""

    @dataclass
    class Config:
        """The home's user name and the root of its topics."""

        home: str
        root: str

    async def topic_filtering(
        self,
        *,
        session: Session | None = None,
        topic: str | None = None,
        action: Action | None = None,  # noqa: ARG002 # amqtt passes it; reading and writing follow the same rule
    ) -> bool | None:
        """Let the aggregator everywhere, the home to its own topics."""
        if session is None or session.username != self.config.home:
            return True
        return (topic or "").startswith(f"{self.config.root}/")


async def serve(settings: dict[str, object]) -> None:
    """Serve until SIGTERM."""
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    module = "scripts.home_stack.embedded_broker"
    broker = Broker(
        {
            "listeners": {"default": {"type": "tcp", "bind": f"127.0.0.1:{settings['port']}"}},
            "plugins": {
                f"{module}.PasswordPlugin": {"accounts": settings["accounts"]},
                f"{module}.OwnTopicsPlugin": {
                    "home": settings["home"],
                    "root": f"home_flex/vens/{settings['home']}",
                },
            },
        }
    )
    await broker.start()
    await ended.wait()
    await broker.shutdown()


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    asyncio.run(serve(json.loads(Path(sys.argv[1]).read_text())))
