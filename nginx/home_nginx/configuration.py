"""nginx's configuration, from the template beside this file (nginx.org/en/docs)."""

import re
from pathlib import Path

from . import certificate
from .defaults import NginxSettings

TEMPLATES = ("nginx.conf.template", "routes.conf.template", "forwarded.conf.template")
SOCKETS = ("http.sock", "https.sock", "ocpp.sock", "health.sock")

# Part of nginx in its own image; Debian has it beside.
_STREAM = Path("/usr/lib/nginx/modules/ngx_stream_module.so")
_MARK = re.compile(r"@([a-z_]+)@")  # the dollar is nginx's own


def configuration(settings: NginxSettings) -> dict[str, str]:
    """Return the files to write, by name."""
    values = {
        "run": str(settings.run),
        "modules": f"load_module {_STREAM};" if _STREAM.exists() else "",
        "certificate": str(settings.data / certificate.FILE),
        "address": str(settings.address),
        "http_port": str(settings.http_port),
        "https_port": str(settings.https_port),
        "ocpp_port": str(settings.ocpp_port),
        "names": " ".join(settings.names),
        "tunnel": "\n        ".join(f"{network} 1;" for network in settings.tunnel),
        "upstreams": _upstreams(settings),
        **{f"to_{name}": f"fixed_{name}" for name in settings.upstreams},
    }
    return {
        name.removesuffix(".template"): _MARK.sub(
            lambda mark: values[mark[1]], Path(__file__).with_name(name).read_text(encoding="utf-8")
        )
        for name in TEMPLATES
    }


def _upstreams(settings: NginxSettings) -> str:
    """Return a group for each service: its name is looked up once, at start, and its address is its own."""
    return "\n    ".join(
        f"upstream fixed_{name} {{ server {address}; }}" for name, address in settings.upstreams.items()
    )
