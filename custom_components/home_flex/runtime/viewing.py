"""The site as it is at one moment, put together from the parts that run it."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

from ..core.control.memory import DeviceMemory
from ..core.control.state import Decision
from ..core.events.model import EventRecord, EventStatus
from ..core.physics import Findings
from ..core.wishes import NO_CAR, Car
from ..history.telemetry import TelemetryHealth
from .clock_watch import ClockWatch
from .device_slot import DeviceSlot
from .device_view import device_view
from .event_service import EventService
from .group_limits import GroupLimits
from .invitation_service import InvitationService
from .journal import Journal
from .kept_control import KeptControl
from .planning.service import PlanService
from .programmes import shown_programmes
from .view import SiteView
from .wishes import WishService


@dataclass(frozen=True, kw_only=True, slots=True)
class Moment:
    """What changes from one view to the next: the last decision and its time, and how the links are.

    ``quiet`` holds the devices that are not to be disturbed now, ``cars`` what is known of those on chargers.
    """

    time: datetime
    decided: datetime
    decision: Decision | None
    quiet: AbstractSet[str]
    cars: Mapping[str, Car]
    aggregator_connected: bool | None
    aggregator_reason: str | None
    telemetry: TelemetryHealth | None
    physics: Findings
    control_fails: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Viewer:
    """The parts of a site that are looked at."""

    slots: Mapping[str, DeviceSlot]
    wishes: WishService
    events: EventService
    invitations: InvitationService
    groups: GroupLimits
    journal: Journal
    control: KeptControl
    clock_watch: ClockWatch
    planning: PlanService | None = None

    def view(self, moment: Moment) -> SiteView:
        """Return the site as it is at this moment."""
        decision = moment.decision
        records = tuple(self.events.book.records.values())
        invitations = tuple(self.invitations.book.records.values())
        return SiteView(
            time=moment.time,
            devices={
                slot.device_id: device_view(
                    slot,
                    self.control.memory.devices.get(slot.device_id, DeviceMemory()),
                    self.wishes.wishes,
                    intent=decision.charging.get(slot.device_id) if decision else None,
                    decided=moment.decided,
                    quiet=slot.device_id in moment.quiet,
                    car=moment.cars.get(slot.device_id, NO_CAR),
                    planned=self.planning.planned(slot.device_id) if self.planning else None,
                )
                for slot in self.slots.values()
            },
            balance=decision.balance if decision else None,
            import_limit_w=decision.import_limit_w if decision else None,
            export_limit_w=decision.export_limit_w if decision else None,
            limit_owner=decision.limit_owner if decision else None,
            shortfall_w=decision.shortfall_w if decision else 0.0,
            records=records,
            active=_first(records, EventStatus.STARTED),
            next=_first(records, EventStatus.ACCEPTED),
            participating=self.events.participating,
            aggregator_connected=moment.aggregator_connected,
            aggregator_reason=moment.aggregator_reason,
            telemetry=moment.telemetry,
            store_trouble=self.journal.trouble,
            clock_step_s=self.clock_watch.recent_step_s,
            records_set_aside=self.events.records_set_aside,
            wishes=self.wishes.wishes,
            wishes_not_understood=self.wishes.not_understood,
            unwatched=decision.unwatched if decision else (),
            groups=self.groups.views(),
            physics=moment.physics,
            control_fails=moment.control_fails,
            import_limited_by=decision.import_limited_by if decision else None,
            export_limited_by=decision.export_limited_by if decision else None,
            event_figures=self.events.results.newest,
            plan=self.planning.view(self.wishes.wishes) if self.planning else None,
            programmes=shown_programmes(self.events.programmes, records, invitations),
            invitations=invitations,
        )


def _first(records: Sequence[EventRecord], status: EventStatus) -> EventRecord | None:
    """Return the earliest event in this state."""
    return min(
        (record for record in records if record.status is status),
        key=lambda record: record.event.start,
        default=None,
    )
