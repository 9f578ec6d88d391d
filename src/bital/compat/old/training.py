"""`compile`, `fit` and their relatives as Keras 0.3 to 2 had them."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import wraps
from inspect import signature
from typing import Any

import keras
import numpy as np

from bital.compat.notes import note
from bital.compat.old.arguments import METHODS, MODES
from bital.compat.old.logs import alias, as_then
from bital.compat.old.stepping import evaluate_by_steps, fit_by_steps, has_own_step
from bital.compat.old.translate import translated
from bital.compat.patches import Patches
from bital.compat.text.patch import in_numbers, takes_text
from bital.engine.keras_own import Trainer

_WORKERS = ("workers", "use_multiprocessing", "max_queue_size")
_FLAGS = "_bital_trainable"


def patch_training(patches: Patches) -> None:
    """Let models be compiled, trained and asked by the old words. Comes after `bital.install`."""
    home = next(cls for cls in Trainer.__mro__ if "compile" in vars(cls))
    patches.set(home, "compile", _compile(home.compile))  # Keras asks whether it is this one
    for name in ("fit", "evaluate", "predict"):
        patches.set(Trainer, name, _method(name, getattr(Trainer, name)))
    for name in ("train_on_batch", "test_on_batch"):
        patches.set(Trainer, name, _on_batch(name, getattr(Trainer, name)))
    model = keras.Model
    patches.set(model, "fit_generator", _fit_generator)
    patches.set(model, "evaluate_generator", _by_generator("evaluate"))
    patches.set(model, "predict_generator", _by_generator("predict"))
    patches.set(model, "predict_classes", _predict_classes)
    patches.set(model, "predict_proba", _predict_proba)
    patches.set(model, "metrics_names", property(_metrics_names))
    patches.set(model, "compiled_loss", property(_compiled_loss))
    patches.set(model, "compiled_metrics", property(lambda self: self._compile_metrics))
    patches.set(model, "reset_states", _reset_states)
    patches.set(keras.metrics.Metric, "reset_states", _reset_metric)
    for cls in (keras.layers.RNN, keras.layers.LSTM, keras.layers.GRU, keras.layers.SimpleRNN):
        if "reset_states" not in vars(cls):
            patches.set(cls, "reset_states", lambda self, *values: self.reset_state())


def _compile(own: Any) -> Any:
    @wraps(own)
    def compile(self: Any, *args: Any, **kwargs: Any) -> None:
        for entry in METHODS["compile"]:
            if entry.old in kwargs:
                note(f"{entry.old}=", f"leave it out ({entry.remark})")
                del kwargs[entry.old]
        names = list(signature(own).parameters)[1:]
        if len(args) > 2 and not _are_weights(args[2]):  # until Keras 3, metrics came third
            names[2:4] = ["metrics", "loss_weights"]
        kwargs.update(zip(names, args, strict=False))
        kwargs["optimizer"] = _optimizer(kwargs.get("optimizer", "rmsprop"))
        if "loss" in kwargs:
            kwargs["loss"] = _loss(kwargs["loss"], MODES["loss"])
        for name in ("metrics", "weighted_metrics"):
            given: Any = kwargs.get(name)
            if isinstance(given, str) or callable(given):
                kwargs[name] = [given]
            if name in kwargs:
                kwargs[name] = _loss(_named(kwargs[name], MODES["loss"], only=_NO_METRIC), {})
        own(self, **kwargs)
        self.__dict__[_FLAGS] = _flags(self)

    return compile


def _are_weights(given: Any) -> bool:
    return given is None or all(isinstance(n, int | float) for n in keras.tree.flatten(given))


# Keras still knows the other abbreviations as metrics, and names the log by them.
_NO_METRIC = ("cosine_proximity", "cosine", "kullback_leibler_divergence", "logcosh", "KLD")


def _optimizer(given: Any) -> Any:
    if isinstance(given, str):
        return given.lower()
    if isinstance(given, type) and issubclass(given, keras.optimizers.Optimizer):
        return given()
    return given


def _loss(given: Any, words: dict[str, str]) -> Any:
    from bital.compat.symbolic.losses import resolved

    if isinstance(given, list | tuple):
        return [_loss(one, words) for one in given]
    if isinstance(given, dict):
        return {name: _loss(one, words) for name, one in given.items()}
    return resolved(given) if _is_function(given) else _named(given, words)


def _is_function(loss: Any) -> bool:
    made = type | keras.losses.Loss | keras.metrics.Metric
    plain = callable(loss) and not isinstance(loss, made)
    return plain and not getattr(loss, "__module__", "").startswith("keras.")


def _named(given: Any, words: dict[str, str], only: Any = None) -> Any:
    if isinstance(given, str):
        if given in words and (only is None or given in only):
            today = words[given]
            if len(given) > 4:
                note(repr(given), repr(today))
            return today
        return given
    if isinstance(given, list | tuple):
        return [_named(one, words, only) for one in given]
    if isinstance(given, dict):
        return {key: _named(one, words, only) for key, one in given.items()}
    return given


def _method(name: str, own: Any) -> Any:
    table = [entry for entry in METHODS[name] if entry.new.isidentifier()]

    @wraps(own)
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        for word in _WORKERS:
            if word in kwargs:
                note(f"{name}({word}=)", f"keras.utils.PyDataset({word}=...)")
                del kwargs[word]
        accuracy = kwargs.pop("show_accuracy", None)
        if accuracy:
            note("show_accuracy=", "compile(metrics=['accuracy'])")
            _add_accuracy(self)
        kwargs = translated(table, kwargs)
        args, kwargs = _from_text(self, args, kwargs)
        args, kwargs = _from_datasets(name, args, kwargs)
        args, kwargs = _by_order(self, name, args, kwargs)
        if name == "fit":
            _prepare(self, args, kwargs)
            if has_own_step(self, "train_step"):
                return fit_by_steps(self, *args, **kwargs)
        if name == "evaluate" and has_own_step(self, "test_step"):
            return evaluate_by_steps(self, *args, **kwargs)
        with compiled_flags(self):
            return own(self, *args, **kwargs)

    return method


def _from_text(model: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    """Hand text to a model that looks its words up as the numbers that stand for it."""
    if not takes_text(model):
        return args, kwargs
    if args:
        args = (in_numbers(args[0]), *args[1:])
    elif "x" in kwargs:
        kwargs = {**kwargs, "x": in_numbers(kwargs["x"])}
    held_out: Any = kwargs.get("validation_data")
    if isinstance(held_out, tuple | list):
        kwargs = {**kwargs, "validation_data": (in_numbers(held_out[0]), *held_out[1:])}
    elif held_out is not None:
        kwargs = {**kwargs, "validation_data": in_numbers(held_out)}
    return args, kwargs


def _from_datasets(name: str, args: Any, kwargs: dict[str, Any]) -> Any:
    """Hand rows of the TensorFlow stand-in's datasets to Keras as generators."""
    x: Any = args[0] if args else kwargs.get("x")
    held_out: Any = kwargs.get("validation_data")
    if not (_is_dataset(x) or _is_dataset(held_out)):
        return args, kwargs
    from bital.compat.facade.dataset import for_keras

    if _is_dataset(x):
        made, steps = for_keras(x, again=name == "fit")
        args, kwargs = args[1:], {**kwargs, "x": made}
        word = "steps_per_epoch" if name == "fit" else "steps"
        if steps is not None and kwargs.get(word) is None:
            kwargs[word] = steps
        if name == "fit":
            kwargs["shuffle"] = False  # the dataset shuffles itself, where it is told to
    if _is_dataset(held_out):
        made, steps = for_keras(held_out, again=True)
        kwargs["validation_data"] = made
        if kwargs.get("validation_steps") is None:
            kwargs["validation_steps"] = steps
    return args, kwargs


def _is_dataset(value: Any) -> Any:
    return type(value).__module__ == "bital.compat.facade.dataset"


def _add_accuracy(model: Any) -> None:
    config = model._compile_metrics
    if config is None:
        model.compile(optimizer=model.optimizer, loss=model.loss, metrics=["accuracy"])


def _prepare(model: Any, args: Any, kwargs: dict[str, Any]) -> None:
    """Give callbacks what they had: monitors by this compilation's names, the held out rows."""
    names = _metric_strings(model)
    held_out: Any = kwargs.get("validation_data")
    for callback in keras.tree.flatten(kwargs.get("callbacks") or []):
        monitor = getattr(callback, "monitor", None)
        if isinstance(monitor, str) and names:
            bare = monitor.removeprefix("val_")
            other = alias(bare, names) if bare not in names else None
            if other is not None:
                callback.monitor = monitor[: len(monitor) - len(bare)] + other
        pair = isinstance(held_out, list | tuple) and len(held_out) == 2
        if pair and not hasattr(callback, "validation_data"):
            rows = len(keras.tree.flatten(held_out[0])[0])
            callback.validation_data = [*held_out, np.ones((rows,)), 0.0]
    if isinstance(held_out, list):
        kwargs["validation_data"] = tuple(held_out)


def _metric_strings(model: Any) -> list[str]:
    config = getattr(model, "_compile_metrics", None)
    given = [] if config is None else keras.tree.flatten(config._user_metrics)
    return [one if isinstance(one, str) else getattr(one, "name", "") for one in given]


def _on_batch(name: str, own: Any) -> Any:
    table = [entry for entry in METHODS[name] if entry.new.isidentifier()]

    @wraps(own)
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        kwargs.pop("reset_metrics", None)
        if kwargs.pop("accuracy", None):
            note("accuracy=", "compile(metrics=['accuracy'])")
            _add_accuracy(self)
        kwargs = translated(table, kwargs)
        args, kwargs = _from_text(self, args, kwargs)
        args, kwargs = _by_order(self, name, args, kwargs)
        with compiled_flags(self):
            return own(self, *args, **kwargs)

    return method


def _by_order(model: Any, name: str, args: Any, kwargs: dict[str, Any]) -> Any:
    """Give the labels of a single output, in a dictionary under its name, as they are."""
    names = getattr(model, "output_names", None)
    if name == "predict" or names is None or len(names) != 1:
        return args, kwargs

    def alone(y: Any) -> Any:
        return y[names[0]] if isinstance(y, dict) and set(y) == {names[0]} else y

    if len(args) >= 2:
        args = (args[0], alone(args[1]), *args[2:])
    kwargs = {key: alone(value) if key == "y" else value for key, value in kwargs.items()}
    held_out = kwargs.get("validation_data")
    if isinstance(held_out, tuple) and len(held_out) >= 2:
        kwargs["validation_data"] = (held_out[0], alone(held_out[1]), *held_out[2:])
    return args, kwargs


@contextmanager
def compiled_flags(model: Any) -> Iterator[None]:
    """Train what was trainable when the model was compiled, as Keras did up to version 2.

    A GAN relies on it: the discriminator is compiled, frozen for the model that holds both, and
    still learns when it is trained alone.
    """
    wanted = model.__dict__.get(_FLAGS)
    now = _flags(model) if wanted else {}
    if wanted and wanted.keys() == now.keys():
        # The variables of a layer that was built since are as the layer is.
        wanted.update({
            layer: now[layer]
            for layer, flags in wanted.items()
            if len(flags) != len(now[layer]) and flags[0] == now[layer][0]
        })  # fmt: skip
    elif wanted:
        wanted.clear()
        wanted.update(now)
    if not wanted or wanted == now:
        yield
        return
    note("trainable changed after compile()", "set trainable, then compile() again")
    _set_flags(model, wanted)
    try:
        yield
    finally:
        _set_flags(model, now)


def _flags(model: Any) -> dict[int, tuple[bool, ...]]:
    return {
        id(layer): (layer._trainable, *(v.trainable for v in layer._trainable_variables))
        for layer in model._flatten_layers()
    }


def _set_flags(model: Any, flags: dict[int, tuple[bool, ...]]) -> None:
    for layer in model._flatten_layers():
        own, *variables = flags[id(layer)]
        layer.__dict__["_trainable"] = own
        for variable, flag in zip(layer._trainable_variables, variables, strict=False):
            variable._trainable = flag


def _rows(generator: Any) -> tuple[int, Any]:
    """Return a generator's batch size and the generator with the batch looked at put back."""
    size = getattr(generator, "batch_size", None)
    if isinstance(size, int):
        return size, generator
    first = next(generator) if isinstance(generator, Iterator) else generator[0]
    size = len(keras.tree.flatten(first[0] if isinstance(first, tuple | list) else first)[0])
    return size, _again(first, generator) if isinstance(generator, Iterator) else generator


def _again(first: Any, rest: Iterator[Any]) -> Iterator[Any]:
    yield first
    yield from rest


def _steps(samples: Any, generator: Any) -> tuple[Any, Any]:
    if samples is None:
        return None, generator
    size, generator = _rows(generator)
    return max(1, -(-int(samples) // size)), generator


def _fit_generator(self: Any, generator: Any, *args: Any, **kwargs: Any) -> Any:
    note("fit_generator", "fit")
    era_1 = {"samples_per_epoch", "nb_epoch", "nb_val_samples", "max_q_size", "nb_worker"}
    first = bool(era_1 & kwargs.keys())
    order = ("steps_per_epoch", "epochs", "verbose", "callbacks", "validation_data",
             "validation_steps", "class_weight")  # fmt: skip
    given = dict(zip(order, args, strict=False))
    samples = kwargs.pop("samples_per_epoch", None)
    if first and samples is None:
        samples = given.pop("steps_per_epoch", None)
    if samples is not None:
        note("samples_per_epoch=", "steps_per_epoch=, rows divided by the batch size")
        given["steps_per_epoch"], generator = _steps(samples, generator)
    held_out = kwargs.pop("nb_val_samples", None)
    given.update(kwargs)
    if held_out is not None:
        note("nb_val_samples=", "validation_steps=, rows divided by the batch size")
        if isinstance(given.get("validation_data"), tuple | list):
            held_out = None
        else:
            given["validation_steps"], given["validation_data"] = _steps(
                held_out, given["validation_data"]
            )
    for dropped in ("max_q_size", "nb_worker", "nb_val_worker", "pickle_safe"):
        if given.pop(dropped, None) is not None:
            note(f"{dropped}=", "keras.utils.PyDataset(workers=...)")
    return self.fit(generator, **given)


def _by_generator(name: str) -> Any:
    """Return what was `evaluate` or `predict` of a generator."""

    def method(self: Any, generator: Any, steps: Any = None, **kwargs: Any) -> Any:
        note(f"{name}_generator", name)
        samples = kwargs.pop("val_samples", None)
        if samples is not None:
            note("val_samples=", "steps=, rows divided by the batch size")
            steps, generator = _steps(samples, generator)
        return getattr(self, name)(generator, steps=steps, **_generator_words(kwargs))

    return method


def _generator_words(kwargs: dict[str, Any]) -> dict[str, Any]:
    drop = ("max_q_size", "nb_worker", "pickle_safe", *_WORKERS)
    for name in drop:
        if kwargs.pop(name, None) is not None:
            note(f"{name}=", "keras.utils.PyDataset(workers=...)")
    return {"verbose": 0, **kwargs}


def _predict_classes(self: Any, x: Any, batch_size: Any = None, verbose: Any = 0) -> Any:
    note("predict_classes(x)", "np.argmax(model.predict(x), axis=-1), or predict(x) > 0.5")
    found = self.predict(x, batch_size=batch_size, verbose=verbose)
    if found.shape[-1] > 1:
        return found.argmax(axis=-1)
    return (found > 0.5).astype("int32")


def _predict_proba(self: Any, x: Any, batch_size: Any = None, verbose: Any = 0) -> Any:
    note("predict_proba(x)", "predict(x)")
    return self.predict(x, batch_size=batch_size, verbose=verbose)


def _metrics_names(self: Any) -> list[str]:
    """Return what `evaluate` returns, by name, as Keras 2 did."""
    names: list[str] = []
    for metric in self.metrics:
        inner = getattr(metric, "metrics", None)
        if inner is not None and metric.name == "compile_metrics":
            names.extend(one.name for one in inner)
        else:
            names.append(metric.name)
    return [as_then(name) for name in names]


def _compiled_loss(self: Any) -> Any:
    def loss(
        y: Any, y_pred: Any, sample_weight: Any = None, regularization_losses: Any = ()
    ) -> Any:
        value = self._compile_loss(y, y_pred, sample_weight)
        return value + sum(regularization_losses) if regularization_losses else value

    return loss


def _reset_metric(self: Any) -> None:
    note("metric.reset_states()", "metric.reset_state()")
    self.reset_state()


def _reset_states(self: Any) -> None:
    note("model.reset_states()", "layer.reset_state() of each recurrent layer")
    for layer in self.layers:
        if hasattr(layer, "reset_state") and getattr(layer, "stateful", False):
            layer.reset_state()
