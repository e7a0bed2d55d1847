"""The network of a home: a bridge, and for every service a network namespace of its own."""

import asyncio
import os
import signal
from contextlib import suppress
from ipaddress import IPv4Address

from ..processes import StackError
from .compose import Home

BRIDGE = "home-flex"


class Network:
    """``up`` makes it, ``down`` removes it; one at a time on a machine, since the addresses are fixed."""

    def __init__(self, home: Home, others: dict[str, IPv4Address]) -> None:
        """Prepare; ``others`` are hosts beside the services, such as the centre."""
        self._home = home
        self.addresses = {
            **{service.name: service.address for service in home.services.values() if service.address},
            **others,
        }

    @property
    def hosts(self) -> str:
        """What every host finds in /etc/hosts."""
        lines = ["127.0.0.1 localhost", *(f"{address} {name}" for name, address in self.addresses.items())]
        return "\n".join([*lines, ""])

    def namespace(self, name: str) -> str:
        """Return the network namespace of a host."""
        return f"home-flex-{name.replace('_', '-')}"

    async def up(self) -> None:
        """Make it. Raises StackError when there is no right to, or when it is there already."""
        try:
            await _ip("link", "add", BRIDGE, "type", "bridge")
        except StackError as error:
            raise StackError(
                f"A deployed home cannot be started here: {error}; try scripts/home down"
            ) from error
        await _ip("addr", "add", f"{self._home.gateway}/{self._home.network.prefixlen}", "dev", BRIDGE)
        await _ip("link", "set", BRIDGE, "up")
        for number, (name, address) in enumerate(self.addresses.items()):
            await self._add(number, name, address)

    async def down(self) -> None:
        """Remove whatever of it is there, and end what a host that was cut off left running in it."""
        for name in self.addresses:
            with suppress(StackError):
                for pid in (await _ip("netns", "pids", self.namespace(name))).split():
                    with suppress(ProcessLookupError):
                        os.kill(int(pid), signal.SIGKILL)
                await _ip("netns", "del", self.namespace(name))
            with suppress(StackError):
                await _ip("link", "del", self._link(name))
        with suppress(StackError):
            await _ip("link", "del", BRIDGE)

    async def cut(self, name: str) -> None:
        """Cut a host's line: nothing arrives, and nobody is told."""
        await _ip("link", "set", self._link(name), "down")

    async def mend(self, name: str) -> None:
        """Put the line back."""
        await _ip("link", "set", self._link(name), "up")

    def _link(self, name: str) -> str:
        return f"hflex{list(self.addresses).index(name)}"

    async def _add(self, number: int, name: str, address: IPv4Address) -> None:
        namespace, link = self.namespace(name), f"hflex{number}"
        await _ip("netns", "add", namespace)
        await _ip("link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", namespace)
        await _ip("link", "set", link, "master", BRIDGE, "up")
        await _ip("-n", namespace, "link", "set", "lo", "up")
        await _ip("-n", namespace, "addr", "add", f"{address}/{self._home.network.prefixlen}", "dev", "eth0")
        await _ip("-n", namespace, "link", "set", "eth0", "up")


async def _ip(*words: str) -> str:
    process = await asyncio.create_subprocess_exec(
        "ip", *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    answer, complaint = await process.communicate()
    if process.returncode:
        raise StackError(f"ip {' '.join(words)}: {complaint.decode().strip()}")
    return answer.decode()
