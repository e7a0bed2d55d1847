"""The demo for a visitor: a house with a past, prices ahead, an event to be answered, days that fly by."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from .broker import VEN_ID
from .demo_car import car_that_tells
from .demo_prices import tell_hours_ahead
from .energy_past import give_energy_past
from .home_flex import Tell
from .home_series import real_house
from .panel_past import CAPACITY_WH, give_past
from .stack import HomeStack, running_stack

LEAVES_AT: Final = 8
BACK_AT: Final = 17
# What is announced to a visitor at the end.
ANNOUNCED_W = 1000
ANNOUNCED_IN = timedelta(minutes=15)
ANNOUNCED_FOR = timedelta(minutes=30)


async def fast_day(folder: Path, port: int | None, speed: float, tell: Tell) -> int:
    """Play the house's days so many times as fast, for whoever looks at the panel; nothing is judged."""
    dawn = f"{datetime.now(UTC):%Y}-05-12T05:00"
    options = ("--speed", f"{speed:g}", "--at", dawn, "--battery-mode", "self_consumption", "--cloud", "0.1")
    async with running_stack(folder, home_assistant_port=port, house_options=options, tell=tell) as stack:
        await years_past(stack, tell, speed)
        tell_where(stack, tell)
        tell(
            f"a day of the house takes {24 * 60 / speed:.0f} minutes; prices and the plan keep the real time"
        )
        async with car_that_tells(stack, speed), asyncio.TaskGroup() as tasks:
            tasks.create_task(_drive(stack, tell))
            tasks.create_task(stay(stack, tell))
    return 0


async def _drive(stack: HomeStack, tell: Tell) -> None:
    """Let the car leave for work in the morning and come back in the evening, by the house's clock."""
    is_there = True
    while True:
        hour = datetime.fromisoformat((await stack.house.raw_state())["time"]).hour
        if is_there is (LEAVES_AT <= hour < BACK_AT):
            is_there = not is_there
            comes = {"car_plugged": True, "car_soc": 0.3} if is_there else {"car_plugged": False}
            await stack.house.put("/house", comes)
            tell(f"{hour}:00 in the house: the car {'is back' if is_there else 'leaves'}")
        await asyncio.sleep(1)


async def years_past(stack: HomeStack, tell: Tell, speed: float = 1.0) -> None:
    """Give the house a year that it was lived in, and prices that differ by the hour."""
    tell("the house is given a past: a year of a real home, which takes a minute or two")
    await give_past(stack, days=365, house=real_house(), capacity_wh=CAPACITY_WH / speed)
    await tell_hours_ahead(stack)
    tell("prices and carbon of today and tomorrow are told by the hour")
    await give_energy_past(stack.home_assistant.api)
    tell("Home Assistant's Energy dashboard is filled in, with the month behind it")


def tell_where(stack: HomeStack, tell: Tell) -> None:
    """Tell where the panel is, and with whose password."""
    one = stack.home_assistant
    tell(f"open {one.url}/home-flex  user {one.username}  password {one.password}")


async def stay(stack: HomeStack, tell: Tell) -> None:
    """Announce an event that a visitor may answer, and keep the home up until this is cancelled."""
    await stack.aggregator.ask(
        {"IMPORT_CAPACITY_LIMIT": ANNOUNCED_W / 1000}, duration=ANNOUNCED_FOR, starts_in=ANNOUNCED_IN
    )
    start = datetime.now().astimezone() + ANNOUNCED_IN
    tell(
        f"an event is announced for {start:%H:%M}: join, join partly or skip it at "
        f"{stack.home_assistant.url}/home-flex/events"
    )
    tell("the home stays up; look around, dispatch more with the line below; Ctrl-C ends everything")
    print(_flexctl_line(stack), flush=True)
    await asyncio.Event().wait()


def _flexctl_line(stack: HomeStack) -> str:
    variables = " ".join(f"{name}={value}" for name, value in flexctl_environment(stack).items())
    return f"{variables} scripts/flexctl --no-tls dispatch --ven {VEN_ID} --import-limit 2kW --duration 5m"


def flexctl_environment(stack: HomeStack) -> dict[str, str]:
    """Return where flexctl finds the demo's broker, as the aggregator."""
    settings = stack.aggregator.settings
    return {
        "FLEXCTL_BROKER": f"{settings.host}:{settings.port}",
        "FLEXCTL_USERNAME": settings.username or "",
        "FLEXCTL_PASSWORD": settings.password or "",
    }
