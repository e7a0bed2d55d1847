"""One-time codes of four words that can be read aloud, typed with one finger and never mean anything.

The words are built from syllables (consonant, vowel, consonant, vowel), so there is no list to carry or to
license. Four of them hold 46 bits. That is far more than the few attempts the enrolment service grants (see
``store``), and the code expires: it needs no more.
"""

import math
import re
import secrets
from typing import Final

_FIRST, _SECOND, _VOWELS = "bdfghjklmnprstvz", "dklmnrst", "aeiou"
# Sounds that are rude in one of the languages our homes speak.
_UNWANTED: Final = frozenset(
    {"kaka", "kaku", "puta", "puto", "fika", "foda", "pisa", "nude", "peni", "mota", "zeta", "peda", "tete"}
)
WORDS: Final = tuple(
    word
    for first in _FIRST
    for vowel in _VOWELS
    for second in _SECOND
    for last in _VOWELS
    if (word := first + vowel + second + last) not in _UNWANTED
)
WORDS_PER_CODE: Final = 4
ENTROPY_BITS: Final = WORDS_PER_CODE * math.log2(len(WORDS))
_SEPARATORS: Final = re.compile(r"[\s.,_-]+")
_LONGEST_TYPED: Final = 100


def new_code(words: int = WORDS_PER_CODE) -> str:
    """Return a fresh code, so many words joined by hyphens."""
    return "-".join(secrets.choice(WORDS) for _ in range(words))


def normalised(typed: str) -> str:
    """Return a typed code as it was printed: lower case, hyphens between words.

    Anything may be typed; what cannot be a code stays something no code equals. Longer input than any code
    is cut, so that hashing it costs the same.
    """
    return _SEPARATORS.sub("-", typed[:_LONGEST_TYPED].strip().lower()).strip("-")
