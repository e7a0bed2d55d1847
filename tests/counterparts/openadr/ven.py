"""A VEN by openadr3-client, started as a process: VTN's URL, clientID, secret. Prints one JSON object.

It finds the address for its token itself, registers, describes a device, reads what it is asked, and reports.
"""

import json
import sys
from datetime import UTC, datetime, timedelta

from openadr3_client._models.common.interval import Interval  # type: ignore[import-not-found] # its own venv
from openadr3_client._models.common.interval_period import IntervalPeriod  # type: ignore[import-not-found]
from openadr3_client.oadr310.models.report.report import NewReport, ReportResource  # type: ignore[import-not-found]
from openadr3_client.oadr310.models.report.report_payload import (  # type: ignore[import-not-found]
    ReportPayload,
    ReportPayloadType,
)
from openadr3_client.oadr310.models.resource.resource import (  # type: ignore[import-not-found]
    NewResourceVenRequest,
)
from openadr3_client.oadr310.models.ven.ven import NewVenVenRequest  # type: ignore[import-not-found]
from openadr3_client.ven.http_factory import VirtualEndNodeHttpClientFactory  # type: ignore[import-not-found]
from openadr3_client.version import OADRVersion  # type: ignore[import-not-found]


def main(url: str, client_id: str, secret: str) -> None:
    client = VirtualEndNodeHttpClientFactory.create_http_ven_client(
        url, client_id, secret, allow_insecure_http=True, version=OADRVersion.OADR_310
    )
    ven = client.vens.create_ven(new_ven=NewVenVenRequest(ven_name="a foreign VEN"))
    resource = client.resources.create_resource(
        new_resource=NewResourceVenRequest(resource_name="battery", ven_id=ven.id)
    )
    programs = client.programs.get_programs(target=None, pagination=None)
    events = client.events.get_events(target=None, pagination=None, program_id=None)
    period = IntervalPeriod(start=datetime(2026, 11, 30, 17, tzinfo=UTC), duration=timedelta(minutes=15))
    usage = ReportPayload(type=ReportPayloadType.USAGE, values=(0.25,))
    interval = Interval[ReportPayload](id=0, payloads=(usage,))
    report = client.reports.create_report(
        new_report=NewReport(
            event_id=events[0].id,
            client_name="a foreign VEN",
            resources=(
                ReportResource(resource_name="battery", interval_period=period, intervals=(interval,)),
            ),
        )
    )
    told = {
        "ven": [each.ven_name for each in client.vens.get_vens(None, None, None)],
        "resources": [each.resource_name for each in client.resources.get_resources()],
        "programs": [program.program_name for program in programs],
        "events": [
            [
                event.event_name,
                event.interval_period.start.isoformat(),
                event.intervals[0].payloads[0].values[0],
            ]
            for event in events
        ],
        "reports": [
            each.resources[0].intervals[0].payloads[0].values[0]
            for each in client.reports.get_reports(None, None, None, None)
        ],
        "client": [ven.client_id, resource.client_id, report.client_id],
    }
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
