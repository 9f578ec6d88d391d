"""HDF5 files of models, opened only if all that they hold is in them."""

import math
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import h5py

from bital.compat.files.declared_size import SMALL, check_declared
from bital.errors import InvalidInput

MOST_LINKS = 1_000_000
"""names of groups and datasets in one file; the largest models have some ten thousand"""

MOST_DEPTH = 200
"""groups inside groups; a model in a model takes three more"""

_PLAIN_FILTERS = (h5py.h5z.FILTER_SHUFFLE, h5py.h5z.FILTER_FLETCHER32)
"""those that leave an array its size"""

_KINDS = {h5py.h5l.TYPE_SOFT: "a soft link", h5py.h5l.TYPE_EXTERNAL: "a link to another file"}


@contextmanager
def opened(path: Any) -> Iterator[Any]:
    """Open an HDF5 file for reading, checked.

    Raises:
        InvalidInput: see `check_self_contained`.
    """
    with h5py.File(path, "r") as file:
        check_self_contained(file)
        yield file


def check_self_contained(file: Any) -> None:
    """Raise unless a file holds all of its arrays itself, and stores the bytes it declares.

    Reading an array of a file that fails could give the bytes of any other file on this computer,
    or fill its memory. No array is read here. Keras never writes links; a name that is given to
    an array or a group twice (a hard link) is the file's own.

    Args:
        file: `h5py.File`.

    Raises:
        InvalidInput: the file has a soft or external link, an array in other files (external
            storage, a virtual dataset), an array far larger than what is stored of it or compressed
            in an odd way, or more groups than a model has.
    """
    for at, found in walk(file):
        if isinstance(found, h5py.h5d.DatasetID):
            _check_dataset(found, at)


def walk(file: Any) -> Iterator[tuple[str, Any]]:
    """Yield the path and the identifier of each group and array of a file, once.

    Raises:
        InvalidInput: a name is a link to somewhere else, or there are too many.
    """
    root = file["/"].id
    waiting, seen, links = [("", root)], {_address(root)}, 0
    while waiting:  # no recursion: groups may be nested deeply, and in a circle
        path, group = waiting.pop()
        for name, kind in _links(group):
            links += 1
            at = f"{path}/{name.decode(errors='replace')}"
            if links > MOST_LINKS:
                raise _refused(f"more than {MOST_LINKS} names")
            if kind != h5py.h5l.TYPE_HARD:
                raise _refused(f"{_KINDS.get(kind, 'a link of unknown kind')}, {at!r}")
            found = h5py.h5o.open(group, name)
            if _address(found) in seen:
                continue
            seen.add(_address(found))
            yield at, found
            if isinstance(found, h5py.h5g.GroupID):
                if at.count("/") > MOST_DEPTH:
                    raise _refused(f"more than {MOST_DEPTH} groups inside each other")
                waiting.append((at, found))


def _links(group: Any) -> list[tuple[bytes, int]]:
    found: list[tuple[bytes, int]] = []

    def note(name: bytes, info: Any) -> bool | None:
        found.append((name, info.type))
        return True if len(found) > MOST_LINKS else None  # anything but None ends the iteration

    group.links.iterate(note, info=True)
    return found


def _address(found: Any) -> Any:
    info = h5py.h5o.get_info(found)
    return info.fileno, info.addr


def _check_dataset(dataset: Any, at: str) -> None:
    made = dataset.get_create_plist()
    # First, for asking a virtual dataset for its shape opens the other files.
    if made.get_layout() == h5py.h5d.VIRTUAL:
        raise _refused(f"a virtual dataset, {at!r}")
    if made.get_external_count():
        raise _refused(f"an array stored in another file, {at!r}")
    each, stored = dataset.get_type().get_size(), dataset.get_storage_size()
    declared = each * math.prod(dataset.shape or ())  # None: no place at all
    check_declared(f"the array {at!r}", declared, stored)
    if made.get_layout() == h5py.h5d.CHUNKED:
        chunk = each * math.prod(made.get_chunk())
        if chunk > max(SMALL, declared):  # HDF5 makes room for a whole one
            check_declared(f"a chunk of the array {at!r}", chunk, stored)
        _check_filters(dataset, [made.get_filter(i)[0] for i in range(made.get_nfilters())], at)


def _check_filters(dataset: Any, filters: list[int], at: str) -> None:
    unknown = {*filters} - {*_PLAIN_FILTERS, h5py.h5z.FILTER_DEFLATE, h5py.h5z.FILTER_LZF}
    if unknown:  # HDF5 would look for a library to load
        raise _refused(f"an array compressed by HDF5's filter {min(unknown)}, {at!r}")
    compressing = [one for one in filters if one not in _PLAIN_FILTERS]
    if len(compressing) > 1 or (compressing and h5py.h5z.FILTER_SHUFFLE in
                                filters[filters.index(compressing[0]) :]):  # fmt: skip
        raise _refused(f"an array compressed twice, {at!r}")
    if h5py.h5z.FILTER_DEFLATE in compressing:
        _check_deflated(dataset, at)


def _check_deflated(dataset: Any, at: str) -> None:
    """Raise if a compressed chunk is longer than the array's chunks: HDF5 inflates all of it."""
    chunk = dataset.get_type().get_size() * math.prod(dataset.get_create_plist().get_chunk())

    def inflate(info: Any) -> None:
        _, raw = dataset.read_direct_chunk(info.chunk_offset)
        try:
            length = len(zlib.decompressobj().decompress(raw, chunk + SMALL))
        except zlib.error:
            return  # stored plainly, or damaged: HDF5 will say so
        if length == chunk + SMALL:
            raise _refused(f"a chunk longer than its array's, in {at!r}")

    dataset.chunk_iter(inflate)


def _refused(what: str) -> InvalidInput:
    return InvalidInput(
        f"a model file must hold its own arrays, and nothing else; this one has {what}. "
        "Do not trust this file; get the model from whoever made it."
    )
