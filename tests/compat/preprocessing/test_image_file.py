"""No program in an image file runs, and no pipe is waited for."""

import io
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from bital.compat.around.pictures import imread
from bital.compat.preprocessing.decoded import Decoded
from bital.compat.preprocessing.image import load_img
from bital.errors import InvalidInput

POSTSCRIPT = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 8 8\n%%EndComments\nshowpage\n%%EOF\n"
READERS: list[Any] = [
    load_img,
    lambda path: load_img(str(path)),
    lambda path: load_img(io.BytesIO(Path(path).read_bytes())),
    lambda path: Decoded().read(str(path), "channels_last"),
    imread,
]


@pytest.fixture
def ran(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that appears if Ghostscript is run."""
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "gs"
    program.write_text(f"#!/bin/sh\ntouch {tmp_path / 'ran'}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=os.pathsep)
    monkeypatch.setattr("PIL.EpsImagePlugin.gs_binary", None, raising=False)
    return tmp_path / "ran"


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("start", [b"", b"\xc5\xd0\xd3\xc6"])
def test_postscript_is_not_run(tmp_path: Path, ran: Path, read: Any, start: bytes) -> None:
    path = tmp_path / "z.png"
    path.write_bytes(start + POSTSCRIPT)
    with pytest.raises(InvalidInput, match="has PostScript inside"):
        read(path)
    assert not ran.exists()


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "z.png")
    for read in READERS[:2] + READERS[3:]:
        with pytest.raises(InvalidInput, match="must be a regular file"):
            read(tmp_path / "z.png")


@pytest.mark.parametrize("kind", ["PNG", "GIF", "WEBP", "TIFF"])
def test_pixels_of_any_format_are_read_whatever_the_name(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "z.jpg"
    Image.fromarray(np.zeros((4, 5, 3), np.uint8)).save(path, kind)
    for read in READERS:
        assert np.asarray(read(path)).shape == (4, 5, 3)
