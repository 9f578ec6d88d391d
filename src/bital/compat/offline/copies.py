"""Where a file that Keras would download may lie already."""

import os
import re
from pathlib import Path

from bital.data.sources.folder import root

_MOBILENET = re.compile(r"mobilenet_(\d_\d)_(\d+)_tf(_no_top)?\.h5")


def keras_home() -> Path:
    """Return the folder that Keras keeps downloads in."""
    return Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras")


def local(name: str, subfolder: str = "") -> Path | None:
    """Return a file or folder below BITAL_DATA that has a download's name, None without one.

    Args:
        name: as Keras asks for it; `mobilenet_2_5_128_tf_no_top.h5` is found in
            `imagenet/mobilenet_2_5_224_imagenet.weights.h5` too, which has the top besides and was
            trained on larger images.
        subfolder: of Keras's cache.
    """
    folder = root()
    if folder is None:
        return None
    wanted_names = [name, name.removesuffix("-target")]
    mobilenet = _MOBILENET.fullmatch(name)
    if mobilenet:
        sizes = (mobilenet[2], "224") if mobilenet[3] else (mobilenet[2],)
        wanted_names += [f"mobilenet_{mobilenet[1]}_{s}_imagenet.weights.h5" for s in sizes]
    below = Path(subfolder).name.replace("-", "_")
    for wanted in wanted_names:
        for place in ("", below, "imagenet", name.split(".", maxsplit=1)[0]):
            if (folder / place / wanted).exists():
                return folder / place / wanted
    return None


def where_to_put(name: str, subfolder: str) -> str:
    """Return the places that are looked in, as a message has them."""
    kept = keras_home() / subfolder / name
    below = (
        "imagenet"
        if subfolder == "models"
        else name.split(".", maxsplit=1)[0].removesuffix("-target")
    )
    return f"{kept}, or <BITAL_DATA>/{below}/{name} with the variable BITAL_DATA set"
