"""Global settings that a trace reads."""

from collections.abc import Hashable

import jax
from keras import DTypePolicy
from keras.src.backend import config
from keras.src.backend.common import global_state

from bital.kernels.library import mode

_FLAGS = [name for name in vars(config) if name.isupper()]
# What Keras keeps for a thread and no trace of a built model depends on: names it has given, seeds,
# how errors and progress look, what tracking and saving are at; NNX, which has a flag in `config`.
_IDLE = {
    "_keras_mask_dict",
    "current_call_ctx",
    "custom_objects_scope_dict",
    "global_random_seed",
    "global_seed_generator",
    "interactive_logging",
    "name_scope_stack",
    "nnx_enabled",
    "object_name_uids",
    "safe_mode_saving",
    "shared_objects/id_to_config_map",
    "shared_objects/id_to_obj_map",
    "traceback_filtering",
    "tracking_on",
    "uninitialized_variables",
    "use_legacy_config",
}


def settings() -> Hashable | None:
    """Return the settings of Keras, JAX and bital; None inside a scope whose part is not known."""
    if not jax.sharding.get_abstract_mesh().empty:
        return None
    flags = {name: getattr(config, name) for name in _FLAGS}
    for name, value in vars(global_state.GLOBAL_STATE_TRACKER).items():
        if name in _IDLE or name.startswith("saving_attr_skipset_"):
            continue
        if type(value) is DTypePolicy:
            flags[name] = value.name
        elif isinstance(value, (bool, int, str)):
            flags[name] = value
        elif value:
            return None
    return tuple(sorted(flags.items())), tuple(jax.config.values.values()), mode()
