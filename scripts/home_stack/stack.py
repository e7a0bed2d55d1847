"""The parts together: broker, house, aggregator, Home Assistant, Home Flex."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from .aggregator import Aggregator
from .broker import Broker
from .home_assistant import HomeAssistant
from .home_flex import HomeFlex, Tell
from .house import House


@dataclass(frozen=True, kw_only=True, slots=True)
class HomeStack:
    """Everything that runs."""

    broker: Broker
    house: House
    aggregator: Aggregator
    home_assistant: HomeAssistant
    home_flex: HomeFlex


@asynccontextmanager
async def running_stack(
    folder: Path,
    *,
    home_assistant_port: int | None = None,
    home_assistant_environment: Mapping[str, str] | None = None,
    house_options: tuple[str, ...] = (),
    more_configuration: str = "",
    set_up: bool = True,
    tell: Tell = lambda _: None,
) -> AsyncIterator[HomeStack]:
    """Start everything in ``folder``, and end everything on leaving, whatever happens.

    ``house_options`` go to the simulator, ``more_configuration`` is further YAML of Home Assistant. Without
    ``set_up`` Home Flex is left to be set up by the caller.
    """
    async with AsyncExitStack() as cleanup:
        broker = Broker(folder / "broker")
        cleanup.push_async_callback(broker.stop)
        await broker.start()
        if broker.is_embedded:
            tell(
                "broker: Mosquitto is missing and may not be installed; an embedded broker (amqtt) stands in"
            )
        else:
            tell(f"broker: Mosquitto on port {broker.port}, with passwords and access rules")

        house = House(folder / "house", options=house_options)
        cleanup.push_async_callback(house.stop)
        await house.start()
        tell(f"simulated house: P1 on port {house.ports.p1_port}, Modbus on port {house.ports.modbus_port}")

        aggregator = Aggregator(broker)
        await cleanup.enter_async_context(aggregator.listening())

        home_assistant = HomeAssistant(
            folder / "home_assistant",
            port=home_assistant_port,
            environment=home_assistant_environment,
            more_configuration=more_configuration,
        )
        cleanup.push_async_callback(home_assistant.stop)
        await home_assistant.start()
        tell(f"Home Assistant {await home_assistant.version()}: {home_assistant.url}")

        home_flex = HomeFlex(home_assistant.api)
        if set_up:
            await home_flex.set_up(house, broker, tell=tell)
        yield HomeStack(
            broker=broker,
            house=house,
            aggregator=aggregator,
            home_assistant=home_assistant,
            home_flex=home_flex,
        )
