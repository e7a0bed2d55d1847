"""The network of a home: a bridge, and for every service a network namespace of its own."""

import asyncio
import os
import signal
from contextlib import suppress
from ipaddress import IPv4Address

from ..processes import StackError
from .compose import Home


def need_root() -> None:
    """Refuse who may make no networks. Raises StackError."""
    if os.geteuid():
        raise StackError("Network namespaces need root")


class Network:
    """``up`` makes it, ``down`` removes it; names carry ``number``, which no other has."""

    def __init__(self, home: Home, others: dict[str, IPv4Address], *, number: int) -> None:
        """Prepare; ``others`` are hosts beside the services, such as the centre."""
        self._home = home
        self._number = number
        self._bridge = f"home-flex-{number}"
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
        return f"{self._bridge}-{name.replace('_', '-')}"

    async def up(self) -> None:
        """Make it; what is there under its names was cut off. Raises StackError when there is no right to."""
        await self.down()
        try:
            await _ip("link", "add", self._bridge, "type", "bridge")
        except StackError as error:
            raise StackError(f"A deployed home cannot be started here: {error}") from error
        await _ip("addr", "add", f"{self._home.gateway}/{self._home.network.prefixlen}", "dev", self._bridge)
        await _ip("link", "set", self._bridge, "up")
        for name, address in self.addresses.items():
            await self._add(name, address)

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
            await _ip("link", "del", self._bridge)

    async def cut(self, name: str) -> None:
        """Cut a host's line: nothing arrives, and nobody is told."""
        await _ip("link", "set", self._link(name), "down")

    async def mend(self, name: str) -> None:
        """Put the line back."""
        await _ip("link", "set", self._link(name), "up")

    def _link(self, name: str) -> str:
        return f"hflex{self._number}-{list(self.addresses).index(name)}"

    async def _add(self, name: str, address: IPv4Address) -> None:
        namespace, link = self.namespace(name), self._link(name)
        await _ip("netns", "add", namespace)
        await _ip("link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", namespace)
        await _ip("link", "set", link, "master", self._bridge, "up")
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
