"""Cutting telegrams out of a byte stream."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.devices.p1.framing import MAX_TELEGRAM_BYTES, TelegramFramer, crc16

from .fakes.p1_feeder import corpus
from .fakes.telegrams import crc, simple, telegram

TELEGRAMS = [simple(0.1), simple(0.2), telegram("1-0:1.7.0(00.300*kW)", version="42")]
WITHOUT_CRC = telegram("1-0:1.7.0(0001.01*kW)", version=None)[:-6] + b"\r\n"


def framed(*pieces: bytes) -> list[str]:
    framer = TelegramFramer()
    return [text for piece in pieces for text in framer.feed(piece)]


@given(st.binary())
def test_the_crc_is_the_one_computed_bit_by_bit(data: bytes) -> None:
    assert crc16(data) == crc(data)


@given(st.data())
def test_any_chunking_gives_the_same_telegrams(data: st.DataObject) -> None:
    garbage = st.binary(max_size=40) | st.sampled_from([b"/half\r\n1-0:1.7", b"!", b"!12", b"/", b"\n!\n"])
    parts = data.draw(st.lists(st.sampled_from(TELEGRAMS) | garbage, max_size=8))
    stream = b"".join(parts)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=20)))
    pieces = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    bytewise = [stream[i : i + 1] for i in range(len(stream))]
    assert framed(*pieces) == framed(stream) == framed(*bytewise)


@given(st.lists(st.sampled_from(TELEGRAMS), min_size=1), st.data())
def test_a_corrupted_byte_never_raises_and_never_passes(telegrams: list[bytes], data: st.DataObject) -> None:
    stream = bytearray(b"".join(telegrams))
    at = data.draw(st.integers(0, len(stream) - 1))
    stream[at] = data.draw(st.integers(0, 255))
    valid = {text.decode() for whole in TELEGRAMS for text in [whole[: whole.index(b"!") + 1]]}
    assert set(framed(bytes(stream))) <= valid


def test_a_stream_that_lost_its_carriage_returns_gives_the_same_telegrams() -> None:
    framer = TelegramFramer()
    assert framer.feed(b"".join(TELEGRAMS).replace(b"\r", b"")) == framed(*TELEGRAMS)
    assert framer.counts.without_carriage_return == len(TELEGRAMS)


def test_a_half_telegram_is_lost_and_the_next_one_is_not() -> None:
    assert framed(TELEGRAMS[0][:40], TELEGRAMS[1]) == framed(TELEGRAMS[1])


def test_a_wrong_crc_is_counted_and_the_next_telegram_read() -> None:
    framer = TelegramFramer()
    assert framer.feed(TELEGRAMS[0].replace(b"00.100", b"00.900") + TELEGRAMS[1]) == framed(TELEGRAMS[1])
    assert framer.counts.bad_crc == 1


def test_a_crc_may_be_sent_without_its_leading_zeros() -> None:
    for number in range(1000):
        whole = simple(number / 1000)
        if whole[-6:-5] == b"0":
            break
    assert framed(whole[:-6] + whole[-5:]) == framed(whole)


def test_a_telegram_without_crc_is_taken_from_an_old_meter() -> None:
    assert len(framed(WITHOUT_CRC, WITHOUT_CRC)) == 2


def test_a_telegram_without_crc_is_refused_from_a_meter_that_must_send_one() -> None:
    assert framed(TELEGRAMS[0][:-6] + b"\r\n") == []
    assert framed(TELEGRAMS[0], WITHOUT_CRC) == framed(TELEGRAMS[0])


def test_an_endless_telegram_is_discarded() -> None:
    framer = TelegramFramer()
    framer.feed(b"/")
    for _ in range(100):
        assert framer.feed(b"x" * 4096) == []
        assert len(framer._buffer) <= MAX_TELEGRAM_BYTES
    assert framer.feed(b"!0000\r\n" + TELEGRAMS[0]) == framed(TELEGRAMS[0])


@pytest.mark.parametrize("size", [1, 7, 64, 1000, 10**6])
def test_the_capture_gives_all_its_566_telegrams_in_pieces_of_any_size(size: int) -> None:
    capture = corpus("m550t-capture.txt")
    framer = TelegramFramer()
    texts = [text for i in range(0, len(capture), size) for text in framer.feed(capture[i : i + size])]
    assert (len(texts), framer.counts.bad_crc) == (566, 0)
