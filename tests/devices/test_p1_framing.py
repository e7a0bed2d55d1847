"""Cutting telegrams out of a byte stream."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.devices.p1.framing import MAX_TELEGRAM_BYTES, Frame, TelegramFramer, crc16

from .fakes.p1_feeder import corpus
from .fakes.telegrams import crc, simple, telegram

TELEGRAMS = [simple(0.1), simple(0.2), telegram("1-0:1.7.0(00.300*kW)", version="42")]
WITHOUT_CRC = telegram("1-0:1.7.0(0001.01*kW)", version=None)[:-6] + b"\r\n"


def framed(*pieces: bytes) -> list[str]:
    framer = TelegramFramer()
    return [frame.text for piece in pieces for frame in framer.feed(piece)]


def texts(frames: list[Frame]) -> list[str]:
    return [frame.text for frame in frames]


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
    assert texts(framer.feed(b"".join(TELEGRAMS).replace(b"\r", b""))) == framed(*TELEGRAMS)
    assert framer.counts.without_carriage_return == len(TELEGRAMS)


def test_a_half_telegram_is_lost_and_the_next_one_is_not() -> None:
    assert framed(TELEGRAMS[0][:40], TELEGRAMS[1]) == framed(TELEGRAMS[1])


def test_a_wrong_crc_is_counted_and_the_next_telegram_read() -> None:
    framer = TelegramFramer()
    assert texts(framer.feed(TELEGRAMS[0].replace(b"00.100", b"00.900") + TELEGRAMS[1])) == framed(
        TELEGRAMS[1]
    )
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
    assert texts(framer.feed(b"\r\n!0000\r\n" + TELEGRAMS[0])) == framed(TELEGRAMS[0])


@pytest.mark.parametrize("size", [1, 7, 64, 1000, 10**6])
def test_the_capture_gives_all_its_566_telegrams_in_pieces_of_any_size(size: int) -> None:
    capture = corpus("m550t-capture.txt")
    framer = TelegramFramer()
    frames = [frame for i in range(0, len(capture), size) for frame in framer.feed(capture[i : i + size])]
    assert (len(frames), framer.counts.bad_crc) == (566, 0)


def test_a_text_with_the_signs_of_start_and_end_is_part_of_its_telegram() -> None:
    whole = telegram("0-0:96.13.0(www.x.nl/y let op!)", "1-0:1.7.0(00.500*kW)")
    assert len(framed(whole, whole)) == 2


def test_a_bracket_damaged_into_an_end_in_the_middle_of_a_line_does_not_cut_the_telegram() -> None:
    whole = telegram("0-0:1.0.0(260601120000S)", "1-0:1.7.0(00.000*kW)", "1-0:2.7.0(02.601*kW)", version=None)
    assert framed(whole.replace(b"00.000*kW)", b"00.000*kW!")) == []


def test_a_telegram_with_the_meters_clock_must_carry_a_crc() -> None:
    whole = telegram("0-0:1.0.0(260601120000S)", "1-0:1.7.0(00.500*kW)", version=None)
    assert framed(whole[:-6] + b"\r\n") == []


def test_noise_before_a_telegram_does_not_hide_it() -> None:
    assert framed(b"\xff" * 3000 + TELEGRAMS[0] + b"\xff\xff" + TELEGRAMS[1]) == framed(*TELEGRAMS[:2])


WITHOUT_END = telegram("1-0:1.7.0(0001.01*kW)", version=None)[:-7]


def test_a_meter_that_sends_no_end_is_read_up_to_the_next_start_or_a_pause() -> None:
    framer = TelegramFramer()
    first = framer.feed(WITHOUT_END + WITHOUT_END)
    assert [frame.checked for frame in first + framer.paused()] == [False, False]
    assert framer.paused() == []


def test_a_pause_ends_no_telegram_of_a_meter_that_sends_ends() -> None:
    framer = TelegramFramer()
    framer.feed(WITHOUT_CRC + WITHOUT_END)
    assert framer.paused() == []
    framer = TelegramFramer()
    framer.feed(TELEGRAMS[0][:-20])
    assert framer.paused() == []


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "no_data"),
        (b"Port already in use\r\n", "not_p1"),
        (b"/ISK5\r\n", "no_telegram"),
        (b"\x1b\x1b\x1b\x1b\x01\x01\x01\x01v\x05\x1b\x1b\x1b\x1b\x1a", "sml"),
        (b"\x7e\xa0\x84\xcf\x02\x23\x13\x12\x7e", "dlms"),
    ],
)
def test_what_is_no_telegram_is_named(data: bytes, reason: str) -> None:
    framer = TelegramFramer()
    assert framer.feed(data) == []
    assert framer.why_nothing() == reason


def test_a_stream_of_nothing_but_starts_and_ends_is_gone_through_once() -> None:
    framer = TelegramFramer()
    assert framer.feed(b"\n/\n!" * 4096) == []
    assert framer.counts.bad_crc == 0
    assert len(framer._buffer) <= MAX_TELEGRAM_BYTES
