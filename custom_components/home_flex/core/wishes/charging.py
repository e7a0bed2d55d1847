"""What a charger and the wishes for it mean for charging, at one moment."""

from collections.abc import Mapping
from datetime import datetime, tzinfo

from ..control.charging import ChargeMode, ChargerInput
from ..model import ChargerReading
from .model import ChargerWishes, PhaseWish, Wishes
from .ready_by import charge_mode, goal

_PHASES: Mapping[PhaseWish, int | None] = {PhaseWish.AUTOMATIC: None, PhaseWish.ONE: 1, PhaseWish.THREE: 3}


def charger_input(
    device_id: str,
    reading: ChargerReading,
    wishes: Wishes,
    *,
    now: datetime,
    zone: tzinfo,
    has_pv: bool,
    wired_phases: tuple[int, ...],
) -> ChargerInput:
    """Return what charging needs to know of a charger.

    No car tells its state of charge yet: a target is the energy since it was plugged in, and while the
    charger does not tell that energy nothing counts as charged, so that a promise is begun early.
    """
    wished = wishes.charger(device_id)
    charged_wh = reading.session_energy_wh or 0.0
    due = goal(wished, now, zone, away=wishes.site.away)
    target_left_wh = None
    if due is not None:
        target_wh = wished.target_energy_wh if due.energy_wh is None else due.energy_wh
        target_left_wh = max(0.0, target_wh - charged_wh)
    limit_wh = wished.session_limit_wh
    min_a, max_a = _currents_a(reading, wished)
    return ChargerInput(
        device_id=device_id,
        connected=reading.vehicle_connected,
        status=reading.status,
        power_w=reading.power_w,
        current_limit_a=reading.current_limit_a,
        min_current_a=min_a,
        max_current_a=max_a,
        offered_phases=(reading.phases,),
        wired_phases=wired_phases,
        mode=ChargeMode.FAST if wished.charge_now else charge_mode(wished, has_pv=has_pv),
        phase_current_a=reading.phase_current_a,
        priority=wished.priority,
        target_left_wh=target_left_wh,
        deadline_s=due.left_s(now) if due is not None else None,
        session_left_wh=None if limit_wh is None else max(0.0, limit_wh - charged_wh),
        may_slow=wished.may_slow and not wished.charge_now,
        phases_wish=_PHASES[wished.phases],
    )


def _currents_a(reading: ChargerReading, wished: ChargerWishes) -> tuple[float, float]:
    """Return the least and the most current, the charger's own narrowed by the resident's."""
    low_a, high_a = reading.min_current_a, reading.max_current_a
    if wished.max_current_a is not None:
        high_a = max(low_a, min(high_a, wished.max_current_a))
    if wished.min_current_a is not None:
        low_a = min(high_a, max(low_a, wished.min_current_a))
    return low_a, high_a
