"""Which options of a select charge a battery, discharge it and hold it: guessed where they leave no doubt."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Final

from .recipe import Operation

# What a person is asked for of a battery's mode; it need not have a word for holding.
ASKED: Final = (Operation.CHARGE, Operation.DISCHARGE, Operation.HOLD)

# Whole words of the five languages of the forms, in lower case and without accents.
_CHARGE: Final = re.compile(
    r"\b(charg(e|er|ing)|(auf|op)?laden|recharge|carreg(ar|amento))\b",
)
_DISCHARGE: Final = re.compile(r"\b(discharg(e|ing)|(ent|ont)laden|decharger?|descarga|descarregar)\b")
_REST: Final = re.compile(
    r"\b(idle|standby|hold|rest|stop(ped)?|stilstand|ruhe|halten|repos|veille|espera|repouso)\b"
)
# An option with one of these forbids or qualifies: it is no plain order to charge or to discharge.
_QUALIFIES: Final = re.compile(
    r"\b(no|not|stop|without|block|prevent|disable|only|auto|solar|pv|excess|"
    r"geen|niet|kein|nicht|sans|pas|nao|sem)\b"
)


def guessed(options: Iterable[str]) -> Mapping[Operation, str]:
    """Return the options that can only mean charging, discharging or holding, each by its operation.

    An operation that several options could mean, or none, is left out: a person is asked for it.
    """
    found: dict[Operation, list[str]] = {operation: [] for operation in ASKED}
    for option in options:
        if (operation := _meaning(option)) is not None:
            found[operation].append(option)
    return {operation: each[0] for operation, each in found.items() if len(each) == 1}


def _meaning(option: str) -> Operation | None:
    plain = unicodedata.normalize("NFKD", option).encode("ascii", "ignore").decode().lower()
    words = plain.replace("-", "").replace("_", " ")
    is_charge, is_discharge = bool(_CHARGE.search(words)), bool(_DISCHARGE.search(words))
    if not is_charge and not is_discharge:
        return Operation.HOLD if _REST.search(words) else None
    if is_charge == is_discharge or _QUALIFIES.search(words):
        return None
    return Operation.CHARGE if is_charge else Operation.DISCHARGE
