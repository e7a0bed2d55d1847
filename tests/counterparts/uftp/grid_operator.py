"""A grid operator by shapeshifter-uftp's own service, started as a process: hub's URL and domain, port, keys.

It asks for flexibility, takes the first option that it is offered, settles the order; prints what it hears.
"""

import json
import sys
from typing import Any

from shapeshifter_uftp import (  # type: ignore[import-untyped] # has no types
    AcceptedRejected,
    ContractSettlement,
    ContractSettlementISP,
    ContractSettlementPeriod,
    DPrognosisResponse,
    FlexOfferResponse,
    FlexOrder,
    FlexOrderISP,
    FlexOrderSettlement,
    FlexOrderSettlementISP,
    FlexRequest,
    FlexRequestISP,
    FlexSettlement,
    MeteringResponse,
    ShapeshifterDsoService,
)
from xsdata.models.datatype import XmlDate, XmlDuration

POINT = "ean.871685900012636543"


def told(what: str, detail: Any = None) -> None:
    sys.stdout.write(json.dumps({"what": what, "detail": detail}) + "\n")
    sys.stdout.flush()


class GridOperator(ShapeshifterDsoService):  # type: ignore[misc] # has no types
    """Goes on from what it hears."""

    ordered: Any = None

    def process_flex_request_response(self, message: Any) -> None:
        told("FlexRequestResponse", str(message.result))

    def process_flex_offer(self, message: Any) -> None:
        told("FlexOffer", [[str(option.price), option.isps[0].power] for option in message.offer_options])
        client = self.agr_client(message.sender_domain)
        client.send_flex_offer_response(
            FlexOfferResponse(
                conversation_id=message.conversation_id,
                flex_offer_message_id=message.message_id,
                result=AcceptedRejected.ACCEPTED,
            )
        )
        option = message.offer_options[0]
        self.ordered = FlexOrder(
            conversation_id=message.conversation_id,
            isp_duration=message.isp_duration,
            period=message.period,
            congestion_point=message.congestion_point,
            flex_offer_message_id=message.message_id,
            price=option.price,
            currency=message.currency,
            order_reference="order-1",
            option_reference=option.option_reference,
            isps=[
                FlexOrderISP(power=isp.power, start=isp.start, duration=isp.duration) for isp in option.isps
            ],
        )
        client.send_flex_order(self.ordered)

    def process_flex_order_response(self, message: Any) -> None:
        told("FlexOrderResponse", [str(message.result), message.rejection_reason])
        order = self.ordered
        settlement = FlexOrderSettlement(
            order_reference=order.order_reference,
            period=order.period,
            congestion_point=order.congestion_point,
            price=order.price,
            net_settlement=order.price,
            isps=[
                FlexOrderSettlementISP(
                    start=isp.start,
                    duration=isp.duration,
                    baseline_power=20_000,
                    ordered_flex_power=isp.power,
                    actual_power=20_000 + isp.power,
                    delivered_flex_power=isp.power,
                )
                for isp in order.isps
            ],
        )
        contract = ContractSettlementPeriod(
            period=order.period, isps=[ContractSettlementISP(start=1, duration=96, reserved_power=0)]
        )
        self.agr_client(message.sender_domain).send_flex_settlement(
            FlexSettlement(
                period_start=order.period,
                period_end=order.period,
                currency=order.currency,
                flex_order_settlements=[settlement],
                contract_settlements=[ContractSettlement(contract_id="c", periods=[contract])],
            )
        )

    def process_flex_settlement_response(self, message: Any) -> None:
        told(
            "FlexSettlementResponse",
            [str(each.disposition) for each in message.flex_order_settlement_statuses],
        )

    def process_d_prognosis(self, message: Any) -> None:
        told("D-Prognosis", sum(isp.duration for isp in message.isps))
        self.agr_client(message.sender_domain).send_d_prognosis_response(
            DPrognosisResponse(
                conversation_id=message.conversation_id,
                d_prognosis_message_id=message.message_id,
                result=AcceptedRejected.ACCEPTED,
            )
        )

    def process_metering(self, message: Any) -> None:
        told("Metering", [message.ean, str(message.profiles[0].isps[0].value)])
        self.agr_client(message.sender_domain).send_metering_response(
            MeteringResponse(
                conversation_id=message.conversation_id,
                metering_message_id=message.message_id,
                result=AcceptedRejected.ACCEPTED,
            )
        )

    def process_flex_offer_revocation(self, message: Any) -> None:
        told("FlexOfferRevocation", message.flex_offer_message_id)

    def process_flex_reservation_update_response(self, message: Any) -> None:
        told("FlexReservationUpdateResponse", str(message.result))

    def process_dso_portfolio_query_response(self, message: Any) -> None:
        told("DSOPortfolioQueryResponse", str(message.result))

    def process_dso_portfolio_update_response(self, message: Any) -> None:
        told("DSOPortfolioUpdateResponse", str(message.result))


def main(
    hub_url: str, hub_domain: str, port: str, signing_key: str, hub_key: str, day: str, start: str
) -> None:
    service = GridOperator(
        "grid.example",
        signing_key,
        key_lookup_function=lambda *_: hub_key,
        endpoint_lookup_function=lambda *_: f"{hub_url}/shapeshifter/api/v3/message",
        host="127.0.0.1",
        port=int(port),
    )
    service.run_in_thread()
    told("running")
    service.agr_client(hub_domain).send_flex_request(
        FlexRequest(
            isp_duration=XmlDuration("PT15M"),
            period=XmlDate.from_string(day),
            congestion_point=POINT,
            revision=1,
            expiration_date_time=f"{day}T20:00:00Z",
            isps=[
                FlexRequestISP(
                    disposition="Requested", min_power=-5_000, max_power=0, start=int(start), duration=4
                )
            ],
        )
    )
    # It answers from threads, which take no more work once the main one has ended.
    service.server_thread.join()


if __name__ == "__main__":
    main(*sys.argv[1:])
