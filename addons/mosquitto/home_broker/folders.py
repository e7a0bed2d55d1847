"""Makes the folders ready, as root when it has to be, and then gives root up for good."""

import os
from collections.abc import Iterable
from pathlib import Path

from .configuration import Configuration


def prepare(wanted: Configuration, credentials: Iterable[Path]) -> None:
    """Create the folders; as root also hand them over, and become the broker's user. Raises OSError.

    Two services write into each credential folder: it stays root's, and the home's group may write.
    """
    folders = [wanted.data, wanted.run]
    for folder in (*folders, *credentials):
        folder.mkdir(mode=0o750, parents=True, exist_ok=True)
    if os.geteuid() == 0:
        _hand_over(wanted, folders, credentials)
    wanted.run.chmod(0o700)


def _hand_over(wanted: Configuration, folders: Iterable[Path], credentials: Iterable[Path]) -> None:
    user, group = wanted.run_as
    for top in folders:
        for parent, names, files in os.walk(top):
            for name in (*names, *files):
                os.lchown(Path(parent) / name, user, group)
        os.chown(top, user, group)
    for folder in credentials:
        os.chown(folder, 0, wanted.home_group)
        folder.chmod(0o2770)
    os.setgroups([wanted.home_group])
    os.setgid(group)
    os.setuid(user)
