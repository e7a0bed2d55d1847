"""A PostgreSQL of the tests' own: an unprivileged process on a Unix socket in a folder that goes with it."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

PROGRAMS = Path("/usr/lib/postgresql/15/bin")
_TIMEOUT_S = 60
# In memory where the system has it: a database is some three hundred files.
_MEMORY = Path("/dev/shm")  # noqa: S108 # only the name of a new folder in it is used


@dataclass(frozen=True, kw_only=True)
class Server:
    """A running server; ``folder`` holds its socket."""

    folder: Path

    def url(self, database: str) -> str:
        """Return the URL of a database."""
        return f"postgresql+asyncpg://hub@/{database}?host={self.folder}"

    async def database(self, name: str, *, like: str = "template1") -> str:
        """Return the URL of a new database, a copy of another one; what had its name is gone."""
        engine = create_async_engine(self.url("postgres"), isolation_level="AUTOCOMMIT")
        async with engine.connect() as connection:
            # What a test left open must not keep the next one waiting.
            await connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
            await connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {like}"))
        await engine.dispose()
        return self.url(name)


def is_there() -> bool:
    """Whether Debian's PostgreSQL is installed."""
    return (PROGRAMS / "initdb").exists()


@contextmanager
def running() -> Iterator[Server]:
    """Run a server until the block ends. It refuses to run as root: then it is nobody's."""
    folder = Path(tempfile.mkdtemp(prefix="hub-postgresql-", dir=_MEMORY if _MEMORY.is_dir() else None))
    user = "nobody" if os.geteuid() == 0 else None
    if user is not None:
        shutil.chown(folder, user)
    data = folder / "data"

    def run(*command: str) -> None:
        subprocess.run(  # noqa: S603 # our own arguments
            command, user=user, cwd=folder, check=True, timeout=_TIMEOUT_S, stdout=subprocess.DEVNULL
        )

    def is_ready() -> bool:
        asked = (str(PROGRAMS / "pg_isready"), "-q", "-h", str(folder))
        return subprocess.run(asked, timeout=_TIMEOUT_S, check=False).returncode == 0  # noqa: S603 # as above

    try:
        run(str(PROGRAMS / "initdb"), "-D", str(data), "-U", "hub", "-A", "trust", "--no-sync", "-E", "UTF8")
        # No daemon: whoever ends the tests' group of processes ends it too.
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(  # noqa: S603 # our own arguments
                [str(PROGRAMS / "postgres"), "-D", str(data), "-k", str(folder), "-h", "", "-F"],
                user=user,
                cwd=folder,
                stdout=log,
                stderr=log,
            )
        try:
            while not is_ready():
                assert server.poll() is None, (folder / "log").read_text()
                time.sleep(0.05)
            yield Server(folder=folder)
        finally:
            server.send_signal(signal.SIGQUIT)
            server.wait(_TIMEOUT_S)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
