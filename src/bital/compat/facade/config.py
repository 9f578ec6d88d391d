"""`tf.config`: questions about devices, and settings that JAX or XLA takes care of."""

from typing import Any, NamedTuple

import jax

from bital.compat.facade.absent import absent
from bital.compat.facade.unneeded import unneeded as _unneeded

__getattr__ = absent("tf.config")


class PhysicalDevice(NamedTuple):
    """A device by name and kind."""

    name: str
    device_type: str


def list_physical_devices(device_type: Any = None) -> list[PhysicalDevice]:
    """Return the devices JAX computes on, and the CPU."""
    kinds = [device.platform.upper() for device in jax.devices()]
    kinds = kinds if "CPU" in kinds else ["CPU", *kinds]
    found = [
        PhysicalDevice(f"/physical_device:{kind}:{kinds[:at].count(kind)}", kind)
        for at, kind in enumerate(kinds)
    ]
    return [one for one in found if device_type in (None, one.device_type)]


list_logical_devices = get_visible_devices = list_physical_devices


def _left_out(name: str) -> Any:
    instead = "leave it out; JAX's devices and memory are set by XLA_FLAGS"
    return _unneeded(f"tf.config.{name}", instead)


set_visible_devices = _left_out("set_visible_devices")
set_soft_device_placement = _left_out("set_soft_device_placement")
set_logical_device_configuration = _left_out("set_logical_device_configuration")
run_functions_eagerly = _left_out("run_functions_eagerly")
experimental_run_functions_eagerly = _left_out("experimental_run_functions_eagerly")
functions_run_eagerly = bool


class LogicalDeviceConfiguration(NamedTuple):
    """A part of a device."""

    memory_limit: Any = None
    experimental_priority: Any = None


class experimental:  # noqa: N801
    """`tf.config.experimental`."""

    list_physical_devices = staticmethod(list_physical_devices)
    list_logical_devices = staticmethod(list_physical_devices)
    get_visible_devices = staticmethod(list_physical_devices)
    set_visible_devices = staticmethod(set_visible_devices)
    set_memory_growth = staticmethod(_left_out("experimental.set_memory_growth"))
    set_virtual_device_configuration = staticmethod(
        _left_out("experimental.set_virtual_device_configuration")
    )
    enable_tensor_float_32_execution = staticmethod(_left_out("experimental"))
    enable_op_determinism = staticmethod(_left_out("experimental.enable_op_determinism"))
    VirtualDeviceConfiguration = LogicalDeviceConfiguration


class threading:  # noqa: N801
    """`tf.config.threading`."""

    set_inter_op_parallelism_threads = staticmethod(_left_out("threading"))
    set_intra_op_parallelism_threads = staticmethod(_left_out("threading"))


class optimizer:  # noqa: N801
    """`tf.config.optimizer`."""

    set_jit = staticmethod(_left_out("optimizer.set_jit"))
    set_experimental_options = staticmethod(_left_out("optimizer"))
