"""A PostgreSQL of the tests' own: an unprivileged process on a Unix socket in a folder that goes with it."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

PROGRAMS = Path("/usr/lib/postgresql/15/bin")
_TIMEOUT_S = 60


@dataclass(frozen=True, kw_only=True)
class Server:
    """A running server; ``folder`` holds its socket."""

    folder: Path

    async def new_database(self, name: str) -> str:
        """Make an empty database and return its URL."""
        engine = create_async_engine(
            f"postgresql+asyncpg://hub@/postgres?host={self.folder}", isolation_level="AUTOCOMMIT"
        )
        async with engine.connect() as connection:
            await connection.execute(text(f'CREATE DATABASE "{name}"'))
        await engine.dispose()
        return f"postgresql://hub@/{name}?host={self.folder}"


def is_there() -> bool:
    """Whether Debian's PostgreSQL is installed."""
    return (PROGRAMS / "initdb").exists()


@contextmanager
def running() -> Iterator[Server]:
    """Run a server until the block ends. It refuses to run as root: then it is nobody's."""
    folder = Path(tempfile.mkdtemp(prefix="hub-postgresql-"))
    user = "nobody" if os.geteuid() == 0 else None
    if user is not None:
        shutil.chown(folder, user)
    data = folder / "data"

    def run(*command: str) -> None:
        subprocess.run(  # noqa: S603 # our own arguments
            command, user=user, cwd=folder, check=True, timeout=_TIMEOUT_S, stdout=subprocess.DEVNULL
        )

    options = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off"
    try:
        run(str(PROGRAMS / "initdb"), "-D", str(data), "-U", "hub", "-A", "trust", "--no-sync", "-E", "UTF8")
        run(
            str(PROGRAMS / "pg_ctl"), "-D", str(data), "-w", "-l", str(folder / "log"), "-o", options, "start"
        )
        try:
            yield Server(folder=folder)
        finally:
            run(str(PROGRAMS / "pg_ctl"), "-D", str(data), "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
