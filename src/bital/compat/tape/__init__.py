"""Gradients of what has been computed, as `tf.GradientTape` gives them, under JAX."""
