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
_EMPTY = (
    # What a test left open must not keep the next one waiting.
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname > '' AND pid <> pg_backend_pid()",
    "DROP SCHEMA public CASCADE",
    "CREATE SCHEMA public",
)


@dataclass(frozen=True, kw_only=True)
class Server:
    """A running server; ``folder`` holds its socket."""

    folder: Path

    async def emptied(self) -> str:
        """Return the URL of the one database, after all that was in it is gone: quicker than a new one."""
        url = f"postgresql+asyncpg://hub@/postgres?host={self.folder}"
        engine = create_async_engine(url, isolation_level="AUTOCOMMIT")
        async with engine.connect() as connection:
            for statement in _EMPTY:
                await connection.execute(text(statement))
        await engine.dispose()
        return url


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
