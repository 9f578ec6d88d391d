"""A name in, a dataset out: from a library, from the user's folder, or from the network."""

from bital.data.catalog import ENTRIES, is_folder, names
from bital.data.dataset import Dataset
from bital.data.sources import bundled, download, folder, images
from bital.errors import MissingData, UnknownName


def load(name: str) -> Dataset:
    """Load a dataset: bundled with scikit-learn, else below BITAL_DATA, else downloaded.

    The environment variable BITAL_DATA names a folder that is looked into before the network.

    Args:
        name: one of `names()`, or a folder of images; see `bital.data.images`.

    Returns:
        The dataset, unscaled: images (n, h, w, c), tables (n, d) float32.

    Raises:
        UnknownName: no dataset has that name.
        InvalidInput: BITAL_DATA is no folder, or a file in it is corrupt; a folder of images that
            cannot be read.
        MissingData: the files are not there and the download failed.
    """
    if is_folder(name):
        return images.images(name)
    if name not in ENTRIES:
        raise UnknownName("dataset", name, names())
    entry = ENTRIES[name]
    if not entry.files:
        return bundled.read(name)
    root = folder.root()
    absent = folder.absent(root, entry.files)
    if root is not None and not absent:
        return folder.read(root, name)
    try:
        return download.fetch(name)
    except Exception as error:
        here = f"{', '.join(absent)} is not there" if root else f"{folder.VARIABLE} is not set"
        put = f"there as {', '.join(absent)}" if root else f"in a folder {folder.VARIABLE} names"
        raise MissingData(
            f"{name} needs {', '.join(entry.files)} below {folder.VARIABLE}; {here}, and the "
            f"download failed ({type(error).__name__}: {error}). Get {entry.title}, and put it "
            f"{put}."
        ) from error
