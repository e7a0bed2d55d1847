"""The entry point; each minute's health check does not pay for the agent, so little is imported here."""

import sys

from home_common.health import http_status
from home_common.settings import Settings, SettingsError

_WHERE = {"HTTP_HOST": "", "HTTP_PORT": "8099"}


def main(arguments: list[str]) -> int:
    """Perform one command and return the status to exit with."""
    if arguments == ["health"]:
        return _health()
    from .command_line import run  # noqa: PLC0415 # see above

    return run(arguments)


def _health() -> int:
    try:
        settings = Settings.load(_WHERE)
        port = int(settings.number("HTTP_PORT", 1, 65535))
    except SettingsError as error:
        sys.stderr.write(f"home_agent: {error}\n")
        return 1
    return 0 if http_status(settings.optional("HTTP_HOST") or "127.0.0.1", port, "/health") == 200 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
