"""What a profile may put into regular expressions and templates, so that a foreign file stays harmless."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from jinja2 import Environment, TemplateSyntaxError, nodes

from .recipe import TEMPLATE_NAMES

MAX_REPEATS: Final = 2
MAX_CHOICES: Final = 6
_LONGEST_PATTERN: Final = 200
_LARGEST_NUMBER: Final = 100_000
_GROUP_STARTS: Final = ("(?:", "(?=", "(?!", "(?<=", "(?<!")
_PART: Final = re.compile(
    r"(?P<escape>\\.)|(?P<set>\[\^?\]?(?:\\.|[^\]\\])*\])|(?P<open>\((?:\?(?:[:=!]|<[=!]))?)|(?P<close>\))"
    r"|(?P<repeat>[*+]|\{[0-9,]*\})|(?P<choice>[?|])|(?P<open_set>\[)|(?P<other>.)",
    re.DOTALL,
)
_DOUBTFUL_SET: Final = re.compile(r".\[|--|&&|~~|\|\|")


def compile_pattern(text: str) -> re.Pattern[str]:
    """Return a regular expression whose work is bounded. Raises ValueError with the reason.

    At most MAX_REPEATS parts repeat, and a group never does, so that none repeats within another; at most
    MAX_CHOICES parts are optional or alternatives; what was matched is never referred to. Then the work for a
    unique id of n characters is at most of the order of 2 ** MAX_CHOICES * n ** (MAX_REPEATS + 1).
    """
    if len(text) > _LONGEST_PATTERN:
        raise ValueError(f"a regular expression of at most {_LONGEST_PATTERN} characters is expected")
    counts, before = Counter[str](), ""
    for part in _PART.finditer(text):
        kind = part.lastgroup or ""
        reason = _why_not(kind, part, before)
        if reason is not None:
            raise ValueError(reason)
        counts[kind] += 1
        before = kind
    if counts["repeat"] > MAX_REPEATS:
        raise ValueError(f"at most {MAX_REPEATS} repeats (* + {{}}) are taken in a regular expression")
    if counts["choice"] > MAX_CHOICES:
        raise ValueError(f"at most {MAX_CHOICES} choices (? |) are taken: write several alternatives")
    try:
        return re.compile(text)
    except (re.error, OverflowError, FutureWarning) as error:
        raise ValueError(f"this is no regular expression: {error}") from error


def _why_not(kind: str, part: re.Match[str], before: str) -> str | None:
    """Return why a part of a regular expression is refused, after a part of the kind ``before``."""
    found, is_extended = part[0], part.string.startswith("(?", part.start())
    if kind == "open" and is_extended and not found.startswith(_GROUP_STARTS):
        return "groups other than (…), (?:…), and those that look ahead or behind are not taken"
    if kind == "escape" and found[1].isdigit():
        return "references to what a group matched are not taken"
    if kind == "open_set":
        return "this is no regular expression: a set does not end"
    if kind == "set" and _DOUBTFUL_SET.search(found):
        return "a set within a set is not taken"
    if kind == "repeat" and before == "close":
        return "a group must not repeat: only ? may follow it"
    return None


_ALLOWED: Final = (
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Const,
    nodes.BinExpr,
    nodes.UnaryExpr,
    nodes.Compare,
    nodes.Operand,
    nodes.CondExpr,
    nodes.Filter,
)
_FILTERS: Final = frozenset({"round", "int", "float", "abs", "lower", "upper"})
_SYNTAX: Final = Environment(autoescape=False)  # noqa: S701 # nothing is rendered with it


def check_template(text: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the roles that a template uses, by ``role.`` and by ``was.``. Raises ValueError with the reason.

    A template is one expression over TEMPLATE_NAMES: numbers, comparisons and a few filters; no loops, calls
    or powers.
    """
    if "{%" in text or "{#" in text:
        raise ValueError("a template holds only expressions: {{ … }}")
    try:
        tree = _SYNTAX.parse(text)
    except (TemplateSyntaxError, RecursionError) as error:
        raise ValueError(f"this is no template: {error}") from error
    used: dict[str, set[str]] = {"role": set(), "was": set()}
    expressions = list(_expressions(tree))
    products = sum(isinstance(node, (nodes.Mul, nodes.Mod)) for node in expressions)
    is_text = any(isinstance(node, nodes.Const) and isinstance(node.value, str) for node in expressions)
    if products > 1 or (products and is_text):
        raise ValueError("a template multiplies once at most, and never texts")
    for node in expressions:
        if isinstance(node, nodes.Getattr):
            if not isinstance(node.node, nodes.Name) or node.node.name not in used:
                raise ValueError("only role and was have parts behind a dot")
            used[node.node.name].add(node.attr)
        else:
            _check(node)
    return frozenset(used["role"]), frozenset(used["was"])


def _expressions(tree: nodes.Template) -> Iterator[nodes.Node]:
    waiting: list[nodes.Node] = list(tree.body)
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(node.iter_child_nodes())


def _check(node: nodes.Node) -> None:
    if isinstance(node, nodes.Name) and node.name not in TEMPLATE_NAMES:
        raise ValueError(f"{node.name!r} is not known: a template sees {', '.join(sorted(TEMPLATE_NAMES))}")
    if isinstance(node, nodes.Filter) and node.name not in _FILTERS:
        raise ValueError(f"the filter {node.name!r} is not taken: {', '.join(sorted(_FILTERS))} are")
    if isinstance(node, nodes.Const) and _is_large(node.value):
        raise ValueError(f"a number of at most {_LARGEST_NUMBER} is expected in a template")
    if isinstance(node, nodes.Pow) or not isinstance(node, _ALLOWED):
        raise ValueError("this is more than a template may do here")  # noqa: TRY004 # the text is wrong


def _is_large(value: object) -> bool:
    return isinstance(value, (int, float)) and abs(value) > _LARGEST_NUMBER
