"""``scripts/hub broker_files FOLDER [--user NAME]``: exit code 0 all good, 1 not, 2 wrong words."""

import argparse
import pwd
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from .check import Reader, problems

# The user of the image eclipse-mosquitto.
_MOSQUITTO: Final = "1883"


def main(arguments: list[str]) -> int:
    """Say what is wrong, a line each."""
    parser = argparse.ArgumentParser(
        prog="scripts/hub broker_files",
        description="Look at what the broker reads, before it is told to read it.",
    )
    parser.add_argument("folder", type=Path, help="where mosquitto.conf and its files are")
    parser.add_argument("--user", default=_MOSQUITTO, help="name or number of the broker's user")
    words = parser.parse_args(arguments)
    try:
        reader = _reader(words.user)
    except KeyError:
        parser.error(f"this machine knows no user {words.user}")
    found = problems(words.folder, reader, datetime.now(UTC))
    for problem in found:
        print(problem, file=sys.stderr)
    return 1 if found else 0


def _reader(user: str) -> Reader:
    if user.isdecimal():
        # In the image the group has the same number; a machine outside need not know either.
        return Reader(user_id=int(user), group_id=int(user))
    known = pwd.getpwnam(user)
    return Reader(user_id=known.pw_uid, group_id=known.pw_gid)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
