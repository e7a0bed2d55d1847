"""``fleet-tool``: the command line.

Exit code: 0 done, 1 failed, 2 wrong words, 3 a rollout is stopped.
"""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any, Final

import aiohttp
from community_hub.enrolment.authority import AuthorityError, FleetAuthority, require_ven_id
from rich.console import Console

from .api import BalenaApi, BalenaError
from .arguments import parser
from .balena import BalenaFleet
from .batch import BatchError, read_batch
from .centre import CentreClient, CentreError
from .commands import make_command, make_key
from .configuration import Configuration, ConfigurationError, load
from .context import CommandError, Context
from .enrol import enrol
from .erasure import erase
from .folder import OperatorFolder, locked
from .revocation import renew_list, revoke, write_revocation_list
from .rollout import pin, pin_fleet, resume, roll_back, start
from .rotation import rotate
from .status import status
from .variables import set_variables

FAILED: Final = 1
STOPPED: Final = 3


def main(words: list[str] | None = None, console: Console | None = None) -> int:
    """Run one command and return its exit code."""
    options = parser().parse_args(words)
    console = console or Console()
    try:
        with locked(options.folder):
            if options.command in _OFFLINE:
                return _OFFLINE[options.command](options, console)
            return asyncio.run(_connected(options, console))
    except* (
        AuthorityError,
        BalenaError,
        BatchError,
        CentreError,
        CommandError,
        ConfigurationError,
        OSError,
    ) as failures:
        for failure in _flat(failures):
            console.print(
                f"fleet-tool: {failure}", style="red", markup=False, highlight=False, soft_wrap=True
            )
    except* KeyboardInterrupt:
        console.print("interrupted; run it again to go on")
    return FAILED


async def _connected(options: argparse.Namespace, console: Console) -> int:
    configuration = load(options.folder)
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession())
        api = BalenaApi(session, configuration.balena_token(), url=configuration.api, dry_run=options.dry_run)
        context = Context(
            folder=OperatorFolder(path=options.folder),
            configuration=configuration,
            fleet=await BalenaFleet.find(api, configuration.fleet),
            centre=_centre(session, configuration, dry_run=options.dry_run),
            console=console,
            clock=lambda: datetime.now(UTC),
            dry_run=options.dry_run,
        )
        is_stopped = await _COMMANDS[options.command](options, context) is False
        for withheld in api.withheld:
            context.say(f"would {withheld}")
        return STOPPED if is_stopped else 0


async def _enrol(options: argparse.Namespace, context: Context) -> None:
    homes = read_batch(options.batch, context.configuration.record)
    await enrol(context, homes, new_codes=options.new_code, replace_devices=options.replace_device)


async def _start(options: argparse.Namespace, context: Context) -> bool:
    return await start(context, options.release, **_rolling(options))


async def _resume(options: argparse.Namespace, context: Context) -> bool:
    return await resume(context, **_rolling(options))


def _rolling(options: argparse.Namespace) -> dict[str, Any]:
    return {
        "once": options.once,
        "despite_freeze": options.despite_freeze,
        "without_canary": options.without_canary,
    }


async def _erase(options: argparse.Namespace, context: Context) -> None:
    _confirm(options, context)
    await erase(context, options.home)


async def _renew_list(_: argparse.Namespace, context: Context) -> None:
    renew_list(context)


# A command answers False when its rollout is stopped.
_COMMANDS: Final[Mapping[str, Callable[[argparse.Namespace, Context], Awaitable[bool | None]]]] = {
    "enrol": _enrol,
    "variables": lambda options, context: set_variables(context, options.homes or None),
    "rollout": _start,
    "resume": _resume,
    "rollback": lambda _, context: roll_back(context),
    "pin": lambda options, context: pin(context, options.homes, options.release),
    "pin-fleet": lambda options, context: pin_fleet(context, options.release),
    "rotate": lambda options, context: rotate(context, options.homes, wait=options.wait),
    "revoke": lambda options, context: revoke(context, options.homes),
    "crl": _renew_list,
    "erase": _erase,
    "status": lambda options, context: status(context, as_json=options.json, only=options.only),
}


def _authority(options: argparse.Namespace, console: Console) -> int:
    folder = OperatorFolder(path=options.folder)
    if options.dry_run:
        console.print(f"would make a certificate authority in {folder.authority}", markup=False)
        return 0
    now = datetime.now(UTC)
    FleetAuthority.create(options.name, now=now).save(folder.authority)
    write_revocation_list(folder, now)
    console.print(f"made {folder.authority}; keep a copy of it offline", markup=False)
    return 0


def _secret(options: argparse.Namespace, console: Console) -> int:
    kept = OperatorFolder(path=options.folder).home(options.home).read("credentials")
    if kept is None:
        console.print(f"fleet-tool: {options.home} is not enrolled", style="red", markup=False)
        return FAILED
    for name in ("operator_secret", "access_point_password"):
        console.print(f"{name}: {kept.get(name, '-')}", markup=False, highlight=False, soft_wrap=True)
    return 0


def _make_key(options: argparse.Namespace, console: Console) -> int:
    if options.dry_run:
        console.print(f"would make a key in {options.file}", markup=False)
        return 0
    make_key(OperatorFolder(path=options.folder), options.file)
    console.print(
        f"made {options.file}; keep it off-line. Homes are told by: fleet-tool variables", markup=False
    )
    return 0


def _command(options: argparse.Namespace, console: Console) -> int:
    pairs = [pair.partition("=") for pair in options.arguments]
    if any(not divider for _, divider, _ in pairs):
        raise CommandError("arguments look like NAME=VALUE")
    arguments = {name: value for name, _, value in pairs}
    text = make_command(
        require_ven_id(options.home),
        options.kind,
        arguments,
        now=datetime.now(UTC),
        valid=options.valid,
        key_file=options.key,
    )
    console.print(text, markup=False, highlight=False, soft_wrap=True)
    return 0


_OFFLINE: Final[Mapping[str, Callable[[argparse.Namespace, Console], int]]] = {
    "authority": _authority,
    "secret": _secret,
    "operator-key": _make_key,
    "command": _command,
}


def _centre(session: aiohttp.ClientSession, configuration: Configuration, *, dry_run: bool) -> CentreClient:
    centre = configuration.centre
    is_used = centre.enrolment_url or centre.erasure_url
    return CentreClient(
        session,
        centre.operator_token() if is_used else "",
        enrolment_url=centre.enrolment_url,
        erasure_url=centre.erasure_url,
        dry_run=dry_run,
    )


def _confirm(options: argparse.Namespace, context: Context) -> None:
    """Ask for the venID to be typed, unless it was given. Raises CommandError."""
    if context.dry_run:
        return
    typed = options.confirm or context.console.input(f"Type {options.home} to erase this home for ever: ")
    if typed.strip() != options.home:
        raise CommandError("not confirmed; nothing was erased")


def _flat(failures: BaseExceptionGroup[BaseException]) -> list[BaseException]:
    """Return each failure once, however deep task groups nested it."""
    found: list[BaseException] = []
    for failure in failures.exceptions:
        found += _flat(failure) if isinstance(failure, BaseExceptionGroup) else [failure]
    return list({str(failure): failure for failure in found}.values())


if __name__ == "__main__":
    sys.exit(main())
