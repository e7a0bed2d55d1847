"""Stands in for the voice assistant's noise reduction; see pymicro_vad beside it."""


class AudioProcessor:
    """Cannot process sound."""

    def __init__(self, *_: object) -> None:
        """Refuse."""
        raise NotImplementedError("The voice assistant is not part of this stack")
