"""PNG pictures as grey values (ISO/IEC 15948): those of 8 bits a channel, not interlaced."""

from __future__ import annotations

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

MAGIC = b"\x89PNG\r\n\x1a\n"
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by colour type
LUMA = np.array([0.299, 0.587, 0.114])  # ITU-R BT.601
MAX_PIXELS = 1_000_000
Bytes = NDArray[np.uint8]


def of_grey(values: NDArray[np.floating]) -> bytes:
    """A picture [H, W] of numbers from 0 to 1 as a PNG file; `grey` reads it again."""
    shades = np.rint(np.clip(values, 0.0, 1.0) * 255.0).astype(np.uint8)
    high, wide = shades.shape
    head = struct.pack(">IIBBBBB", wide, high, 8, 0, 0, 0, 0)
    rows = np.zeros((high, wide + 1), np.uint8)  # each begins with its filter, 0: none
    rows[:, 1:] = shades
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(rows.tobytes(), 9)), (b"IEND", b""))
    return MAGIC + b"".join(_chunk(name, body) for name, body in parts)


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def grey(data: bytes) -> NDArray[np.floating]:
    """The picture [H, W], 0 to 1; what is transparent is dark.

    Raises ValueError (or struct.error, zlib.error) for what is no such picture.
    """
    if not data.startswith(MAGIC):
        raise ValueError("no PNG picture")
    chunks = _chunks(data)
    wide, high, depth, kind, _, _, interlaced = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    if depth != 8 or interlaced or kind not in CHANNELS or not 0 < wide * high <= MAX_PIXELS:
        raise ValueError("a PNG picture of another kind")
    channels = CHANNELS[kind]
    length = (wide * channels + 1) * high
    unpacked = zlib.decompressobj().decompress(chunks[b"IDAT"], length)
    rows = np.frombuffer(unpacked, np.uint8, length).reshape(high, -1)
    pixels = _unfiltered(rows, channels).reshape(high, wide, channels)
    if kind == 3:
        pixels = np.frombuffer(chunks[b"PLTE"], np.uint8).reshape(-1, 3)[pixels[..., 0]]
        channels = 3
    found = pixels / 255.0
    light = found[..., 0] if channels < 3 else found[..., :3] @ LUMA
    return light * found[..., -1] if channels in (2, 4) else light


def _chunks(data: bytes) -> dict[bytes, bytes]:
    """The chunks by name; those of one name joined."""
    found: dict[bytes, bytes] = {b"IHDR": b"", b"IDAT": b"", b"PLTE": b""}
    place = len(MAGIC)
    while place + 8 <= len(data):
        length, name = struct.unpack_from(">I4s", data, place)
        if name in found:
            found[name] += data[place + 8 : place + 8 + length]
        place += length + 12
    return found


def _unfiltered(rows: Bytes, step: int) -> Bytes:
    """Rows [H, 1 + bytes] without their filters; ``step`` bytes lie between like channels."""
    above = np.zeros(rows.shape[1] - 1, np.uint8)
    made = np.empty((len(rows), above.size), np.uint8)
    for place, (kind, raw) in enumerate(zip(rows[:, 0], rows[:, 1:], strict=True)):
        above = made[place] = _row(int(kind), raw, above, step)
    return made


def _row(kind: int, raw: Bytes, above: Bytes, step: int) -> Bytes:
    if kind == 0:
        return raw
    if kind == 1:  # each byte adds to the one before it of its channel
        return np.cumsum(raw.reshape(-1, step), 0, dtype=np.uint8).reshape(-1)
    if kind == 2:
        return raw + above
    if kind not in (3, 4):
        raise ValueError("an unknown filter")
    left = [0] * step
    corner = [0] * step + above.tolist()
    for place, (value, up) in enumerate(zip(raw.tolist(), above.tolist(), strict=True)):
        before = left[place]
        guess = (before + up) // 2 if kind == 3 else _paeth(before, up, corner[place])
        left.append((value + guess) & 255)
    return np.array(left[step:], np.uint8)


def _paeth(left: int, up: int, corner: int) -> int:
    """The neighbour nearest to left + up - corner (Paeth 1991)."""
    near = left + up - corner
    to_left, to_up, to_corner = abs(near - left), abs(near - up), abs(near - corner)
    if to_left <= to_up and to_left <= to_corner:
        return left
    return up if to_up <= to_corner else corner
