"""Brings a volume forward: a table of small steps, each done once, in order.

The version rises only when an older release could not live with what a newer one made of the volume,
for a release that finds a newer volume does not start.
"""

import logging
from collections.abc import Callable

from home_common.settings import Settings

from . import component, first_user, http_store, owner_folder, seed_files
from .volume import Volume, VolumeError

type Migration = Callable[[Volume, Settings], None]

_LOGGER = logging.getLogger(__name__)

# The step at index N brings version N to N + 1. Version 0: a new volume, or one from before this service.
MIGRATIONS: tuple[Migration, ...] = (http_store.confirm_trial,)


def bring_forward(volume: Volume, settings: Settings) -> None:
    """Make the volume ready for Home Assistant to start; harmless to repeat, and to interrupt anywhere.

    Raises VolumeError for a volume of a newer release, or a damaged one.
    """
    with volume.state() as state:
        version = state.version
    if version > len(MIGRATIONS):
        raise VolumeError(
            f"This volume has version {version} and was written by a newer release; "
            f"this one knows {len(MIGRATIONS)}. Deploy the newer release again, or restore a backup."
        )
    for number, migrate in enumerate(MIGRATIONS[version:], start=version + 1):
        migrate(volume, settings)
        with volume.state() as state:
            state.version = number
        _LOGGER.info("The volume is at version %d", number)
    http_store.prepare(volume, settings)
    first_user.seed_onboarding(volume)
    first_user.forget_half_made(volume)
    owner_folder.follow_volume(volume, settings)
    seed_files.refresh(volume, settings.path("SEED_FOLDER"))
    component.install(volume, settings.path("COMPONENT_FOLDER"))
