"""What a seal promises: the very same bytes come out or none, whatever the size of the backup."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Iterable, Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from home_agent.backup.cipher import (
    MAGIC,
    PIECE_BYTES,
    SALT_BYTES,
    TAG_BYTES,
    SealError,
    seal,
    sealed_size,
    unseal,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from scripts.home_stack.fake_clock import FakeClock
from scripts.home_stack.processes import python_path

KEY = "the-key-of-this-home-in-the-operators-folder"
OTHER_KEY = "the-key-of-another-home-in-the-same-folder"

HEADER_BYTES = len(MAGIC) + SALT_BYTES
SEALED_PIECE_BYTES = PIECE_BYTES + TAG_BYTES

# Content of which each piece differs from each other.
CONTENT = b"".join(bytes([number]) * PIECE_BYTES for number in range(3)) + b"the end"
NEAR_A_BORDER = st.builds(
    lambda pieces, offset: max(0, pieces * PIECE_BYTES + offset),
    st.integers(min_value=0, max_value=3),
    st.integers(min_value=-2, max_value=2),
)
CUTS = st.lists(st.integers(min_value=0, max_value=3 * PIECE_BYTES), max_size=4)


async def stream(chunks: Iterable[bytes]) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


async def joined(chunks: AsyncIterator[bytes]) -> bytes:
    return b"".join([chunk async for chunk in chunks])


def sealed(content: bytes, *, key: str = KEY, cuts: Sequence[int] = ()) -> bytes:
    return asyncio.run(joined(seal(stream(cut(content, cuts)), key)))


def opened(content: bytes, *, key: str = KEY, cuts: Sequence[int] = ()) -> bytes:
    return asyncio.run(joined(unseal(stream(cut(content, cuts)), key)))


def cut(content: bytes, places: Sequence[int]) -> list[bytes]:
    """Return the content in chunks, some perhaps empty, as a line may bring them."""
    borders = [0, *sorted(min(place, len(content)) for place in places), len(content)]
    return [content[begin:end] for begin, end in pairwise(borders)]


def parts(seal_of_content: bytes) -> tuple[bytes, list[bytes]]:
    """Return a sealed backup's header and pieces."""
    body = seal_of_content[HEADER_BYTES:]
    pieces = [body[at : at + SEALED_PIECE_BYTES] for at in range(0, len(body), SEALED_PIECE_BYTES)]
    return seal_of_content[:HEADER_BYTES], pieces


def flipped(content: bytes, at: int) -> bytes:
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


@pytest.fixture(scope="module")
def seal_of_content() -> bytes:
    return sealed(CONTENT)


@given(size=NEAR_A_BORDER, cuts=CUTS, sealed_cuts=CUTS)
@settings(max_examples=40, deadline=None)
def test_what_is_sealed_comes_out_again_however_the_line_cuts_it(
    size: int, cuts: list[int], sealed_cuts: list[int]
) -> None:
    content = bytes(range(251)) * (size // 251 + 1)
    content = content[:size]
    result = sealed(content, cuts=cuts)
    assert len(result) == sealed_size(size)
    assert opened(result, cuts=sealed_cuts) == content


@given(content=st.binary(max_size=200), at=st.integers(min_value=0))
@settings(max_examples=100, deadline=None)
def test_a_single_changed_bit_anywhere_is_refused(content: bytes, at: int) -> None:
    result = sealed(content)
    with pytest.raises(SealError):
        opened(flipped(result, at % len(result)))


@given(content=st.binary(max_size=200), length=st.integers(min_value=0))
@settings(max_examples=100, deadline=None)
def test_a_backup_that_ends_early_is_refused(content: bytes, length: int) -> None:
    result = sealed(content)
    with pytest.raises(SealError):
        opened(result[: length % len(result)])


@given(content=st.binary(max_size=200), more=st.binary(min_size=1, max_size=40))
@settings(max_examples=50, deadline=None)
def test_a_backup_with_something_appended_is_refused(content: bytes, more: bytes) -> None:
    with pytest.raises(SealError):
        opened(sealed(content) + more)


@pytest.mark.parametrize("number", range(4))
@pytest.mark.parametrize("at", [0, TAG_BYTES // 2, -1])
def test_a_change_in_each_piece_is_refused(seal_of_content: bytes, number: int, at: int) -> None:
    header, pieces = parts(seal_of_content)
    pieces[number] = flipped(pieces[number], at % len(pieces[number]))
    with pytest.raises(SealError):
        opened(header + b"".join(pieces))


@pytest.mark.parametrize("order", [[1, 0, 2, 3], [0, 2, 1, 3], [3, 1, 2, 0]])
def test_pieces_in_another_order_are_refused(seal_of_content: bytes, order: list[int]) -> None:
    header, pieces = parts(seal_of_content)
    with pytest.raises(SealError):
        opened(header + b"".join(pieces[number] for number in order))


@pytest.mark.parametrize("kept", [[], [0], [0, 1, 2], [0, 1, 3], [1, 2, 3], [0, 0, 1, 2, 3], [0, 1, 2, 3, 3]])
def test_a_piece_left_out_or_repeated_is_refused(seal_of_content: bytes, kept: list[int]) -> None:
    header, pieces = parts(seal_of_content)
    with pytest.raises(SealError):
        opened(header + b"".join(pieces[number] for number in kept))


def test_a_content_of_whole_pieces_cannot_lose_its_last_one() -> None:
    header, pieces = parts(sealed(CONTENT[: 2 * PIECE_BYTES]))
    assert [len(piece) for piece in pieces] == [SEALED_PIECE_BYTES] * 2
    with pytest.raises(SealError):
        opened(header + pieces[0])


@pytest.mark.parametrize("number", range(4))
def test_a_piece_of_another_backup_of_the_same_home_is_refused(seal_of_content: bytes, number: int) -> None:
    header, pieces = parts(seal_of_content)
    _, others = parts(sealed(CONTENT))
    with pytest.raises(SealError):
        opened(header + b"".join([*pieces[:number], others[number], *pieces[number + 1 :]]))


def test_another_key_is_refused_before_anything_comes_out(seal_of_content: bytes) -> None:
    out: list[bytes] = []

    async def collect() -> None:
        out.extend([piece async for piece in unseal(stream([seal_of_content]), OTHER_KEY)])

    with pytest.raises(SealError, match="the key is another one"):
        asyncio.run(collect())
    assert not out


@pytest.mark.parametrize("content", [b"", b"HFB1", b"x" * 100, b"\x1f\x8b" + b"x" * 2 * PIECE_BYTES])
def test_what_is_no_sealed_backup_is_refused(content: bytes) -> None:
    with pytest.raises(SealError):
        opened(content)


def test_the_same_backup_sealed_twice_has_nothing_in_common(seal_of_content: bytes) -> None:
    (header, pieces), (other_header, others) = parts(seal_of_content), parts(sealed(CONTENT))
    assert header[len(MAGIC) :] != other_header[len(MAGIC) :]
    assert not set(pieces) & set(others)


async def test_no_more_than_a_few_pieces_of_a_large_backup_are_held_at_once() -> None:
    """The backup passes through: at each moment what went in and did not come out yet is small."""
    went_in = came_out = most_held = 0
    chunk = bytes(256 * 1024)
    total = 64 * PIECE_BYTES

    async def source() -> AsyncIterator[bytes]:
        nonlocal went_in
        while went_in < total:
            went_in += len(chunk)
            yield chunk

    async for piece in unseal(seal(source(), KEY), KEY):
        came_out += len(piece)
        most_held = max(most_held, went_in - came_out)
    assert came_out == total
    assert most_held <= 3 * PIECE_BYTES


_SEALS = """
import asyncio, sys
from home_agent.backup.cipher import seal

async def content():
    yield b"what a wrong clock sealed"

async def main():
    sys.stdout.buffer.write(b"".join([piece async for piece in seal(content(), sys.argv[1])]))

asyncio.run(main())
"""


@pytest.mark.parametrize("offset_s", [-30 * 365 * 86400, 10 * 365 * 86400])
def test_what_was_sealed_while_the_clock_was_years_off_is_opened(offset_s: int, tmp_path: Path) -> None:
    clock = FakeClock(tmp_path)
    clock.set(offset_s)
    made = subprocess.run(  # noqa: S603 # our own words
        [sys.executable, "-c", _SEALS, KEY],
        env={"PYTHONPATH": python_path("addons/home_agent"), **clock.environment},
        capture_output=True,
        check=True,
    )
    assert opened(made.stdout) == b"what a wrong clock sealed"
