"""A model from its configuration, whatever Keras wrote it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import keras
from keras.saving import custom_object_scope, get_registered_object

from bital.compat.files import code, tables
from bital.compat.files.arguments import accepted, modern
from bital.compat.files.graph import connected
from bital.compat.files.tensorflow_ops import TensorFlowOp
from bital.compat.old import layers as gone
from bital.errors import InvalidInput

_WRAPPED = ("layer", "backward_layer", "cell")


class Means(NamedTuple):
    """What a file's names may stand for."""

    custom: Mapping[str, Any] = {}
    safe_mode: bool | None = None


def model(config: dict[str, Any], means: Means) -> Any:
    """Return the model that a configuration describes, with fresh weights.

    Args:
        config: {class_name, config}, as HDF5 files and JSON of Keras 0.3 to 2 have it.
        means: custom objects, and whether code may run.

    Raises:
        CarriesCode: the file holds code.
        InvalidInput: a layer or an argument has no counterpart.
    """
    with custom_object_scope(dict(means.custom)):
        return layer(_of_keras_0(config), means)


def layer(stored: Any, means: Means) -> Any:
    """Return the layer, or model, of a {class_name, config}."""
    name, config = _parts(stored)
    own = _own(stored, means)
    if own is None and name in tables.MODELS:
        return _model(name, config, means)
    if own is not None and {"layers", "input_layers"} <= set(config):
        return connected(config, lambda each: layer(each, means), own)
    if name == "InputLayer":
        return _input(config)
    config = {k: v for k, v in config.items() if k != "batch_input_shape"}
    if own is not None:
        return own.from_config(config)
    return _keras_layer(name, config, means)


def _parts(stored: Any) -> tuple[str, Any]:
    """Return the class's name and the configuration of what should be {class_name, config}."""
    if not isinstance(stored, dict) or not isinstance(stored.get("class_name"), str):
        raise InvalidInput(
            "every layer in a model file must be an object with class_name and config; one is "
            f"{str(stored)[:80]!r}. The file is damaged, or not a model's."
        )
    name, config = stored["class_name"], stored.get("config")
    if not isinstance(config, dict) and not (name == "Sequential" and isinstance(config, list)):
        raise InvalidInput(
            f"config of {name!r} in a model file must be an object; it is {str(config)[:80]!r}. "
            "The file is damaged, or not a model's."
        )
    return name, config


def _model(name: str, config: Any, means: Means) -> Any:
    if name == "Sequential":
        return _sequential(config, means)
    if name == "Graph" or "layers" not in config or "input_layers" not in config:
        raise InvalidInput(
            "a model file must describe its layers; this one has a subclassed model or a Graph "
            f"({name!r}), whose code is not in the file. Build the model, then load_weights."
        )
    return connected(config, lambda each: layer(each, means), keras.Model)


def _keras_layer(old: str, config: dict[str, Any], means: Means) -> Any:
    if old in ("TFOpLambda", "SlicingOpLambda", "TensorFlowOpLayer"):
        return TensorFlowOp.stored(config)
    class_name = tables.LAYERS.get(old, old)
    if old == "Merge":
        class_name, config = _merge(config)
    kind = vars(keras.layers).get(class_name) or vars(gone).get(class_name)
    if not isinstance(kind, type) or not issubclass(kind, keras.Layer):
        raise InvalidInput(
            f"Keras 3 has no layer {old!r}. Pass your own: custom_objects={{{old!r}: ...}}."
        )
    given = modern(class_name, old, config)
    if class_name == "Lambda":
        return _lambda(given, means)
    for part in _WRAPPED:
        if isinstance(given.get(part), dict):
            given[part] = layer(given[part], means)
    if isinstance(given.get("cell"), list):
        given["cell"] = [layer(each, means) for each in given["cell"]]
    if class_name == "StackedRNNCells":
        given["cells"] = [layer(each, means) for each in given["cells"]]
    trainable = given.pop("trainable", True)
    made = kind(**accepted(kind, given))
    made.trainable = trainable
    return made


def _own(stored: dict[str, Any], means: Means) -> Any:
    """Return the class that the caller or the program registered under a name."""
    for name in (stored.get("registered_name"), stored["class_name"]):
        if name:
            found = means.custom.get(name) or get_registered_object(name)
            if found is not None:
                return found
    return None


def _input(config: dict[str, Any]) -> Any:
    shape = config.get("batch_shape") or config.get("batch_input_shape")
    return keras.layers.InputLayer(
        batch_shape=shape, dtype=config.get("dtype"), name=config.get("name")
    )


def _lambda(given: dict[str, Any], means: Means) -> Any:
    name = given["name"]
    module = given.get("module")
    if name in means.custom:
        function = means.custom[name]
    else:
        function = code.function(given["function"], name, module, means.safe_mode)
    if isinstance(function, dict) and function.get("class_name") == "function":
        function = function["config"]
    if isinstance(function, str):
        function = means.custom.get(function) or get_registered_object(function)
        if function is None:
            raise InvalidInput(
                f"the Lambda layer {name!r} names a function of the program that wrote the file, "
                f"{given['function']!r}. Give it: custom_objects={{{given['function']!r}: ...}}."
            )
    shape = code.function(given.get("output_shape"), name, module, means.safe_mode)
    made = keras.layers.Lambda(
        function,
        output_shape=tuple(shape) if isinstance(shape, list) else shape,
        arguments=given.get("arguments") or None,
        name=name,
    )
    made.trainable = given.get("trainable", True)
    return made


def _merge(config: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return Keras 1's Merge as the layer that took its mode's place."""
    mode = config.get("mode", "sum")
    if mode not in tables.MERGES:
        raise InvalidInput(
            f"Keras 1's Merge must have a mode of {', '.join(tables.MERGES)}; got {mode!r}. "
            "Build the model in today's words, then load_weights."
        )
    given: dict[str, Any] = {"name": config["name"]}
    if mode == "concat":
        given["axis"] = config.get("concat_axis", -1)
    if mode in ("dot", "cos"):
        axes = config.get("dot_axes", -1)
        given |= {"axes": axes, "normalize": mode == "cos"}
    return tables.MERGES[mode], given


def _sequential(config: Any, means: Means) -> Any:
    layers = config if isinstance(config, list) else config["layers"]
    name = None if isinstance(config, list) else config.get("name")
    shape = None if isinstance(config, list) else config.get("build_input_shape")
    kinds = [_parts(each)[0] for each in layers]
    if kinds and kinds[0] == "Merge":
        return _merged(layers, name, means)
    made = keras.Sequential(name=name)
    for index, stored in enumerate(layers):
        if index == 0 and kinds[0] != "InputLayer":
            first = _first_input(stored)
            if first is not None:
                made.add(first)
            elif shape and kinds[0] not in tables.MODELS:
                made.add(keras.Input(batch_shape=shape))
        made.add(layer(stored, means))
    return made


def _first_input(stored: dict[str, Any]) -> Any:
    """Return the input that a first layer's own arguments ask for."""
    config = stored["config"]
    while isinstance(config, dict) and "batch_input_shape" not in config and "layer" in config:
        config = config["layer"]["config"]  # Keras 1 gave it to what a wrapper wraps
    if not isinstance(config, dict) or stored["class_name"] in tables.MODELS:
        return None
    shape = config.get("batch_input_shape") or (
        config.get("input_shape") and [None, *config["input_shape"]]
    )
    if shape is None and config.get("input_dim") and "input_length" not in config:
        shape = [None, config["input_dim"]]
    if shape is None:
        return None
    embeds = stored["class_name"] == "Embedding"
    dtype = config.get("input_dtype") or config.get("dtype")
    dtype = dtype if isinstance(dtype, str) else None
    return keras.Input(batch_shape=shape, dtype="int32" if embeds else dtype)


def _merged(layers: list[dict[str, Any]], name: str | None, means: Means) -> Any:
    """Return Keras 1's Sequential that begins with a Merge of models, as one graph."""
    branches = [model(each, means) for each in layers[0]["config"]["layers"]]
    x = layer(layers[0], means)([output for branch in branches for output in branch.outputs])
    for stored in layers[1:]:
        x = layer(stored, means)(x)
    return keras.Model([i for branch in branches for i in branch.inputs], x, name=name)


def _of_keras_0(config: dict[str, Any]) -> dict[str, Any]:
    """Return {class_name, config} of Keras 0.3's {name, layers}."""
    if "class_name" in config:
        return config

    def one(stored: dict[str, Any]) -> dict[str, Any]:
        inner = {k: v for k, v in stored.items() if k not in ("name", "custom_name")}
        inner = {k: one(v) if k == "layer" else v for k, v in inner.items()}
        if "custom_name" in stored:
            inner["name"] = stored["custom_name"]
        return {"class_name": stored["name"], "config": inner}

    if config.get("name") != "Sequential":
        raise InvalidInput(
            f"a Keras 0.3 model must be Sequential to be read; this is a {config.get('name')!r}. "
            "Build the model in today's words, then load_weights."
        )
    return {"class_name": "Sequential", "config": [one(each) for each in config["layers"]]}
