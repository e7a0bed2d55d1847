"""What others wrote, as a terminal may show it."""


def plain(text: str) -> str:
    """Return a text without what moves a terminal's cursor, colours it or turns the way it is read."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
