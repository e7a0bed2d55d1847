"""What the home offers, taken by the aggregator and delivered: told, with figures."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from .aggregator import Aggregator
from .api import HomeAssistantApi, wait_until
from .recording import Recorder, is_at_rest
from .stack import HomeStack

# A forecast is a report about no event.
NO_EVENT: Final = "none"
# What is offered, as it is reported and asked for, in words, and which way taking it moves the home.
_WAYS: Final = {
    "UP_REGULATION_AVAILABLE": ("up", "less", -1.0),
    "DOWN_REGULATION_AVAILABLE": ("down", "more", 1.0),
}
_DURATION_S: Final = 40
_LEAST_TAKEN_KW, _MOST_TAKEN_KW = 0.1, 2.0
_OFFER_S: Final = 1800
# A relative setpoint counts from the minute before it, and from none of the minute after a hand-back: so long
# the meter moves by no more than this.
_REST_S, _REST_W = 75.0, 600.0
LEAST_DELIVERED: Final = 0.8

type Tell = Callable[[str], None]


async def taken_and_delivered(stack: HomeStack, tell: Tell) -> dict[str, Any]:
    """Have an offer taken, at once and shortly: what is offered of the next half-hour holds as well now."""
    aggregator, api = stack.aggregator, stack.home_assistant.api
    await _rested(stack)
    kind, offered_kw = await _offered(aggregator)
    direction, word, sign = _WAYS[kind]
    point = await _point(api, direction)
    tell(
        f"the home told the aggregator that it can draw up to {offered_kw:.1f} kW {word}; "
        f"it asks {point['price']:.2f} {point['currency']} for {point['power_w'] / 1000:.1f} kW "
        f"from {datetime.fromisoformat(point['start']).astimezone():%H:%M} for half an hour"
    )
    taken_kw = round(min(offered_kw, _MOST_TAKEN_KW), 1)
    tell(f"the aggregator takes {taken_kw:.1f} kW of it, at once and for {_DURATION_S} s")
    event = await aggregator.ask(
        {"DISPATCH_SETPOINT_RELATIVE": sign * taken_kw}, duration=timedelta(seconds=_DURATION_S)
    )
    receipt = await aggregator.wait_for_settlement(event.event_id, timeout_s=_DURATION_S + 30)
    delivered_kwh = sign * float(receipt.get("DELTA_USAGE", [0.0])[0])
    share = delivered_kwh / (taken_kw * _DURATION_S / 3600)
    tell(f"the receipt: {delivered_kwh:.4f} kWh {word} than before, {share:.0%} of what was taken")
    return {
        "offered": kind,
        "offered_kw": offered_kw,
        "taken_kw": taken_kw,
        "delivered_share": round(share, 4),
    }


async def _rested(stack: HomeStack) -> None:
    """Wait until the home runs as it would by itself: what is taken is told from what it did before."""
    recorder = Recorder(stack.house)

    async def rested() -> bool:
        return is_at_rest(recorder.samples, _REST_S, _REST_W)

    async with recorder.running():
        await wait_until(rested, "the home to run by itself", timeout_s=240, every_s=1.0)


async def _offered(aggregator: Aggregator) -> tuple[str, float]:
    """Return the larger offer of the newest forecast's first half-hour; waits until there is one."""

    async def told() -> tuple[str, float] | None:
        offers = [
            (float(payload["values"][0]), str(payload["type"]))
            for report in aggregator.reports(NO_EVENT)[-1:]
            for payload in report["resources"][0]["intervals"][0]["payloads"]
            if payload["type"] in _WAYS
        ]
        offered_kw, kind = max(offers, default=(0.0, ""))
        return (kind, offered_kw) if offered_kw >= _LEAST_TAKEN_KW else None

    return await wait_until(told, "an offer", timeout_s=60, every_s=0.5)


async def _point(api: HomeAssistantApi, direction: str) -> dict[str, Any]:
    """Return the largest point that is offered first for half an hour, with when and in which currency."""
    asked = {"direction": direction, "duration": {"seconds": _OFFER_S}}
    answer = await api.call("home_flex", "get_flexibility", asked, answers=True)
    offer = next(each for each in answer["offers"] if each["points"])
    return {**offer["points"][-1], "start": offer["start"], "currency": answer["currency"]}
