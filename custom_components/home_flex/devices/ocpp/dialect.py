"""What differs between the versions of OCPP, as data: how each thing is said, and how it is answered."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from . import charging_profiles, upkeep
from .configuration import Configuration, read_configuration
from .requests import Requests
from .session import Session
from .settings import Patience
from .station import Answers
from .tag_list_words import WORDS_16, ListWords

type Ask[Result] = Callable[[Session, Patience, int], Awaitable[Result]]
"""Asks something of one connector."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Dialect:
    """A version of OCPP: messages that are built, questions that are asked, and who answers the charger.

    ``long_actions`` are those with which a charger may tell a whole session at once.
    """

    version: str
    long_actions: frozenset[str]
    requests: Callable[..., Answers]
    set_limit: Callable[..., object]
    clear_limit: Callable[..., object]
    set_default: Callable[..., object]
    clear_default: Callable[[int], object]
    composite_schedule: Callable[[int, int], object]
    configure: Callable[[Session, Patience], Awaitable[None]]
    read_configuration: Callable[[Session, Patience], Awaitable[Configuration]]
    ask_who_it_is: Callable[[Session, Patience], Awaitable[bool]]
    ask_for_news: Ask[None]
    ask_for_values: Ask[bool]
    make_operative: Ask[None]
    start_session: Callable[[Session, Patience, int, str], Awaitable[bool]]
    prove_alive: Callable[[Session, Patience], Awaitable[None]]
    tag_list: ListWords


V16: Final = Dialect(
    version="1.6",
    long_actions=frozenset({"MeterValues", "StopTransaction"}),
    requests=Requests,
    set_limit=charging_profiles.set_limit,
    clear_limit=charging_profiles.clear_limit,
    set_default=charging_profiles.set_default,
    clear_default=charging_profiles.clear_default,
    composite_schedule=charging_profiles.composite_schedule,
    configure=upkeep.configure,
    read_configuration=read_configuration,
    ask_who_it_is=upkeep.ask_who_it_is,
    ask_for_news=upkeep.ask_for_news,
    ask_for_values=upkeep.ask_for_values,
    make_operative=upkeep.make_operative,
    start_session=upkeep.start_session,
    prove_alive=upkeep.prove_alive,
    tag_list=WORDS_16,
)
