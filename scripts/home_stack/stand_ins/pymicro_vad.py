"""Stands in for the voice assistant's speech detection, compiled code without a wheel for every machine.

Home Assistant must be able to import it to list its actions for the user interface; nobody here speaks.
"""


class MicroVad:
    """Cannot detect speech."""

    def __init__(self) -> None:
        """Refuse."""
        raise NotImplementedError("The voice assistant is not part of this stack")
