"""Modbus requests that answer or refuse in time, in words the rest of Home Flex knows."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from modbus_connection import (
    AcknowledgeError,
    GatewayPathUnavailableError,
    GatewayTargetError,
    ModbusConnectionError,
    ModbusError,
    ModbusExceptionError,
    ModbusTimeoutError,
    ModbusUnit,
    ServerDeviceBusyError,
    ServerDeviceFailureError,
)

from ..driver import DeviceError

# Gateways to serial lines and loggers over a radio take up to some seconds.
REQUEST_TIMEOUT_S = 5.0
# A request may first wait for one of another program on the link, and a busy device is asked again.
_WITH_QUEUE_S = 2 * REQUEST_TIMEOUT_S + 1.0
MAX_READ_REGISTERS = 125  # MODBUS Application Protocol 1.1b3 section 6.3

type Read = Callable[[int, int], Awaitable[list[int]]]
"""Reads holding registers: the first, and how many."""


async def read(unit: ModbusUnit, address: int, count: int) -> list[int]:
    """Read holding registers.

    Raises DeviceError ``cannot_connect``, ``timeout`` (no answer), ``busy`` (it says so, or the link was for
    too long), ``wrong_unit_id`` (a gateway cannot reach the unit), ``asleep`` (it cannot serve now, as
    inverters say by night), ``read_refused`` or ``bad_answer``.
    """
    words = await _answered(
        unit.read_holding_registers(address, count), refused="read_refused", failed="asleep"
    )
    if len(words) != count:
        raise DeviceError("bad_answer", f"{len(words)} registers came for the {count} asked")
    return words


async def write(unit: ModbusUnit, address: int, words: list[int]) -> None:
    """Write holding registers with function 16. Raises DeviceError as ``read``, with ``write_refused``."""
    await _answered(unit.write_registers(address, words), refused="write_refused", failed="write_refused")


async def write_one(unit: ModbusUnit, address: int, word: int) -> None:
    """Write one holding register with function 6. Raises DeviceError as ``write``."""
    await _answered(unit.write_register(address, word), refused="write_refused", failed="write_refused")


async def _answered[T](request: Awaitable[T], *, refused: str, failed: str) -> T:
    try:
        return await _to_its_end(request)
    except (GatewayPathUnavailableError, GatewayTargetError) as err:
        raise DeviceError("wrong_unit_id", str(err)) from err
    except (ServerDeviceBusyError, AcknowledgeError) as err:
        raise DeviceError("busy", str(err)) from err
    except ServerDeviceFailureError as err:
        raise DeviceError(failed, str(err)) from err
    except ModbusExceptionError as err:
        raise DeviceError(refused, str(err)) from err
    except ModbusTimeoutError as err:
        raise DeviceError("timeout", str(err)) from err
    except TimeoutError as err:
        raise DeviceError("busy", "device or link were busy for too long") from err
    except ModbusConnectionError as err:
        raise DeviceError("cannot_connect", str(err)) from err
    except (ModbusError, OSError, ValueError) as err:
        raise DeviceError("bad_answer", str(err)) from err


async def _to_its_end[T](request: Awaitable[T]) -> T:
    """Await a request; whoever is cancelled meanwhile still waits for it, within its time.

    A link that is being opened is shared: left alone it would fail later, with nobody there to hear it.
    """
    task = asyncio.ensure_future(request)
    task.add_done_callback(_hear)
    try:
        await asyncio.wait({task}, timeout=_WITH_QUEUE_S)
    except asyncio.CancelledError:
        await asyncio.wait({task}, timeout=REQUEST_TIMEOUT_S)
        raise
    finally:
        task.cancel()
    if not task.done():
        raise TimeoutError
    return task.result()


def _hear(task: asyncio.Future[Any]) -> None:
    if not task.cancelled():
        task.exception()
