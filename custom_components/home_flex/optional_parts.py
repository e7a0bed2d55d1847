"""Parts of Home Assistant that a home may do without: the recorder, the Energy dashboard.

The manifest names none of them, not even among what is to be set up first: Home Assistant then keeps an
integration from starting when one of them fails, as the recorder does on a full disk or while its database
server is away. The main fuse is guarded without them.
"""

from importlib import import_module
from types import ModuleType

from homeassistant.core import HomeAssistant


def part(hass: HomeAssistant, domain: str, module: str = "") -> ModuleType | None:
    """Return a loaded integration's module, or one below it; None where the integration is not loaded.

    Its own set-up has imported it, so that nothing is read from the disk here.
    """
    if domain not in hass.config.components:
        return None
    return import_module(".".join(filter(None, ("homeassistant.components", domain, module))))
