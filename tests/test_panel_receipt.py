"""The figures of a receipt as the panel shows them, by the baseline that counts."""

from dataclasses import replace

from custom_components.home_flex.core.settlement.receipt import receipt
from custom_components.home_flex.panel.events import receipt_document
from tests.core.settlement.test_receipt import ACCOUNT


def test_it_tells_what_the_programme_pays_by() -> None:
    found = receipt(ACCOUNT)
    told = receipt_document(found)
    assert (told["used_wh"], told["delivered_wh"], told["asks"]) == (1800, 1200, "less")
    assert (told["kept_share"], told["paid"], told["currency"]) == ("0.5000", "0.48", "EUR")
    assert told["digest"] == found.digest


def test_nothing_is_paid_where_nothing_was_agreed_on() -> None:
    told = receipt_document(receipt(replace(ACCOUNT, terms=None)))
    assert (told["paid"], told["currency"]) == (None, None)


def test_what_a_rule_does_not_know_is_not_known() -> None:
    told = receipt_document(receipt(replace(ACCOUNT, asked=None)))
    assert (told["used_wh"], told["delivered_wh"], told["paid"]) == (1800, None, None)
