"""The hub's routes that ``flexctl hub`` asks as they are: a row each.

What needs more than that (a need in kW, a time that is told as ``+1h``) has code of its own in
``hub_commands``.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from .hub_routes import HubRoute, Option, text_of


def _words(*names: str) -> tuple[Option, ...]:
    """Return options of text: ``name`` may be left out, ``name!`` may not, ``name*`` is given repeatedly."""
    return tuple(Option(name=name.rstrip("!*"), is_needed="!" in name, is_list="*" in name) for name in names)


def _whole(*names: str) -> tuple[Option, ...]:
    return tuple(Option(name=name.rstrip("!"), read=int, is_needed="!" in name) for name in names)


def _number(*names: str) -> tuple[Option, ...]:
    return tuple(Option(name=name.rstrip("!"), read=float, is_needed="!" in name) for name in names)


def _flag(*names: str) -> tuple[Option, ...]:
    return tuple(Option(name=name, read=None) for name in names)


def _row(
    command: str,
    asked: str,
    told: str,
    *options: tuple[Option, ...],
    body_file: bool = False,
    in_query: bool = False,
) -> HubRoute:
    method, _, path = asked.partition(" ")
    return HubRoute(
        command=command,
        method=method,
        path=path,
        help=told,
        options=tuple(option for group in options for option in group),
        body_file=body_file,
        in_query=in_query,
    )


_PAGE: Final = _whole("after", "limit")
_GROUP: Final = _words("direction", "program_id", "feeder*", "postcode*", "device_kind*")
_A: Final = "/api/v1"

_ROWS: Final = (
    _row("account", f"GET {_A}/account", "who one is to the hub"),
    _row("passkeys", f"GET {_A}/account/passkeys", "one's passkeys, and when each was used last"),
    _row("stay", f"POST {_A}/account/stay", "take one's leave back, within its days of grace"),
    _row("export", f"GET {_A}/account/export", "all that the hub holds of one"),
    _row("export-reports", f"GET {_A}/account/export/reports", "all that one's homes told"),
    _row("identities", f"GET {_A}/account/identities", "which OpenID providers may vouch for one"),
    _row("providers", f"GET {_A}/openid-connect/providers", "which OpenID providers there are"),
    _row("mail", f"GET {_A}/account/mail", "what one is told by mail of each home of one's own"),
    _row(
        "wish-mail",
        f"PUT {_A}/account/mail/{{ven_id}}",
        "be told by mail what comes of invitations, at most once a day",
        _words("language!", "zone!", "quiet_from", "quiet_until", "text!"),
    ),
    _row("end-mail", f"DELETE {_A}/account/mail/{{ven_id}}", "be told nothing by mail"),
    _row("people", f"GET {_A}/people", "list people"),
    _row(
        "invite-person", f"POST {_A}/people", "give somebody an account", _words("email!", "name!", "role!")
    ),
    _row("recover-person", f"POST {_A}/people/{{person_id}}/recovery", "give somebody a new code"),
    _row("tokens", f"GET {_A}/tokens", "list one's tokens"),
    _row(
        "make-token",
        f"POST {_A}/tokens",
        "make a token, which is shown once",
        _words("name!", "scopes!*"),
        _whole("lifetime_s!"),
    ),
    _row("revoke-token", f"DELETE {_A}/tokens/{{token_id}}", "take a token back"),
    _row("clients", f"GET {_A}/clients", "list programs of the VTN"),
    _row("admit-client", f"POST {_A}/clients", "admit a program to the VTN", _words("name!", "scopes!*")),
    _row("remove-client", f"DELETE {_A}/clients/{{client_id}}", "let a program in no more"),
    _row("audit", f"GET {_A}/audit", "who did what", _PAGE),
    _row("audit-head", f"GET {_A}/audit/head", "where the audit log ends, to be kept elsewhere"),
    _row("home-health", f"GET {_A}/homes/health", "how homes are", _words("after"), _whole("limit")),
    _row("enrolled", f"GET {_A}/homes", "list homes", _words("after"), _whole("limit")),
    _row(
        "enrol",
        f"POST {_A}/homes",
        "enrol a home",
        _words("ven_id!", "name!", "owner_id", "feeder", "postcode"),
    ),
    _row("consents", f"GET {_A}/homes/{{ven_id}}/consents", "what a home's resident agreed to"),
    _row(
        "consent",
        f"POST {_A}/homes/{{ven_id}}/consents",
        "agree to a programme, as the resident",
        _words("program_id!", "devices*", "valid_from", "valid_until!", "text!"),
    ),
    _row(
        "narrow-consent",
        f"POST {_A}/consents/{{consent_id}}/narrow",
        "agree to less",
        _words("devices*", "valid_until"),
    ),
    _row("end-consent", f"POST {_A}/consents/{{consent_id}}/end", "agree no more"),
    _row(
        "energy",
        f"GET {_A}/homes/{{ven_id}}/energy",
        "what a home drew and gave",
        _words("start!", "end", "by", "zone"),
    ),
    _row("programs", f"GET {_A}/programs", "list the programmes"),
    _row(
        "add-program",
        f"POST {_A}/programs",
        "add a programme",
        _words("name!", "kind"),
        _flag("exclusive", "reads_energy"),
    ),
    _row(
        "forecast",
        f"GET {_A}/flexibility/forecast",
        "what homes will offer",
        _whole("hours"),
        _GROUP,
    ),
    _row("invitations", f"GET {_A}/invitations", "list invitations", _words("state"), _whole("limit")),
    _row("invitation", f"GET {_A}/invitations/{{invitation_id}}", "one invitation"),
    _row(
        "answer",
        f"PUT {_A}/invitations/{{invitation_id}}/answers/{{ven_id}}",
        "answer an invitation, as the resident",
        _words("answer!"),
        _number("promised_kwh"),
    ),
    _row(
        "withdraw-invitation", f"POST {_A}/invitations/{{invitation_id}}/withdraw", "take an invitation back"
    ),
    _row("answer-rules", f"GET {_A}/homes/{{ven_id}}/answer-rules", "how a home answers by itself"),
    _row(
        "answer-rule",
        f"PUT {_A}/homes/{{ven_id}}/answer-rules/{{program_id}}",
        "have a home answer by itself, as the resident",
        _words("answer!"),
        _number("most_kwh"),
    ),
    _row("dispatches", f"GET {_A}/dispatches", "list dispatches", _words("state"), _whole("limit")),
    _row("dispatched", f"GET {_A}/dispatches/{{dispatch_id}}", "one dispatch"),
    _row(
        "homes",
        f"GET {_A}/dispatches/{{dispatch_id}}/homes",
        "whom a dispatch called, and why others not",
        _words("state"),
    ),
    _row(
        "delivery", f"GET {_A}/dispatches/{{dispatch_id}}/delivery", "what a dispatch brings, by the meters"
    ),
    _row("redispatch", f"POST {_A}/dispatches/{{dispatch_id}}/redispatch", "make up for homes that left"),
    _row("cancel", f"POST {_A}/dispatches/{{dispatch_id}}/cancel", "take a dispatch back"),
    _row(
        "requests", f"GET {_A}/homes/{{ven_id}}/requests", "what was asked of a home, and what became of it"
    ),
    _row("request", f"GET {_A}/homes/{{ven_id}}/requests/{{request_id}}", "one of them"),
    _row(
        "battery",
        f"GET {_A}/homes/{{ven_id}}/battery",
        "how a home's batteries do, as far as its resident shares it",
    ),
    _row("rooms", f"GET {_A}/homes/{{ven_id}}/rooms", "a home's rooms, as far as its resident shares them"),
    _row(
        "sensors",
        f"GET {_A}/homes/{{ven_id}}/sensors",
        "what sensors of shared rooms told, by quarter-hour",
        _words("start!", "end", "room"),
    ),
    _row(
        "withdraw-request", f"POST {_A}/homes/{{ven_id}}/requests/{{request_id}}/withdraw", "ask it no more"
    ),
    _row("settlements", f"GET {_A}/settlements", "list settlements", _words("dispatch_id")),
    _row("settlement", f"GET {_A}/settlements/{{settlement_id}}", "one settlement"),
    _row(
        "check-receipt",
        f"POST {_A}/settlements/{{settlement_id}}/lines/{{ven_id}}/receipt",
        "let the hub check a line by the home's receipt",
        body_file=True,
    ),
    _row("statements", f"GET {_A}/market/statements", "what homes traded, by the month", _words("month")),
    _row(
        "statement",
        f"GET {_A}/market/statements/{{month}}/{{ven_id}}",
        "what one home traded in a month, or on a day of it",
        _whole("day"),
    ),
    _row(
        "issue-statements",
        f"POST {_A}/market/statements",
        "issue the statements of a month that is over, once",
        _words("month!", "currency"),
    ),
    _row("orders", f"GET {_A}/market/orders", "list orders", _words("interval_start"), _whole("limit")),
    _row(
        "order",
        f"POST {_A}/market/orders",
        "buy or sell",
        _words("ven_id!", "interval_start!", "side!", "price_per_kwh!", "quantity_kwh!"),
    ),
    _row("clearings", f"GET {_A}/market/clearings", "list clearings", _whole("limit")),
    _row("clear", f"POST {_A}/market/clearings", "clear a quarter-hour", _words("interval_start!")),
    _row(
        "compare-sharing",
        f"POST {_A}/market/sharing/compare",
        "what each rule of sharing would have come to",
        (Option(name="quarter_hours", read=text_of, is_needed=True),),
        _words("buy_per_kwh!", "feed_in_per_kwh!", "currency!"),
    ),
    _row("rollouts", f"GET {_A}/rollouts", "how the fleet tool's rollout stands"),
    _row(
        "statistics",
        f"GET {_A}/community/statistics",
        "the community's energy",
        _words("start!", "end", "by", "zone", "cohort"),
    ),
    _row(
        "community-forecast",
        f"GET {_A}/community/forecast",
        "what the community is expected to draw and give by the hour",
        _words("start", "end", "cohort"),
    ),
    _row("benefits", f"GET {_A}/benefits", "what a month brought", _words("month")),
    _row("figures", "GET /stats", "the hub's own figures"),
    _row("services", "GET /services/status", "the state of the hub's services"),
    _row("overview", f"GET {_A}/overview", "the community at a glance"),
    _row("alerts", f"GET {_A}/alerts", "what is wrong now"),
    _row("grid-identity", f"GET {_A}/grid/identity", "who the hub is to grid operators"),
    _row("grid-operators", f"GET {_A}/grid/operators", "list grid operators"),
    _row(
        "grid-messages",
        f"GET {_A}/grid/messages",
        "what was said with them",
        _words("domain"),
        _whole("limit"),
    ),
    _row(
        "grid-operator",
        f"PUT {_A}/grid/operators/{{name}}",
        "know a grid operator, by its domain",
        body_file=True,
    ),
    _row(
        "grid-connection",
        f"PUT {_A}/grid/connections/{{ven_id}}",
        "write down the number of a home's connection",
        _words("ean!"),
    ),
    _row(
        "send-prognosis",
        f"POST {_A}/grid/operators/{{name}}/prognoses",
        "send a grid operator what homes will draw on a day",
        _words("day!", "point!"),
        in_query=True,
    ),
    _row(
        "send-metering",
        f"POST {_A}/grid/operators/{{name}}/meterings",
        "send a grid operator what a day metered",
        _words("day!"),
        in_query=True,
    ),
    _row("revoke-offer", f"POST {_A}/grid/offers/{{message_id}}/revoke", "take an offer to one back"),
)

ROUTES: Final[Mapping[str, HubRoute]] = MappingProxyType({each.command: each for each in _ROWS})
