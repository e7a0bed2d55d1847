"""``flexctl homes | dispatch | cancel | watch | verify``.

Exit code: 0 done, 1 failed, 2 wrong words, 3 refused by the home, 4 no answer yet.
"""

import argparse
import asyncio
import json
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiomqtt
from rich.console import Console
from rich.live import Live

from ..flexibility.report_values import values_by_type
from . import documents
from .broker import BrokerSettings, Connection, connect, read_document
from .documents import Document
from .open_events import OpenEvents, default_path, end_of
from .quantities import duration, iso_time, power_kw, start_time
from .verify import verify
from .watch import Homes

REFUSED, NO_ANSWER = 3, 4
PAYLOAD_OPTIONS = {
    "import_limit": "IMPORT_CAPACITY_LIMIT",
    "export_limit": "EXPORT_CAPACITY_LIMIT",
    "setpoint": "DISPATCH_SETPOINT",
    "relative": "DISPATCH_SETPOINT_RELATIVE",
    "charge_state": "CHARGE_STATE_SETPOINT",
    "simple": "SIMPLE",
}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="flexctl", description="Dispatch the flexibility of homes over MQTT."
    )
    parser.add_argument(
        "--broker", default=os.environ.get("FLEXCTL_BROKER", "localhost:8883"), metavar="HOST:PORT"
    )
    parser.add_argument("--prefix", default=os.environ.get("FLEXCTL_PREFIX", "homeflex"))
    parser.add_argument("--username", default=os.environ.get("FLEXCTL_USERNAME"))
    parser.add_argument("--password-file", type=Path, help="or the variable FLEXCTL_PASSWORD")
    parser.add_argument("--ca", metavar="FILE", help="certificate authority to trust")
    parser.add_argument("--cert", metavar="FILE", help="own certificate")
    parser.add_argument("--key", metavar="FILE", help="its key")
    parser.add_argument(
        "--no-tls", action="store_true", help="plain connection: only to a broker on this machine"
    )
    parser.add_argument("--state", type=Path, default=default_path(), help="file of the open events")
    commands = parser.add_subparsers(dest="command", required=True)

    homes = commands.add_parser("homes", help="list the homes and what they can do")
    homes.add_argument("--json", action="store_true")

    dispatch = commands.add_parser("dispatch", help="send an event to a home and wait for its answer")
    dispatch.add_argument("--ven", required=True)
    dispatch.add_argument("--program", default="flexibility")
    dispatch.add_argument("--import-limit", type=power_kw, metavar="2kW")
    dispatch.add_argument("--export-limit", type=power_kw, metavar="0kW")
    dispatch.add_argument("--setpoint", type=power_kw, metavar="1kW", help="consumption of the home")
    dispatch.add_argument("--relative", type=power_kw, metavar="-1kW", help="change of consumption")
    dispatch.add_argument("--charge-state", type=float, metavar="0.8", help="state of charge, 0 to 1")
    dispatch.add_argument("--simple", type=int, choices=(0, 1, 2, 3))
    dispatch.add_argument("--start", default="now", metavar="now|+1m|TIME")
    dispatch.add_argument("--duration", type=duration, required=True, metavar="15m")
    dispatch.add_argument("--randomize-start", type=duration, metavar="30s")
    dispatch.add_argument("--priority", type=int)
    dispatch.add_argument("--name")
    dispatch.add_argument("--wait", type=float, default=10.0, metavar="SECONDS", help="for the home's answer")
    dispatch.add_argument("--json", action="store_true")

    cancel = commands.add_parser("cancel", help="take an event back")
    cancel.add_argument("event", help="its id, or the beginning of it")
    cancel.add_argument("--wait", type=float, default=10.0, metavar="SECONDS")

    watch = commands.add_parser("watch", help="a live table; answers homes that ask for their open events")
    watch.add_argument("--json", action="store_true", help="one line a message instead")
    watch.add_argument("--for", type=duration, dest="length", metavar="10m", help="stop by itself")

    line = commands.add_parser("verify", help="reckon a household's line of a sharing statement again")
    line.add_argument("statement", type=Path, help="the statement, as JSON")
    line.add_argument(
        "--received", type=Path, required=True, metavar="FILE", help="own quarter-hours, as CSV"
    )
    return parser


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
                report = (read_document(message) or {}).get("object") or {}
                if report.get("eventID") != event_id:
                    continue
                values = values_by_type(report)
                status = (values.get("INSTRUCTION_STATUS") or [None])[0]
                if status in wanted:
                    return status, " ".join(str(value) for value in values.get("REASON", []))
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
        for rest in ("status", "reports/create", "events/request"):
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
        homes.report(ven_id, document.get("object") or {})
    else:
        open_events: list[Any] = [
            item for item in store.all(_now()).values() if ven_id in (item.get("targets") or ())
        ]
        answer = {"correlation": document.get("correlation"), "events": open_events}
        await broker.publish(settings.topic(ven_id, "events/response"), answer, expires_in_s=60)


COMMANDS = {"homes": _homes, "dispatch": _dispatch, "cancel": _cancel, "watch": _watch}


def main() -> int:
    """Run one command; what goes wrong is one line."""
    arguments = _parser().parse_args()
    try:
        if arguments.command == "verify":
            return verify(arguments.statement, arguments.received)
        return asyncio.run(COMMANDS[arguments.command](arguments, _settings(arguments)))
    except KeyboardInterrupt:
        return 0
    except (aiomqtt.MqttError, OSError, ValueError, argparse.ArgumentTypeError) as error:
        print(f"flexctl: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
