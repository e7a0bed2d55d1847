"""The charge point's life on the wire: dials in, reports what changed, dials again when the link is lost."""

import asyncio
import contextlib
import logging
from collections.abc import Mapping
from typing import Any

from websockets.exceptions import WebSocketException

from . import ocpp_201
from .charger_habits import by_phase, with_begin
from .connector import CONNECTOR_ID, Connector, Transaction
from .faults import FaultSwitch
from .meter_values import meter_value, now_text
from .ocpp_201 import Speech201
from .ocpp_link import CallRefusedError, CentralSystem, OcppLink
from .ocpp_requests import Requests

_LOGGER = logging.getLogger(__name__)
_TICK_S = 0.05
_BACK_OFF_S = (0.5, 1.0, 2.0, 5.0, 10.0)
_POWER_CHANGE_W = 100.0
_SETTLED_W = 5.0
_RETRY_S = 1.0
_ID_TAG = "CAR-0001"


type Voice = OcppLink | Speech201
"""What calls are spoken through: as they are, or in OCPP 2.0.1."""


class ChargePoint:
    """Speaks for one connector. Its own clock is the machine's, whatever time the house lives in."""

    def __init__(self, connector: Connector, faults: FaultSwitch) -> None:
        """Start without a central system."""
        self.connector = connector
        self.requests = Requests(connector, faults)
        self._speech = Speech201(self.requests)
        self._faults = faults
        self._central_system: CentralSystem | None = None
        self._redial = asyncio.Event()
        self._ended: list[tuple[Transaction, str, int]] = []
        self._waits_for_remote_start = False
        self._told_status: str | None = None
        self._told_power_w = 0.0
        self._seen_power_w = 0.0
        self._next_meter_values = 0.0
        self._next_heartbeat = 0.0

    def dial(self, central_system: CentralSystem | None) -> None:
        """Hang up, and dial ``central_system``; None stays silent and lets every car charge."""
        self._central_system = central_system
        self.connector.dialling = central_system is not None
        self._redial.set()

    def control(self) -> None:
        """Advance the connector: end a session whose car left, and offer what the profiles allow."""
        transaction = self.connector.transaction
        if transaction is not None and not self.connector.car.plugged:
            self._end_transaction(transaction, "EVDisconnected")
        if not self.connector.car.plugged:
            self._waits_for_remote_start = False
        self.connector.control(self._faults.charger_time())

    async def run(self) -> None:
        """Dial until cancelled, with growing pauses while nobody answers."""
        attempt = 0
        while True:
            self._redial.clear()
            if self._central_system is None or self._faults.now.ocpp_link_down:
                attempt = 0
                await self._pause(0.2)
                continue
            if await self._connection(self._central_system):
                attempt = 0
            if not self._redial.is_set():
                await self._pause(_BACK_OFF_S[min(attempt, len(_BACK_OFF_S) - 1)])
            attempt += 1

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._redial.wait(), seconds)

    async def _connection(self, central_system: CentralSystem) -> bool:
        """Live through one connection; whether there was one."""
        try:
            link, voice = await self._dial(central_system)
        except (OSError, ValueError, WebSocketException) as error:
            _LOGGER.info("cannot reach the central system: %s", type(error).__name__)
            return False
        try:
            await self._live(link, voice)
        finally:
            self.connector.online = False
            await link.close()
        return True

    async def _dial(self, central_system: CentralSystem) -> tuple[OcppLink, Voice]:
        """Dial in the version that is spoken now; return the connection, and what is spoken through."""
        if not self._faults.now.charger_speaks_201:
            link = await OcppLink.dial(central_system, self.requests.answer)
            return link, link
        speech = self._speech
        speech.link = await OcppLink.dial(central_system, speech.answer, ocpp_201.SUBPROTOCOL)
        return speech.link, speech

    async def _live(self, link: OcppLink, voice: Voice) -> None:
        jobs = {
            asyncio.create_task(link.read()),
            asyncio.create_task(self._report(voice)),
            asyncio.create_task(self._until_cut(voice)),
        }
        try:
            await asyncio.wait(jobs, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for job in jobs:
                job.cancel()
            results = await asyncio.gather(*jobs, return_exceptions=True)
        for result in results:
            lost = isinstance(result, asyncio.CancelledError | WebSocketException | OSError)
            if isinstance(result, BaseException) and not lost:
                raise result

    async def _until_cut(self, voice: Voice) -> None:
        """Return when the link has to go down: redialled, reset, for another version, or by a fault."""
        while True:
            faults = self._faults.now
            is_other = faults.charger_speaks_201 != isinstance(voice, Speech201)
            if self._redial.is_set() or self.requests.reset or faults.ocpp_link_down or is_other:
                break
            await asyncio.sleep(_TICK_S)
        if self.requests.reset:
            self.requests.reset = False
            if self.connector.transaction is not None:
                self._end_transaction(self.connector.transaction, "SoftReset")
            await asyncio.sleep(_TICK_S)  # the answer to the Reset leaves first

    async def _report(self, link: Voice) -> None:
        while True:
            if await self._booted(link):
                break
            await asyncio.sleep(_RETRY_S)
        self.connector.online = True
        self._told_status = None
        while True:
            try:
                await self._report_changes(link)
                await asyncio.sleep(_TICK_S)
            except TimeoutError, CallRefusedError, KeyError, TypeError, ValueError:
                _LOGGER.info("the central system did not take a message")
                await asyncio.sleep(_RETRY_S)

    async def _booted(self, link: Voice) -> bool:
        try:
            return await self._boot(link)
        except TimeoutError, CallRefusedError, TypeError, ValueError:
            return False

    async def _boot(self, link: Voice) -> bool:
        answer = await link.call(
            "BootNotification",
            {
                "chargePointVendor": "Home Flex",
                "chargePointModel": "Simulator",
                "chargePointSerialNumber": "SIM-EVSE-0001",
                "firmwareVersion": "1.0",
                "meterType": "three-phase",
            },
        )
        self.requests.set_heartbeat(int(answer.get("interval", 0)))
        return answer.get("status") == "Accepted"

    async def _report_changes(self, link: Voice) -> None:
        await self._report_transactions(link)
        triggered, self.requests.triggered = self.requests.triggered, set()
        if "BootNotification" in triggered:
            await self._boot(link)
        await self._report_status(link, asked="StatusNotification" in triggered)
        await self._report_meter_values(link, asked="MeterValues" in triggered)
        now = asyncio.get_running_loop().time()
        if now >= self._next_heartbeat or "Heartbeat" in triggered:
            self._next_heartbeat = now + self.requests.seconds("HeartbeatInterval")
            await link.call("Heartbeat", {})

    async def _report_transactions(self, link: Voice) -> None:
        if self.requests.remote_stop:
            self.requests.remote_stop = False
            if self.connector.transaction is not None:
                self._end_transaction(self.connector.transaction, "Remote")
        while self._ended:
            await self._stop_transaction(link, *self._ended[0])
            self._ended.pop(0)
        waits = self._faults.now.charger_waits_for_start and self.requests.remote_start_tag is None
        idle = self.connector.transaction is None and self.connector.operative
        if idle and self.connector.car.plugged and not waits:
            await self._start_transaction(link)

    async def _start_transaction(self, link: Voice) -> None:
        """Ask for the car's tag once per plugging in; a remote start brings its own tag and asks nobody."""
        tag, self.requests.remote_start_tag = self.requests.remote_start_tag, None
        if tag is None:
            if self._waits_for_remote_start:
                return
            tag = _ID_TAG
            self._waits_for_remote_start = not _accepted(await link.call("Authorize", {"idTag": tag}))
            if self._waits_for_remote_start:
                return
        await self._report_status(link)
        started = self._faults.charger_time()
        transaction = Transaction(started, round(self.connector.car.energy_wh), tag)
        answer = await link.call(
            "StartTransaction",
            {
                "connectorId": CONNECTOR_ID,
                "idTag": tag,
                "meterStart": transaction.meter_start_wh,
                "timestamp": now_text(started),
            },
        )
        transaction.transaction_id = int(answer["transactionId"])
        if _accepted(answer):
            self.connector.transaction = transaction
            self.connector.control(self._faults.charger_time())
        else:
            self._waits_for_remote_start = True
            self._ended.append((transaction, "DeAuthorized", transaction.meter_start_wh))

    def _end_transaction(self, transaction: Transaction, reason: str) -> None:
        self._ended.append((transaction, reason, round(self.connector.car.energy_wh)))
        self.connector.transaction = None
        self.connector.profiles.end_transaction()
        self._waits_for_remote_start = reason != "SoftReset"

    async def _stop_transaction(
        self, link: Voice, transaction: Transaction, reason: str, meter_stop_wh: int
    ) -> None:
        if self._faults.now.charger_loses_stop:
            return
        await link.call(
            "StopTransaction",
            {
                "transactionId": transaction.transaction_id,
                "idTag": transaction.id_tag,
                "meterStop": meter_stop_wh,
                "timestamp": now_text(self._faults.charger_time()),
                "reason": reason,
            },
        )

    async def _report_status(self, link: Voice, *, asked: bool = False) -> None:
        status = self.connector.status
        if status == self._told_status and not asked:
            return
        self._told_status = status
        payload = {
            "errorCode": "NoError",
            "status": status,
            "timestamp": now_text(self._faults.charger_time()),
        }
        await link.call("StatusNotification", {"connectorId": CONNECTOR_ID, **payload})

    async def _report_meter_values(self, link: Voice, *, asked: bool) -> None:
        """Send samples on their period, when asked, and as soon as a changed power has settled."""
        now = asyncio.get_running_loop().time()
        power = self.connector.car.power_w
        settled = abs(power - self._seen_power_w) < _SETTLED_W
        self._seen_power_w = power
        changed = settled and abs(power - self._told_power_w) > _POWER_CHANGE_W
        interval = self.requests.seconds("MeterValueSampleInterval")
        due = interval > 0 and now >= self._next_meter_values
        if self._faults.now.charger_frozen or not (asked or changed or due):
            return
        self._next_meter_values = now + interval
        self._told_power_w = power
        context = "Trigger" if asked else "Sample.Periodic"
        payload = {"connectorId": CONNECTOR_ID, "meterValue": self._samples(context)}
        transaction = self.connector.transaction
        if transaction is not None and transaction.transaction_id is not None:
            payload["transactionId"] = transaction.transaction_id
        await link.call("MeterValues", payload)

    def _samples(self, context: str) -> list[Mapping[str, Any]]:
        sample: Mapping[str, Any] = meter_value(self.connector.car, self._faults.charger_time(), context)
        if self._faults.now.charger_meter_of_begin:
            sample = with_begin(sample)
        return by_phase(sample) if self._faults.now.charger_meter_by_phase else [sample]


def _accepted(answer: dict[str, dict[str, str]]) -> bool:
    """Whether an answer's ``idTagInfo`` lets the tag charge."""
    return answer.get("idTagInfo", {}).get("status") == "Accepted"
