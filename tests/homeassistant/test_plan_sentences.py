"""Sentences of what a plan bent: whose it is, how much, and what a way out costs."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

import custom_components.home_flex
from custom_components.home_flex.core.model import TimeGrid
from custom_components.home_flex.core.planner.bending import Bend, BentWish, LeftOut, LeftOutCode
from custom_components.home_flex.core.planner.plan import Money, Plan, PlanStatus
from custom_components.home_flex.core.planner.proposals import ChangeKind
from custom_components.home_flex.core.planner.smallest_change import Change
from custom_components.home_flex.plan_sentences import (
    PlanSentences,
    bent_attributes,
    bent_document,
    left_out_document,
)
from custom_components.home_flex.runtime.planning.showing import WaysOut
from custom_components.home_flex.written import Written
from tests.runtime.planning.plans import NOON

TRANSLATIONS = Path(custom_components.home_flex.__file__).parent / "translations"


def texts_of(language: str) -> dict[str, str]:
    """Return the common texts of a language, as Home Assistant has them."""
    texts = json.loads((TRANSLATIONS / f"{language}.json").read_text(encoding="utf-8"))
    return {f"component.home_flex.common.{key}": text for key, text in texts["common"].items()}


SENTENCES = PlanSentences(
    texts=texts_of("en"),
    names={"car": "Family car", "shed": "Shed"},
    currency="EUR",
    written=Written(language="en"),
)
PLAN = Plan(
    grid=TimeGrid(start=NOON, lengths_s=(900,)),
    status=PlanStatus.SOLVED,
    net_w=(0.0,),
    marginal_per_kwh=(0.3,),
    devices={},
    money=Money(bought=0.0, sold=0.0, wear=0.0, peak=0.0, stored=0.0),
)


def _on_one_line(sentence: str) -> str:
    """Return a sentence with plain spaces, also between a number and its unit."""
    return sentence.replace("\u00a0", " ")


def bend(wish: BentWish, subject_id: str, amount: float) -> Bend:
    return Bend(wish=wish, subject_id=subject_id, amount=amount, first_step=0, last_step=3)


def change(kind: ChangeKind, subject_id: str, amount: float, money: float = 0.0) -> Change:
    return Change(kind=kind, subject_id=subject_id, amount=amount, money=money, carbon_g=None, plan=PLAN)


@pytest.mark.parametrize(
    ("bent", "sentence"),
    [
        (
            bend(BentWish.READY_BY, "car", 1480.0),
            "Family car: 1.5 kWh are missing when it must be ready",
        ),
        (bend(BentWish.RESERVE, "car", 62.0), "Family car: up to 60 Wh below its reserve"),
        (
            bend(BentWish.IMPORT_LIMIT, "resident", 800.0),
            "Your limit: 800 Wh more than it allows is drawn",
        ),
        (
            bend(BentWish.IMPORT_LIMIT, "event", 800.0),
            "Limit of an event: 800 Wh more than it asks is drawn. That breaks no wish of yours.",
        ),
        (
            bend(BentWish.EXPORT_LIMIT, "event.1", 800.0),
            "Limit of an event: 800 Wh more than it asks is fed in. That breaks no wish of yours.",
        ),
        (bend(BentWish.CIRCUIT_LIMIT, "main.l2", 800.0), "Main fuse (L2): 800 Wh more than it allows"),
        (bend(BentWish.CIRCUIT_LIMIT, "shed.l1", 800.0), "Shed (L1): 800 Wh more than it allows"),
    ],
)
def test_what_was_bent_is_said_with_whose_it_is_and_how_much(bent: Bend, sentence: str) -> None:
    assert _on_one_line(SENTENCES.bent(bent)) == sentence


@pytest.mark.parametrize(
    ("way_out", "sentence"),
    [
        (change(ChangeKind.LATER, "car", 2700.0, 0.12), "Family car: be ready 45 min later (+€0.12)"),
        (change(ChangeKind.LATER, "car", 5400.0), "Family car: be ready 1 h 30 min later (€0.00)"),
        (change(ChangeKind.LATER, "car", 7200.0), "Family car: be ready 2 h later (€0.00)"),
        (
            change(ChangeKind.LESS_ENERGY, "car", 1500.0, -0.45),
            "Family car: accept 1.5 kWh less (\N{MINUS SIGN}€0.45)",
        ),
        (change(ChangeKind.HIGHER_LIMIT, "resident", 1500.0), "Your limit: allow 1.5 kW more (€0.00)"),
        (change(ChangeKind.LEAVE_EVENT, "event", 1.0, -0.001), "Leave the event (€0.00)"),
    ],
)
def test_a_way_out_is_said_with_what_it_costs(way_out: Change, sentence: str) -> None:
    assert _on_one_line(SENTENCES.change(way_out)) == sentence


@pytest.mark.parametrize(
    ("left", "sentence"),
    [
        (LeftOut(code=LeftOutCode.CARBON_MISSING, steps=4), "Carbon intensity is not known"),
        (LeftOut(code=LeftOutCode.STORED_ABSURD, subject_id="car"), "Family car: what it holds cannot"),
        (LeftOut(code=LeftOutCode.LIMIT_ABSURD, subject_id="main.l2"), "Main fuse (L2): a limit or promise"),
    ],
)
def test_what_was_left_out_is_said_with_whose_it_is(left: LeftOut, sentence: str) -> None:
    assert SENTENCES.left_out(left).startswith(sentence)


@pytest.mark.parametrize("language", ["de", "en", "fr", "nl", "pt"])
@pytest.mark.parametrize("code", LeftOutCode)
def test_whatever_is_left_out_has_a_sentence_in_every_language(code: LeftOutCode, language: str) -> None:
    said = replace(SENTENCES, texts=texts_of(language)).left_out(LeftOut(code=code, subject_id="car"))

    assert said != f"left_out_{code}"
    assert "{" not in said


def test_what_was_left_out_of_the_site_has_no_name() -> None:
    (told,) = left_out_document([LeftOut(code=LeftOutCode.PRICES_MISSING, steps=8)], SENTENCES)

    assert told == {
        "code": "prices_missing",
        "subject_id": "",
        "steps": 8,
        "name": "",
        "sentence": SENTENCES.left_out(LeftOut(code=LeftOutCode.PRICES_MISSING)),
    }


def test_a_way_out_of_two_wishes_is_shown_once_and_a_margin_is_no_wish() -> None:
    leave = change(ChangeKind.LEAVE_EVENT, "event", 1.0)
    shown = bent_attributes(
        (
            WaysOut(bend(BentWish.READY_BY, "car", 1500.0), (leave,)),
            WaysOut(bend(BentWish.RESERVE, "shed", 1500.0), (leave,)),
            WaysOut(bend(BentWish.READY_EARLY, "car", 900.0), ()),
        ),
        SENTENCES,
    )

    assert [sentence.split(":")[0] for sentence in shown["bent"]] == ["Family car", "Shed"]
    assert shown["ways_out"] == ["Leave the event (€0.00)"]


def test_that_nobody_looked_yet_is_told_apart_from_that_nothing_helps() -> None:
    unknown, none = bend(BentWish.READY_BY, "car", 1500.0), bend(BentWish.RESERVE, "car", 1500.0)

    told = bent_document((WaysOut(unknown, None), WaysOut(none, ())), SENTENCES)

    assert [each["changes"] for each in told] == [None, []]
