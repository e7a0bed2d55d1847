"""Which questions a charger hangs on: some never say a word again once they were asked for something."""

from typing import Final

# Once may be a line that was cut at that moment.
_TIMES: Final = 2


class Questions:
    """What is asked while a charger is set up, over all its connections.

    Only a connection that ends after a question, with none answered since, speaks against the question.
    """

    def __init__(self) -> None:
        """Have asked nothing yet."""
        self._hung: dict[str, int] = {}
        self._unanswered: str | None = None
        self._is_set_up = True

    def begin(self) -> None:
        """Note that the charger is being set up from now on."""
        self._unanswered, self._is_set_up = None, False

    def may_ask(self, question: str) -> bool:
        """Return whether it hung on this one too often."""
        return self._hung.get(question, 0) < _TIMES

    def answered(self, question: str) -> None:
        """Note an answer, be it a refusal: it hung on nothing."""
        self._unanswered = None
        self._hung.pop(question, None)

    def unanswered(self, question: str) -> None:
        """Note that no answer came; the first of several is the one it hung on."""
        if not self._is_set_up:
            self._unanswered = self._unanswered or question

    def finish(self) -> None:
        """Note that all was asked: what it does not answer now is for other reasons."""
        self._is_set_up = True

    def ended(self) -> None:
        """Note that the connection is over."""
        if self._unanswered is not None:
            self._hung[self._unanswered] = self._hung.get(self._unanswered, 0) + 1
        self._unanswered, self._is_set_up = None, True
