"""The aggregator of a site in Home Assistant: the link to it, and what goes over that beside events."""

import json
from collections.abc import Coroutine, Mapping
from typing import Any

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import callback

from .aggregator.link import AggregatorLink
from .const import CONF_GRID_OPERATOR_PROGRAMS, CONF_VEN_ID
from .core.events.reports import presence
from .core.model import Site
from .runtime.controller import SiteController
from .runtime.invitation_teller import InvitationTeller
from .runtime.journal import Journal
from .runtime.resource_teller import ResourceTeller
from .settings import aggregator_settings, utc_now


class AggregatorPort:
    """The site's one aggregator, as it was set up; without one nothing is sent and nothing comes.

    ``ven_id`` is how it knows the home, ``grid_operator_programs`` names the programmes that bind.
    """

    def __init__(self, subentry: ConfigSubentry | None, site: Site, journal: Journal) -> None:
        """Take what was set up; ``connect`` makes the link."""
        self._data: Mapping[str, Any] = subentry.data if subentry else {}
        self.ven_id: str | None = self._data[CONF_VEN_ID] if subentry else None
        self.grid_operator_programs = frozenset(self._data.get(CONF_GRID_OPERATOR_PROGRAMS) or ())
        self._site = site
        self._journal = journal
        self._link: AggregatorLink | None = None
        self._was_in_trouble = False

    def connect(self, controller: SiteController) -> Mapping[str, Coroutine[Any, Any, None]]:
        """Return what is to run for the link, by its name; the events that come go to the controller."""
        if self.ven_id is None:
            return {}
        ven_id, settings = self.ven_id, aggregator_settings(self._data, self._site.name)

        def present(online: bool) -> bytes:
            document = presence(
                ven_id=ven_id,
                ven_name=self._site.name,
                online=online,
                at=utc_now(),
                resources=[slot.name for slot in controller.slots.values()],
            )
            return json.dumps(document).encode()

        @callback
        def connection_changed(connected: bool, reason: str | None) -> None:
            if connected:
                teller.forget()
                answers.wake()
            controller.connection_changed(connected, reason)

        self._link = link = AggregatorLink(
            settings,
            self._journal,
            on_message=controller.receive,
            durable=self._journal.durable,
            ask=controller.events.ask,
            on_connection=connection_changed,
            presence=present,
            clock=utc_now,
        )
        teller = ResourceTeller(
            link,
            ven_id=ven_id,
            site=self._site,
            slots=controller.slots.values(),
            groups=[each.group for each in controller.groups.groups],
            clock=utc_now,
        )
        answers = InvitationTeller(link, controller.invitations, self._journal)
        return {"aggregator": link.run(), "resources": teller.run(), "invitations": answers.run()}

    @callback
    def journal_changed(self) -> None:
        """Send what became durable; after trouble hear what may have been missed."""
        was_in_trouble, self._was_in_trouble = self._was_in_trouble, self._journal.trouble is not None
        if self._link is not None:
            self._link.wake()
        if was_in_trouble and self._journal.trouble is None:
            self.ask_again()

    @callback
    def ask_again(self) -> None:
        """Ask the aggregator for its open events once more."""
        if self._link is not None:
            self._link.ask_again()
