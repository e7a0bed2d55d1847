"""Rolls a release out ring by ring: looks at the fleet, asks ``rings`` what is right, does it, and waits."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from . import rings
from .admission import admit
from .balena import Release
from .context import CommandError, Context
from .model import TAG_RING, Device
from .rollout_record import Phase, RolloutRecord, load
from .rollout_report import tell_plan, tell_stop
from .season import is_frozen


async def start(
    context: Context, name: str, *, once: bool, despite_freeze: bool, without_canary: str | None = None
) -> bool:
    """Start the rollout of a release, or go on with it. Returns False when it is stopped.

    No home is touched before a canary admits the release, or a person ``without_canary``, with a reason.
    Raises CommandError when another release is being rolled out, or when the fleet follows its newest
    release: then every home would have got it already.
    """
    if context.fleet.tracks_latest:
        raise CommandError(
            "the fleet follows its newest release: pin it first (fleet-tool pin-fleet RELEASE)"
        )
    release = await context.fleet.release(name)
    record = load(context.folder.rollout())
    if record is None or record.release != release or record.phase in {Phase.FINISHED, Phase.ROLLED_BACK}:
        record = _new_record(context, record, release)
        if not any(device.tags.get(TAG_RING) == rings.LAB for device in await context.devices()):
            context.say(f"No home is tagged {TAG_RING}={rings.LAB}: it goes to homes of residents at once")
    record = _admitted(context, record, without_canary)
    return await _run(context, record, once=once, despite_freeze=despite_freeze)


async def resume(
    context: Context, *, once: bool, despite_freeze: bool, without_canary: str | None = None
) -> bool:
    """Lift the stop of the current rollout and go on.

    Every started ring soaks anew. Returns False when it stops again.
    """
    record = _current(context)
    if record.phase is not Phase.STOPPED:
        raise CommandError(f"the rollout of {record.release.version} is {record.phase}: nothing to resume")
    record = _admitted(context, record, without_canary)
    record = replace(record, phase=Phase.RUNNING, progress=record.progress.resumed())
    return await _run(context, record, once=once, despite_freeze=despite_freeze)


async def roll_back(context: Context) -> None:
    """Return every home that the current rollout touched to what it ran before, and end the rollout.

    A home that a person has pinned to something else since is left alone.
    """
    record = _current(context)
    devices = [
        device
        for device in await context.devices()
        if device.ven_id in record.previous and device.target_release == record.release.id
    ]
    if context.fleet.target_release == record.release.id and record.fleet_before is not None:
        await context.fleet.pin_fleet(record.fleet_before)
    await _pin_all(context, [(device, record.previous[device.ven_id]) for device in devices])
    if not context.dry_run:
        replace(record, phase=Phase.ROLLED_BACK).save(context.folder.rollout())
    verb = "would return" if context.dry_run else "returned"
    context.say(f"{verb} {len(devices)} homes from {record.release.version} to what they ran before")


async def pin(context: Context, ven_ids: Sequence[str], name: str | None) -> None:
    """Pin homes to a release outside any rollout; without a name, return them to their fleet's."""
    release = (await context.fleet.release(name)).id if name else None
    devices = await context.devices(list(ven_ids))
    await _pin_all(context, [(device, release) for device in devices])
    verb = "would be" if context.dry_run else "are"
    context.say(
        f"{len(devices)} homes {verb} " + (f"pinned to {name}" if name else "with their fleet's release")
    )


async def pin_fleet(context: Context, name: str) -> None:
    """Make a release what new and unpinned homes run."""
    release = await context.fleet.release(name)
    await context.fleet.pin_fleet(release.id)
    context.say(f"the fleet {'would be' if context.dry_run else 'is'} pinned to {release.version}")


@dataclass(frozen=True, kw_only=True)
class _View:
    """The homes a rollout may touch, now."""

    devices: dict[str, Device]
    homes: list[rings.Home]


def _new_record(context: Context, before: RolloutRecord | None, release: Release) -> RolloutRecord:
    if before is not None and before.phase is Phase.RUNNING:
        raise CommandError(
            f"{before.release.version} is being rolled out: let it finish, or fleet-tool rollback"
        )
    after_stop = before is not None and before.phase is Phase.STOPPED
    return RolloutRecord(
        release=release,
        fleet_before=context.fleet.target_release,
        phase=Phase.RUNNING,
        progress=before.progress.successor() if before and after_stop else rings.Progress(),
        previous=before.previous if before and after_stop else {},
    )


def _admitted(context: Context, record: RolloutRecord, without_canary: str | None) -> RolloutRecord:
    if record.admission is not None:
        return record
    return replace(record, admission=admit(context, record.release, without_canary=without_canary))


def _current(context: Context) -> RolloutRecord:
    if (record := load(context.folder.rollout())) is None:
        raise CommandError("there is no rollout")
    return record


async def _run(context: Context, record: RolloutRecord, *, once: bool, despite_freeze: bool) -> bool:
    rules = context.configuration.rollout
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=context.console, transient=True) as progress:
        task = progress.add_task(record.release.version)
        while True:
            now = context.clock()
            view = await _look(context, record)
            decided, action = rings.step(
                record.progress,
                view.homes,
                rings=rules.rings,
                gate=rules.gate,
                now=now,
                frozen=not despite_freeze and is_frozen(rules.freeze, now.date()),
            )
            record = replace(record, progress=decided)
            if context.dry_run:
                tell_plan(context, record, view.homes, action)
                return not isinstance(action, rings.Stop)
            record = await _act(context, record, view, action)
            running = sum(home.is_running for home in view.homes)
            text = f"{record.release.version}: {describe(action)}"
            progress.update(task, completed=running, total=len(view.homes), description=text)
            if once or record.phase is not Phase.RUNNING:
                context.say(text)
                break
            await asyncio.sleep(rules.poll.total_seconds())
    if isinstance(action, rings.Stop):
        tell_stop(context, record, view.homes, action)
    return record.phase is not Phase.STOPPED


async def _look(context: Context, record: RolloutRecord) -> _View:
    rules = context.configuration.rollout
    now = context.clock()
    devices = {device.ven_id: device for device in await context.devices() if not device.is_held}
    known = ((device.ven_id, device.device_type, device.tags.get(TAG_RING)) for device in devices.values())
    assigned = rings.assign(known, rules.rings)
    homes = [
        rings.Home(
            ven_id=device.ven_id,
            ring=assigned[device.ven_id],
            is_pinned=device.target_release == record.release.id,
            is_running=device.running_release == record.release.id,
            health=device.health(now, silent_after=rules.silent_after),
            complaint=device.complaint,
        )
        for device in devices.values()
    ]
    return _View(devices=devices, homes=homes)


async def _act(context: Context, record: RolloutRecord, view: _View, action: rings.Action) -> RolloutRecord:
    """Do it. What homes ran before is on disk before the first of them is told to change."""
    match action:
        case rings.Pin(ven_ids=ven_ids):
            before = {ven_id: view.devices[ven_id].pinned_release for ven_id in ven_ids}
            record = replace(record, previous={**before, **record.previous})
            record.save(context.folder.rollout())
            targets = [(view.devices[ven_id], record.release.id) for ven_id in ven_ids]
            await _pin_all(context, targets)
        case rings.Stop():
            record = replace(record, phase=Phase.STOPPED)
        case rings.Finished():
            await context.fleet.pin_fleet(record.release.id)
            pinned = [each for each in view.devices.values() if each.pinned_release == record.release.id]
            await _pin_all(context, [(device, None) for device in pinned])
            record = replace(record, phase=Phase.FINISHED)
        case rings.Wait():
            pass
    record.save(context.folder.rollout())
    return record


async def _pin_all(context: Context, targets: Iterable[tuple[Device, int | None]]) -> None:
    """Pin devices, several at a time.

    The first failure ends it; what was pinned stays, and a later run goes on.
    """
    async with asyncio.TaskGroup() as group:
        for device, release in targets:
            group.create_task(context.fleet.pin_device(device, release))


def describe(action: rings.Action) -> str:
    """Return an action in words."""
    match action:
        case rings.Pin(ring=ring, ven_ids=ven_ids):
            return f"ring {ring}: {len(ven_ids)} homes told to update"
        case rings.Wait(ring=ring, reason=reason, until=until):
            return f"ring {ring}: {reason}" + (f" until {until:%Y-%m-%d %H:%M} UTC" if until else "")
        case rings.Stop(ring=ring, failing=failing, counted=counted):
            return f"STOPPED in ring {ring}: {len(failing)} of {counted} homes fail"
        case rings.Finished():
            return "every ring runs it"
