"""One connection with a charger: calls and answers in both directions (OCPP-J 1.6 section 4)."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from ocpp.charge_point import (  # type: ignore[import-untyped]  # the library has no types
    remove_nones,
    serialize_as_dict,
    snake_to_camel_case,
)
from ocpp.exceptions import OCPPError  # type: ignore[import-untyped]  # the library has no types
from ocpp.messages import (  # type: ignore[import-untyped]  # the library has no types
    Call,
    CallError,
    CallResult,
    validate_payload,
)

from ..driver import DeviceError
from .json_text import is_long, read_json
from .questions import Questions
from .tasks import finish
from .transport import ChargerSocket

if TYPE_CHECKING:
    from .dialect import Dialect

_LOGGER = logging.getLogger(__name__)

# OCPP-J says 36 characters; a charger that sends more still waits for an answer.
_LONGEST_UNIQUE_ID: Final = 255

type Payload = dict[str, Any]
"""A payload as on the wire: camelCase names, any JSON value."""

type Handler = Callable[[Payload], object]
"""Answers a charger's CALL with one of the library's ``call_result`` objects, or raises OCPPError."""


type Answered = Callable[[str, Payload, Payload, int], None]
"""Is told what a charger called and was answered, and the length of its message."""


type UniqueId = str | int
"""What names a call, and is sent back as it came: a text by OCPP-J, a number by some chargers."""


class CallRefusedError(DeviceError):
    """The charger answered a call with CALLERROR; ``code`` is one of OCPP-J 1.6 section 4.2.3, or its own."""

    def __init__(self, code: str) -> None:
        """Keep the code, cut to a sane length."""
        super().__init__("write_refused", f"the charger answered {code[:40]!r}")
        self.code = code[:40]


class Session:
    """Answers what the charger calls, and calls the charger, one call at a time.

    The library's own ``ChargePoint`` is not used: it keeps unasked answers for ever, and a charger that
    breaks a schema in a harmless way would get no further. Of the library we take the messages and schemas.
    """

    def __init__(
        self,
        socket: ChargerSocket,
        handlers: Mapping[str, Handler],
        dialect: Dialect,
        *,
        on_answered: Answered = lambda _action, _payload, _answer, _length: None,
        questions: Questions | None = None,
    ) -> None:
        """Speak ``dialect`` over ``socket``; ``handlers`` by the name of the action.

        ``on_answered`` is told of each call that was not refused; ``questions`` are those of the charger.
        """
        self.dialect = dialect
        self.questions = questions or Questions()
        self._on_answered = on_answered
        self._socket = socket
        self._handlers = handlers
        self._turn = asyncio.Lock()
        self._waiting_for: tuple[str, asyncio.Future[Payload | DeviceError]] | None = None
        self._ended = asyncio.Event()
        self.ignored_messages = 0

    async def serve(self) -> None:
        """Receive until the connection is over or ``end`` is called; leaves the socket closed and no task."""
        receiving = asyncio.create_task(self._receive(), name="home_flex ocpp receive")
        ending = asyncio.create_task(self._ended.wait(), name="home_flex ocpp end")
        try:
            await asyncio.wait({receiving, ending}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.end()
            await finish(receiving, ending)
            await self._socket.close()

    def end(self) -> None:
        """End the connection; a call that waits for its answer fails now."""
        self._ended.set()
        self._settle(None, DeviceError("charger_not_connected", "the charger's connection ended"))

    @property
    def has_ended(self) -> bool:
        """Whether the connection is over, so that no answer means nothing."""
        return self._ended.is_set()

    async def call(self, message: object, *, timeout_s: float) -> Payload:
        """Send one of the library's ``call`` objects and return the payload of the charger's answer.

        Raises DeviceError as ``request`` does.
        """
        return await self.request(type(message).__name__, _to_payload(message), timeout_s=timeout_s)

    async def request(self, action: str, payload: Payload, *, timeout_s: float) -> Payload:
        """Send a CALL and return the payload of the answer; an answer without a payload is an empty one.

        Raises CallRefusedError for a CALLERROR; DeviceError ``timeout`` without an answer after
        ``timeout_s`` (a later answer is ignored and blocks nothing), ``charger_not_connected``; OCPPError for
        a payload that breaks the schema, which is not sent.
        """
        request = Call(str(uuid4()), action, payload)
        await validate_payload(request, self.dialect.version)
        async with self._turn:
            if self._ended.is_set():
                raise DeviceError("charger_not_connected", "the charger is not connected")
            answer: asyncio.Future[Payload | DeviceError] = asyncio.get_running_loop().create_future()
            self._waiting_for = (request.unique_id, answer)
            try:
                async with asyncio.timeout(timeout_s):
                    await self._socket.send(request.to_json())
                    result = await answer
            except TimeoutError:
                raise DeviceError("timeout", f"no answer to {action} within {timeout_s:g} s") from None
            except ConnectionError as error:
                raise DeviceError("charger_not_connected", f"{action} could not be sent") from error
            finally:
                self._waiting_for = None
        if isinstance(result, DeviceError):
            raise result
        return result

    async def _receive(self) -> None:
        try:
            while (text := await self._socket.recv()) is not None:
                await self._take(text)
        except ConnectionError as error:
            _LOGGER.debug("A charger's connection ended: %s", error)

    async def _take(self, text: str) -> None:
        """Sort one message; what is no OCPP-J message is counted and changes nothing.

        What can be answered is answered, and what can be settled is settled, also when parts of the envelope
        are missing: a charger that waits repeats itself, and a call of ours would wait for nothing.
        """
        match await read_json(text):
            case [2, str() | int() as unique_id, str() as action, *rest] if _is_short(unique_id):
                if is_long(text) and action not in self.dialect.long_actions:
                    await self._send(self._refuse_long(unique_id, action))
                else:
                    answer = self._answer(unique_id, action, *rest[:1])
                    await self._send(answer)
                    if isinstance(answer, CallResult):
                        payload = rest[0] if rest and isinstance(rest[0], dict) else {}
                        self._on_answered(action, payload, answer.payload, len(text))
            case [2, str() | int() as unique_id, *_] if _is_short(unique_id):
                await self._send(CallError(unique_id, "FormationViolation", "this is no OCPP 1.6 call", {}))
            case [3, str() as unique_id, dict() as payload, *_]:
                self._settle(unique_id, payload)
            case [3, str() as unique_id, *_]:
                self._settle(unique_id, {})
            case [4, str() as unique_id, *rest]:
                self._settle(
                    unique_id, CallRefusedError(next((x for x in rest[:1] if isinstance(x, str)), ""))
                )
            case _:
                self.ignored_messages += 1

    def _answer(self, unique_id: UniqueId, action: str, payload: object = None) -> CallResult | CallError:
        """Return the answer to a charger's call; a call without fields may leave its payload out."""
        handler = self._handlers.get(action)
        if handler is None:
            return CallError(unique_id, "NotImplemented", "this action is not known here", {})
        if payload is None or payload == []:
            payload = {}
        if not isinstance(payload, dict):
            return CallError(unique_id, "FormationViolation", "the payload is no object", {})
        try:
            return CallResult(unique_id, _to_payload(handler(payload)))
        except OCPPError as error:
            self.ignored_messages += 1
            return CallError(unique_id, error.code, error.description, {})
        except Exception:  # a fault of ours in one answer must not cost the connection
            _LOGGER.exception("The charger's %s could not be handled", action)
            return CallError(unique_id, "InternalError", "the call could not be handled", {})

    def _refuse_long(self, unique_id: UniqueId, action: str) -> CallError:
        """Return the answer to a call that has no reason to be so long."""
        self.ignored_messages += 1
        _LOGGER.warning("A charger's %s was refused: it is longer than any has to be", action[:40])
        return CallError(unique_id, "GenericError", "the message is longer than this action has to be", {})

    def _settle(self, unique_id: str | None, result: Payload | DeviceError) -> None:
        """Hand ``result`` to the call that waits for ``unique_id`` (None: to whichever waits)."""
        if self._waiting_for is None or unique_id not in {None, self._waiting_for[0]}:
            self.ignored_messages += unique_id is not None
        elif not self._waiting_for[1].done():
            self._waiting_for[1].set_result(result)

    async def _send(self, message: CallResult | CallError) -> None:
        await self._socket.send(message.to_json())


def _is_short(unique_id: UniqueId) -> bool:
    """Whether an id can be sent back."""
    return not isinstance(unique_id, bool) and len(str(unique_id)) <= _LONGEST_UNIQUE_ID


def _to_payload(message: object) -> Payload:
    """Write one of the library's dataclasses as on the wire."""
    payload: Payload = snake_to_camel_case(remove_nones(serialize_as_dict(message)))
    return payload
