"""How long a device takes until its orders show, learned from its own large orders.

The windows are upper bounds: one too long costs settling time, one too short lets the control hunt.
Load events before an order cannot disturb what follows it, so wrong samples are nearly all too long; hence
the second largest of the last seven counts.
"""

from collections.abc import Sequence
from dataclasses import replace
from statistics import median

from . import shown
from .memory import Order, Response, Rhythm, Sample, Step
from .rhythm import period_s

LEARN_FROM_W = 300.0
LONGEST_S = 90.0
# Until the first step is learned: of a charger slower than most, and of one whose step nobody saw in time.
_UNKNOWN_DELAY_S, _LATE_DELAY_S = 20.0, 61.0
# Who has always answered within this is relied on to do so again.
_PROMPT_S = 10.0
SAMPLES = 7
_METER_LATER_S = 2.5
_ENOUGH = 2
_TRUST_SECOND = 5
_PLAUSIBLE = (0.3, 1.5)
_AGAINST = -0.3
# A device, or a meter, that goes the other way so often in a row is turned.
TURNED = 2
_LONGEST_STEP_S = 25.0
# A step shows at the meter where no larger part of it is under way besides.
_ALONE = 0.3
# A device's own reading rests where so many agree within this share of the step.
_AT_REST, _STILL = 3, 0.15


def meter_window_s(response: Response, prior_s: float, meter: Rhythm) -> float:
    """Return the longest time in seconds from sending an order until the meter surely shows it."""
    period = period_s(meter)
    least_s = 1.5 * period if len(response.full_s) >= _ENOUGH else prior_s + 2.0 * period
    learned_s = (
        1.3 * _largest(response.full_s) + period + 0.5 if response.full_s else _by_report_s(response, period)
    )
    return min(LONGEST_S, max(least_s, learned_s))


def loop_delay_s(response: Response, meter: Rhythm) -> float:
    """Return how long in seconds a change may last until an answer to it shows at the meter.

    One step is enough to know. Before the first, that of a charger slower than most is taken.
    """
    if response.full_s:
        return 1.3 * _largest(response.full_s) + 0.5 + period_s(meter)
    if response.report_s:
        return _by_report_s(response, period_s(meter))
    return _LATE_DELAY_S if response.is_late else _UNKNOWN_DELAY_S


def is_known(response: Response) -> bool:
    """Return whether one step at least has shown how soon an order is answered, or that it comes late."""
    return bool(response.full_s or response.report_s or response.is_late)


def is_prompt(response: Response) -> bool:
    """Return whether own steps have shown that the device answers within seconds, at best by its own reading.

    What moves the other way meanwhile may hide a step from the meter.
    """
    shown_s = response.report_s or response.full_s
    return bool(shown_s) and _largest(shown_s) <= _PROMPT_S


def report_window_s(response: Response, prior_s: float, own: Rhythm) -> float:
    """Return the longest time in seconds from sending an order until the device's own reading shows it."""
    period = period_s(own)
    longest_s = min(LONGEST_S, prior_s + 2.0 * period)
    if not response.report_s:
        return longest_s
    if len(response.report_s) < _ENOUGH:
        # Nothing but the device itself moves its reading: one step tells, with more to spare.
        return min(longest_s, 1.5 * response.report_s[0] + period + 0.5)
    return min(LONGEST_S, 1.3 * _largest(response.report_s) + period + 0.5)


def begun(orders: Sequence[Order], meter_w: float, report_w: float, open_w: float) -> Step | None:
    """Return the step that the newest order is, None when it teaches nothing.

    It is too small, or it asks a device that fell short of the order before for no less than it gives: with
    the orders φ and the device's power p, all in the direction of φ,

        p - tolerance ≤ φ_new < φ_old

    Then nothing need move, and what moves all the same (a battery that fades) is no answer.
    """
    if not orders or orders[-1].value is None:
        return None
    before = orders[-2] if len(orders) > 1 and orders[-2].value is not None else None
    newest_w = orders[-1].power_w
    delta_w = newest_w - (report_w if before is None else before.power_w)
    if abs(delta_w) < LEARN_FROM_W:
        return None
    if before is not None and newest_w * delta_w < 0.0:
        given_w = report_w if newest_w > 0.0 else -report_w
        if abs(newest_w) >= given_w - shown.tolerance_w(newest_w):
            return None
    return Step(
        sent_s=orders[-1].sent_s,
        delta_w=delta_w,
        meter_w=meter_w,
        report_w=report_w,
        is_alone=open_w <= _ALONE * abs(delta_w),
    )


def watched(step: Step, meter: Sample | None, report: Sample | None) -> Step:
    """Return the step with what a new meter or device reading shows of it."""
    if meter is not None and meter.heard_s > step.sent_s:
        share = (meter.power_w - step.meter_w) / step.delta_w
        step = replace(step, seen=(*step.seen, (meter.heard_s - step.sent_s, share)))
    if report is not None and report.heard_s > step.sent_s + (step.told[-1][0] if step.told else 0.0) + 1e-6:
        share = (report.power_w - step.report_w) / step.delta_w
        step = replace(step, told=(*step.told, (report.heard_s - step.sent_s, share)))
    return step


def is_over(step: Step, now_s: float, meter: Rhythm) -> bool:
    """Return whether nothing more is to be learned from the step."""
    return now_s - step.sent_s > max(_LONGEST_STEP_S, 4.0 * period_s(meter))


def learned(response: Response, step: Step) -> Response:
    """Return the response with what a step taught, if anything."""
    rested = _rested(step.told) if step.tells else None
    if (report_s := _reached_s(step.told, 0.75, rested)) is not None:
        response = replace(response, report_s=(*response.report_s, report_s)[-SAMPLES:])
    if (full_s := _reached_s(step.seen, 0.8, plateau(step))) is not None:
        response = replace(response, full_s=(*response.full_s, full_s)[-SAMPLES:])
    if (share := _plateau(step.seen, least=2)) is not None:
        response = replace(response, share=share)
    if (level := plateau(step)) is not None and abs(level) <= _PLAUSIBLE[0]:
        response = replace(response, is_late=True)
    elif level is not None:
        told = _plateau(step.told, least=2) if step.tells else None
        # The meter alone may have shown the house's load; what the device says itself makes sure.
        is_sure = told is not None and told < _AGAINST and not _is_let(step)
        # A car is lowered under each cloud, and raised after it: there the meter goes against it by chance.
        is_against = level < _AGAINST and (is_sure or not step.is_limit)
        proves = TURNED if is_sure else 1
        response = replace(response, against=response.against + proves if is_against else 0)
        if level > _PLAUSIBLE[0] and told is not None and abs(told) > _PLAUSIBLE[0]:
            response = replace(response, mirrored=response.mirrored + 1 if told < _AGAINST else 0)
    return response


def _is_let(step: Step) -> bool:
    """Return whether a limit was raised: then PV under a cloud, or a car that tapers, falls by itself."""
    return step.is_limit and step.delta_w * step.report_w > 0.0


def tried(response: Response, step: Step) -> Response:
    """Return the response after a step that was watched to its end, with how often one down was in vain."""
    if step.delta_w >= 0.0:
        return response
    return replace(response, vain=0 if is_known(response) else response.vain + 1)


def opposed(response: Response, onwards: Step) -> Response:
    """Return the response after orders that all went one way, where meter and device went the other.

    Orders that follow each other before the first one shows teach nothing else: neither when one of them
    showed, nor what part of it.
    """
    level, told = plateau(onwards), _plateau(onwards.told, least=2)
    if level is None or told is None or max(level, told) >= _AGAINST or is_mirrored(response):
        return response
    return replace(response, against=TURNED)


def is_turned(response: Response) -> bool:
    """Return whether the meter goes against the device's orders: it is not to be ordered any more."""
    return response.against >= TURNED


def plateau(step: Step) -> float | None:
    """Return the share of the step that the meter shows at last; None when that cannot be told."""
    return _plateau(step.seen, least=4)


def is_mirrored(response: Response) -> bool:
    """Return whether the device's own reading has the wrong sign, and proves nothing."""
    return response.mirrored > 0


def _by_report_s(response: Response, period: float) -> float:
    """Return when the meter shows what the device's own reading has shown, which others do not disturb."""
    return 1.3 * _largest(response.report_s) + _METER_LATER_S + period if response.report_s else 0.0


def _rested(shares: Sequence[tuple[float, float]]) -> float | None:
    """Return the share at which a device's own reading came to rest; None while it moves."""
    last = [share for _, share in shares[-_AT_REST:]]
    return median(last) if len(last) == _AT_REST and max(last) - min(last) <= _STILL else None


def _plateau(shares: Sequence[tuple[float, float]], *, least: int) -> float | None:
    if len(shares) < least:
        return None
    return median(share for _, share in shares[-max(2, len(shares) // 3) :])


def _reached_s(shares: Sequence[tuple[float, float]], part: float, level: float | None) -> float | None:
    """Return after how long ``part`` of the ``level`` had come for good; None where that is not plain."""
    if level is None or not _PLAUSIBLE[0] < level < _PLAUSIBLE[1]:
        return None
    for index, (after_s, share) in enumerate(shares):
        later = [value for _, value in shares[index + 1 : index + 4]]
        if share >= part * level and all(value >= 0.6 * level for value in later):
            return after_s
    return None


def _largest(samples: Sequence[float]) -> float:
    return sorted(samples)[-2 if len(samples) >= _TRUST_SECOND else -1]
