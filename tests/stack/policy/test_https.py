"""What a release asks the network goes over HTTPS, wherever it is led; a port is a host of its own here."""

import http.server
import threading
from collections.abc import Iterator

import pytest
from image_digests import https

TOKEN = {"Authorization": "Bearer river"}


class Host(http.server.ThreadingHTTPServer):
    """Says ``body``, or leads to ``leads_to``, and keeps what it was given."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.body = b"yes"
        self.leads_to: str | None = None
        self.given: list[str | None] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/a"


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Host

    def do_GET(self) -> None:
        self.server.given.append(self.headers["Authorization"])
        leads_to = self.server.leads_to
        self.send_response(302 if leads_to and not self.path.endswith("/there") else 200)
        if leads_to:
            self.send_header("Location", leads_to)
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name http.server gives
        """Say nothing."""


def _running() -> Iterator[Host]:
    with Host() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def host() -> Iterator[Host]:
    yield from _running()


@pytest.fixture
def other() -> Iterator[Host]:
    yield from _running()


def ask(address: str) -> bytes:
    return https.get(address, headers=TOKEN, most_bytes=3)[0]


def test_an_answer_of_the_size_that_is_taken_is_taken(host: Host) -> None:
    assert ask(host.address) == b"yes"


def test_a_longer_answer_is_not_read_to_its_end(host: Host) -> None:
    host.body = b"yes!"
    with pytest.raises(https.UnsafeError, match="more than 3 bytes"):
        ask(host.address)


@pytest.mark.parametrize(
    "address", ["http://registry.example/", "ftp://127.0.0.1/", "file:///etc/passwd", "127.0.0.1", ""]
)
def test_nothing_else_than_https_is_asked(address: str) -> None:
    with pytest.raises(https.UnsafeError, match="HTTPS only"):
        ask(address)


@pytest.mark.parametrize("address", ["http://registry.example/", "ftp://127.0.0.1/"])
def test_nothing_else_than_https_is_followed(host: Host, address: str) -> None:
    host.leads_to = address
    with pytest.raises(https.UnsafeError, match="HTTPS only"):
        ask(host.address)


def test_a_token_stays_with_the_host_it_was_made_for(host: Host, other: Host) -> None:
    host.leads_to = other.address
    assert ask(host.address) == b"yes"
    assert (host.given, other.given) == ([TOKEN["Authorization"]], [None])


def test_a_token_goes_on_to_another_path_of_its_host(host: Host) -> None:
    host.leads_to = f"{host.address}/there"
    assert ask(host.address) == b"yes"
    assert host.given == [TOKEN["Authorization"]] * 2
