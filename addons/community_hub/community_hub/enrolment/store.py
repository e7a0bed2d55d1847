"""Keeps codes (as slow hashes), what was issued for them, and who asked. SQLite, one file.

A code is spent by one conditional UPDATE inside a transaction, so that of any number of requests, in any
number of processes, exactly one wins. An attempt is counted *before* the code is compared, so that guessing
in parallel gains nothing.
"""

import hashlib
import hmac
import secrets
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal

from .authority import serial_number
from .codes import normalised

# Of one visitor at one home's code. Of all together so few that a code of 46 bits stays as good as unguessed,
# and so many that a stranger needs a thousand addresses to shut a home out.
MOST_ATTEMPTS: Final = 10
MOST_ATTEMPTS_OF_ALL: Final = 10_000
MOST_AUDIT_LINES: Final = 100_000
_SCRYPT_COST: Final = 2**14  # with r = 8: 16 MiB and some 50 ms a guess (RFC 7914, section 2)
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS code (
    ven_id TEXT PRIMARY KEY, salt BLOB NOT NULL, hash BLOB NOT NULL, expires_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0, redeemed_at INTEGER
) STRICT;
CREATE TABLE IF NOT EXISTS attempt (
    ven_id TEXT NOT NULL, address TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (ven_id, address)
) STRICT;
CREATE TABLE IF NOT EXISTS certificate (
    serial TEXT PRIMARY KEY, ven_id TEXT NOT NULL, issued_at INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS audit (
    at INTEGER NOT NULL, ven_id TEXT NOT NULL, address TEXT NOT NULL, action TEXT NOT NULL, outcome TEXT NOT
    NULL
) STRICT;
"""

type Clock = Callable[[], datetime]
type State = Literal["open", "redeemed", "expired", "locked"]


class EnrolmentRefused(Exception):  # noqa: N818 # a refusal is an answer of the service, not a fault in it
    """The code does not open this enrolment; deliberately says no more."""

    def __init__(self) -> None:
        """Carry the one message every refusal has."""
        super().__init__("This code is wrong, used or expired. Ask your community operator for a new one.")


@dataclass(frozen=True, kw_only=True, slots=True)
class Enrolment:
    """What the operator may know about a home's enrolment: its state and the serial numbers issued."""

    ven_id: str
    state: State
    expires_at: datetime
    serials: tuple[int, ...]


class EnrolmentStore:
    """All enrolments, in one SQLite file. Every method blocks: call it from a worker thread."""

    def __init__(self, path: Path, *, clock: Clock = lambda: datetime.now(UTC)) -> None:
        """Open or create the store, readable by its owner only."""
        self._path = path
        self._clock = clock
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        with closing(self._connect()) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(_SCHEMA)

    def admit(self, ven_id: str, code: str, expires_at: datetime) -> Enrolment:
        """Let a home enrol with this code until it expires.

        The same code again changes nothing, spent or not, but that who tried in vain may try anew.
        """
        found = self._row(ven_id)
        if found is None or not hmac.compare_digest(_hash(code, found["salt"]), found["hash"]):
            salt = secrets.token_bytes(16)
            with self._transaction() as connection:
                connection.execute(
                    "INSERT OR REPLACE INTO code (ven_id, salt, hash, expires_at) VALUES (?, ?, ?, ?)",
                    (ven_id, salt, _hash(code, salt), int(expires_at.timestamp())),
                )
                connection.execute("DELETE FROM attempt WHERE ven_id = ?", (ven_id,))
                self._note(connection, ven_id, "operator", "admit", "new code")
        elif found["attempts"]:
            with self._transaction() as connection:
                connection.execute("UPDATE code SET attempts = 0 WHERE ven_id = ?", (ven_id,))
                connection.execute("DELETE FROM attempt WHERE ven_id = ?", (ven_id,))
                self._note(connection, ven_id, "operator", "admit", "attempts forgotten")
        enrolment = self.enrolment(ven_id)
        if enrolment is None:
            raise LookupError(ven_id)
        return enrolment

    def redeem(self, ven_id: str, code: str, sign: Callable[[], str], *, address: str) -> str:
        """Spend the code and return the certificate ``sign`` makes; when it raises, the code is not spent.

        Raises EnrolmentRefused for a wrong, used, expired or locked code and for an unknown home alike,
        after the same work.
        """
        may_try = self._count_attempt(ven_id, address)
        found = self._row(ven_id)
        salt, expected = (found["salt"], found["hash"]) if found else (bytes(16), bytes(32))
        if not hmac.compare_digest(_hash(code, salt), expected) or not may_try:
            raise self._refused(ven_id, address)
        with self._transaction() as connection:
            now = self._now()
            spent = connection.execute(
                "UPDATE code SET redeemed_at = ? WHERE ven_id = ? AND hash = ? AND redeemed_at IS NULL",
                (now, ven_id, expected),
            )
            if spent.rowcount == 1:
                certificate = sign()
                connection.execute(
                    "INSERT INTO certificate VALUES (?, ?, ?)", (str(serial_number(certificate)), ven_id, now)
                )
                self._note(connection, ven_id, address, "redeem", "issued")
                return certificate
        raise self._refused(ven_id, address)

    def enrolment(self, ven_id: str) -> Enrolment | None:
        """Return what is known about a home, None when it was never admitted."""
        found = self._row(ven_id)
        if found is None:
            return None
        with closing(self._connect()) as connection:
            serials = connection.execute(
                "SELECT serial FROM certificate WHERE ven_id = ?", (ven_id,)
            ).fetchall()
        return Enrolment(
            ven_id=ven_id,
            state=self._state(found),
            expires_at=datetime.fromtimestamp(found["expires_at"], UTC),
            serials=tuple(int(row["serial"]) for row in serials),
        )

    def erase(self, ven_id: str) -> None:
        """Forget a home: its code, what was issued for it, and its lines in the audit log but this one."""
        with self._transaction() as connection:
            for table in ("code", "attempt", "certificate", "audit"):
                connection.execute(f"DELETE FROM {table} WHERE ven_id = ?", (ven_id,))  # noqa: S608 # its own names
            self._note(connection, ven_id, "operator", "erase", "done")

    def audit(self) -> list[tuple[datetime, str, str, str, str]]:
        """Return the audit log, oldest first.

        Time, venID, address, action, outcome. No code, hash or key is in it.
        """
        with closing(self._connect()) as connection:
            rows = connection.execute("SELECT * FROM audit ORDER BY rowid").fetchall()
        return [
            (
                datetime.fromtimestamp(row["at"], UTC),
                row["ven_id"],
                row["address"],
                row["action"],
                row["outcome"],
            )
            for row in rows
        ]

    def _count_attempt(self, ven_id: str, address: str) -> bool:
        with self._transaction() as connection:
            counted = connection.execute(
                "UPDATE code SET attempts = attempts + 1"
                " WHERE ven_id = ? AND redeemed_at IS NULL AND expires_at > ? AND attempts < ?"
                " AND coalesce((SELECT count FROM attempt WHERE ven_id = ? AND address = ?), 0) < ?",
                (ven_id, self._now(), MOST_ATTEMPTS_OF_ALL, ven_id, address, MOST_ATTEMPTS),
            )
            if counted.rowcount != 1:
                return False
            connection.execute(
                "INSERT INTO attempt VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET count = count + 1",
                (ven_id, address),
            )
            return True

    def _refused(self, ven_id: str, address: str) -> EnrolmentRefused:
        with self._transaction() as connection:
            self._note(connection, ven_id, address, "redeem", "refused")
        return EnrolmentRefused()

    def _state(self, row: sqlite3.Row) -> State:
        if row["redeemed_at"] is not None:
            return "redeemed"
        if row["expires_at"] <= self._now():
            return "expired"
        return "locked" if row["attempts"] >= MOST_ATTEMPTS_OF_ALL else "open"

    def _row(self, ven_id: str) -> sqlite3.Row | None:
        with closing(self._connect()) as connection:
            row: sqlite3.Row | None = connection.execute(
                "SELECT * FROM code WHERE ven_id = ?", (ven_id,)
            ).fetchone()
            return row

    def _note(
        self, connection: sqlite3.Connection, ven_id: str, address: str, action: str, outcome: str
    ) -> None:
        connection.execute(
            "INSERT INTO audit VALUES (?, ?, ?, ?, ?)", (self._now(), ven_id, address, action, outcome)
        )
        connection.execute(
            "DELETE FROM audit WHERE rowid <= (SELECT max(rowid) FROM audit) - ?", (MOST_AUDIT_LINES,)
        )

    def _now(self) -> int:
        return int(self._clock().timestamp())

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=10, autocommit=True)
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA synchronous = FULL")
        return connection

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with closing(self._connect()) as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")


def _hash(code: str, salt: bytes) -> bytes:
    return hashlib.scrypt(normalised(code).encode(), salt=salt, n=_SCRYPT_COST, r=8, p=1, dklen=32)
