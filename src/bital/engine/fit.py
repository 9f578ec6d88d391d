"""`bital.fit`: what `keras.Model.fit` does, as few compiled programs."""

from dataclasses import fields, replace
from os import PathLike
from typing import Any

import keras

from bital.engine import checks
from bital.engine.blocks import kernels_used
from bital.engine.callbacks import listed, users
from bital.engine.evaluation import Evaluation
from bital.engine.fitspec import FitSpec
from bital.engine.forked import check_not_forked
from bital.engine.keras_own import METHODS, Trainer
from bital.engine.order import Shuffle
from bital.engine.plan import Plan, keras_reason, overridden, planned, say
from bital.engine.resume import Keeper, check_folder
from bital.engine.sources import Resident
from bital.engine.training import Training
from bital.errors import InvalidInput
from bital.models.backend import require_jax


def fit(
    model: keras.Model,
    x: Any = None,
    y: Any = None,
    batch_size: int | None = None,
    epochs: int = 1,
    verbose: int | str = "auto",
    callbacks: Any = None,
    validation_split: float = 0.0,
    validation_data: Any = None,
    shuffle: Shuffle = True,
    class_weight: dict[int, float] | None = None,
    sample_weight: Any = None,
    initial_epoch: int = 0,
    steps_per_epoch: int | None = None,
    validation_steps: int | None = None,
    validation_batch_size: int | None = None,
    validation_freq: int | list[int] = 1,
    *,
    resume: str | PathLike[str] | None = None,
    save_every: int | str = 1,
    changed: str | tuple[str, ...] = (),
) -> keras.callbacks.History:
    """Train `model` as `keras.Model.fit` would, with whole epochs compiled into one program.

    Arguments mean what they mean in Keras (https://keras.io/api/models/model_training_apis/), the
    same numbers come out to float tolerance, and the model is left as Keras would leave it. The
    order of the rows is drawn from `numpy.random`, as in Keras, so `keras.utils.set_random_seed`
    fixes it.

    Args:
        model: compiled Keras model on the JAX backend.
        x: arrays with rows first, alone or in a list, tuple or dict; or whatever yields batches:
            a generator, `keras.utils.PyDataset`, `tf.data.Dataset`, torch or grain loader.
        y: labels, likewise.
        batch_size: rows per step; 32 when left out.
        epochs: number of the last epoch, counted from `initial_epoch`.
        verbose: 0 silent, 1 a bar, 2 a line an epoch, "auto" the same as 1.
        callbacks: Keras callbacks. Those that only decide from logs run with many epochs in one
            dispatch; one that may look at the model needs a dispatch for each epoch, one with
            batch hooks for each stretch of batches in which it does not look.
        validation_split: fraction of the rows, taken from the end before shuffling.
        validation_data: (x, y) or (x, y, sample_weight); goes before `validation_split`.
        shuffle: True, False, or "batch" to shuffle inside batches only.
        class_weight: weight of each class index; not together with `sample_weight`.
        sample_weight: weight of each row.
        initial_epoch: epoch to start at.
        steps_per_epoch: batches per epoch; the next epoch goes on where this one ends.
        validation_steps: batches per validation pass.
        validation_batch_size: rows per validation batch; `batch_size` when left out.
        validation_freq: validate every so many epochs, or after the epochs listed (from 1).
        resume: a folder to save the whole training in as it goes. If it holds one, training goes
            on there, and ends in the same bits as if it had never been interrupted.
        save_every: save after so many epochs, or after a time such as "30s", "10m" or "1h".
        changed: "learning_rate" if `resume` may go on with a learning rate other than the saved
            training's; the new one is used from there on.

    Returns:
        The `History` Keras returns; its attribute `bital` is the `Plan` that was followed.

    Raises:
        InvalidInput: the model is not compiled; sizes, lengths, labels or values break a rule; a
            callback monitors what no log will be called. Nothing has been trained.
        WrongBackend: Keras does not run on JAX.
    """
    given = {name: value for name, value in locals().items() if name not in _OWN}
    require_jax()
    check_not_forked()
    checks.check_compiled(model)
    spec = FitSpec(**given)
    spec.check()
    checks.check_rate(model)
    check_folder(resume, save_every)
    if overridden(model, "fit"):
        _check_resume(resume, f"{type(model).__name__} overrides fit()")
        return _marked(model.fit(**given), Plan("keras", f"{type(model).__name__} overrides fit()"))
    return train(model, spec, strict=True, resume=resume, save_every=save_every, changed=changed)


def plan(model: keras.Model, *args: Any, **kwargs: Any) -> Plan:
    """Return how `fit` with these arguments would be carried out, without training.

    Nothing is built, drawn or read: the model, the random generators and the data stay as they are.

    Args:
        model: compiled Keras model on the JAX backend.
        *args: as for `fit`.
        **kwargs: as for `fit`.

    Raises:
        InvalidInput: as in `fit`, for what can be seen before the model is built.
        WrongBackend: Keras does not run on JAX.
    """
    require_jax()
    checks.check_compiled(model)
    spec = FitSpec(*args, **kwargs)
    spec.check()
    if overridden(model, "fit"):
        return Plan("keras", f"{type(model).__name__} overrides fit()")
    reason = keras_reason(model, "fit")
    if reason is not None:
        return Plan("keras", reason)
    data, held_out, cast = spec.parts(model, strict=True)
    found = planned(model, cast, data, held_out, spec.epochs - spec.initial_epoch)
    return found if found.path == "keras" else replace(found, kernels=kernels_used(model))


def train(
    model: Trainer,
    spec: FitSpec,
    strict: bool = False,
    resume: str | PathLike[str] | None = None,
    save_every: int | str = 1,
    changed: str | tuple[str, ...] = (),
) -> keras.callbacks.History:
    """Do what `fit` does; unless `strict`, what Keras lets pass is let pass."""
    model._assert_compile_called("fit")
    reason = keras_reason(model, "fit")
    if reason is not None:
        return _by_keras(model, spec, Plan("keras", reason), resume)
    if strict:
        checks.check_labelled(model, spec.x, spec.y)
    elif spec.lacks_rows:
        return _by_keras(model, spec, Plan("keras", "there are no rows"), resume)
    data, held_out, cast = spec.parts(model, strict)
    plan = planned(model, cast, data, held_out, spec.epochs - spec.initial_epoch)
    if plan.path == "keras":
        return _by_keras(model, spec, plan, resume)
    if spec.verbose != 0:
        say(f"{plan}.")
    data.build(model, held_out)
    if strict:
        checks.check_monitors(model, users(spec.callbacks), validates=held_out is not None)
    ahead = plan.path == "epochs"
    source = data.source(ahead=ahead, hooked=bool(cast.hooked), changing=cast.changing)
    callbacks = listed(
        spec.callbacks,
        add_history=True,
        add_progbar=spec.verbose != 0,
        verbose=spec.verbose,
        epochs=spec.epochs,
        steps=data.told_steps,
        model=model,
    )
    check: Resident | Evaluation | None = None
    if held_out is not None:
        passes = held_out.source(hooked=cast.tested, again=True, changing=cast.changing)
        inside = data.resident and not cast.tested and not cast.hooked
        if inside and isinstance(passes, Resident):
            check = passes
        else:
            check = Evaluation(model, passes, callbacks)
    keeper = None
    if resume is not None:
        kept = {name: getattr(spec, name) for name in _KEPT}
        keeper = Keeper(
            resume,
            save_every,
            changed,
            model=model,
            data=data,
            held_out=held_out,
            callbacks=callbacks,
            settings=kept,
            epochs=spec.epochs,
        )
    training = Training(
        model=model,
        source=source,
        check=check,
        callbacks=callbacks,
        cast=cast,
        ahead=ahead,
        keeper=keeper,
    )
    try:
        training.run(range(spec.initial_epoch, spec.epochs), spec.validation_freq)
    finally:
        if keeper is not None:
            keeper.leave()
    done = replace(plan, dispatches=training.dispatches, kernels=kernels_used(model))
    return _marked(model.history, done)


_OWN = ("model", "resume", "save_every", "changed")
# What has to be the same for a training to go on; `epochs` may grow.
_KEPT = (
    "batch_size",
    "shuffle",
    "initial_epoch",
    "steps_per_epoch",
    "validation_split",
    "validation_steps",
    "validation_batch_size",
    "validation_freq",
    "class_weight",
)


def _by_keras(model: Trainer, spec: FitSpec, plan: Plan, resume: Any) -> keras.callbacks.History:
    _check_resume(resume, plan.reason)
    if spec.verbose != 0:
        say(f"Keras's own loop trains this model: {plan.reason}.")
    METHODS["fit"](model, **{f.name: getattr(spec, f.name) for f in fields(spec)})
    return _marked(model.history, plan)


def _check_resume(resume: Any, reason: str) -> None:
    if resume is not None:
        raise InvalidInput(
            f"resume needs bital's own loop, and this training goes to Keras's: {reason}. "
            "Leave resume out and use keras.callbacks.BackupAndRestore."
        )


def _marked(history: keras.callbacks.History, plan: Plan) -> keras.callbacks.History:
    if isinstance(history, keras.callbacks.History):  # a fit of the user's may return anything
        history.bital = plan
    return history
