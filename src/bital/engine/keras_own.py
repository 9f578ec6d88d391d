"""Keras's own training loop, as it was when bital was imported."""

from keras.src.backend.jax.trainer import JAXTrainer as Trainer

METHODS = {name: getattr(Trainer, name) for name in ("fit", "evaluate", "predict")}

__all__ = ["METHODS", "Trainer"]
