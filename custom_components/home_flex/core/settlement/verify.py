"""Reckons receipts again, whoever made them and wherever: to the same watt-hour and the same cent."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from .canonical import Json, NotCanonicalError, digest
from .day_receipt import METHOD as DAY
from .day_receipt import day_account, day_results
from .receipt import METHOD as EVENT
from .receipt import Receipt, account_from, results_of

# A method stays for good, beside the newer ones: a receipt is reckoned by that which made it.
_RESULTS: Final[Mapping[str, Callable[[Receipt], dict[str, Json]]]] = MappingProxyType(
    {
        EVENT: lambda found: results_of(account_from(found)),
        DAY: lambda found: day_results(day_account(found.document)),
    }
)


def receipt_from(bundle: Mapping[str, Any]) -> Receipt:
    """Return the receipt of a bundle ``{"receipt": …, "inputs": …, "digest": …}``.

    Raises KeyError or TypeError for what is none.
    """
    document, inputs = bundle["receipt"], bundle["inputs"]
    if not isinstance(document, Mapping) or not isinstance(inputs, Mapping):
        raise TypeError("a receipt and its inputs are objects")
    return Receipt(document=document, inputs=inputs)


def bundle_of(found: Receipt) -> dict[str, Any]:
    """Return a receipt as a bundle that can be kept and sent."""
    return {"receipt": dict(found.document), "inputs": dict(found.inputs), "digest": found.digest}


def verify(found: Receipt, known_digest: str | None = None) -> list[str]:
    """Reckon a receipt again and return the places where it differs; none when it holds.

    ``known_digest``: what the receipt was known by when it was issued, as the aggregator got it.
    """
    try:
        differences = [f"inputs.{name}" for name, held in found.inputs.items() if digest(held) != name]
        own = found.digest
        method = found.document["method"]
        if not isinstance(method, str) or method not in _RESULTS:
            return [f"document: the method {method!r} is not known here"]
        results = _RESULTS[method](found)
    except (LookupError, TypeError, ValueError, ArithmeticError, NotCanonicalError) as error:
        return [f"document: {type(error).__name__}: {error}"]
    if known_digest is not None and own != known_digest:
        differences.append("digest")
    return differences + list(_differences(found.document["results"], results, "results"))


def _differences(told: object, reckoned: object, place: str) -> list[str]:
    if isinstance(told, Mapping) and isinstance(reckoned, Mapping):
        keys = sorted({*told, *reckoned})
        return [
            difference
            for key in keys
            for difference in _differences(told.get(key), reckoned.get(key), f"{place}.{key}")
        ]
    return [] if _same(told, reckoned) else [place]


def _same(told: object, reckoned: object) -> bool:
    # Of True and 1, equal in Python, only one was told.
    return type(told) is type(reckoned) and told == reckoned
