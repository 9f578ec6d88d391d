"""The 64-bit hashes of text that TensorFlow puts words into bins by.

FarmHash's fingerprint (Pike, Alakuijala 2014), SipHash-2-4 (Aumasson, Bernstein 2012), and
TensorFlow's way to join fingerprints.
"""

from collections.abc import Sequence
from typing import NamedTuple

_MASK = (1 << 64) - 1
_K0, _K1, _K2 = 0xC3A5C85C97CB3127, 0xB492B66FBE98F273, 0x9AE16A3B2F90404F
_JOIN = 0xC6A4A7935BD1E995


def fingerprint(text: bytes) -> int:
    """Return FarmHash's Fingerprint64."""
    size = len(text)
    if size <= 16:
        return _short(text)
    if size <= 32:
        return _up_to_32(text)
    if size <= 64:
        return _up_to_64(text)
    return _long(text)


def siphash(key: Sequence[int], text: bytes) -> int:
    """Return SipHash-2-4 under a key of two numbers."""
    first, second = (one & _MASK for one in key)
    v = [
        first ^ 0x736F6D6570736575, second ^ 0x646F72616E646F6D,
        first ^ 0x6C7967656E657261, second ^ 0x7465646279746573,
    ]  # fmt: skip
    whole = len(text) // 8 * 8
    last = text[whole:].ljust(7, b"\0") + bytes([len(text) & 255])
    for at in range(0, whole + 8, 8):
        word = _word(text if at < whole else last, at if at < whole else 0)
        v[3] ^= word
        _rounds(v, 2)
        v[0] ^= word
    v[2] ^= 255
    _rounds(v, 4)
    return v[0] ^ v[1] ^ v[2] ^ v[3]


def joined(first: int, second: int) -> int:
    """Return one fingerprint of two, as TensorFlow crosses features."""
    made = first ^ _JOIN
    made ^= _shifted(second * _JOIN & _MASK) * _JOIN & _MASK
    made = made * _JOIN & _MASK
    return _shifted(_shifted(made) * _JOIN & _MASK)


def _rounds(v: list[int], count: int) -> None:
    for _ in range(count):
        v[0] = (v[0] + v[1]) & _MASK
        v[2] = (v[2] + v[3]) & _MASK
        v[1] = _left(v[1], 13) ^ v[0]
        v[3] = _left(v[3], 16) ^ v[2]
        v[0] = _left(v[0], 32)
        v[2] = (v[2] + v[1]) & _MASK
        v[0] = (v[0] + v[3]) & _MASK
        v[1] = _left(v[1], 17) ^ v[2]
        v[3] = _left(v[3], 21) ^ v[0]
        v[2] = _left(v[2], 32)


def _word(text: bytes, at: int) -> int:
    return int.from_bytes(text[at : at + 8], "little")


def _left(value: int, by: int) -> int:
    return ((value << by) | (value >> (64 - by))) & _MASK


def _turned(value: int, by: int) -> int:
    return _left(value & _MASK, 64 - by)


def _shifted(value: int) -> int:
    return value ^ (value >> 47)


def _mixed(u: int, v: int, factor: int) -> int:
    a = _shifted(((u ^ v) & _MASK) * factor & _MASK)
    return _shifted(((v ^ a) & _MASK) * factor & _MASK) * factor & _MASK


def _short(text: bytes) -> int:
    size = len(text)
    factor = _K2 + size * 2
    if size >= 8:
        a, b = _word(text, 0) + _K2, _word(text, size - 8)
        c = _turned(b, 37) * factor + a
        d = (_turned(a, 25) + b) * factor
        return _mixed(c & _MASK, d & _MASK, factor)
    if size >= 4:
        head, tail = (int.from_bytes(part, "little") for part in (text[:4], text[-4:]))
        return _mixed(size + (head << 3), tail, factor)
    if size:
        y = text[0] + (text[size >> 1] << 8)
        z = size + (text[-1] << 2)
        return _shifted((y * _K2 ^ z * _K0) & _MASK) * _K2 & _MASK
    return _K2


def _up_to_32(text: bytes) -> int:
    size = len(text)
    factor = _K2 + size * 2
    a, b = _word(text, 0) * _K1, _word(text, 8)
    c, d = _word(text, size - 8) * factor, _word(text, size - 16) * _K2
    return _mixed(
        (_turned(a + b, 43) + _turned(c, 30) + d) & _MASK,
        (a + _turned(b + _K2, 18) + c) & _MASK,
        factor,
    )


def _up_to_64(text: bytes) -> int:
    size = len(text)
    factor = _K2 + size * 2
    a, b = _word(text, 0) * _K2, _word(text, 8)
    c, d = _word(text, size - 8) * factor, _word(text, size - 16) * _K2
    y = (_turned(a + b, 43) + _turned(c, 30) + d) & _MASK
    z = _mixed(y, (a + _turned(b + _K2, 18) + c) & _MASK, factor)
    e, f = _word(text, 16) * factor, _word(text, 24)
    g, h = (y + _word(text, size - 32)) * factor, (z + _word(text, size - 24)) * factor
    return _mixed(
        (_turned(e + f, 43) + _turned(g, 30) + h) & _MASK,
        (e + _turned(f + a, 18) + g) & _MASK,
        factor,
    )


class _State(NamedTuple):
    """Seven words, as a block of 64 bytes changes them."""

    x: int
    y: int
    z: int
    v: tuple[int, int]
    w: tuple[int, int]


def _long(text: bytes) -> int:
    size = len(text)
    x = 81
    y = (x * _K1 + 113) & _MASK
    z = _shifted((y * _K2 + 113) & _MASK) * _K2 & _MASK
    now = _State((x * _K2 + _word(text, 0)) & _MASK, y, z, (0, 0), (0, 0))
    for at in range(0, (size - 1) // 64 * 64, 64):
        now = _block(text, at, now, _K1, 1)
    factor = _K1 + ((now.z & 255) << 1)
    w = now.w[0] + ((size - 1) & 63)
    v = (now.v[0] + w) & _MASK
    now = now._replace(v=(v, now.v[1]), w=((w + v) & _MASK, now.w[1]))
    x, y, z, first, second = _block(text, size - 64, now, factor, 9)
    return _mixed(
        (_mixed(first[0], second[0], factor) + _shifted(y) * _K0 + z) & _MASK,
        (_mixed(first[1], second[1], factor) + x) & _MASK,
        factor,
    )


def _block(text: bytes, at: int, now: _State, factor: int, times: int) -> _State:
    x, y, z, v, w = now
    x = _turned(x + y + v[0] + _word(text, at + 8), 37) * factor & _MASK
    y = _turned(y + v[1] + _word(text, at + 48), 42) * factor & _MASK
    x ^= w[1] * times & _MASK
    y = (y + v[0] * times + _word(text, at + 40)) & _MASK
    z = _turned(z + w[0], 33) * factor & _MASK
    v = _half(text, at, v[1] * factor, x + w[0])
    w = _half(text, at + 32, z + w[1], y + _word(text, at + 16))
    return _State(z, y, x, v, w)


def _half(text: bytes, at: int, a: int, b: int) -> tuple[int, int]:
    first, second, third, fourth = (_word(text, at + 8 * n) for n in range(4))
    a += first
    b = _turned(b + a + fourth, 21)
    c = a
    a += second + third
    b += _turned(a, 44)
    return (a + fourth) & _MASK, (b + c) & _MASK
