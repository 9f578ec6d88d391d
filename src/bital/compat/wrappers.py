"""`keras.wrappers.scikit_learn` of Keras 1 and 2: a function that builds a model, estimated."""

from collections.abc import Callable
from copy import deepcopy
from inspect import Parameter, isfunction, ismethod, signature
from typing import Any, Self

import keras
import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin

from bital.compat.notes import note
from bital.errors import UnknownName

__all__ = ["BaseWrapper", "KerasClassifier", "KerasRegressor"]

_METHODS = (keras.Model.fit, keras.Model.predict, keras.Model.evaluate)
_OLD = {"nb_epoch": "epochs"}


class BaseWrapper(BaseEstimator):
    """What the classifier and the regressor share.

    Args:
        build_fn: returns a compiled model: a function, an object that can be called, or None for
            the `__call__` of a subclass.
        sk_params: arguments of `build_fn` and of the model's fit, predict and evaluate; a search
            over parameters varies them.

    Raises:
        UnknownName: an argument that none of these takes.
    """

    def __init__(self, build_fn: Callable[..., Any] | None = None, **sk_params: Any) -> None:
        self.build_fn = build_fn
        self.sk_params = sk_params
        self.check_params(sk_params)

    def check_params(self, params: dict[str, Any]) -> None:
        """Make sure that something takes each parameter.

        Raises:
            UnknownName: nothing does.
        """
        takers = (*_METHODS, self._builder())
        if any(p.kind is Parameter.VAR_KEYWORD for p in _parameters(self._builder()).values()):
            return
        known = {name for taker in takers for name in _parameters(taker)} | {"build_fn"}
        for name in params:
            if _OLD.get(name, name) not in known:
                raise UnknownName("a parameter of build_fn, fit, predict or evaluate", name, known)
            if name in _OLD:
                note(f"{name}=", f"{_OLD[name]}=")

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the parameters, `build_fn` among them."""
        return {**self.sk_params, "build_fn": self.build_fn}

    def set_params(self, **params: Any) -> Self:
        """Change parameters."""
        self.check_params(params)
        self.build_fn = params.pop("build_fn", self.build_fn)
        self.sk_params = {**self.sk_params, **params}
        return self

    def filter_sk_params(
        self, fn: Callable[..., Any], override: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """Return those parameters that `fn` takes, `override` over them."""
        taken = _parameters(fn)
        given = {_OLD.get(name, name): value for name, value in self.sk_params.items()}
        return {n: v for n, v in given.items() if n in taken} | (override or {})

    def fit(self, x: Any, y: Any, **kwargs: Any) -> Any:
        """Build a model and train it.

        Args:
            x: rows.
            y: targets.
            kwargs: for the model's own `fit`, over the parameters.

        Returns:
            The history. scikit-learn's own estimators return themselves.
        """
        build = self._builder()
        self.model = build(**self.filter_sk_params(build))
        kwargs = {_OLD.get(name, name): value for name, value in kwargs.items()}
        given = deepcopy(self.filter_sk_params(keras.Model.fit)) | kwargs
        self.history = self.model.fit(x, self._targets(y), **given)
        return self.history

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "model")

    def _builder(self) -> Callable[..., Any]:
        if self.build_fn is None:
            return type(self).__call__.__get__(self)  # type: ignore[no-any-return]
        return self.build_fn

    def _targets(self, y: Any) -> Any:
        """One column a class where the loss wants it."""
        if _named(self.model.loss) == "categorical_crossentropy" and np.ndim(y) != 2:
            return keras.utils.to_categorical(y)
        return y

    def _evaluate(self, x: Any, y: Any, kwargs: dict[str, Any]) -> dict[str, float]:
        given = self.filter_sk_params(keras.Model.evaluate, kwargs) | {"return_dict": True}
        found: dict[str, float] = self.model.evaluate(x, self._targets(y), **given)
        return found


class KerasClassifier(ClassifierMixin, BaseWrapper):
    """A classifier; its labels may be anything that sorts."""

    def fit(self, x: Any, y: Any, sample_weight: Any = None, **kwargs: Any) -> Any:
        """Build a model and train it on labels (n,), (n, 1) or one column a class."""
        y = np.asarray(y)
        if y.ndim == 2 and y.shape[1] > 1:
            self.classes_ = np.arange(y.shape[1])
        else:
            self.classes_, y = np.unique(y.ravel(), return_inverse=True)
        self.n_classes_ = len(self.classes_)
        if sample_weight is not None:
            kwargs["sample_weight"] = sample_weight
        return super().fit(x, y, **kwargs)

    def predict(self, x: Any, **kwargs: Any) -> Any:
        """Return labels (n,)."""
        said = self.model.predict(x, **self.filter_sk_params(keras.Model.predict, kwargs))
        if said.shape[-1] > 1:
            return self.classes_[said.argmax(axis=-1)]
        return self.classes_[(said.ravel() > 0.5).astype(int)]

    def predict_proba(self, x: Any, **kwargs: Any) -> Any:
        """Return probabilities (n, classes)."""
        said = self.model.predict(x, **self.filter_sk_params(keras.Model.predict, kwargs))
        return np.hstack([1 - said, said]) if said.shape[1] == 1 else said

    def score(self, x: Any, y: Any, **kwargs: Any) -> float:
        """Return the accuracy that the model was compiled with.

        Raises:
            ValueError: it was compiled without.
        """
        y = np.asarray(y)
        if y.ndim < 2 or y.shape[1] == 1:
            y = np.searchsorted(self.classes_, y.ravel())
        found = self._evaluate(x, y, kwargs)
        for name in ("accuracy", "acc"):
            if name in found:
                return found[name]
        raise ValueError(
            "score needs a model that measures its accuracy; it measures "
            f"{', '.join(found)}. Add metrics=['accuracy'] to model.compile in build_fn."
        )


class KerasRegressor(RegressorMixin, BaseWrapper):
    """A regressor."""

    def predict(self, x: Any, **kwargs: Any) -> Any:
        """Return values (n,), or (n, d) of a model with d outputs."""
        said = self.model.predict(x, **self.filter_sk_params(keras.Model.predict, kwargs))
        return said[:, 0] if said.shape[1:] == (1,) else said

    def score(self, x: Any, y: Any, **kwargs: Any) -> float:
        """Return minus the loss: more is better."""
        return -self._evaluate(x, y, kwargs)["loss"]


def _parameters(function: Callable[..., Any]) -> Any:
    if not (isfunction(function) or ismethod(function) or isinstance(function, type)):
        function = type(function).__call__
    return {n: p for n, p in signature(function).parameters.items() if n != "self"}


def _named(loss: Any) -> str:
    return loss if isinstance(loss, str) else getattr(loss, "__name__", getattr(loss, "name", ""))
