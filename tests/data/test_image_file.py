"""One image in any format that is read: what its bits mean, and what is refused."""

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bital.data.sources.image_file import MOST_PIXELS, read
from bital.errors import InvalidInput

DEEP = np.array([[0, 257, 32896, 65535]], np.uint16)


@pytest.mark.parametrize("name", ["a.png", "a.tif", "a.pgm"])
def test_16_bits_are_scaled_and_stay_grey(name: str, tmp_path: Path) -> None:
    Image.fromarray(DEEP).save(tmp_path / name)
    found = read(tmp_path / name)
    assert found.shape == (1, 4, 1)
    assert found.dtype == np.uint8
    assert found.reshape(-1).tolist() == [0, 1, 128, 255]


def test_16_bits_are_scaled_before_they_are_resized(tmp_path: Path) -> None:
    Image.fromarray(np.full((4, 4), 65535, np.uint16)).save(tmp_path / "a.png")
    assert read(tmp_path / "a.png", (2, 2)).reshape(-1).tolist() == [255] * 4


@pytest.mark.parametrize("dtype", ["int32", "float32"])
def test_32_bits_are_refused(dtype: str, tmp_path: Path) -> None:
    Image.fromarray(np.ones((2, 2), dtype)).save(tmp_path / "a.tif")
    with pytest.raises(InvalidInput, match=r"8 or 16 bits a channel; .*a\.tif has 32"):
        read(tmp_path / "a.tif")


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK"])
def test_modes_of_8_bits(mode: str, tmp_path: Path) -> None:
    name = tmp_path / ("a.tif" if mode == "CMYK" else "a.png")
    Image.new("RGB", (3, 2), (255, 255, 255)).convert(mode).save(name)
    found = read(name)
    assert found.shape == (2, 3, 1 if mode in ("1", "L") else 3)
    assert found.min() == 255


@pytest.mark.parametrize(
    "content",
    [
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\nshowpage\n",
        b"%PDF-1.4\n",
        b"#define a_width 8\n#define a_height 1\nstatic char a_bits[] = {0x00};\n",
        b"",
    ],
)
def test_other_formats_are_never_opened(
    content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    marker = tmp_path / "ran"
    for program in ("gs", "gswin64c"):
        (tmp_path / program).write_text(f"#!/bin/sh\ntouch {marker}\n", encoding="utf-8")
        (tmp_path / program).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    (tmp_path / "z.png").write_bytes(content)
    with pytest.raises(InvalidInput, match=r"every image must be whole; .*z\.png"):
        read(tmp_path / "z.png")
    assert not marker.exists()


def png(width: int, height: int) -> bytes:
    """A file that says it has this size, without any pixel."""
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunk = b"IHDR" + head
    return (
        b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    )


@pytest.mark.parametrize("side", [12_000, 40_000])
def test_images_that_say_they_are_huge(side: int, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png(side, side) + b"\0\0\0\0IDAT")
    with pytest.raises(InvalidInput, match=f"may have {MOST_PIXELS:,} pixels at most"):
        read(tmp_path / "a.png")


@pytest.mark.parametrize("name", ["a.gif", "a.tif", "a.webp", "a.png"])
def test_several_images_in_a_file_are_refused(name: str, tmp_path: Path) -> None:
    frames = [Image.new("L", (4, 4), value) for value in (0, 90, 200)]
    frames[0].save(tmp_path / name, save_all=True, append_images=frames[1:])
    with pytest.raises(InvalidInput, match=r"must hold one image; .* holds 3"):
        read(tmp_path / name)
