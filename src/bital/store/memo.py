"""A function with a persistent cache."""

from collections.abc import Callable
from dataclasses import asdict, is_dataclass
from typing import Any, Protocol

from bital.store.canonical import digest
from bital.store.code import code_version
from bital.store.store import Store

_NEW = object()


class Fingerprinted(Protocol):
    """What a memo takes as data, as in `bital.data.dataset.Dataset`."""

    @property
    def fingerprint(self) -> str:
        """A hash of all that it holds."""


def memo(
    function: Callable[[Any, Any], Any], store: Store
) -> Callable[[Any, Fingerprinted | None], Any]:
    """Return `function` with a cache that other processes and later sessions share.

    A result is found by the function's name, the spec, the data's fingerprint and the version of
    the code; see `bital.store.code.code_version` for what that covers. What raises is not kept.

    Args:
        function: takes a spec (a dataclass or a mapping of plain values) and data, and returns a
            nest of arrays and plain values.
        store: where results are kept.

    Returns:
        A function of a spec and of data (None where there is none); tuples in its results are
        lists, whether they were kept or have just been made.
    """
    code = code_version(function)
    name = f"{function.__module__}.{function.__qualname__}"

    def remembered(spec: Any, data: Fingerprinted | None = None) -> Any:
        key = digest(
            {
                "memo": name,
                "spec": asdict(spec) if is_dataclass(spec) and not isinstance(spec, type) else spec,
                "data": None if data is None else data.fingerprint,
                "code": code,
            }
        )
        kept = store.recall(key, _NEW)
        if kept is not _NEW:
            return kept
        store.remember(key, name, function(spec, data))
        return store.recall(key)

    return remembered
