"""Which setpoints are written now: what is worth it, what is repeated, and when a hand-back is proven."""

import math
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from ..kinds.kind import Kind, Seen
from ..model import Owner, Setpoint
from . import lapsing
from .actuation_policy import BREAKS_TIMES, RENEW_AFTER, ActuationPolicy
from .judging import has_swallowed
from .memory import Actuator, DeviceMemory, Judgement

# A change at the meter smaller than this is noise whatever the meter says of itself.
BAND_W = 40.0
# And so is one of so many standard deviations of its noise.
NOISE_BANDS = 3.0
# A change of so many bands is answered at once, a smaller one when so many telegrams agree.
LARGE = 4.0
AGREEING = 3
# A meter that speaks no faster is not waited for.
SLOW_METER_S = 5.0
# Hand-backs of several devices follow one another.
RELEASE_APART_S = 2.0
# What makes up for a broken limit, as a car does for sun that nobody may export, is raised again this soon.
_MAKES_UP_S = 4.0
_REFUSED_FIRST_S, _REFUSED_MOST_S = 5.0, 900.0
_RESEND_FIRST_S, _RESEND_MOST_S = 30.0, 600.0
_RELEASE_AGAIN_S = (5.0, 15.0, 45.0, 120.0)
_RELEASE_MOST_S = 600.0
_DOES = frozenset({Judgement.FOLLOWED, Judgement.SATURATED})


class _Write(Enum):
    """What is written now: nothing, what is wanted, or once more what was written."""

    NOTHING = 0
    NEW = 1
    AGAIN = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Telegram:
    """The meter's newest telegram as far as writing depends on it.

    ``short_w``: by how much what is in force now does not quite keep a limit. ``spare_w``: by how much the
    device's limits would still be kept if what is wanted of it were in force.
    """

    heard_s: float
    period_s: float
    noise_w: float
    short_w: float
    spare_w: float = math.inf


def actuated(
    seen: Seen[Any], kind: Kind[Any], wanted: Setpoint, meter: Telegram, *, last_release_s: float | None
) -> tuple[Setpoint | None, DeviceMemory]:
    """Return the setpoint to write now, if any, and the device's memory with where its writing stands.

    ``last_release_s`` is when a device of the site was last handed back.
    """
    memory = seen.memory
    actuator = _told_of(seen, kind, memory.actuator)
    actuator = replace(actuator, is_spent=False)
    if _is_resting(seen):
        return None, replace(memory, actuator=actuator)
    if wanted.value is None:
        released, actuator = _released(seen, kind, actuator, last_release_s)
        if released:
            # It is never put off, and yet a write: who takes and leaves soon cannot take again.
            actuator = replace(actuator, tokens=actuator.tokens - 1.0)
        return (wanted if released else None), replace(memory, actuator=actuator)
    owes = actuator.owes and seen.device.written is None
    actuator = replace(actuator, release_s=None, release_tries=0, owes=owes)
    write, actuator = _ordered(seen, kind, wanted, actuator, meter)
    if write is _Write.AGAIN and seen.device.written is not None:
        wanted = replace(wanted, value=seen.device.written.value, phases=seen.device.written.phases)
    return (None if write is _Write.NOTHING else wanted), replace(memory, actuator=actuator)


def is_released(seen: Seen[Any], kind: Kind[Any]) -> bool:
    """Return whether the device is proven to be under its own control again.

    It says so itself; or its power has left where it was held; or what was written has expired in it.
    """
    device, actuator = seen.device, seen.memory.actuator
    if kind.is_set(seen.reading):
        return False
    if device.written is None and actuator.owes:
        return False
    if device.written is None or actuator.release_s is None or actuator.tells:
        return True
    left_w = abs(seen.reading.power_w - actuator.held_w)
    if device.heard_s > actuator.release_s and left_w > max(150.0, 0.06 * abs(actuator.held_w)):
        return True
    return seen.now_s - (device.written_s or seen.now_s) >= kind.life_s


def _told_of(seen: Seen[Any], kind: Kind[Any], actuator: Actuator) -> Actuator:
    """Return the actuator with what the device says of itself, and with its bucket filled."""
    held = seen.device.written is not None and seen.device.written.value is not None
    tells = actuator.tells or (held and kind.is_set(seen.reading))
    policy = kind.actuation
    if policy.writes_per_min is None:
        return replace(actuator, tells=tells)
    if actuator.filled_s is None:
        return replace(actuator, tells=tells, tokens=policy.burst, filled_s=seen.now_s)
    since_s = seen.now_s - actuator.filled_s
    tokens = min(policy.burst, actuator.tokens + since_s / 60.0 * policy.writes_per_min)
    return replace(actuator, tells=tells, tokens=tokens, filled_s=seen.now_s)


def _is_resting(seen: Seen[Any]) -> bool:
    """Return whether a device that refused its last writes is left in peace for now."""
    device = seen.device
    if not device.refusals or device.refused_s is None:
        return False
    pause_s = min(_REFUSED_MOST_S, _REFUSED_FIRST_S * 2.0 ** min(device.refusals - 1, 10))
    return seen.now_s - device.refused_s < pause_s


def _released(
    seen: Seen[Any], kind: Kind[Any], actuator: Actuator, last_release_s: float | None
) -> tuple[bool, Actuator]:
    written = seen.device.written
    is_held = written is not None and written.value is not None
    if actuator.release_s is None:
        if not is_held and not kind.is_set(seen.reading) and not actuator.owes:
            return False, actuator
        if last_release_s is not None and seen.now_s - last_release_s < RELEASE_APART_S:
            return False, actuator
        policy = kind.actuation
        if policy.less_is_safer and is_held and not _has_left(actuator, kept=policy.kept_for_lowering):
            return False, replace(actuator, is_spent=True)
        held_w = seen.reading.power_w
        return True, replace(actuator, release_s=seen.now_s, release_tries=1, held_w=held_w, resent=0)
    if is_held:
        return True, actuator
    if is_released(seen, kind):
        return False, replace(actuator, release_s=None, release_tries=0, owes=False)
    tries = actuator.release_tries
    again_s = _RELEASE_AGAIN_S[tries - 1] if tries <= len(_RELEASE_AGAIN_S) else _RELEASE_MOST_S
    if seen.now_s - actuator.release_s < again_s:
        return False, actuator
    return True, replace(actuator, release_s=seen.now_s, release_tries=tries + 1)


def _ordered(
    seen: Seen[Any], kind: Kind[Any], wanted: Setpoint, actuator: Actuator, meter: Telegram
) -> tuple[_Write, Actuator]:
    written = seen.device.written
    if written is None or written.value is None or wanted.value is None:
        is_free = _is_free(kind.actuation, wanted, raises=False)
        if not is_free and not _is_lowered_for(kind, wanted) and not _has_left(actuator, kept=0.0):
            return _Write.NOTHING, replace(actuator, is_spent=True)
        return _Write.NEW, replace(_spent(actuator, is_free=is_free), resent=0, resent_s=None)
    if lapsing.is_over(seen):
        return (_Write.NEW if lapsing.is_repeated(seen) else _Write.NOTHING), actuator
    delta = wanted.value - written.value
    if lapsing.is_in_vain(seen.memory) and not (wanted.owner in BREAKS_TIMES and delta < 0):
        # It is in force for once: that it lasts is proven first.
        return _renewed(seen, kind), actuator
    if seen.memory.judgement is Judgement.NOT_FOLLOWED:
        return _repeated(seen, actuator, kind)
    swallowed = has_swallowed(seen, kind)
    band = _band(seen, kind, meter)
    actuator = _agreeing(actuator, delta, band, meter)
    if _is_due(seen, kind, delta, band, actuator, meter) and _is_in_time(
        seen, kind, wanted, delta, meter.short_w
    ):
        is_large = abs(delta) >= _large(seen, kind, meter)
        if _is_paid(kind, wanted, delta, actuator, is_large=is_large):
            is_free = _is_free(kind.actuation, wanted, raises=delta > 0)
            actuator = replace(_spent(actuator, is_free=is_free), agree=0)
            return _Write.NEW, _counted(actuator, seen, swallowed=swallowed)
        actuator = replace(actuator, is_spent=True)
    if swallowed:
        return _repeated(seen, actuator, kind)
    return _renewed(seen, kind), actuator


def _renewed(seen: Seen[Any], kind: Kind[Any]) -> _Write:
    """Return whether what was written must be renewed, before it expires in the device."""
    is_old = seen.now_s - (seen.device.written_s or 0.0) >= kind.life_s * RENEW_AFTER
    return _Write.AGAIN if is_old else _Write.NOTHING


def _counted(actuator: Actuator, seen: Seen[Any], *, swallowed: bool) -> Actuator:
    """Return the actuator with how often in a row an order had no effect."""
    if swallowed:
        return replace(actuator, resent=actuator.resent + 1, resent_s=seen.now_s)
    if seen.memory.judgement in _DOES:
        return replace(actuator, resent=0, resent_s=None)
    return actuator


def _band(seen: Seen[Any], kind: Kind[Any], meter: Telegram) -> float:
    """Return the smallest change that is worth a write, in the setpoint's unit."""
    if meter.short_w > BAND_W:
        return kind.actuation.dead_band
    band_w = max(_noise_band_w(meter), seen.memory.hunting.band_w)
    return max(kind.actuation.dead_band, band_w / kind.watts_per_unit(seen))


def _agreeing(actuator: Actuator, delta: float, band: float, meter: Telegram) -> Actuator:
    """Return the actuator with the telegrams counted that ask for a change in the same direction."""
    if meter.heard_s <= actuator.agree_heard_s:
        return actuator
    sign = 0 if abs(delta) < band else int(math.copysign(1, delta))
    agree = actuator.agree + 1 if sign == actuator.agree_sign else 1
    return replace(actuator, agree=agree, agree_sign=sign, agree_heard_s=meter.heard_s)


def _is_due(
    seen: Seen[Any],
    kind: Kind[Any],
    delta: float,
    band: float,
    actuator: Actuator,
    meter: Telegram,
) -> bool:
    """Return whether a change is worth a write now.

    A device of whole steps is raised by one only where a band b = max(40 W, 3 sigma of the meter) is left
    below its limits then (``spare_w`` ≥ b), and lowered by one only where they are broken by 40 W: what lies
    between is within the meter's noise, which would raise and lower it for ever.
    """
    if abs(delta) <= kind.actuation.dead_band or abs(delta) < band:
        return False
    if -kind.actuation.step <= delta < 0.0 < meter.short_w < BAND_W:
        # A whole step is not worth what is within the limit's margin.
        return False
    if 0.0 < delta <= kind.actuation.step and meter.spare_w < _noise_band_w(meter):
        return False
    is_large = abs(delta) >= _large(seen, kind, meter)
    return is_large or actuator.agree >= AGREEING or meter.period_s >= SLOW_METER_S


def _noise_band_w(meter: Telegram) -> float:
    """Return the power that is noise at the meter, in W."""
    return max(BAND_W, NOISE_BANDS * meter.noise_w)


def _large(seen: Seen[Any], kind: Kind[Any], meter: Telegram) -> float:
    """Return the change that is answered at once, in the setpoint's unit."""
    return LARGE * _noise_band_w(meter) / kind.watts_per_unit(seen)


def _is_in_time(seen: Seen[Any], kind: Kind[Any], wanted: Setpoint, delta: float, short_w: float) -> bool:
    """Return whether the device's times let its value be changed by ``delta`` now."""
    if wanted.owner in BREAKS_TIMES and delta < 0:
        return True
    changed_s = seen.device.changed_s
    least_s = kind.actuation.least_up_s if delta > 0 else kind.actuation.least_down_s
    if delta > 0 and short_w > BAND_W:
        least_s = min(least_s, _MAKES_UP_S)
    return changed_s is None or seen.now_s - changed_s >= least_s


def _is_paid(kind: Kind[Any], wanted: Setpoint, delta: float, actuator: Actuator, *, is_large: bool) -> bool:
    """Return whether the device's budget lets its value be changed by ``delta``."""
    policy, raises = kind.actuation, delta > 0
    if (wanted.owner in BREAKS_TIMES and not raises) or _is_free(policy, wanted, raises=raises):
        return True
    if not raises and -delta >= policy.step and _is_lowered_for(kind, wanted):
        return True
    kept = policy.kept_for_lowering + (0.0 if is_large else policy.kept_for_large) if raises else 0.0
    return _has_left(actuator, kept=kept)


def _is_lowered_for(kind: Kind[Any], wanted: Setpoint) -> bool:
    """Return whether somebody asked for ``wanted``, of a device let go only when it can be lowered again."""
    return kind.actuation.less_is_safer and wanted.owner is not Owner.PLAN


def _is_free(policy: ActuationPolicy, wanted: Setpoint, *, raises: bool) -> bool:
    """Return whether a write for ``wanted`` costs nothing: there is no budget, or safety breaks it."""
    is_safety = wanted.owner in BREAKS_TIMES and not (raises and policy.less_is_safer)
    return policy.writes_per_min is None or is_safety


def _has_left(actuator: Actuator, *, kept: float) -> bool:
    """Return whether the device's budget has a write and ``kept`` more."""
    return actuator.tokens >= kept + 1.0


def _spent(actuator: Actuator, *, is_free: bool) -> Actuator:
    """Return the actuator with what a write costs taken from its budget."""
    return actuator if is_free else replace(actuator, tokens=actuator.tokens - 1.0)


def _repeated(seen: Seen[Any], actuator: Actuator, kind: Kind[Any]) -> tuple[_Write, Actuator]:
    """Return whether an order that was swallowed is repeated now: at once, then ever more seldom."""
    if actuator.resent and actuator.resent_s is not None:
        pause_s = min(_RESEND_MOST_S, _RESEND_FIRST_S * 2.0 ** min(actuator.resent - 1, 10))
        if seen.now_s - actuator.resent_s < pause_s:
            return _renewed(seen, kind), actuator
    return _Write.NEW, replace(actuator, resent=actuator.resent + 1, resent_s=seen.now_s)
