"""Writes the texts of regions: Home Assistant parts Portuguese of Brazil, and falls back to English there.

``python3 -m scripts.regional_texts`` writes each region's file as a copy of its language's.
"""

import shutil
from pathlib import Path
from typing import Final

from homeassistant.generated.languages import LANGUAGES

_TEXTS: Final = Path(__file__).parents[1] / "custom_components" / "home_flex" / "translations"
# What Home Assistant falls back to by itself.
_ENGLISH: Final = "en"


def regional() -> dict[Path, Path]:
    """Return the file of each region that Home Assistant can be set to, with that of its language."""
    written = {file.stem: file for file in _TEXTS.glob("*.json") if "-" not in file.stem}
    return {
        _TEXTS / f"{language}.json": written[base]
        for language in sorted(LANGUAGES)
        for base, _, region in (language.partition("-"),)
        if region and base in written and base != _ENGLISH
    }


if __name__ == "__main__":
    for file, of_language in regional().items():
        shutil.copyfile(of_language, file)
