"""A command of ``flexctl hub`` that asks a route of the hub as it is; ``hub_table`` has them all.

A word in braces of a path is given as a word, and each option as ``--name``; of a GET they are its query, of
all others its body.
"""

import argparse
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from .hub_client import HubClient

_MOST_BYTES: Final = 10_000_000
_WORD: Final = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Option:
    """A field of a query or a body. ``read`` makes its value of what was typed."""

    name: str
    read: Callable[[str], Any] | None = str
    is_needed: bool = False
    is_list: bool = False

    @property
    def word(self) -> str:
        """Return how it is typed."""
        return f"--{self.name.replace('_', '-')}"

    def add_to(self, parser: argparse.ArgumentParser) -> None:
        """Let a command be told it."""
        if self.read is None:
            parser.add_argument(self.word, action=argparse.BooleanOptionalAction, default=None)
            return
        action = "append" if self.is_list else "store"
        parser.add_argument(self.word, type=self.read, action=action, required=self.is_needed)


@dataclass(frozen=True, kw_only=True, slots=True)
class HubRoute:
    """A command and what it asks. ``body_file``: the whole body is a file of JSON that is named last.

    ``in_query``: options are told in the query of what is no GET, too.
    """

    command: str
    method: str
    path: str
    help: str
    options: tuple[Option, ...] = ()
    body_file: bool = False
    in_query: bool = False

    @property
    def words(self) -> list[str]:
        """Return what is given as words, in the order of the path."""
        return _WORD.findall(self.path)

    def add_to(self, commands: Any) -> None:
        """Add the command to a parser's."""
        parser = commands.add_parser(self.command, help=self.help)
        for word in self.words:
            parser.add_argument(word)
        for option in self.options:
            option.add_to(parser)
        if self.body_file:
            parser.add_argument("body_file", type=Path, help="JSON")

    def ask(self, hub: HubClient, arguments: argparse.Namespace) -> Any:
        """Ask the hub. Raises as ``HubClient``; ValueError for a file that is none."""
        given = vars(arguments)
        path = _WORD.sub(lambda word: quote(given[word[1]], safe=""), self.path)
        told = {option.name: given[option.name] for option in self.options}
        if self.method == "GET":
            return hub.get(path, **told)
        if self.body_file:
            return hub.send(self.method, path, _object_of(arguments.body_file))
        if self.in_query:
            return hub.send(self.method, path, **told)
        return hub.send(self.method, path, told or None)


def text_of(name: str) -> str:
    """Return what a file says. Raises ArgumentTypeError when it is too large or cannot be read."""
    path = Path(name)
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise argparse.ArgumentTypeError(f"{name} is larger than {_MOST_BYTES // 1_000_000} MB")
        return path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise argparse.ArgumentTypeError(f"{name} cannot be read") from error


def _object_of(path: Path) -> Mapping[str, Any]:
    try:
        document = json.loads(text_of(str(path)))
    except (argparse.ArgumentTypeError, RecursionError, ValueError) as error:
        raise ValueError(f"{path} holds no JSON") from error
    if not isinstance(document, dict):
        raise ValueError(f"{path} holds no JSON object")  # noqa: TRY004 # it is what a person wrote
    return document
