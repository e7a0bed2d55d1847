"""Sets the variables of a home's services in balena.

Each secret only where it is used, only what changed, never shown.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Final

from rich.progress import Progress

from .balena import BalenaFleet
from .configuration import Centre
from .context import CommandError, Context
from .folder import HomeFolder
from .model import Device

SERVICES: Final = ("home_assistant", "mosquitto", "influxdb", "home_agent")
# The door answers to the home's name, the access point is called after it.
IDENTIFIED: Final = (*SERVICES, "nginx", "wifi_ap")
# A gateway without a bus to NetworkManager takes the release without it.
OPTIONAL: Final = frozenset({"wifi_ap"})

type Key = tuple[str, str]
type Variables = Mapping[Key, str]


def wanted(
    home: HomeFolder,
    centre: Centre,
    device: Device,
    *,
    credentials_of: HomeFolder | None = None,
    operator_key: str | None = None,
) -> Variables:
    """Return the variables a home should have, by (service, name).

    ``credentials_of`` is where key, certificate and tokens are taken from when not from the home itself.
    Raises CommandError for a home that is not enrolled or is revoked.
    """
    holder = credentials_of or home
    document, secrets = home.read("home"), holder.read("credentials")
    if document is None or secrets is None or not holder.certificate.exists():
        raise CommandError(f"{device.ven_id} is not enrolled")
    record = document["record"]
    variables: dict[Key, str] = {
        ("home_assistant", "HOME_RECORD"): record,
        ("home_agent", "OPERATOR_SECRET"): secrets["operator_secret"],
        ("wifi_ap", "AP_PASSWORD"): secrets["access_point_password"],
    }
    if operator_key is not None:
        variables["home_agent", "OPERATOR_KEY"] = operator_key
    for service in SERVICES:
        variables[service, "TZ"] = json.loads(record)["location"]["time_zone"]
    if device.ven_id != device.uuid:
        variables |= {(service, "HOME_ID"): device.ven_id for service in IDENTIFIED}
    if centre.mqtt_broker is not None:
        if centre.mqtt_ca_file is None:
            raise CommandError(
                "centre.mqtt_ca_file is missing: homes must be able to check the central broker"
            )
        variables["mosquitto", "CENTRAL_BROKER"] = centre.mqtt_broker
        variables["mosquitto", "CENTRAL_CA"] = centre.mqtt_ca_file.read_text()
        variables["mosquitto", "HOME_CERTIFICATE"] = holder.certificate.read_text()
        variables["mosquitto", "HOME_PRIVATE_KEY"] = holder.private_key.read_text()
        variables["mosquitto", "MQTT_PREFIX"] = centre.mqtt_prefix
    if centre.replication_url is not None:
        variables["influxdb", "REPLICATION_URL"] = centre.replication_url
        variables["influxdb", "REPLICATION_TOKEN"] = secrets["replication_token"]
    if centre.backup_url is not None:
        variables["home_agent", "BACKUP_URL"] = centre.backup_url
        variables["home_agent", "BACKUP_KEY"] = secrets["backup_key"]
    return variables


async def apply(fleet: BalenaFleet, device: Device, variables: Variables) -> list[Key]:
    """Write what differs to balena and return which it was. What is not ours is left alone.

    Raises CommandError, before anything is written, when a service is not installed on the device yet.
    """
    kept = {(variable.service, variable.name): variable for variable in await fleet.variables(device)}
    changed = [key for key, value in variables.items() if key not in kept or kept[key].value != value]
    installs = await fleet.service_installs(device) if changed else {}
    changed = [key for key in changed if key[0] in installs or key[0] not in OPTIONAL]
    if missing := sorted({service for service, _ in changed if service not in installs}):
        raise CommandError(
            f"{device.ven_id} does not run {', '.join(missing)} yet: pin a release to it first"
        )
    for service, name in changed:
        value = variables[service, name]
        if (variable := kept.get((service, name))) is not None:
            await fleet.change_variable(device, variable, value)
        else:
            await fleet.create_variable(device, installs[service], service, name, value)
    return changed


async def remove_all(fleet: BalenaFleet, device: Device) -> int:
    """Remove every variable of a device that is no longer a home's, and return how many there were."""
    found = await fleet.variables(device)
    for variable in found:
        await fleet.delete_variable(device, variable)
    return len(found)


async def set_variables(context: Context, ven_ids: Sequence[str] | None) -> None:
    """Set the variables of the named homes, or of every enrolled home that has a device."""
    devices = await context.devices(list(ven_ids) if ven_ids else None)
    enrolled = set(context.folder.homes())
    if ven_ids is None:
        devices = [
            device for device in devices if device.ven_id in enrolled and not _is_revoked(context, device)
        ]
    with Progress(console=context.console) as progress:
        for device in progress.track(devices, description="Variables"):
            if _is_revoked(context, device):
                raise CommandError(f"{device.ven_id} is revoked")
            home = context.folder.home(device.ven_id)
            # A rotation in progress has given the home its next credentials: never set them back.
            holder = home.successor() if home.read("rotation") else home
            variables = wanted(
                home,
                context.configuration.centre,
                device,
                credentials_of=holder,
                operator_key=context.folder.read_operator_key(),
            )
            changed = await apply(context.fleet, device, variables)
            names = ", ".join(f"{service} {name}" for service, name in changed) or "nothing"
            context.say(f"{device.ven_id}: {'would change' if context.dry_run else 'changed'} {names}")


def _is_revoked(context: Context, device: Device) -> bool:
    return bool((context.folder.home(device.ven_id).read("home") or {}).get("revoked_at"))
