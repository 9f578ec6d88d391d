"""
What Keras's tests expect around them, and the record of what each one gave.

`arms.py` loads this as a pytest plugin. It has to be called conftest: Keras's repository keeps
markers and `skip_if_backend` in a module of that name, which the wheel leaves out and some tests
import.
"""

import json
import random
import time
import zlib
from importlib.util import find_spec
from pathlib import Path

if find_spec("torch"):
    import torch  # before TensorFlow, which a test may import: the other order can crash
import keras
import numpy as np
import pytest


def skip_if_backend(name: str, reason: str) -> pytest.MarkDecorator:
    """The mark with which Keras's tests leave one backend out."""
    return pytest.mark.skipif(keras.config.backend() == name, reason=reason)


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("keras_suite")
    group.addoption("--bital", action="store_true", help="install bital before the first test")
    group.addoption("--results", type=Path, help="JSON lines file, one line an event")
    group.addoption("--only", type=Path, help="JSON list of tests: run no other")
    group.addoption("--done", type=Path, help="JSON list of tests: do not run these")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "requires_trainable_backend: the backend can train")
    config.addinivalue_line("markers", "multi_device: more than one device")
    results = Results(config.option.results)
    config.pluginmanager.register(results)
    seed("import")  # what modules draw while they are collected
    if config.option.bital:
        import bital

        bital.install()
        keras.callbacks.History.bital = Plans(results)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    import jax

    if jax.device_count() == 1:
        for item in items:
            if item.get_closest_marker("multi_device"):
                item.add_marker(pytest.mark.skip(reason="one device"))
    only, done = (chosen(config.option, name) for name in ("only", "done"))
    kept = [
        item
        for item in items
        if (only is None or item.nodeid in only) and (done is None or item.nodeid not in done)
    ]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept


def chosen(option, name: str) -> set[str] | None:
    path = getattr(option, name)
    return set(json.loads(path.read_text())) if path else None


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    seed(item.nodeid)


def seed(name: str) -> None:
    """The same numbers in both arms; `keras.utils.set_random_seed` would also change a setting."""
    number = zlib.crc32(name.encode())
    random.seed(number)
    np.random.seed(number)
    if find_spec("torch"):
        torch.manual_seed(number)


class Plans:
    """`history.bital`, the plan that a call of fit followed, noted when bital sets it."""

    def __init__(self, results: "Results") -> None:
        self.results = results

    def __set__(self, history: keras.callbacks.History, plan: object) -> None:
        history.__dict__["bital"] = plan
        self.results.write(test=self.results.running, outcome="plan", plan=str(plan))

    def __get__(self, history: keras.callbacks.History | None, owner: type) -> object:
        try:
            return history.__dict__["bital"]
        except (AttributeError, KeyError):
            raise AttributeError("bital") from None


class Results:
    """Writes what happens as it happens, so that a crash loses one test and no more."""

    def __init__(self, path: Path) -> None:
        self.file = path.open("a", buffering=1)
        self.running = ""

    def write(self, **event: object) -> None:
        self.file.write(json.dumps(event) + "\n")

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self.running = nodeid
        self.write(test=nodeid, outcome="started", time=time.time())

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        part = hasattr(report, "context")  # of a test, which has a report of its own
        if report.failed or (not part and (report.skipped or report.when == "call")):
            self.reported(report)

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        self.write(test=nodeid, outcome="finished", time=time.time())

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed or report.skipped:
            self.reported(report)

    def pytest_sessionfinish(self) -> None:
        self.write(outcome="end")

    def reported(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        text = report.longreprtext
        crash = getattr(report.longrepr, "reprcrash", None)
        error = " ".join((crash.message if crash else text).split())
        self.write(test=report.nodeid, outcome=report.outcome, error=error, text=text)
