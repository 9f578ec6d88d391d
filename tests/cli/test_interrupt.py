"""Ctrl-C is heard at once, or at the next look where a library has swallowed it."""

import contextlib
import signal
import threading

import pytest

from bital.cli.interrupt import heard_interrupts


def test_it_is_raised_where_it_happens() -> None:
    with heard_interrupts(), pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def test_it_is_raised_again_where_it_was_swallowed() -> None:
    with heard_interrupts() as check:
        check()
        with contextlib.suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            check()


def test_it_is_not_raised_where_it_could_only_be_printed() -> None:
    def _xla_gc_callback() -> None:  # as JAX's is named
        signal.raise_signal(signal.SIGINT)

    with heard_interrupts() as check:
        try:
            _xla_gc_callback()
        except KeyboardInterrupt:
            pytest.fail("raised where Python can only print a traceback")
        with pytest.raises(KeyboardInterrupt):
            check()


def test_the_handler_before_is_put_back() -> None:
    before = signal.getsignal(signal.SIGINT)
    with heard_interrupts():
        assert signal.getsignal(signal.SIGINT) is not before
    assert signal.getsignal(signal.SIGINT) is before


def test_another_thread_leaves_handlers_alone() -> None:
    seen = []

    def work() -> None:
        with heard_interrupts() as check:
            seen.append(signal.getsignal(signal.SIGINT))
            check()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [signal.getsignal(signal.SIGINT)]
