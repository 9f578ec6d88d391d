"""TensorFlow 1's names that Keras programs had around them."""

import logging as _logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np
from keras import ops

from bital.compat.backend.state import placeholder as _placeholder
from bital.compat.facade.absent import absent
from bital.compat.facade.types import Variable, constant
from bital.compat.facade.unneeded import unneeded as _unneeded
from bital.compat.notes import note
from bital.compat.symbolic.function import Function
from bital.compat.symbolic.graph import is_symbolic

__getattr__ = absent("tf.compat.v1")


disable_eager_execution = _unneeded("tf.compat.v1.disable_eager_execution()")
enable_eager_execution = _unneeded("tf.enable_eager_execution()")
disable_v2_behavior = _unneeded("tf.compat.v1.disable_v2_behavior()")
enable_v2_behavior = _unneeded("tf.compat.v1.enable_v2_behavior()")
disable_v2_tensorshape = _unneeded("tf.compat.v1.disable_v2_tensorshape()")
disable_control_flow_v2 = _unneeded("tf.compat.v1.disable_control_flow_v2()")
enable_resource_variables = _unneeded("tf.compat.v1.enable_resource_variables()")
global_variables_initializer = _unneeded("tf.global_variables_initializer()")
local_variables_initializer = _unneeded("tf.local_variables_initializer()")
initialize_all_variables = _unneeded("tf.initialize_all_variables()")
variables_initializer = _unneeded("tf.variables_initializer()")
tables_initializer = _unneeded("tf.tables_initializer()")


def reset_default_graph() -> None:
    """Forget names."""
    keras.utils.clear_session()


def set_random_seed(seed: int) -> None:
    """Fix the seed of Python, NumPy and Keras."""
    keras.utils.set_random_seed(int(seed))


def placeholder(dtype: Any = "float32", shape: Any = None, name: Any = None) -> Any:
    """Return a symbolic tensor whose value `Session.run` is fed."""
    return _placeholder(shape=shape, dtype=str(dtype), name=name)


def to_float(x: Any, name: Any = None) -> Any:
    """Return float32."""
    return ops.cast(x, "float32")


def to_int32(x: Any, name: Any = None) -> Any:
    """Return int32."""
    return ops.cast(x, "int32")


class ConfigProto:
    """Settings of a session; none is needed any more."""

    def __init__(self, **settings: Any) -> None:
        self.gpu_options = settings.get("gpu_options") or GPUOptions()
        self.allow_soft_placement = settings.get("allow_soft_placement", True)
        self.log_device_placement = settings.get("log_device_placement", False)
        self.intra_op_parallelism_threads = settings.get("intra_op_parallelism_threads", 0)
        self.inter_op_parallelism_threads = settings.get("inter_op_parallelism_threads", 0)


class GPUOptions:
    """Settings of a GPU; none is needed any more."""

    def __init__(self, **settings: Any) -> None:
        self.allow_growth = settings.get("allow_growth", False)
        fraction = settings.get("per_process_gpu_memory_fraction", 1.0)
        self.per_process_gpu_memory_fraction = fraction
        self.visible_device_list = settings.get("visible_device_list", "")


class Graph:
    """A graph that holds nothing: tensors know what they were made from."""

    @contextmanager
    def as_default(self) -> Iterator["Graph"]:
        """Do nothing."""
        yield self

    def finalize(self) -> None:
        """Do nothing."""


_graph = Graph()


def get_default_graph() -> Graph:
    """Return the graph."""
    return _graph


class Session:
    """Computes symbolic tensors from what they are fed."""

    def __init__(self, target: Any = "", graph: Any = None, config: Any = None) -> None:
        note("tf.Session", "keras.Function or a model; there are no sessions")
        self.graph = graph or _graph

    def run(self, fetches: Any, feed_dict: Any = None, **_: Any) -> Any:
        """Return values of tensors or variables, in the structure of `fetches`."""
        single = not isinstance(fetches, list | tuple)
        wanted = [fetches] if single else list(fetches)
        feeds = {k: v for k, v in (feed_dict or {}).items() if is_symbolic(k)}
        tensors = [one for one in wanted if one is not None]
        found = iter(Function(list(feeds), tensors)(list(feeds.values())) if tensors else [])
        made = [None if one is None else next(found) for one in wanted]
        return made[0] if single else made

    @contextmanager
    def as_default(self) -> Iterator["Session"]:
        """Do nothing."""
        yield self

    def close(self) -> None:
        """Do nothing."""

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *error: object) -> None:
        """Do nothing."""


InteractiveSession = Session


class logging:  # noqa: N801
    """`tf.logging`, by Python's."""

    DEBUG, INFO, WARN, WARNING, ERROR, FATAL = 10, 20, 30, 30, 40, 50
    _own = _logging.getLogger("tensorflow")
    set_verbosity = staticmethod(_own.setLevel)
    info, warn, warning = (
        staticmethod(_own.info),
        staticmethod(_own.warning),
        staticmethod(_own.warning),
    )
    error, debug = staticmethod(_own.error), staticmethod(_own.debug)


class train:  # noqa: N801
    """`tf.train` of TensorFlow 1: optimizers."""

    @staticmethod
    def AdamOptimizer(learning_rate: Any = 0.001, beta1: float = 0.9, beta2: float = 0.999,
                      epsilon: float = 1e-8, **_: Any) -> Any:  # fmt: skip
        """Return Keras's Adam."""
        return keras.optimizers.Adam(learning_rate, beta1, beta2, epsilon)

    @staticmethod
    def GradientDescentOptimizer(learning_rate: Any, **_: Any) -> Any:
        """Return Keras's SGD."""
        return keras.optimizers.SGD(learning_rate)

    @staticmethod
    def MomentumOptimizer(learning_rate: Any, momentum: float, use_nesterov: bool = False,
                          **_: Any) -> Any:  # fmt: skip
        """Return Keras's SGD with momentum."""
        return keras.optimizers.SGD(learning_rate, momentum, nesterov=use_nesterov)

    @staticmethod
    def RMSPropOptimizer(learning_rate: Any, decay: float = 0.9, momentum: float = 0.0,
                         epsilon: float = 1e-10, **_: Any) -> Any:  # fmt: skip
        """Return Keras's RMSprop."""
        return keras.optimizers.RMSprop(
            learning_rate, rho=decay, momentum=momentum, epsilon=epsilon
        )

    @staticmethod
    def AdagradOptimizer(learning_rate: Any, **_: Any) -> Any:
        """Return Keras's Adagrad."""
        return keras.optimizers.Adagrad(learning_rate)

    @staticmethod
    def get_or_create_global_step() -> Any:
        """Return a counter."""
        return Variable(0, trainable=False, dtype="int32")


def get_variable(name: str, shape: Any = None, dtype: Any = None, initializer: Any = None,
                 trainable: bool = True, **_: Any) -> Any:  # fmt: skip
    """Return a new variable."""
    start = initializer or keras.initializers.GlorotUniform()
    value = start(tuple(shape or ())) if callable(start) else constant(start, dtype)
    return Variable(value, trainable=trainable, name=name, dtype=dtype)


def global_variables() -> list[Any]:
    """Return nothing: models know their variables."""
    return []


def py_func(func: Any, inp: Any, Tout: Any, name: Any = None) -> Any:
    """Call a NumPy function."""
    return ops.convert_to_tensor(func(*[np.asarray(one) for one in inp]))
