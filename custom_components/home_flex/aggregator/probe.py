"""Try an aggregator's broker before it is taken into use."""

import asyncio
import secrets

from aiomqtt import MqttError

from .errors import AggregatorError
from .mqtt_client import connection_to
from .settings import AggregatorSettings
from .tls import create_tls_context
from .topics import topics_of


async def probe(settings: AggregatorSettings, *, timeout_s: float = 10) -> None:
    """Connect, subscribe to the home's events, disconnect. Raises AggregatorError.

    The client id is not the home's own, so that a running link and its session are left alone.
    """
    topics = topics_of(settings)
    try:
        async with asyncio.timeout(timeout_s):
            context = await create_tls_context(settings)
            identifier = f"{settings.ven_id}-probe-{secrets.token_hex(4)}"
            async with connection_to(settings, context, identifier=identifier) as client:
                await client.subscribe_to(topics.events)
    except TimeoutError as error:
        raise AggregatorError("timeout", f"The broker did not answer within {timeout_s:g} s") from error
    except MqttError as error:
        raise AggregatorError("protocol", f"The broker ended the conversation: {error}") from error
