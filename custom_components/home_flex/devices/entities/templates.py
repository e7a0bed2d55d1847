"""Templates of recipes: Jinja in a sandbox that knows the stated variables and nothing of the home."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, override

from jinja2 import StrictUndefined, Template, TemplateError, TemplateRuntimeError, meta
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from .recipe import TEMPLATE_NAMES, Scalar
from .values import number

_LONGEST = 500
_WORDS: Final = {"True": True, "False": False}


class _Environment(ImmutableSandboxedEnvironment):
    """Reckons with numbers only: a text that is multiplied, or a format that is filled in, grows at will."""

    intercepted_binops = frozenset({"*", "%"})

    @override
    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Return a product or a remainder of numbers."""
        if isinstance(left, str) or isinstance(right, str):
            raise TemplateRuntimeError(f"{operator} is for numbers")
        return super().call_binop(context, operator, left, right)


_ENVIRONMENT: Final = _Environment(undefined=StrictUndefined)
_ENVIRONMENT.globals.clear()


class RecipeError(ValueError):
    """A template cannot be rendered; the message says which and why."""


class Names:
    """Values by name, for ``was.mode`` and ``role.capacity``; a name that is not there is undefined."""

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, Any]) -> None:
        """Take the values."""
        self._values = values

    def __getitem__(self, name: str) -> Any:
        """Return a value. Raises KeyError, which Jinja reads as undefined."""
        return self._values[name]


@lru_cache(maxsize=512)
def compiled(text: str) -> Template:
    """Return a template. Raises RecipeError for one that is none, or that asks for what it may not see."""
    try:
        foreign = meta.find_undeclared_variables(_ENVIRONMENT.parse(text)) - TEMPLATE_NAMES
        if foreign:
            raise RecipeError(f"a template may not use {', '.join(sorted(foreign))}: {text}")
        return _ENVIRONMENT.from_string(text)
    except TemplateError as error:
        raise RecipeError(f"{error}: {text}") from error


def rendered(text: str, variables: Mapping[str, Any]) -> Scalar:
    """Return what a template gives: a number, True or False where it reads as one, else the text.

    Raises RecipeError.
    """
    try:
        told = compiled(text).render(variables).strip()
    except Exception as error:  # what a template does with its values can fail in any way
        raise RecipeError(f"{error}: {text}") from error
    if len(told) > _LONGEST:
        raise RecipeError(f"gives {len(told)} characters: {text}")
    if told in _WORDS:
        return _WORDS[told]
    value = number(told)
    return told if value is None else plain(value)


def plain(value: float) -> int | float:
    """Return a whole number as int, so that a text of it is what people write."""
    return int(value) if value.is_integer() else value
