"""A profile's text as a tree that knows where each value stands, for errors that can be acted on.

A subset of YAML: mappings with plain keys, lists, texts, numbers, ``true`` and ``false``. No anchors, aliases
or tags, so that a file is never larger than it looks; ``on``, ``off``, ``yes`` and ``no`` stay texts. Work
grows with the file's length, which is bounded.
"""

import difflib
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import yaml  # type: ignore[import-untyped] # its stubs are a package of their own

from .recipe import Scalar

MAX_CHARACTERS: Final = 64 * 1024
_MAX_DEPTH: Final = 12
# The one that is compiled, where Home Assistant's machine has it: it is some ten times faster.
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INT: Final = re.compile(r"[-+]?[0-9]{1,9}")
_FLOAT: Final = re.compile(r"[-+]?[0-9]{1,9}\.[0-9]{1,9}")


class ProfileError(Exception):
    """A profile was refused: in which file and line, at which path within it, and why."""

    def __init__(self, *, file: str, line: int, path: str, reason: str) -> None:
        """Keep the parts, beside the sentence for the log."""
        where = f"{file}:{line}: {path}: " if path else f"{file}:{line}: "
        super().__init__(where + reason)
        self.file, self.line, self.path, self.reason = file, line, path, reason


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where a value stands: a line from 1, and a path of keys and places from 0."""

    file: str
    line: int
    path: str = ""

    def wrong(self, reason: str) -> ProfileError:
        """Return the error that something here is refused."""
        return ProfileError(file=self.file, line=self.line, path=self.path, reason=reason)

    def below(self, key: str | int, line: int) -> Place:
        """Return the place of what stands under a key."""
        path = f"{self.path}.{key}" if self.path else str(key)
        return Place(file=self.file, line=line, path=path)


@dataclass(frozen=True, kw_only=True, slots=True)
class Node:
    """A value and where it stands. What it is asked for and is not raises ProfileError."""

    value: Scalar | list[Node] | dict[str, Node]
    place: Place

    def text(self, *, longest: int = 200) -> str:
        """Return a text, at most ``longest`` characters."""
        if not isinstance(self.value, str) or not self.value:
            raise self.place.wrong("a text is expected")
        if len(self.value) > longest:
            raise self.place.wrong(f"a text of at most {longest} characters is expected")
        return self.value

    def number(self, low: float, high: float) -> float:
        """Return a number from ``low`` to ``high``."""
        value = self.value
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            raise self.place.wrong("a number is expected")
        if not low <= value <= high:
            raise self.place.wrong(f"a number from {low:g} to {high:g} is expected")
        return float(value)

    def flag(self) -> bool:
        """Return true or false."""
        if not isinstance(self.value, bool):
            raise self.place.wrong("true or false is expected")
        return self.value

    def scalar(self) -> Scalar:
        """Return a text, a number, true or false."""
        if isinstance(self.value, (list, dict)):
            raise self.place.wrong("a text, a number, true or false is expected")
        return self.value

    def word[E: StrEnum](self, words: Iterable[E]) -> E:
        """Return the one of ``words`` that stands here."""
        by_text = {word.value: word for word in words}
        text = self.text()
        if text not in by_text:
            raise self.place.wrong(unknown(text, by_text))
        return by_text[text]

    def items(self, *, most: int = 100) -> list[Node]:
        """Return the values of a list that is not empty."""
        if not isinstance(self.value, list) or not self.value:
            raise self.place.wrong("a list is expected")
        if len(self.value) > most:
            raise self.place.wrong(f"a list of at most {most} is expected")
        return self.value

    def texts(self) -> tuple[str, ...]:
        """Return the texts of a list."""
        return tuple(node.text(longest=500) for node in self.items())

    def fields(self, known: Iterable[str] | None = None) -> Mapping[str, Node]:
        """Return the values by their keys. None of ``known``: keys are free; else others are refused."""
        if not isinstance(self.value, dict) or not self.value:
            raise self.place.wrong("a mapping is expected")
        if known is not None:
            for key, node in self.value.items():
                if key not in known:
                    raise node.place.wrong(unknown(key, known))
        return self.value

    def needed(self, key: str) -> Node:
        """Return what stands under a key of a mapping that must be there."""
        found = self.fields().get(key)
        if found is None:
            raise self.place.wrong(f"{key!r} is missing")
        return found


def unknown(text: str, words: Iterable[str]) -> str:
    """Return the sentence that ``text`` is none of ``words``, and which of them was meant, if any."""
    known = sorted(words)
    near = difflib.get_close_matches(text[:50], known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}"
    return f"{text[:50]!r} is not known here: {hint}"


def parse(text: str, *, file: str) -> Node:
    """Read a text. Raises ProfileError."""
    start = Place(file=file, line=1)
    if len(text) > MAX_CHARACTERS:
        raise start.wrong(f"a file of at most {MAX_CHARACTERS // 1024} KiB is expected")
    try:
        tree = _Tree(start)
        for event in yaml.parse(text, Loader=_LOADER):
            tree.take(event)
    except yaml.MarkedYAMLError as error:
        line = 1 if error.problem_mark is None else error.problem_mark.line + 1
        raise Place(file=file, line=line).wrong(f"this is no YAML: {error.problem}") from error
    except yaml.YAMLError as error:
        raise start.wrong("this is no YAML: it holds a character that no text has") from error
    if tree.root is None:
        raise start.wrong("the file is empty")
    return tree.root


class _Tree:
    """Puts a parser's events together, one at a time, so that depth costs no stack."""

    def __init__(self, start: Place) -> None:
        self.root: Node | None = None
        self._start = start
        self._open: list[Node] = []
        self._keys: list[str | None] = []  # of each open mapping, the key whose value comes next

    def take(self, event: yaml.Event) -> None:
        line = event.start_mark.line + 1
        if (
            isinstance(event, yaml.AliasEvent)
            or getattr(event, "anchor", None)
            or getattr(event, "tag", None)
        ):
            raise Place(file=self._start.file, line=line).wrong("anchors, aliases and tags are not taken")
        if isinstance(event, yaml.DocumentStartEvent) and self.root is not None:
            raise Place(file=self._start.file, line=line).wrong("one profile a file is expected")
        if isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            node = self._add({} if isinstance(event, yaml.MappingStartEvent) else [], line)
            self._open.append(node)
            self._keys.append(None)
            if len(self._open) > _MAX_DEPTH:
                raise node.place.wrong(f"at most {_MAX_DEPTH} levels are expected")
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            self._open.pop()
            self._keys.pop()
        elif isinstance(event, yaml.ScalarEvent):
            self._scalar(event, line)

    def _scalar(self, event: yaml.ScalarEvent, line: int) -> None:
        if self._open and isinstance(self._open[-1].value, dict) and self._keys[-1] is None:
            self._keys[-1] = event.value
            place = self._open[-1].place.below(event.value[:50], line)
            if event.value in self._open[-1].value:
                raise place.wrong("this key stands here twice")
            return
        value = event.value if event.style else _plain(event.value)
        node = self._add("" if value is None else value, line)
        if value is None:
            raise node.place.wrong("a value is missing")

    def _add(self, value: Scalar | list[Node] | dict[str, Node], line: int) -> Node:
        if not self._open:
            self.root = Node(value=value, place=Place(file=self._start.file, line=line))
            return self.root
        parent = self._open[-1]
        if isinstance(parent.value, list):
            node = Node(value=value, place=parent.place.below(len(parent.value), line))
            parent.value.append(node)
            return node
        key = self._keys[-1]
        if key is None or not isinstance(parent.value, dict):
            raise parent.place.wrong("a key must be a text")
        node = Node(value=value, place=parent.place.below(key[:50], line))
        parent.value[key] = node
        self._keys[-1] = None
        return node


def _plain(text: str) -> Scalar | None:
    """Return what an unquoted text is: true, false, a number, nothing, or the text."""
    if text in {"", "~", "null"}:
        return None
    if text in {"true", "false"}:
        return text == "true"
    if _INT.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text
