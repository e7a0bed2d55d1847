"""Makes the folders ready as root, and then gives root up for good."""

import os
from collections.abc import Iterable
from pathlib import Path


def prepare(data: Path, credentials: Iterable[Path], *, user: int, group: int) -> None:
    """Create the folders; as root also hand them over, and become that user. Raises OSError.

    Two services write into each credential folder: it stays root's, and the group may write.
    """
    for folder in (data, *credentials):
        folder.mkdir(mode=0o750, parents=True, exist_ok=True)
    if os.geteuid() != 0:
        return
    if data.stat().st_uid != user:
        _hand_over(data, user, group)
    for folder in credentials:
        os.chown(folder, 0, group)
        folder.chmod(0o2770)
    os.setgroups([group])
    os.setgid(group)
    os.setuid(user)


def _hand_over(data: Path, user: int, group: int) -> None:
    for folder, names, files in os.walk(data):
        for name in (*names, *files):
            os.lchown(Path(folder) / name, user, group)
    # Last, so that a kill before is noticed at the next start.
    os.chown(data, user, group)
