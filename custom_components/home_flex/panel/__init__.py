"""The panel in Home Assistant's sidebar: what a resident sees of the home, and decides."""

from .bundle import Bundle, async_remove_panel, async_serve_panel, async_show_panel
from .commands import FEED, async_register_commands
from .first_run_commands import async_register_first_run

__all__ = [
    "FEED",
    "Bundle",
    "async_register_commands",
    "async_register_first_run",
    "async_remove_panel",
    "async_serve_panel",
    "async_show_panel",
]
