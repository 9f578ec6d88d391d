"""Batch hooks, told after the fact as long as nobody looks at the model."""

from collections.abc import Callable
from typing import Any

from keras.src.callbacks.callback_list import CallbackList

from bital.engine.keras_own import Trainer
from bital.models.functional import State, Variables

See = Callable[[], State]

_STOPS = {"train": "stop_training", "test": "stop_evaluating"}


class Hooks:
    """Calls `on_train_batch_begin` and the like and notices who looks at the model.

    Keras brings a model up to date when a callback says `self.model` in the middle of an epoch, by
    calling the model's `jax_state_sync`. The same call tells us that the batches after this one
    must not have run yet.

    Args:
        model: the model in training.
        callbacks: Keras's list.
        kind: "train" or "test".
    """

    def __init__(self, model: Trainer, callbacks: CallbackList, kind: str) -> None:
        self._model, self._stop, self._kind = model, _STOPS[kind], kind
        self._variables = Variables(model)
        self._detached = False
        self._begin = getattr(callbacks, f"on_{kind}_batch_begin")
        self._end = getattr(callbacks, f"on_{kind}_batch_end")
        # In another thread a hook could look at the model while the next batches run.
        callbacks._async_train = callbacks._async_test = False

    def detach(self) -> None:
        """Take the values from the variables, as Keras does until somebody looks at the model."""
        self._detached = True
        self._variables.detach(optimizer=self._kind == "train")

    def attach(self, see: See) -> None:
        """Give the variables the values that `see` returns if they have none."""
        if self._detached:
            self._show(see)

    def state(self) -> State:
        """Return the model as a hook that looked at it has left it: what it saw, or another."""
        return self._variables.held(self._shown)

    def begin(self, step: int, see: See) -> bool:
        """Announce a step; return whether the model, as `see` returns it, was looked at."""
        return self._told(lambda: self._begin(step), see)

    def end(self, step: int, logs: Any, see: See) -> bool:
        """Tell what a step gave; return whether the model was looked at."""
        return self._told(lambda: self._end(step, logs), see)

    @property
    def stopped(self) -> bool:
        """Whether someone asked to stop."""
        return bool(getattr(self._model, self._stop))

    def _told(self, tell: Callable[[], None], see: See) -> bool:
        attributes = self._model.__dict__  # past Keras's tracking of attributes
        looked = False

        def sync() -> None:
            nonlocal looked
            attributes.pop("jax_state_sync", None)  # what runs in the hook may need Keras's own
            self._show(see)
            looked = True

        attributes["jax_state_sync"] = sync
        try:
            tell()
        except BaseException:
            if not looked:  # Keras leaves the model at this step
                self._show(see)
            raise
        finally:
            attributes.pop("jax_state_sync", None)
        return looked

    def _show(self, see: See) -> None:
        self._shown = see()
        self._variables.write(self._shown)
        self._detached = False  # at last: an interrupt may come before
