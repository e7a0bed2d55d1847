"""What is typed into EV chargers, so that they may dial in; the first start leaves it with the owner."""

from pathlib import Path
from typing import Final

# OCPP's limit (2.0.1, variable BasicAuthPassword); what the first start keeps is longer.
MOST_PASSWORD_CHARACTERS: Final = 40


def charger_passwords(folder: Path) -> dict[str, str]:
    """Return each charger's password by its identity. Blocks for a moment; raises OSError."""
    return {
        path.name.removeprefix("charger_").removesuffix("_password"): path.read_text().strip()[
            :MOST_PASSWORD_CHARACTERS
        ]
        for path in sorted(folder.glob("charger_*_password"))
    }
