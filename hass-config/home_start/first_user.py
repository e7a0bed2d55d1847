"""What has to be true about the first user before Home Assistant starts."""

import logging

from .volume import Volume

_LOGGER = logging.getLogger(__name__)

OWNER = "owner"

# Onboarding's other steps would set up services on the internet: a speaking clock and radio stations.
_SKIPPED_STEPS = ("core_config", "analytics", "integration")


def seed_onboarding(volume: Volume) -> None:
    """Leave only the first user for onboarding to create, on a volume nothing has started on yet."""
    if volume.store("onboarding").exists() or volume.store("auth").exists():
        return
    document = {"version": 4, "minor_version": 1, "key": "onboarding", "data": {"done": [*_SKIPPED_STEPS]}}
    volume.save_store("onboarding", document)


def forget_half_made(volume: Volume) -> None:
    """Undo a first user that a power cut left half made, so that onboarding can create it again.

    Home Assistant writes the password and the end of the step at once, but the user itself a second later.
    """
    auth = volume.load_store("auth")
    if auth is not None and any(user.get("is_owner") for user in auth["data"]["users"]):
        return
    onboarding = volume.load_store("onboarding")
    if onboarding is not None and "user" in onboarding["data"]["done"]:
        onboarding["data"]["done"].remove("user")
        volume.save_store("onboarding", onboarding)
        _LOGGER.info("The first user was not stored: it will be created again")
    passwords = volume.load_store("auth_provider.homeassistant")
    if passwords is not None and any(user["username"] == OWNER for user in passwords["data"]["users"]):
        users = passwords["data"]["users"]
        passwords["data"]["users"] = [user for user in users if user["username"] != OWNER]
        volume.save_store("auth_provider.homeassistant", passwords)
