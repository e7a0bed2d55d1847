"""Loaded by ``-p`` before the harness' entry point, which lags one Home Assistant release behind.

Home Assistant aliases httpx at its first import, and refuses when the harness' own dependencies imported it
before; and the harness looks for a logger helper where the release before this one had it.
"""

import homeassistant  # noqa: F401 # first, before anything imports httpx
from homeassistant.components import logger
from homeassistant.components.logger import helpers

_NAME = "_clear_logger_overwrites"

if not hasattr(logger, _NAME) and hasattr(helpers, _NAME):
    setattr(logger, _NAME, getattr(helpers, _NAME))
