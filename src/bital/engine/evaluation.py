"""A pass of the test step, as `evaluate` and every validation outside a program make it."""

from typing import Any

from keras.src.callbacks.callback_list import CallbackList
from keras.src.utils.python_utils import pythonify_logs

from bital.engine.callbacks import hooked, users
from bital.engine.dispatch import Dispatcher
from bital.engine.hooks import Hooks
from bital.engine.keras_own import Trainer
from bital.engine.sources import Source
from bital.models import functional
from bital.models.functional import Logs, read_state, write_state


class Evaluation:
    """Evaluates the model as it is, telling callbacks as Keras does.

    Args:
        model: built and compiled.
        source: where the batches come from.
        callbacks: Keras's list.
    """

    def __init__(self, model: Trainer, source: Source, callbacks: CallbackList) -> None:
        self._model, self._callbacks = model, callbacks
        listening = any(hooked(callback, "test") for callback in users(callbacks))
        self.dispatcher = Dispatcher(
            model,
            functional.test_step,
            source,
            hooks=Hooks(model, callbacks, "test") if listening else None,
            show=self._show,
        )

    def run(self) -> Logs:
        """Return loss and metrics as Python numbers; the model's metrics hold them too."""
        model = self._model
        model.stop_evaluating = False
        self._callbacks.on_test_begin()
        model.reset_metrics()
        passed = self.dispatcher.run(read_state(model))
        write_state(model, passed.state)
        logs: Any = passed.logs
        if logs is None or passed.seen:
            logs = model._get_metrics_result_or_logs(logs or {})
        logs = pythonify_logs(logs)
        self._callbacks.on_test_end(logs)
        return logs  # type: ignore[no-any-return]

    def _show(self, steps: int, logs: Logs) -> None:
        if self._callbacks._progbar is not None:
            self._callbacks._progbar.on_test_batch_end(steps - 1, pythonify_logs(logs))
