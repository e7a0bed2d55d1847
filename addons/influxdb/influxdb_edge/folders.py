"""Makes the folders ready as root, and then gives root up for good."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn


def prepare(data: Path, credentials: Sequence[Path], *, user: int, group: int) -> None:
    """Create the folders; as root also hand them over, and become that user. Raises OSError.

    Two services write into each credential folder: it stays root's, and the group may write.
    """
    for folder in (data, *credentials):
        folder.mkdir(mode=0o750, parents=True, exist_ok=True)
    if os.geteuid() != 0:
        return
    try:
        _hand_over(data, credentials, user, group)
        os.setgroups([group])
    except PermissionError:
        # Compose has taken root's capabilities away: it owns what it needs, and has nothing to give up.
        return
    os.setgid(group)
    os.setuid(user)


def _hand_over(data: Path, credentials: Sequence[Path], user: int, group: int) -> None:
    if data.stat().st_uid != user:
        # From the leaves up, so that a kill half-way is noticed and mended at the next start.
        for folder, names, files in data.walk(top_down=False, on_error=_fail):
            for name in (*names, *files):
                os.lchown(folder / name, user, group)
        os.chown(data, user, group)
    for folder in credentials:
        os.chown(folder, 0, group)
        folder.chmod(0o2770)


def _fail(error: OSError) -> NoReturn:
    raise error
