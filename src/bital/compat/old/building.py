"""Layers and models made as Keras 1 and 2 let them be made."""

from functools import wraps
from inspect import Parameter, isfunction, signature
from typing import Any

import keras
from keras.src.models.functional import Functional

from bital.compat.backend.chance import expect_chance
from bital.compat.notes import note
from bital.compat.old.arguments import METHODS
from bital.compat.old.translate import translated
from bital.compat.patches import Patches
from bital.compat.tensors import Shape

Layer, Sequential = keras.layers.Layer, keras.Sequential
_AFTER_BUILD = "_bital_weights"
_BATCH_SHAPE = "_bital_batch_shape"
_SHAPED = "_bital_shaped"


def patch_building(patches: Patches) -> None:
    """Let layers take `input_shape` and its relatives, and models `input=` and `output=`."""
    patches.set(Layer, "__init__", _layer_init(Layer.__init__))
    patches.set(keras.layers.Lambda, "__init__", _lambda_init(keras.layers.Lambda.__init__))
    patches.set(Layer, "_post_build", _post_build(Layer._post_build))
    patches.set(Layer, "__new__", staticmethod(_layer_new(Layer.__new__, patches)))
    for cls in (Layer, keras.metrics.Metric):
        patches.set(cls, "add_weight", _add_weight(cls.add_weight))
    patches.set(Sequential, "add", _add(Sequential.add))
    patches.set(Sequential, "build", _build(Sequential.build))
    patches.set(keras.Model, "__new__", staticmethod(_model_new(keras.Model.__new__)))
    patches.set(Functional, "__init__", _functional_init(Functional.__init__))
    patches.set(Layer, "__getattr__", _attribute)
    patches.set(Layer, "get_output_at", lambda self, at: _at(self, at, "outputs"))
    patches.set(Layer, "get_input_at", lambda self, at: _at(self, at, "input_tensors"))
    patches.set(Layer, "get_output_shape_at", lambda self, at: _at(self, at, "outputs").shape)
    patches.set(Layer, "get_input_shape_at", lambda self, at: _at(self, at, "input_tensors").shape)
    patches.set(Layer, "get_updates_for", lambda self, inputs: [])
    patches.set(Layer, "get_losses_for", lambda self, inputs: list(self.losses))
    patches.set(Layer, "add_update", lambda self, updates, inputs=None: None)
    patches.set(Layer, "add_variable", _add_variable)
    for kind, trained in (("trainable", True), ("non_trainable", False)):
        own = vars(Layer)[f"{kind}_weights"]
        patches.set(Layer, f"{kind}_weights", property(own.fget, _set_weights(trained)))
        patches.set(Layer, f"_{kind}_weights", property(_kept(trained), _set_weights(trained)))
    for name in dir(keras.initializers):
        cls = getattr(keras.initializers, name)
        if isinstance(cls, type) and "__call__" in vars(cls):
            patches.set(cls, "__call__", _initialize(vars(cls)["__call__"]))
    patches.set(keras.Model, "to_yaml", _to_yaml)
    patches.set(keras.layers.InputLayer, "input", property(lambda self: self.output))
    for side in ("input", "output"):
        patches.set(Sequential, side, property(_ends(side, getattr(Sequential, side))))


def _layer_new(own: Any, patches: Patches) -> Any:
    @wraps(own)
    def __new__(cls: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N807
        """Shapes given to a program's own layers had TensorFlow's methods."""
        for home in cls.__mro__:
            if home.__module__.startswith(("keras.", "bital.")):
                break
            for name in ("build", "compute_output_shape", "get_output_shape_for"):
                method = vars(home).get(name)
                if callable(method) and not hasattr(method, _SHAPED):
                    patches.set(home, name, _shaped(method))
            method = vars(home).get("call")
            if isfunction(method) and _unasked(method):
                patches.set(home, "call", _asked(method, _unasked(method)))
        return own(cls, *args, **kwargs)

    return __new__


_GIVEN = {"training": False, "mask": None}
"""what TensorFlow gave to `call` where it asked for it"""


def _unasked(call: Any) -> list[str]:
    """Return those that a `call` asks for last and without a default."""
    needed = [p for p in signature(call).parameters.values() if p.default is Parameter.empty]
    names = [p.name for p in needed if p.kind is Parameter.POSITIONAL_OR_KEYWORD][2:]
    return names if set(names) <= _GIVEN.keys() else []


def _asked(method: Any, names: list[str]) -> Any:
    """Return `call(self, x, training)` with defaults where it has none."""
    known = signature(method)

    @wraps(method)
    def call(*args: Any, **kwargs: Any) -> Any:
        told = known.bind_partial(*args, **kwargs).arguments
        missing = {name: _GIVEN[name] for name in names if name not in told}
        return method(*args, **kwargs, **missing)

    parameters = known.parameters.values()
    optional = [p.replace(default=None) if p.name in names else p for p in parameters]
    call.__signature__ = known.replace(parameters=optional)  # type: ignore[attr-defined]
    return call


def _shaped(method: Any) -> Any:
    @wraps(method)
    def call(self: Any, *shapes: Any, **named: Any) -> Any:
        return method(
            self, *[_shapes(s) for s in shapes], **{n: _shapes(s) for n, s in named.items()}
        )

    setattr(call, _SHAPED, True)
    return call


def _shapes(value: Any) -> Any:
    """Return shapes, alone or in lists and dictionaries, as `Shape`."""
    if isinstance(value, dict):
        return {name: _shapes(one) for name, one in value.items()}
    if type(value) not in (tuple, list) or not value:
        return value
    if all(one is None or isinstance(one, int) for one in value):
        return Shape(value)
    return [_shapes(one) for one in value]


def _layer_init(own: Any) -> Any:
    @wraps(own)
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807
        batch_shape = kwargs.pop("batch_input_shape", None)
        shape = kwargs.pop("input_shape", None)
        size = kwargs.pop("input_dim", None)
        weights = kwargs.pop("weights", None)
        rows = kwargs.pop("batch_size", None) if shape is not None or size is not None else None
        for old, today in (("input_dtype", "keras.Input(dtype=...)"), ("dynamic", "leave it out")):
            if kwargs.pop(old, None) is not None:
                note(f"{old}=", today)
        if args and args[0] is self:  # super().__init__(self), which did no harm
            args = args[1:]
        if args and not isinstance(args[0], bool):
            raise TypeError(
                f"{type(self).__name__} gives Layer.__init__ positional arguments; it takes names. "
                f"Got {args!r}. Write super().__init__(name=..., **kwargs)."
            )
        if isinstance(kwargs.get("name"), str) and "/" in kwargs["name"]:
            note("name='a/b'", "a name without '/'")
            kwargs["name"] = kwargs["name"].replace("/", "_")
        own(self, **kwargs)
        if isinstance(shape, int):
            shape = (shape,)
        if batch_shape is not None:
            note("batch_input_shape=", "keras.Input(batch_shape=...)")
            shape = batch_shape[1:]
            self.__dict__[_BATCH_SHAPE] = tuple(batch_shape)
        elif shape is None and size is not None:
            note("input_dim=", "keras.Input(shape=(input_dim,))")
            shape = (size,)
        elif shape is not None:
            note("input_shape=", "keras.Input(shape=...)")
        if shape is not None:
            self._input_shape_arg = tuple(shape)
            if rows is not None:
                note("batch_size= of a layer", "keras.Input(batch_shape=...)")
                self.__dict__[_BATCH_SHAPE] = (rows, *shape)
        if not type(self).__module__.startswith("keras."):
            expect_chance(self)
        if weights is not None:
            note("weights=", "layer.set_weights(...)")
            self.__dict__[_AFTER_BUILD] = weights

    __init__.__signature__ = signature(own)  # type: ignore[attr-defined]
    return __init__


def _lambda_init(own: Any) -> Any:
    @wraps(own)
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807
        own(self, *args, **kwargs)
        expect_chance(self)

    __init__.__signature__ = signature(own)  # type: ignore[attr-defined]
    return __init__


def _post_build(own: Any) -> Any:
    @wraps(own)
    def post_build(self: Any) -> None:
        own(self)
        weights = self.__dict__.pop(_AFTER_BUILD, None)
        if weights is not None:
            self.set_weights(list(weights) if isinstance(weights, list | tuple) else [weights])

    return post_build


def _add_weight(own: Any) -> Any:
    @wraps(own)
    def add_weight(self: Any, *args: Any, **kwargs: Any) -> Any:
        """Keras 2 named weights first: `add_weight("W", shape, ...)`."""
        order = _NAME_FIRST if args and (args[0] is None or isinstance(args[0], str)) else _KERAS_1
        kwargs.update(zip(order, args, strict=False))
        for dropped in (
            "use_resource",
            "getter",
            "partitioner",
            "collections",
            "experimental_autocast",
            "synchronization",
            "aggregation",
        ):
            kwargs.pop(dropped, None)
        if isinstance(kwargs.get("name"), str):
            kwargs["name"] = kwargs["name"].split(":")[0].replace("/", "_")
        shape = kwargs.get("shape")
        if shape is not None:
            whole = (shape,) if isinstance(shape, int) else shape
            kwargs["shape"] = tuple(int(getattr(n, "value", n)) for n in whole)
        kwargs["initializer"] = _old_initializer(kwargs.get("initializer"))
        kwargs = {name: value for name, value in kwargs.items() if value is not None}
        return own(self, **kwargs)

    return add_weight


_NAME_FIRST = ("name", "shape", "dtype", "initializer", "regularizer", "trainable", "constraint")
_KERAS_1 = ("shape", "initializer", "name", "trainable", "regularizer", "constraint")


def _set_weights(trained: bool) -> Any:
    def set_weights(self: Any, values: Any) -> None:
        """`self.trainable_weights = [...]` in a layer's build: these are trained, and no others."""
        self._tracker.unlock()
        listed = {id(one) for one in values}
        for variable in values:
            variable.trainable = trained
            if id(variable) not in {id(one) for one in self.weights}:
                self._track_variable(variable)
        if trained:
            for variable in self._trainable_variables:
                variable.trainable = id(variable) in listed
        if self.built:
            self._tracker.lock()

    return set_weights


def _kept(trained: bool) -> Any:
    return lambda self: self._trainable_variables if trained else self._non_trainable_variables


def _initialize(own: Any) -> Any:
    @wraps(own)
    def initialize(self: Any, shape: Any, *args: Any, **kwargs: Any) -> Any:
        """Keras 1's initializers took a name and made variables: `self.init(shape, name="W")`."""
        if "name" not in kwargs:
            return own(self, shape, *args, **kwargs)
        from bital.compat.backend.state import variable

        name = kwargs.pop("name")
        note("init(shape, name=...)", "self.add_weight(shape=, initializer=, name=)")
        return variable(own(self, shape, *args, **kwargs), name=name)

    return initialize


def _old_initializer(value: Any) -> Any:
    from bital.compat.old.arguments import initializer

    return initializer(value)


def _add_variable(self: Any, *args: Any, **kwargs: Any) -> Any:
    note("add_variable", "add_weight")
    return self.add_weight(*args, **kwargs)


def _add(own: Any) -> Any:
    @wraps(own)
    def add(self: Any, layer: Any, *args: Any, **kwargs: Any) -> None:
        if not self._layers and isinstance(layer, Layer):
            shape = layer.__dict__.get(_BATCH_SHAPE)
            if shape is not None and getattr(layer, "_input_shape_arg", None) is not None:
                own(self, keras.layers.InputLayer(batch_shape=shape))
        own(self, layer, *args, **kwargs)

    return add


def _build(own: Any) -> Any:
    @wraps(own)
    def build(self: Any, input_shape: Any = None) -> None:
        """Keras calls each layer once more for each that is added; only the last call counts."""
        for layer in self._layers:
            mine = self.__dict__.get("_bital_nodes", ())
            kept = [node for node in layer._inbound_nodes if node not in mine]
            if not kept and not isinstance(layer, keras.layers.InputLayer):
                layer._inbound_nodes.clear()
        before = {id(node) for layer in self._layers for node in layer._inbound_nodes}
        own(self, input_shape)
        self.__dict__["_bital_nodes"] = [
            node
            for layer in self._layers
            for node in layer._inbound_nodes
            if id(node) not in before
        ]

    return build


def _model_new(own: Any) -> Any:
    def __new__(cls: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N807
        return own(cls, *args, **translated(METHODS["Model"], kwargs))

    return __new__


def _functional_init(own: Any) -> Any:
    @wraps(own)
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807
        own(self, *args, **translated(METHODS["Model"], kwargs))

    __init__.__signature__ = signature(own)  # type: ignore[attr-defined]
    return __init__


# What layers had and a subclass may well have of its own: looked up last.
_ATTRIBUTES: dict[str, Any] = {
    "W": lambda layer: layer.kernel,
    "b": lambda layer: layer.bias,
    "input_shape": lambda layer: keras.tree.map_structure(lambda t: t.shape, layer.input),
    "output_shape": lambda layer: keras.tree.map_structure(lambda t: t.shape, layer.output),
    "inbound_nodes": lambda layer: layer._inbound_nodes,
    "outbound_nodes": lambda layer: layer._outbound_nodes,
    "updates": lambda layer: [],
    "state_updates": lambda layer: [],
    "uses_learning_phase": lambda layer: True,
}


def _attribute(self: Any, name: str) -> Any:
    if name in _ATTRIBUTES:
        return _ATTRIBUTES[name](self)
    raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")


def _ends(side: str, own: Any) -> Any:
    def ends(self: Any) -> Any:
        """What the stack begins or ends with, whether it was called from outside or not."""
        if self._functional is not None:
            return getattr(self._functional, f"{side}s")[0]
        return own.fget(self)

    return ends


def _at(layer: Any, at: int, what: str) -> Any:
    found = getattr(layer._inbound_nodes[at], what)
    return found[0] if len(found) == 1 else found


def _to_yaml(self: Any, **kwargs: Any) -> str:
    raise RuntimeError(
        "model.to_yaml() went with TensorFlow 2.6, for loading YAML could run code. "
        "Write model.to_json()."
    )
