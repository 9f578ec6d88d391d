"""Which attributes of Keras's objects a trace depends on."""

from functools import cache
from typing import Any

import keras
from keras.src.backend.common.remat import RematMode
from keras.src.dtype_policies.dtype_policy_map import DTypePolicyMap
from keras.src.ops.function import Function
from keras.src.trainers.compile_utils import CompileLoss, CompileMetrics
from keras.src.trainers.trainer import Trainer

IDLE = "idle"
"""what no trace of a built model reads, or what follows from other attributes"""
NAME = "name"
"""a name: it labels, and is looked up only by what `Anatomy.by_name` or data with names bring"""
NAMES = "names"
"""names of outputs: they show in the logs where there are several"""

_BUILTIN = (list, dict, set, frozenset, tuple, str, int, float, bytes)


class Anatomy:
    """How a trace sees the instances of one of Keras's classes.

    Args:
        kind: the class.
    """

    def __init__(self, kind: type) -> None:
        self.fields: tuple[str, ...] = getattr(kind, "_fields", ())
        """of a named tuple"""
        slots = any(vars(base).get("__slots__") for base in kind.__mro__)
        self.hidden = not self.fields and (slots or issubclass(kind, _BUILTIN))
        """whether there is more to an instance than its attributes"""
        self.variable = issubclass(kind, keras.Variable)
        self.by_name = issubclass(kind, (DTypePolicyMap, RematMode)) or (
            issubclass(kind, keras.optimizers.Optimizer) and kind not in _BLIND
        )
        """whether an instance may pick layers or variables by their names"""
        self.roles: dict[str, str] = {}
        """of attributes: `IDLE`, `NAME` or `NAMES`; any other is part of a key as it is"""
        for base, roles in _ROLES:
            if issubclass(kind, base):
                for role, names in roles.items():
                    self.roles.update(dict.fromkeys(names.split(), role))


@cache
def anatomy(kind: type) -> Anatomy:
    """Return what is known of a class of Keras's."""
    return Anatomy(kind)


# What these do to a variable does not depend on its name, but for exclude_from_weight_decay(),
# whose pattern and addresses make no key. Muon and whatever comes later are not among them.
_BLIND = {
    keras.optimizers.Adadelta,
    keras.optimizers.Adafactor,
    keras.optimizers.Adagrad,
    keras.optimizers.Adam,
    keras.optimizers.AdamW,
    keras.optimizers.Adamax,
    keras.optimizers.Ftrl,
    keras.optimizers.Lamb,
    keras.optimizers.Lion,
    keras.optimizers.LossScaleOptimizer,
    keras.optimizers.Nadam,
    keras.optimizers.RMSprop,
    keras.optimizers.SGD,
}

_ROLES: tuple[tuple[Any, dict[str, str]], ...] = (
    (object, {IDLE: "_tracker _auto_config"}),
    (keras.Operation, {NAME: "name", IDLE: "_inbound_nodes _outbound_nodes"}),
    (
        keras.layers.Layer,
        {
            NAME: "_path _parent_path",
            # Building is over, and signatures follow from classes.
            IDLE: "build quantize _build_shapes_dict _called _call_signature",
        },
    ),
    (
        Trainer,
        {
            IDLE: "train_function test_function predict_function history stop_training "
            "_compile_config _compiled_trainable_state _initial_epoch _jax_state_synced "
            "_bital_programs"
        },
    ),
    # Its nodes are in `_nodes_by_depth`; in `_nodes` they are addresses.
    (Function, {IDLE: "_nodes", NAMES: "output_names"}),
    ((CompileLoss, CompileMetrics), {NAMES: "output_names"}),
    (CompileLoss.Loss, {NAME: "name"}),
    (keras.KerasTensor, {NAME: "name", IDLE: "_keras_history"}),
    (keras.Variable, {NAME: "_name _path", IDLE: "_value _initializer"}),
    (
        keras.optimizers.Optimizer,
        {NAME: "name", IDLE: "_trainable_variables_indices _exclude_from_weight_decay_cache"},
    ),
    # Seeds are drawn from when a model is built; afterwards a seed generator's state is a variable.
    (keras.initializers.Initializer, {IDLE: "seed _init_seed"}),
    (keras.random.SeedGenerator, {NAME: "name", IDLE: "_initial_seed"}),
    (
        (
            keras.layers.AlphaDropout,
            keras.layers.Dropout,
            keras.layers.GaussianDropout,
            keras.layers.GaussianNoise,
        ),
        {IDLE: "seed"},
    ),
)
