"""What the home offers, taken by the aggregator and delivered: told, with figures."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from .aggregator import Aggregator
from .api import HomeAssistantApi, wait_until
from .stack import HomeStack

# A forecast is a report about no event.
NO_EVENT: Final = "none"
OFFERED: Final = "UP_REGULATION_AVAILABLE"
_DURATION_S: Final = 40
_MOST_TAKEN_KW: Final = 2.0
_OFFER_S: Final = 1800
LEAST_DELIVERED: Final = 0.8

type Tell = Callable[[str], None]


async def taken_and_delivered(stack: HomeStack, tell: Tell) -> dict[str, Any]:
    """Have an offer taken, at once and shortly: what is offered of the next half-hour holds as well now."""
    aggregator, api = stack.aggregator, stack.home_assistant.api
    offered_kw = await _offered_kw(aggregator)
    point = await _point(api)
    tell(
        f"the home told the aggregator that it can draw up to {offered_kw:.1f} kW less; "
        f"it asks {point['costs']:.2f} {point['currency']} for {point['power_w'] / 1000:.1f} kW "
        f"from {datetime.fromisoformat(point['start']).astimezone():%H:%M} for half an hour"
    )
    taken_kw = round(min(offered_kw, _MOST_TAKEN_KW), 1)
    tell(f"the aggregator takes {taken_kw:.1f} kW of it, at once and for {_DURATION_S} s")
    event = await aggregator.ask(
        {"DISPATCH_SETPOINT_RELATIVE": -taken_kw}, duration=timedelta(seconds=_DURATION_S)
    )
    receipt = await aggregator.wait_for_settlement(event.event_id, timeout_s=_DURATION_S + 30)
    delivered_kwh = -float(receipt.get("DELTA_USAGE", [0.0])[0])
    share = delivered_kwh / (taken_kw * _DURATION_S / 3600) if taken_kw > 0.0 else 0.0
    tell(f"the receipt: {delivered_kwh:.4f} kWh less than before, {share:.0%} of what was taken")
    return {"offered_kw": offered_kw, "taken_kw": taken_kw, "delivered_share": round(share, 4)}


async def _offered_kw(aggregator: Aggregator) -> float:
    """Return what the newest forecast offers in its first half-hour; waits until one does."""

    async def told() -> float | None:
        offers = [
            float(payload["values"][0])
            for report in aggregator.reports(NO_EVENT)[-1:]
            for payload in report["resources"][0]["intervals"][0]["payloads"]
            if payload["type"] == OFFERED
        ]
        return offers[0] if offers and offers[0] > 0.0 else None

    return await wait_until(told, "an offer", timeout_s=60, every_s=0.5)


async def _point(api: HomeAssistantApi) -> dict[str, Any]:
    """Return the largest point that is offered first for half an hour, with when and in which currency."""
    answer = await api.call(
        "home_flex", "get_flexibility", {"direction": "up", "duration": {"seconds": _OFFER_S}}, answers=True
    )
    offer = next(each for each in answer["offers"] if each["points"])
    return {**offer["points"][-1], "start": offer["start"], "currency": answer["currency"]}
