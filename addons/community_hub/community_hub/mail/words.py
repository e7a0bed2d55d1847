"""The words of mail to residents, and of the page that ends it: a file for each language."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pydantic_core import from_json

_TEXTS: Final = Path(__file__).parent / "texts"

# ``{…}`` is filled in.
WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    path.stem: from_json(path.read_bytes()) for path in sorted(_TEXTS.glob("*.json"))
}
