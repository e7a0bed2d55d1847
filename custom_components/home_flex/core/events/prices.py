"""What an event pays for what it asks: OpenADR's PRICE beside a command, per kWh.

It is no command: one that cannot be read is left out, and what is asked holds all the same. Source: OpenADR
3.1.1 enumerations event-interval-payloads, and ``currency`` of eventPayloadDescriptor (ISO 4217).
"""

import math
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from .model import Event

PRICE: Final = "PRICE"
# In the smallest money that there is a kWh costs some thousands.
_MOST_PER_KWH: Final = 1e6
_CURRENCY: Final = re.compile(r"[A-Z]{3}")


def price_per_kwh(values: object, unit: str | None) -> float | None:
    """Return what the values of a PRICE say, per kWh (the unit that is meant without one); None: no price."""
    if unit not in {None, "KWH"} or not isinstance(values, list) or len(values) != 1:
        return None
    (value,) = values
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) and abs(value) <= _MOST_PER_KWH else None


def currency_of(descriptors: object) -> str | None:
    """Return the currency that the descriptor of PRICE names, None where it names none."""
    for descriptor in descriptors if isinstance(descriptors, list) else ():
        if isinstance(descriptor, Mapping) and descriptor.get("payloadType") == PRICE:
            currency = descriptor.get("currency")
            if isinstance(currency, str) and _CURRENCY.fullmatch(currency):
                return currency
    return None


def paid_at(event: Event, time: datetime, *, currency: str, agreed_per_kwh: float | None) -> float | None:
    """Return what a kWh of an event pays at a time, in the site's ``currency``.

    None where nobody said, and while it does not run: that time pays nothing, in a plan as in a receipt.
    ``agreed_per_kwh`` is what its programme pays where the event does not tell, or tells it in another money.
    """
    interval = next((each for each in event.intervals if each.start <= time < each.end), None)
    if interval is None:
        return None
    is_understood = interval.pays_per_kwh is not None and event.currency in {None, currency}
    return interval.pays_per_kwh if is_understood else agreed_per_kwh
