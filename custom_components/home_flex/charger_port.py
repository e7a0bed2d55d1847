"""The central system of a site in Home Assistant: what it remembers, whom it names, how it is encrypted."""

import asyncio
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryError
from homeassistant.helpers import issue_registry as ir

from .const import DOMAIN, EVENT_OCPP
from .devices.ocpp import Caller, CentralSystem, Refusal
from .history.store import HistoryStore
from .plain_text import all_plain
from .runtime.journal import Journal
from .settings import utc_now

_REMEMBERED: Final = "ocpp_shapes"
# Beyond these somebody tries names, and each further one says nothing new.
_MOST_NAMED: Final = 5
# What is put here has chargers come encrypted; ``clients.pem`` is who signs the chargers' certificates.
CERTIFICATE_FOLDER: Final = "home_flex_ocpp"
_CERTIFICATE, _KEY, _CLIENTS = "certificate.pem", "key.pem", "clients.pem"
_ISSUES: Final = {
    Refusal.UNKNOWN: "charger_waits",
    Refusal.NO_PASSWORD: "charger_refused_no_password",
    Refusal.NOT_LOCAL: "charger_refused_not_local",
    Refusal.PROTOCOL: "charger_refused_protocol",
    Refusal.WRONG_CERTIFICATE: "charger_refused_wrong_certificate",
    Refusal.WRONG_PASSWORD: "charger_refused_wrong_password",
}


async def async_central_system(
    hass: HomeAssistant, entry: ConfigEntry[Any], store: HistoryStore, journal: Journal
) -> CentralSystem:
    """Return the central system, with what it knew before; it tells who waits, and what chargers report."""
    issues = _CallerIssues(hass)
    entry.async_on_unload(issues.clear)

    @callback
    def keep(remembered: Mapping[str, Mapping[str, Any]]) -> None:
        journal.put_document(_REMEMBERED, {"version": 1, "chargers": dict(remembered)})

    @callback
    def tell(identity: str, action: str, payload: dict[str, Any]) -> None:
        hass.bus.async_fire(EVENT_OCPP, {"identity": identity, "action": action, "payload": payload})

    central_system = CentralSystem(
        clock=utc_now,
        remembered=_kept(await store.get_document(_REMEMBERED)),
        on_remembered=keep,
        on_told=tell,
        on_caller=lambda: issues.show(central_system.callers.newest()),
    )
    return central_system


def _kept(document: Mapping[str, Any] | None) -> dict[str, Mapping[str, Any]]:
    chargers = (document or {}).get("chargers")
    if not isinstance(chargers, dict):
        return {}
    return {str(key): each for key, each in chargers.items() if isinstance(each, dict)}


def tls_context(folder: Path) -> ssl.SSLContext | None:
    """Return what the port is encrypted with; None where the resident put no certificate there.

    Reads files. Raises ConfigEntryError for one that cannot be used: chargers that were to come encrypted are
    not let in otherwise.
    """
    certificate, clients = folder / _CERTIFICATE, folder / _CLIENTS
    if not certificate.exists():
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(certificate, folder / _KEY)
        if clients.exists():
            # Who shows none comes by password: both kinds of charger use the one port.
            context.verify_mode = ssl.CERT_OPTIONAL
            context.load_verify_locations(clients)
    except (OSError, ValueError) as error:
        raise ConfigEntryError(
            translation_domain=DOMAIN,
            translation_key="ocpp_certificate",
            translation_placeholders={"folder": str(folder), "reason": str(error)},
        ) from error
    return context


class ChargerListener:
    """The port that the chargers of a site dial; ``is_encrypted`` once it is open with a certificate."""

    def __init__(self, hass: HomeAssistant, central_system: CentralSystem, port: int) -> None:
        """Take the parts; ``async_listen`` opens the port."""
        self.port = port
        self.is_encrypted = False
        self._hass = hass
        self._central_system = central_system
        self._is_open = False
        self._lock = asyncio.Lock()

    async def async_listen(self) -> None:
        """Open the port, once; a site without chargers listens to nobody.

        Raises OSError for a port that is taken, ConfigEntryError for a certificate that cannot be used.
        """
        async with self._lock:
            if not self._is_open:
                folder = Path(self._hass.config.path(CERTIFICATE_FOLDER))
                tls = await self._hass.async_add_executor_job(tls_context, folder)
                # Chargers are other devices on the LAN; each is let in as the resident said only.
                await self._central_system.start("0.0.0.0", self.port, tls=tls)  # noqa: S104
                self.is_encrypted = tls is not None
                self._is_open = True


class _CallerIssues:
    """A repair issue for each charger that is not let in, while it tries."""

    def __init__(self, hass: HomeAssistant) -> None:
        self._hass = hass
        self._shown: set[str] = set()

    @callback
    def show(self, callers: list[Caller]) -> None:
        """Raise what is new, and delete what is over."""
        told = {
            f"charger_{each.attempt.identity.casefold()}": each
            for each in reversed(callers)
            if each.reason in _ISSUES and each.attempt.identity
        }
        newest = dict(list(told.items())[-_MOST_NAMED:])
        for issue_id in self._shown - newest.keys():
            ir.async_delete_issue(self._hass, DOMAIN, issue_id)
        for issue_id, caller in newest.items():
            attempt = caller.attempt
            ir.async_create_issue(
                self._hass,
                DOMAIN,
                issue_id,
                is_fixable=False,
                severity=ir.IssueSeverity.WARNING,
                translation_key=_ISSUES[caller.reason],
                translation_placeholders=all_plain(
                    {
                        "identity": attempt.identity,
                        "path": attempt.path[:80],
                        "protocols": attempt.protocols[:80] or "-",
                        "user": (attempt.user or "-")[:80],
                        "host": attempt.remote or "-",
                    }
                ),
            )
        self._shown = set(newest)

    @callback
    def clear(self) -> None:
        """Delete all."""
        self.show([])
