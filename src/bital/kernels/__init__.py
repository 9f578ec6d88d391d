"""Fast CPU operations under JAX, each with the same meaning as the operation it replaces."""
