"""Meters that encrypt: made here with the cipher alone, from the published layout of the frame."""

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from dsmr_parser.parsers import TelegramParser  # type: ignore[import-untyped] # ships no types
from dsmr_parser.telegram_specifications import MSN  # type: ignore[import-untyped] # no types

from custom_components.home_flex.devices.p1.deciphering import Decipherer, MeterKeys, looks_encrypted

from .fakes.telegrams import simple

KEY = bytes(range(16))
PUBLIC = bytes.fromhex("00112233445566778899AABBCCDDEEFF")
TITLE = b"SAG12345"


def frame(plain: bytes, counter: int, *, key: bytes = KEY, authentication: bytes = PUBLIC) -> bytes:
    counted = counter.to_bytes(4)
    cipher = Cipher(algorithms.AES128(key), modes.GCM(TITLE + counted)).encryptor()
    cipher.authenticate_additional_data(b"\x30" + authentication)
    body = b"\x30" + counted + cipher.update(plain) + cipher.finalize() + cipher.tag[:12]
    return b"\xdb\x08" + TITLE + b"\x82" + len(body).to_bytes(2) + body


def test_frames_in_pieces_give_the_telegrams_they_hold() -> None:
    stream = b"\x00\xdb" + frame(simple(0.1), 1) + frame(simple(0.2), 2)
    assert looks_encrypted(stream)
    decipherer = Decipherer(MeterKeys(KEY))
    plain = b"".join(decipherer.feed(stream[i : i + 7]) for i in range(0, len(stream), 7))
    assert plain == simple(0.1) + simple(0.2)
    assert decipherer.refused == 0


def test_a_second_key_authenticates() -> None:
    keys = MeterKeys(KEY, b"a" * 16)
    assert Decipherer(keys).feed(frame(simple(), 1, authentication=b"a" * 16)) == simple()
    assert Decipherer(keys).feed(frame(simple(), 1)) == b""


@pytest.mark.parametrize("at", [20, 40, -1])
def test_a_damaged_frame_is_dropped_and_the_next_one_read(at: int) -> None:
    damaged = bytearray(frame(simple(0.1), 1))
    damaged[at] ^= 1
    decipherer = Decipherer(MeterKeys(KEY))
    assert decipherer.feed(bytes(damaged) + frame(simple(0.2), 2)) == simple(0.2)
    assert decipherer.refused == 1


def test_a_frame_played_again_is_dropped() -> None:
    decipherer = Decipherer(MeterKeys(KEY))
    assert decipherer.feed(frame(simple(0.1), 5) + frame(simple(0.1), 5) + frame(simple(0.3), 4)) == simple(
        0.1
    )
    assert decipherer.refused == 2


@pytest.mark.parametrize("wrong", [b"", b"short", b"x" * 17])
def test_a_key_has_sixteen_bytes(wrong: bytes) -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        MeterKeys(wrong)


def test_keys_are_in_no_representation() -> None:
    assert repr(MeterKeys(KEY)) == "MeterKeys()"


def test_an_independent_reader_deciphers_the_same_frame() -> None:
    sent = simple(0.123)
    theirs = TelegramParser(MSN).parse(frame(sent, 1).hex(), KEY.hex(), PUBLIC.hex(), throw_ex=True)
    assert theirs.CURRENT_ELECTRICITY_USAGE.value * 1000 == 123
