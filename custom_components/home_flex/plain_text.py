"""Words of strangers for dialogs and repairs, whose texts Home Assistant draws as Markdown.

A charger that nobody added, or a device that announces itself, says what it likes: drawn, that would be a
link, or a picture that fetches from elsewhere. Titles are drawn as they stand, so nothing is escaped.
"""

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

_LONGEST: Final = 400
# It is not seen, and parts what would be read as one.
_JOINER: Final = "\N{WORD JOINER}"
_LOOKALIKES: Final = str.maketrans(
    {
        "<": "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}",
        ">": "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}",
        "*": "\N{ASTERISK OPERATOR}",
        "`": "\N{MODIFIER LETTER GRAVE ACCENT}",
        "~": "\N{TILDE OPERATOR}",
        "&": "\N{FULLWIDTH AMPERSAND}",
        "\\": "\N{SET MINUS}",
    }
)
# What makes links, pictures and emphasis: "](", "][", "]:", "://", "www.", "@" and "_".
_PARTED: Final = re.compile(r"\](?=[(\[:])|:(?=//)|www(?=\.)|@|_", re.IGNORECASE)


def plain(text: str) -> str:
    """Return a text that reads the same and is nothing but words: one line, not too long, without markup.

    Marks that turn the direction of what follows are left out.
    """
    shown = " ".join("".join(each if _is_shown(each) else " " for each in text[: 4 * _LONGEST]).split())
    parted = _PARTED.sub(lambda found: f"{found[0]}{_JOINER}", shown.translate(_LOOKALIKES))
    return parted if len(parted) <= _LONGEST else f"{parted[: _LONGEST - 1]}\N{HORIZONTAL ELLIPSIS}"


def all_plain(placeholders: Mapping[str, str]) -> dict[str, str]:
    """Return the values of a text's places, each as nothing but words."""
    return {name: plain(value) for name, value in placeholders.items()}


def _is_shown(character: str) -> bool:
    # Cc: control; Cf: format, as marks of direction; Cs, Co, Cn: no characters.
    return unicodedata.category(character)[0] != "C"
