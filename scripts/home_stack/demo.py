"""The main job on one machine: an aggregator's event in, measured power down, receipt out.

Then what the home offers, taken and delivered, and the receipts of an event and of a day in plain words.
``--check`` runs unattended and ends with one line of figures; exit code 0 only if the limit was reached, kept
and handed back, and what was taken was delivered. Without it the house has a past of a year, and the home
stays up until Ctrl-C with an event announced that a visitor may join or skip; ``--speed 60`` plays a day of
the house in 24 minutes.
"""

import argparse
import asyncio
import json
import signal
import socket
import sys
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import Any

from . import recording
from .api import wait_until
from .broker import VEN_ID
from .day_story import day_receipt_told, yesterday_told
from .demo_car import car_that_tells
from .demo_visit import fast_day, flexctl_environment, stay, tell_where, years_past
from .kept_logs import run_in_folder
from .offer_story import LEAST_DELIVERED, taken_and_delivered
from .plan_page import plan_told, show_plan
from .processes import ROOT, ManagedProcess, StackError
from .receipt_story import receipt_told
from .recording import Recorder
from .stack import HomeStack, running_stack

LIMIT_W = 4000
DURATION_S = 40
HAND_BACK_S = 30.0
LEAST_KEPT_SHARE = 0.95
USUAL_PORT = 8123
BASELINE_S = 5

RECEIPT = (
    ("BASELINE", "{:.2f} kW before the event"),
    ("USAGE", "{:.3f} kWh used"),
    ("DELTA_USAGE", "{:+.3f} kWh against that"),
    ("KEPT_SHARE", "limit kept {:.1%} of the time"),
)


def tell(text: str) -> None:
    """Say what happens, with the time."""
    print(f"{datetime.now().astimezone():%H:%M:%S}  {text}", flush=True)


async def run(folder: Path, *, check: bool, speed: float) -> int:
    """Run the demo; return the exit code."""
    ended = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, ended.set)
    port = None if check or not _is_free(USUAL_PORT) else USUAL_PORT
    telling = _story(folder, port, check=check) if speed == 1 else fast_day(folder, port, speed, tell)
    story = asyncio.create_task(telling)
    interrupted = asyncio.create_task(ended.wait())
    await asyncio.wait([story, interrupted], return_when=asyncio.FIRST_COMPLETED)
    if not story.done():
        tell("cleaning up")
        story.cancel()
    interrupted.cancel()
    try:
        return await story
    except asyncio.CancelledError:
        return 1 if check else 0


async def _story(folder: Path, port: int | None, *, check: bool) -> int:
    async with running_stack(folder, home_assistant_port=port, tell=tell) as stack, AsyncExitStack() as visit:
        home_assistant = stack.home_assistant
        if not check:
            await years_past(stack, tell)
            await visit.enter_async_context(car_that_tells(stack))
        tell_where(stack, tell)
        for line in await plan_told(home_assistant.api):
            tell(line)
        await show_plan(home_assistant.api)
        if not check:
            try:
                _judge(await _jobs(folder, stack))
            except StackError as error:
                # Who came to look around does so also where a machine is too slow for the rest.
                tell(f"{error}; the home stays up all the same")
            await stay(stack, tell)
            return 0
        figures = await _jobs(folder, stack)
        succeeded = _judge(figures)
        print(json.dumps({**figures, "home_assistant": await home_assistant.version()}), flush=True)
        return 0 if succeeded else 1


async def _jobs(folder: Path, stack: HomeStack) -> dict[str, Any]:
    """Have an event obeyed, an offer taken, receipts reckoned again; return figures. Raises StackError."""
    api = stack.home_assistant.api
    recorder = Recorder(stack.house)
    async with recorder.running():
        figures = await _event(folder, stack, recorder)
    figures |= await taken_and_delivered(stack, tell)
    # Not before: what the home learns of its past moves its plan.
    await yesterday_told(api, stack.home_assistant.folder, tell)
    event_id = _events(stack)[0].document["object"]["id"]
    receipts = [
        await receipt_told(api, folder, event_id, tell),
        await day_receipt_told(api, folder, tell),
    ]
    figures["receipts_hold"] = all(receipts)
    return figures


async def _event(folder: Path, stack: HomeStack, recorder: Recorder) -> dict[str, Any]:
    """Dispatch one event and tell what it does; return the figures."""

    async def car_charges() -> bool:
        return recorder.now.grid_power_w > LIMIT_W + 1000

    await wait_until(car_charges, "the car to charge", timeout_s=60)
    await asyncio.sleep(BASELINE_S)
    tell(f"the car charges, the meter shows {recorder.now.grid_power_w / 1000:.1f} kW")

    flexctl = _flexctl(folder, stack)
    await flexctl.start()
    published = await _published(stack)
    tell(f"the aggregator asks with flexctl: at most {LIMIT_W / 1000:.1f} kW for {DURATION_S} s")
    end = published + DURATION_S

    written = await _found(
        lambda: recording.setpoint_written_at(recorder.samples, published), "a setpoint", end
    )
    tell(f"after {_ms(written, published)} ms the first setpoint is in a device: {_setpoints(recorder)}")
    reached = await _found(
        lambda: recording.limit_reached_at(recorder.samples, published, LIMIT_W), "the limit", end
    )
    tell(f"after {_ms(reached, published)} ms the meter is within the limit: {_power(recorder)}")
    await flexctl.wait(timeout_s=20)

    while (left := end - monotonic()) > 0:
        await asyncio.sleep(min(10, left))
        tell(f"{_power(recorder)}, limit {LIMIT_W / 1000:.1f} kW; {_setpoints(recorder)}")
    share = recording.limit_kept_share(recorder.samples, reached or end, end, LIMIT_W) if reached else 0.0

    handed_back = await _found(
        lambda: recording.handed_back_at(recorder.samples, end), "the hand-back", end + HAND_BACK_S
    )
    if handed_back:
        tell(f"the event is over; {handed_back - end:.1f} s later every device runs by itself again")
    await _receipt(stack)
    return {
        "event_to_setpoint_ms": _ms(written, published),
        "event_to_confirmed_ms": _ms(reached, published),
        "limit_w": LIMIT_W,
        "limit_kept_share": round(share, 4),
        "handed_back": handed_back is not None,
    }


async def _receipt(stack: HomeStack) -> None:
    """Tell what the home reported to the aggregator."""
    event_id = _events(stack)[-1].document["object"]["id"]
    try:
        receipt = await stack.aggregator.wait_for_settlement(event_id, timeout_s=15)
    except StackError as error:
        tell(str(error))
        return
    tell(f"the home reported: {' → '.join(stack.aggregator.statuses(event_id))}")
    told = ", ".join(text.format(receipt[name][0]) for name, text in RECEIPT if receipt.get(name))
    tell(f"the aggregator's receipt: {told}")


def _judge(figures: dict[str, Any]) -> bool:
    """Return whether limit and offer were kept as promised; tell what was not."""
    failures = [
        text
        for failed, text in (
            (figures["event_to_setpoint_ms"] is None, "no setpoint reached a device"),
            (figures["event_to_confirmed_ms"] is None, "the limit was not reached"),
            (
                figures["limit_kept_share"] < LEAST_KEPT_SHARE,
                f"the limit was kept {figures['limit_kept_share']:.1%} of the time",
            ),
            (
                figures["delivered_share"] < LEAST_DELIVERED,
                f"of what was taken of the offer {figures['delivered_share']:.1%} was delivered",
            ),
            (not figures["receipts_hold"], "a receipt does not hold when it is reckoned again"),
            (not figures["handed_back"], f"the devices were not handed back within {HAND_BACK_S:g} s"),
        )
        if failed
    ]
    for failure in failures:
        tell(f"NOT as promised: {failure}")
    return not failures


async def _published(stack: HomeStack) -> float:
    """Return when the event passed the broker."""

    async def seen() -> float | None:
        events = _events(stack)
        return events[-1].at if events else None

    return await wait_until(seen, "flexctl's event on the broker", timeout_s=20, every_s=0.005)


def _events(stack: HomeStack) -> list[Any]:
    return [heard for heard in stack.aggregator.heard if heard.topic.endswith("/events/create")]


async def _found(look: Any, what: str, until: float) -> float | None:
    """Return what ``look`` finds before ``until``, else None after telling so."""

    async def found() -> float | None:
        moment: float | None = look()
        return moment

    try:
        return await wait_until(found, what, timeout_s=max(0.1, until - monotonic()), every_s=0.02)
    except StackError as error:
        tell(str(error))
        return None


def _ms(moment: float | None, since: float) -> float | None:
    return None if moment is None else round((moment - since) * 1000, 1)


def _power(recorder: Recorder) -> str:
    return f"meter {recorder.now.grid_power_w / 1000:.1f} kW"


def _setpoints(recorder: Recorder) -> str:
    told = {name: value for name, value in recorder.now.setpoints.items() if value is not None}
    return ", ".join(f"{name} {value:g}" for name, value in told.items()) or "no device is told anything"


def _flexctl(folder: Path, stack: HomeStack) -> ManagedProcess:
    command = [str(ROOT / "scripts" / "flexctl"), "--no-tls", "--state", str(folder / "open-events.json")]
    event = ["--import-limit", f"{LIMIT_W / 1000:g}kW", "--duration", f"{DURATION_S}s"]
    return ManagedProcess(
        "flexctl",
        [*command, "dispatch", "--ven", VEN_ID, *event],
        log=folder / "flexctl.log",
        environment=flexctl_environment(stack),
    )


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def _speed(text: str) -> float:
    value = float(text)
    if not 1 <= value <= 600:
        raise argparse.ArgumentTypeError("from 1 to 600")
    return value


def main() -> int:
    """Run the demo in a folder that goes with it; after a failure its logs stay."""
    parser = argparse.ArgumentParser(prog="scripts/demo", description=__doc__)
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--check", action="store_true", help="unattended; ends with one line of figures")
    how.add_argument(
        "--speed", type=_speed, default=1.0, help="how many times as fast the house's day goes by, up to 600"
    )
    arguments = parser.parse_args()
    return run_in_folder(
        "demo", "demo", lambda folder: run(folder, check=arguments.check, speed=arguments.speed)
    )


if __name__ == "__main__":
    sys.exit(main())
