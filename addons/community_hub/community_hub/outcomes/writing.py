"""Writes what came of invitations as one letter to a resident. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from ..flexibility.direction import MICRO, price_text
from ..mail.words import WORDS
from ..settlement.dispatch_line import amount_of
from .finding import Kind, Outcome

# Of one day's more are counted, and not told.
MOST: Final = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class Reader:
    """Whom a letter is for: which home, in which language and time zone, and where its page is."""

    home: str
    language: str
    zone: ZoneInfo
    link: str


def subject_of(reader: Reader) -> str:
    """Return the subject, in one line."""
    return WORDS[reader.language]["subject"].format(home=reader.home)


def text_of(reader: Reader, outcomes: Sequence[Outcome]) -> str:
    """Return the text, at whose end the link belongs that ends such mail."""
    words = WORDS[reader.language]
    parts = [words["hello"].format(home=reader.home)]
    parts += ["\n".join(_lines(reader, words, outcome)) for outcome in outcomes[:MOST]]
    if len(outcomes) > MOST:
        parts.append(words["more"].format(count=len(outcomes) - MOST))
    parts.append(words["receipt"].format(link=reader.link))
    parts.append("-- \n" + words["why"])
    return "\n\n".join(parts) + "\n"


def _lines(reader: Reader, words: Mapping[str, str], outcome: Outcome) -> list[str]:
    """Return what was asked, what came of it, and what it pays."""
    asked = words[f"asked_{outcome.direction}"].format(
        time=outcome.event_time.astimezone(reader.zone).strftime("%Y-%m-%d %H:%M"),
        minutes=outcome.duration_s // 60,
        program=outcome.program,
        energy=_energy(reader, outcome.asked_wh),
    )
    came_wh = {
        Kind.CALLED: outcome.called_wh,
        Kind.SETTLED: outcome.delivered_wh,
    }.get(outcome.kind, outcome.promised_wh)
    came = words[_word_of(outcome)].format(
        energy=_energy(reader, came_wh), called=_energy(reader, outcome.called_wh)
    )
    return [asked, came, *_pay(reader, words, outcome)]


def _word_of(outcome: Outcome) -> str:
    if outcome.kind is Kind.SETTLED:
        return outcome.state
    return f"answered_{outcome.state}" if outcome.kind is Kind.ANSWERED else outcome.kind


def _pay(reader: Reader, words: Mapping[str, str], outcome: Outcome) -> list[str]:
    """Return what is paid, or would be if all that was promised or called for comes; none: of nothing."""
    if outcome.kind is Kind.SETTLED:
        return [words["paid"].format(amount=_number(reader, outcome.amount), currency=outcome.currency)]
    asked_wh = outcome.promised_wh if outcome.kind is Kind.ANSWERED else outcome.called_wh
    if not asked_wh or outcome.kind is Kind.TAKEN_BACK:
        return []
    if outcome.price_micro is None or outcome.currency is None:
        return [words["pays_nothing"]]
    amount = amount_of(asked_wh, asked_wh, Decimal(outcome.price_micro) / MICRO, outcome.currency)
    price = _number(reader, price_text(outcome.price_micro))
    return [words["pays"].format(price=price, amount=_number(reader, amount), currency=outcome.currency)]


def _energy(reader: Reader, energy_wh: int | None) -> str:
    return "" if energy_wh is None else _number(reader, Decimal(energy_wh) / 1000)


def _number(reader: Reader, number: Decimal | str | None) -> str:
    """Return a number as its reader's language writes it."""
    text = f"{number:f}" if isinstance(number, Decimal) else str(number)
    return text if reader.language == "en" else text.replace(".", ",")
