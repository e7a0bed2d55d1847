"""What a store of heat is learned to be from its temperature and its power: nobody enters a tank's volume.

The electricity that warms it by a kelvin is learned while it heats, how fast it cools while it rests. The
median of the last spells counts, as water is drawn and windows are opened in some of them.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from statistics import median
from typing import Any, Final

from ...core.kinds.load import ON_W
from ..wishes import KeepsDocuments

HEAT: Final = "heat"

# A spell counts once it moved the temperature so far, in so many seconds at least.
_LEAST_K: Final = 0.4
_LEAST_S: Final = 600.0
# A reading stands for no longer than this.
_HOLDS_S: Final = 120.0
_SPELLS: Final = 9
_LEAST_SPELLS: Final = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Learned:
    """``wh_per_k``: electricity for a kelvin; ``cooling_k_per_h``: lost at rest. None: not known yet."""

    wh_per_k: float | None = None
    cooling_k_per_h: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Spell:
    """Heating, or rest, since ``start_s`` (monotonic): from which temperature, and with what energy in Wh."""

    heats: bool
    start_s: float
    start_c: float
    last_s: float
    energy_wh: float = 0.0


class HeatLearner:
    """Learns each heater by its id; what it learned is put into ``documents``, where there are any.

    ``document`` is what was kept; what of it cannot be read is left out.
    """

    def __init__(self, document: object = None, *, documents: KeepsDocuments | None = None) -> None:
        """Take up what was learned."""
        self._documents = documents
        self._heating = _read(document, "wh_per_k")
        self._resting = _read(document, "cooling_k_per_h")
        self._spells: dict[str, _Spell] = {}

    def note(self, device_id: str, power_w: float, temperature_c: float | None, now_s: float) -> bool:
        """Take a reading; return whether something was learned. To be called each second or so."""
        if temperature_c is None or not (math.isfinite(temperature_c) and math.isfinite(power_w)):
            self._spells.pop(device_id, None)
            return False
        heats, spell = power_w > ON_W, self._spells.get(device_id)
        if spell is None or now_s - spell.last_s > _HOLDS_S:
            self._begin(device_id, temperature_c, now_s, heats=heats)
            return False
        energy_wh = spell.energy_wh + max(0.0, power_w) * (now_s - spell.last_s) / 3600.0
        spell = replace(spell, last_s=now_s, energy_wh=energy_wh)
        self._spells[device_id] = spell
        if spell.heats is heats:
            return False
        self._begin(device_id, temperature_c, now_s, heats=heats)
        return self._learn(device_id, spell, temperature_c)

    def of(self, device_id: str) -> Learned:
        """Return what is known of a heater."""
        return Learned(
            wh_per_k=_usual(self._heating.get(device_id, ())),
            cooling_k_per_h=_usual(self._resting.get(device_id, ())),
        )

    def document(self) -> dict[str, Any]:
        """Return what was learned as JSON values."""
        return {"wh_per_k": _lists(self._heating), "cooling_k_per_h": _lists(self._resting)}

    def _begin(self, device_id: str, temperature_c: float, now_s: float, *, heats: bool) -> None:
        self._spells[device_id] = _Spell(heats=heats, start_s=now_s, start_c=temperature_c, last_s=now_s)

    def _learn(self, device_id: str, spell: _Spell, end_c: float) -> bool:
        rise_k, seconds = end_c - spell.start_c, spell.last_s - spell.start_s
        if seconds < _LEAST_S or abs(rise_k) < _LEAST_K or (rise_k > 0.0) is not spell.heats:
            return False
        found = self._heating if spell.heats else self._resting
        value = spell.energy_wh / rise_k if spell.heats else -rise_k / seconds * 3600.0
        found[device_id] = (*found.get(device_id, ()), value)[-_SPELLS:]
        if self._documents is not None:
            self._documents.put_document(HEAT, self.document())
        return True


def _usual(values: tuple[float, ...]) -> float | None:
    return median(values) if len(values) >= _LEAST_SPELLS else None


def _lists(found: Mapping[str, tuple[float, ...]]) -> dict[str, list[float]]:
    return {key: [round(value, 4) for value in values] for key, values in found.items()}


def _read(document: object, name: str) -> dict[str, tuple[float, ...]]:
    rows = document.get(name) if isinstance(document, Mapping) else None
    return {
        str(key): tuple(
            float(each)
            for each in (values if isinstance(values, list) else ())[-_SPELLS:]
            if isinstance(each, int | float) and math.isfinite(each) and each > 0.0
        )
        for key, values in (rows.items() if isinstance(rows, Mapping) else ())
    }
