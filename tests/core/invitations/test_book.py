"""What a home says to invitations: the resident's word, the rules of events, and each told once."""

from datetime import time, timedelta

import pytest

from custom_components.home_flex.core.events.consent import Consent, JoinRule
from custom_components.home_flex.core.events.house_rules import Household, HouseRules, QuietHours
from custom_components.home_flex.core.events.outcome import StatusReason
from custom_components.home_flex.core.events.refusal import Refusal
from custom_components.home_flex.core.invitations import (
    Answer,
    AnsweredBy,
    InvitationBook,
    InvitationError,
    InvitationRecord,
    Said,
    State,
    Verdict,
    VerdictOn,
)
from custom_components.home_flex.core.invitations.book import KEEP, MOST

from .samples import INVITATION, NOW, rule, told

KEY = INVITATION.invitation_id
QUIET = HouseRules(quiet=QuietHours(start=time(17), end=time(20)))
AUTOMATIC, ASK, NEVER = rule(JoinRule.AUTOMATIC), rule(JoinRule.ASK), rule(JoinRule.NEVER)


def heard(**changed: object) -> InvitationBook:
    return InvitationBook().receive(told(**changed), NOW)  # type: ignore[arg-type] # by name


def only(book: InvitationBook) -> InvitationRecord:
    [record] = book.records.values()
    return record


def said(book: InvitationBook) -> tuple[Said, int, AnsweredBy] | None:
    answer = only(book).answer
    return None if answer is None else (answer.said, answer.promised_wh, answer.by)


def hub_says(word: Said, by: AnsweredBy, minutes: float = 0) -> Answer:
    promised_wh = 0 if word is Said.NO else 1200
    return Answer(said=word, promised_wh=promised_wh, by=by, at=NOW + timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("consent", "word", "held"),
    [
        (AUTOMATIC, (Said.YES, 1200, AnsweredBy.RULE), None),
        (ASK, None, None),
        (NEVER, (Said.NO, 0, AnsweredBy.RULE), None),
        (rule(JoinRule.AUTOMATIC, participating=False), (Said.NO, 0, AnsweredBy.RULE), None),
        (rule(JoinRule.AUTOMATIC, QUIET), None, StatusReason.QUIET_HOURS),
        (rule(JoinRule.AUTOMATIC, HouseRules(most_a_week=0)), None, StatusReason.WEEK_FULL),
        (
            rule(JoinRule.AUTOMATIC, HouseRules(household=Household(is_unwell=True))),
            None,
            StatusReason.UNWELL,
        ),
    ],
)
def test_without_a_word_of_the_resident_the_rules_of_events_answer(
    consent: Consent, word: object, held: StatusReason | None
) -> None:
    book = heard().by_rules(consent, NOW)

    assert said(book) == word
    assert only(book).held is held
    assert only(book).asks(NOW) is (word is None)


def test_whom_nobody_answered_for_by_the_deadline_has_said_nothing() -> None:
    late = INVITATION.answer_by

    book = heard().by_rules(ASK, NOW).by_rules(AUTOMATIC, late)

    assert said(book) is None
    assert book.to_send(late) == ()
    with pytest.raises(InvitationError) as error:
        book.say(KEY, Said.YES, None, late)
    assert error.value.reason == "invitation_closed"


def test_the_residents_word_stands_over_every_rule_and_may_be_changed() -> None:
    book = heard().by_rules(NEVER, NOW).say(KEY, Said.YES, None, NOW).by_rules(NEVER, NOW)
    assert said(book) == (Said.YES, 1200, AnsweredBy.RESIDENT)

    first = only(book).answer
    book = book.say(KEY, Said.PARTLY, 500, NOW)
    second = only(book).answer
    assert said(book) == (Said.PARTLY, 500, AnsweredBy.RESIDENT)
    # Also where the clock stood still, or was set back.
    assert first is not None
    assert second is not None
    assert second.at > first.at


def test_a_part_that_is_all_of_it_is_a_yes() -> None:
    assert said(heard().say(KEY, Said.PARTLY, 1200, NOW)) == (Said.YES, 1200, AnsweredBy.RESIDENT)


@pytest.mark.parametrize(
    ("key", "word", "promised_wh", "reason"),
    [
        ("another", Said.YES, None, "unknown_invitation"),
        (KEY, Said.PARTLY, None, "promised_partly"),
        (KEY, Said.YES, 100, "promised_partly"),
        (KEY, Said.PARTLY, 1201, "promised_too_much"),
        (KEY, Said.PARTLY, 0, "promised_too_much"),
    ],
)
def test_what_cannot_be_said_is_refused_with_a_reason(
    key: str, word: Said, promised_wh: int | None, reason: str
) -> None:
    with pytest.raises(InvitationError) as error:
        heard().say(key, word, promised_wh, NOW)
    assert error.value.reason == reason


def test_a_yes_by_rule_that_a_rule_comes_to_hold_back_becomes_a_no() -> None:
    """Nobody is promised what will not come; the resident can still say yes."""
    held = rule(JoinRule.AUTOMATIC, QUIET)

    book = heard().by_rules(AUTOMATIC, NOW).by_rules(held, NOW)

    assert said(book) == (Said.NO, 0, AnsweredBy.RULE)
    assert only(book).held is StatusReason.QUIET_HOURS
    assert said(book.by_rules(AUTOMATIC, NOW)) == (Said.YES, 1200, AnsweredBy.RULE)


@pytest.mark.parametrize(
    ("hub", "consent", "word"),
    [
        (Said.YES, ASK, Said.YES),
        (Said.NO, AUTOMATIC, Said.NO),
        (Said.YES, NEVER, Said.NO),
    ],
)
def test_what_a_rule_at_the_hub_said_stays_but_where_the_home_never_takes_part(
    hub: Said, consent: Consent, word: Said
) -> None:
    answer = hub_says(hub, AnsweredBy.RULE)

    record = only(heard(answer=answer).by_rules(consent, NOW))

    assert record.answer is not None
    assert record.answer.said is word
    assert record.is_to_send(NOW) is (hub is not word)


def test_it_is_told_until_the_hub_says_what_it_made_of_it() -> None:
    book = heard().say(KEY, Said.YES, None, NOW)
    [first] = book.to_send(NOW)
    assert book.to_send(NOW) == (first,)

    book = book.say(KEY, Said.NO, None, NOW)
    [second] = book.to_send(NOW)
    taken = Verdict(invitation_id=KEY, at=first.answer.at, on=VerdictOn.TAKEN)
    # A verdict on the answer before is not one on this.
    assert book.judge(taken) is book
    book = book.judge(Verdict(invitation_id=KEY, at=second.answer.at, on=VerdictOn.TAKEN))
    assert book.to_send(NOW) == ()
    assert only(book).verdict is VerdictOn.TAKEN


def test_the_same_again_and_what_is_older_changes_nothing() -> None:
    book = heard(minutes=1).say(KEY, Said.YES, None, NOW)

    assert book.receive(told(minutes=1), NOW) is book
    assert book.receive(told(state=State.WITHDRAWN), NOW) is book


@pytest.mark.parametrize("state", [State.WITHDRAWN, State.DISPATCHED])
def test_what_is_withdrawn_or_dispatched_is_so_for_good(state: State) -> None:
    book = heard().say(KEY, Said.YES, None, NOW).receive(told(minutes=1, state=state), NOW)

    assert book.receive(told(minutes=2), NOW) is book
    assert book.to_send(NOW) == ()
    with pytest.raises(InvitationError, match="any more"):
        book.say(KEY, Said.NO, None, NOW)


def test_what_the_resident_said_at_the_hub_counts_here_too_by_which_was_later() -> None:
    book = heard().say(KEY, Said.YES, None, NOW)

    earlier = book.receive(told(minutes=1, answer=hub_says(Said.NO, AnsweredBy.RESIDENT, -1)), NOW)
    later = book.receive(told(minutes=1, answer=hub_says(Said.NO, AnsweredBy.RESIDENT, 1)), NOW)

    assert said(earlier) == (Said.YES, 1200, AnsweredBy.RESIDENT)
    assert len(earlier.to_send(NOW)) == 1
    assert said(later) == (Said.NO, 0, AnsweredBy.RESIDENT)
    assert later.to_send(NOW) == ()


def test_an_invitation_that_asks_otherwise_than_before_is_refused() -> None:
    book = heard().say(KEY, Said.YES, None, NOW)

    with pytest.raises(Refusal, match="as it was made") as refusal:
        book.receive(told(minutes=1, asked_wh=5000), NOW)
    assert refusal.value.event_id == KEY


def test_a_home_holds_so_many_and_what_is_over_makes_room() -> None:
    book = InvitationBook()
    for number in range(MOST):
        book = book.receive(told(invitation_id=f"invitation-{number}"), NOW)

    with pytest.raises(Refusal):
        book.receive(told(invitation_id="one-more"), NOW)
    later = INVITATION.end
    fresh = told(invitation_id="one-more", end=later + timedelta(hours=1))
    assert "one-more" in book.receive(fresh, later).records
    assert len(book.receive(fresh, later).records) == MOST
    assert book.prune(later + KEEP).records == {}


def test_one_that_is_over_and_was_not_known_is_passed_over() -> None:
    assert InvitationBook().receive(INVITATION, INVITATION.end).records == {}
