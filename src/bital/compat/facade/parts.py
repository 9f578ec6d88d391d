"""Modules inside the stand-in for TensorFlow that programs import by path."""

from types import ModuleType, SimpleNamespace

from bital.compat.facade import config, root

_NAMES = ("math", "nn", "random", "image", "io", "linalg", "data", "train", "distribute",
          "debugging", "test", "errors", "compat", "strings", "summary", "sparse",
          "ragged")  # fmt: skip


def part(name: str) -> ModuleType | None:  # noqa: PLR0911 - a list of paths
    """Return the module with a path under `tensorflow`; None where there is none."""
    if name in ("tensorflow.python", "tensorflow.python.framework", "tensorflow.contrib"):
        made = ModuleType(name)
        made.__path__ = []
        return made
    if name == "tensorflow.python.framework.ops":
        made = ModuleType(name)
        made.__dict__.update(
            reset_default_graph=root._v1.reset_default_graph,
            disable_eager_execution=root._v1.disable_eager_execution,
            EagerTensor=root.Tensor,
            Tensor=root.Tensor,
            get_default_graph=root._v1.get_default_graph,
            name_scope=root._v1.name_scope,
        )
        return made
    if name == "tensorflow.compat.v1":
        return root._v1
    if name == "tensorflow.compat.v2":
        return root
    if name == "tensorflow.config":
        return config
    if name == "tensorflow.python.client":
        made = ModuleType(name)
        made.__path__ = []
        made.__dict__["device_lib"] = SimpleNamespace(
            list_local_devices=config.list_physical_devices
        )
        return made
    short = name.removeprefix("tensorflow.")
    return getattr(root, short) if short in _NAMES else None
