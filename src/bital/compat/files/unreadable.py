"""One error for all that a damaged file can make a reader stumble over."""

from collections.abc import Iterator
from contextlib import contextmanager

from bital.errors import BitalError, InvalidInput


class UnreadableFile(InvalidInput, OSError):
    """A model file is damaged, or not a model's. Keras 1 and 2 raised OSError for some of them."""


@contextmanager
def readable(what: str, clear: tuple[type[Exception], ...] = ()) -> Iterator[None]:
    """Turn what goes wrong while a file is read into one error that names the file.

    Args:
        what: the file, as the message names it.
        clear: exact types of errors that say enough by themselves.

    Raises:
        UnreadableFile: anything went wrong that is no error of bital's.
    """
    try:
        yield
    except (BitalError, Warning, MemoryError):
        raise
    except Exception as error:
        if type(error) in clear:
            raise
        said = " ".join(str(error).split())
        said = said if len(said) <= 500 else f"{said[:500]}..."
        raise UnreadableFile(
            f"a model file must be whole, and written by Keras; {what} cannot be read "
            f"({type(error).__name__}: {said}). Get the file again; if the model has classes of "
            "your own, check them, and pass them as custom_objects."
        ) from error
