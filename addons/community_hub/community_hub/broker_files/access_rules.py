"""Mosquitto's file of access rules, line by line (mosquitto.conf(5), "acl_file")."""

from collections.abc import Iterator
from typing import Final

ACCESS: Final = ("read", "write", "readwrite", "deny")
# Without one of them a pattern is a right of everybody over everybody.
_OWN_NAME: Final = ("%u", "%c")


def wrong_rules(text: str) -> Iterator[str]:
    """Yield what is wrong, each with the number of its line."""
    rules = 0
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.split(maxsplit=1)
        if not words or words[0].startswith("#"):
            continue
        rules += 1
        if wrong := _wrong(words[0], words[1].strip() if words[1:] else ""):
            yield f"line {number}: {wrong}"
    if not rules:
        yield "no rule at all"


def _wrong(keyword: str, rest: str) -> str | None:
    match keyword:
        case "user":
            return None if rest else "user without a name"
        case "topic" | "pattern":
            return _wrong_right(keyword, rest)
        case _:
            return f"{keyword!r} is no rule; rules are user, topic and pattern"


def _wrong_right(keyword: str, rest: str) -> str | None:
    access, _, topic = rest.partition(" ")
    if access not in ACCESS:
        return f"{keyword} without one of {', '.join(ACCESS)}"
    topic = topic.strip()
    if not topic:
        return f"{keyword} without a topic"
    if not is_filter(topic):
        return f"{topic!r} is no topic: + and # stand for whole levels, and # for the last"
    if keyword == "pattern" and not any(name in topic for name in _OWN_NAME):
        return f"pattern {topic!r} without %u gives every home the same"
    return None


def is_filter(topic: str) -> bool:
    """Whether it is a topic filter (MQTT 5.0, 4.7.1)."""
    *above, last = topic.split("/")
    return all(_is_level(level) for level in above) and (last == "#" or _is_level(last))


def _is_level(level: str) -> bool:
    return level == "+" or not set(level) & set("+#")
