"""Which phases a vehicle uses: by its currents, or by the power it draws per ampere allowed."""

from dataclasses import dataclass, replace

from .model import ChargerInput

_DRAWS_A = 1.0
_DRAWING_W = 500.0
# A limit must have been in force this long before what is drawn under it says something.
_SETTLED_S = 8.0
_NARROW_AFTER_S = 8.0
# Power per ampere and volt that counts as one phase: vehicles stay a little below their limit.
_LOW, _HIGH = 0.86, 1.1


@dataclass(frozen=True, kw_only=True, slots=True)
class PhaseEvidence:
    """Which of the charger's phases (0 to 2) the vehicle uses, with how many offered; None: not known.

    ``narrow`` is a smaller set seen since ``narrow_since_s``, not yet believed.
    """

    used: tuple[int, ...] | None = None
    of: int = 0
    narrow: tuple[int, ...] | None = None
    narrow_since_s: float = 0.0


def in_force(charger: ChargerInput) -> int:
    """Return how many phases the charger connects, as far as it can be known: else all it offers."""
    return charger.phases_in_force or max(charger.offered_phases)


def used_phases(charger: ChargerInput, evidence: PhaseEvidence, count: int | None = None) -> tuple[int, ...]:
    """Return which of the site's phases the vehicle uses when ``count`` are connected; all if not known."""
    count = in_force(charger) if count is None else count
    phases = charger.wired_phases[:count] or (1,)
    if evidence.used is not None and evidence.of == count:
        return tuple(phases[index] for index in evidence.used if index < len(phases)) or phases
    return phases


def offered(
    evidence: PhaseEvidence, charger: ChargerInput, limit_a: float, stood_s: float, now_s: float
) -> PhaseEvidence:
    """Return ``evidence`` with what is drawn now under a limit that has been in force for ``stood_s``.

    More phases are believed at once, fewer only after a while: an ampere too many trips a fuse.
    """
    count = in_force(charger)
    if evidence.of != count:
        evidence = PhaseEvidence(of=count)
    seen = _seen(charger, limit_a, stood_s, count)
    if seen is None or seen == evidence.used:
        return replace(evidence, narrow=None)
    known = evidence.used if evidence.used is not None else tuple(range(count))
    if not set(seen) < set(known):
        return PhaseEvidence(used=tuple(sorted({*known, *seen})), of=count)
    if seen != evidence.narrow:
        return replace(evidence, narrow=seen, narrow_since_s=now_s)
    if now_s - evidence.narrow_since_s < _NARROW_AFTER_S:
        return evidence
    return PhaseEvidence(used=seen, of=count)


def _seen(charger: ChargerInput, limit_a: float, stood_s: float, count: int) -> tuple[int, ...] | None:
    power_w = charger.power_w or 0.0
    if power_w < _DRAWING_W:
        return None
    if charger.phase_current_a:
        draws = tuple(
            i for i, current_a in enumerate(charger.phase_current_a[:count]) if current_a > _DRAWS_A
        )
        return draws or None
    if limit_a <= 0.0 or stood_s < _SETTLED_S:
        return None
    per_phase = power_w / (limit_a * charger.voltage_v)
    for phases in range(1, count + 1):
        if _LOW * phases <= per_phase <= _HIGH * phases:
            return tuple(range(phases))
    # Between the bands it draws less than allowed on more phases, never on fewer.
    return tuple(range(count)) if per_phase > _HIGH else None
