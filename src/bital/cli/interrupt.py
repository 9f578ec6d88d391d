"""Ctrl-C that cannot get lost."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def heard_interrupts() -> Iterator[Callable[[], None]]:
    """Raise KeyboardInterrupt on Ctrl-C, and once more where a library has swallowed it.

    Keras has a bare `except:` on the way and JAX a garbage-collection hook that cannot raise. The
    function this yields raises KeyboardInterrupt if Ctrl-C was pressed; call it now and then.
    """
    pressed = threading.Event()

    def remember(signum: int, frame: FrameType | None) -> None:
        pressed.set()
        if frame is not None and frame.f_code.co_name == "_xla_gc_callback":
            return  # raised there it would be printed and dropped; `check` tells instead
        signal.default_int_handler(signum, frame)

    def check() -> None:
        if pressed.is_set():
            raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield check
        return
    before = signal.signal(signal.SIGINT, remember)
    try:
        yield check
    finally:
        signal.signal(signal.SIGINT, before)
