"""One SQLite file and the one thread that works on it."""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from .database import HistoryError, reason_of


class FileThread:
    """Work on a file is done in turn, in a thread of its own, and finished before the file is closed.

    ``name`` says in errors and in the list of threads whose it is.
    """

    def __init__(self, name: str) -> None:
        """Start without a file."""
        self._name = name
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"home_flex_{name}")
        self._connection: sqlite3.Connection | None = None
        self._closed = False

    @property
    def connection(self) -> sqlite3.Connection:
        """The open file; to be used in the thread. Raises HistoryError when there is none."""
        if self._connection is None:
            raise HistoryError("The store is not open")
        return self._connection

    def use(self, connection: sqlite3.Connection) -> None:
        """Work on this file from now on, and close the one before; in the thread."""
        self._close_file()
        self._connection = connection

    async def run[Result](self, work: Callable[[], Result]) -> Result:
        """Do something in the thread. Raises HistoryError when it is closed, or when SQLite fails."""
        if self._closed:
            raise HistoryError("The store is closed")
        try:
            return await asyncio.get_running_loop().run_in_executor(self._executor, work)
        except sqlite3.Error as error:
            raise HistoryError(f"The {self._name} failed: {error}", reason_of(error)) from error

    async def close(self) -> None:
        """Finish what was begun and close the file; closing twice is fine."""
        if self._closed:
            return
        self._closed = True
        closing = self._executor.submit(self._close_file)
        self._executor.shutdown(wait=False)
        await asyncio.wrap_future(closing)

    def _close_file(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
