"""Which requests the editor answers: few, each with its parameters; no commands, no Git, no network."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from .paths import ForbiddenPathError, checked, checked_name

type Routes = Mapping[str, tuple[Sequence[str], Sequence[str], Sequence[str]]]

# Names of parameters by route: those that hold a path, those that hold the name of something new, and others.
_NO_PARAMETERS: tuple[Sequence[str], Sequence[str], Sequence[str]] = ((), (), ())
READS: Routes = {
    "/api/file": (("filename",), (), ()),
    "/api/download": (("filename",), (), ()),
    "/api/listdir": (("path",), (), ()),
    "/jquery-3.6.0.min.js": _NO_PARAMETERS,
    "/js-yaml.min.js": _NO_PARAMETERS,
    "/materialize.min.js": _NO_PARAMETERS,
    "/material-icons.fallback.css": _NO_PARAMETERS,
    "/style.css": _NO_PARAMETERS,
    "/flUhRq6tzZclQEJ-Vdg-IuiaDsNc.woff2": _NO_PARAMETERS,
    "/": _NO_PARAMETERS,
}
WRITES: Routes = {
    "/api/save": (("filename",), (), ("text",)),
    "/api/newfile": (("path",), ("name",), ()),
    "/api/newfolder": (("path",), ("name",), ()),
    "/api/delete": (("path",), (), ()),
}


class RefusedError(Exception):
    """A request is not answered; the message says why."""


def route_of(target: str, routes: Routes) -> str:
    """Return the route a request's target ends with. Raises RefusedError when there is none."""
    path = urlsplit(target).path
    for route in routes:
        if path.endswith(route):
            return route
    raise RefusedError("the editor does not answer this")


def parameters(route: str, encoded: str, routes: Routes, base: Path) -> str:
    """Return the route's own parameters, encoded anew: paths absolute, checked and with links followed.

    Everything else is left out. Raises RefusedError for a parameter that is missing, or leads where the
    editor may not go. hass-configurator decodes twice, and so does this; what it returns survives both.
    """
    given = parse_qs(encoded, keep_blank_values=True)
    paths, names, others = routes[route]
    try:
        values = {name: _twice(str(checked(base, unquote(given[name][0])))) for name in paths}
        values |= {name: _twice(checked_name(unquote(given[name][0]))) for name in names}
        values |= {name: given[name][0] for name in others}
    except KeyError as error:
        raise RefusedError(f"{error.args[0]} is missing") from None
    except ForbiddenPathError:
        raise RefusedError("the editor may not go there") from None
    return urlencode(values)


def _twice(text: str) -> str:
    return text.replace("%", "%25")
