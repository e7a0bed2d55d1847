"""``flexctl homes | dispatch | cancel | watch | verify | canary``, which need no hub, and ``flexctl hub …``.

Exit code: 0 done, 1 failed, 2 wrong words, 3 refused by the home or the hub, 4 no answer yet, 5 a version
that is worse than the one before it.
"""

import argparse
import asyncio
import json
import os
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import aiomqtt
import httpx
from home_common.plain_text import plain
from rich.console import Console
from rich.live import Live

from . import documents
from .arguments import PAYLOAD_OPTIONS, parser
from .broker import BrokerSettings, Connection, connect, read_document
from .canary import canary
from .documents import Document
from .hub_client import RefusedByHubError
from .hub_commands import run_hub
from .open_events import OpenEvents, end_of
from .quantities import iso_time, start_time
from .verify import verify
from .watch import Homes, told_report, told_values

REFUSED, NO_ANSWER = 3, 4


def _settings(arguments: argparse.Namespace) -> BrokerSettings:
    host, _, port = arguments.broker.rpartition(":")
    password = os.environ.get("FLEXCTL_PASSWORD")
    if arguments.password_file:
        password = arguments.password_file.read_text().strip()
    return BrokerSettings(
        host=host,
        port=int(port),
        prefix=arguments.prefix,
        username=arguments.username,
        password=password,
        tls=not arguments.no_tls,
        ca_file=arguments.ca,
        certificate_file=arguments.cert,
        key_file=arguments.key,
    )


def _now() -> datetime:
    return datetime.now(UTC)


async def _homes(arguments: argparse.Namespace, settings: BrokerSettings) -> int:
    """Read the retained presence of every home; silence for a second means that there are no more."""
    homes = Homes()
    found: dict[str, Document] = {}
    async with connect(settings) as broker:
        await broker.subscribe(settings.topic("+", "status"))
        messages = broker.messages
        try:
            while True:
                message = await asyncio.wait_for(anext(messages), 1.0)
                if document := read_document(message):
                    ven_id = settings.ven_id(str(message.topic))
                    found[ven_id] = document
                    homes.presence(ven_id, document)
        except TimeoutError:
            pass
    if arguments.json:
        print(json.dumps(found))
    else:
        Console().print(homes.table())
    return 0


async def _answer(
    broker: Connection, event_id: str, wanted: set[str], seconds: float
) -> tuple[str | None, str]:
    """Wait for a report on ``event_id`` with a status that is ``wanted``; returns it and its reason."""
    try:
        async with asyncio.timeout(seconds):
            async for message in broker.messages:
                report = told_report(read_document(message) or {})
                if report.get("eventID") != event_id:
                    continue
                values = told_values(report)
                status = (values.get("INSTRUCTION_STATUS") or [None])[0]
                if isinstance(status, str) and status in wanted:
                    return status, plain(" ".join(str(value) for value in values.get("REASON", [])))
    except TimeoutError:
        pass
    return None, ""


async def _dispatch(arguments: argparse.Namespace, settings: BrokerSettings) -> int:
    payloads = {
        kind: value
        for option, kind in PAYLOAD_OPTIONS.items()
        if (value := getattr(arguments, option)) is not None
    }
    if not payloads:
        print("flexctl: give at least one of --import-limit, --export-limit, --setpoint, …", file=sys.stderr)
        return 2
    async with connect(settings) as broker:
        await broker.subscribe(settings.topic(arguments.ven, "reports/create"))
        now = _now()
        document = documents.event(
            ven_id=arguments.ven,
            program_id=arguments.program,
            payloads=payloads,
            start=start_time(arguments.start, now),
            duration=arguments.duration,
            randomize_start=arguments.randomize_start,
            priority=arguments.priority,
            name=arguments.name,
            now=now,
        )
        OpenEvents(arguments.state).put(document, now)
        sent = _now()
        await broker.publish(
            settings.topic(arguments.ven, "events/create"),
            documents.notification("CREATE", document),
            expires_in_s=(end_of(document) - now).total_seconds(),
        )
        status, reason = await _answer(
            broker, document["id"], {"ACCEPTED", "STARTED", "REJECTED", "ABORTED"}, arguments.wait
        )
    return _tell(arguments, document["id"], status, reason, (_now() - sent) / timedelta(milliseconds=1))


def _tell(
    arguments: argparse.Namespace, event_id: str, status: str | None, reason: str, answer_ms: float
) -> int:
    if arguments.json:
        print(
            json.dumps(
                {"eventID": event_id, "status": status, "reason": reason, "answer_ms": round(answer_ms, 1)}
            )
        )
    elif status is None:
        print(f"{event_id}: sent; no answer in {arguments.wait:g} s (the broker keeps it for the home)")
    else:
        print(f"{event_id}: {status}{f' ({reason})' if reason else ''} after {answer_ms:.0f} ms")
    if status is None:
        return NO_ANSWER
    return REFUSED if status in {"REJECTED", "ABORTED"} else 0


async def _cancel(arguments: argparse.Namespace, settings: BrokerSettings) -> int:
    now = _now()
    store = OpenEvents(arguments.state)
    matches = [item for key, item in store.all(now).items() if key.startswith(arguments.event)]
    if len(matches) != 1:
        print(f"flexctl: {len(matches)} open events begin with {arguments.event!r}", file=sys.stderr)
        return 1
    document = {**matches[0], "modificationDateTime": iso_time(now)}
    ven_id = document["targets"][0]
    async with connect(settings) as broker:
        await broker.subscribe(settings.topic(ven_id, "reports/create"))
        await broker.publish(
            settings.topic(ven_id, "events/delete"),
            documents.notification("DELETE", document),
            expires_in_s=(end_of(document) - now).total_seconds(),
        )
        status, _ = await _answer(broker, document["id"], {"REVOKED"}, arguments.wait)
    store.remove(document["id"], now)
    print(f"{document['id']}: {status or 'sent; no answer yet'}")
    return 0 if status else NO_ANSWER


async def _watch(arguments: argparse.Namespace, settings: BrokerSettings) -> int:
    homes = Homes()
    store = OpenEvents(arguments.state)
    async with connect(settings) as broker:
        for rest in ("status", "reports/create", *(("events/request",) if arguments.answer else ())):
            await broker.subscribe(settings.topic("+", rest))
        seconds = arguments.length.total_seconds() if arguments.length else None
        live = None if arguments.json else Live(homes.table(), auto_refresh=False)
        if live:
            live.start()
        try:
            async with asyncio.timeout(seconds):
                async for message in broker.messages:
                    await _seen(broker, settings, store, homes, message)
                    if live:
                        live.update(homes.table(), refresh=True)
                    else:
                        print(
                            json.dumps({"topic": str(message.topic), "document": read_document(message)}),
                            flush=True,
                        )
        except TimeoutError:
            pass
        finally:
            if live:
                live.stop()
    return 0


async def _seen(
    broker: Connection,
    settings: BrokerSettings,
    store: OpenEvents,
    homes: Homes,
    message: aiomqtt.Message,
) -> None:
    """Fold a message into the picture; answer it when it asks for the open events."""
    topic = str(message.topic)
    ven_id = settings.ven_id(topic)
    if (document := read_document(message)) is None:
        return
    if topic.endswith("/status"):
        homes.presence(ven_id, document)
    elif topic.endswith("/reports/create"):
        homes.report(ven_id, told_report(document))
    else:
        open_events: list[Any] = [
            item for item in store.all(_now()).values() if ven_id in (item.get("targets") or ())
        ]
        answer = {"correlation": document.get("correlation"), "events": open_events}
        await broker.publish(settings.topic(ven_id, "events/response"), answer, expires_in_s=60)


COMMANDS = {"homes": _homes, "dispatch": _dispatch, "cancel": _cancel, "watch": _watch}


def main() -> int:
    """Run one command; what goes wrong is one line."""
    arguments = parser().parse_args()
    try:
        if arguments.command == "verify":
            return verify(arguments.statement, arguments.received, arguments.receipt)
        if arguments.command == "canary":
            return canary(arguments, _now())
        if arguments.command == "hub":
            return run_hub(arguments)
        return asyncio.run(COMMANDS[arguments.command](arguments, _settings(arguments)))
    except KeyboardInterrupt:
        return 0
    except RefusedByHubError as error:
        print(f"flexctl: {error}", file=sys.stderr)
        return REFUSED
    except (
        aiomqtt.MqttError,
        httpx.HTTPError,
        OSError,
        ValueError,
        argparse.ArgumentTypeError,
    ) as error:
        print(f"flexctl: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
