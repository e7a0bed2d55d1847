"""Finds the service's package."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3] / "addons" / "wifi_ap"))
