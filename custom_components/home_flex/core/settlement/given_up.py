"""What the resident gave up, as receipts tell it beside money and carbon.

``unmet_s``: for how long it was not as wished (a temperature outside its bounds, a car that was not ready by
its hour); ``lacked_wh``: what cars lacked at the hours by which they were to be ready.
"""

from collections.abc import Mapping

from .canonical import Json

# By device, under the two names above.
type GivenUp = Mapping[str, Mapping[str, int]]


def given_up_in_all(told: GivenUp | None) -> Json:
    """Return for how long it was not as wished, and what cars lacked at the hours they were to be ready by.

    None where nobody wished anything, or it is not known.
    """
    if not told:
        return None
    return {name: sum(row[name] for row in told.values()) for name in ("unmet_s", "lacked_wh")}


def given_up_from(document: object) -> GivenUp | None:
    """Return what a document says was given up. Raises KeyError or TypeError for what is none."""
    if document is None:
        return None
    if not isinstance(document, Mapping):
        raise TypeError("what was given up is told by device")
    rows = {str(key): {name: row[name] for name in ("unmet_s", "lacked_wh")} for key, row in document.items()}
    if any(type(value) is not int for row in rows.values() for value in row.values()):
        raise TypeError("what was given up is told in whole numbers")
    return rows
