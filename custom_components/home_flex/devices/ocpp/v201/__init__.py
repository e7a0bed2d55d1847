"""OCPP 2.0.1: what differs from 1.6. Numbers of chapters are those of its part 2."""

from typing import Final

from ..dialect import Dialect
from . import profiles, upkeep
from .requests import Requests201
from .tag_list import WORDS_201

V201: Final = Dialect(
    version="2.0.1",
    long_actions=frozenset({"MeterValues", "TransactionEvent"}),
    requests=Requests201,
    set_limit=profiles.set_limit,
    clear_limit=profiles.clear_limit,
    set_default=profiles.set_default,
    clear_default=profiles.clear_default,
    composite_schedule=profiles.composite_schedule,
    configure=upkeep.configure,
    read_configuration=upkeep.read_configuration,
    ask_who_it_is=upkeep.ask_who_it_is,
    ask_for_news=upkeep.ask_for_news,
    ask_for_values=upkeep.ask_for_values,
    make_operative=upkeep.make_operative,
    start_session=upkeep.start_session,
    prove_alive=upkeep.prove_alive,
    tag_list=WORDS_201,
)

__all__ = ["V201"]
