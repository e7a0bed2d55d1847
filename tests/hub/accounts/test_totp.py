"""One-time passwords by time, against the test vectors of RFC 6238."""

import base64
from datetime import UTC, datetime
from urllib.parse import unquote

import pytest
import segno
from community_hub.accounts import totp

SECRET = base64.b32encode(b"12345678901234567890").decode()


def test_the_square_code_is_that_of_the_uri_and_asks_nothing_outside() -> None:
    uri = totp.uri(SECRET, account="olga@hub.example", issuer="Home Flex")

    head, _, svg = unquote(totp.qr(uri)).partition(",")

    assert head == "data:image/svg+xml;charset=utf-8"
    drawn = segno.make(uri, error="m", micro=False).svg_inline(border=4, omitsize=True)
    assert drawn.partition(' d="')[2].partition('"')[0] in svg
    assert "href" not in svg
    assert svg.count("http") == 1  # of its namespace


# RFC 6238, appendix B, SHA-1: of its eight digits the last six.
@pytest.mark.parametrize(
    ("time_s", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_the_rfcs_vectors(time_s: int, code: str) -> None:
    assert totp.code(SECRET, time_s // 30) == code


@pytest.mark.parametrize(("shift", "is_taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_off_by_one_step(shift: int, is_taken: bool) -> None:
    now = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
    step = int(now.timestamp()) // 30 + shift

    found = totp.matching_step(SECRET, totp.code(SECRET, step), now, after=None)

    assert found == (step if is_taken else None)


def test_no_step_is_used_twice_nor_one_before_it() -> None:
    now = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
    step = int(now.timestamp()) // 30

    given = [totp.code(SECRET, step + shift) for shift in (-1, 0, 1)]

    assert [totp.matching_step(SECRET, code, now, after=step) for code in given] == [None, None, step + 1]


@pytest.mark.parametrize("given", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "\ud800"])
def test_what_is_no_code_matches_nothing(given: str) -> None:
    assert totp.matching_step(SECRET, given, datetime(2026, 1, 1, tzinfo=UTC), after=None) is None
