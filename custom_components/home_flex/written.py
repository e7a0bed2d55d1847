"""Numbers and money in the sentences that Home Flex makes itself, as residents write them in a language.

The panel has this of the browser. Python's ``locale`` is of the whole process.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

_SPACE: Final = "\u00a0"
# What money is called beside an amount; a currency without a sign of its own is called by its code.
_SIGNS: Final = (
    {"EUR": "€", "GBP": "£", "BRL": "R$", "PLN": "zł", "CZK": "Kč", "HUF": "Ft", "ZAR": "R", "INR": "₹"}
    | {"KRW": "₩", "TRY": "₺", "UAH": "₴", "ILS": "₪", "VND": "₫", "JPY": "¥", "CNY": "¥"}
    | dict.fromkeys(("USD", "CAD", "AUD", "NZD", "SGD", "MXN", "CLP"), "$")
    | dict.fromkeys(("SEK", "NOK", "DKK", "ISK"), "kr")
)
# ISO 4217 has no smaller coins of them, and of forint nobody has any left.
_WITHOUT_COINS: Final = frozenset(
    {"CLP", "HUF", "ISK", "JPY", "KRW", "PYG", "UGX", "VND", "XAF", "XOF", "XPF"}
)
_COINS: Final = 2
# Which of the languages that there are texts of have a comma before decimals; all else is said in English.
_COMMA: Final = frozenset({"de", "fr", "nl", "pt"})
# Which of them write the sign of money after the amount, but for these regions.
_SIGN_LAST: Final = frozenset({"de", "fr", "pt"})
_SIGN_FIRST: Final = frozenset({"pt-BR"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    """How a language (``de``, ``pt-BR``) writes; English where there are no texts in it."""

    language: str

    def number(self, value: Decimal | float, digits: int = 0) -> str:
        """Return a number with so many decimals, and no minus before a zero."""
        told = f"{value:.{digits}f}"
        return self._marked(told if float(told) else told.removeprefix("-"))

    def short(self, value: float) -> str:
        """Return a number with the decimals that it needs."""
        return self._marked(f"{value:g}")

    def power(self, power_w: float) -> str:
        """Return a power without its direction: W to ten below a kW, else kW with one decimal."""
        return self._sized(power_w, "W")

    def energy(self, energy_wh: float) -> str:
        """Return an energy without its direction: Wh to ten below a kWh, else kWh with one decimal."""
        return self._sized(energy_wh, "Wh")

    def price(self, amount: Decimal, currency: str) -> str:
        """Return what a kWh costs, with two decimals also where money has no coins."""
        return self._with_sign(amount, currency, _COINS)

    def change(self, amount: float, currency: str) -> str:
        """Return by how much more (or less) something costs, to the smallest coin; nothing has no sign."""
        digits = 0 if currency in _WITHOUT_COINS else _COINS
        changed = round(amount, digits)
        mark = "+" if changed > 0 else "\N{MINUS SIGN}" if changed < 0 else ""
        return mark + self._with_sign(Decimal(str(abs(changed))), currency, digits)

    def _with_sign(self, amount: Decimal, currency: str, digits: int) -> str:
        number, sign = self.number(abs(amount), digits), _SIGNS.get(currency, currency)
        below = "\N{MINUS SIGN}" if amount < 0 and round(amount, digits) else ""
        if self._base in _SIGN_LAST and self.language not in _SIGN_FIRST:
            return f"{below}{number}{_SPACE}{sign}"
        is_close = self._base not in _COMMA and not sign[-1].isalpha()
        return f"{below}{sign}{'' if is_close else _SPACE}{number}"

    def _sized(self, amount: float, unit: str) -> str:
        size = abs(amount)
        if size < 995.0:
            return f"{self.number(round(size, -1))}{_SPACE}{unit}"
        return f"{self.number(size / 1000.0, 1)}{_SPACE}k{unit}"

    def _marked(self, number: str) -> str:
        return number.replace(".", ",") if self._base in _COMMA else number

    @property
    def _base(self) -> str:
        return self.language.partition("-")[0]
