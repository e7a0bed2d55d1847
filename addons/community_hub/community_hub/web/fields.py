"""Fields that several requests hold."""

from typing import Annotated, Final

from pydantic import AfterValidator, StringConstraints

_LONGEST_NAME: Final = 128


def _one_line(text: str) -> str:
    if not text.isprintable():
        raise ValueError("holds characters that cannot be shown within a line")
    return text


type Name = Annotated[
    str,
    StringConstraints(min_length=1, max_length=_LONGEST_NAME, strip_whitespace=True),
    AfterValidator(_one_line),
]
type Email = Annotated[
    str, StringConstraints(max_length=254, pattern=r"^[^@\s]+@[^@\s]+$"), AfterValidator(_one_line)
]
type ObjectId = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z0-9_-]{1,128}$")]
type Password = Annotated[str, StringConstraints(max_length=256)]
type Code = Annotated[str, StringConstraints(min_length=1, max_length=128)]
