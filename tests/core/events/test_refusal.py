"""What a refusal says."""

import pytest

from custom_components.home_flex.core.events.refusal import SENTENCES, Refusal, RefusalReason


@pytest.mark.parametrize("reason", RefusalReason)
def test_a_refusal_says_its_reason_in_a_sentence_and_what_it_is_about(reason: RefusalReason) -> None:
    for detail, sentence in (("", SENTENCES[reason]), ("interval 2", f"{SENTENCES[reason]}: interval 2")):
        refusal = Refusal(reason, detail)
        assert refusal.message == str(refusal) == sentence
