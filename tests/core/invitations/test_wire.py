"""Invitations, answers and verdicts as documents: both ways, as described, and refused where they are not."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.core.events.refusal import Refusal, RefusalReason
from custom_components.home_flex.core.invitations import (
    Answer,
    AnsweredBy,
    HomeAnswer,
    Invitation,
    InvitationBook,
    Said,
    State,
    Verdict,
    VerdictOn,
    answer_document,
    invitation_document,
    parse_answer,
    parse_invitation,
    parse_verdict,
    verdict_document,
)
from custom_components.home_flex.core.invitations.codec import book_document, book_from
from tests.asyncapi import is_valid, validate

from .samples import INVITATION, NOW, told

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NOISE = st.recursive(st.none() | st.text(), st.lists).map(json.dumps).map(str.encode)
ANSWER = Answer(said=Said.PARTLY, promised_wh=600, by=AnsweredBy.RESIDENT, at=NOW)


def read(document: object) -> Invitation:
    return parse_invitation(json.dumps(document).encode(), now=NOW)


@pytest.mark.parametrize(
    "invitation",
    [
        INVITATION,
        told(worth=None, devices=("car", "battery")),
        told(state=State.DISPATCHED, answer=ANSWER, event_id="event-1"),
    ],
)
def test_an_invitation_comes_as_it_was_told_and_is_as_described(invitation: Invitation) -> None:
    document = invitation_document(invitation)

    validate("invitations/told", document)
    assert read(document) == invitation


@given(
    said=st.sampled_from(Said),
    promised_wh=st.integers(1, 10**9),
    by=st.sampled_from(AnsweredBy),
    at=st.integers(10**15, 1_795_000_000_000_000).map(lambda each: EPOCH + timedelta(microseconds=each)),
)
def test_an_answer_and_the_verdict_on_it_come_as_they_were_said(
    said: Said, promised_wh: int, by: AnsweredBy, at: datetime
) -> None:
    promised_wh = 0 if said is Said.NO else promised_wh
    answer = Answer(said=said, promised_wh=promised_wh, by=by, at=at)
    sent = HomeAnswer(invitation_id="invitation-1", answer=answer)
    document = answer_document(sent)
    validate("invitations/answer", document)
    assert parse_answer(json.dumps(document).encode(), now=NOW) == sent

    for on in VerdictOn:
        verdict = Verdict(invitation_id="invitation-1", at=at, on=on)
        validate("invitations/received", verdict_document(verdict))
        assert parse_verdict(json.dumps(verdict_document(verdict)).encode()) == verdict


def test_what_a_later_form_adds_is_passed_over_and_another_version_refused() -> None:
    document = invitation_document(INVITATION)

    assert read(document | {"colour": "green"}) == INVITATION
    with pytest.raises(Refusal, match="version"):
        read(document | {"version": 2})


WRONG: list[tuple[dict[str, Any], RefusalReason]] = [
    ({"objectType": "EVENT"}, RefusalReason.MALFORMED),
    ({"id": "a b"}, RefusalReason.MALFORMED),
    ({"programID": None}, RefusalReason.MALFORMED),
    ({"state": "open"}, RefusalReason.MALFORMED),
    ({"direction": 1}, RefusalReason.MALFORMED),
    ({"askedWh": 0}, RefusalReason.OUT_OF_RANGE),
    ({"askedWh": -5}, RefusalReason.OUT_OF_RANGE),
    ({"askedWh": 10**12}, RefusalReason.OUT_OF_RANGE),
    ({"askedWh": 1.5}, RefusalReason.MALFORMED),
    ({"askedWh": True}, RefusalReason.MALFORMED),
    ({"devices": ["x"] * 300}, RefusalReason.OUT_OF_RANGE),
    ({"devices": ["a\u202eb"]}, RefusalReason.MALFORMED),
    ({"start": "soon"}, RefusalReason.WRONG_TIME),
    ({"end": "2026-11-29T17:00:00Z"}, RefusalReason.WRONG_TIME),
    ({"answerBy": "2026-11-29T17:00:01Z"}, RefusalReason.WRONG_TIME),
    ({"end": "2026-12-29T17:00:00Z"}, RefusalReason.TOO_LONG),
    ({"start": "2027-02-01T17:00:00Z", "end": "2027-02-01T18:00:00Z"}, RefusalReason.TOO_FAR_AHEAD),
    ({"modificationDateTime": "2027-02-01T17:00:00Z"}, RefusalReason.WRONG_TIME),
    ({"pays": {"perKWh": 0.25, "currency": "EUR"}}, RefusalReason.MALFORMED),
    ({"pays": {"perKWh": "-1", "currency": "EUR"}}, RefusalReason.MALFORMED),
    ({"pays": {"perKWh": "1", "currency": "euro"}}, RefusalReason.MALFORMED),
    ({"answer": {"said": "YES", "promisedWh": 0}}, RefusalReason.OUT_OF_RANGE),
    ({"answer": {"said": "YES", "promisedWh": 5000}}, RefusalReason.OUT_OF_RANGE),
    ({"eventID": ""}, RefusalReason.MALFORMED),
]


@pytest.mark.parametrize(("wrong", "reason"), WRONG)
def test_what_no_home_can_be_asked_is_refused_with_a_reason(
    wrong: dict[str, Any], reason: RefusalReason
) -> None:
    with pytest.raises(Refusal) as refusal:
        read(invitation_document(INVITATION) | wrong)
    assert refusal.value.reason is reason


@given(
    st.binary(max_size=200) | st.recursive(st.none() | st.text(), st.lists).map(json.dumps).map(str.encode)
)
def test_nothing_but_a_refusal_comes_of_noise(noise: bytes) -> None:
    for parse in (
        lambda: parse_invitation(noise, now=NOW),
        lambda: parse_answer(noise, now=NOW),
        lambda: parse_verdict(noise),
    ):
        with pytest.raises(Refusal):
            parse()


@pytest.mark.parametrize("field", ["said", "promisedWh", "answeredBy", "saidAt", "invitationID", "version"])
def test_an_answer_that_lacks_something_is_refused_as_described(field: str) -> None:
    document = answer_document(HomeAnswer(invitation_id="invitation-1", answer=ANSWER))
    del document[field]

    assert not is_valid("invitations/answer", document)
    with pytest.raises(Refusal):
        parse_answer(json.dumps(document).encode(), now=NOW)


def test_the_book_is_kept_as_it_is_and_what_cannot_be_read_is_left_out(
    caplog: pytest.LogCaptureFixture,
) -> None:
    book = InvitationBook().receive(INVITATION, NOW).receive(told(invitation_id="other"), NOW)
    book = book.say("other", Said.PARTLY, 7, NOW + timedelta(minutes=1))
    document = json.loads(json.dumps(book_document(book)))

    assert book_from(document, NOW + timedelta(minutes=2)) == book
    document["invitations"][0]["told"]["askedWh"] = "a lot"
    assert list(book_from(document, NOW + timedelta(minutes=2)).records) == ["other"]
    assert "cannot be read" in caplog.text
    empty: tuple[object, ...] = (None, [], {"invitations": 7})
    assert [dict(book_from(each, NOW).records) for each in empty] == [{}] * 3
