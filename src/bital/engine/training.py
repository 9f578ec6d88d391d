"""The host's side of a training: what to dispatch next, and what to tell callbacks."""

from typing import Any

import keras
from keras.src.callbacks.callback_list import CallbackList
from keras.src.utils.python_utils import pythonify_logs

from bital.engine.ahead import Ahead
from bital.engine.callbacks import Cast
from bital.engine.dispatch import Dispatcher, Passed, Ready, compiled
from bital.engine.evaluation import Evaluation
from bital.engine.hooks import Hooks
from bital.engine.keras_own import Trainer
from bital.engine.passes import Pass
from bital.engine.program import Control, Feed, Ran
from bital.engine.resume import Keeper
from bital.engine.sources import Resident, Source
from bital.models import functional
from bital.models.functional import Logs, State, read_state, write_state


class Training:
    """One run of `fit`.

    Where nobody looks at the model between epochs, many epochs go into one dispatch (`ahead.py`);
    else each epoch runs by itself, a long one in parts (`dispatch.py`). The model holds the state
    between dispatches, and only beside batch hooks is any of it donated, with a copy kept: after
    an interrupt it is that of the last epochs that were finished.

    Args:
        model: built and compiled.
        source: the training data.
        check: what the training's program validates on, an `Evaluation` for what it cannot, None.
        callbacks: Keras's list, the history and progress bar included.
        cast: the user's callbacks among them.
        ahead: whether epochs may run ahead of their callbacks.
        keeper: what saves the training and restores it, or None.
    """

    def __init__(
        self,
        *,
        model: Trainer,
        source: Source,
        check: Resident | Evaluation | None,
        callbacks: CallbackList,
        cast: Cast,
        ahead: bool,
        keeper: Keeper | None = None,
    ) -> None:
        self._keeper = keeper
        self._model, self._callbacks, self._cast = model, callbacks, cast
        self._check = check
        self._inside = check if isinstance(check, Resident) else None
        self._logs: Logs = {}
        self._stepped: Logs = {}
        self._ahead = (
            Ahead(model, source, self._inside, callbacks, cast)
            if ahead and isinstance(source, Resident)
            else None
        )
        self._listening = listening = bool(cast.hooked)
        self._dispatcher = Dispatcher(
            model,
            functional.train_step,
            source,
            hooks=self._hooks() if listening else None,
            finite=self._hooks if cast.terminates and not listening else None,
            show=self._show,
            ready=self._ready if isinstance(source, Resident) else None,
        )

    @property
    def dispatches(self) -> int:
        """Calls of compiled programs so far."""
        checked = self._check.dispatcher if isinstance(self._check, Evaluation) else None
        return sum(d.dispatches for d in (self._dispatcher, self._ahead, checked) if d is not None)

    def run(self, epochs: range, validation_freq: Any) -> None:
        """Train; on an exception the model is left at the last finished epoch, or at a step."""
        model, callbacks = self._model, self._callbacks
        keeper = self._keeper
        model.stop_training = False
        if keeper is not None:
            keeper.before(callbacks)
        callbacks.on_train_begin()
        # BackupAndRestore says in on_train_begin where to go on.
        epoch, stop = model._initial_epoch or epochs.start, epochs.stop
        if keeper is not None:
            epoch = keeper.begin(callbacks, epoch)
            self._logs = {k: v[-1] for k, v in model.history.history.items() if v}
        # Who asks to stop before the first epoch gets, in Keras, its first step.
        ended, finished = keeper is not None and model.stop_training, False

        def evaluates(number: int) -> bool:
            return self._check is not None and bool(model._should_eval(number, validation_freq))

        try:
            while epoch < stop and not ended:
                left = min(stop - epoch, keeper.room(epoch)) if keeper is not None else stop - epoch
                count = self._ahead.room(left) if self._ahead is not None else 0
                if self._ahead is not None and count:
                    done, self._logs = self._ahead.run(range(epoch, epoch + count), evaluates)
                    epoch += done
                else:
                    self._one_epoch(epoch, evaluates(epoch))
                    epoch += 1
                ended = model.stop_training
                if keeper is not None:
                    keeper.after(epoch, ended=ended or epoch >= stop)
            finished = True
        finally:
            if isinstance(model.optimizer, keras.optimizers.Optimizer) and stop > 0:
                model.optimizer.finalize_variable_values(model.trainable_weights)
            if finished:
                callbacks.on_train_end(logs=self._logs)

    def _one_epoch(self, epoch: int, evaluate: bool) -> None:
        """Run one epoch with every callback told in its turn."""
        model = self._model
        if self._ahead is None:  # somebody may look
            model.reset_metrics()
        self._callbacks.on_epoch_begin(epoch)
        inside = evaluate and self._inside is not None
        if self._inside is not None:
            self._inside.refresh()
        passed = self._dispatcher.run(read_state(model), inside)
        write_state(model, passed.state)
        self._logs = dict(self._epoch_logs(passed))
        if evaluate:
            self._logs.update({f"val_{k}": v for k, v in self._checked(passed).items()})
        self._callbacks.on_epoch_end(epoch, self._logs)

    def _epoch_logs(self, passed: Passed) -> Logs:
        if passed.logs is not None:
            self._stepped = passed.logs
            if not passed.seen:
                return passed.logs
            logs: Logs = self._model._get_metrics_result_or_logs(passed.logs)
            return logs
        if not self._stepped:
            raise ValueError("there must be at least one batch to train on; the data gave none.")
        return self._stepped  # as in Keras: an iterable that is used up gives epochs without a step

    def _checked(self, passed: Passed) -> Logs:
        if passed.validation is None:
            check = self._check
            if isinstance(check, Resident):  # after a batch that ended training
                check = Evaluation(self._model, check, self._callbacks)
            assert check is not None
            return check.run()
        self._callbacks.on_test_begin()
        logs = pythonify_logs(passed.validation)
        self._callbacks.on_test_end(logs)
        return logs  # type: ignore[no-any-return]

    def _ready(self, state: State, feed: Feed, span: Pass) -> Ready:
        if self._ahead is not None:
            return self._ahead.ready(state, feed, span)
        rows = self._inside.rows if self._inside is not None else None
        check = self._inside.span if self._inside is not None else None
        full = feed._replace(validation=rows)
        kept = compiled(
            self._model,
            functional.train_step,
            state,
            full,
            span,
            donate=self._listening,
            validation=check,
        )

        def program(state: State, feed: Feed, control: Control) -> Ran:
            ran: Ran = kept.program(state, feed._replace(validation=rows), control)
            return ran

        return kept._replace(program=program)

    def _hooks(self) -> Hooks:
        return Hooks(self._model, self._callbacks, "train")

    def _show(self, steps: int, logs: Logs) -> None:
        if self._callbacks._progbar is not None:
            self._callbacks._progbar.on_train_batch_end(steps - 1, pythonify_logs(logs))
