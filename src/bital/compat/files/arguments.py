"""One layer's arguments, in the words of today."""

from inspect import Parameter, signature
from typing import Any

from bital.compat.files import tables
from bital.compat.files.activations import hard_sigmoid
from bital.errors import InvalidInput


def modern(class_name: str, old: str, config: dict[str, Any]) -> dict[str, Any]:
    """Return a layer's configuration with today's names and values.

    Args:
        class_name: today's class.
        old: the class as the file has it.
        config: the configuration as the file has it.

    Raises:
        InvalidInput: an argument has no counterpart.
    """
    names = {**tables.ARGUMENTS, **tables.ARGUMENTS_OF.get(class_name, {})}
    given: dict[str, Any] = dict(tables.ABSENT.get(class_name, {}))
    if old == "CuDNNGRU":
        given["reset_after"] = True
    for name, value in config.items():
        given[names.get(name, name)] = value
    for today, joined in tables.JOINED.items():
        for parts in joined:
            if all(part in given for part in parts):
                given[today] = [given.pop(part) for part in parts]
    if given.get("unit_forget_bias") is None and "forget_bias_init" in given:
        given["unit_forget_bias"] = given.pop("forget_bias_init") in ("one", "ones")
    if class_name.startswith("SeparableConv") and "depthwise_initializer" in given:
        given.setdefault("pointwise_initializer", given["depthwise_initializer"])
    if class_name == "BatchNormalization" and given.get("mode") not in (None, 0):
        raise InvalidInput(
            f"Keras 1's BatchNormalization(mode={given['mode']}) has no counterpart: Keras 3 "
            "normalizes each feature by running statistics (mode=0). Retrain the model."
        )
    return {name: _value(name, value) for name, value in given.items()}


def accepted(layer: type, given: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments that a Keras layer takes, without those that change nothing.

    Raises:
        InvalidInput: one would change something.
    """
    known: set[str] = set()
    for base in layer.__mro__:
        if "__init__" in vars(base):
            parameters = signature(base.__init__).parameters.values()  # type: ignore[misc]
            known |= {p.name for p in parameters if p.kind is not Parameter.VAR_KEYWORD}
            if all(p.kind is not Parameter.VAR_KEYWORD for p in parameters):
                break
    kept = {}
    for name, value in given.items():
        if name in known:
            kept[name] = value
            continue
        neutral = tables.IGNORED.get(name, ())
        if neutral is not tables.ANY and not any(value == n for n in neutral):
            raise InvalidInput(
                f"every argument in a model file must have a meaning today; {layer.__name__} of "
                f"Keras 3 has no {name!r} (here {value!r}). Pass your own class: "
                f"custom_objects={{{layer.__name__!r}: ...}}."
            )
    return kept


def _value(name: str, value: Any) -> Any:
    if name == "data_format":
        return tables.DATA_FORMATS.get(value, value)
    if name.endswith("activation"):
        return _activation(value)
    if name.endswith("_initializer"):
        return _initializer(value)
    if name.endswith("regularizer") and isinstance(value, dict):
        return _named(value, tables.REGULARIZERS)
    if name.endswith("_constraint") and isinstance(value, dict):
        return _constraint(value)
    return _folded(name, value)


def _folded(name: str, value: Any) -> Any:
    if name == "dtype" and isinstance(value, dict):  # a policy
        return value["config"]["name"]
    if name == "axis" and isinstance(value, list) and len(value) == 1:
        return value[0]
    return value


def _activation(value: Any) -> Any:
    if isinstance(value, dict) and value.get("class_name") == "function":
        value = value["config"]
    if not isinstance(value, str):
        return value
    # Keras 3's has slope 1/6 where that of Keras 1 and 2 has 0.2.
    return hard_sigmoid if value == "hard_sigmoid" else tables.ACTIVATIONS.get(value, value)


def _constraint(value: dict[str, Any]) -> dict[str, Any]:
    value = _named(value, {})
    inner = {"max_value" if k == "m" else k: v for k, v in value["config"].items()}
    return {**value, "config": inner}


def _initializer(value: Any) -> Any:
    if isinstance(value, str):
        return tables.INITIALIZERS.get(value, value)
    if not isinstance(value, dict):
        return value
    inner = {k: v for k, v in value.get("config", {}).items() if k not in ("dtype", "partition")}
    if inner.get("distribution") == "normal":
        inner["distribution"] = "truncated_normal"
    return {**_plain(value), "config": inner}


def _named(value: dict[str, Any], classes: dict[str, str]) -> dict[str, Any]:
    """Return {class_name, config} of what Keras 1 wrote as {name, ...}."""
    if "class_name" in value:
        return _plain(value)
    inner = {k: v for k, v in value.items() if k != "name"}
    return {"class_name": classes.get(value["name"], value["name"]), "config": inner}


def _plain(value: dict[str, Any]) -> dict[str, Any]:
    """Leave out the module, which moved."""
    if value.get("module") and not str(value["module"]).startswith(("keras", "tf_keras")):
        return value
    return {k: v for k, v in value.items() if k not in ("module", "registered_name")}
