"""``python3 -m community_hub.container``: the hub as a Home Assistant app and as a container.

It reads what only the administrator may (the app's options, the certificate's key), becomes an ordinary user,
and runs the service and, where a broker is named, the wire beside it. When one of them ends, so does the
other: whoever keeps the container starts it again.
"""

import asyncio
import logging
import os
import signal
import ssl
import sys
import urllib.request
from asyncio.subprocess import Process, create_subprocess_exec
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from home_common.settings import Settings, SettingsError

from .settings import DEFAULTS

PORT: Final = 8090
OPTIONS: Final[Mapping[str, str]] = {
    **DEFAULTS,
    "HUB_INGEST_PASSWORD": "",
    "HUB_DISPATCH_PASSWORD": "",
    # HOST:PORT of the hub's own door to the broker; without it homes are reached over HTTPS alone.
    "HUB_BROKER": "",
    "HUB_BROKER_CA": "",
    "HUB_TLS_CERTIFICATE": "fullchain.pem",
    "HUB_TLS_KEY": "privkey.pem",
}
_SECRETS: Final = (Path("/run/secrets"),)
_USER: Final = 1000
_GROUP: Final = 1000
_PATIENCE_S: Final = 15.0
_HEALTH_S: Final = 4.0
_ENDING: Final = (signal.SIGTERM, signal.SIGINT)
_CANNOT_START: Final = 78  # EX_CONFIG of sysexits.h
_LOG: Final = logging.getLogger("community_hub.container")


@dataclass(frozen=True, kw_only=True, slots=True)
class Places:
    """Where a container has what it is given, and what it keeps."""

    data: Path = Path("/data")
    certificates: Path = Path("/ssl")
    # In memory: the key is never on a disk that the hub can write.
    run: Path = Path("/dev/shm/community_hub")  # noqa: S108 # made here, for its user alone

    @property
    def certificate(self) -> Path:
        """The copy of the certificate that the service reads."""
        return self.run / "certificate.pem"

    @property
    def key(self) -> Path:
        """The copy of its key."""
        return self.run / "key.pem"


def prepare(settings: Settings, places: Places) -> None:
    """Copy certificate and key to where the user reads them, and hand the data over. Raises OSError.

    Raises SettingsError without a public address, which is encrypted as the service is.
    """
    if not settings.text("HUB_PUBLIC_URL").startswith("https://"):
        raise SettingsError("HUB_PUBLIC_URL is not an address that begins with https://")
    places.run.mkdir(mode=0o700, exist_ok=True)
    named = {places.certificate: "HUB_TLS_CERTIFICATE", places.key: "HUB_TLS_KEY"}
    for copy, name in named.items():
        copy.write_bytes((places.certificates / settings.text(name)).read_bytes())
        copy.chmod(0o400)
    if os.geteuid() == 0:
        for path in (places.run, *named, places.data, *places.data.iterdir()):
            os.chown(path, _USER, _GROUP, follow_symlinks=False)


def become_ordinary() -> None:
    """Give up the administrator's rights."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(_GROUP)
        os.setuid(_USER)


def commands(settings: Settings, places: Places, *, port: int = PORT) -> list[list[str]]:
    """Return what is run: the service, and the wire where there is a broker."""
    serve = ["community_hub.serve", "--host", "0.0.0.0", "--port", str(port)]  # noqa: S104 # of the container
    found = [[*serve, "--tls-certificate", str(places.certificate), "--tls-key", str(places.key)]]
    if broker := settings.optional("HUB_BROKER"):
        authority = settings.optional("HUB_BROKER_CA")
        trusted = [] if authority is None else ["--broker-ca", str(places.certificates / authority)]
        found.append(["community_hub.wire", "--broker", broker, *trusted])
    return [[sys.executable, "-m", *words] for words in found]


def environment(settings: Settings, environ: Mapping[str, str]) -> dict[str, str]:
    """Return what the processes find of the options: no secret is a word of a command line."""
    told = {name: value for name in OPTIONS if (value := settings.optional(name)) is not None}
    return {**environ, **told}


async def run(started: Sequence[Sequence[str]], environ: Mapping[str, str]) -> int:
    """Run the processes until one of them ends or a signal comes. Returns 0 for a signal, else 1."""
    stop = asyncio.Event()
    for number in _ENDING:
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    processes = [await create_subprocess_exec(*words, env=dict(environ)) for words in started]
    ended = [asyncio.ensure_future(each.wait()) for each in processes]
    told = asyncio.ensure_future(stop.wait())
    await asyncio.wait([told, *ended], return_when=asyncio.FIRST_COMPLETED)
    was_told = stop.is_set()
    if not was_told:
        _LOG.error("A process of the hub has ended; the others are ended too")
    told.cancel()
    await asyncio.gather(*(_ended(each) for each in processes))
    for number in _ENDING:
        asyncio.get_running_loop().remove_signal_handler(number)
    return 0 if was_told else 1


async def _ended(process: Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(_PATIENCE_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


def is_healthy(places: Places, *, port: int = PORT) -> bool:
    """Whether the hub answers with the certificate that it was given, and its database with it."""
    context = ssl.create_default_context(cafile=str(places.certificate))
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    # It is asked by its address within the container, which no certificate names.
    context.check_hostname = False
    try:
        with urllib.request.urlopen(
            f"https://127.0.0.1:{port}/health", timeout=_HEALTH_S, context=context
        ) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def main(arguments: Sequence[str], places: Places | None = None) -> int:
    """Run the hub, or ask how it is (``health``)."""
    there = places or Places()
    if arguments == ["health"]:
        return 0 if is_healthy(there) else 1
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    os.umask(0o077)
    try:
        settings = Settings.load(OPTIONS, options=there.data / "options.json", secrets=_SECRETS)
        prepare(settings, there)
    except (SettingsError, OSError) as error:
        _LOG.error("The hub cannot start: %s", error)  # a trace back helps no operator
        return _CANNOT_START
    become_ordinary()
    return asyncio.run(run(commands(settings, there), environment(settings, os.environ)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
